/*
 * test-kv.c - the same tables over LMDB and over memory; what a database may do to a writer.
 */
#include "test/testlib.h"

#include <unistd.h>

#include "base/buf.h"
#include "store/kv.h"

static const char *const tables[] = {"one", "two"};

struct fixture {
    struct kv *kv;
    char dir[64]; /* "": in memory */
};

static int setup_memory(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    f->kv = kv_open_memory(LEN(tables));
    *state = f;
    return 0;
}

static int setup_lmdb(void **state)
{
    struct err err;
    struct fixture *f = calloc(1, sizeof(*f));
    snprintf(f->dir, sizeof(f->dir), "/tmp/test-kv-XXXXXX");
    if (!mkdtemp(f->dir) || !kv_open_lmdb(f->dir, tables, LEN(tables), &f->kv, &err))
        return -1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char path[128];
    kv_close(f->kv);
    if (f->dir[0]) {
        snprintf(path, sizeof(path), "%s/data.mdb", f->dir);
        unlink(path);
        snprintf(path, sizeof(path), "%s/lock.mdb", f->dir);
        unlink(path);
        rmdir(f->dir);
    }
    free(f);
    return 0;
}

struct step {
    const char *puts;    /* "key=value key=value" */
    const char *deletes; /* "key key" */
    bool fail;
    int runs;
};

static bool step_run(struct kv_txn *txn, void *ctx, struct err *err)
{
    struct step *step = ctx;
    struct span rest = span_str(step->puts ? step->puts : "");
    struct span word;
    step->runs++;
    while (rest.n > 0 && span_split(&rest, ' ', &word)) {
        size_t n = span_find(word, '=');
        if (!kv_put(txn, 0, span_first(word, n), span_from(word, n + 1), err))
            return false;
    }
    rest = span_str(step->deletes ? step->deletes : "");
    while (rest.n > 0 && span_split(&rest, ' ', &word)) {
        if (!kv_delete(txn, 0, word, err))
            return false;
    }
    return step->fail ? err_set(err, ERR_RETRY, "wanted") : true;
}

static bool do_step(struct fixture *f, struct step step, int *ret_runs)
{
    struct err err;
    bool good = kv_write(f->kv, step_run, &step, &err);
    if (ret_runs)
        *ret_runs = step.runs;
    return good;
}

struct look {
    const char *prefix;
    struct buf found;
};

static bool look_run(struct kv_txn *txn, void *ctx, struct err *err)
{
    struct look *look = ctx;
    SCOPED(kv_cursor_close) struct kv_cursor *cursor = NULL;
    struct kv_entry entry;
    if (!kv_cursor_open(txn, 0, span_str(look->prefix), &cursor, err))
        return false;
    for (;;) {
        struct span again;
        if (!kv_cursor_next(cursor, &entry, err))
            return false;
        if (!entry.key.at)
            return true;
        if (!kv_get(txn, 0, entry.key, &again, err) || !span_eq(again, entry.value))
            return err_set(err, ERR_OPERATOR, "get and cursor differ");
        buf_add_span(&look->found, entry.key);
        buf_add_char(&look->found, '=');
        buf_add_span(&look->found, entry.value);
        buf_add_char(&look->found, ' ');
    }
}

static void assert_found(struct fixture *f, const char *prefix, const char *expected)
{
    struct err err;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct look look = {.prefix = prefix, .found = buf_new(a, 100000)};
    assert_true(kv_read(f->kv, look_run, &look, &err));
    assert_string_equal(look.found.at, expected);
}

static void test_order_and_prefix(void **state)
{
    struct fixture *f = *state;
    assert_true(do_step(f, (struct step){.puts = "b=2 a1=x a=1 ab=3 a2= c=4"}, NULL));
    assert_found(f, "a", "a=1 a1=x a2= ab=3 ");
    assert_found(f, "ab", "ab=3 ");
    assert_found(f, "d", "");
    assert_true(do_step(f, (struct step){.puts = "a1=longer", .deletes = "a nothere"}, NULL));
    assert_found(f, "a", "a1=longer a2= ab=3 ");
    assert_found(f, "c", "c=4 ");
}

static bool absent_run(struct kv_txn *txn, void *ctx, struct err *err)
{
    struct span value = span_str("x");
    (void)ctx;
    return kv_get(txn, 1, span_str("a"), &value, err) && value.at == NULL;
}

static void test_absent(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_true(do_step(f, (struct step){.puts = "a=1"}, NULL));
    assert_true(kv_read(f->kv, absent_run, NULL, &err));
}

static void test_rollback(void **state)
{
    struct fixture *f = *state;
    assert_true(do_step(f, (struct step){.puts = "a=1 b=2"}, NULL));
    assert_false(do_step(
        f, (struct step){.puts = "a=9 a=8 c=3 b=7", .deletes = "b c a", .fail = true}, NULL));
    assert_found(f, "a", "a=1 ");
    assert_found(f, "b", "b=2 ");
    assert_found(f, "c", "");
}

static void test_conflict(void **state)
{
    struct fixture *f = *state;
    int runs;
    kv_mem_conflict_every(f->kv, 2);
    assert_true(do_step(f, (struct step){.puts = "a=1"}, &runs));
    assert_int_equal(runs, 1);
    assert_true(do_step(f, (struct step){.puts = "a=2 b=3", .deletes = "a"}, &runs));
    assert_int_equal(runs, 2);
    assert_found(f, "a", "");
    assert_found(f, "b", "b=3 ");
}

static void test_failures(void **state)
{
    struct fixture *f = *state;
    assert_true(do_step(f, (struct step){.puts = "a=1"}, NULL));
    /* Two puts and the commit. */
    for (unsigned n = 1; n <= 3; n++) {
        kv_mem_fail_in(f->kv, n);
        assert_false(do_step(f, (struct step){.puts = "a=2 b=3"}, NULL));
        assert_found(f, "a", "a=1 ");
        assert_found(f, "b", "");
    }
    assert_true(do_step(f, (struct step){.puts = "a=2 b=3"}, NULL));
    assert_found(f, "a", "a=2 ");
}

static void test_reopen(void **state)
{
    struct fixture *f = *state;
    struct err err;
    assert_true(do_step(f, (struct step){.puts = "a=1 b=2"}, NULL));
    kv_close(f->kv);
    f->kv = NULL;
    assert_true(kv_open_lmdb(f->dir, tables, LEN(tables), &f->kv, &err));
    assert_found(f, "a", "a=1 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order_and_prefix, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_order_and_prefix, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_absent, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_absent, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_rollback, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_rollback, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_conflict, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_failures, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_reopen, setup_lmdb, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
