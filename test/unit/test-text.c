#include "test/testlib.h"

#include "base/text.h"

static void utf8_points(void **state)
{
    static const struct {
        const char *bytes;
        size_t n, want_n;
        uint32_t want;
    } rows[] = {
        {"", 0, 0, 0},
        {"a", 1, 1, 'a'},
        {"\0", 1, 1, 0},
        {"\xc2\x80", 2, 2, 0x80},
        {"\xdf\xbf", 2, 2, 0x7FF},
        {"\xe0\xa0\x80", 3, 3, 0x800},
        {"\xed\x9f\xbf", 3, 3, 0xD7FF},
        {"\xee\x80\x80", 3, 3, 0xE000},
        {"\xf0\x90\x80\x80", 4, 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 4, 0x10FFFF},
        {"\xc0\x80", 2, 0, 0},         /* overlong */
        {"\xc1\xbf", 2, 0, 0},         /* overlong */
        {"\xe0\x9f\xbf", 3, 0, 0},     /* overlong */
        {"\xf0\x8f\xbf\xbf", 4, 0, 0}, /* overlong */
        {"\xed\xa0\x80", 3, 0, 0},     /* surrogate */
        {"\xed\xbf\xbf", 3, 0, 0},     /* surrogate */
        {"\xf4\x90\x80\x80", 4, 0, 0}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", 4, 0, 0},
        {"\xff", 1, 0, 0},
        {"\x80", 1, 0, 0},
        {"\xc3", 1, 0, 0},
        {"\xc3\x28", 2, 0, 0},
        {"\xe2\x82", 2, 0, 0},
        {"\xf0\x9f\x98", 3, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        uint32_t point = 0;
        size_t n = text_utf8_next(span_of(rows[i].bytes, rows[i].n), &point);

        assert_row(rows[i].bytes, n == rows[i].want_n);
        assert_row(rows[i].bytes, point == rows[i].want);
        assert_row(rows[i].bytes,
                   text_is_utf8(span_of(rows[i].bytes, rows[i].n)) == (rows[i].n == n));
    }
}

static void every_point_survives(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 4);

    (void)state;
    for (uint32_t point = 0; point <= 0x110000; point++) {
        bool valid = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
        uint32_t back = 0;

        b.n = 0;
        text_utf8_add(&b, point);
        assert_int_equal(text_utf8_next(buf_span(&b), &back), b.n);
        assert_int_equal(back, valid ? point : 0xFFFD);
    }
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        uint64_t max;
        bool ok;
        uint64_t want;
    } rows[] = {
        {"0", 10, true, 0},
        {"0010", 10, true, 10},
        {"11", 10, false, 0},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"99999999999999999999999", UINT64_MAX, false, 0},
        {"", 10, false, 0},
        {"+1", 10, false, 0},
        {"-1", 10, false, 0},
        {" 1", 10, false, 0},
        {"1 ", 10, false, 0},
        {"0x1", 10, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        uint64_t value = 77;
        bool ok = text_to_u64(span_str(rows[i].text), rows[i].max, &value);

        assert_row(rows[i].text, ok == rows[i].ok);
        assert_row(rows[i].text, value == (ok ? rows[i].want : 77));
    }
}

