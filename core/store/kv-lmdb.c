#include "store/kv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdatomic.h>
#include <unistd.h>

#include "store/kv-ops.h"

/* The map is address space, not disk: growing it later would need all readers stopped. Where the
 * process may not have that much (RLIMIT_AS), half of it, and so on. */
static const size_t MAP_BYTES = (size_t)64 << 30;
static const size_t MAP_BYTES_MIN = (size_t)256 << 20;
enum { READERS_MAX = 512, READER_CHECK_EVERY = 1000 };

struct lmdb {
    struct kv kv;
    MDB_env *env;
    MDB_dbi *dbis;
    atomic_uint writes;
};

struct lmdb_txn {
    struct kv_txn txn;
    MDB_txn *mdb;
};

struct lmdb_cursor {
    struct kv_cursor cursor;
    MDB_cursor *mdb;
    bool started;
};

static bool mdb_problem(int rc, const char *what, struct err *err)
{
    if (rc == MDB_MAP_FULL)
        return err_set(err, ERR_OPERATOR, "store: %s: the map is full", what);
    if (rc == ENOSPC)
        return err_set(err, ERR_RETRY, "store: %s: no space left on the disk", what);
    if (rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID || rc == MDB_PANIC ||
        rc == MDB_VERSION_MISMATCH)
        return err_set(err, ERR_OPERATOR, "store: %s: %s", what, mdb_strerror(rc));
    return err_set(err, ERR_RETRY, "store: %s: %s", what, mdb_strerror(rc));
}

static MDB_val val_of(struct span s)
{
    /* LMDB only reads through the pointers of what it is given. */
    return (MDB_val){.mv_size = s.n, .mv_data = (void *)(uintptr_t)s.at};
}

static struct span span_of_val(MDB_val v)
{
    return span_of(v.mv_size > 0 ? v.mv_data : "", v.mv_size);
}

static void lmdb_close(struct kv *kv)
{
    struct lmdb *l = (struct lmdb *)kv;
    if (l->env)
        mdb_env_close(l->env);
    free(l->dbis);
    free(l);
}

static bool lmdb_run(struct lmdb *l, bool writable, kv_fn *fn, void *ctx, struct err *err)
{
    struct lmdb_txn t = {.txn = {.kv = &l->kv, .writable = writable}};
    int rc = mdb_txn_begin(l->env, NULL, writable ? 0 : MDB_RDONLY, &t.mdb);
    if (rc != 0)
        return mdb_problem(rc, "begin", err);
    if (!fn(&t.txn, ctx, err)) {
        mdb_txn_abort(t.mdb);
        return false;
    }
    if (!writable) {
        mdb_txn_abort(t.mdb);
        return true;
    }
    rc = mdb_txn_commit(t.mdb);
    return rc == 0 || mdb_problem(rc, "commit", err);
}

static bool lmdb_write(struct kv *kv, kv_fn *fn, void *ctx, struct err *err)
{
    struct lmdb *l = (struct lmdb *)kv;
    int dead = 0;
    /* A reader that was killed would hold back freed pages for ever. */
    if (atomic_fetch_add(&l->writes, 1) % READER_CHECK_EVERY == READER_CHECK_EVERY - 1)
        mdb_reader_check(l->env, &dead);
    return lmdb_run(l, true, fn, ctx, err);
}

static bool lmdb_read(struct kv *kv, kv_fn *fn, void *ctx, struct err *err)
{
    return lmdb_run((struct lmdb *)kv, false, fn, ctx, err);
}

static bool lmdb_get(struct kv_txn *txn, size_t table, struct span key, struct span *ret_value,
                     struct err *err)
{
    struct lmdb *l = (struct lmdb *)txn->kv;
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = mdb_get(((struct lmdb_txn *)txn)->mdb, l->dbis[table], &k, &v);
    if (rc == MDB_NOTFOUND) {
        *ret_value = span_of(NULL, 0);
        return true;
    }
    if (rc != 0)
        return mdb_problem(rc, "get", err);
    *ret_value = span_of_val(v);
    return true;
}

static bool lmdb_put(struct kv_txn *txn, size_t table, struct span key, struct span value,
                     struct err *err)
{
    struct lmdb *l = (struct lmdb *)txn->kv;
    MDB_val k = val_of(key);
    MDB_val v = val_of(value);
    int rc = mdb_put(((struct lmdb_txn *)txn)->mdb, l->dbis[table], &k, &v, 0);
    return rc == 0 || mdb_problem(rc, "put", err);
}

static bool lmdb_drop(struct kv_txn *txn, size_t table, struct span key, struct err *err)
{
    struct lmdb *l = (struct lmdb *)txn->kv;
    MDB_val k = val_of(key);
    int rc = mdb_del(((struct lmdb_txn *)txn)->mdb, l->dbis[table], &k, NULL);
    return rc == 0 || rc == MDB_NOTFOUND || mdb_problem(rc, "delete", err);
}

