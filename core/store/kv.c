#include "store/kv.h"

#include <assert.h>

#include "store/kv-ops.h"

void kv_close(struct kv *kv)
{
    if (kv)
        kv->ops->close(kv);
}

bool kv_write(struct kv *kv, kv_fn *fn, void *ctx, struct err *err)
{
    return kv->ops->write(kv, fn, ctx, err);
}

bool kv_read(struct kv *kv, kv_fn *fn, void *ctx, struct err *err)
{
    return kv->ops->read(kv, fn, ctx, err);
}

bool kv_get(struct kv_txn *txn, size_t table, struct span key, struct span *ret_value,
            struct err *err)
{
    assert(table < txn->kv->n_tables && key.n > 0 && key.n <= KV_KEY_MAX);
    return txn->kv->ops->get(txn, table, key, ret_value, err);
}

bool kv_put(struct kv_txn *txn, size_t table, struct span key, struct span value, struct err *err)
{
    assert(txn->writable && table < txn->kv->n_tables && key.n > 0 && key.n <= KV_KEY_MAX);
    return txn->kv->ops->put(txn, table, key, value, err);
}

bool kv_delete(struct kv_txn *txn, size_t table, struct span key, struct err *err)
{
    assert(txn->writable && table < txn->kv->n_tables && key.n > 0 && key.n <= KV_KEY_MAX);
    return txn->kv->ops->drop(txn, table, key, err);
}

bool kv_cursor_open(struct kv_txn *txn, size_t table, struct span prefix,
                    struct kv_cursor **ret_cursor, struct err *err)
{
    struct kv_cursor *cursor = NULL;
    assert(table < txn->kv->n_tables && prefix.n > 0 && prefix.n <= KV_KEY_MAX);
    if (!txn->kv->ops->cursor_open(txn, table, prefix, &cursor, err))
        return false;
    cursor->txn = txn;
    cursor->table = table;
    memcpy(cursor->prefix, prefix.at, prefix.n);
    cursor->n_prefix = prefix.n;
    *ret_cursor = cursor;
    return true;
}

bool kv_cursor_next(struct kv_cursor *cursor, struct kv_entry *ret_entry, struct err *err)
{
    return cursor->txn->kv->ops->cursor_next(cursor, ret_entry, err);
}

void kv_cursor_close(struct kv_cursor *cursor)
{
    if (cursor)
        cursor->txn->kv->ops->cursor_close(cursor);
}
