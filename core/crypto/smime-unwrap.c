/*
 * The wrapped session keys of CMS (RFC 5652 6.2), one RecipientInfo at a time.
 *
 * OpenSSL gives nobody a content key, and takes none. So a key is had by asking for it to be
 * wrapped once more, for a recipient that we make up and whose key we know; and it is given by
 * making a message for such a recipient, putting our key in the place of its own, and handing its
 * RecipientInfo to the message that is to be opened. That works the same for RSA PKCS#1, OAEP and
 * ECDH, and RSA's results never leave libcrypto, nor its way of hiding a wrong padding.
 */
#include "crypto/smime-own.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>

#include "base/text.h"
#include "crypto/engine.h"
#include "crypto/x509.h"

enum {
    KEK_BYTES = 32,
    KEY_MAX = 64,    /* bytes of a content key */
    WRAP_EXTRA = 8,  /* bytes that RFC 3394 adds */
    DUMMY_BYTES = 16 /* content of the small messages, which matters to nobody */
};

bool smime_encode(struct arena *a, CMS_ContentInfo *cms, struct span *ret_der)
{
    unsigned char *der = NULL;
    int n = i2d_CMS_ContentInfo(cms, &der);

    if (n > 0)
        *ret_der = span_of(arena_strndup(a, der, (size_t)n), (size_t)n);
    OPENSSL_free(der);
    return n > 0;
}

/* A message for nobody as yet. */
static CMS_ContentInfo *new_dummy(const EVP_CIPHER *cipher)
{
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, cipher, CMS_BINARY | CMS_PARTIAL);

    if (cms == NULL)
        abort();
    return cms;
}

static bool finish_dummy(CMS_ContentInfo *cms)
{
    static const unsigned char content[DUMMY_BYTES] = {0};
    SCOPED(BIO_free_all) BIO *in = BIO_new_mem_buf(content, sizeof(content));

    return in != NULL && CMS_final(cms, in, NULL, CMS_BINARY) == 1;
}

bool smime_is_for(CMS_RecipientInfo *ri, X509 *cert)
{
    STACK_OF(CMS_RecipientEncryptedKey) * keys;

    if (CMS_RecipientInfo_type(ri) == CMS_RECIPINFO_TRANS)
        return CMS_RecipientInfo_ktri_cert_cmp(ri, cert) == 0;
    if (CMS_RecipientInfo_type(ri) != CMS_RECIPINFO_AGREE)
        return false;
    keys = CMS_RecipientInfo_kari_get0_reks(ri);
    for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); i++) {
        if (CMS_RecipientEncryptedKey_cert_cmp(sk_CMS_RecipientEncryptedKey_value(keys, i), cert) ==
            0)
            return true;
    }
    return false;
}

bool smime_may_be_for(CMS_RecipientInfo *ri, const struct smime_own *own)
{
    for (int i = 0; i < sk_X509_num(own->chain); i++) {
        if (smime_is_for(ri, sk_X509_value(own->chain, i)))
            return true;
    }
    while (own != NULL && !smime_is_for(ri, own->cert))
        own = own->next;
    return own != NULL;
}

bool smime_wrap(struct arena *a, CMS_RecipientInfo *ri, struct span *ret_wrapped)
{
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *cms = new_dummy(EVP_aes_256_cbc());
    STACK_OF(CMS_RecipientInfo) *list = CMS_get0_RecipientInfos(cms);
    bool done = finish_dummy(cms);

    if (sk_CMS_RecipientInfo_push(list, ri) <= 0)
        abort();
    done = done && smime_encode(a, cms, ret_wrapped);
    sk_CMS_RecipientInfo_pop(list); /* it belongs to another message */
    ERR_clear_error();
    return done;
}

/* --- the made-up recipient ------------------------------------------------------------------- */

struct made_up {
    unsigned char kek[KEK_BYTES];
    unsigned char id[KEK_BYTES];
};

/* Adds the made-up recipient, which gets the key that cms has at the moment. */
static CMS_RecipientInfo *add_made_up(CMS_ContentInfo *cms, struct made_up *m)
{
    unsigned char *kek = OPENSSL_malloc(KEK_BYTES);
    unsigned char *id = OPENSSL_malloc(KEK_BYTES);
    CMS_RecipientInfo *ri;

    if (kek == NULL || id == NULL || RAND_bytes(m->kek, KEK_BYTES) != 1 ||
        RAND_bytes(m->id, KEK_BYTES) != 1)
        abort();
    memcpy(kek, m->kek, KEK_BYTES);
    memcpy(id, m->id, KEK_BYTES);
    ri = CMS_add0_recipient_key(cms, NID_id_aes256_wrap, kek, KEK_BYTES, id, KEK_BYTES, NULL, NULL,
                                NULL);
    if (ri == NULL) {
        OPENSSL_clear_free(kek, KEK_BYTES);
        OPENSSL_free(id);
    }
    return ri;
}

/* The wrapped key behind the id of the made-up recipient: SEQUENCE of the wrap algorithm, then an
 * OCTET STRING whose length fits into one byte. */
static struct span wrapped_in(struct span der, const struct made_up *m)
{
    static const unsigned char algorithm[] = {0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                              0x01, 0x65, 0x03, 0x04, 0x01, 0x2d, 0x04};
    struct span id = span_of(m->id, sizeof(m->id));
    struct span at = span_from(der, span_find_span(der, id));

    at = span_from(at, id.n);
    if (at.n < sizeof(algorithm) + 1 || memcmp(at.at, algorithm, sizeof(algorithm)) != 0)
        return (struct span){0};
    at = span_from(at, sizeof(algorithm));
    if (at.at[0] > KEY_MAX + WRAP_EXTRA || at.n - 1 < at.at[0])
        return (struct span){0};
    return span_first(span_from(at, 1), at.at[0]);
}

