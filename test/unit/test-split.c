#include "mime/split.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

static void assert_span(struct span s, const char *want)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    assert_string_equal(span_dup(a, s), want);
    assert_int_equal(s.n, strlen(want));
}

/* A mail, and what its parts are: "path type|raw;..." with \r as ~ and \n as /. */
static char *picture(struct arena *a, const struct split *s)
{
    struct buf out = buf_new(a, 1024 * 1024);

    for (size_t i = 0; i < s->n; i++) {
        char *raw = span_dup(a, s->at[i].raw);

        for (char *c = raw; *c != '\0'; c++)
            *c = *c == '\r' ? '~' : *c == '\n' ? '/' : *c;
        if (s->at[i].n_children == 0)
            buf_printf(&out, "%s %s|%s;", split_path(a, s, &s->at[i], ""), s->at[i].type.type, raw);
    }
    return out.at;
}

static const struct {
    const char *mail;
    const char *want;
    const char *defect; /* "" none */
} shapes_rows[] = {
    {"A: 1\r\n\r\nx", "1 text/plain|A: 1~/~/x;", ""},
    {"", "1 text/plain|;", ""},
    {"\r\n", "1 text/plain|~/;", ""},
    {"no header", "1 text/plain|no header;", "header-not-ended"},
    {"From x Mon\nA: 1\n\nx", "1 text/plain|From x Mon/A: 1//x;", "mbox-from-line"},
    {HEAD "--b\r\n\r\nx\r\n--b--\r\n", "1 text/plain|~/x;", ""},
    {HEAD "--b\r\n\r\n\r\n\r\nx \r\n--b--\r\n", "1 text/plain|~/~/~/x ;", ""},
    {HEAD "--b\r\nA: 1\r\n\r\nx\r\n\r\n--b--", "1 text/plain|A: 1~/~/x~/;", ""},
    {HEAD "--b\r\nA: 1\r\n--b--", "1 text/plain|A: 1;", ""},
    {HEAD "--b\r\n--b\r\n\r\n--b\r\n\r\n\r\n--b--", "1 text/plain|;2 text/plain|;3 text/plain|~/;",
     "part-empty"},
    {"Content-Type: te\xc2\xadxt/plain\n\nx", "1 text/plain|Content-Type: te\xc2\xadxt/plain//x;",
     "content-type-broken"},
    {"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\neA==",
     "1 message/rfc822|Content-Type: message/rfc822/Content-Transfer-Encoding: base64//eA==;",
     "mail-encoded"},
    {HEAD "pre\r\n--b \t\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--  \r\npost",
     "1 text/plain|~/1;2 text/plain|~/2;", ""},
    {HEAD "--b\r\n\r\nx\r\n--b2\r\n--bb--\r\n--b--", "1 text/plain|~/x~/--b2~/--bb--;", ""},
    {HEAD "--b\r\n\r\nx\r\n", "1 text/plain|~/x~/;", "boundary-not-closed"},
    {HEAD "x\r\n", "1 multipart/mixed|Content-Type: multipart/mixed; boundary=b~/~/x~/;",
     "boundary-not-found"},
    {"Content-Type: multipart/mixed\r\n\r\nx",
     "1 multipart/mixed|Content-Type: multipart/mixed~/~/x;", "boundary-missing"},
    {"Content-Type: multipart/mixed; boundary=\"\\\"\"\r\n\r\n--\"\r\n\r\nx\r\n--\"--",
     "1 text/plain|~/x;", ""},
    {"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx\r\n--",
     "1 multipart/mixed|Content-Type: multipart/mixed; boundary=\"\"~/~/--~/~/x~/--;",
     "boundary-broken"},
    {"Content-Type: multipart/mixed; boundary*0=\"a\"; boundary*1=c\n\n--ac\n\nx\n--ac--",
     "1 text/plain|/x;", "boundary-extended"},
    {"Content-Type : multipart/mixed; boundary=b\n\n--b\n\nx\n--b--", "1 text/plain|/x;",
     "header-blank-before-colon"},
    {HEAD "--b--\r\n--b\r\n\r\nx\r\n--b--",
     "1 multipart/mixed|Content-Type: multipart/mixed; boundary=b~/~/--b--~/--b~/~/x~/--b--;",
     "boundary-not-found"},
    {"Content-Type: multipart/mixed;\n \n boundary=b\n\n--b\n\nx\n--b--", "1 text/plain|/x;",
     "header-blank-continuation"},
    {"Content-Type: text/plain\nContent-Type: text/html\n\nx",
     "1 text/plain|Content-Type: text/plain/Content-Type: text/html//x;", "content-type-doubled"},
    {"Content-Type: multipart/digest; boundary=b\n\n--b\n\nA: 1\n\nx\n--b--",
     "1 message/rfc822|/A: 1//x;", ""},
    {"Content-Type: rubbish\n\nx", "1 text/plain|Content-Type: rubbish//x;", "content-type-broken"},
    {HEAD "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--b\r\n\r\ny"
          "\r\n--b--",
     "1.1 text/plain|~/x;2 text/plain|~/y;", "boundary-not-closed"},
    {HEAD "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n"
          "--b\r\n\r\ny\r\n--b--",
     "1.1 text/plain|~/x;2 text/plain|~/y;", "boundary-reused"},
    {"A: 1\r\n\nx", "1 text/plain|A: 1~//x;", "line-ends-mixed"},
    {"\xff: 1\n\nx", "1 text/plain|\xff: 1//x;", "header-not-ended"},
};

