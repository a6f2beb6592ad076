#include "mime/charset.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void texts(void **state)
{
    static const struct {
        const char *bytes;
        const char *charset;
        const char *want;
        const char *defect;
    } rows[] = {
        {"abc", NULL, "abc", ""},
        {"\xe8\x84\x86", "UTF-8", "\xe8\x84\x86", ""},
        {"\xef\xbb\xbf"
         "a",
         "utf-8", "a", ""},
        {"a\xff"
         "b",
         "utf-8",
         "a\xef\xbf\xbd"
         "b",
         "charset-broken"},
        {"\x93q\x94 \xe9", "iso-8859-1", "\xe2\x80\x9cq\xe2\x80\x9d \xc3\xa9", ""},
        {"\xe9", "us-ascii", "\xc3\xa9", "charset-undeclared"},
        {"\xe8\x84\x86", NULL, "\xe8\x84\x86", "charset-undeclared"},
        {"\xe8\x84\x86", "x-nowhere", "\xe8\x84\x86", "charset-unknown"},
        {"a", "utf-8,swaplfnl", "a", "charset-unknown"},
        {"\x90\xc6\x87\x40\xb1", "Shift_JIS", "\xe8\x84\x86\xe2\x91\xa0\xef\xbd\xb1", ""},
        {"\x90\xc6", "cp932", "\xe8\x84\x86", ""},
        {"\xc0\xc8\xbc\xe5\xc0\xad", "euc-jp", "\xe8\x84\x86\xe5\xbc\xb1\xe6\x80\xa7", ""},
        {"\033$B@H\033(B a", "iso-2022-jp", "\xe8\x84\x86 a", ""},
        {"\033$B-!\033(B", "iso-2022-jp", "\xe2\x91\xa0", ""},          /* NEC row 13 */
        {"\033(I1\033(B", "iso-2022-jp", "\xef\xbd\xb1", ""},           /* half-width kana */
        {"\033$B@H\033(B", NULL, "\xe8\x84\x86", "charset-undeclared"}, /* without a label */
        {"\xb0\xa1", "ks_c_5601-1987", "\xea\xb0\x80", ""},
        {"\xc4\xe3", "gb2312", "\xe4\xbd\xa0", ""},
        {"\xad\xa1", "euc-jp", "\xe2\x91\xa0", ""}, /* NEC row 13 */
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        struct span text = charset_to_utf8(a, span_str(rows[i].bytes), rows[i].charset, &defects);

        assert_string_equal(text.at, rows[i].want);
        if (rows[i].defect[0] != '\0')
            assert_true(strs_has(&defects, rows[i].defect));
        else
            assert_int_equal(defects.n, 0);
    }
}

static void guesses(void **state)
{
    static const struct {
        const char *bytes;
        const char *want;
    } rows[] = {
        {"abc", "utf-8"},
        {"\xe8\x84\x86", "utf-8"},
        {"\033$B@H\033(B", "iso-2022-jp"},
        {"\x82\xa0\x82\xa2.txt", "shift_jis"},
        {"\xa4\xa2\xa4\xa4.txt", "euc-jp"},
        {"r\xe9sum\xe9.txt", "windows-1252"},
        {"M\xfcller", "windows-1252"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_string_equal(charset_guess(span_str(rows[i].bytes)), rows[i].want);
}

static void long_text_is_whole(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs defects = {0};
    char *bytes = arena_alloc(a, 100001);
    struct span text;

    (void)state;
    for (size_t i = 0; i < 100000; i += 2)
        memcpy(bytes + i, "\x90\xc6", 2);
    text = charset_to_utf8(a, span_of(bytes, 100000), "shift_jis", &defects);
    assert_int_equal(text.n, 150000);
    assert_int_equal(defects.n, 0);
    text = charset_to_utf8(a, span_of(bytes, 99999), "shift_jis", &defects);
    assert_true(strs_has(&defects, "charset-broken"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(guesses),
        cmocka_unit_test(long_text_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