static bool lmdb_cursor_open(struct kv_txn *txn, size_t table, struct span prefix,
                             struct kv_cursor **ret_cursor, struct err *err)
{
    (void)prefix;
    struct lmdb *l = (struct lmdb *)txn->kv;
    struct lmdb_cursor *c = calloc(1, sizeof(*c));
    if (!c)
        abort();
    int rc = mdb_cursor_open(((struct lmdb_txn *)txn)->mdb, l->dbis[table], &c->mdb);
    if (rc != 0) {
        free(c);
        return mdb_problem(rc, "cursor", err);
    }
    *ret_cursor = &c->cursor;
    return true;
}

static bool lmdb_cursor_next(struct kv_cursor *cursor, struct kv_entry *ret_entry, struct err *err)
{
    struct lmdb_cursor *c = (struct lmdb_cursor *)cursor;
    struct span prefix = span_of(cursor->prefix, cursor->n_prefix);
    MDB_val k = val_of(prefix);
    MDB_val v;
    int rc = mdb_cursor_get(c->mdb, &k, &v, c->started ? MDB_NEXT : MDB_SET_RANGE);
    c->started = true;
    if (rc != 0 && rc != MDB_NOTFOUND)
        return mdb_problem(rc, "next", err);
    struct kv_entry entry = {.key = {NULL, 0}};
    if (rc == 0 && k.mv_size >= prefix.n && memcmp(k.mv_data, prefix.at, prefix.n) == 0)
        entry = (struct kv_entry){.key = span_of_val(k), .value = span_of_val(v)};
    *ret_entry = entry;
    return true;
}

static void lmdb_cursor_close(struct kv_cursor *cursor)
{
    struct lmdb_cursor *c = (struct lmdb_cursor *)cursor;
    mdb_cursor_close(c->mdb);
    free(c);
}

static const struct kv_ops lmdb_ops = {
    .close = lmdb_close,
    .write = lmdb_write,
    .read = lmdb_read,
    .get = lmdb_get,
    .put = lmdb_put,
    .drop = lmdb_drop,
    .cursor_open = lmdb_cursor_open,
    .cursor_next = lmdb_cursor_next,
    .cursor_close = lmdb_cursor_close,
};

/* An environment whose open failed can only be closed, so each size is a fresh try. */
static int env_open(const char *dir, size_t n_tables, size_t map_bytes, MDB_env **ret_env)
{
    MDB_env *env = NULL;
    int rc = mdb_env_create(&env);
    if (rc != 0)
        return rc;
    rc = mdb_env_set_mapsize(env, map_bytes);
    if (rc == 0)
        rc = mdb_env_set_maxdbs(env, (MDB_dbi)n_tables);
    if (rc == 0)
        rc = mdb_env_set_maxreaders(env, READERS_MAX);
    if (rc == 0)
        rc = mdb_env_open(env, dir, MDB_NOTLS, 0600);
    if (rc != 0) {
        mdb_env_close(env);
        return rc;
    }
    *ret_env = env;
    return 0;
}

static int tables_open(struct lmdb *l, const char *const *tables)
{
    MDB_txn *txn = NULL;
    int rc = mdb_txn_begin(l->env, NULL, 0, &txn);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < l->kv.n_tables; i++) {
        rc = mdb_dbi_open(txn, tables[i], MDB_CREATE, &l->dbis[i]);
        if (rc != 0) {
            mdb_txn_abort(txn);
            return rc;
        }
    }
    return mdb_txn_commit(txn);
}

/* The directory's entries must be as durable as what stands in the files. */
static bool dir_sync(const char *dir, struct err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, ERR_OPERATOR, errno, "open %s", dir);
    int rc = fsync(fd);
    int problem = errno;
    close(fd);
    return rc == 0 || err_sys(err, ERR_RETRY, problem, "fsync %s", dir);
}

static struct lmdb *lmdb_new(size_t n_tables)
{
    struct lmdb *l = calloc(1, sizeof(*l));
    MDB_dbi *dbis = calloc(n_tables, sizeof(*dbis));
    if (!l || !dbis)
        abort();
    l->kv = (struct kv){.ops = &lmdb_ops, .n_tables = n_tables};
    l->dbis = dbis;
    return l;
}

bool kv_open_lmdb(const char *dir, const char *const *tables, size_t n_tables, struct kv **ret_kv,
                  struct err *err)
{
    MDB_env *env = NULL;
    int dead = 0;
    int rc = ENOMEM;
    for (size_t map = MAP_BYTES; rc == ENOMEM && map >= MAP_BYTES_MIN; map /= 2)
        rc = env_open(dir, n_tables, map, &env);
    if (rc != 0)
        return err_set(err, ERR_OPERATOR, "store: open %s: %s", dir, mdb_strerror(rc));
    mdb_reader_check(env, &dead);
    struct lmdb *l = lmdb_new(n_tables);
    l->env = env;
    rc = tables_open(l, tables);
    bool good = rc == 0 ? dir_sync(dir, err) : mdb_problem(rc, "open tables", err);
    if (!good) {
        lmdb_close(&l->kv);
        return false;
    }
    *ret_kv = &l->kv;
    return true;
}
