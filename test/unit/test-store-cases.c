/*
 * test-store-cases.c - reports' and cases' rows, their log, and the outbox, whatever a database
 * does. The same tests run over memory and over LMDB.
 */
#include "test/unit/store-fixture.h"

/* ---- cases ---- */

static bool changes_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    (void)scratch;
    return txn_put_changes(txn, ctx, err);
}

static void add_party(struct changes *c, uint64_t number, struct party party)
{
    struct party *copy = ARENA_NEW(a, struct party);
    *copy = party;
    ARENA_GROW(a, c->parties, c->n_parties, c->parties_room);
    c->parties[c->n_parties++] = (struct case_party){.number = number, .party = copy};
}

static void add_event(struct changes *c, uint64_t number, struct event event)
{
    event.version = 1;
    ARENA_GROW(a, c->events, c->n_events, c->events_room);
    c->events[c->n_events++] = (struct case_event){.number = number, .event = event};
}

static void add_head(struct changes *c, struct case_head head)
{
    struct case_head *copy = ARENA_NEW(a, struct case_head);
    *copy = head;
    ARENA_GROW(a, c->heads, c->n_heads, c->heads_room);
    c->heads[c->n_heads++] = copy;
}

static void add_letter(struct changes *c, struct letter letter)
{
    struct letter *copy = ARENA_NEW(a, struct letter);
    *copy = letter;
    ARENA_GROW(a, c->letters, c->n_letters, c->letters_room);
    c->letters[c->n_letters++] = copy;
}

static void small_case(uint64_t number)
{
    struct changes c = {.last_case = number};
    add_head(&c, (struct case_head){.number = number, .title = "overflow", .n_parties = 3});
    add_party(&c, number, (struct party){.n = 1, .kind = PARTY_VENDOR, .org = 11});
    add_party(&c, number, (struct party){.n = 2, .kind = PARTY_COORDINATOR, .contact = 11});
    add_party(&c, number, (struct party){.n = 3, .kind = PARTY_REPORTER, .address = "R@x.example"});
    add_event(&c, number, (struct event){.seq = 1, .kind = EVENT_OPENED, .text = "overflow"});
    add_event(&c, number, (struct event){.seq = 2, .kind = EVENT_TITLE, .text = "overflow"});
    must_write(changes_run, &c);
}

struct look_case {
    uint64_t number;
    struct case_head *head;
    struct party *second;
    struct party *ninth;
    struct party **parties;
    size_t n_parties;
    uint32_t vendor, coordinator, reporter, nobody;
    uint64_t last_case;
    struct event **events;
    size_t n_events;
    const char *problem;
    const char *anchor_problem;
};

static bool look_case_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct look_case *l = ctx;
    struct rows rows;
    txn_rows(txn, &rows);
    l->last_case = rows.last_case;
    return rows.head(rows.ctx, into, l->number, &l->head, err) &&
           rows.party(rows.ctx, into, l->number, 2, &l->second, err) &&
           rows.party(rows.ctx, into, l->number, 9, &l->ninth, err) &&
           rows.parties(rows.ctx, into, l->number, &l->parties, &l->n_parties, err) &&
           rows.party_of(rows.ctx, l->number, PARTY_VENDOR, 11, NULL, &l->vendor, err) &&
           rows.party_of(rows.ctx, l->number, PARTY_COORDINATOR, 11, NULL, &l->coordinator, err) &&
           rows.party_of(rows.ctx, l->number, PARTY_REPORTER, 0, "r@X.example", &l->reporter,
                         err) &&
           rows.party_of(rows.ctx, l->number, PARTY_VENDOR, 12, NULL, &l->nobody, err) &&
           txn_list_events(txn, into, l->number, &l->events, &l->n_events, err) &&
           txn_check_chain(txn, into, l->number, &l->problem, err) &&
           txn_check_anchor(txn, into, &l->anchor_problem, err);
}

