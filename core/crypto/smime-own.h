/*
 * smime-own.h - the desk's own certificates and keys, parsed once for all letters; wrapped session
 * keys one by one. Inside core/crypto only.
 */
#ifndef CRYPTO_SMIME_OWN_H
#define CRYPTO_SMIME_OWN_H

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/span.h"

struct smime_own {
    struct arena *a; /* holds this too */
    X509 *cert;
    EVP_PKEY *key;          /* NULL: it is elsewhere */
    STACK_OF(X509) * chain; /* certificates to send along */
    struct smime_own *next; /* further keys that decrypt, with their certificates; or NULL */
    char id[65];
};

/* DER; false: it has none. */
bool smime_encode(struct arena *a, CMS_ContentInfo *cms, struct span *ret_der);

/* True if the recipient, or one of those it agrees with, is the owner of cert. */
bool smime_is_for(CMS_RecipientInfo *ri, X509 *cert);

/* True if it may be for one of own's certificates; who has the keys knows better. */
bool smime_may_be_for(CMS_RecipientInfo *ri, const struct smime_own *own);

/* A small message with this recipient alone, to be unwrapped elsewhere. ri stays where it is. */
bool smime_wrap(struct arena *a, CMS_RecipientInfo *ri, struct span *ret_wrapped);

/* Gives cms its content key, so that CMS_dataInit can decrypt. The carrier (NULL too) must be freed
 * after cms. */
bool smime_give_key(CMS_ContentInfo *cms, struct arena *a, struct span key,
                    CMS_ContentInfo **ret_carrier);

#endif
