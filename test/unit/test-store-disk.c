/*
 * test-store-disk.c - what stands on the disk: nothing readable, nothing that can be changed
 * unnoticed, everything that was committed.
 */
#include "test/unit/store-fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/text.h"

static void must_open(void)
{
    struct err err;
    struct store_paths paths = paths_of();
    if (!store_open(&paths, true, &store, &err))
        fail_msg("%s", err.text);
}

/* ---- canaries ---- */

static const char canary[] = "Canary\"7fWq\\Xz-end";
enum { CANARY_KEPT = 12 }; /* any run this long of it is a find */

/* One of every kind of record, the canary in every text of it. */
static void fill_case(struct changes *c)
{
    static struct report report = {
        .number = 1, .from = canary, .from_name = canary, .key = canary, .own_reference = canary};
    static struct report *reports[] = {&report};
    static struct vuln vuln = {1, canary};
    static struct case_head head = {.number = 1,
                                    .title = canary,
                                    .summary = canary,
                                    .owner = canary,
                                    .vulns = &vuln,
                                    .n_vulns = 1};
    static struct case_head *heads[] = {&head};
    static struct party party = {.n = 1,
                                 .kind = PARTY_REPORTER,
                                 .address = canary,
                                 .name = canary,
                                 .key = canary,
                                 .own_reference = canary};
    static struct case_party parties[] = {{1, &party}};
    static struct case_event events[] = {
        {1, {.version = 1, .seq = 1, .text = canary, .by = canary, .message_id = canary}}};
    static struct letter letter = {.number = 1,
                                   .place = {PLACE_CASE, 1},
                                   .send = 1,
                                   .address = canary,
                                   .name = canary,
                                   .code = canary,
                                   .text = canary,
                                   .message_id = canary,
                                   .verp = canary,
                                   .queue_id = canary};
    static struct letter *letters[] = {&letter};
    static struct new_code codes[] = {{canary, {.place = {PLACE_CASE, 1}}}};
    static struct new_id ids[] = {{canary, {.place = {PLACE_CASE, 1}}}};
    report.key_bytes = party.key_bytes = span_str(canary);
    for (size_t i = 0; i < 3; i++) {
        strs_add(a, &report.thread, canary);
        strs_add(a, &head.allow_terms, canary);
        strs_add(a, &letter.lines, canary);
    }
    *c = (struct changes){.reports = reports,
                          .n_reports = 1,
                          .heads = heads,
                          .n_heads = 1,
                          .parties = parties,
                          .n_parties = 1,
                          .events = events,
                          .n_events = 1,
                          .letters = letters,
                          .n_letters = 1,
                          .codes = codes,
                          .n_codes = 1,
                          .ids = ids,
                          .n_ids = 1};
}

static bool fill_mail(struct txn *txn, struct arena *scratch, struct err *err)
{
    struct mail mail = {.sender = canary, .from = canary, .subject = canary};
    struct mail_digest digest;
    struct strs keys = {.n = 0};
    struct buf big = buf_new(scratch, 300000);
    uint64_t same;
    bool contested;
    while (big.n < 200000)
        buf_add_str(&big, canary);
    strs_add(scratch, &mail.recipients, canary);
    strs_add(scratch, &keys, canary);
    struct sealed_blob *blob = store_seal_blob(store, scratch, buf_span(&big));
    store_mail_digest(store, canary, &mail.recipients, span_str(canary), span_str(canary), &digest);
    return txn_put_blob(txn, mail.place, blob, &mail.raw, err) &&
           txn_take_mail(txn, scratch, &mail, &digest, &same, err) &&
           txn_claim_session_keys(txn, mail.number, &keys, &contested, err);
}

static bool fill_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    struct org org = {.slug = canary, .name = canary};
    struct contact contact = {.slug = canary, .name = canary, .email = canary, .key = canary};
    struct key key = {.fingerprint = canary, .bytes = span_str(canary)};
    strs_add(scratch, &org.terms, canary);
    strs_add(scratch, &key.addresses, canary);
    return txn_put_changes(txn, ctx, err) && fill_mail(txn, scratch, err) &&
           txn_put_org(txn, &org, err) && txn_put_contact(txn, &contact, err) &&
           txn_put_key(txn, &key, err) && txn_put_ca(txn, span_str(canary), err);
}

static char *utf16_of(const char *text, bool big, size_t *ret_n)
{
    size_t n = strlen(text);
    char *wide = arena_alloc(a, 2 * n);
    for (size_t i = 0; i < n; i++)
        wide[2 * i + (big ? 1 : 0)] = text[i];
    *ret_n = 2 * n;
    return wide;
}

