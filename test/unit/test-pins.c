#include "test/testlib.h"

#include "flow/pins.h"

enum { ACME = 1, GLOBEX = 2 };

/* A notice to Acme that names Globex, so that the guard holds it. */
struct letter_made {
    struct arena *a;
    struct selected selected;
    struct composed composed;
    struct compose_piece piece;
};

static bool find_nobody(void *ctx, struct span name, const uint32_t **ret_ids, size_t *ret_n)
{
    (void)ctx;
    (void)name;
    (void)ret_ids;
    (void)ret_n;
    return false;
}

static void set(struct letter_made *m, const char *key, const char *value)
{
    tvalue_set_string(m->a, m->selected.job.values, key, value);
}

static struct letter_made *letter_of(struct arena *a)
{
    static const struct guard_word words[] = {{"Globex", GLOBEX, GUARD_TERM, false},
                                              {"Initech", 3, GUARD_TERM, false}};
    static const struct fence_names nobody = {.find = find_nobody};
    struct letter_made *m = ARENA_NEW(a, struct letter_made);
    struct compose_job *job = &m->selected.job;
    struct err err;

    m->a = a;
    m->selected.key_id = "C0DE";
    if (!catalogue_load(a, SOURCE_PATH("templates"), NULL, &job->catalogue, &err))
        fail_msg("%s", err.text);
    job->terms = terms_new(a, NULL, 0, NULL);
    job->guard.directory = guard_words_new(a, words, LEN(words));
    job->fence_names = &nobody;
    job->template = "vendor-notice";
    job->reader = (struct compose_reader){
        .audience = TEMPLATE_VENDOR, .language = "en", .owner = ACME, .org = ACME};
    job->values = tvalue_object(a);
    set(m, "desk_name", "Example CERT");
    set(m, "desk_address", "security@cert.example");
    set(m, "reader_name", "Jane Doe");
    set(m, "reader_address", "jane@acme.example");
    set(m, "case_id", "C42");
    set(m, "case_title", "a parser");
    set(m, "case_summary", "A parser of Globex reads past its end.\n");
    set(m, "sent_at", "2026-12-01 10:00 UTC");
    job->letter = (struct write_letter){.from = {"Example CERT", "security@cert.example"},
                                        .to = {"Jane Doe", "jane@acme.example"},
                                        .date = 1798088400,
                                        .message_id = "aaaa@cert.example",
                                        .outer_subject = "[cert 7kq2]"};
    return m;
}

static struct strs pins_of(struct letter_made *m)
{
    struct err err;

    if (!compose(m->a, &m->selected.job, &m->composed, &err))
        fail_msg("%s", err.text);
    return pins_make(m->a, &m->selected, &m->composed);
}

static void what_the_guard_found_can_be_let_through(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct letter_made *m = letter_of(a);
    struct strs pins = pins_of(m);

    (void)state;
    assert_non_null(m->composed.held);
    assert_int_equal(m->composed.bytes.n, 0);
    m->selected.job.let_through = pins_found(a, &pins);
    assert_string_equal(m->selected.job.let_through, m->composed.held);
    pins_of(m);
    assert_null(m->composed.held);
    assert_true(m->composed.bytes.n > 0);
}

/* Who lets a letter through has seen all that is in it: the second name too. */
static void all_that_the_guard_finds_is_told(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct letter_made *m = letter_of(a);
    struct span secret[] = {span_str("seven of the nine bytes lie behind the end of it\n"),
                            span_str("another text that stands in no letter at all, ever\n")};

    (void)state;
    m->selected.job.guard.outside = secret;
    m->selected.job.guard.n_outside = LEN(secret);
    m->selected.job.template = "tell";
    m->selected.job.text_by_desk = true;
    m->selected.job.text =
        span_str("Globex and Initech: seven of the nine bytes lie behind the end of it.\n");
    set(m, "case_title", "Initech");
    pins_of(m);
    assert_ptr_equal(
        strstr(m->composed.held,
               "name in header Subject: Initech; name in text: Globex; name in text: "
               "Initech; words of a piece outside the audience in text: seven of the nine "
               "bytes lie behind the end of it."),
        m->composed.held);
}

static void another_find_is_held_again(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct letter_made *m = letter_of(a);
    struct strs pins = pins_of(m);

    (void)state;
    m->selected.job.let_through = pins_found(a, &pins);
    set(m, "case_summary", "A parser of Initech reads past its end.\n");
    pins_of(m);
    assert_non_null(m->composed.held);
    assert_int_equal(m->composed.bytes.n, 0);
}

static void the_time_of_a_try_changes_nothing(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct letter_made *m = letter_of(a);
    struct strs then = pins_of(m);
    struct strs now;

    (void)state;
    set(m, "sent_at", "2026-12-04 12:30 UTC");
    m->selected.job.letter.date += 3 * 86400;
    m->selected.job.letter.message_id = "bbbb@cert.example";
    now = pins_of(m);
    assert_true(then.n > 0);
    assert_null(pins_changed(a, &then, &now));
}

static void what_changed_is_named(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct letter_made *m = letter_of(a);
    struct compose_job *job = &m->selected.job;
    struct strs then = pins_of(m);
    struct strs now;

    (void)state;
    m->selected.key_id = "C0DF";
    now = pins_of(m);
    assert_string_equal(pins_changed(a, &then, &now), "its reader's key");
    m->selected.key_id = "C0DE";
    job->letter.to.address = "joe@acme.example";
    set(m, "case_summary", "A parser of Globex reads far past its end.\n");
    now = pins_of(m);
    assert_string_equal(pins_changed(a, &then, &now), "its address, the summary");
    job->letter.to.address = "jane@acme.example";
    set(m, "case_summary", "A parser of Globex reads past its end.\n");
    set(m, "embargo_end", "2026-12-24 05:00 UTC");
    now = pins_of(m);
    assert_string_equal(pins_changed(a, &then, &now), "its text, or its template");
    set(m, "embargo_end", "");
    m->piece = (struct compose_piece){
        .n = 1, .from = "the reporter", .at = "2026-01-01", .text = span_str("It crashes.\n")};
    job->pieces = &m->piece;
    job->n_pieces = 1;
    now = pins_of(m);
    assert_string_equal(pins_changed(a, &then, &now), "the pieces in it");
}

static void a_letter_that_nothing_holds_has_pins_when_asked(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct letter_made *m = letter_of(a);
    struct strs pins;

    (void)state;
    set(m, "case_summary", "A parser reads past its end.\n");
    assert_int_equal(pins_of(m).n, 0);
    m->selected.job.pin = true;
    pins = pins_of(m);
    assert_true(pins.n > 0);
    assert_null(pins_found(a, &pins));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_guard_found_can_be_let_through),
        cmocka_unit_test(all_that_the_guard_finds_is_told),
        cmocka_unit_test(another_find_is_held_again),
        cmocka_unit_test(the_time_of_a_try_changes_nothing),
        cmocka_unit_test(what_changed_is_named),
        cmocka_unit_test(a_letter_that_nothing_holds_has_pins_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