/* RFC 4648 section 10, in lower case and without padding for base32. */
static void encodings(void **state)
{
    static const struct {
        const char *plain, *hex, *base32, *base64;
    } rows[] = {
        {"", "", "", ""},
        {"f", "66", "my", "Zg=="},
        {"fo", "666f", "mzxq", "Zm8="},
        {"foo", "666f6f", "mzxw6", "Zm9v"},
        {"foob", "666f6f62", "mzxw6yq", "Zm9vYg=="},
        {"fooba", "666f6f6261", "mzxw6ytb", "Zm9vYmE="},
        {"foobar", "666f6f626172", "mzxw6ytboi", "Zm9vYmFy"},
        {"\xff\xfe\xfd", "fffefd", "7775", "//79"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span plain = span_str(rows[i].plain);
        struct span back;

        assert_string_equal(text_hex(a, plain, false), rows[i].hex);
        assert_true(text_from_hex(a, span_str(text_hex(a, plain, true)), &back));
        assert_true(span_eq(back, plain));
        assert_true(text_from_base32(a, span_str(text_base32(a, plain)), &back));
        assert_true(span_eq(back, plain));
        assert_string_equal(text_base64(a, plain, 0), rows[i].base64);
        assert_true(text_from_base64(a, span_str(rows[i].base64), &back));
        assert_true(span_eq(back, plain));
        if (i < 7)
            assert_string_equal(text_base32(a, plain), rows[i].base32);
    }
}

static void all_lengths_survive(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    unsigned char bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 7 + 1);
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        struct span plain = span_of(bytes, n);
        struct span back;

        assert_true(text_from_base32(a, span_str(text_base32(a, plain)), &back));
        assert_true(span_eq(back, plain));
        for (size_t line = 0; line <= 80; line += 19) {
            assert_true(text_from_base64(a, span_str(text_base64(a, plain, line)), &back));
            assert_true(span_eq(back, plain));
        }
    }
}

static void base64_lines_end_in_crlf(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    assert_string_equal(text_base64(a, span_str("foobar"), 4), "Zm9v\r\nYmFy\r\n");
    assert_string_equal(text_base64(a, span_str("foob"), 76), "Zm9vYg==\r\n");
    assert_string_equal(text_base64(a, span_str(""), 76), "");
}

static void broken_encodings(void **state)
{
    static const char *const hex[] = {"a", "0g", "0x00", "00 "};
    static const char *const base32[] = {"m", "mzxw6yt", "mz", "m1", "mzxw6=", "mzxw6y"};
    static const char *const base64[] = {
        "Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm-v", "Zm9v=", "=Zm9"};
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span back = span_str("untouched");

    (void)state;
    for (size_t i = 0; i < LEN(hex); i++)
        assert_row(hex[i], !text_from_hex(a, span_str(hex[i]), &back));
    for (size_t i = 0; i < LEN(base32); i++)
        assert_row(base32[i], !text_from_base32(a, span_str(base32[i]), &back));
    for (size_t i = 0; i < LEN(base64); i++)
        assert_row(base64[i], !text_from_base64(a, span_str(base64[i]), &back));
    assert_true(span_eq_str(back, "untouched"));
    assert_true(text_from_base32(a, span_str("MZXW-6YTB"), &back));
    assert_true(span_eq_str(back, "fooba"));
    assert_true(text_from_base64(a, span_str(" Zm9\r\n v\tYg = ="), &back));
    assert_true(span_eq_str(back, "foob"));
}

static void instants(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        instant want;
    } rows[] = {
        {"1970-01-01T00:00:00Z", true, 0},
        {"1969-12-31T23:59:59Z", true, -1},
        {"2026-12-24T13:00:00Z", true, 1798117200},
        {"2026-12-24T14:00+09:00", true, 1798088400},
        {"2026-12-24t14:00:30-02:30", true, 1798129830},
        {"2024-02-29T00:00Z", true, 1709164800},
        {"2000-02-29T00:00Z", true, 951782400},
        {"0000-03-01T00:00Z", true, -62162035200},
        {"9999-12-31T23:59:59Z", true, 253402300799},
        {"2016-12-31T23:59:60Z", true, 1483228800},
        {"@0", true, 0},
        {"@1798117200", true, 1798117200},
        {"2026-12-24", false, 0},
        {"2026-12-24T14:00", false, 0},
        {"2026-12-24 14:00Z", false, 0},
        {"2026-12-24T24:00Z", false, 0},
        {"2026-12-24T14:60Z", false, 0},
        {"2026-12-24T14:00:61Z", false, 0},
        {"2026-12-24T14:00:00.5Z", false, 0},
        {"2026-12-24T14:00Zx", false, 0},
        {"2026-12-24T14:00+0900", false, 0},
        {"2026-12-24T14:00+24:00", false, 0},
        {"2026-02-29T14:00Z", false, 0},
        {"1900-02-29T14:00Z", false, 0},
        {"2026-00-01T14:00Z", false, 0},
        {"2026-01-00T14:00Z", false, 0},
        {"2026-13-01T14:00Z", false, 0},
        {"@", false, 0},
        {"@-1", false, 0},
        {"", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        instant at = 77;
        bool ok = text_to_instant(span_str(rows[i].text), &at);

        assert_row(rows[i].text, ok == rows[i].ok);
        assert_row(rows[i].text, at == (ok ? rows[i].want : 77));
    }
}

