/*
 * kv-ops.h - what a database has to bring to stand behind kv.h.
 *
 * Promises: kv.c checks keys and dispatches; an engine embeds these structs as first members.
 * Does not: concern anyone but kv*.c.
 */
#ifndef STORE_KV_OPS_H
#define STORE_KV_OPS_H

#include "store/kv.h"

struct kv_ops {
    void (*close)(struct kv *kv);
    bool (*write)(struct kv *kv, kv_fn *fn, void *ctx, struct err *err);
    bool (*read)(struct kv *kv, kv_fn *fn, void *ctx, struct err *err);
    bool (*get)(struct kv_txn *txn, size_t table, struct span key, struct span *ret_value,
                struct err *err);
    bool (*put)(struct kv_txn *txn, size_t table, struct span key, struct span value,
                struct err *err);
    bool (*drop)(struct kv_txn *txn, size_t table, struct span key, struct err *err);
    bool (*cursor_open)(struct kv_txn *txn, size_t table, struct span prefix,
                        struct kv_cursor **ret_cursor, struct err *err);
    bool (*cursor_next)(struct kv_cursor *cursor, struct kv_entry *ret_entry, struct err *err);
    void (*cursor_close)(struct kv_cursor *cursor);
};

struct kv {
    const struct kv_ops *ops;
    size_t n_tables;
};

struct kv_txn {
    struct kv *kv;
    bool writable;
};

struct kv_cursor {
    struct kv_txn *txn;
    size_t table;
    unsigned char prefix[KV_KEY_MAX];
    size_t n_prefix;
};

#endif
