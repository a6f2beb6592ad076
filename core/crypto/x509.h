/*
 * x509.h - what the desk reads off a certificate. Inside core/crypto only.
 *
 * Promises: copies into the arena; dates against the now that is given. Does not: build chains.
 */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/err.h"
#include "model/message.h"

SCOPED_DEFINE(BIO *, BIO_free_all)
SCOPED_DEFINE(X509 *, X509_free)
SCOPED_DEFINE(EVP_PKEY *, EVP_PKEY_free)
SCOPED_DEFINE(CMS_ContentInfo *, CMS_ContentInfo_free)

static inline void x509_list_free(STACK_OF(X509) * list)
{
    sk_X509_pop_free(list, X509_free);
}
SCOPED_DEFINE(STACK_OF(X509) *, x509_list_free)

/* Adds the certificates in bytes (one DER, or PEM with any number) to list; how many there were. */
size_t x509_add(STACK_OF(X509) * list, struct span bytes);

const char *x509_fingerprint(struct arena *a,
                             const X509 *cert); /* SHA-256 of the DER, upper case */
const char *x509_serial(struct arena *a, const ASN1_INTEGER *serial); /* upper-case hex */
const char *x509_algorithm(struct arena *a, const EVP_PKEY *key);     /* rsa3072, nistp256 */
const char *x509_subject(struct arena *a, const X509 *cert);
struct strs x509_addresses(struct arena *a, X509 *cert);
instant x509_time(const ASN1_TIME *time); /* 0 if it can't be read */
bool x509_may_sign(X509 *cert);    /* key usage and extended key usage allow mail signatures */
bool x509_may_encrypt(X509 *cert); /* the same for mail encryption, by the kind of its key */

/* The DER of a certificate, in a. */
struct span x509_der(struct arena *a, const X509 *cert);

/* What a memory BIO holds, copied into a. */
struct span x509_bio_take(struct arena *a, BIO *bio);

/* "what: <OpenSSL's last error>"; empties its queue. */
bool x509_err(struct err *err, enum err_kind kind, const char *what);

#endif
