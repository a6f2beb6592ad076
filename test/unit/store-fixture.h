/*
 * store-fixture.h - a store for one test, in memory or on disk, and its transactions.
 *
 * Promises: setup_memory, setup_lmdb and teardown for cmocka; a transaction that must succeed.
 */
#ifndef TEST_UNIT_STORE_FIXTURE_H
#define TEST_UNIT_STORE_FIXTURE_H

#include "test/testlib.h"

#include <sys/wait.h>
#include <unistd.h>

#include "store/record.h"

static struct store *store;
static struct arena *a;
static char dir[64]; /* "": in memory */

static inline struct store_paths paths_of(void)
{
    static char state[96];
    static char keys[96];
    snprintf(state, sizeof(state), "%s/state", dir);
    snprintf(keys, sizeof(keys), "%s/keys", dir);
    return (struct store_paths){.state = state, .keys = keys};
}

static inline int setup_memory(void **unused)
{
    (void)unused;
    dir[0] = '\0';
    a = arena_new();
    store = store_open_memory();
    return 0;
}

static inline int setup_lmdb(void **unused)
{
    struct err err;
    const char *tmp = getenv("TMPDIR");
    (void)unused;
    a = arena_new();
    snprintf(dir, sizeof(dir), "%s/test-store-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    if (!mkdtemp(dir))
        return -1;
    struct store_paths paths = paths_of();
    return store_create(&paths, &err) && store_open(&paths, true, &store, &err) ? 0 : -1;
}

static inline int teardown(void **unused)
{
    int status;
    (void)unused;
    store_close(store);
    store = NULL;
    arena_free(a);
    if (!dir[0])
        return 0;
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", dir, (char *)NULL);
        _exit(1);
    }
    return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

static inline void must_write(store_fn *fn, void *ctx)
{
    struct err err;
    if (!store_write(store, fn, ctx, &err))
        fail_msg("%s", err.text);
}

/* Results live in the test's arena. */
static inline void must_read(store_fn *fn, void *ctx)
{
    struct err err;
    if (!store_read(store, a, fn, ctx, &err))
        fail_msg("%s", err.text);
}

/* A test over both databases. */
#define BOTH(test)                                                 \
    cmocka_unit_test_setup_teardown(test, setup_memory, teardown), \
        cmocka_unit_test_setup_teardown(test, setup_lmdb, teardown)

#endif
