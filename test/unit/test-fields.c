#include "mime/fields.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void mailboxes(void **state)
{
    static const struct {
        const char *field;
        const char *address;
        const char *name;
        const char *defect;
    } rows[] = {
        {" Aiko <aiko@CERT.Example>\r\n", "aiko@cert.example", "Aiko", ""},
        {"a.b@example.org", "a.b@example.org", NULL, ""},
        {"a@example.org (Aiko (x))", "a@example.org", NULL, ""},
        {"\"Doe, John\" <j@x.example>", "j@x.example", "Doe, John", ""},
        {"John Q. Public <j@x.example>", "j@x.example", "John Q. Public", ""},
        {"=?utf-8?B?6ISG?= <j@x.example>", "j@x.example", "\xe8\x84\x86", ""},
        {"\xe8\x84\x86 <j@x.example>", "j@x.example", "\xe8\x84\x86", ""},
        {"Doe, John <j@x.example>", "j@x.example", "Doe, John", "from-broken"},
        {"a@x.example, b@x.example", "a@x.example", NULL, "from-several"},
        {"nobody", NULL, NULL, "from-broken"},
        {"j@x.example\u200B", NULL, NULL, "from-broken"},
        {"<\u202Ej@x.example>", NULL, NULL, "from-broken"},
        {"\"=?utf-8?Q?=C3=A9?=\" <j@x.example>", "j@x.example", "\xc3\xa9", ""},
        {"j\xc3\xa9@x.example", "j\xc3\xa9@x.example", NULL, ""}, /* RFC 6532 */
        {"\xe8\x84\x86 <\xe8\x84\x86@\xe8\x84\x86.example>", "\xe8\x84\x86@\xe8\x84\x86.example",
         "\xe8\x84\x86", ""},
        {"\033$B@H<e\033(B <j@x.example>", "j@x.example", "\xe8\x84\x86\xe5\xbc\xb1",
         "from-broken"},
        {"\"\x95\x5c\x8e\xe3\" <j@x.example>", "j@x.example", "\xe8\xa1\xa8\xe5\xbc\xb1",
         "charset-undeclared"},
        {"<>", NULL, NULL, "from-broken"},
        {"", NULL, NULL, ""},
        {"undisclosed:;", NULL, NULL, "from-broken"},
        {"<a@b> <c@d>", NULL, NULL, "from-broken"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        struct mailbox m = fields_mailbox(a, span_str(rows[i].field), &defects);

        if (rows[i].address == NULL)
            assert_null(m.address);
        else
            assert_string_equal(m.address, rows[i].address);
        if (rows[i].name == NULL)
            assert_null(m.name);
        else
            assert_string_equal(m.name, rows[i].name);
        if (rows[i].defect[0] != '\0')
            assert_true(strs_has(&defects, rows[i].defect));
        else
            assert_int_equal(defects.n, 0);
    }
}

static void deep_comments_never_reach_the_parser(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs defects = {0};
    char *field = arena_alloc(a, FIELD_BYTES_MAX);

    (void)state;
    memset(field, '(', FIELD_BYTES_MAX);
    assert_null(fields_mailbox(a, span_of(field, FIELD_BYTES_MAX), &defects).address);
    assert_true(strs_has(&defects, "from-broken"));
    assert_int_equal(fields_date(a, span_of(field, FIELD_BYTES_MAX)), 0);
    assert_string_equal(fields_token(a, span_of(field, FIELD_BYTES_MAX)), "");
}

static void texts(void **state)
{
    static const struct {
        const char *field;
        const char *want;
        const char *defect;
    } rows[] = {
        {" plain\r\n text ", "plain text", ""},
        {"=?utf-8?Q?a=5Fb_c?=", "a_b c", ""},
        {"x =?UTF-8?b?w6k=?= y", "x \xc3\xa9 y", ""},
        {"=?utf-8?Q?a?=\r\n =?utf-8?Q?b?= c", "ab c", ""},
        {"=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "\xc3\xa9", ""},
        {"=?utf-8*ja?Q?=C3=A9?=", "\xc3\xa9", ""},
        {"=?UTF-8?B?w6k=?==?utf-8?B?w6k=?=", "\xc3\xa9\xc3\xa9", ""},
        {"=?utf-8?B?6I?= =?UTF-8?B?SG?=", "\xe8\x84\x86", "encoded-word-broken"}, /* cut group */
        {"=?utf-8?B?YQ?= =?utf-8?B?Yg?=", "ab", ""},                              /* no padding */
        {"=?utf-8?Q?a b=C3=A9 c?= d", "a b\xc3\xa9 c d", ""},
        {"=?utf-8?B?w6 k=?=", "\xc3\xa9", ""},
        {"=?utf-8?Q?a=20b c", "a b c", "encoded-word-broken"},
        {"=?utf-8?Q?a?", "a", "encoded-word-broken"},
        {"=?utf-8?Q?a b =?utf-8?Q?=C3=A9?=", "a b \xc3\xa9", "encoded-word-broken"},
        {"=?utf-8?Q?what?=20now?= x", "what? now x", "encoded-word-broken"},
        {"\"=?utf-8?Q?=C3=A9?=\"", "\"\xc3\xa9\"", ""},
        {"x=?utf-8?Q?=C3=A9?=y", "x\xc3\xa9y", ""},
        {"=?utf-8?Z?a?= =??Q?a?= =?", "=?utf-8?Z?a?= =??Q?a?= =?", "encoded-word-broken"},
        {"if (a =? b)", "if (a =? b)", ""},
        {"=?x-nowhere?Q?=C3=A9?=", "\xc3\xa9", "charset-unknown"},
        {"=?us-ascii?Q?=C3=A9?=", "\xc3\xa9", "charset-wrong"},
        {"=?iso-2022-jp?B?GyRCQA==?= =?iso-2022-jp?B?SBsoQg==?=", "\xe8\x84\x86", ""},
        {"=?utf-16?B?YQBiAAoA?=", "ab ", ""},
        {"\033$B@H\033(B a", "\xe8\x84\x86 a", "charset-undeclared"},
        {"\x90\xc6\x8e\xe3 a", "\xe8\x84\x86\xe5\xbc\xb1 a", "charset-undeclared"},
        {"=?iso-8859-1?Q?=E9=80?=", "\xc3\xa9\xe2\x82\xac", ""},
        {"=?ISO-2022-JP?B?GyRCQEgbKEI=?=", "\xe8\x84\x86", ""},
        {"=?ISO-2022-JP?B?GyRCLSEbKEI=?=", "\xe2\x91\xa0", ""},
        {"=?ISO-2022-JP?B?GyRCQEgbKEI=?= =?ISO-2022-JP?B?GyRCQEgbKEI=?=",
         "\xe8\x84\x86\xe8\x84\x86", ""},
        {"=?shift_jis?B?kMY=?=", "\xe8\x84\x86", ""},
        {"=?x-nowhere?Q?=C3=A9?=", "\xc3\xa9", "charset-unknown"},
        {"=?utf-8?X?a?=", "=?utf-8?X?a?=", "encoded-word-broken"},
        {"=?utf-8?Q?a", "a", "encoded-word-broken"},
        {"=?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x", ""},
        {"raw \xe8\x84\x86", "raw \xe8\x84\x86", ""},
        {"raw \033$B@H\033(B", "raw \xe8\x84\x86", "charset-undeclared"},
        {"a=?utf-8?Q?b?=c", "abc", ""},
        {"", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};

        assert_string_equal(fields_text(a, span_str(rows[i].field), &defects), rows[i].want);
        if (rows[i].defect[0] != '\0')
            assert_true(strs_has(&defects, rows[i].defect));
        else
            assert_int_equal(defects.n, 0);
    }
}

static void ids(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs list = {0};

    (void)state;
    fields_ids(a, span_str(" <a@x>\r\n (c) <b@x><a@x> junk <c d@x> <half <e@x> <> <open"), &list);
    assert_int_equal(list.n, 3);
    assert_string_equal(list.at[0], "a@x");
    assert_string_equal(list.at[1], "b@x");
    assert_string_equal(list.at[2], "e@x");
}

static void dates(void **state)
{
    static const struct {
        const char *field;
        instant want;
    } rows[] = {
        {"Thu, 24 Dec 2026 14:00:05 +0900", 1798088405},
        {" 24 Dec 2026 05:00:05 GMT", 1798088405},
        {"Thu, 24 Dec 2026 01:30:05 -0330 (x)", 1798088405},
        {"Thu, 42 Dec 2026 14:00:00 +0900", 0},
        {"yesterday", 0},
        {"", 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();

        assert_int_equal(fields_date(a, span_str(rows[i].field)), rows[i].want);
    }
}

static void tokens(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    assert_string_equal(fields_token(a, span_str(" Base64 (x)\r\n")), "base64");
    assert_string_equal(fields_token(a, span_str("(c) auto-replied; owner=x")), "auto-replied");
    assert_string_equal(fields_token(a, span_str("")), "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailboxes), cmocka_unit_test(deep_comments_never_reach_the_parser),
        cmocka_unit_test(texts),     cmocka_unit_test(ids),
        cmocka_unit_test(dates),     cmocka_unit_test(tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
