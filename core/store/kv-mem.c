#include "store/kv.h"

#include <assert.h>
#include <pthread.h>

#include "store/kv-ops.h"

/*
 * Each table is a sorted array. A writer changes it in place, alone (readers wait), and keeps what
 * was there before in a list; a rollback puts the old values back in reverse order.
 */
struct row {
    unsigned char *key;
    size_t n_key;
    unsigned char *value;
    size_t n_value;
};

struct table {
    struct row *rows;
    size_t n;
    size_t room;
};

struct before {
    size_t table;
    struct row row; /* value NULL: there was none */
};

struct mem {
    struct kv kv;
    pthread_rwlock_t lock;
    struct table *tables;
    struct before *befores;
    size_t n_befores;
    size_t befores_room;
    unsigned conflict_every;
    unsigned commits;
    unsigned fail_in;
};

struct mem_cursor {
    struct kv_cursor cursor;
    size_t i;
};

static void *must_have(void *p)
{
    if (!p)
        abort();
    return p;
}

/* Never NULL, so that an empty value differs from none. */
static unsigned char *copy_of(struct span s)
{
    unsigned char *copy = must_have(malloc(s.n + 1));
    if (s.n > 0)
        memcpy(copy, s.at, s.n);
    copy[s.n] = 0;
    return copy;
}

static void *grown(void *at, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return at;
    *room = *room ? *room * 2 : 16;
    return must_have(reallocarray(at, *room, size));
}

static int row_compare(const struct row *row, struct span key)
{
    size_t n = row->n_key < key.n ? row->n_key : key.n;
    int order = memcmp(row->key, key.at, n);
    if (order != 0 || row->n_key == key.n)
        return order;
    return row->n_key < key.n ? -1 : 1;
}

/* Index of the first row that is not below key. */
static size_t table_find(const struct table *table, struct span key)
{
    size_t low = 0;
    size_t high = table->n;
    while (low < high) {
        size_t i = low + (high - low) / 2;
        if (row_compare(&table->rows[i], key) < 0)
            low = i + 1;
        else
            high = i;
    }
    return low;
}

static bool table_has(const struct table *table, size_t i, struct span key)
{
    return i < table->n && row_compare(&table->rows[i], key) == 0;
}

static bool injected(struct mem *m, struct err *err)
{
    if (m->fail_in == 0 || --m->fail_in > 0)
        return false;
    err_set(err, ERR_RETRY, "store: injected failure");
    return true;
}

/* Takes row (with its memory) over. */
static void remember(struct mem *m, size_t table, struct row row)
{
    m->befores = grown(m->befores, m->n_befores, &m->befores_room, sizeof(*m->befores));
    m->befores[m->n_befores++] = (struct before){.table = table, .row = row};
}

static void row_insert(struct table *table, size_t i, struct row row)
{
    table->rows = grown(table->rows, table->n, &table->room, sizeof(*table->rows));
    memmove(&table->rows[i + 1], &table->rows[i], (table->n - i) * sizeof(*table->rows));
    table->rows[i] = row;
    table->n++;
}

static void row_remove(struct table *table, size_t i)
{
    table->n--;
    memmove(&table->rows[i], &table->rows[i + 1], (table->n - i) * sizeof(*table->rows));
}

static void row_free(struct row *row)
{
    free(row->key);
    if (row->value)
        wipe(row->value, row->n_value);
    free(row->value);
}

static void rollback(struct mem *m)
{
    while (m->n_befores > 0) {
        struct before *b = &m->befores[--m->n_befores];
        struct table *table = &m->tables[b->table];
        struct span key = span_of(b->row.key, b->row.n_key);
        size_t i = table_find(table, key);
        if (table_has(table, i, key)) {
            row_free(&table->rows[i]);
            row_remove(table, i);
        }
        if (b->row.value)
            row_insert(table, i, b->row);
        else
            row_free(&b->row);
    }
}

static void forget(struct mem *m)
{
    while (m->n_befores > 0)
        row_free(&m->befores[--m->n_befores].row);
}

static bool mem_write(struct kv *kv, kv_fn *fn, void *ctx, struct err *err)
{
    struct mem *m = (struct mem *)kv;
    struct kv_txn txn = {.kv = kv, .writable = true};
    bool good = false;
    pthread_rwlock_wrlock(&m->lock);
    for (;;) {
        good = fn(&txn, ctx, err) && !injected(m, err);
        m->commits++;
        if (!good || m->conflict_every == 0 || m->commits % m->conflict_every != 0)
            break;
        rollback(m);
    }
    if (good)
        forget(m);
    else
        rollback(m);
    pthread_rwlock_unlock(&m->lock);
    return good;
}

