#include "test/testlib.h"

#include "base/span.h"

static void empty_and_null_are_quiet(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span none = span_str(NULL);

    (void)state;
    assert_int_equal(none.n, 0);
    assert_string_equal(span_dup(a, none), "");
    assert_true(span_eq(none, span_str("")));
    assert_int_equal(span_from(none, 5).n, 0);
    assert_int_equal(span_first(none, 5).n, 0);
    assert_int_equal(span_find(none, 'x'), 0);
    assert_int_equal(span_find_span(none, span_str("x")), 0);
    assert_int_equal(span_find_span(none, none), 0);
    assert_int_equal(span_trim(none).n, 0);
    assert_true(span_starts(none, ""));
}

static void cuts_stay_inside(void **state)
{
    struct span s = span_str("case");

    (void)state;
    assert_true(span_eq_str(span_from(s, 1), "ase"));
    assert_true(span_eq_str(span_from(s, 9), ""));
    assert_true(span_eq_str(span_first(s, 2), "ca"));
    assert_true(span_eq_str(span_first(s, 9), "case"));
}

static void comparisons(void **state)
{
    static const struct {
        const char *s, *text;
        bool eq, eq_nocase, starts, starts_nocase;
    } rows[] = {
        {"Subject", "Subject", true, true, true, true},
        {"subject", "SUBJECT", false, true, false, true},
        {"Subject:", "Subject", false, false, true, true},
        {"sUB", "Sub-long", false, false, false, false},
        {"", "", true, true, true, true},
        {"a", "", false, false, true, true},
        {"\xc3\x84", "\xc3\xa4", false, false, false, false},
        {"@", "`", false, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span s = span_str(rows[i].s);

        assert_row(rows[i].s, span_eq_str(s, rows[i].text) == rows[i].eq);
        assert_row(rows[i].s, span_eq_nocase(s, rows[i].text) == rows[i].eq_nocase);
        assert_row(rows[i].s, span_starts(s, rows[i].text) == rows[i].starts);
        assert_row(rows[i].s, span_starts_nocase(s, rows[i].text) == rows[i].starts_nocase);
    }
}

static void finding(void **state)
{
    struct span s = span_of("a\0bcbc", 6);

    (void)state;
    assert_int_equal(span_find(s, '\0'), 1);
    assert_int_equal(span_find(s, 'z'), s.n);
    assert_int_equal(span_find_span(s, span_str("bc")), 2);
    assert_int_equal(span_find_span(s, span_str("bd")), s.n);
    assert_int_equal(span_find_span(s, span_str("a long needle")), s.n);
    assert_int_equal(span_find_span(s, span_str("")), 0);
}

static void ends_and_middles(void **state)
{
    static const struct {
        const char *s, *text;
        bool ends, ends_nocase, has_nocase;
    } rows[] = {
        {"smime.p7m", ".p7m", true, true, true},
        {"smime.P7M", ".p7m", false, true, true},
        {".p7m.txt", ".P7M", false, false, true},
        {"p7m", ".p7m", false, false, false},
        {"", "", true, true, true},
        {"a", "", true, true, true},
        {"wroote: wrote", "WROTE", false, true, true},
        {"wrot", "wrote", false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span s = span_str(rows[i].s);

        assert_row(rows[i].s, span_ends(s, rows[i].text) == rows[i].ends);
        assert_row(rows[i].s, span_ends_nocase(s, rows[i].text) == rows[i].ends_nocase);
        assert_row(rows[i].s, span_has_nocase(s, rows[i].text) == rows[i].has_nocase);
    }
}

static void trimming(void **state)
{
    (void)state;
    assert_true(span_eq_str(span_trim(span_str(" \t\r\n x y \r\n")), "x y"));
    assert_true(span_eq_str(span_trim(span_str(" \r\n\t ")), ""));
    assert_true(span_eq_str(span_trim(span_str("\vx")), "\vx"));
}

/* Joins the pieces with '|', so that a row shows all of them. */
static const char *joined(struct arena *a, const char *text, bool lines)
{
    struct span rest = span_str(text);
    struct span piece;
    const char *all = "";

    while (lines ? span_line(&rest, &piece) : span_split(&rest, ',', &piece))
        all = arena_printf(a, "%s%s|", all, span_dup(a, piece));
    return all;
}

static void lines_and_pieces(void **state)
{
    static const struct {
        bool lines;
        const char *text, *want;
    } rows[] = {
        {true, "", ""},
        {true, "a", "a|"},
        {true, "a\r\nb\n", "a|b|"},
        {true, "\n\r\n", "||"},
        {true, "a\rb", "a\rb|"},
        {true, "a\r\r\n", "a\r|"},
        {false, "", "|"},
        {false, "a", "a|"},
        {false, "a,", "a||"},
        {false, ",a,,b", "|a||b|"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_string_equal(joined(a, rows[i].text, rows[i].lines), rows[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_and_null_are_quiet),
        cmocka_unit_test(cuts_stay_inside),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(finding),
        cmocka_unit_test(ends_and_middles),
        cmocka_unit_test(trimming),
        cmocka_unit_test(lines_and_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
