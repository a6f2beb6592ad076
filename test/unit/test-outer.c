#include "flow/outer.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RECEIVED "Received: from a by b;\r\n Mon, 1 Jan 2026\r\n"

static void hops_are_cut_off_at_the_top(void **state)
{
    static const struct {
        uint32_t hops;
        const char *mail;
        const char *below;
    } rows[] = {
        {0, RECEIVED "Subject: x\r\n\r\nbody", RECEIVED "Subject: x\r\n\r\nbody"},
        {1, RECEIVED "Subject: x\r\n\r\nbody", "Subject: x\r\n\r\nbody"},
        {1, RECEIVED RECEIVED "Subject: x\r\n\r\n", RECEIVED "Subject: x\r\n\r\n"},
        {1, "X: y\r\n" RECEIVED "Subject: x\r\n\r\n", "Subject: x\r\n\r\n"},
        {1, "Return-Path: <a@b>\r\nDelivered-To: c\r\n" RECEIVED "Subject: x\r\n\r\n",
         "Subject: x\r\n\r\n"},
        {0, "Return-Path: <a@b>\r\nSubject: x\r\n\r\n", "Subject: x\r\n\r\n"},
        {2, RECEIVED "Subject: x\r\n\r\n", RECEIVED "Subject: x\r\n\r\n"},
        {1, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span below = outer_below_hops(span_str(rows[i].mail), rows[i].hops);

        assert_true(span_eq_str(below, rows[i].below));
    }
}

static void body_stands_behind_the_empty_line(void **state)
{
    (void)state;
    assert_true(span_eq_str(outer_body(span_str("A: b\r\n c\r\n\r\nhello\r\n")), "hello\r\n"));
    assert_true(span_eq_str(outer_body(span_str("A: b\n\nhello")), "hello"));
    assert_int_equal(outer_body(span_str("A: b\r\n")).n, 0);
    assert_true(span_eq_str(outer_body(span_str("\r\nx")), "x"));
}

static void references_are_found_and_bounded(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf many = buf_new(a, 1000000);
    struct strs ids;

    (void)state;
    outer_references(a,
                     span_str("In-Reply-To: <b@x>\r\nReferences: <a@x>\r\n <b@x> junk <c@x>\r\n\r\n"
                              "References: <body@x>\r\n"),
                     &ids);
    assert_int_equal(ids.n, 3);
    assert_string_equal(ids.at[0], "a@x");
    assert_string_equal(ids.at[2], "c@x");
    buf_add_str(&many, "References:");
    for (int i = 0; i < 5000; i++)
        buf_printf(&many, " <%d@x>", i);
    buf_add_str(&many, "\r\n\r\n");
    outer_references(a, buf_span(&many), &ids);
    assert_int_equal(ids.n, OUTER_IDS_MAX);
    outer_references(a, span_str("References: <<<<\r\n <unclosed\r\n\r\n"), &ids);
    assert_int_equal(ids.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hops_are_cut_off_at_the_top),
        cmocka_unit_test(body_stands_behind_the_empty_line),
        cmocka_unit_test(references_are_found_and_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
