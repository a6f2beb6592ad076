#include "mime/dsn.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char bounce[] =
    "From: MAILER-DAEMON@mx.example\nAuto-Submitted: auto-replied\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    "--b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\n"
    "Reporting-MTA: dns; mx.example\n\n"
    "Final-Recipient: rfc822; ok@x.example\nAction: delivered\n\n"
    "Final-Recipient: rfc822;bad@X.example\nAction: failed\n"
    "--b\nContent-Type: message/rfc822\n\nMessage-ID: <m@x>\n\nbody\n--b--\n";

static void kinds(void **state)
{
    static const struct {
        const char *mail;
        enum automatic want;
        const char *message_id;
        const char *recipient;
    } rows[] = {
        {"From: a@x.example\nSubject: undelivered promises\n\nMessage-ID: <no@x>", AUTOMATIC_NO,
         NULL, NULL},
        {bounce, AUTOMATIC_DSN, "m@x", "bad@x.example"},
        {"From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n<u@x.example>:\nno\n\n--- "
         "Below\n"
         "Message-ID: <q@x>\n",
         AUTOMATIC_DSN, "q@x", "u@x.example"},
        {"From: Mail <Mailer-Daemon@x.example>\nX-Failed-Recipients: u@x.example\n\n",
         AUTOMATIC_DSN, NULL, "u@x.example"},
        {"From: MAILER-DAEMON (Mail Delivery System)\n\n", AUTOMATIC_DSN, NULL, NULL},
        {"Return-Path: <>\nFrom: a@x.example\n\n", AUTOMATIC_REPLY, NULL, NULL},
        {"From: postmaster@x.example\nSubject: a flaw\n\n", AUTOMATIC_NO, NULL, NULL},
        {"From: No-Reply@x.example\n\n", AUTOMATIC_REPLY, NULL, NULL},
        {"Auto-Submitted: auto-generated\n\n", AUTOMATIC_REPLY, NULL, NULL},
        {"Auto-Submitted: no\n\n", AUTOMATIC_NO, NULL, NULL},
        {"Subject: Out of Office: x\n\n", AUTOMATIC_REPLY, NULL, NULL},
        {"Subject: =?utf-8?B?6Ieq5YuV6L+U5L+h?=\n\n", AUTOMATIC_REPLY, NULL, NULL},
        {"List-Id: <l.x.example>\n\n", AUTOMATIC_LIST, NULL, NULL},
        {"Precedence: Bulk\n\n", AUTOMATIC_LIST, NULL, NULL},
        {"Content-Type: multipart/report; report-type=feedback-report; "
         "boundary=b\n\n--b\n\nx\n--b--",
         AUTOMATIC_REPORT, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct split s = split_mail(a, span_str(rows[i].mail), &split_limits_default);
        struct dsn dsn = dsn_read(a, &s);

        assert_int_equal(dsn.automatic, rows[i].want);
        if (rows[i].message_id == NULL)
            assert_null(dsn.message_id);
        else
            assert_string_equal(dsn.message_id, rows[i].message_id);
        if (rows[i].recipient == NULL)
            assert_null(dsn.recipient);
        else
            assert_string_equal(dsn.recipient, rows[i].recipient);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(kinds)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
