/*
 * engine.h - what crypto.c asks of each engine. Inside core/crypto only.
 *
 * Promises: the same calls for both; an engine includes its library, nobody else does.
 */
#ifndef CRYPTO_ENGINE_H
#define CRYPTO_ENGINE_H

#include "crypto/crypto.h"
#include "crypto/pgp.h"

struct smime_own; /* the desk's certificate, its chain and its key (engine-openssl.c) */

/* Handles are kept by protocol and role; id "" stands for "whatever key the home holds". */
struct crypto {
    struct arena *a;
    struct crypto_config config;
    struct crypto_handle handles[2][2]; /* [protocol - PROTOCOL_OPENPGP][role] */
    bool present[2][2];
    struct smime_own *smime; /* NULL: none */
    struct span pgp_public;  /* the desk's public key, binary; empty: none */
};

/* The file in a home that holds the desk's public key, binary; written by crypto_init_openpgp. */
#define PGP_PUBLIC_FILE "desk-public.pgp"

MUST_USE bool pgp_engine_start(struct err *err);
MUST_USE bool pgp_engine_decrypt(struct crypto *c, const struct crypto_ask *ask,
                                 struct span ciphertext, struct crypto_opened *ret_opened,
                                 struct err *err);
MUST_USE bool pgp_engine_verify(struct crypto *c, const struct crypto_ask *ask, struct span bytes,
                                struct span signature, struct crypto_verified *ret_verified,
                                struct err *err);
MUST_USE bool pgp_engine_seal(struct crypto *c, const struct crypto_letter *letter,
                              struct crypto_sealed *ret_sealed, struct err *err);
MUST_USE bool pgp_engine_inspect(struct crypto *c, struct arena *a, struct span binary, instant now,
                                 struct crypto_key_facts *ret_facts, struct err *err);

/* NULL in *ret_own if the files are not there. */
MUST_USE bool smime_own_open(const struct crypto_config *config, struct smime_own **ret_own,
                             struct err *err);
void smime_own_free(struct smime_own *own);
const char *smime_own_id(const struct smime_own *own);
MUST_USE bool smime_own_export(const struct smime_own *own, struct arena *a, struct span *ret_pem,
                               struct err *err);
MUST_USE bool smime_engine_decrypt(struct crypto *c, const struct crypto_ask *ask,
                                   struct span ciphertext, struct crypto_opened *ret_opened,
                                   struct err *err);
MUST_USE bool smime_engine_verify(const struct crypto_ask *ask, struct span bytes,
                                  struct span signature, struct crypto_verified *ret_verified,
                                  struct err *err);
MUST_USE bool smime_engine_seal(struct crypto *c, const struct crypto_letter *letter,
                                struct crypto_sealed *ret_sealed, struct err *err);
/* False: it is no certificate. */
bool smime_engine_inspect(struct arena *a, struct span bytes, instant now,
                          struct crypto_key_facts *ret_facts);

#endif
