/*
 * test-store.c - the store's promises: what was written is read again, sealed, in order, whole.
 * The same tests run over memory and over LMDB.
 */
#include "test/testlib.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "store/record.h"

static struct store *store;
static struct arena *a;
static char dir[64]; /* "": in memory */

static struct store_paths paths_of(void)
{
    static char state[96];
    static char keys[96];
    snprintf(state, sizeof(state), "%s/state", dir);
    snprintf(keys, sizeof(keys), "%s/keys", dir);
    return (struct store_paths){.state = state, .keys = keys};
}

static int setup_memory(void **unused)
{
    (void)unused;
    dir[0] = '\0';
    a = arena_new();
    store = store_open_memory();
    return 0;
}

static int setup_lmdb(void **unused)
{
    struct err err;
    (void)unused;
    a = arena_new();
    snprintf(dir, sizeof(dir), "/tmp/test-store-XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    struct store_paths paths = paths_of();
    return store_create(&paths, &err) && store_open(&paths, true, &store, &err) ? 0 : -1;
}

static int teardown(void **unused)
{
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
    int status;
    return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

/* A test's transaction: asserts inside may leave it by longjmp only when the test is lost anyway.
 */
static void must_write(store_fn *fn, void *ctx)
{
    struct err err;
    if (!store_write(store, fn, ctx, &err))
        fail_msg("%s", err.text);
}

static void must_read(store_fn *fn, void *ctx)
{
    struct err err;
    if (!store_read(store, a, fn, ctx, &err))
        fail_msg("%s", err.text);
}

/* ---- mails and blobs ---- */

struct taking {
    struct mail mail;
    struct span raw;
    const char *below_hops;
    const char *body;
    uint64_t same;
};

static bool take_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    struct taking *t = ctx;
    struct mail_digest digest;
    struct sealed_blob *blob = store_seal_blob(store, scratch, t->raw);
    store_mail_digest(store, t->mail.sender, &t->mail.recipients, span_str(t->below_hops),
                      span_str(t->body), &digest);
    return txn_put_blob(txn, (struct place){PLACE_NONE, 0}, blob, &t->mail.raw, err) &&
           txn_take_mail(txn, scratch, &t->mail, &digest, &t->same, err);
}

static uint64_t take(const char *sender, const char *below_hops, const char *body, uint64_t *same)
{
    struct taking t = {.mail = {.sender = sender}, .below_hops = below_hops, .body = body};
    strs_add(a, &t.mail.recipients, "security@cert.example");
    t.raw = span_str(below_hops);
    must_write(take_run, &t);
    *same = t.same;
    return t.same ? t.same : t.mail.number;
}

struct look_mail {
    uint64_t number;
    struct mail *mail;
    uint64_t *taken;
    size_t n_taken;
    struct span raw;
};

static bool look_mail_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct look_mail *l = ctx;
    return txn_get_mail(txn, into, l->number, &l->mail, err) &&
           txn_list_taken(txn, into, 10, &l->taken, &l->n_taken, err) &&
           (!l->mail || txn_get_blob(txn, into, l->mail->raw, &l->raw, err));
}

static bool put_mail_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    (void)scratch;
    return txn_put_mail(txn, ctx, err);
}

static void test_take(void **unused)
{
    (void)unused;
    uint64_t same;
    uint64_t first = take("a@x.example", "one mail", "body", &same);
    assert_int_equal(first, 1);
    assert_int_equal(same, 0);
    assert_int_equal(take("a@x.example", "one mail", "body", &same), 1);
    assert_int_equal(same, 1);
    assert_int_equal(take("b@x.example", "one mail", "body", &same), 2);
    assert_int_equal(same, 0);
    struct look_mail l = {.number = 2};
    must_read(look_mail_run, &l);
    assert_int_equal(l.mail->like, 1);
    assert_string_equal(l.mail->sender, "b@x.example");
    assert_true(span_eq_str(l.raw, "one mail"));
    assert_int_equal(l.n_taken, 2);
    l.mail->state = MAIL_FILED;
    l.mail->place = (struct place){PLACE_CASE, 7};
    must_write(put_mail_run, l.mail);
    struct look_mail after = {.number = 2};
    must_read(look_mail_run, &after);
    assert_int_equal(after.n_taken, 1);
    assert_int_equal(after.taken[0], 1);
    assert_int_equal(after.mail->place.number, 7);
    assert_true(span_eq_str(after.raw, "one mail"));
    struct look_mail none = {.number = 9};
    must_read(look_mail_run, &none);
    assert_null(none.mail);
}

