#include "store/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "store/record.h"

enum { PATH_BYTES = 4096, ANCHOR_BYTES = VAULT_MAC_BYTES };

static const struct json_field state_fields[] = {
    JSON_FIELD(U32, struct desk_state, schema, "schema"),
    JSON_FIELD(U64, struct desk_state, last_report, "last_report"),
    JSON_FIELD(U64, struct desk_state, last_case, "last_case"),
    JSON_FIELD(U64, struct desk_state, last_letter, "last_letter"),
    JSON_FIELD(U64, struct desk_state, last_mail, "last_mail"),
    JSON_FIELD(U64, struct desk_state, last_blob, "last_blob"),
    JSON_FIELD(U32, struct desk_state, last_id, "last_id"),
    JSON_FIELD(U64, struct desk_state, generation, "generation"),
    JSON_FIELD(U64, struct desk_state, intake_key, "intake_key"),
    JSON_FIELD(U64, struct desk_state, next_key, "next_key"),
    JSON_FIELD(BYTES, struct desk_state, anchor, "anchor"),
    JSON_END,
};

static struct record_key state_key(void)
{
    struct record_key key = key_new();
    key_bytes(&key, (const unsigned char *)"state", 5);
    return key;
}

static bool state_write(struct txn *txn, struct err *err)
{
    struct record_key key = state_key();
    return record_write(txn, TABLE_META, &key, RING_DESK, state_fields, &txn->state, err);
}

static bool state_read(struct txn *txn, struct err *err)
{
    struct record_key key = state_key();
    struct span plain;
    if (!record_get(txn, txn->scratch, TABLE_META, &key, &plain, err))
        return false;
    if (!plain.at)
        return err_set(err, ERR_OPERATOR,
                       "store: it is empty; restore it, or make a new one with "
                       "embargoctl init");
    if (!json_decode(txn->scratch, state_fields, plain, &txn->state, err))
        return err_wrap(err, "store: state");
    if (txn->state.schema == 0 || txn->state.schema > STORE_SCHEMA)
        return err_set(err, ERR_OPERATOR,
                       "store: its schema is %u, this program knows %u: a newer Embargod wrote it; "
                       "start that one, or restore the backup made before",
                       txn->state.schema, (unsigned)STORE_SCHEMA);
    if (txn->state.schema < STORE_SCHEMA && !txn->store->upgrading)
        return err_set(err, ERR_OPERATOR, "store: its schema is %u, and was not brought to %u",
                       txn->state.schema, (unsigned)STORE_SCHEMA);
    if (txn->state.anchor.n != ANCHOR_BYTES)
        return err_set(err, ERR_OPERATOR, "store: the state's anchor is damaged");
    return true;
}

/* ---- transactions ---- */

struct run {
    struct store *store;
    struct arena *a; /* a reader's; NULL in a write */
    store_fn *fn;
    void *ctx;
    bool wants_keys;
    uint64_t next_key;
};

static bool run_write(struct kv_txn *kv, void *ctx, struct err *err)
{
    struct run *run = ctx;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct txn txn = {.store = run->store, .kv = kv, .scratch = a};
    run->wants_keys = false;
    if (!state_read(&txn, err))
        return false;
    bool good = run->fn(&txn, a, run->ctx, err);
    run->wants_keys = txn.wants_keys;
    run->next_key = txn.state.next_key;
    return good && (!txn.state_changed || state_write(&txn, err));
}

static bool run_read(struct kv_txn *kv, void *ctx, struct err *err)
{
    struct run *run = ctx;
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct txn txn = {.store = run->store, .kv = kv, .scratch = scratch};
    return state_read(&txn, err) && run->fn(&txn, run->a, run->ctx, err);
}

bool store_write(struct store *store, store_fn *fn, void *ctx, struct err *err)
{
    struct run run = {.store = store, .fn = fn, .ctx = ctx};
    struct err ignored;
    while (!kv_write(store->kv, run_write, &run, err)) {
        if (!run.wants_keys || !ring_extend(store->ring, run.next_key + RING_POOL, err))
            return false;
    }
    /* Made before they are wanted, so that no decision runs twice for it; a failure is met then. */
    if (!ring_has(store->ring, run.next_key + RING_LOW))
        (void)!ring_extend(store->ring, run.next_key + RING_POOL, &ignored);
    return true;
}

bool store_read(struct store *store, struct arena *a, store_fn *fn, void *ctx, struct err *err)
{
    struct run run = {.store = store, .a = a, .fn = fn, .ctx = ctx};
    return kv_read(store->kv, run_read, &run, err);
}

/* ---- files ---- */

static bool path_of(const char *dir, const char *name, char ret_path[PATH_BYTES], struct err *err)
{
    int n = snprintf(ret_path, PATH_BYTES, "%s/%s", dir, name);
    if (n < 0 || n >= PATH_BYTES)
        return err_set(err, ERR_OPERATOR, "%s: the path is too long", dir);
    return true;
}

/* Makes dir (its parent is there) for nobody else to read; one that is there stays as it is. */
static bool dir_make(const char *dir, struct err *err)
{
    if (mkdir(dir, 0700) == 0 || errno == EEXIST)
        return true;
    return err_sys(err, ERR_OPERATOR, errno, "make %s", dir);
}

