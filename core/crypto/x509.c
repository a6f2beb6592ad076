#include "crypto/x509.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "model/address.h"

enum { CERTS_MAX = 256 }; /* in one PEM text */

size_t x509_add(STACK_OF(X509) * list, struct span bytes)
{
    const unsigned char *der = bytes.at;
    SCOPED(BIO_free_all) BIO *bio = NULL;
    size_t n = 0;
    X509 *cert;

    if (bytes.n == 0 || bytes.n > INT32_MAX)
        return 0;
    if (bytes.at[0] == 0x30) {
        cert = d2i_X509(NULL, &der, (long)bytes.n);
        if (cert != NULL && sk_X509_push(list, cert) > 0)
            n = 1;
        else
            X509_free(cert);
        ERR_clear_error();
        return n;
    }
    bio = BIO_new_mem_buf(bytes.at, (int)bytes.n);
    while (bio != NULL && n < CERTS_MAX &&
           (cert = PEM_read_bio_X509(bio, NULL, NULL, "")) != NULL) {
        if (sk_X509_push(list, cert) <= 0) {
            X509_free(cert);
            break;
        }
        n++;
    }
    ERR_clear_error();
    return n;
}

const char *x509_fingerprint(struct arena *a, const X509 *cert)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    return X509_digest(cert, EVP_sha256(), digest, &n) == 1 ? text_hex(a, span_of(digest, n), true)
                                                            : NULL;
}

const char *x509_serial(struct arena *a, const ASN1_INTEGER *serial)
{
    return text_hex(a, span_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)),
                    true);
}

static const char *curve(struct arena *a, const EVP_PKEY *key)
{
    static const char *const names[][2] = {
        {"prime256v1", "nistp256"}, {"secp384r1", "nistp384"}, {"secp521r1", "nistp521"}};
    char name[64] = "ec";
    size_t n;

    (void)!EVP_PKEY_get_group_name(key, name, sizeof(name), &n);
    for (size_t i = 0; i < LEN(names); i++)
        if (strcmp(names[i][0], name) == 0)
            return names[i][1];
    return arena_strdup(a, name);
}

const char *x509_algorithm(struct arena *a, const EVP_PKEY *key)
{
    switch (key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return arena_printf(a, "rsa%d", EVP_PKEY_get_bits(key));
    case EVP_PKEY_DSA:
        return arena_printf(a, "dsa%d", EVP_PKEY_get_bits(key));
    case EVP_PKEY_EC:
        return curve(a, key);
    case EVP_PKEY_ED25519:
        return "ed25519";
    case EVP_PKEY_X25519:
        return "cv25519";
    default:
        return "unknown";
    }
}

const char *x509_subject(struct arena *a, const X509 *cert)
{
    SCOPED(BIO_free_all) BIO *bio = BIO_new(BIO_s_mem());
    struct span text;

    if (bio == NULL || X509_NAME_print_ex(bio, X509_get_subject_name(cert), 0,
                                          XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
        return "";
    text = x509_bio_take(a, bio);
    return text_one_line(a, text, 1024);
}

struct strs x509_addresses(struct arena *a, X509 *cert)
{
    STACK_OF(OPENSSL_STRING) *found = X509_get1_email(cert);
    struct strs list = {0};

    for (int i = 0; i < sk_OPENSSL_STRING_num(found); i++) {
        const char *address = address_clean(a, span_str(sk_OPENSSL_STRING_value(found, i)));

        if (address != NULL && !strs_has(&list, address))
            strs_add(a, &list, address);
    }
    X509_email_free(found);
    return list;
}

instant x509_time(const ASN1_TIME *time)
{
    struct tm tm;

    return time != NULL && ASN1_TIME_to_tm(time, &tm) == 1 ? (instant)timegm(&tm) : 0;
}

/* Both answer "all bits" where the extension is not there. */
static bool for_mail(X509 *cert, uint32_t usage)
{
    return (X509_get_key_usage(cert) & usage) != 0 &&
           (X509_get_extended_key_usage(cert) & (XKU_SMIME | XKU_ANYEKU)) != 0;
}

bool x509_may_sign(X509 *cert)
{
    return for_mail(cert, KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
}

bool x509_may_encrypt(X509 *cert)
{
    switch (EVP_PKEY_get_base_id(X509_get0_pubkey(cert))) {
    case EVP_PKEY_RSA:
        return for_mail(cert, KU_KEY_ENCIPHERMENT);
    case EVP_PKEY_EC:
        return for_mail(cert, KU_KEY_AGREEMENT);
    default:
        return false;
    }
}

struct span x509_der(struct arena *a, const X509 *cert)
{
    unsigned char *der = NULL;
    int n = i2d_X509(cert, &der);
    struct span copy = {0};

    if (n > 0)
        copy = span_of(arena_strndup(a, der, (size_t)n), (size_t)n);
    OPENSSL_free(der);
    return copy;
}

struct span x509_bio_take(struct arena *a, BIO *bio)
{
    char *at = NULL;
    long n = BIO_get_mem_data(bio, &at);

    return n <= 0 ? span_of("", 0) : span_of(arena_strndup(a, at, (size_t)n), (size_t)n);
}

bool x509_err(struct err *err, enum err_kind kind, const char *what)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return err_set(err, kind, "%s: openssl: %s", what, why == NULL ? "failed" : why);
}
