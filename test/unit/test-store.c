/*
 * test-store.c - mails, blobs, codes, tokens and the directory: what was written is read again.
 * The same tests run over memory and over LMDB.
 */
#include "test/unit/store-fixture.h"

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

/* ---- codes, ids, tokens ---- */

struct found {
    struct code *code;
    struct code *none;
    struct known_id *id;
};

static bool changes_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    (void)scratch;
    return txn_put_changes(txn, ctx, err);
}

static bool codes_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct found *found = ctx;
    struct rows rows;
    txn_rows(txn, &rows);
    return rows.code(rows.ctx, into, "ABCD-efgh", &found->code, err) &&
           rows.code(rows.ctx, into, "abcdefgi", &found->none, err) &&
           rows.known_id(rows.ctx, into, "id1@cert.example", &found->id, err);
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
    struct found found;
    must_write(changes_run, &c);
    must_read(codes_run, &found);
    assert_int_equal(found.code->contact, 3);
    assert_int_equal(found.code->used, 0);
    assert_null(found.none);
    assert_int_equal(found.id->letter, 7);
    code.row.used = 100;
    must_write(changes_run, &c);
    must_read(codes_run, &found);
    assert_int_equal(found.code->used, 100);
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
    struct key key = {.fingerprint = "AA",
                      .state = KEY_APPROVED,
                      .protocol = PROTOCOL_OPENPGP,
                      .bytes = span_str("key block")};
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
    assert_true(span_eq_str(d->keys[0].bytes, "key block"));
    assert_true(directory_address_of(d, 1, "psirt@acme.example"));
    assert_false(directory_address_of(d, 1, "other@acme.example"));
}

/* Every second transaction runs twice: the same end. */
static void test_take_again(void **unused)
{
    kv_mem_conflict_every(store->kv, 2);
    test_take(unused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(test_take),
        BOTH(test_blob_sizes),
        BOTH(test_session_keys),
        BOTH(test_codes_and_ids),
        BOTH(test_tokens),
        BOTH(test_directory),
        cmocka_unit_test_setup_teardown(test_take_again, setup_memory, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
