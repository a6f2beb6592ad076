#include "test/testlib.h"

#include "compose/batch.h"

enum { TEXTS = 150 /* more than an index has bits */ };

static const struct term terms[] = {
    {"Acme", 1, TERM_NAME, false},
    {"Globex", 2, TERM_NAME, false},
};

static void a_text_is_searched_once(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct term_set *sets[] = {terms_new(a, terms, 1, NULL),
                                     terms_new(a, terms + 1, 1, NULL)};
    const char *text = "Acme and Globex";
    struct compose_batch *batch = compose_batch_new(a);
    const struct redact_scan *scan = batch_scan(batch, a, span_str(text), sets, 2);
    struct redact_reader reader = {.mask = redact_mask("en")};

    (void)state;
    assert_ptr_equal(scan, batch_scan(batch, a, span_str(arena_strdup(a, text)), sets, 2));
    assert_ptr_not_equal(scan, batch_scan(batch, a, span_str(text), sets, 1));
    assert_ptr_not_equal(scan, batch_scan(batch, a, span_str(text), sets + 1, 1));
    assert_ptr_not_equal(scan, batch_scan(batch, a, span_str("Acme, and Globex"), sets, 2));
    assert_ptr_not_equal(scan, batch_scan(NULL, a, span_str(text), sets, 2));
    assert_ptr_equal(scan, batch_scan(batch, a, span_str(text), sets, 2));
    assert_string_equal(redact_cut_for(a, scan, &reader).text, "[redacted] and [redacted]");
    assert_string_equal(
        redact_cut_for(a, batch_scan(batch, a, span_str(text), sets, 1), &reader).text,
        "[redacted] and Globex");
}

/* What a letter left in the batch does not hang on the letter. */
static void a_batch_outlives_its_letters(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct term_set *sets[] = {terms_new(a, terms, LEN(terms), NULL)};
    struct compose_batch *batch = compose_batch_new(a);
    struct redact_reader reader = {.mask = redact_mask("en")};
    const struct redact_scan *scan;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        SCOPED(arena_free) struct arena *letter = arena_new();
        struct span text = span_str(arena_strdup(letter, "by Globex, in a letter"));

        scan = batch_scan(batch, letter, text, sets, LEN(sets));
        assert_non_null(batch_runs(batch, letter, text));
    }
    assert_string_equal(redact_cut_for(a, scan, &reader).text, "by [redacted], in a letter");
}

/* Past its maximum a batch keeps nothing more, and says the same. */
static void a_full_batch_still_answers(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct term_set *sets[] = {terms_new(a, terms, LEN(terms), NULL)};
    struct compose_batch *batch = compose_batch_new(a);
    struct redact_reader reader = {.mask = redact_mask("en")};

    (void)state;
    for (size_t i = 0; i < BATCH_TEXTS_MAX + 3; i++) {
        struct span text = span_str(arena_printf(a, "%zu Acme", i));
        const struct redact_scan *scan = batch_scan(batch, a, text, sets, LEN(sets));

        assert_string_equal(redact_cut_for(a, scan, &reader).text,
                            arena_printf(a, "%zu [redacted]", i));
        assert_non_null(batch_runs(batch, a, text));
    }
}

static const char *sentence(struct arena *a, size_t i)
{
    return arena_printf(a, "the part of text %zu copies more bytes than item%zu has.", i, i);
}

static enum guard_kind look(struct arena *a, const struct guard_index *index,
                            const struct guard_runs *const *outside, size_t n, const char *text)
{
    struct guard_part part = {"text", span_str(text)};
    struct guard_view view = {.outside = outside, .n_outside = n, .index = index};

    return guard_check(a, &view, &part, 1).kind;
}

/* Whichever of many texts a reader may not see: asked at once or each by itself, the same. */
static void an_index_changes_no_answer(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct compose_batch *batch = compose_batch_new(a);
    const struct guard_runs *runs[TEXTS];
    struct guard_runs *grown = guard_runs_new(a);

    (void)state;
    for (size_t i = 0; i < TEXTS; i++)
        runs[i] = batch_runs(batch, a, span_str(sentence(a, i)));
    for (size_t i = 0; i < TEXTS; i++) {
        const struct guard_index *index = batch_index(batch);
        bool last = i == TEXTS - 1;

        assert_int_equal(look(a, index, runs, TEXTS, sentence(a, i)), GUARD_RUN);
        assert_int_equal(look(a, index, runs, i, sentence(a, i)), GUARD_CLEAR);
        assert_int_equal(look(a, index, runs, i + 1, sentence(a, i)), GUARD_RUN);
        assert_int_equal(look(a, index, runs + i + 1, TEXTS - 1 - i, sentence(a, i)), GUARD_CLEAR);
        assert_int_equal(look(a, NULL, runs + i, 1, sentence(a, i)), GUARD_RUN);
        assert_int_equal(look(a, index, runs, last ? i : i + 1, sentence(a, i + 1)), GUARD_CLEAR);
    }
    assert_null(batch_runs(batch, a, span_str("\xFF")));
    assert_null(batch_runs(batch, a, span_str("\xFF")));

    /* Runs that grow after they were taken, and runs that never were. */
    runs[0] = grown;
    assert_true(guard_runs_add(grown, span_str(sentence(a, 1))));
    assert_int_equal(look(a, batch_index(batch), runs, 1, sentence(a, 1)), GUARD_RUN);
    assert_int_equal(look(a, batch_index(batch), runs, 2, sentence(a, 1)), GUARD_RUN);
}

static void growing_leaves_the_index(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct guard_index *index = guard_index_new(a);
    struct guard_runs *runs = guard_runs_new(a);
    const struct guard_runs *outside[] = {runs};

    (void)state;
    assert_true(guard_runs_add(runs, span_str(sentence(a, 1))));
    guard_index_add(index, runs);
    assert_true(guard_runs_add(runs, span_str(sentence(a, 2))));
    assert_int_equal(look(a, index, outside, 1, sentence(a, 1)), GUARD_RUN);
    assert_int_equal(look(a, index, outside, 1, sentence(a, 2)), GUARD_RUN);
    assert_int_equal(look(a, index, outside, 1, sentence(a, 3)), GUARD_CLEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_searched_once),
        cmocka_unit_test(a_batch_outlives_its_letters),
        cmocka_unit_test(a_full_batch_still_answers),
        cmocka_unit_test(an_index_changes_no_answer),
        cmocka_unit_test(growing_leaves_the_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