/* All forms in which the canary (or enough of it) could stand in a file. */
static size_t canary_forms(struct span *ret_forms)
{
    size_t n = 0;
    const char *kept = arena_strndup(a, canary, CANARY_KEPT);
    for (size_t skip = 0; skip < 3; skip++) {
        /* Base64 from each of three alignments, without what depends on the neighbours. */
        char *text = text_base64(a, span_of(canary + skip, CANARY_KEPT - 3), 0);
        ret_forms[n++] = span_str(text);
    }
    for (int big = 0; big < 2; big++) {
        size_t n_wide;
        char *wide = utf16_of(kept, big, &n_wide);
        ret_forms[n++] = span_of(wide, n_wide);
    }
    ret_forms[n++] = span_str(kept);
    ret_forms[n++] = span_str("Canary\\\"7fWq");
    ret_forms[n++] = span_str(text_hex(a, span_str(kept), false));
    ret_forms[n++] = span_str(text_hex(a, span_str(kept), true));
    return n;
}

static struct span file_bytes(const char *path)
{
    struct stat st = {.st_size = 0};
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    unsigned char *bytes = arena_alloc(a, (size_t)st.st_size);
    assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
    close(fd);
    assert_int_equal(st.st_mode & 077, 0);
    return span_of(bytes, (size_t)st.st_size);
}

static size_t search_dir(const char *path, const struct span *forms, size_t n_forms)
{
    size_t files = 0;
    DIR *d = opendir(path);
    struct dirent *entry;
    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        char *name = arena_printf(a, "%s/%s", path, entry->d_name);
        struct span bytes = file_bytes(name);
        for (size_t i = 0; i < n_forms; i++) {
            if (bytes.n && memmem(bytes.at, bytes.n, forms[i].at, forms[i].n))
                fail_msg("%s: form %zu of the canary", name, i);
        }
        files++;
    }
    closedir(d);
    return files;
}

static void test_canaries(void **unused)
{
    (void)unused;
    struct changes c;
    struct span forms[16];
    fill_case(&c);
    must_write(fill_run, &c);
    /* The search finds what it should. */
    size_t n = canary_forms(forms);
    struct span json = json_encode(a, party_fields, c.parties[0].party);
    assert_true(span_find_span(json, forms[6]) < json.n);
    assert_int_equal(search_dir(arena_printf(a, "%s/state/store", dir), forms, n), 3);
    assert_int_equal(search_dir(arena_printf(a, "%s/keys", dir), forms, n), 5);
}

/* ---- tampering: through kv, as somebody with the files would ---- */

struct tamper {
    enum store_table table;
    struct record_key from;
    enum store_table to_table;
    struct record_key to;
    size_t flip; /* byte to change, SIZE_MAX: none */
    bool drop;
    struct span saved; /* put this instead */
};

static bool tamper_run(struct kv_txn *kv, void *ctx, struct err *err)
{
    struct tamper *t = ctx;
    struct span value;
    struct span to = span_of(t->to.at, t->to.n);
    if (t->drop)
        return kv_delete(kv, t->to_table, to, err);
    if (t->saved.at)
        return kv_put(kv, t->to_table, to, t->saved, err);
    if (!kv_get(kv, t->table, span_of(t->from.at, t->from.n), &value, err) || !value.at)
        return false;
    char *copy = span_dup(a, value);
    if (t->flip != SIZE_MAX)
        copy[t->flip % value.n] ^= 1;
    t->saved = span_of(copy, value.n);
    return kv_put(kv, t->to_table, to, t->saved, err);
}

static struct span tamper(struct tamper t)
{
    struct err err;
    if (!kv_write(store->kv, tamper_run, &t, &err))
        fail_msg("tampering failed");
    return t.saved;
}

static bool changes_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    (void)scratch;
    return txn_put_changes(txn, ctx, err);
}

static void two_cases(void)
{
    for (uint64_t number = 1; number <= 2; number++) {
        struct case_head head = {.number = number, .title = "t"};
        struct case_head *heads[] = {&head};
        struct case_event events[] = {{number, {.version = 1, .seq = 1}},
                                      {number, {.version = 1, .seq = 2}},
                                      {number, {.version = 1, .seq = 3}}};
        struct changes c = {.heads = heads, .n_heads = 1, .events = events, .n_events = 3};
        must_write(changes_run, &c);
    }
}

struct look {
    struct case_head *head;
    const char *problem;
    const char *anchor_problem;
};

static bool look_head_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct rows rows;
    txn_rows(txn, &rows);
    return rows.head(rows.ctx, into, 1, &((struct look *)ctx)->head, err);
}

