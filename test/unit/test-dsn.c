#include "mime/dsn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SPECIMEN_MAX = 64 * 1024 };

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

static struct dsn read_specimen(struct arena *a, const char *name)
{
    FILE *f = fopen(arena_printf(a, "%s/test/corpus/%s.eml", EMBARGOD_TEST_SOURCE, name), "r");
    char *mail = arena_alloc(a, SPECIMEN_MAX);
    struct split s;
    size_t n;

    assert_non_null(f);
    n = fread(mail, 1, SPECIMEN_MAX, f);
    fclose(f);
    s = split_mail(a, span_of(mail, n), &split_limits_default);
    return dsn_read(a, &s);
}

/* Each tells of the same letter to the same vendor. */
static void specimens(void **state)
{
    static const struct {
        const char *name;
        bool id; /* it returns the header */
        bool harmless;
    } rows[] = {
        {"bounce-postfix", true, false},      {"bounce-delayed", true, true},
        {"bounce-delivered", false, true},    {"bounce-exim", true, false},
        {"bounce-sendmail", true, false},     {"bounce-sendmail-warning", false, true},
        {"bounce-exchange", true, false},     {"bounce-exchange-german", true, false},
        {"bounce-exchange-old", true, false}, {"bounce-exchange-japanese", true, false},
        {"bounce-gmail", true, false},        {"bounce-japanese-isp", true, false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct dsn dsn = read_specimen(a, rows[i].name);

        if (dsn.automatic != AUTOMATIC_DSN || dsn.recipient == NULL ||
            strcmp(dsn.recipient, "psirt@vendor.example") != 0 ||
            (dsn.message_id != NULL) != rows[i].id || dsn.harmless != rows[i].harmless)
            fail_msg("%s: %s, %s, %d", rows[i].name, dsn.recipient, dsn.message_id, dsn.harmless);
        if (rows[i].id)
            assert_string_equal(dsn.message_id, "k3j4h5@cert.example");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(kinds), cmocka_unit_test(specimens)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
