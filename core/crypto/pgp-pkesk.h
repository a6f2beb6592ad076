/*
 * pgp-pkesk.h - a wrapped session key of OpenPGP (RFC 4880 5.1), before and after the private
 * operation, which is gpg-agent's.
 *
 * Promises: never reads past a span; what an attacker chose (the packet, and through RSA the
 * agent's number too) at most opens nothing. Inside core/crypto only. Does not: see a private key.
 */
#ifndef CRYPTO_PGP_PKESK_H
#define CRYPTO_PGP_PKESK_H

#include "crypto/crypto.h"

enum { PKESK_KEY_ID_BYTES = 8 };

/* RFC 4880 9.1 */
enum { PKESK_RSA = 1, PKESK_RSA_ENCRYPT = 2, PKESK_ELGAMAL = 16, PKESK_ECDH = 18 };

struct pkesk {
    struct span key_id;
    unsigned algorithm;
    struct span numbers[2]; /* ECDH: the point, then the wrapped key */
};

/* The key it is for. */
struct pkesk_key {
    struct span fingerprint; /* 20 bytes */
    struct span packet;      /* body of its public key packet */
};

/* wrapped must be one such packet and nothing else. */
bool pkesk_read(struct span wrapped, struct pkesk *ret_pkesk);
bool pkesk_is_anonymous(const struct pkesk *k);

/* False: its numbers are not of the size that the key's are, and gpg-agent must not see them. The
 * one of Debian 12 dies of an ECDH point that is a prefix alone. */
bool pkesk_fits(const struct pkesk *k, const struct pkesk_key *key);

/* What PKDECRYPT asks for. */
struct span pkesk_expression(struct arena *a, const struct pkesk *k);

/* From the agent's answer to the session key; unpadded: RSA's padding is off already. False: there
 * is none in it. */
bool pkesk_finish(struct arena *a, const struct pkesk *k, const struct pkesk_key *key,
                  struct span answer, bool unpadded, struct content_key *ret_key);

#endif
