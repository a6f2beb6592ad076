/*
 * vault.h - sealed records and keyed hashes: what stands between plain values and the disk.
 *
 * Promises: XChaCha20-Poly1305 with a random nonce; table, key and number of the ring key are
 * authenticated, so a record that was changed, swapped, moved or sealed for another place does not
 * open and the error names it. Hashes are BLAKE2b, keyed; parts are length-prefixed.
 * Does not: notice that a record was replaced by an older state of itself or removed (a case's
 * chain of events does, store.h).
 */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include "base/span.h"
#include "store/ring.h"

enum { VAULT_HASH_BYTES = 16, VAULT_MAC_BYTES = 32 };

/* Where a record stands. */
struct vault_label {
    const char *table;
    struct span key;
};

/* The sealed form of plain under ring key number, in a. The key must be there (ring_key). */
MUST_USE bool vault_seal(struct ring *ring, struct arena *a, struct vault_label label,
                         uint64_t number, struct span plain, struct span *ret_sealed,
                         struct err *err);
MUST_USE bool vault_unseal(struct ring *ring, struct arena *a, struct vault_label label,
                           struct span sealed, struct span *ret_plain, struct err *err);
/* Number of the ring key that a sealed record names (not yet authenticated); 0: not a record. */
uint64_t vault_key_number(struct span sealed);

/* Keyed hash over parts, the first of which says what for; n_hash 16..64 bytes. */
void vault_hash(const struct ring *ring, enum ring_secret which, const struct span *parts,
                size_t n_parts, unsigned char *ret_hash, size_t n_hash);
/* The same under a key derived from ring key number. */
MUST_USE bool vault_mac(struct ring *ring, uint64_t number, const struct span *parts,
                        size_t n_parts, unsigned char ret_mac[VAULT_MAC_BYTES], struct err *err);

#endif