static bool look_chain_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct look *l = ctx;
    return txn_check_chain(txn, into, 1, &l->problem, err) &&
           txn_check_anchor(txn, into, &l->anchor_problem, err);
}

static void test_tampered_records(void **unused)
{
    (void)unused;
    struct look l;
    struct err err;
    two_cases();
    struct span good = tamper((struct tamper){
        TABLE_CASES, key_number(1), TABLE_CASES, key_number(1), SIZE_MAX, false, {NULL, 0}});
    assert_true(store_read(store, a, look_head_run, &l, &err));
    for (size_t flip = 0; flip < good.n; flip += 7) {
        tamper((struct tamper){
            TABLE_CASES, key_number(1), TABLE_CASES, key_number(1), flip, false, {NULL, 0}});
        assert_false(store_read(store, a, look_head_run, &l, &err));
        assert_int_equal(err.kind, ERR_OPERATOR);
        assert_non_null(strstr(err.text, "table cases"));
        tamper((struct tamper){.to_table = TABLE_CASES, .to = key_number(1), .saved = good});
    }
    assert_true(store_read(store, a, look_head_run, &l, &err));
    /* Another case's head in its place. */
    tamper((struct tamper){
        TABLE_CASES, key_number(2), TABLE_CASES, key_number(1), SIZE_MAX, false, {NULL, 0}});
    assert_false(store_read(store, a, look_head_run, &l, &err));
    assert_non_null(strstr(err.text, "record 000000010000000000000001 was changed"));
    /* A record of another table. */
    tamper((struct tamper){
        TABLE_CHAINS, key_number(1), TABLE_CASES, key_number(1), SIZE_MAX, false, {NULL, 0}});
    assert_false(store_read(store, a, look_head_run, &l, &err));
}

static const char *chain_problem(bool anchor)
{
    struct look l = {.problem = NULL};
    struct err err;
    if (!store_read(store, a, look_chain_run, &l, &err))
        fail_msg("%s", err.text);
    return anchor ? l.anchor_problem : l.problem;
}

static void test_tampered_chain(void **unused)
{
    (void)unused;
    struct tamper cut = {.to_table = TABLE_EVENTS, .to = key_numbers(1, 3), .drop = true};
    struct tamper hole = {.to_table = TABLE_EVENTS, .to = key_numbers(1, 2), .drop = true};
    struct tamper swap = {TABLE_EVENTS,      key_numbers(1, 1), TABLE_EVENTS,
                          key_numbers(1, 2), SIZE_MAX,          false,
                          {NULL, 0}};
    struct tamper keep2 = {TABLE_EVENTS,      key_numbers(1, 2), TABLE_EVENTS,
                           key_numbers(1, 2), SIZE_MAX,          false,
                           {NULL, 0}};
    struct tamper keep3 = {TABLE_EVENTS,      key_numbers(1, 3), TABLE_EVENTS,
                           key_numbers(1, 3), SIZE_MAX,          false,
                           {NULL, 0}};
    two_cases();
    assert_null(chain_problem(false));
    keep2.saved = tamper(keep2);
    keep3.saved = tamper(keep3);
    tamper(cut);
    assert_string_equal(chain_problem(false), "the log has 2 events, its head says 3");
    tamper(keep3);
    assert_null(chain_problem(false));
    tamper(hole);
    assert_string_equal(chain_problem(false), "event 2 is missing");
    tamper(swap);
    assert_non_null(strstr(chain_problem(false), "event was changed"));
    tamper(keep2);
    assert_null(chain_problem(false));
    assert_null(chain_problem(true));
}

/* A whole case that is put back to an older, consistent state. */
static void test_rolled_back_case(void **unused)
{
    (void)unused;
    struct tamper head = {TABLE_CHAINS, key_number(1), TABLE_CHAINS, key_number(1),
                          SIZE_MAX,     false,         {NULL, 0}};
    struct tamper cut = {.to_table = TABLE_EVENTS, .to = key_numbers(1, 4), .drop = true};
    struct case_event more = {1, {.version = 1, .seq = 4}};
    struct changes c = {.events = &more, .n_events = 1};
    two_cases();
    head.saved = tamper(head);
    must_write(changes_run, &c);
    tamper(head);
    tamper(cut);
    assert_null(chain_problem(false));
    assert_non_null(chain_problem(true));
}

/* ---- locks, files ---- */

