/*
 * smime-own.h - the desk's own certificate and key, parsed once for all letters. Inside core/crypto
 * only.
 */
#ifndef CRYPTO_SMIME_OWN_H
#define CRYPTO_SMIME_OWN_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/arena.h"

struct smime_own {
    struct arena *a; /* holds this too */
    X509 *cert;
    EVP_PKEY *key;
    STACK_OF(X509) * chain; /* certificates to send along */
    char id[65];
};

#endif
