#include "mime/decode.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void bodies(void **state)
{
    static const struct {
        const char *encoding;
        const char *body;
        const char *want;
        const char *defect;
    } rows[] = {
        {"", "a=3D", "a=3D", ""},
        {"7bit", "a\r\n", "a\r\n", ""},
        {"base64", "YWJj\r\nZGU=\r\n", "abcde", ""},
        {"base64", "YW Jj!ZGU", "abcde", "base64-broken"},
        {"base64", "YQ==YmM=", "abc", "base64-joined"},
        {"base64", "Y", "", "base64-broken"},
        {"base64", "YQ=", "a", "base64-broken"},
        {"base64", "YWI==", "ab", "base64-broken"},
        {"base64", "YWJj=", "abc", "base64-broken"},
        {"base64", "", "", ""},
        {"quoted-printable", "a=3Db=\r\nc \t\r\nd", "a=bc\r\nd", ""},
        {"quoted-printable", "a=  \r\nb", "ab", ""},
        {"quoted-printable", "a=XX b=4", "a=XX b=4", "quoted-printable-broken"},
        {"quoted-printable", "a=e9", "a\xe9", ""},
        {"quoted-printable", "a=\nb=", "ab", ""},
        {"quoted-printable", "a  b  ", "a  b", ""},
        {"x-uuencode", "begin 644 x\n#86)C\n \nend\n", "abc", ""},
        {"x-uuencode", "junk", "", "uuencode-broken"},
        {"x-own", "a", "a", "encoding-unknown"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        struct span got = decode_transfer(a, span_str(rows[i].body), rows[i].encoding, &defects);

        assert_string_equal(span_dup(a, got), rows[i].want);
        if (rows[i].defect[0] != '\0')
            assert_true(strs_has(&defects, rows[i].defect));
        else
            assert_int_equal(defects.n, 0);
    }
}

/* Long runs of blanks must not cost the square of their length. */
static void blanks_are_linear(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs defects = {0};
    size_t n = 20 * 1024 * 1024;
    char *body = arena_alloc(a, n);
    int64_t begin = clock_monotonic_ms();

    (void)state;
    memset(body, ' ', n);
    body[n - 1] = 'x';
    assert_int_equal(decode_transfer(a, span_of(body, n), "quoted-printable", &defects).n, n);
    assert_true(clock_monotonic_ms() - begin < 5000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies),
        cmocka_unit_test(blanks_are_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