static void test_files(void **unused)
{
    (void)unused;
    struct err err;
    struct store_paths paths = paths_of();
    struct store *second = NULL;
    char *data = arena_printf(a, "%s/state/store/data.mdb", dir);
    assert_false(store_create(&paths, &err));
    assert_int_equal(err.kind, ERR_OPERATOR);
    store_close(store);
    must_open();
    pid_t child = fork();
    if (child == 0) {
        bool refused = !store_open(&paths, true, &second, &err) &&
                       strstr(err.text, arena_printf(a, "process %ld", (long)getppid()));
        /* Others may work beside the daemon. */
        bool beside = store_open(&paths, false, &second, &err);
        _exit(refused && beside ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    store_close(store);
    store = NULL;
    assert_int_equal(unlink(data), 0);
    assert_false(store_open(&paths, true, &second, &err));
    assert_non_null(strstr(err.text, "embargoctl init"));
}

/* ---- kill -9 ---- */

struct counting {
    uint64_t number;
};

/* One decision: a new case with its event, a letter and a blob that say which one it is. */
static bool count_run(struct txn *txn, struct arena *scratch, void *ctx, struct err *err)
{
    struct counting *counting = ctx;
    uint64_t n = counting->number;
    struct case_head head = {.number = n, .title = arena_printf(scratch, "case %u", (unsigned)n)};
    struct case_head *heads[] = {&head};
    struct case_event event = {n, {.version = 1, .seq = 1}};
    struct letter letter = {.number = n, .place = {PLACE_CASE, n}, .due = 1};
    struct letter *letters[] = {&letter};
    char *bytes = arena_alloc(scratch, 20000 + n % 7 * 30000);
    size_t n_bytes = 20000 + n % 7 * 30000;
    memset(bytes, (int)(n % 251), n_bytes);
    struct sealed_blob *blob = store_seal_blob(store, scratch, span_of(bytes, n_bytes));
    if (!txn_put_blob(txn, letter.place, blob, &letter.sealed, err))
        return false;
    struct changes c = {.heads = heads,
                        .n_heads = 1,
                        .events = &event,
                        .n_events = 1,
                        .letters = letters,
                        .n_letters = 1,
                        .last_case = n,
                        .last_letter = n};
    return txn_put_changes(txn, &c, err);
}

/* The child: commits, then says so, until it is killed. */
static void count_for_ever(uint64_t number, int out)
{
    struct err err;
    struct store_paths paths = paths_of();
    if (!store_open(&paths, true, &store, &err))
        _exit(1);
    for (struct counting c = {number};; c.number++) {
        if (!store_write(store, count_run, &c, &err) ||
            write(out, &c.number, sizeof(c.number)) != sizeof(c.number))
            _exit(1);
    }
}

static bool check_run(struct txn *txn, struct arena *into, void *ctx, struct err *err)
{
    struct counting *last = ctx;
    struct rows rows;
    txn_rows(txn, &rows);
    last->number = rows.last_case;
    for (uint64_t n = 1; n <= rows.last_case; n++) {
        struct letter *letter;
        struct case_head *head;
        struct span bytes;
        const char *problem;
        if (!rows.letter(rows.ctx, into, n, &letter, err) ||
            !rows.head(rows.ctx, into, n, &head, err) || !letter || !head ||
            !txn_get_blob(txn, into, letter->sealed, &bytes, err) ||
            !txn_check_chain(txn, into, n, &problem, err) || problem)
            return err_wrap(err, "case %llu", (unsigned long long)n);
        for (size_t i = 0; i < bytes.n; i++) {
            if (bytes.at[i] != n % 251)
                return err_set(err, ERR_OPERATOR, "wrong bytes");
        }
    }
    return true;
}

static void test_killed(void **unused)
{
    (void)unused;
    struct counting last = {0};
    store_close(store);
    store = NULL;
    for (int round = 0; round < 12; round++) {
        int ends[2];
        uint64_t said = last.number;
        uint64_t number;
        struct err err;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0)
            count_for_ever(last.number + 1, ends[1]);
        close(ends[1]);
        uint32_t wait_us;
        store_random(&wait_us, sizeof(wait_us));
        usleep(5000 + wait_us % 40000);
        kill(child, SIGKILL);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        while (read(ends[0], &number, sizeof(number)) == sizeof(number))
            said = number;
        close(ends[0]);
        must_open();
        SCOPED(arena_free) struct arena *into = arena_new();
        if (!store_read(store, into, check_run, &last, &err))
            fail_msg("%s", err.text);
        assert_true(last.number == said || last.number == said + 1);
        store_close(store);
        store = NULL;
    }
    assert_true(last.number > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_canaries, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_tampered_records, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_tampered_chain, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_rolled_back_case, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_files, setup_lmdb, teardown),
        cmocka_unit_test_setup_teardown(test_killed, setup_lmdb, teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
