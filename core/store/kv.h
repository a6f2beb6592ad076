/*
 * kv.h - ordered tables of bytes with transactions: all that the store asks of a database.
 *
 * Promises: a write is all or nothing and durable when kv_write returns; a read sees one snapshot;
 * keys are ordered bytewise. Other engines must be able to stand behind this, optimistic ones too:
 * that is why a write is a function that may run again.
 * Does not: seal, know records, or keep spans alive past the next put or delete in their
 * transaction.
 */
#ifndef STORE_KV_H
#define STORE_KV_H

#include "base/err.h"
#include "base/span.h"

struct kv;
struct kv_txn;
struct kv_cursor;

enum { KV_KEY_MAX = 200 }; /* bytes; LMDB itself takes 511 */

struct kv_entry {
    struct span key; /* at == NULL: no further entry */
    struct span value;
};

/* Runs inside one transaction; false (with err) takes everything back. May run again. */
typedef bool kv_fn(struct kv_txn *txn, void *ctx, struct err *err);

/* Opens (makes, if it is not there) the database in dir. Tables are named by their index. */
MUST_USE bool kv_open_lmdb(const char *dir, const char *const *tables, size_t n_tables,
                           struct kv **ret_kv, struct err *err);
struct kv *kv_open_memory(size_t n_tables);
void kv_close(struct kv *kv);
SCOPED_DEFINE(struct kv *, kv_close)

/* One writer at a time. Not to be nested, neither in itself nor in a read. */
MUST_USE bool kv_write(struct kv *kv, kv_fn *fn, void *ctx, struct err *err);
MUST_USE bool kv_read(struct kv *kv, kv_fn *fn, void *ctx, struct err *err);

/* ret_value->at == NULL: not there. */
MUST_USE bool kv_get(struct kv_txn *txn, size_t table, struct span key, struct span *ret_value,
                     struct err *err);
MUST_USE bool kv_put(struct kv_txn *txn, size_t table, struct span key, struct span value,
                     struct err *err);
/* What is not there is deleted already. */
MUST_USE bool kv_delete(struct kv_txn *txn, size_t table, struct span key, struct err *err);

/* Entries whose key starts with prefix, rising. No put or delete while one is open. */
MUST_USE bool kv_cursor_open(struct kv_txn *txn, size_t table, struct span prefix,
                             struct kv_cursor **ret_cursor, struct err *err);
MUST_USE bool kv_cursor_next(struct kv_cursor *cursor, struct kv_entry *ret_entry, struct err *err);
void kv_cursor_close(struct kv_cursor *cursor);
SCOPED_DEFINE(struct kv_cursor *, kv_cursor_close)

/* kv-mem only, for tests: every n-th write loses against another one and runs again; the n-th
 * get, put or commit from now on fails (once). 0 turns it off. */
void kv_mem_conflict_every(struct kv *kv, unsigned n);
void kv_mem_fail_in(struct kv *kv, unsigned n);

#endif
