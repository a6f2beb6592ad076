#include "crypto/engine.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "base/ascii.h"
#include "base/text.h"
#include "crypto/smime-own.h"
#include "crypto/smime-shape.h"
#include "crypto/x509-trust.h"

enum {
    COPY_BYTES = 64 * 1024,
};

/* *ret_more: bytes follow it, which another reader may see. */
static CMS_ContentInfo *parse(struct span bytes, bool *ret_more)
{
    const unsigned char *at = bytes.at;
    CMS_ContentInfo *cms = NULL;

    if (bytes.n > 0 && bytes.n <= INT32_MAX)
        cms = d2i_CMS_ContentInfo(NULL, &at, (long)bytes.n);
    *ret_more = cms != NULL &&
                span_trim(span_from(bytes, (size_t)(at - (const unsigned char *)bytes.at))).n > 0;
    return cms;
}

/* Reads through a chain of BIOs to its end. False: broken, or more than out may take. */
static bool drain(BIO *in, BIO *out, uint64_t max, bool *ret_full)
{
    unsigned char piece[COPY_BYTES];
    uint64_t total = 0;
    bool sound = true;
    int n;

    while ((n = BIO_read(in, piece, sizeof(piece))) > 0) {
        total += (size_t)n;
        *ret_full = total > max;
        if (*ret_full || (out != NULL && BIO_write(out, piece, n) != n)) {
            sound = false;
            break;
        }
    }
    wipe(piece, sizeof(piece));
    return sound && n == 0;
}

static const char *lower(struct arena *a, const char *name)
{
    char *copy = arena_strdup(a, name);

    ascii_lower_all(copy);
    return copy;
}

/* --- decrypt ------------------------------------------------------------------------------- */

static const char damaged[] = "it is damaged, or was tampered with";

static bool closed(struct crypto_opened *o, enum seal_status status, const char *reason)
{
    ERR_clear_error();
    o->status = status;
    o->reason = reason;
    return true;
}

static bool note_recipient(struct arena *a, struct strs *ids, ASN1_OCTET_STRING *key_id,
                           const ASN1_INTEGER *serial)
{
    if (key_id != NULL)
        strs_add(
            a, ids,
            text_hex(a, span_of(ASN1_STRING_get0_data(key_id), (size_t)ASN1_STRING_length(key_id)),
                     true));
    else if (serial != NULL)
        strs_add(a, ids, x509_serial(a, serial));
    return true;
}

/* True if the session key was agreed on with X25519, which OpenSSL 3.0's CMS does not know. */
static bool is_x25519(CMS_RecipientInfo *ri)
{
    X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *oid = NULL;

    if (CMS_RecipientInfo_kari_get0_orig_id(ri, &algorithm, NULL, NULL, NULL, NULL) != 1 ||
        algorithm == NULL)
        return false;
    X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    return OBJ_obj2nid(oid) == NID_X25519;
}

static void note_x25519(struct arena *a, CMS_ContentInfo *cms, struct crypto_opened *o)
{
    STACK_OF(CMS_RecipientInfo) *list = CMS_get0_RecipientInfos(cms);

    for (int i = 0; i < sk_CMS_RecipientInfo_num(list); i++) {
        CMS_RecipientInfo *ri = sk_CMS_RecipientInfo_value(list, i);

        if (CMS_RecipientInfo_type(ri) == CMS_RECIPINFO_AGREE && is_x25519(ri)) {
            strs_add(a, &o->named, "algorithm-unsupported");
            strs_add(a, &o->algorithms, "cv25519");
            return;
        }
    }
}

static void note_recipients(struct arena *a, CMS_RecipientInfo *ri, struct strs *ids)
{
    STACK_OF(CMS_RecipientEncryptedKey) *keys = NULL;
    ASN1_OCTET_STRING *id = NULL;
    ASN1_INTEGER *serial = NULL;

    if (CMS_RecipientInfo_type(ri) == CMS_RECIPINFO_TRANS &&
        CMS_RecipientInfo_ktri_get0_signer_id(ri, &id, NULL, &serial) == 1)
        note_recipient(a, ids, id, serial);
    if (CMS_RecipientInfo_type(ri) == CMS_RECIPINFO_AGREE)
        keys = CMS_RecipientInfo_kari_get0_reks(ri);
    for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); i++) {
        id = NULL;
        serial = NULL;
        if (CMS_RecipientEncryptedKey_get0_id(sk_CMS_RecipientEncryptedKey_value(keys, i), &id,
                                              NULL, NULL, NULL, &serial) == 1)
            note_recipient(a, ids, id, serial);
    }
}

