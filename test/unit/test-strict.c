/* The strict text: what is read, and the reason for each thing that is not. */
#include "test/testlib.h"

#include <stdlib.h>

#include "base/buf.h"
#include "mime/strict-field.h"
#include "mime/strict.h"

#define PLAIN "Content-Type: text/plain; charset=utf-8\r\n\r\n"
#define MIXED(b) "Content-Type: multipart/mixed; boundary=" b "\r\n\r\n"

static const struct {
    const char *entity;
    enum strict_refusal want;
    const char *text;
} ROWS[] = {
    /* What is read. */
    {"\r\nEmbargod: C42 x\r\n", STRICT_OK, "Embargod: C42 x\n"},
    {"Subject: s\r\n\r\nbody", STRICT_OK, "body"},
    {"Subject: s\n\nbare LF\n", STRICT_OK, "bare LF\n"},
    {"Content-Type: text/plain\r\n", STRICT_OK, ""},
    {PLAIN "a\r\nb\r\n", STRICT_OK, "a\nb\n"},
    {"content-type: TEXT/Plain;\r\n charset=\"UTF-8\"; format=flowed;\r\n\r\nx", STRICT_OK, "x"},
    {"Content-Type: text/plain; charset=utf-8; name*=utf-8''x\r\n\r\nx", STRICT_OK, "x"},
    {"Content-Transfer-Encoding: quoted-printable\r\n" PLAIN "a=\r\nb=3D=\r\n\r\nend=20  \r\n",
     STRICT_OK, "ab=\nend \n"},
    {"Content-Transfer-Encoding: BASE64\r\n" PLAIN "aGVs\r\nbG8=\r\n", STRICT_OK, "hello"},
    {"Content-Transfer-Encoding: 8bit\r\n" PLAIN "\xc3\xa4\r\n", STRICT_OK, "\xc3\xa4\n"},
    {"Content-Transfer-Encoding: 8bit\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n\xe4",
     STRICT_OK, "\xc3\xa4"},
    {"Content-Transfer-Encoding: 8bit\r\nContent-Type: text/plain; charset=Windows-1252\r\n\r\n"
     "\x80",
     STRICT_OK, "\xe2\x82\xac"},
    {"Content-Type: text/plain; charset=ISO-2022-JP\r\n\r\n\x1b$B4A;z\x1b(B", STRICT_OK,
     "\xe6\xbc\xa2\xe5\xad\x97"},
    {MIXED("b") "--b\r\n" PLAIN "one\r\n\r\n--b\r\n" PLAIN "two\r\n--b--\r\n", STRICT_OK, "one\n"},
    {MIXED("b") "preamble\r\n--b  \r\n\r\none\r\n--b--", STRICT_OK, "one"},
    {MIXED("b") "--b\r\n\r\n--b--", STRICT_OK, ""},
    {MIXED("a") "--a\r\n" MIXED("b") "--b\r\n" MIXED("c") "--c\r\n\r\ndeep\r\n--c--\r\n--b--\r\n"
                                                          "--a--",
     STRICT_OK, "deep"},
    {"Content-Type: multipart/alternative; boundary=\"b c\"\r\n\r\n--b c\r\n\r\nx\r\n--b c--",
     STRICT_OK, "x"},
    /* What is not. */
    {"no header at all\r\n\r\nx", STRICT_HEADER, NULL},
    {" folded: first\r\n\r\nx", STRICT_HEADER, NULL},
    {"Subject : blank before the colon\r\n\r\nx", STRICT_HEADER, NULL},
    {"Subject: a\rb\r\n\r\nx", STRICT_HEADER, NULL},
    {"Subject: a\r\n \t\r\n\r\nx", STRICT_HEADER, NULL},
    {"Content-Type: text/plain\r\nContent-Type: text/plain\r\n\r\nx", STRICT_DOUBLED, NULL},
    {"Content-Type: text/plain\r\nCONTENT-TYPE: text/html\r\n\r\nx", STRICT_DOUBLED, NULL},
    {"Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\nx",
     STRICT_DOUBLED, NULL},
    {"Content-Type: text/plain; charset=utf-8; charset=us-ascii\r\n\r\nx", STRICT_DOUBLED, NULL},
    {"Content-Type: text/plain (comment)\r\n\r\nx", STRICT_PARAMETER, NULL},
    {"Content-Type: text/plain; charset=(x)utf-8\r\n\r\nx", STRICT_PARAMETER, NULL},
    {"Content-Type: text/plain; charset*=utf-8''utf-8\r\n\r\nx", STRICT_PARAMETER, NULL},
    {"Content-Type: multipart/mixed; boundary*0=b\r\n\r\n--b\r\n\r\nx\r\n--b--", STRICT_PARAMETER,
     NULL},
    {"Content-Type: text/plain; charset=\"utf-8\r\n\r\nx", STRICT_PARAMETER, NULL},
    {"Content-Type:\r\n\r\nx", STRICT_PARAMETER, NULL},
    {"Content-Type: text/plain charset=utf-8\r\n\r\nx", STRICT_PARAMETER, NULL},
    {"Content-Type: text/html\r\n\r\nx", STRICT_TYPE, NULL},
    {"Content-Type: text\r\n\r\nx", STRICT_TYPE, NULL},
    {"Content-Type: multipart/related; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--", STRICT_TYPE, NULL},
    {MIXED("b") "--b\r\nContent-Type: text/html\r\n\r\nx\r\n--b\r\n\r\nplain\r\n--b--", STRICT_TYPE,
     NULL},
    {"Content-Transfer-Encoding: uuencode\r\n\r\nx", STRICT_ENCODING, NULL},
    {"Content-Transfer-Encoding: base64 (x)\r\n\r\nx", STRICT_ENCODING, NULL},
    {"Content-Transfer-Encoding: base64\r\n\r\naGVsbG8=junk!", STRICT_ENCODING, NULL},
    {"Content-Transfer-Encoding: quoted-printable\r\n\r\na=ZZ", STRICT_ENCODING, NULL},
    {"Content-Transfer-Encoding: quoted-printable\r\n\r\na=4", STRICT_ENCODING, NULL},
    {PLAIN "\xc3\xa4", STRICT_ENCODING, NULL},
    {"Content-Transfer-Encoding: base64\r\n" MIXED("b") "--b\r\n\r\nx\r\n--b--", STRICT_ENCODING,
     NULL},
    {"Content-Type: text/plain; charset=shift_jis\r\n\r\nx", STRICT_CHARSET, NULL},
    {"Content-Type: text/plain; charset=utf-7\r\n\r\n+AEU-", STRICT_CHARSET, NULL},
    {"Content-Transfer-Encoding: 8bit\r\n" PLAIN "\xff", STRICT_CHARSET, NULL},
    {"Content-Transfer-Encoding: 8bit\r\n\r\n\xc3\xa4", STRICT_CHARSET, NULL},
    {"Content-Transfer-Encoding: quoted-printable\r\n" PLAIN "a=00b", STRICT_CHARSET, NULL},
    {"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B4", STRICT_CHARSET, NULL},
    {"Content-Type: multipart/mixed\r\n\r\nx", STRICT_BOUNDARY, NULL},
    {MIXED("\"\"") "--\r\n\r\nx\r\n----", STRICT_BOUNDARY, NULL},
    {MIXED("\"b \"") "--b \r\n\r\nx\r\n--b --", STRICT_BOUNDARY, NULL},
    {MIXED("b") "nothing", STRICT_BOUNDARY, NULL},
    {MIXED("b") "--b--\r\n--b\r\n\r\nx\r\n--b--", STRICT_BOUNDARY, NULL},
    {MIXED("b") "--b\r\n\r\nunclosed\r\n", STRICT_BOUNDARY, NULL},
    {MIXED("b") "--bx\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--", STRICT_BOUNDARY, NULL},
    {MIXED("b") "--b\r\n\r\nx\r\n--bx\r\ny\r\n--b--", STRICT_BOUNDARY, NULL},
    {MIXED("a") "--a\r\n" MIXED("a") "--a\r\n\r\nx\r\n--a--", STRICT_BOUNDARY, NULL},
    {MIXED("a") "--a\r\n" MIXED("b") "--b\r\n" MIXED("c") "--c\r\n" MIXED(
         "d") "--d\r\n\r\nx\r\n--d--\r\n--c--\r\n--b--\r\n--a--",
     STRICT_DEPTH, NULL},
};