static void test_case_rows(void **unused)
{
    (void)unused;
    small_case(1);
    small_case(2);
    struct look_case l = {.number = 1};
    must_read(look_case_run, &l);
    assert_string_equal(l.head->title, "overflow");
    assert_int_equal(l.second->contact, 11);
    assert_null(l.ninth);
    assert_int_equal(l.n_parties, 3);
    assert_int_equal(l.parties[2]->n, 3);
    assert_int_equal(l.vendor, 1);
    assert_int_equal(l.coordinator, 2);
    assert_int_equal(l.reporter, 3);
    assert_int_equal(l.nobody, 0);
    assert_int_equal(l.last_case, 2);
    assert_int_equal(l.n_events, 2);
    assert_int_equal(l.events[1]->kind, EVENT_TITLE);
    assert_null(l.problem);
    assert_null(l.anchor_problem);
    struct look_case none = {.number = 3};
    must_read(look_case_run, &none);
    assert_null(none.head);
    assert_int_equal(none.n_parties, 0);
    assert_null(none.problem);
}

static void test_events_are_not_rewritten(void **unused)
{
    (void)unused;
    struct err err;
    small_case(1);
    for (uint64_t seq = 5; seq <= 5; seq--) {
        struct changes c = {.n_events = 0};
        add_event(&c, 1, (struct event){.seq = seq, .kind = EVENT_CLOSED});
        assert_int_equal(store_write(store, changes_run, &c, &err), seq == 3);
    }
}

static void test_ring_keys_never_run_out(void **unused)
{
    (void)unused;
    struct changes c = {.last_case = 300};
    for (uint64_t n = 1; n <= 300; n++)
        add_head(&c, (struct case_head){.number = n, .title = "t"});
    must_write(changes_run, &c);
    struct look_case l = {.number = 300};
    must_read(look_case_run, &l);
    assert_non_null(l.head);
}

/* ---- outbox ---- */

struct due {
    instant now;
    size_t max;
    struct letter **letters;
    size_t n;
    instant next;
    uint64_t by_verp;
    struct known_id *by_id;
    struct letter **sent;
    size_t n_sent;
};

static bool due_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct due *d = ctx;
    struct rows rows;
    txn_rows(txn, &rows);
    return txn_due_letters(txn, into, d->now, d->max, &d->letters, &d->n, err) &&
           txn_next_due(txn, &d->next, err) && rows.verp(rows.ctx, "tok1", &d->by_verp, err) &&
           rows.known_id(rows.ctx, into, "id1@cert.example", &d->by_id, err) &&
           rows.letters_of_send(rows.ctx, into, 1, 5, &d->sent, &d->n_sent, err);
}

static struct due look_due(instant now, size_t max)
{
    struct due d = {.now = now, .max = max};
    must_read(due_run, &d);
    return d;
}

static void put_letter(struct letter letter)
{
    struct changes c = {.last_letter = letter.number};
    add_letter(&c, letter);
    must_write(changes_run, &c);
}

static void test_outbox(void **unused)
{
    (void)unused;
    struct place c1 = {PLACE_CASE, 1};
    struct letter send = {.number = 1, .place = c1, .send = 5, .contact = 4, .due = 1000};
    struct letter answer = {.number = 2, .place = c1, .contact = 4, .due = 500};
    struct letter other = {.number = 3, .place = c1, .contact = 5, .due = 1000, .send = 5};
    struct letter later = {.number = 4, .place = c1, .contact = 4, .due = 1000};
    put_letter(send);
    put_letter(answer);
    put_letter(other);
    put_letter(later);
    struct due d = look_due(400, 10);
    assert_int_equal(d.n, 0);
    assert_int_equal(d.next, 500);
    assert_int_equal(d.n_sent, 2);
    /* Due earlier, planned later: not in anybody's way. */
    d = look_due(600, 10);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.letters[0]->number, 2);
    d = look_due(1000, 10);
    assert_int_equal(d.n, 2);
    assert_int_equal(d.letters[0]->number, 2);
    assert_int_equal(d.letters[1]->number, 3);
    /* A retry keeps its turn. */
    answer.state = LETTER_WAITING;
    answer.next_try = 2000;
    answer.message_id = "id1@cert.example";
    answer.verp = "tok1";
    put_letter(answer);
    other.state = LETTER_CANCELLED;
    put_letter(other);
    d = look_due(1500, 10);
    assert_int_equal(d.n, 0);
    assert_int_equal(d.next, 2000);
    assert_int_equal(d.by_verp, 2);
    assert_int_equal(d.by_id->letter, 2);
    answer.state = LETTER_HANDING_OVER;
    put_letter(answer);
    d = look_due(1500, 10);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.letters[0]->number, 2);
    assert_int_equal(d.next, 0);
    answer.state = LETTER_HANDED_OVER;
    put_letter(answer);
    d = look_due(1500, 10);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.letters[0]->number, 1);
    send.state = LETTER_HELD;
    put_letter(send);
    d = look_due(1500, 10);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.letters[0]->number, 4);
    later.state = LETTER_BOUNCED;
    put_letter(later);
    assert_int_equal(look_due(9000, 10).n, 0);
}

