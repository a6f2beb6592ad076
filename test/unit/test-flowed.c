#include "test/testlib.h"

#include "mime/flowed.h"

static void texts(void **state)
{
    static const struct {
        const char *text;
        bool delsp;
        const char *want;
    } rows[] = {
        {"", false, ""},
        {"a \nb\nc\n", false, "a b\nc\n"},
        {"a \nb", true, "ab"},
        {"a  \nb\n", true, "a b\n"},
        {" From x\n >no quote\n", false, "From x\n>no quote\n"},
        {">a \n>b\n>> c \n>>d\ne\n", false, "> a b\n>> c d\ne\n"},
        {"> a \n> b\n", false, "> a b\n"},
        {">a \nb\n", false, "> a \nb\n"}, /* the depth ends the paragraph */
        {">\n>a\n", false, ">\n> a\n"},
        {"a\n-- \nRhea\n", false, "a\n-- \nRhea\n"},
        {"a \n-- \nRhea\n", false, "a \n-- \nRhea\n"},
        {"a\n\n\nb\n", false, "a\n\n\nb\n"},
        {"\n\na", false, "\n\na"},
        {" a\n", false, "a\n"},
        {"[[end]] \nb\n", false, "[[end]] b\n"}, /* no fence any more: internal from there on */
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct span text = flowed_text(a, span_str(rows[i].text), rows[i].delsp);

        assert_string_equal(text.at, rows[i].want);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(texts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