static void strict_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct span text;
        enum strict_refusal got = strict_text(a, span_str(ROWS[i].entity), &text);

        if (got != ROWS[i].want)
            fail_msg("%s: %d, not %d", ROWS[i].entity, got, ROWS[i].want);
        if (got == STRICT_OK && !span_eq_str(text, ROWS[i].text))
            fail_msg("%s: %s", ROWS[i].entity, span_dup(a, text));
        assert_non_null(strict_reason(got));
    }
}

static void a_nul_is_never_text(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    static const char BODY[] = "\r\na\0b";
    static const char HEADER[] = "A: \0b\r\n\r\nx";
    struct span text;

    (void)state;
    assert_int_equal(strict_text(a, span_of(BODY, sizeof(BODY) - 1), &text), STRICT_CHARSET);
    assert_int_equal(strict_text(a, span_of(HEADER, sizeof(HEADER) - 1), &text), STRICT_HEADER);
}

static void limits(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf big = buf_new(a, 16 * 1024 * 1024);
    struct span text;

    (void)state;
    for (int i = 0; i < STRICT_FIELDS_MAX + 1; i++)
        buf_printf(&big, "X-%d: y\r\n", i);
    assert_int_equal(strict_text(a, buf_span(&big), &text), STRICT_TOO_LARGE);
    big.n = 0;
    buf_add_str(&big, "A: b\r\n");
    for (int i = 0; i < STRICT_HEADER_MAX / 4; i++)
        buf_add_str(&big, " x\r\n");
    assert_int_equal(strict_text(a, buf_span(&big), &text), STRICT_TOO_LARGE);
    big.n = 0;
    buf_add_str(&big, PLAIN);
    for (int i = 0; i < STRICT_TEXT_MAX / 8 + 1; i++)
        buf_add_str(&big, "1234567\n");
    assert_int_equal(strict_text(a, buf_span(&big), &text), STRICT_TOO_LARGE);
}