/* Who refers to one is known by that as little as by writing to the desk. */
static void test_automatic_answer_is_no_known_id(void **unused)
{
    (void)unused;
    struct letter answer = {.number = 1,
                            .place = {PLACE_REPORT, 1},
                            .due = 1,
                            .message_id = "id1@cert.example",
                            .answers_bytes = 100};
    put_letter(answer);
    assert_null(look_due(1, 10).by_id);
    answer.answers_bytes = 0;
    put_letter(answer);
    assert_int_equal(look_due(1, 10).by_id->letter, 1);
}

/* Reporters have no contact: those of one case wait for themselves only. */
static void test_outbox_reporters(void **unused)
{
    (void)unused;
    struct place c1 = {PLACE_CASE, 1};
    put_letter((struct letter){.number = 1, .place = c1, .party = 1, .due = 1});
    put_letter((struct letter){.number = 2, .place = c1, .party = 2, .due = 2});
    put_letter((struct letter){.number = 3, .place = c1, .party = 1, .due = 3});
    put_letter((struct letter){.number = 4, .place = {PLACE_REPORT, 1}, .due = 4});
    struct due d = look_due(10, 10);
    assert_int_equal(d.n, 3);
    assert_int_equal(look_due(10, 2).n, 2);
}

/* ---- what a database may do ---- */

static void test_conflicts(void **unused)
{
    (void)unused;
    kv_mem_conflict_every(store->kv, 2);
    small_case(1);
    small_case(2);
    struct look_case l = {.number = 2};
    must_read(look_case_run, &l);
    assert_int_equal(l.n_events, 2);
    assert_null(l.problem);
    assert_null(l.anchor_problem);
}

/* Whatever call fails, nothing of the decision is there; the same decision succeeds afterwards. */
static void test_failures(void **unused)
{
    (void)unused;
    struct err err;
    small_case(1);
    struct changes c = {.last_letter = 1};
    add_head(&c, (struct case_head){.number = 1, .title = "second title"});
    add_event(&c, 1, (struct event){.seq = 3, .kind = EVENT_CLOSED});
    add_letter(&c, (struct letter){.number = 1, .place = {PLACE_CASE, 1}, .due = 1});
    unsigned n = 1;
    for (;; n++) {
        kv_mem_fail_in(store->kv, n);
        bool good = store_write(store, changes_run, &c, &err);
        kv_mem_fail_in(store->kv, 0);
        struct look_case l = {.number = 1};
        must_read(look_case_run, &l);
        assert_int_equal(l.n_events, good ? 3 : 2);
        assert_string_equal(l.head->title, good ? "second title" : "overflow");
        assert_null(l.problem);
        assert_null(l.anchor_problem);
        assert_int_equal(look_due(10, 10).n, good ? 1 : 0);
        if (good)
            break;
        assert_int_equal(err.kind, ERR_RETRY);
    }
    assert_true(n > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_case_rows),
        BOTH(test_events_are_not_rewritten),
        BOTH(test_ring_keys_never_run_out),
        BOTH(test_outbox),
        BOTH(test_automatic_answer_is_no_known_id),
        BOTH(test_outbox_reporters),
        cmocka_unit_test_setup_teardown(test_conflicts, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_failures, setup_memory, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
