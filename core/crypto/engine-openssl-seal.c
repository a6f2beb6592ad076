#include "crypto/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/text.h"
#include "crypto/scratch.h"
#include "crypto/smime-own.h"
#include "crypto/x509.h"

enum {
    PEM_FILE_MAX = 1024 * 1024, /* bytes */
    BASE64_LINE = 76,
    PREFERENCE_MAX = 64 * 1024, /* bytes of a certificate's issuer and serial */
};

/* --- the desk's own key ---------------------------------------------------------------------- */

/* No passphrase is ever asked for. */
static int no_passphrase(char *at, int n, int writing, void *held)
{
    (void)at, (void)n, (void)writing, (void)held;
    return -1;
}

void smime_own_free(struct smime_own *own)
{
    if (own == NULL)
        return;
    for (struct smime_own *more = own->next; more != NULL; more = more->next) {
        X509_free(more->cert);
        EVP_PKEY_free(more->key);
    }
    X509_free(own->cert);
    EVP_PKEY_free(own->key);
    x509_list_free(own->chain);
    arena_free(own->a);
}
SCOPED_DEFINE(struct smime_own *, smime_own_free)

/* Takes the certificate that belongs to the key out of the chain; NULL: none does. */
static X509 *take_certificate(struct smime_own *own, EVP_PKEY *key)
{
    for (int i = 0; i < sk_X509_num(own->chain); i++) {
        if (X509_check_private_key(sk_X509_value(own->chain, i), key) == 1) {
            ERR_clear_error();
            return sk_X509_delete(own->chain, i);
        }
    }
    return NULL;
}

/* False: no certificate belongs to the key, which is left alone. */
static bool add_key(struct smime_own *own, EVP_PKEY *key)
{
    struct smime_own *more = own;
    X509 *cert = take_certificate(own, key);

    if (cert == NULL)
        return false;
    if (own->key != NULL) {
        more = ARENA_NEW(own->a, struct smime_own);
        more->next = own->next;
        own->next = more;
    }
    more->key = key;
    more->cert = cert;
    return true;
}

/* Any number of keys, one after the other. */
static bool add_keys(struct smime_own *own, struct span pem, struct err *err)
{
    SCOPED(BIO_free_all) BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.n);
    EVP_PKEY *key;
    bool any = false;

    while (bio != NULL && (key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)) != NULL) {
        any = true;
        if (!add_key(own, key))
            EVP_PKEY_free(key);
    }
    if (own->key != NULL)
        return true;
    return x509_err(err, ERR_OPERATOR,
                    any ? "S/MIME key and certificate do not belong together"
                        : "the S/MIME key can't be read (it must have no passphrase)");
}

static bool own_parse(struct span key_pem, struct span cert_pem, struct smime_own **ret_own,
                      struct err *err)
{
    struct arena *a = arena_new();
    SCOPED(smime_own_free) struct smime_own *own = ARENA_NEW(a, struct smime_own);

    own->a = a;
    own->chain = sk_X509_new_null();
    if (key_pem.n > PEM_FILE_MAX || cert_pem.n > PEM_FILE_MAX ||
        x509_add(own->chain, cert_pem) == 0)
        return err_set(err, ERR_OPERATOR, "the S/MIME certificate can't be read");
    if (key_pem.n == 0)
        own->cert = sk_X509_shift(own->chain);
    else if (!add_keys(own, key_pem, err))
        return false;
    ERR_clear_error();
    snprintf(own->id, sizeof(own->id), "%s", x509_fingerprint(a, own->cert));
    *ret_own = TAKE(own);
    return true;
}

/* An absent file is an answer: *ret_bytes stays empty. */
static bool read_file(struct arena *a, const char *path, struct span *ret_bytes, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *at;
    ssize_t n;

    if (fd < 0)
        return errno == ENOENT || err_sys(err, ERR_OPERATOR, errno, "%.200s", path);
    if (fstat(fd, &st) != 0 || st.st_size > PEM_FILE_MAX) {
        close(fd);
        return err_set(err, ERR_OPERATOR, "%.200s is too large", path);
    }
    at = arena_alloc(a, (size_t)st.st_size + 1);
    n = read(fd, at, (size_t)st.st_size);
    close(fd);
    if (n != (ssize_t)st.st_size)
        return err_set(err, ERR_RETRY, "%.200s can't be read", path);
    *ret_bytes = span_of(at, (size_t)n);
    return true;
}