/* What the guard could not see is refused: a letter with it is held. */
static void hidden_things_are_refused(void **state)
{
    static const struct {
        const char *mail;
        enum strict_refusal want;
    } HIDDEN[] = {
        {"Subject: x\r\n" MIXED("b") "--b\r\n" PLAIN "x\r\n--b--\r\nxxx\r\n", STRICT_OK},
        {"Subject: x\r\n" MIXED("b") "preamble\r\n--b\r\n" PLAIN "x\r\n--b--\r\n", STRICT_BOUNDARY},
        {"Subject: x\r\n" MIXED("b") "--b\r\n" PLAIN "x\r\n--b--\r\nepilogue\r\n", STRICT_BOUNDARY},
        {"Subject: x\r\n" MIXED("b") "--b\r\nX-Note: n\r\n" PLAIN "x\r\n--b--\r\n", STRICT_HEADER},
        {"Subject: =?iso-8859-1?Q?x?=\r\n" PLAIN "x\r\n", STRICT_HEADER},
        {"Subject: =?utf-8?B?/w==?=\r\n" PLAIN "x\r\n", STRICT_HEADER},
        {"Subject: x\r\nContent-Type: text/html\r\n\r\nx\r\n", STRICT_TYPE},
        {"Subject: x\r\n" MIXED("b") "--b\r\n" MIXED("c") "--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
         STRICT_TYPE},
        {"Subject: x\r\n" MIXED("b") "--b\r\nContent-Type: message/rfc822\r\n\r\nx\r\n--b--\r\n",
         STRICT_TYPE},
    };

    (void)state;
    for (size_t i = 0; i < LEN(HIDDEN); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strict_mail mail;
        enum strict_refusal got = strict_read_all(a, span_str(HIDDEN[i].mail), &mail);

        if (got != HIDDEN[i].want)
            fail_msg("%s: %d, not %d", HIDDEN[i].mail, got, HIDDEN[i].want);
    }
}

/* Every row, cut at every byte: an answer each time, and nothing read past the end. */
static void any_cut_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        for (size_t n = 0; n <= strlen(ROWS[i].entity); n++) {
            SCOPED(arena_free) struct arena *a = arena_new();
            unsigned char *tight = malloc(n == 0 ? 1 : n);
            struct span text;
            struct strict_mail mail;

            memcpy(tight, ROWS[i].entity, n);
            assert_true(strict_text(a, span_of(tight, n), &text) <= STRICT_TOO_LARGE);
            assert_true(strict_read_all(a, span_of(tight, n), &mail) <= STRICT_TOO_LARGE);
            free(tight);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strict_texts),    cmocka_unit_test(a_nul_is_never_text),
        cmocka_unit_test(limits),          cmocka_unit_test(hidden_things_are_refused),
        cmocka_unit_test(any_cut_is_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
