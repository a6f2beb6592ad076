#include "crypto/x509-trust.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum {
    AUTH_LEVEL = 2, /* 112 bits: no SHA-1 and no RSA under 2048 bits in a chain */
    CRLS_MAX = 256, /* in one PEM text */
};

static void add_crls(X509_STORE *store, struct span pem)
{
    SCOPED(BIO_free_all)
    BIO *bio = pem.n == 0 || pem.n > INT32_MAX ? NULL : BIO_new_mem_buf(pem.at, (int)pem.n);
    X509_CRL *crl;

    for (size_t i = 0; bio != NULL && i < CRLS_MAX; i++) {
        crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, "");
        if (crl == NULL)
            break;
        (void)!X509_STORE_add_crl(store, crl);
        X509_CRL_free(crl);
    }
}

void x509_trust_make(const struct crypto_ask *ask, STACK_OF(X509) * riding, struct x509_trust *t)
{
    STACK_OF(X509) *cas = sk_X509_new_null();

    t->approved = sk_X509_new_null();
    t->roots = X509_STORE_new();
    t->riding = riding;
    if (cas == NULL || t->approved == NULL || t->roots == NULL)
        abort();
    for (size_t i = 0; i < ask->n_keys; i++)
        x509_add(t->approved, ask->keys[i]);
    for (size_t i = 0; i < ask->n_cas; i++) {
        x509_add(cas, ask->cas[i]);
        add_crls(t->roots, ask->cas[i]);
    }
    for (int i = 0; i < sk_X509_num(cas); i++)
        (void)!X509_STORE_add_cert(t->roots, sk_X509_value(cas, i));
    x509_list_free(cas);
    ERR_clear_error();
}

void x509_trust_free(struct x509_trust *t)
{
    x509_list_free(t->approved);
    x509_list_free(t->riding);
    X509_STORE_free(t->roots);
}

static bool is_approved(const struct x509_trust *t, X509 *cert)
{
    for (int i = 0; i < sk_X509_num(t->approved); i++)
        if (X509_cmp(sk_X509_value(t->approved, i), cert) == 0)
            return true;
    return false;
}

/* A list that is missing or old fails no chain, but it is noted. */
static int go_on_without_crl(int sound, X509_STORE_CTX *ctx)
{
    struct x509_standing *s = X509_STORE_CTX_get_app_data(ctx);

    switch (sound == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx)) {
    case X509_V_OK:
        return sound;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_NOT_YET_VALID:
        s->crl = "crl-not-checked";
        return 1;
    case X509_V_ERR_CRL_HAS_EXPIRED:
        s->crl = "crl-expired";
        return 1;
    default:
        return 0;
    }
}

static enum seal_status status_of(int code)
{
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return SEAL_EXPIRED;
    case X509_V_ERR_CERT_REVOKED:
        return SEAL_REVOKED;
    default:
        return SEAL_UNKNOWN_KEY;
    }
}

static void look_at_chain(const struct x509_trust *t, X509 *cert, instant now,
                          struct x509_standing *s)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *param;
    int code;

    if (ctx == NULL || X509_STORE_CTX_init(ctx, t->roots, cert, t->riding) != 1)
        abort();
    X509_STORE_CTX_set_app_data(ctx, s);
    X509_STORE_CTX_set_verify_cb(ctx, go_on_without_crl);
    param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SMIME_SIGN);
    X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
    X509_VERIFY_PARAM_set_time(param, (time_t)now);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    if (X509_verify_cert(ctx) == 1) {
        s->status = SEAL_VALID;
    } else {
        code = X509_STORE_CTX_get_error(ctx);
        s->status = status_of(code);
        s->reason = X509_verify_cert_error_string(code);
    }
    X509_STORE_CTX_free(ctx);
    ERR_clear_error();
}

/* Nobody stands above it who could revoke it. */
static bool is_self_signed(X509 *cert)
{
    return X509_self_signed(cert, 0) == 1;
}

static void look_at_approved(const struct x509_trust *t, X509 *cert, instant now,
                             struct x509_standing *s)
{
    struct x509_standing chain = {.status = SEAL_UNKNOWN_KEY};

    if (!is_self_signed(cert)) {
        look_at_chain(t, cert, now, &chain);
        s->crl = chain.status == SEAL_VALID ? chain.crl : "crl-not-checked";
    }
    s->status = SEAL_VALID;
    if (chain.status == SEAL_REVOKED) {
        s->status = SEAL_REVOKED;
        s->reason = chain.reason;
    } else if (now < x509_time(X509_get0_notBefore(cert)) ||
               now > x509_time(X509_get0_notAfter(cert))) {
        s->status = SEAL_EXPIRED;
        s->reason = "the certificate has expired, or is not valid yet";
    }
}

struct x509_standing x509_trust_look(const struct x509_trust *t, X509 *cert, instant now)
{
    struct x509_standing s = {.approved = is_approved(t, cert)};

    if (!x509_may_sign(cert)) {
        s.status = SEAL_INVALID;
        s.reason = "the certificate is not for signatures";
    } else if (s.approved) {
        look_at_approved(t, cert, now, &s);
    } else {
        look_at_chain(t, cert, now, &s);
    }
    if (s.status != SEAL_VALID)
        s.crl = NULL;
    return s;
}