static void shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(shapes_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct split s = split_mail(a, span_str(shapes_rows[i].mail), &split_limits_default);

        assert_string_equal(picture(a, &s), shapes_rows[i].want);
        if (shapes_rows[i].defect[0] == '\0')
            assert_int_equal(s.defects.n, 0);
        else
            assert_true(strs_has(&s.defects, shapes_rows[i].defect));
    }
}

static void spans_of_one_part(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span mail = span_str(HEAD "--b\r\nSubject: a\r\n b\r\n\r\nbody\r\n--b--\r\n");
    struct split s = split_mail(a, mail, &split_limits_default);
    const struct split_part *child = split_child(&s, &s.at[0], 1);

    (void)state;
    assert_span(child->raw, "Subject: a\r\n b\r\n\r\nbody");
    assert_span(child->header, "Subject: a\r\n b\r\n");
    assert_span(child->body, "body");
    assert_string_equal(header_unfold(a, header_value(&child->fields, "subject")), "a b");
    assert_null(split_child(&s, &s.at[0], 2));
    assert_true(span_eq(s.at[0].raw, mail));
}

static void paths_go_on_below_a_base(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct split leaf = split_mail(a, span_str("\n\nx"), &split_limits_default);
    struct split two =
        split_mail(a, span_str(HEAD "--b\n\n1\n--b\n\n2\n--b--"), &split_limits_default);

    (void)state;
    assert_string_equal(split_path(a, &leaf, &leaf.at[0], "2"), "2.1");
    assert_string_equal(split_path(a, &two, &two.at[0], ""), "");
    assert_string_equal(split_path(a, &two, &two.at[0], "2"), "2");
    assert_string_equal(split_path(a, &two, &two.at[2], "2.1"), "2.1.2");
}

static void limits_are_defects(void **state)
{
    struct split_limits small = {.bytes = 1000, .header = 60, .line = 50, .parts = 3, .depth = 1};
    static const struct {
        const char *mail;
        const char *want;
        size_t parts;
    } rows[] = {
        {HEAD "--b\n\n1\n--b\n\n2\n--b\n\n3\n--b\n\n4\n--b--", "too-many-parts", 3},
        {HEAD "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n1\n--c--\n--b--",
         "too-deep", 2},
        {"A: 12345678901234567890\nB: 12345678901234567890\nC: 12345678901234567890\n\n",
         "header-too-large", 1},
        {"A: 1\n\n123456789012345678901234567890123456789012345678901\n", "line-too-long", 1},
        {"A: 1\n\n\0x", "nul", 1},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        size_t n = strcmp(rows[i].want, "nul") == 0 ? 8 : strlen(rows[i].mail);
        struct split s = split_mail(a, span_of(rows[i].mail, n), &small);

        assert_true(strs_has(&s.defects, rows[i].want));
        assert_int_equal(s.n, rows[i].parts);
    }
}

static void too_many_bytes_stay_one_leaf(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct split_limits small = {.bytes = 10, .header = 60, .line = 50, .parts = 3, .depth = 1};
    struct split s = split_mail(a, span_str("A: 1\n\n1234567890"), &small);

    (void)state;
    assert_int_equal(s.n, 1);
    assert_true(strs_has(&s.defects, "too-large"));
    assert_int_equal(s.at[0].body.n, 16);
    assert_true(span_eq_str(span_trim(header_value(&s.at[0].fields, "A")), "1"));
}

/* Every prefix of a mail is split without harm, and its leaves stay inside it. */
static void one_byte_more_at_a_time(void **state)
{
    static const char mail[] = HEAD
        "pre\r\n--b\r\nContent-Type: multipart/alternative; boundary=\"c c\"\r\n\r\n--c c\r\n\r\n1"
        "\r\n--c c\r\nA: (x\r\n y)\r\n\r\n2\r\n--c c--\r\nmid\r\n--b\r\n\r\n3\r\n--b--\r\npost";

    (void)state;
    for (size_t n = 0; n < sizeof(mail); n++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        char *copy = malloc(n + 1);
        struct split s;

        memcpy(copy, mail, n);
        s = split_mail(a, span_of(copy, n), &split_limits_default);
        for (size_t i = 0; i < s.n; i++) {
            assert_true(s.at[i].raw.at + s.at[i].raw.n <= (unsigned char *)copy + n);
            assert_true(s.at[i].body.at + s.at[i].body.n <= (unsigned char *)copy + n);
        }
        free(copy);
    }
}

static void depth_costs_no_stack(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf mail = buf_new(a, 1024 * 1024);
    struct split s;

    (void)state;
    for (int i = 0; i < 5000; i++)
        buf_printf(&mail, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
    s = split_mail(a, buf_span(&mail), &split_limits_default);
    assert_true(strs_has(&s.defects, "too-deep"));
    assert_int_equal(s.n, SPLIT_DEPTH_MAX + 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(spans_of_one_part),
        cmocka_unit_test(paths_go_on_below_a_base),
        cmocka_unit_test(limits_are_defects),
        cmocka_unit_test(too_many_bytes_stay_one_leaf),
        cmocka_unit_test(one_byte_more_at_a_time),
        cmocka_unit_test(depth_costs_no_stack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
