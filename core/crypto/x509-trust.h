/*
 * x509-trust.h - whether a certificate is to be believed: approved ones, roots, revocation lists.
 *
 * Promises: nothing of a message outlives it; certificates that ride in it only help to build its
 * own chain. Revocation lists stand among the roots (PEM, beside the certificates) and nowhere
 * else: none is fetched, none is taken from a message, and what could not be checked is said.
 * Inside core/crypto only. Does not: look at signatures.
 */
#ifndef CRYPTO_X509_TRUST_H
#define CRYPTO_X509_TRUST_H

#include "crypto/crypto.h"
#include "crypto/x509.h"

struct x509_trust {
    STACK_OF(X509) * approved;
    STACK_OF(X509) * riding; /* in the message: for this message only */
    X509_STORE *roots;
};

/* riding (NULL is fine) belongs to t from now on. */
void x509_trust_make(const struct crypto_ask *ask, STACK_OF(X509) * riding, struct x509_trust *t);
void x509_trust_free(struct x509_trust *t);

struct x509_standing {
    enum seal_status status; /* SEAL_VALID, SEAL_UNKNOWN_KEY, SEAL_EXPIRED, SEAL_REVOKED; not for
                                signatures: SEAL_INVALID */
    bool approved;
    const char *reason; /* one line if the status is not SEAL_VALID */
    const char *crl;    /* "crl-not-checked" or "crl-expired" for a valid one; NULL: checked, or
                           nobody could revoke it (self-signed) */
};

/* An approved certificate is its own anchor; its dates, its purpose and its revocation count all
 * the same. RFC 5280 6. */
struct x509_standing x509_trust_look(const struct x509_trust *t, X509 *cert, instant now);

#endif
