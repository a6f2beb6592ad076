#include "engine/apply.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "test/testlib.h"

struct folded_case {
    struct arena *a;
    struct case_head head;
    struct party party;
};

static void fold(struct folded_case *c, struct event event)
{
    event.version = 1;
    event.seq = c->head.n_events + 1;
    event.at = 1000 + (instant)event.seq;
    apply_event(c->a, &event, &c->head,
                event.party == c->party.n || !c->party.n ? &c->party : NULL);
}

static struct folded_case opened(struct arena *a)
{
    struct folded_case c = {.a = a, .head.number = 42};
    fold(&c, (struct event){.kind = EVENT_OPENED, .text = "Overflow"});
    fold(&c, (struct event){.kind = EVENT_VULN_ADDED, .vuln = 1, .text = ""});
    fold(&c, (struct event){
                 .kind = EVENT_PARTY_ADDED,
                 .party = 1,
                 .party_kind = PARTY_VENDOR,
                 .org = 7,
             });
    return c;
}

static void test_opened(void **state)
{
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded_case c = opened(a);
    assert_string_equal(c.head.title, "Overflow");
    assert_int_equal(c.head.n_vulns, 1);
    assert_int_equal(c.head.n_parties, 1);
    assert_int_equal(c.head.n_events, 3);
    assert_int_equal(c.party.org, 7);
}

static void test_filed_and_moved(void **state)
{
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded_case c = opened(a);
    struct piece_part parts[] = {{.n = 1, .path = "1", .type = "text/plain"},
                                 {.n = 2, .path = "2", .type = "application/zip"}};
    fold(&c, (struct event){
                 .kind = EVENT_FILED,
                 .party = 1,
                 .piece = 1,
                 .piece_kind = PIECE_REPLY,
                 .message = 812,
                 .message_id = "a@b",
                 .parts = parts,
                 .n_parts = LEN(parts),
             });
    fold(&c, (struct event){.kind = EVENT_FILED, .party = 1, .message_id = "c@d"});
    assert_int_equal(c.head.n_pieces, 1);
    struct piece *piece = case_piece(&c.head, 1);
    assert_int_equal(piece->n_parts, 2);
    assert_true(u32s_has(&piece->audience, 1));
    assert_true(u32s_has(&piece_part(piece, 2)->audience, 1));
    assert_int_equal(c.party.thread.n, 2);
    fold(&c, (struct event){.kind = EVENT_MOVED, .piece = 1});
    assert_null(case_piece(&c.head, 1));
}

static void test_stop_takes_the_audience_back(void **state)
{
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded_case c = opened(a);
    struct u32s both = {0};
    struct u32s cancelled = {0};
    u32s_add(a, &both, 3);
    u32s_add(a, &both, 4);
    u32s_add(a, &cancelled, 4);
    fold(&c, (struct event){.kind = EVENT_FILED, .piece = 1, .piece_kind = PIECE_REPORT});
    fold(&c, (struct event){.kind = EVENT_SHARED, .piece = 1, .parties = both});
    fold(&c, (struct event){.kind = EVENT_SEND_PLANNED,
                            .send = 1,
                            .piece = 1,
                            .text = "case-update",
                            .parties = both});
    fold(&c, (struct event){.kind = EVENT_SEND_STOPPED, .send = 1, .parties = cancelled});
    assert_true(u32s_has(&case_piece(&c.head, 1)->audience, 3));
    assert_false(u32s_has(&case_piece(&c.head, 1)->audience, 4));
    assert_int_equal(case_send(&c.head, 1)->state, SEND_STOPPED);
    assert_int_equal(case_send(&c.head, 1)->parties.n, 2);
}

static void test_thread_keeps_the_last(void **state)
{
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded_case c = opened(a);
    for (unsigned i = 0; i < PARTY_THREAD_MAX + 5; i++)
        fold(&c, (struct event){
                     .kind = EVENT_LETTER_OUT,
                     .party = 1,
                     .message_id = arena_printf(a, "%u@desk", i),
                 });
    assert_int_equal(c.party.thread.n, PARTY_THREAD_MAX);
    assert_string_equal(c.party.thread.at[0], "5@desk");
    assert_string_equal(c.party.thread.at[PARTY_THREAD_MAX - 1], "24@desk");
}

static void test_excluded_owner(void **state)
{
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded_case c = opened(a);
    fold(&c, (struct event){.kind = EVENT_OWNER, .text = "aiko"});
    fold(&c, (struct event){.kind = EVENT_WATCH, .text = "aiko"});
    fold(&c, (struct event){.kind = EVENT_EXCLUDE, .text = "aiko"});
    assert_null(c.head.owner);
    assert_int_equal(c.head.watchers.n, 0);
    assert_true(strs_has(&c.head.excluded, "aiko"));
    fold(&c, (struct event){.kind = EVENT_EXCLUDE, .text = "aiko", .flag = true});
    assert_int_equal(c.head.excluded.n, 0);
}

static void test_status_by_vuln(void **state)
{
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded_case c = opened(a);
    struct event affected = {.kind = EVENT_STATUS, .party = 1, .vuln = 1, .by = "acme"};
    affected.status = STATUS_AFFECTED;
    fold(&c, affected);
    affected.status = STATUS_FIXED;
    fold(&c, affected);
    affected.vuln = 2;
    fold(&c, affected);
    assert_int_equal(c.party.n_statuses, 2);
    assert_int_equal(party_status(&c.party, 1), STATUS_FIXED);
}

struct embargo_row {
    const char *name;
    enum embargo_state before;
    enum event_kind kind;
    enum embargo_state after;
};

static const struct embargo_row embargo_rows[] = {
    {"first proposal", EMBARGO_NONE, EVENT_EMBARGO_PROPOSED, EMBARGO_PROPOSED},
    {"agreed", EMBARGO_PROPOSED, EVENT_EMBARGO_ACTIVE, EMBARGO_ACTIVE},
    {"set at once", EMBARGO_NONE, EVENT_EMBARGO_ACTIVE, EMBARGO_ACTIVE},
    {"another date wished", EMBARGO_ACTIVE, EVENT_EMBARGO_PROPOSED, EMBARGO_REVISE},
    {"revised", EMBARGO_REVISE, EVENT_EMBARGO_ACTIVE, EMBARGO_ACTIVE},
    {"over stays over", EMBARGO_EXITED, EVENT_EMBARGO_PROPOSED, EMBARGO_EXITED},
};

static void test_embargo(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(embargo_rows); i++) {
        const struct embargo_row *row = &embargo_rows[i];
        SCOPED(arena_free) struct arena *a = arena_new();
        struct folded_case c = opened(a);
        c.head.embargo = row->before;
        fold(&c, (struct event){.kind = row->kind, .when = 5000});
        assert_row(row->name, c.head.embargo == row->after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_opened),
        cmocka_unit_test(test_filed_and_moved),
        cmocka_unit_test(test_stop_takes_the_audience_back),
        cmocka_unit_test(test_thread_keeps_the_last),
        cmocka_unit_test(test_excluded_owner),
        cmocka_unit_test(test_status_by_vuln),
        cmocka_unit_test(test_embargo),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
