#include "test/testlib.h"

#include "base/buf.h"
#include "mime/rtf.h"
#include "mime/split.h"
#include "mime/tnef.h"

enum { MAX = 100000 };

/* A text, and a file "poc.bin" whose MAPI properties give it a long name. */
#define MAGIC "\x78\x9f\x3e\x22\x01\x00"
#define BODY "\x01\x0c\x80\x02\x00\x06\x00\x00\x00hello\0\x00\x00"
#define FILE_BEGINS "\x02\x02\x90\x06\x00\x02\x00\x00\x00xx\x00\x00"
#define FILE_TITLE "\x02\x10\x80\x01\x00\x04\x00\x00\x00poc\0\x00\x00"
#define FILE_DATA "\x02\x0f\x80\x06\x00\x03\x00\x00\x00\x01\x02\x03\x00\x00"
#define FILE_NAME                                                                  \
    "\x02\x05\x90\x06\x00\x1c\x00\x00\x00\x02\x00\x00\x00\x03\x00\x05\x37\x01\x00" \
    "\x00\x00\x1e\x00\x07\x37\x01\x00\x00\x00\x04\x00\x00\x00long\x00\x00"

static const char whole[] = MAGIC BODY FILE_BEGINS FILE_TITLE FILE_DATA FILE_NAME;

static void a_whole_one(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs defects = {0};
    struct span entity = tnef_to_entity(a, span_of(whole, sizeof(whole) - 1), false, &defects);
    struct split s = split_mail(a, entity, &split_limits_default);

    (void)state;
    assert_int_equal(defects.n, 0);
    assert_int_equal(s.n, 3);
    assert_string_equal(s.at[1].type.type, "text/plain");
    assert_true(span_starts(s.at[1].body, "aGVsbG8"));
    assert_true(span_find_span(s.at[2].header, span_str("utf-8''long\r\n")) < s.at[2].header.n);
    assert_true(span_starts(s.at[2].body, "AQID"));
}

/* However it is cut, it is read as far as it goes, and says so. */
static void every_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(whole) - 1; n++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        struct span cut = span_first(span_of(whole, sizeof(whole) - 1), n);
        struct span entity = tnef_to_entity(a, cut, true, &defects);

        assert_true(tnef_is(cut) == (n >= 4));
        assert_true(n < sizeof(MAGIC BODY) || entity.n > 0);
    }
}

static void too_many_files(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs defects = {0};
    struct buf b = buf_new(a, MAX);

    (void)state;
    buf_add(&b, MAGIC, sizeof(MAGIC) - 1);
    for (int i = 0; i <= TNEF_ATTACHMENTS_MAX; i++)
        buf_add(&b, FILE_BEGINS, sizeof(FILE_BEGINS) - 1);
    tnef_to_entity(a, buf_span(&b), false, &defects);
    assert_true(strs_has(&defects, "tnef-too-many"));
}

static void rtf_rows(void **state)
{
    static const struct {
        const char *rtf;
        const char *text;
    } rows[] = {
        {"{\\rtf1 hello\\par world}", "hello\nworld"},
        {"{\\rtf1{\\fonttbl{\\f0 Arial;}}{\\colortbl;}hello}", "hello"},
        {"{\\rtf1{\\*\\unknown gone}kept}", "kept"},
        {"{\\rtf1\\ansicpg932 \\'8a\\'bf}", "漢"},
        {"{\\rtf1 \\u28450?\\uc2\\u23383??.}", "漢字."},
        {"{\\rtf1 a\\{b\\}\\\\c}", "a{b}\\c"},
        {"{\\rtf1\\fromhtml1{\\*\\htmltag64 <p>}\\htmlrtf{\\htmlrtf0 x}", "\nx"},
        {"{\\rtf1 \\u-10179?\\u-8704?.}", "\xf0\x9f\x98\x80."},
        {"}}}{\\", "\\"},
        {"\\u", ""},
        {"\\'", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct span rtf = span_str(rows[i].rtf);
        struct span got = rtf_to_text(a, rtf, MAX);

        for (size_t n = 0; n < rtf.n; n++)
            rtf_to_text(a, span_first(rtf, n), MAX);
        assert_string_equal(span_dup(a, got), rows[i].text);
    }
}

/* A reference into what was put out, also into the part that it makes itself. */
static void packed_rtf(void **state)
{
    static const char packed[] = "\x00\x00\x00\x00\x0a\x00\x00\x00LZFu\x00\x00\x00\x00"
                                 "\x18"
                                 "abc\x0c\xf7\x0d\xb0";
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span bytes = span_of(packed, sizeof(packed) - 1);
    struct span got = rtf_unpack(a, bytes, MAX);

    (void)state;
    assert_string_equal(span_dup(a, got), "abcabcabcabc");
    assert_int_equal(rtf_unpack(a, bytes, 5).n, 5);
    for (size_t n = 0; n < bytes.n; n++)
        assert_true(rtf_unpack(a, span_first(bytes, n), MAX).n <= got.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_one),    cmocka_unit_test(every_cut),
        cmocka_unit_test(too_many_files), cmocka_unit_test(rtf_rows),
        cmocka_unit_test(packed_rtf),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
