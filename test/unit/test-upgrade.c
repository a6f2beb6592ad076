/*
 * test-upgrade.c - a store of an older schema becomes one of this: rows are folded again, a crash
 * in between costs nothing, and what is damaged stays as it is.
 */
#include "test/unit/store-fixture.h"

#include <fcntl.h>

#include "flow/fsck.h"
#include "flow/upgrade.h"
#include "model/event.h"

enum { CASES = 70, TITLED_AT = 1700000200, TOLD_AT = 1700000700 };

/* What a store of schema 1 held of a case: its rows had no more than these say. */
static const char *const old_head =
    "{\"number\":%u,\"state\":\"open\",\"title\":\"overflow\",\"n_parties\":2,\"n_events\":7,"
    "\"pieces\":[{\"n\":1,\"kind\":\"report\",\"message\":7,\"party\":2,\"audience\":[2],"
    "\"parts\":[{\"n\":1,\"path\":\"2\",\"type\":\"image/png\",\"audience\":[2]}]}],"
    "\"sends\":[{\"n\":1,\"template\":\"vendor-notice\",\"parties\":[1],\"hold_told\":true}]}";

static void add_event(struct changes *c, uint64_t number, struct event event)
{
    event.version = 1;
    ARENA_GROW(a, c->events, c->n_events, c->events_room);
    event.seq = c->n_events + 1;
    event.at = 1700000000 + 100 * (instant)event.seq;
    c->events[c->n_events++] = (struct case_event){.number = number, .event = event};
}

static void add_log(struct changes *c, uint64_t number)
{
    /* The changes point at these until they are written. */
    static struct piece_part part = {.n = 1, .path = "2", .type = "image/png"};
    static uint32_t acme = 1;

    add_event(c, number, (struct event){.kind = EVENT_OPENED, .text = "overflow"});
    add_event(c, number, (struct event){.kind = EVENT_TITLE, .text = "overflow"});
    add_event(c, number, (struct event){.kind = EVENT_PARTY_ADDED, .party = 1, .org = 11});
    add_event(c, number,
              (struct event){.kind = EVENT_PARTY_ADDED,
                             .party = 2,
                             .party_kind = PARTY_REPORTER,
                             .address = "rhea@x.example"});
    add_event(c, number,
              (struct event){.kind = EVENT_FILED,
                             .piece = 1,
                             .party = 2,
                             .message = 7,
                             .parts = &part,
                             .n_parts = 1});
    add_event(c, number,
              (struct event){.kind = EVENT_SEND_PLANNED,
                             .send = 1,
                             .text = "vendor-notice",
                             .parties = {.at = &acme, .n = 1}});
    add_event(c, number, (struct event){.kind = EVENT_SEND_HOLD_TOLD, .send = 1});
}

static bool make_case(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    const uint32_t *number = ctx;
    struct changes c = {.last_case = *number};
    struct party acme = {.n = 1, .org = 11};
    struct party rhea = {.n = 2, .kind = PARTY_REPORTER, .address = "rhea@x.example"};
    struct place place = {.kind = PLACE_CASE, .number = *number};
    struct record_key key = key_number(*number);
    uint64_t ring_key;

    add_log(&c, *number);
    return txn_put_changes(txn, &c, err) && txn_put_party(txn, *number, &acme, err) &&
           txn_put_party(txn, *number, &rhea, err) && txn_place_key(txn, place, &ring_key, err) &&
           record_put(txn, TABLE_CASES, &key, ring_key,
                      span_str(arena_printf(scratch, old_head, *number)), err);
}

static bool set_schema(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    (void)scratch, (void)err;
    txn->state.schema = *(uint32_t *)ctx;
    txn->state_changed = true;
    return true;
}

static void old_store(void)
{
    uint32_t schema = 1;

    for (uint32_t n = 1; n <= CASES; n++)
        must_write(make_case, &n);
    must_write(set_schema, &schema);
    store->outdated = true;
    if (store->lock_fd < 0) { /* in memory there is nobody to lock out */
        store->lock_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        store->daemon = true;
    }
}