/* RFC 3394, both ways; the bytes of the result, or 0. */
static int key_wrap(const unsigned char kek[KEK_BYTES], struct span in, unsigned char *out,
                    int wrap)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool done;

    if (ctx == NULL)
        abort();
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    done = EVP_CipherInit_ex(ctx, EVP_aes_256_wrap(), NULL, kek, NULL, wrap) == 1 &&
           EVP_CipherUpdate(ctx, out, &n, in.at, (int)in.n) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return done ? n : 0;
}

/* --- taking a key out ------------------------------------------------------------------------ */

/* The content key that cms has, in key; its bytes, or 0 for none. */
static int key_of(CMS_ContentInfo *cms, unsigned char key[KEY_MAX])
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct made_up *m = ARENA_NEW(a, struct made_up);
    CMS_RecipientInfo *ri = add_made_up(cms, m);
    struct span der = {0};
    struct span wrapped;

    if (ri == NULL || CMS_RecipientInfo_encrypt(cms, ri) != 1 || !smime_encode(a, cms, &der))
        return 0;
    wrapped = wrapped_in(der, m);
    return wrapped.n == 0 ? 0 : key_wrap(m->kek, wrapped, key, 0);
}

/* One recipient: which of our keys it is wrapped for, or NULL. */
static const struct smime_own *owner_of(CMS_ContentInfo *cms, const struct smime_own *own,
                                        int *ret_type)
{
    STACK_OF(CMS_RecipientInfo) *list = cms == NULL ? NULL : CMS_get0_RecipientInfos(cms);
    CMS_RecipientInfo *ri;

    if (sk_CMS_RecipientInfo_num(list) != 1)
        return NULL;
    ri = sk_CMS_RecipientInfo_value(list, 0);
    *ret_type = CMS_RecipientInfo_type(ri);
    while (own != NULL && !smime_is_for(ri, own->cert))
        own = own->next;
    return own;
}

static CMS_ContentInfo *parse(struct span bytes)
{
    const unsigned char *at = bytes.at;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)bytes.n);

    if (cms != NULL && OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_enveloped) {
        CMS_ContentInfo_free(cms);
        return NULL;
    }
    return cms;
}

void smime_unwrap(const struct smime_own *own, struct arena *a, struct span wrapped,
                  struct content_key *ret_key)
{
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *cms = parse(wrapped);
    unsigned char key[KEY_MAX];
    int type = -1;
    int n = 0;

    ret_key->status = cms == NULL ? UNWRAP_BROKEN : UNWRAP_FOREIGN;
    own = owner_of(cms, own, &type);
    if (own == NULL) {
        ERR_clear_error();
        return;
    }
    if (CMS_decrypt_set1_pkey(cms, own->key, own->cert) == 1)
        n = key_of(cms, key);
    /* RFC 3218: a wrong padding is a key that opens nothing. */
    if (n <= 0 && type == CMS_RECIPINFO_TRANS && RAND_bytes(key, KEK_BYTES) == 1)
        n = KEK_BYTES;
    ret_key->status = n > 0 ? UNWRAP_OPENED : UNWRAP_BROKEN;
    if (n > 0) {
        ret_key->key = span_of(arena_strndup(a, key, (size_t)n), (size_t)n);
        ret_key->hash = session_key_hash(a, ret_key->key);
    }
    wipe(key, sizeof(key));
    ERR_clear_error();
}

/* --- giving a key ---------------------------------------------------------------------------- */

/* A cipher with keys of n bytes. */
static const EVP_CIPHER *cipher_of(size_t n)
{
    return n == 16 ? EVP_aes_128_cbc() : n == 24 ? EVP_aes_192_cbc() : EVP_aes_256_cbc();
}

/* A message with the made-up recipient alone, for whom key is wrapped. */
static CMS_ContentInfo *carrier_of(struct arena *a, struct made_up *m, struct span key)
{
    SCOPED(CMS_ContentInfo_free) CMS_ContentInfo *cms = new_dummy(cipher_of(key.n));
    unsigned char ours[KEY_MAX + 2 * WRAP_EXTRA];
    struct span der = {0};
    struct span place;
    int n;

    if (key.n > KEY_MAX || add_made_up(cms, m) == NULL || !finish_dummy(cms) ||
        !smime_encode(a, cms, &der))
        return NULL;
    place = wrapped_in(der, m);
    n = key_wrap(m->kek, key, ours, 1);
    if (n <= 0 || place.n != (size_t)n)
        return NULL;
    memcpy((unsigned char *)(uintptr_t)place.at, ours, (size_t)n);
    return parse(der);
}

bool smime_give_key(CMS_ContentInfo *cms, struct arena *a, struct span key,
                    CMS_ContentInfo **ret_carrier)
{
    struct made_up *m = ARENA_NEW(a, struct made_up);
    CMS_ContentInfo *carrier = carrier_of(a, m, key);
    bool given = false;

    if (carrier != NULL) {
        CMS_RecipientInfo *ri = sk_CMS_RecipientInfo_shift(CMS_get0_RecipientInfos(carrier));

        if (sk_CMS_RecipientInfo_push(CMS_get0_RecipientInfos(cms), ri) <= 0)
            abort();
        given = CMS_decrypt_set1_key(cms, m->kek, KEK_BYTES, m->id, KEK_BYTES) == 1;
    }
    *ret_carrier = carrier;
    ERR_clear_error();
    return given;
}