/* The content key, from whoever holds the key that it is wrapped with. */
static bool find_key(struct crypto *c, const struct crypto_ask *ask, CMS_ContentInfo *cms,
                     struct crypto_opened *o, struct content_key *ret_key, struct err *err)
{
    STACK_OF(CMS_RecipientInfo) *list = CMS_get0_RecipientInfos(cms);
    uint64_t left = limits_or_default(ask->limits)->wrapped_keys;
    struct content_key key = {.status = UNWRAP_FOREIGN};
    bool broken = false;

    for (int i = 0; i < sk_CMS_RecipientInfo_num(list); i++) {
        CMS_RecipientInfo *ri = sk_CMS_RecipientInfo_value(list, i);
        struct span wrapped = {0};

        note_recipients(ask->a, ri, &o->recipients);
        if (o->defect != NULL || !smime_may_be_for(ri, c->smime_open))
            continue;
        if (left-- == 0) {
            o->defect = "too-many-keys"; /* named also if one before opened */
            continue;
        }
        if (key.status == UNWRAP_OPENED)
            continue;
        key.status = UNWRAP_BROKEN;
        if (smime_wrap(ask->a, ri, &wrapped) &&
            !c->unwrapper.unwrap(c->unwrapper.held, ask->a, PROTOCOL_SMIME, wrapped, &key, err))
            return false;
        broken = broken || key.status == UNWRAP_BROKEN;
        if (key.status == UNWRAP_REFUSED)
            o->defect = "too-many-keys";
    }
    *ret_key = key;
    if (key.status == UNWRAP_OPENED)
        return true;
    if (o->defect != NULL)
        return closed(o, SEAL_NO_KEY, "it has more session keys than are tried");
    return broken ? closed(o, SEAL_ERROR, "its session key is damaged or not supported")
                  : closed(o, SEAL_NO_KEY, "it is encrypted to other keys");
}

/* "aes-256-cbc" as aes256; "aes-256-gcm" as aes256 and gcm; "des-ede3-cbc" as 3des. */
static void note_cipher(struct arena *a, BIO *chain, struct strs *algorithms)
{
    static const char *const names[][3] = {
        {"AES-128-CBC", "aes128", NULL},  {"AES-192-CBC", "aes192", NULL},
        {"AES-256-CBC", "aes256", NULL},  {"AES-128-GCM", "aes128", "gcm"},
        {"AES-192-GCM", "aes192", "gcm"}, {"AES-256-GCM", "aes256", "gcm"},
        {"DES-EDE3-CBC", "3des", NULL},
    };
    EVP_CIPHER_CTX *ctx = NULL;
    const char *name;

    if (BIO_get_cipher_ctx(chain, &ctx) != 1 || ctx == NULL)
        return;
    name = EVP_CIPHER_get0_name(EVP_CIPHER_CTX_get0_cipher(ctx));
    if (name == NULL)
        return;
    for (size_t i = 0; i < LEN(names); i++)
        if (strcasecmp(names[i][0], name) == 0) {
            strs_add(a, algorithms, names[i][1]);
            if (names[i][2] != NULL)
                strs_add(a, algorithms, names[i][2]);
            return;
        }
    strs_add(a, algorithms, lower(a, name));
}

static bool read_content(const struct crypto_ask *ask, CMS_ContentInfo *cms,
                         struct crypto_opened *o)
{
    SCOPED(BIO_free_all) BIO *out = BIO_new(BIO_s_mem());
    SCOPED(BIO_free_all) BIO *chain = CMS_dataInit(cms, NULL);
    bool full = false;
    bool sound;

    if (out == NULL || chain == NULL)
        return closed(o, SEAL_ERROR, "its algorithm is not supported");
    note_cipher(ask->a, chain, &o->algorithms);
    sound = drain(chain, out, limits_or_default(ask->limits)->decompressed, &full) &&
            BIO_get_cipher_status(chain) == 1;
    if (full)
        o->defect = "decompressed-too-large";
    if (!sound)
        return closed(o, SEAL_ERROR, damaged);
    o->content = x509_bio_take(ask->a, out);
    o->released = true;
    o->status = verdict_judge(SEAL_VALID, &o->algorithms);
    o->reason = o->status == SEAL_VALID ? NULL : "an algorithm that is forbidden here";
    ERR_clear_error();
    return true;
}