bool smime_own_open(const char *key, const char *cert, struct smime_own **ret_own, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span key_pem = {0};
    struct span cert_pem = {0};

    *ret_own = NULL;
    if (cert == NULL)
        return true;
    if ((key != NULL && !read_file(a, key, &key_pem, err)) || !read_file(a, cert, &cert_pem, err))
        return false;
    return cert_pem.n == 0 || own_parse(key_pem, cert_pem, ret_own, err);
}

bool smime_own_has_key(const struct smime_own *own)
{
    return own->key != NULL;
}

const char *smime_own_id(const struct smime_own *own)
{
    return own->id;
}

bool smime_own_export(const struct smime_own *own, struct arena *a, struct span *ret_pem,
                      struct err *err)
{
    SCOPED(BIO_free_all) BIO *bio = BIO_new(BIO_s_mem());

    if (bio == NULL || PEM_write_bio_X509(bio, own->cert) != 1)
        return x509_err(err, ERR_RETRY, "export the certificate");
    *ret_pem = x509_bio_take(a, bio);
    return true;
}

bool crypto_init_smime(const struct crypto_config *config, enum crypto_role role,
                       struct span key_pem, struct span cert_pem, struct err *err)
{
    const char *key = role == CRYPTO_SIGN ? config->sign_key : config->open_key;
    const char *cert = role == CRYPTO_SIGN ? config->sign_cert : config->open_cert;
    SCOPED(smime_own_free) struct smime_own *own = NULL;

    if (key_pem.n == 0)
        return err_set(err, ERR_OPERATOR, "the S/MIME key is empty");
    return own_parse(key_pem, cert_pem, &own, err) && scratch_write_file(key, key_pem, err) &&
           scratch_write_file(cert, cert_pem, err);
}

/* --- sign ------------------------------------------------------------------------------------ */

/* What we can read, so that the reader's program knows what to write to us. */
static bool add_capabilities(CMS_SignerInfo *si)
{
    STACK_OF(X509_ALGOR) *list = NULL;
    bool added = CMS_add_simple_smimecap(&list, NID_aes_256_cbc, -1) == 1 &&
                 CMS_add_simple_smimecap(&list, NID_aes_128_cbc, -1) == 1 &&
                 CMS_add_smimecap(si, list) == 1;

    sk_X509_ALGOR_pop_free(list, X509_ALGOR_free);
    return added;
}

/* Our clock, where OpenSSL would take the machine's. */
static bool add_time(CMS_SignerInfo *si, instant now)
{
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)now);
    bool added = time != NULL &&
                 CMS_signed_add1_attr_by_NID(si, NID_pkcs9_signingTime, time->type, time, -1) == 1;

    ASN1_TIME_free(time);
    return added;
}

/* The name and serial of a certificate behind the implicit tag [0] of the choice. */
static struct span preference_of(struct arena *a, const X509 *cert)
{
    struct buf b = buf_new(a, PREFERENCE_MAX);
    unsigned char *name = NULL;
    unsigned char *serial = NULL;
    int n_name = i2d_X509_NAME(X509_get_issuer_name(cert), &name);
    int n_serial = i2d_ASN1_INTEGER(X509_get0_serialNumber(cert), &serial);
    int n = n_name + n_serial;

    if (n_name > 0 && n_serial > 0 && n <= UINT16_MAX) {
        const unsigned char head[] = {0xa0, 0x82, (unsigned char)(n >> 8), (unsigned char)n};

        /* DER wants the shortest form of a length. */
        buf_add(&b, head, 1);
        if (n < 0x80)
            buf_add(&b, &head[3], 1);
        else if (n < 0x100)
            buf_add(&b, (const unsigned char[]){0x81, head[3]}, 2);
        else
            buf_add(&b, &head[1], 3);
        buf_add(&b, name, (size_t)n_name);
        buf_add(&b, serial, (size_t)n_serial);
    }
    OPENSSL_free(name);
    OPENSSL_free(serial);
    return b.full ? span_of(NULL, 0) : buf_span(&b);
}

/* RFC 8551 2.5.3: who answers encrypts to another certificate than the one that signed. */
static bool prefer(CMS_ContentInfo *cms, CMS_SignerInfo *si, struct arena *a,
                   const struct smime_own *open)
{
    struct span preference;

    if (open == NULL)
        return true;
    preference = preference_of(a, open->cert);
    /* It is added as it stands: to OpenSSL a sequence is bytes with a tag of their own. */
    return preference.n > 0 && CMS_add1_cert(cms, open->cert) == 1 &&
           CMS_signed_add1_attr_by_NID(si, NID_id_smime_aa_encrypKeyPref, V_ASN1_SEQUENCE,
                                       preference.at, (int)preference.n) == 1;
}

