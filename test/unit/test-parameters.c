#include "mime/parameters.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
    const char *field;
    const char *type;
    const char *name;
    const char *value; /* NULL: not there */
    const char *defect;
} values_rows[] = {
    {" Text/Plain; Charset=UTF-8", "text/plain", "charset", "UTF-8", ""},
    {"text/plain (a (b) c); charset=\"us-ascii\" (x)", "text/plain", "charset", "us-ascii", ""},
    {"text / plain;;charset = x;", "text/plain", "charset", "x", ""},
    {"x text/plain; charset=x", "xtext/plain", "charset", "x", "parameter-broken"},
    {"", "", "charset", NULL, ""},
    {"a/b; name=\"a \\\"b\\\\\"", "a/b", "name", "a \"b\\", ""},
    {"a/b; name=\"a;b\r\n c\"", "a/b", "name", "a;b c", ""},
    {"a/b; name=a b.txt; x=1", "a/b", "name", "a b.txt", "parameter-broken"},
    {"a/b; name=\"open", "a/b", "name", "open", "parameter-broken"},
    {"a/b; name=1; name=2", "a/b", "name", "1", "parameter-doubled"},
    {"a/b; boundary==x", "a/b", "boundary", "=x", ""},
    {"attachment; filename*=utf-8'ja'%E8%84%86%20.txt", "attachment", "filename",
     "\xe8\x84\x86 .txt", ""},
    {"attachment; filename*0*=iso-2022-jp'ja'%1B$B@H%1B(B; filename*1=.txt", "attachment",
     "filename", "\xe8\x84\x86.txt", ""},
    {"attachment; filename*1=b; filename*0=a; filename*3=d", "attachment", "filename", "ab",
     "parameter-broken"},
    {"attachment; filename*1=b; filename*0=a", "attachment", "filename", "ab", ""},
    {"attachment; filename*0=a; filename*0=c; filename*1=b", "attachment", "filename", "ab",
     "parameter-doubled"},
    {"attachment; filename*1*=utf-8''%C3%A9; filename*2=b", "attachment", "filename",
     "\xc3\xa9"
     "b",
     "parameter-broken"},
    {"attachment; filename*0*=utf-8''%C3%A9; filename*1*=utf-8''b", "attachment", "filename",
     "\xc3\xa9"
     "b",
     "parameter-broken"},
    {"attachment; filename*0*=utf-8''%C3; filename*1*=%A9", "attachment", "filename", "\xc3\xa9",
     ""},
    {"attachment; filename*0=\"=?utf-8?B?w6\"; filename*1=\"k=?=\"", "attachment", "filename",
     "\xc3\xa9", ""},
    {"attachment; filename*=\"utf-8''%C3%A9\"", "attachment", "filename", "\xc3\xa9", ""},
    {"attachment; filename*=iso-8859-1''%C3%A9", "attachment", "filename", "\xc3\xa9",
     "charset-wrong"},
    {"attachment; filename*=''%E9", "attachment", "filename", "\xc3\xa9", "charset-undeclared"},
    {"attachment; filename=\"\x95\x5c\x8e\xe3.txt\"", "attachment", "filename",
     "\xe8\xa1\xa8\xe5\xbc\xb1.txt", "charset-undeclared"},
    {"attachment; filename=\"\033$B@H;\"\033(B.txt\"", "attachment", "filename",
     "\xe8\x84\x86\xe6\x8b\xb6.txt", "charset-undeclared"},
    {"attachment; filename=old; filename*=utf-8''new", "attachment", "filename", "new", ""},
    {"attachment; filename*=nonsense", "attachment", "filename", "nonsense", "parameter-broken"},
    {"attachment; filename*=utf-8''%", "attachment", "filename", "%", ""},
    {"attachment; filename=\"=?utf-8?B?6ISGLnR4dA==?=\"", "attachment", "filename",
     "\xe8\x84\x86.txt", ""},
    {"attachment; filename=\"\x90\xc6\x8e\xe3.txt\"", "attachment", "filename",
     "\xe8\x84\x86\xe5\xbc\xb1.txt", "charset-undeclared"},
    {"attachment; filename=\"caf\xe9.txt\"", "attachment", "filename", "caf\xc3\xa9.txt",
     "charset-undeclared"},
    {"attachment; filename=\"\xe8\x84\x86.txt\"", "attachment", "filename", "\xe8\x84\x86.txt", ""},
    {"a/b; x; y=1", "a/b", "y", "1", "parameter-broken"},
};

static void values(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(values_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        struct parameters p = parameters_read(a, span_str(values_rows[i].field), &defects);
        const char *value = parameters_value(&p, values_rows[i].name);

        assert_string_equal(p.type, values_rows[i].type);
        if (values_rows[i].value == NULL)
            assert_null(value);
        else
            assert_string_equal(value, values_rows[i].value);
        if (values_rows[i].defect[0] != '\0')
            assert_true(strs_has(&defects, values_rows[i].defect));
        else
            assert_int_equal(defects.n, 0);
    }
}

static void hostile_sizes_are_bounded(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs defects = {0};
    char *field = arena_alloc(a, 300000);
    struct parameters p;

    (void)state;
    memset(field, '(', 200000);
    p = parameters_read(a, span_of(field, 200000), &defects);
    assert_true(strs_has(&defects, "comments-too-deep"));
    assert_true(strs_has(&defects, "field-too-long"));
    for (size_t i = 0; i < 60000; i += 4)
        memcpy(field + i, ";a=b", 4);
    p = parameters_read(a, span_of(field, 60000), &defects);
    assert_true(p.n <= PARAMETERS_MAX);
    assert_true(strs_has(&defects, "parameter-broken"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(hostile_sizes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