bool smime_engine_decrypt(struct crypto *c, const struct crypto_ask *ask, struct span ciphertext,
                          struct crypto_opened *ret_opened, struct err *err)
{
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *carrier = NULL; /* must outlive cms */
    bool more;
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *cms = parse(ciphertext, &more);
    struct crypto_opened o = {.status = SEAL_ERROR};
    struct content_key key = {.status = UNWRAP_FOREIGN};
    int kind = cms == NULL ? NID_undef : OBJ_obj2nid(CMS_get0_type(cms));

    *ret_opened = o;
    if (kind != NID_pkcs7_enveloped && kind != NID_id_smime_ct_authEnvelopedData)
        return closed(ret_opened, SEAL_ERROR,
                      cms == NULL ? "it is no CMS message" : "it is no encrypted CMS message");
    o.encrypted = true;
    if (more)
        strs_add(ask->a, &o.named, "smime-trailing");
    if (!find_key(c, ask, cms, &o, &key, err))
        return false;
    if (key.status == UNWRAP_OPENED) {
        o.session_key = key.hash;
        if (smime_give_key(cms, ask->a, key.key, &carrier))
            read_content(ask, cms, &o);
        else
            closed(&o, SEAL_ERROR, damaged);
    }
    if (!o.released)
        note_x25519(ask->a, cms, &o);
    *ret_opened = o;
    return true;
}

/* --- verify -------------------------------------------------------------------------------- */

static instant signing_time(CMS_SignerInfo *si)
{
    int at = CMS_signed_get_attr_by_NID(si, NID_pkcs9_signingTime, -1);
    X509_ATTRIBUTE *attribute = at < 0 ? NULL : CMS_signed_get_attr(si, at);
    ASN1_TYPE *value = attribute == NULL ? NULL : X509_ATTRIBUTE_get0_type(attribute, 0);

    if (value == NULL || (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME))
        return 0;
    return x509_time((const ASN1_TIME *)value->value.asn1_string);
}

/* A SET and nothing behind it: what is hashed of signed attributes (RFC 5652 5.4). */
static bool is_attributes(struct span content)
{
    const unsigned char *at = content.at;
    long n = 0;
    int tag = 0;
    int class = 0;

    return content.n > 0 && content.n <= INT32_MAX &&
           ASN1_get_object(&at, &n, &tag, &class, (long)content.n) == V_ASN1_CONSTRUCTED &&
           tag == V_ASN1_SET && class == V_ASN1_UNIVERSAL && at + n == content.at + content.n;
}

/* Signed attributes first (they carry the digest), then the content against the digest. Without
 * them the content is what was signed; but not if it was another mail's attributes. */
static bool is_right(CMS_SignerInfo *si, BIO *chain, struct span content)
{
    if (CMS_signed_get_attr_count(si) >= 0) {
        if (CMS_SignerInfo_verify(si) <= 0)
            return false;
    } else if (is_attributes(content)) {
        return false;
    }
    return CMS_SignerInfo_verify_content(si, chain) > 0;
}

static void unknown_signer(struct arena *a, CMS_SignerInfo *si, struct signature_facts *f)
{
    ASN1_OCTET_STRING *id = NULL;
    ASN1_INTEGER *serial = NULL;

    if (CMS_SignerInfo_get0_signer_id(si, &id, NULL, &serial) == 1) {
        if (id != NULL)
            f->key_id = text_hex(
                a, span_of(ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id)), true);
        else if (serial != NULL)
            f->key_id = x509_serial(a, serial);
    }
    f->signer = f->key_id;
    f->status = SEAL_UNKNOWN_KEY;
    f->reason = "its certificate is not known";
}

static bool can_check(X509 *signer)
{
    int kind = EVP_PKEY_get_base_id(X509_get0_pubkey(signer));

    return kind == EVP_PKEY_RSA || kind == EVP_PKEY_RSA_PSS || kind == EVP_PKEY_EC ||
           kind == EVP_PKEY_DSA;
}