static bool make_signature(const struct smime_own *own, const struct smime_own *open,
                           const struct crypto_letter *l, struct span *ret_der, struct err *err)
{
    SCOPED(BIO_free_all) BIO *in = BIO_new_mem_buf(l->plaintext.at, (int)l->plaintext.n);
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *cms = NULL;
    unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP;
    CMS_SignerInfo *si;

    cms = CMS_sign(NULL, NULL, own->chain, in, flags);
    si = cms == NULL ? NULL : CMS_add1_signer(cms, own->cert, own->key, EVP_sha256(), flags);
    if (si == NULL || !add_capabilities(si) || !add_time(si, l->now) ||
        !prefer(cms, si, l->a, open) || CMS_final(cms, in, NULL, flags) != 1 ||
        !smime_encode(l->a, cms, ret_der))
        return x509_err(err, ERR_RETRY, "sign");
    return true;
}

/* --- seal ------------------------------------------------------------------------------------ */

/* RFC 8551 3.5.2: the signed object is an entity of its own inside the envelope. */
static struct span wrap_signed(struct arena *a, struct span der)
{
    const char *base64 = text_base64(a, der, BASE64_LINE);
    struct span body = span_str(base64);
    struct buf out = buf_new(a, body.n + 1024);

    buf_add_str(&out, "Content-Type: application/pkcs7-mime; smime-type=signed-data;"
                      " name=\"smime.p7m\"\r\n"
                      "Content-Transfer-Encoding: base64\r\n"
                      "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n");
    buf_add_span(&out, body);
    return buf_span(&out);
}

/* The certificate to answer to, unless it is the one that signs. */
static const struct smime_own *other_than_signer(const struct crypto *c)
{
    if (c->smime_open == NULL || X509_cmp(c->smime_open->cert, c->smime_sign->cert) == 0)
        return NULL;
    return c->smime_open;
}

static bool envelope(X509 *cert, struct arena *a, struct span plaintext, struct span *ret_der)
{
    SCOPED(BIO_free_all) BIO *in = BIO_new_mem_buf(plaintext.at, (int)plaintext.n);
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *cms = NULL;
    unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_KEY_PARAM;
    CMS_RecipientInfo *ri;
    EVP_PKEY_CTX *ctx;

    cms = CMS_encrypt(NULL, in, EVP_aes_256_cbc(), flags);
    ri = cms == NULL ? NULL : CMS_add1_recipient_cert(cms, cert, flags);
    if (ri == NULL)
        return false;
    ctx = CMS_RecipientInfo_get0_pkey_ctx(ri);
    if (CMS_RecipientInfo_type(ri) == CMS_RECIPINFO_AGREE &&
        (ctx == NULL || EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256()) != 1))
        return false;
    return CMS_final(cms, in, NULL, flags) == 1 && smime_encode(a, cms, ret_der);
}

bool smime_engine_seal(struct crypto *c, const struct crypto_letter *letter,
                       struct crypto_sealed *ret_sealed, struct err *err)
{
    SCOPED(x509_list_free) STACK_OF(X509) *list = sk_X509_new_null();
    struct crypto_sealed s = {.sealed = true};
    struct crypto_key_facts facts;
    struct span inner = letter->plaintext;

    if (inner.n > CRYPTO_PLAIN_MAX)
        return err_set(err, ERR_OPERATOR, "seal: more than %d bytes", CRYPTO_PLAIN_MAX);
    if (!smime_engine_inspect(letter->a, letter->recipient, letter->now, &facts)) {
        *ret_sealed = (struct crypto_sealed){.reason = "it is no certificate"};
        return true;
    }
    if (!facts.usable) {
        *ret_sealed = (struct crypto_sealed){.reason = facts.reason};
        return true;
    }
    if (letter->signer != NULL) {
        struct span der = {0};

        if (!make_signature(c->smime_sign, other_than_signer(c), letter, &der, err))
            return false;
        inner = wrap_signed(letter->a, der);
    }
    x509_add(list, facts.bytes);
    if (!envelope(sk_X509_value(list, 0), letter->a, inner, &s.bytes))
        return x509_err(err, ERR_RETRY, "seal");
    *ret_sealed = s;
    return true;
}