static bool there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static bool state_first(struct kv_txn *kv, void *ctx, struct err *err)
{
    static const unsigned char no_anchor[ANCHOR_BYTES];
    SCOPED(arena_free) struct arena *a = arena_new();
    struct txn txn = {.store = ctx, .kv = kv, .scratch = a};
    txn.state = (struct desk_state){
        .schema = STORE_SCHEMA,
        .intake_key = RING_FIRST_INTAKE,
        .next_key = RING_FIRST_FREE,
        .anchor = span_of(no_anchor, sizeof(no_anchor)),
    };
    return state_write(&txn, err);
}

/* Keys first, then the state that names them. */
static bool store_begin(struct store *store, struct err *err)
{
    return ring_extend(store->ring, RING_FIRST_FREE + RING_POOL, err) &&
           kv_write(store->kv, state_first, store, err);
}

static struct store *store_new(void)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        abort();
    store->lock_fd = -1;
    return store;
}

bool store_absent(const struct store_paths *paths, struct err *err)
{
    char data[PATH_BYTES];
    char epoch[PATH_BYTES];
    if (!path_of(paths->state, "store/data.mdb", data, err) ||
        !path_of(paths->keys, "epoch.key", epoch, err))
        return false;
    if (there(data) || there(epoch))
        return err_set(err, ERR_OPERATOR, "%s: a store is there already",
                       there(data) ? data : epoch);
    return true;
}

bool store_create(const struct store_paths *paths, struct err *err)
{
    char dir[PATH_BYTES];
    if (!store_absent(paths, err) || !path_of(paths->state, "store", dir, err))
        return false;
    if (!dir_make(paths->state, err) || !dir_make(dir, err) || !dir_make(paths->keys, err) ||
        !ring_create(paths->keys, err))
        return false;
    SCOPED(store_close) struct store *store = store_new();
    return ring_open(paths->keys, &store->ring, err) &&
           kv_open_lmdb(dir, store_tables, TABLE_COUNT, &store->kv, err) && store_begin(store, err);
}

/* The lock is the kernel's and ends with the process; the pid in the file is for people. */
static bool daemon_lock(const char *dir, int *ret_fd, struct err *err)
{
    char path[PATH_BYTES];
    char pid[32] = "";
    if (!path_of(dir, "daemon.lock", path, err))
        return false;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, ERR_OPERATOR, errno, "open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);
        close(fd);
        return err_set(err, ERR_OPERATOR, "%s: another daemon has this store, process %.*s", path,
                       (int)(n > 0 ? n : 0), pid);
    }
    int n = snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n) {
        int problem = errno;
        close(fd);
        return err_sys(err, ERR_OPERATOR, problem, "write %s", path);
    }
    *ret_fd = fd;
    return true;
}

static bool state_look(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    (void)a, (void)ctx, (void)err;
    txn->store->outdated = txn->state.schema < STORE_SCHEMA;
    return true;
}

bool store_open(const struct store_paths *paths, bool daemon, struct store **ret_store,
                struct err *err)
{
    char dir[PATH_BYTES];
    char data[PATH_BYTES];
    SCOPED(arena_free) struct arena *a = arena_new();
    if (!path_of(paths->state, "store", dir, err) || !path_of(dir, "data.mdb", data, err))
        return false;
    if (!there(data) && errno != ENOENT)
        return err_sys(err, ERR_OPERATOR, errno, "%s", data);
    if (!there(data))
        return err_set(err, ERR_OPERATOR, "%s: no store is there; make one with embargoctl init",
                       dir);
    int lock = -1;
    if (daemon && !daemon_lock(dir, &lock, err))
        return false;
    SCOPED(store_close) struct store *store = store_new();
    store->lock_fd = lock;
    store->daemon = daemon;
    store->upgrading = true; /* an older schema is seen here, not refused */
    if (!ring_open(paths->keys, &store->ring, err) ||
        !kv_open_lmdb(dir, store_tables, TABLE_COUNT, &store->kv, err) ||
        !store_read(store, a, state_look, NULL, err))
        return false;
    store->upgrading = false;
    *ret_store = TAKE(store);
    return true;
}

/* ---- a store of an older schema ---- */

bool store_outdated(const struct store *store)
{
    return store->outdated;
}

bool store_upgrade_begin(struct store *store, const struct store_paths *paths, struct err *err)
{
    char dir[PATH_BYTES];
    SCOPED(arena_free) struct arena *a = arena_new();
    if (store->lock_fd < 0 &&
        (!path_of(paths->state, "store", dir, err) || !daemon_lock(dir, &store->lock_fd, err)))
        return err_wrap(err,
                        "the store's schema is older than %u, and no daemon may run while it "
                        "is upgraded",
                        (unsigned)STORE_SCHEMA);
    store->upgrading = true;
    /* Another process may have been faster, before it gave the lock back. */
    return store_read(store, a, state_look, NULL, err);
}

void txn_upgraded(struct txn *txn)
{
    txn->state.schema = STORE_SCHEMA;
    txn->state_changed = true;
}

void store_upgrade_end(struct store *store)
{
    store->upgrading = false;
    store->outdated = false;
    if (store->daemon)
        return;
    close(store->lock_fd);
    store->lock_fd = -1;
}

struct store *txn_store(struct txn *txn)
{
    return txn->store;
}

struct store *store_open_memory(void)
{
    struct err err;
    struct store *store = store_new();
    store->ring = ring_open_memory();
    store->kv = kv_open_memory(TABLE_COUNT);
    if (!store_begin(store, &err))
        abort();
    return store;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    kv_close(store->kv);
    ring_close(store->ring);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    free(store);
}