static bool look(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    uint64_t *bad = ctx;
    struct rows rows;

    txn_rows(txn, &rows);
    assert_int_equal(rows.last_case, CASES);
    for (uint64_t n = 1; n <= CASES; n++) {
        struct case_head *head;
        struct strs problems = {.n = 0};

        if (!fsck_case(txn, into, n, &problems, err) || !rows.head(rows.ctx, into, n, &head, err))
            return false;
        if (n == *bad) {
            assert_true(problems.n > 0);
            assert_int_equal(head->worded, 0);
            continue;
        }
        if (problems.n > 0)
            fail_msg("C%llu: %s", (unsigned long long)n, problems.at[0]);
        assert_string_equal(head->title, "overflow");
        assert_int_equal(head->worded, TITLED_AT);
        assert_int_equal(head->text_seq, 2);
        assert_int_equal(head->sends[0].hold_told, TOLD_AT);
        assert_int_equal(head->sends[0].asked_seq, 6);
        assert_int_equal(head->pieces[0].message, 7);
        assert_string_equal(head->pieces[0].parts[0].unread,
                            "it came before attached files were looked into");
    }
    return true;
}

static void must_upgrade(void)
{
    struct store_paths paths = paths_of();
    struct err err;

    if (!upgrade_store(store, &paths, &err))
        fail_msg("%s", err.text);
    assert_false(store_outdated(store));
}

static void test_rows_are_folded_again(void **unused)
{
    uint64_t none = 0;
    struct err err;

    (void)unused;
    old_store();
    assert_false(store_read(store, a, look, &none, &err));
    assert_non_null(strstr(err.text, "its schema is 1, and was not brought to 2"));
    must_upgrade();
    must_read(look, &none);
    must_upgrade(); /* nothing is left to do */
    must_read(look, &none);
}

/* Each step of the first upgrade fails once, as if the disk were gone, and it is begun again. */
static void test_a_crash_in_between(void **unused)
{
    struct store_paths paths = {.state = ""};
    uint64_t none = 0;
    unsigned failed = 0;
    struct err err;

    (void)unused;
    old_store();
    for (unsigned step = 1; store_outdated(store); step += 13) {
        kv_mem_fail_in(store->kv, step);
        if (!upgrade_store(store, &paths, &err))
            failed++;
        store->upgrading = false; /* as after a new start */
    }
    kv_mem_fail_in(store->kv, 0);
    assert_true(failed > 20);
    must_read(look, &none);
}

static bool damage(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    struct record_key key = key_numbers(*(uint64_t *)ctx, 7);

    (void)scratch;
    return record_delete(txn, TABLE_EVENTS, &key, err);
}

static void test_a_damaged_log_keeps_its_rows(void **unused)
{
    uint64_t bad = 66;

    (void)unused;
    old_store();
    store->upgrading = true;
    must_write(damage, &bad);
    store->upgrading = false;
    must_upgrade();
    must_read(look, &bad);
}

static void test_a_newer_one_is_refused(void **unused)
{
    struct store_paths paths = paths_of();
    SCOPED(store_close) struct store *again = NULL;
    uint32_t schema = STORE_SCHEMA + 1;
    uint64_t none = 0;
    struct err err;

    (void)unused;
    must_write(set_schema, &schema);
    assert_false(store_read(store, a, look, &none, &err));
    assert_false(store_open(&paths, false, &again, &err));
    assert_int_equal(err.kind, ERR_OPERATOR);
    assert_non_null(strstr(err.text, "its schema is 3, this program knows 2"));
}

/* An older daemon may be at work: whoever wants to upgrade beside it is told to end it first. */
static void test_no_daemon_may_run(void **unused)
{
    struct store_paths paths = paths_of();
    SCOPED(store_close) struct store *beside = NULL;
    uint64_t none = 0;
    struct err err;

    (void)unused;
    old_store();
    assert_true(store_open(&paths, false, &beside, &err));
    assert_true(store_outdated(beside));
    assert_false(upgrade_store(beside, &paths, &err));
    assert_non_null(strstr(err.text, "no daemon may run while it is upgraded"));
    store_close(TAKE(store));
    store = NULL;
    if (!upgrade_store(beside, &paths, &err))
        fail_msg("%s", err.text);
    assert_true(store_open(&paths, true, &store, &err)); /* the lock was given back */
    must_read(look, &none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_rows_are_folded_again),
        cmocka_unit_test_setup_teardown(test_a_crash_in_between, setup_memory, teardown),
        BOTH(test_a_damaged_log_keeps_its_rows),
        cmocka_unit_test_setup_teardown(test_a_newer_one_is_refused, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_no_daemon_may_run, setup_lmdb, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
