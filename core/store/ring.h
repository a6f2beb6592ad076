/*
 * ring.h - the secret keys that the store seals with, in files outside the database.
 *
 * Files in the key directory:
 *   epoch.key   wraps the ring's keys; replaced, with the ring, when something is purged
 *   ring        numbered keys, one for each report and case; appended and synced before use
 *   index.key, token.key, mark.key
 * A copy of the database is unreadable without the ring, and a purged case's key stands in no ring
 * under the present epoch key.
 *
 * Promises: a key that ring_key gave is on disk; a torn record at the end of the ring (a crash in
 * an append) is cut off; any other damage is an error. Safe for several threads and processes. Does
 * not: know what a key is for.
 */
#ifndef STORE_RING_H
#define STORE_RING_H

#include "base/err.h"

struct ring;

enum { RING_KEY_BYTES = 32 };

/* Keys that are no ring keys, one file each. */
enum ring_secret { RING_INDEX, RING_TOKEN, RING_MARK, RING_SECRETS };

/* Makes the files in dir (which is there); refuses where one is. */
MUST_USE bool ring_create(const char *dir, struct err *err);
MUST_USE bool ring_open(const char *dir, struct ring **ret_ring, struct err *err);
struct ring *ring_open_memory(void); /* fresh secrets, nothing on disk */
void ring_close(struct ring *ring);
SCOPED_DEFINE(struct ring *, ring_close)

/* A copy of key number (1..), to be wiped by the caller; false: there is none. Looks into the file
 * again for keys that another process made. */
bool ring_key(struct ring *ring, uint64_t number, unsigned char ret_key[RING_KEY_BYTES]);

bool ring_has(struct ring *ring, uint64_t number);

/* Makes keys until all numbers up to last are there. Durable when it returns. */
MUST_USE bool ring_extend(struct ring *ring, uint64_t last, struct err *err);

/* Lives as long as the ring. */
const unsigned char *ring_secret(const struct ring *ring, enum ring_secret which);

#endif