static bool mem_read(struct kv *kv, kv_fn *fn, void *ctx, struct err *err)
{
    struct mem *m = (struct mem *)kv;
    struct kv_txn txn = {.kv = kv};
    pthread_rwlock_rdlock(&m->lock);
    bool good = fn(&txn, ctx, err);
    pthread_rwlock_unlock(&m->lock);
    return good;
}

static bool mem_get(struct kv_txn *txn, size_t table, struct span key, struct span *ret_value,
                    struct err *err)
{
    struct mem *m = (struct mem *)txn->kv;
    if (txn->writable && injected(m, err))
        return false;
    struct table *t = &m->tables[table];
    size_t i = table_find(t, key);
    *ret_value =
        table_has(t, i, key) ? span_of(t->rows[i].value, t->rows[i].n_value) : span_of(NULL, 0);
    return true;
}

static bool mem_put(struct kv_txn *txn, size_t table, struct span key, struct span value,
                    struct err *err)
{
    struct mem *m = (struct mem *)txn->kv;
    if (injected(m, err))
        return false;
    struct table *t = &m->tables[table];
    size_t i = table_find(t, key);
    struct row fresh = {copy_of(key), key.n, copy_of(value), value.n};
    if (table_has(t, i, key)) {
        remember(m, table, t->rows[i]);
        t->rows[i] = fresh;
        return true;
    }
    remember(m, table, (struct row){.key = copy_of(key), .n_key = key.n});
    row_insert(t, i, fresh);
    return true;
}

static bool mem_drop(struct kv_txn *txn, size_t table, struct span key, struct err *err)
{
    struct mem *m = (struct mem *)txn->kv;
    if (injected(m, err))
        return false;
    struct table *t = &m->tables[table];
    size_t i = table_find(t, key);
    if (table_has(t, i, key)) {
        remember(m, table, t->rows[i]);
        row_remove(t, i);
    }
    return true;
}

static bool mem_cursor_open(struct kv_txn *txn, size_t table, struct span prefix,
                            struct kv_cursor **ret_cursor, struct err *err)
{
    (void)err;
    struct mem_cursor *c = must_have(calloc(1, sizeof(*c)));
    c->i = table_find(&((struct mem *)txn->kv)->tables[table], prefix);
    *ret_cursor = &c->cursor;
    return true;
}

static bool mem_cursor_next(struct kv_cursor *cursor, struct kv_entry *ret_entry, struct err *err)
{
    (void)err;
    struct mem_cursor *c = (struct mem_cursor *)cursor;
    struct table *t = &((struct mem *)cursor->txn->kv)->tables[cursor->table];
    struct kv_entry entry = {.key = {NULL, 0}};
    if (c->i < t->n && t->rows[c->i].n_key >= cursor->n_prefix &&
        memcmp(t->rows[c->i].key, cursor->prefix, cursor->n_prefix) == 0) {
        struct row *row = &t->rows[c->i++];
        entry.key = span_of(row->key, row->n_key);
        entry.value = span_of(row->value, row->n_value);
    }
    *ret_entry = entry;
    return true;
}

static void mem_cursor_close(struct kv_cursor *cursor)
{
    free(cursor);
}

static void mem_close(struct kv *kv)
{
    struct mem *m = (struct mem *)kv;
    for (size_t i = 0; i < kv->n_tables; i++) {
        for (size_t j = 0; j < m->tables[i].n; j++)
            row_free(&m->tables[i].rows[j]);
        free(m->tables[i].rows);
    }
    free(m->tables);
    free(m->befores);
    pthread_rwlock_destroy(&m->lock);
    free(m);
}

static const struct kv_ops mem_ops = {
    .close = mem_close,
    .write = mem_write,
    .read = mem_read,
    .get = mem_get,
    .put = mem_put,
    .drop = mem_drop,
    .cursor_open = mem_cursor_open,
    .cursor_next = mem_cursor_next,
    .cursor_close = mem_cursor_close,
};

struct kv *kv_open_memory(size_t n_tables)
{
    struct mem *m = must_have(calloc(1, sizeof(*m)));
    m->kv = (struct kv){.ops = &mem_ops, .n_tables = n_tables};
    m->tables = must_have(calloc(n_tables, sizeof(*m->tables)));
    if (pthread_rwlock_init(&m->lock, NULL) != 0)
        abort();
    return &m->kv;
}

void kv_mem_conflict_every(struct kv *kv, unsigned n)
{
    assert(kv->ops == &mem_ops);
    assert(n != 1); /* would never end */
    ((struct mem *)kv)->conflict_every = n;
}

void kv_mem_fail_in(struct kv *kv, unsigned n)
{
    assert(kv->ops == &mem_ops);
    ((struct mem *)kv)->fail_in = n;
}