struct blob_trip {
    struct span bytes;
    uint64_t id;
    struct span back;
    bool gone;
};

static bool blob_put_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    struct blob_trip *trip = ctx;
    struct sealed_blob *blob = store_seal_blob(store, scratch, trip->bytes);
    struct place place = {PLACE_REPORT, 3};
    return txn_put_blob(txn, (struct place){PLACE_NONE, 0}, blob, &trip->id, err) &&
           txn_rewrap_blob(txn, trip->id, place, err);
}

static bool blob_get_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct blob_trip *trip = ctx;
    return txn_get_blob(txn, into, trip->id, &trip->back, err);
}

static bool blob_delete_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    (void)scratch;
    return txn_delete_blob(txn, ((struct blob_trip *)ctx)->id, err);
}

static void test_blob_sizes(void **unused)
{
    (void)unused;
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 131072, 300000};
    unsigned char *bytes = arena_alloc(a, 300000);
    store_random(bytes, 300000);
    for (size_t i = 0; i < LEN(sizes); i++) {
        struct blob_trip trip = {.bytes = span_of(bytes, sizes[i])};
        struct err err;
        must_write(blob_put_run, &trip);
        must_read(blob_get_run, &trip);
        assert_true(span_eq(trip.back, trip.bytes));
        must_write(blob_delete_run, &trip);
        assert_false(store_read(store, a, blob_get_run, &trip, &err));
        assert_non_null(strstr(err.text, "blob"));
    }
}

struct claim {
    uint64_t mail;
    const char *key;
    bool contested;
};

static bool claim_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    struct claim *c = ctx;
    struct strs keys = {.n = 0};
    strs_add(scratch, &keys, c->key);
    return txn_claim_session_keys(txn, c->mail, &keys, &c->contested, err);
}

static void test_session_keys(void **unused)
{
    (void)unused;
    uint64_t same;
    take("a@x.example", "one", "1", &same);
    take("a@x.example", "two", "2", &same);
    struct claim first = {.mail = 1, .key = "00ff"};
    struct claim again = {.mail = 1, .key = "00ff"};
    struct claim other = {.mail = 2, .key = "00ff"};
    must_write(claim_run, &first);
    must_write(claim_run, &again);
    assert_false(first.contested || again.contested);
    must_write(claim_run, &other);
    assert_true(other.contested);
    struct look_mail l = {.number = 1};
    must_read(look_mail_run, &l);
    assert_true(l.mail->contested);
}

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

/* ---- codes, ids, tokens ---- */

static bool codes_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct code **ret = ctx;
    struct rows rows;
    txn_rows(txn, &rows);
    return rows.code(rows.ctx, into, "ABCD-efgh", &ret[0], err) &&
           rows.code(rows.ctx, into, "abcdefgi", &ret[1], err);
}

static void test_codes_and_ids(void **unused)
{
    (void)unused;
    struct new_code code = {.code = "abcdefgh", .row = {.contact = 3, .issued = 99}};
    struct new_id ids[] = {
        {"id1@cert.example", {.place = {PLACE_CASE, 1}, .letter = 7}},
        {"id1@cert.example", {.place = {PLACE_CASE, 2}, .mail = 9}},
    };
    struct changes c = {.codes = &code, .n_codes = 1, .ids = ids, .n_ids = LEN(ids)};
    struct code *found[2];
    must_write(changes_run, &c);
    must_read(codes_run, found);
    assert_int_equal(found[0]->contact, 3);
    assert_int_equal(found[0]->used, 0);
    assert_null(found[1]);
    assert_int_equal(look_due(0, 1).by_id->letter, 7);
    code.row.used = 100;
    must_write(changes_run, &c);
    must_read(codes_run, found);
    assert_int_equal(found[0]->used, 100);
}

