#include "test/testlib.h"

#include "base/buf.h"
#include "redact/fold.h"

static const struct row {
    const char *text, *spaced, *hyphenated, *joined;
} rows[] = {
    {"Acme", "acme", "acme", "acme"},
    {"ACME Corp", "acme corp", "acme corp", "acme corp"},
    {"  Acme \t Corp  ", "acme corp", "acme corp", "acme corp"},
    {"Acme\nCorp", "acme corp", "acme corp", "acmecorp"},
    {"Acme\r\n> > Corp", "acme corp", "acme corp", "acmecorp"},
    {"> Acme\r\n>\r\n> Corp", "acme corp", "acme corp", "acme corp"},
    {"Ac-\nme", "ac me", "acme", "acme"},
    {"Ac-\r\n> me", "ac me", "acme", "acme"},
    {"Hewlett-\nPackard", "hewlett packard", "hewlettpackard", "hewlettpackard"},
    {"Hewlett-Packard", "hewlett packard", "hewlett packard", "hewlett packard"},
    {"a -\nb", "a b", "a b", "a b"},
    {"list\n- item", "list item", "list item", "list item"},
    {"Ac\xC2\xADme", "acme", "acme", "acme"},
    {"Ac\xC2\xAD\r\nme", "ac me", "acme", "acme"},
    {"Ac\xE2\x80\x8Bme", "acme", "acme", "acme"},
    {"A\xEF\xBB\xBF"
     "c\xE2\x81\xA0me",
     "acme", "acme", "acme"},
    {"ＡＣＭＥ　Ｃｏｒｐ", "acme corp", "acme corp", "acme corp"},
    {"ｱｸﾒ", "アクメ", "アクメ", "アクメ"},
    {"株式会社\n> アク メ", "株式会社アクメ", "株式会社アクメ", "株式会社アクメ"},
    {"アクメ・社", "アクメ社", "アクメ社", "アクメ社"},
    {"Ka\xCC\x88rcher K\xC3\xA4rcher", "karcher karcher", "karcher karcher", "karcher karcher"},
    {"Straße", "strasse", "strasse", "strasse"},
    {"\xEF\xAC\x81rm", "firm", "firm", "firm"},
    {"dell_emc", "dell emc", "dell emc", "dell emc"},
    {"O\xE2\x80\x99Neill", "o'neill", "o'neill", "o'neill"},
    {"A\x01"
     "cme",
     "acme", "acme", "acme"},
    {"x\xFFy", "x\xEF\xBF\xBDy", "x\xEF\xBF\xBDy", "x\xEF\xBF\xBDy"},
    {"a > b", "a > b", "a > b", "a > b"},
    {"", "", "", ""},
    {"\n\n", "", "", ""},
};

static void each_reading_of_each_row(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        const char *wanted[] = {rows[i].spaced, rows[i].hyphenated, rows[i].joined};

        for (size_t reading = 0; reading < LEN(wanted); reading++) {
            struct folded f;

            assert_true(
                fold_text(a, span_str(rows[i].text), (enum fold_reading)reading, false, &f));
            if (strcmp(f.at, wanted[reading]) != 0)
                fail_msg("row \"%s\", reading %zu: \"%s\"", rows[i].text, reading, f.at);
        }
    }
}

static void every_byte_knows_its_origin(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct folded f;
        size_t n = strlen(rows[i].text), last = 0;

        assert_true(fold_text(a, span_str(rows[i].text), FOLD_SPACED, false, &f));
        for (size_t k = 0; k < f.n; k++) {
            assert_row(rows[i].text, f.from[k] >= last && f.from[k] < f.to[k] && f.to[k] <= n);
            last = f.from[k];
        }
        assert_int_equal(f.from[f.n], n);
    }
}

static void origin_of_a_name(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *text = "by \xEF\xBC\xA1\xC2\xAD"
                       "cme!"; /* full-width A, soft hyphen */
    struct folded f;

    (void)state;
    assert_true(fold_text(a, span_str(text), FOLD_SPACED, false, &f));
    assert_string_equal(f.at, "by acme!");
    assert_int_equal(f.from[3], 3);
    assert_int_equal(f.to[6], 11);
}

static void case_is_kept_on_demand(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded f;

    (void)state;
    assert_true(fold_text(a, span_str("Ｏracle\n Cl\xC2\xADoud"), FOLD_SPACED, true, &f));
    assert_string_equal(f.at, "Oracle Cloud");
}

static void breaks_are_noticed(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded f;

    (void)state;
    assert_true(fold_text(a, span_str("one two"), FOLD_SPACED, false, &f));
    assert_false(f.breaks || f.hyphens);
    assert_true(fold_text(a, span_str("one\ntwo"), FOLD_SPACED, false, &f));
    assert_true(f.breaks && !f.hyphens);
    assert_true(fold_text(a, span_str("one-\ntwo"), FOLD_SPACED, false, &f));
    assert_true(f.breaks && f.hyphens);
}

static void too_long_is_said(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folded f;

    (void)state;
    assert_false(fold_text(a, span_of("", FOLD_TEXT_MAX + 1), FOLD_SPACED, false, &f));
}

static void long_runs_of_marks(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 1024 * 1024);
    struct folded f;

    (void)state;
    for (size_t i = 0; i < 100 * 1000; i++)
        buf_add_str(&b, i % 2 == 0 ? "\xCC\x81" : "\xC2\xAD");
    assert_true(fold_text(a, buf_span(&b), FOLD_SPACED, false, &f));
    assert_int_equal(f.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reading_of_each_row), cmocka_unit_test(every_byte_knows_its_origin),
        cmocka_unit_test(origin_of_a_name),         cmocka_unit_test(case_is_kept_on_demand),
        cmocka_unit_test(breaks_are_noticed),       cmocka_unit_test(too_long_is_said),
        cmocka_unit_test(long_runs_of_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