/* content: NULL if it can't be read. */
static struct signature_facts facts_of(const struct crypto_ask *ask, const struct x509_trust *t,
                                       CMS_SignerInfo *si, BIO *chain, const struct span *content)
{
    struct signature_facts f = {.time = signing_time(si)};
    X509_ALGOR *digest = NULL;
    const ASN1_OBJECT *oid = NULL;
    struct x509_standing standing;
    X509 *signer = NULL;

    CMS_SignerInfo_get0_algs(si, NULL, &signer, &digest, NULL);
    if (signer != NULL)
        strs_add(ask->a, &f.algorithms, x509_algorithm(ask->a, X509_get0_pubkey(signer)));
    X509_ALGOR_get0(&oid, NULL, NULL, digest);
    if (OBJ_obj2nid(oid) != NID_undef)
        strs_add(ask->a, &f.algorithms, lower(ask->a, OBJ_nid2sn(OBJ_obj2nid(oid))));
    if (signer == NULL) {
        unknown_signer(ask->a, si, &f);
        return f;
    }
    f.signer = x509_fingerprint(ask->a, signer);
    f.key_id = x509_serial(ask->a, X509_get0_serialNumber(signer));
    f.addresses = x509_addresses(ask->a, signer);
    standing = x509_trust_look(t, signer, ask->now);
    f.status = standing.status;
    f.approved = standing.approved;
    f.reason = standing.reason;
    f.crl = standing.crl;
    f.certificate = x509_der(ask->a, signer);
    f.chained = f.status == SEAL_VALID;
    if (!can_check(signer)) {
        f.status = SEAL_ERROR;
        f.reason = "its algorithm is not supported";
    } else if (content == NULL || !is_right(si, chain, *content)) {
        f.status = SEAL_INVALID;
        f.reason = "the signature does not fit the content";
    } else if (f.status == SEAL_VALID && verdict_judge(f.status, &f.algorithms) == SEAL_WEAK) {
        f.status = SEAL_WEAK;
        f.reason = "an algorithm that is forbidden here";
    }
    ERR_clear_error();
    return f;
}

/* What a reader of the seals has to know beside their status. */
static void note_what_is_missing(struct arena *a, struct crypto_verified *v)
{
    for (size_t i = 0; i < v->n_signatures; i++) {
        if (v->signatures[i].status == SEAL_ERROR)
            strs_add(a, &v->named, "algorithm-unsupported");
        if (v->signatures[i].status == SEAL_VALID && v->signatures[i].crl != NULL)
            strs_add(a, &v->named, v->signatures[i].crl);
    }
}

/* RFC 8551 3.8: no signer, no content. */
static bool is_certificates_only(CMS_ContentInfo *cms)
{
    SCOPED(x509_list_free) STACK_OF(X509) *certs = CMS_get1_certs(cms);

    return sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) <= 0 && CMS_is_detached(cms) == 1 &&
           sk_X509_num(certs) > 0;
}

static void verify_all(const struct crypto_ask *ask, CMS_ContentInfo *cms, struct span bytes,
                       bool detached, struct crypto_verified *ret)
{
    struct x509_trust t __attribute__((cleanup(x509_trust_free))) = {0};
    STACK_OF(CMS_SignerInfo) *list = CMS_get0_SignerInfos(cms);
    BIO *in = detached
                  ? BIO_new_mem_buf(bytes.at == NULL ? "" : (const char *)bytes.at, (int)bytes.n)
                  : NULL;
    SCOPED(BIO_free_all) BIO *out = BIO_new(BIO_s_mem());
    SCOPED(BIO_free_all) BIO *chain = NULL;
    struct span content = bytes;
    bool full = false;
    bool read;

    x509_trust_make(ask, CMS_get1_certs(cms), &t);
    CMS_set1_signers_certs(cms, t.approved, 0);
    chain = CMS_dataInit(cms, in);
    if (chain == NULL) {
        BIO_free(in);
        ret->reason = "its algorithm is not supported";
        return;
    }
    read = drain(chain, detached ? NULL : out, limits_or_default(ask->limits)->decompressed, &full);
    if (full)
        ret->defect = "decompressed-too-large";
    if (!detached && read)
        content = ret->content = x509_bio_take(ask->a, out);
    ret->signatures = ARENA_ARRAY(ask->a, CRYPTO_SIGNATURES_MAX, struct signature_facts);
    for (int i = 0; i < sk_CMS_SignerInfo_num(list) && i < CRYPTO_SIGNATURES_MAX; i++)
        ret->signatures[ret->n_signatures++] =
            facts_of(ask, &t, sk_CMS_SignerInfo_value(list, i), chain, read ? &content : NULL);
    note_what_is_missing(ask->a, ret);
    for (size_t i = 0; sk_CMS_SignerInfo_num(list) > CRYPTO_SIGNATURES_MAX && i < ret->n_signatures;
         i++)
        ret->signatures[i].status = SEAL_ERROR;
    if (ret->n_signatures == 0)
        ret->reason = "there is no signature";
}

