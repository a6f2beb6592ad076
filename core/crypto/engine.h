/*
 * engine.h - what crypto.c asks of each engine. Inside core/crypto only.
 *
 * Promises: the same calls for both; an engine includes its library, nobody else does.
 */
#ifndef CRYPTO_ENGINE_H
#define CRYPTO_ENGINE_H

#include "crypto/crypto.h"
#include "crypto/pgp.h"

struct smime_own;  /* a certificate of the desk, its chain and its key (smime-own.h) */
struct pgp_holder; /* the desk's OpenPGP keys that decrypt, behind their agent (pgp-unwrap.c) */

/* Handles are kept by protocol and role; id "" stands for "whatever key the home holds". */
struct crypto {
    struct arena *a;
    struct crypto_config config;
    struct crypto_handle handles[2][2]; /* [protocol - PROTOCOL_OPENPGP][role] */
    bool present[2][2];
    struct smime_own *smime_open;  /* that decrypts; NULL: none. Its key may be elsewhere */
    struct smime_own *smime_sign;  /* NULL: none */
    struct span pgp_public;        /* the desk's public key, binary; empty: none */
    struct pgp_keys pgp_ours;      /* what may be wrapped for us; none: unknown, so everything */
    struct pgp_holder *pgp_holder; /* made when it is needed first */
    struct crypto_unwrapper unwrapper;
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

/* Hex SHA-256 of a content key. */
const char *session_key_hash(struct arena *a, struct span key);

/* The absolute path of the socket of a home's agent, which runs. */
MUST_USE bool pgp_agent_socket(struct arena *a, const char *home, const char **ret_path,
                               struct err *err);

/* Asks gpg for the keys of a home and starts its agent. */
MUST_USE bool pgp_holder_new(const char *home, struct pgp_holder **ret_holder, struct err *err);
void pgp_holder_free(struct pgp_holder *h); /* NULL is fine */
/* wrapped: one PKESK packet (RFC 4880 5.1). */
MUST_USE bool pgp_unwrap(struct pgp_holder *h, struct arena *a, struct span wrapped,
                         struct content_key *ret_key, struct err *err);

/* NULL in *ret_own if there is no certificate; without a key file it has none. */
MUST_USE bool smime_own_open(const char *key, const char *cert, struct smime_own **ret_own,
                             struct err *err);
bool smime_own_has_key(const struct smime_own *own);
/* wrapped: CMS EnvelopedData with one RecipientInfo. */
void smime_unwrap(const struct smime_own *own, struct arena *a, struct span wrapped,
                  struct content_key *ret_key);
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