static void instants_print_as_they_parse(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    assert_string_equal(text_rfc3339(a, 1798117200), "2026-12-24T13:00:00Z");
    for (instant at = -62167219200; at <= 253402300799; at += 86400 * 97 + 3671) {
        instant back = 77;

        assert_true(text_to_instant(span_str(text_rfc3339(a, at)), &back));
        assert_int_equal(back, at);
    }
    assert_non_null(text_rfc3339(a, INT64_MAX));
}

static void durations(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t want;
    } rows[] = {
        {"0", true, 0},
        {"90", true, 90},
        {"3s", true, 3},
        {"10m", true, 600},
        {"1h", true, 3600},
        {"45d", true, 3888000},
        {"", false, 0},
        {"m", false, 0},
        {"10 m", false, 0},
        {"-1m", false, 0},
        {"10w", false, 0},
        {"10M", false, 0},
        {"1h30m", false, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775807d", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t seconds = 77;
        bool ok = text_to_duration(span_str(rows[i].text), &seconds);

        assert_row(rows[i].text, ok == rows[i].ok);
        if (ok)
            assert_row(rows[i].text, seconds == rows[i].want);
    }
}

static void one_line_is_safe(void **state)
{
    static const struct {
        const char *text;
        size_t max;
        const char *want;
    } rows[] = {
        {"plain", 100, "plain"},
        {"two\r\nlines", 100, "two??lines"},
        {"\x1b[31mred", 100, "?[31mred"},
        {"gr\xc3\xbc\xc3\x9f", 100, "gr\xc3\xbc\xc3\x9f"},
        {"gr\xc3\xbc\xc3\x9f", 5, "gr\xc3\xbc"},
        {"bad\xff\xc3", 100, "bad??"},
        {"a\xe2\x80\xae"
         "b",
         100, "a⟨U+202E⟩b"},                                          /* right-to-left override */
        {"a\xe2\x80\x8b\xef\xbb\xbf", 100, "a⟨U+200B⟩⟨U+FEFF⟩"},      /* zero-width space, BOM */
        {"\xc2\x85\xe2\x80\xa8\xf3\xa0\x81\x81", 100, "??⟨U+E0041⟩"}, /* NEL, line separator, tag */
        {"a\xe2\x80\xae", 5, "a"},
        {"", 100, ""},
        {"x", 0, ""},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_string_equal(text_one_line(a, span_str(rows[i].text), rows[i].max), rows[i].want);
}

static void nearest_words(void **state)
{
    static const char *const words[] = {"Send", "Status", "Share", "Stop", "Summary", "Title"};
    static const struct {
        const char *word, *want;
    } rows[] = {
        {"Sned", "Send"},   {"send", "Send"},     {"Statsu", "Status"}, {"Sumary", "Summary"},
        {"Titel", "Title"}, {"Embargo", NULL},    {"shar", "Share"},    {"Sttus", "Status"},
        {"", NULL},         {"Summarrryy", NULL},
    };
    char longer[200];

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        const char *got = text_nearest(rows[i].word, words, LEN(words));

        assert_row(rows[i].word, (got == NULL) == (rows[i].want == NULL));
        if (got != NULL)
            assert_string_equal(got, rows[i].want);
    }
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    assert_null(text_nearest(longer, words, LEN(words)));
    assert_null(text_nearest("Send", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_points),
        cmocka_unit_test(every_point_survives),
        cmocka_unit_test(numbers),
        cmocka_unit_test(encodings),
        cmocka_unit_test(all_lengths_survive),
        cmocka_unit_test(base64_lines_end_in_crlf),
        cmocka_unit_test(broken_encodings),
        cmocka_unit_test(instants),
        cmocka_unit_test(instants_print_as_they_parse),
        cmocka_unit_test(durations),
        cmocka_unit_test(one_line_is_safe),
        cmocka_unit_test(nearest_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