bool smime_engine_verify(const struct crypto_ask *ask, struct span bytes, struct span signature,
                         struct crypto_verified *ret_verified, struct err *err)
{
    bool detached = signature.n > 0;
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *cms = NULL;
    struct crypto_verified v = {0};
    bool more = false;

    (void)err;
    if (signature.n <= CRYPTO_SIGNATURE_MAX && bytes.n <= INT32_MAX)
        cms = parse(detached ? signature : bytes, &more);
    if (cms == NULL)
        v.reason = "it is no CMS message";
    else if (!smime_shape_is_bounded(detached ? signature : bytes))
        v.reason = "it names too many digest algorithms";
    else if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
        v.reason = "it is no signed CMS message";
    else if (!detached && is_certificates_only(cms))
        v = (struct crypto_verified){.reason = "only certificates", .certificates_only = true};
    else if (!detached && CMS_is_detached(cms))
        v.reason = "the signed content is missing";
    else
        verify_all(ask, cms, bytes, detached, &v);
    if (more)
        strs_add(ask->a, &v.named, "smime-trailing");
    ERR_clear_error();
    *ret_verified = v;
    return true;
}

size_t crypto_certificates(struct arena *a, struct span der, struct span **ret_certificates)
{
    bool more;
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *cms = parse(der, &more);
    SCOPED(x509_list_free) STACK_OF(X509) *certs = NULL;
    struct span *at;
    size_t n = 0;

    if (cms != NULL && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed)
        certs = CMS_get1_certs(cms);
    at = ARENA_ARRAY(a, (size_t)sk_X509_num(certs) + 1, struct span);
    for (int i = 0; i < sk_X509_num(certs); i++) {
        X509 *cert = sk_X509_value(certs, i);

        if (X509_check_ca(cert) != 1)
            at[n++] = x509_der(a, cert);
    }
    ERR_clear_error();
    *ret_certificates = at;
    return n;
}

/* --- inspect ------------------------------------------------------------------------------- */

static const char *unusable_because(X509 *cert, const struct crypto_key_facts *f, instant now)
{
    if (now > f->expires)
        return "the certificate has expired";
    if (now < f->created)
        return "the certificate is not valid yet";
    if (verdict_forbids(f->algorithm))
        return "the certificate's key is too short";
    return x509_may_encrypt(cert) ? NULL : "the certificate is not for encryption of mail";
}

bool smime_engine_inspect(struct arena *a, struct span bytes, instant now,
                          struct crypto_key_facts *ret_facts)
{
    SCOPED(x509_list_free) STACK_OF(X509) *list = sk_X509_new_null();
    struct crypto_key_facts f = {.protocol = PROTOCOL_SMIME};
    X509 *cert;

    if (x509_add(list, bytes) == 0)
        return false;
    cert = sk_X509_value(list, 0); /* behind it may stand its chain */
    f.fingerprint = x509_fingerprint(a, cert);
    strs_add(a, &f.key_ids, x509_serial(a, X509_get0_serialNumber(cert)));
    strs_add(a, &f.user_ids, x509_subject(a, cert));
    f.addresses = x509_addresses(a, cert);
    f.algorithm = x509_algorithm(a, X509_get0_pubkey(cert));
    f.created = x509_time(X509_get0_notBefore(cert));
    f.expires = x509_time(X509_get0_notAfter(cert));
    f.can_encrypt = x509_may_encrypt(cert);
    f.can_sign = x509_may_sign(cert);
    f.bytes = x509_der(a, cert);
    f.reason = unusable_because(cert, &f, now);
    f.usable = f.reason == NULL;
    *ret_facts = f;
    return true;
}
