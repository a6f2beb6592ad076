#include "mime/charset-guess.h"
#include "mime/charset.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
    const char *bytes;
    const char *charset;
    const char *want;
    const char *defect;
} texts_rows[] = {
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
    {"\xe9", "us-ascii", "\xc3\xa9", "charset-wrong"},
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
    {"\xad\xa1", "euc-jp", "\xe2\x91\xa0", ""},            /* NEC row 13 */
    {"a\x0e\x31\x0f", "iso-2022-jp", "a\xef\xbd\xb1", ""}, /* CP50222 */
    {"a\xb1", "iso-2022-jp", "a\xef\xbd\xb1", ""},         /* CP50221 */
    {"\033$B@H\033(J\\~", "iso-2022-jp", "\xe8\x84\x86\\~", ""},
    {"\033$(D\"/\033(B", "iso-2022-jp", "\xcb\x98", ""}, /* JIS X 0212 */
    {"\033$)C\x0e\x30\x21\x0f", "iso-2022-kr", "\xea\xb0\x80", ""},
    {"\xf0\xd2\xc9", "koi8-r", "\xd0\x9f\xd1\x80\xd0\xb8", ""},
    {"\xa4\xa4", "big5", "\xe4\xb8\xad", ""},
    {"\x81\x30\x81\x30", "gb18030", "\xc2\x80", ""},
    {"\xb0\xa1", "euc-kr", "\xea\xb0\x80", ""},
    {"~{VP~}", "hz-gb-2312", "\xe4\xb8\xad", ""},
    {"+AGE-", "utf-7", "a", ""},
    {"it\x92s", "windows-1252", "it\xe2\x80\x99s", ""},
    /* labels that are wrong */
    {"\033$B@H\033(B", "us-ascii", "\xe8\x84\x86", "charset-wrong"},
    {"\033$B@H\033(B", "utf-8", "\xe8\x84\x86", "charset-wrong"},
    {"\033$B@H\033(B", "iso-8859-1", "\xe8\x84\x86", "charset-wrong"},
    {"\033(I1\033(B", "utf-8", "\xef\xbd\xb1", "charset-wrong"},
    {"\033[1mbold", "utf-8", "\033[1mbold", ""},
    {"caf\xc3\xa9", "iso-8859-1", "caf\xc3\xa9", "charset-wrong"},
    {"caf\xe9", "utf-8", "caf\xc3\xa9", "charset-wrong"},
    {"caf\xe9 caf\xc3\xa9", "utf-8", "caf\xef\xbf\xbd caf\xc3\xa9", "charset-broken"},
    {"\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86\xe3\x81\x88", "shift_jis",
     "\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86\xe3\x81\x88", "charset-wrong"},
    {"\xa4\xa2\xa4\xa4\xa4\xa6", "shift_jis", "\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86",
     "charset-wrong"},
    {"\x82\xa0\x82\xa2\x82\xa4", "euc-jp", "\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86", "charset-wrong"},
    {"\x82\xa0\x82\xa2\x82\xa4", "iso-8859-1", "\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86",
     "charset-wrong"},
    {"\xa4\xa2\xa4\xa4\xa4\xa6", "iso-8859-1", "\xe3\x81\x82\xe3\x81\x84\xe3\x81\x86",
     "charset-wrong"},
    {"\xb1\xb2\xb3\xb4", "shift_jis", "\xef\xbd\xb1\xef\xbd\xb2\xef\xbd\xb3\xef\xbd\xb4", ""},
    {"<p>a\n", "utf-16", "<p>a\n", "charset-wrong"},
};

static void texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(texts_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        struct span text =
            charset_to_utf8(a, span_str(texts_rows[i].bytes), texts_rows[i].charset, &defects);

        assert_string_equal(text.at, texts_rows[i].want);
        if (texts_rows[i].defect[0] != '\0')
            assert_true(strs_has(&defects, texts_rows[i].defect));
        else
            assert_int_equal(defects.n, 0);
    }
}

/* With zeros, so with lengths. */
static void utf_16(void **state)
{
    static const struct {
        const char *bytes;
        const char *charset;
        const char *defect;
    } rows[] = {
        {"\xff\xfe"
         "a\0b\0\n",
         "utf-16", ""},
        {"\xfe\xff\0a\0b\0\n", "utf-16", ""},
        {"a\0b\0\n", "utf-16", ""},
        {"\0a\0b\0\n", "utf-16", ""},
        {"a\0b\0\n", "utf-16le", ""},
        {"a\0b\0\n", "utf-16be", "charset-wrong"},
        {"\xfe\xff\0a\0b\0\n", "utf-16le", "charset-wrong"},
        {"a\0b\0\n", "utf-8", "charset-wrong"},
        {"\0a\0b\0\n", "iso-8859-1", "charset-wrong"},
        {"a\0b\0\n", "us-ascii", "charset-wrong"},
        {"\xff\xfe"
         "a\0b\0\n",
         NULL, "charset-undeclared"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        bool mark = (unsigned char)rows[i].bytes[0] >= 0xfe;
        struct span text =
            charset_to_utf8(a, span_of(rows[i].bytes, mark ? 8 : 6), rows[i].charset, &defects);

        assert_string_equal(text.at, "ab\n");
        assert_int_equal(defects.n, rows[i].defect[0] == '\0' ? 0 : 1);
        if (defects.n > 0)
            assert_string_equal(defects.at[0], rows[i].defect);
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
        {"\x82\xa0\x82\xa2.txt", "windows-31j"},
        {"\xa4\xa2\xa4\xa4.txt", "euc-jp"},
        {"r\xe9sum\xe9.txt", "windows-1252"},
        {"M\xfcller", "windows-1252"},
        {"it\x92s", "windows-1252"},
        {"\033$)C\x0e\x30\x21\x0f", "iso-2022-kr"},
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
        cmocka_unit_test(utf_16),
        cmocka_unit_test(guesses),
        cmocka_unit_test(long_text_is_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
