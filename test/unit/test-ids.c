#include "test/testlib.h"

#include "redact/ids.h"

#define MARK "abcd-2345-efgh-ijkl"
#define CODE "a6liaqzqtmpm7734"

static const struct {
    const char *text;
    const char *want;
} rows[] = {
    {"", ""},
    {"No id in it: abcd-2345-efgh.", "No id in it: abcd-2345-efgh."},
    {"Copy " MARK "\n", "Copy [x]\n"},
    {"> Copy ABCD-2345-\n> EFGH-IJKL.", "> Copy [x]."},
    {MARK "-more and x" MARK, "[x]-more and x" MARK},
    {"Embargod: C42 " CODE "\nStatus: affected\n", "Embargod: C42 [x]\nStatus: affected\n"},
    {"> embargod:\tC42  A6LI-AQZQ-TMPM-7734", "> embargod:\tC42  [x]"},
    {"Embargod: is a gateway for mail", "Embargod: is a gateway for mail"},
    {MARK " " MARK, "[x] [x]"},
};

static void ids_are_cut(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_string_equal(span_dup(a, ids_cut(a, span_str(rows[i].text), "[x]")), rows[i].want);
}

static void the_readers_own_are_known(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *const own[] = {MARK, NULL, CODE};
    struct span mine = span_str("Copy " MARK "\nEmbargod: C42 " CODE "\n");
    enum guard_kind kind;

    (void)state;
    assert_null(ids_other(a, mine, own, LEN(own), &kind));
    assert_string_equal(ids_other(a, mine, own, 1, &kind), CODE);
    assert_int_equal(kind, GUARD_TOKEN);
    assert_non_null(ids_other(a, mine, own + 1, 2, &kind));
    assert_int_equal(kind, GUARD_MARK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_cut),
        cmocka_unit_test(the_readers_own_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
