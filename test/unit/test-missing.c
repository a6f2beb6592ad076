#include "test/testlib.h"

#include "compose/missing.h"
#include "redact/firewall.h"

/* Where names are cut and fences stand: test-compose. */
static void an_answer_in_a_quote_has_its_own_reason(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span text = span_str("See below.\n-----Original Message-----\n"
                                "Please say when it can be fixed.\nIn May.\n");
    struct echo *sent = echo_new(a);
    struct compose_job job = {.terms = terms_new(a, NULL, 0, NULL)};
    struct compose_piece piece = {.text = text};
    static const enum missing_why WHY[] = {MISSING_NOTHING, MISSING_QUOTE, MISSING_QUOTE,
                                           MISSING_ANSWER};
    struct quotes quotes;
    struct missing m;

    (void)state;
    echo_add(sent, span_str("Please say when it can be fixed.\n"));
    quotes = firewall_find(a, text, sent);
    piece.quotes = &quotes;
    m = missing_in(a, &job, &piece);
    assert_int_equal(m.n_lines, LEN(WHY));
    for (size_t i = 0; i < m.n_lines; i++)
        assert_int_equal(m.lines[i].why, WHY[i]);
    assert_string_equal(missing_why_words[MISSING_ANSWER], "quote, perhaps an answer");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_in_a_quote_has_its_own_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
