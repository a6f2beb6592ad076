#include "test/testlib.h"

#include "base/visible.h"

static void texts(void **state)
{
    static const struct {
        const char *text;
        const char *want;
        bool bidi, zero_width;
    } rows[] = {
        {"plain\n\ttext", "plain\n\ttext", false, false},
        {"\x1b[31m\r\x7f", "⟨U+001B⟩[31m⟨U+000D⟩⟨U+007F⟩", false, false},
        {"a\xff", "a\xef\xbf\xbd", false, false},
        {"a\u202Eb\u2069", "a⟨U+202E⟩b⟨U+2069⟩", true, false},
        {"a\u200Fb", "a⟨U+200F⟩b", true, false},
        {"ac\u200Bme", "ac⟨U+200B⟩me", false, true},
        {"ac\u00ADme\u2060", "ac⟨U+00AD⟩me⟨U+2060⟩", false, true},
        {"ac\u200Cme", "ac⟨U+200C⟩me", false, true},
        {"\u4F1A\u200D\u793E", "\u4F1A⟨U+200D⟩\u793E", false, true},            /* not in Chinese */
        {"\u0645\u06CC\u200C\u062E", "\u0645\u06CC\u200C\u062E", false, false}, /* Persian */
        {"\u0645\u200C", "\u0645⟨U+200C⟩", false, true},
        {"\U0001F469\u200D\U0001F4BB", "\U0001F469\u200D\U0001F4BB", false, false},
        {"\u3164\uFEFF", "⟨U+3164⟩⟨U+FEFF⟩", false, true},
        {"\U000E0041", "⟨U+E0041⟩", false, true},
        {"\u05D0\u0628\u00E9\u3042", "\u05D0\u0628\u00E9\u3042", false, false},
        {"", "", false, false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct span text = span_str(rows[i].text);

        assert_string_equal(visible_text(a, text), rows[i].want);
        assert_row(rows[i].want, visible_has(text, VISIBLE_BIDI) == rows[i].bidi);
        assert_row(rows[i].want, visible_has(text, VISIBLE_ZERO_WIDTH) == rows[i].zero_width);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(texts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
