/*
 * pgp.h - the little of OpenPGP's packet format (RFC 4880, 9580) that the desk reads itself.
 *
 * Promises: iterative, no allocation per packet, never reads past the span; broken input is a no.
 * It exists because gpg's exit says too little: that a message is one encryption and nothing beside
 * it, that a key is one key and not a secret one, whose primary key a subkey belongs to. Inside
 * core/crypto only. Does not: check a signature or believe a self-signature.
 */
#ifndef CRYPTO_PGP_H
#define CRYPTO_PGP_H

#include "model/message.h"

enum pgp_tag {
    PGP_PKESK = 1,
    PGP_SIGNATURE = 2,
    PGP_SKESK = 3,
    PGP_ONE_PASS = 4,
    PGP_SECRET_KEY = 5,
    PGP_PUBLIC_KEY = 6,
    PGP_SECRET_SUBKEY = 7,
    PGP_COMPRESSED = 8,
    PGP_ENCRYPTED_PLAIN = 9, /* without integrity protection */
    PGP_MARKER = 10,
    PGP_LITERAL = 11,
    PGP_USER_ID = 13,
    PGP_PUBLIC_SUBKEY = 14,
    PGP_ENCRYPTED_MDC = 18,
    PGP_ENCRYPTED_AEAD = 20,
};

struct pgp_packet {
    uint32_t tag;
    struct span body;  /* the first piece of it, where it comes in partial lengths */
    struct span whole; /* with header and all pieces */
};

/* Cuts the next packet off *rest. False at the end and where the rest is no packet: then rest->n
 * tells the two apart. */
bool pgp_next(struct span *rest, struct pgp_packet *ret_packet);

/* Binary form of one block: armor is taken off (text around it is a no; its checksum is not looked
 * at, the packets have better), binary stays as it is. */
bool pgp_dearmor(struct arena *a, struct span in, struct span *ret_binary);

/* "PGP PUBLIC KEY BLOCK" around binary, LF line ends, with checksum. */
struct span pgp_armor(struct arena *a, const char *what, struct span binary);

/* One clear-signed block and nothing but blank lines around it. */
bool pgp_is_clearsigned(struct span in);

/* How a message is built, seen from outside. */
enum pgp_shape {
    PGP_SHAPE_BROKEN,     /* no packets, or a sequence that is no message */
    PGP_SHAPE_ENCRYPTED,  /* session keys, one encrypted packet, nothing else */
    PGP_SHAPE_SIGNED,     /* one-pass or old signatures around one literal or compressed packet */
    PGP_SHAPE_PLAIN,      /* a literal or a compressed packet */
    PGP_SHAPE_SIGNATURES, /* detached signatures only */
};
enum pgp_shape pgp_shape(struct span binary);

/* True if it begins as an encrypted message does, be it whole or broken. */
bool pgp_begins_encrypted(struct span binary);

/* True if the encrypted packet of an encrypted message has no integrity protection. */
bool pgp_lacks_mdc(struct span binary);

/* True if its encrypted packet has a version that gpg 2.2 does not know (RFC 9580 5.13.2). */
bool pgp_is_newer(struct span binary);

/* Adds the names of forms that gpg 2.2 may fail on: pgp-symmetric (only a passphrase opens it),
 * pgp-v6 (RFC 9580: keys, signatures, SEIPD 2), pgp-librepgp (its AEAD packet, version 5). */
void pgp_name_forms(struct arena *a, struct span binary, struct strs *names);

/* The message without what a passphrase opens: gpg would ask for it. */
struct span pgp_without_passphrases(struct arena *a, struct span binary);

/* True if it is encrypted to a key at all. */
bool pgp_has_recipient(struct span binary);

/* Key ids (16 upper-case hex digits) that a message says it is encrypted to. */
struct strs pgp_recipients(struct arena *a, struct span binary);

/* True if body is that of the public key packet with this fingerprint (40 upper-case hex digits).
 */
bool pgp_is_key(struct arena *a, struct span body, const char *fingerprint);

/* One key or subkey in a set of public keys. */
struct pgp_key {
    const char *fingerprint; /* of itself: 40 upper-case hex digits (v4) */
    const char *primary;
    const char *algorithm; /* ed25519, rsa3072, nistp256... */
    size_t owner;          /* index of its transferable key in the set */
};

struct pgp_keys {
    struct pgp_key *at;
    size_t n;
    size_t room;
    struct span *blocks; /* the transferable keys, binary, in order */
    size_t n_blocks;
    size_t blocks_room;
    struct strs *addresses; /* addr-specs of the user ids, for each block; domain in lower case */
    struct strs *user_ids;
    bool secret; /* a secret key was met and left out */
};

/* Adds what stands in bytes (armored or binary; several keys are fine). False: no public key. */
bool pgp_keys_add(struct arena *a, struct pgp_keys *keys, struct span bytes);

/* By fingerprint or key id of key or subkey; NULL if it is not there. */
const struct pgp_key *pgp_keys_find(const struct pgp_keys *keys, const char *id);

#endif