static void test_tokens(void **unused)
{
    (void)unused;
    struct place place = {PLACE_CASE, (UINT64_C(1) << 40) - 1};
    struct place got;
    uint32_t contact, generation;
    char *token = store_token(store, a, place, 0xfffffffe, 65535);
    assert_int_equal(strlen(token), 40);
    assert_true(store_token_read(store, span_str(token), &got, &contact, &generation));
    assert_int_equal(got.kind, PLACE_CASE);
    assert_true(got.number == place.number);
    assert_int_equal(contact, 0xfffffffe);
    assert_int_equal(generation, 65535);
    for (size_t i = 0; i < 40; i++) {
        char *changed = arena_strdup(a, token);
        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        assert_false(store_token_read(store, span_str(changed), &got, &contact, &generation));
    }
    assert_false(store_token_read(store, span_str("abc"), &got, &contact, &generation));
    unsigned char x[10], y[10];
    store_mark(store, place, 1, x);
    store_mark(store, place, 2, y);
    assert_memory_not_equal(x, y, sizeof(x));
    assert_string_equal(store_sha256(a, span_str("abc")),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* ---- directory ---- */

static bool directory_put_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    (void)scratch;
    (void)ctx;
    struct org org = {.slug = "acme", .name = "Acme Corp"};
    struct contact contact = {.slug = "psirt", .email = "psirt@acme.example", .key = "AA"};
    struct key key = {.fingerprint = "AA", .state = KEY_APPROVED, .protocol = PROTOCOL_OPENPGP};
    if (!txn_put_org(txn, &org, err))
        return false;
    contact.org = org.id;
    if (!txn_put_contact(txn, &contact, err))
        return false;
    key.contact = contact.id;
    return txn_put_key(txn, &key, err) && txn_put_ca(txn, span_str("der bytes"), err);
}

static bool directory_load_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    return txn_load_directory(txn, into, ctx, err);
}

static void test_directory(void **unused)
{
    (void)unused;
    struct directory *d;
    must_read(directory_load_run, &d);
    assert_int_equal(d->generation, 0);
    must_write(directory_put_run, NULL);
    must_write(directory_put_run, NULL);
    must_read(directory_load_run, &d);
    assert_int_equal(d->n_orgs, 2);
    assert_int_equal(d->n_contacts, 2);
    assert_int_equal(d->n_keys, 1);
    assert_int_equal(d->n_cas, 1);
    assert_int_equal(d->last_id, 4);
    assert_int_equal(d->generation, 8);
    assert_true(span_eq_str(d->cas[0], "der bytes"));
    assert_string_equal(directory_org_slug(d, span_str("ACME"))->name, "Acme Corp");
    assert_int_equal(directory_contact_key(d, "aa")->id, 4);
    assert_true(directory_address_of(d, 1, "psirt@acme.example"));
    assert_false(directory_address_of(d, 1, "other@acme.example"));
}

/* ---- what a database may do ---- */

static void test_conflicts(void **unused)
{
    (void)unused;
    kv_mem_conflict_every(store->kv, 2);
    test_take(NULL);
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

#define BOTH(test)                                                 \
    cmocka_unit_test_setup_teardown(test, setup_memory, teardown), \
        cmocka_unit_test_setup_teardown(test, setup_lmdb, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_take),
        BOTH(test_blob_sizes),
        BOTH(test_session_keys),
        BOTH(test_case_rows),
        BOTH(test_events_are_not_rewritten),
        BOTH(test_ring_keys_never_run_out),
        BOTH(test_outbox),
        BOTH(test_outbox_reporters),
        BOTH(test_codes_and_ids),
        BOTH(test_tokens),
        BOTH(test_directory),
        cmocka_unit_test_setup_teardown(test_conflicts, setup_memory, teardown),
        cmocka_unit_test_setup_teardown(test_failures, setup_memory, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
