#include "test/testlib.h"

#include "redact/quotes.h"

/* What a coordinator reads: "> " before what somebody else wrote. */
static const struct {
    const char *text;
    const char *want;
} marks_rows[] = {
    {"", ""},
    {"We fixed it.\n", "We fixed it.\n"},
    /* marked already: nothing is added */
    {"Yes.\n\nOn Mon, Rhea wrote:\n> When?\n\nSoon.\n",
     "Yes.\n\nOn Mon, Rhea wrote:\n> When?\n\nSoon.\n"},
    {"On Mon, 21 Dec 2026 at 10:00, CERT Example\n<security@cert.example> wrote:\n\n> When?\n",
     "On Mon, 21 Dec 2026 at 10:00, CERT Example\n<security@cert.example> wrote:\n\n> When?\n"},
    /* rules */
    {"Yes.\n-----Original Message-----\nWhen?\n", "Yes.\n> -----Original Message-----\n> When?\n"},
    {"Ja.\n-----Ursprüngliche Nachricht-----\nWann?\n",
     "Ja.\n> -----Ursprüngliche Nachricht-----\n> Wann?\n"},
    {"はい。\n-----元のメッセージ-----\nいつ?\n", "はい。\n> -----元のメッセージ-----\n> いつ?\n"},
    {"---------- Forwarded message ---------\nFrom: a\nDate: b\nSubject: c\n\nWhen?\n",
     "> ---------- Forwarded message ---------\n> From: a\n> Date: b\n> Subject: c\n>\n> "
     "When?\n"},
    {"Yes.\nBegin forwarded message:\nWhen?\n", "Yes.\n> Begin forwarded message:\n> When?\n"},
    {"--- a/original.c ---\n-----BEGIN PGP MESSAGE-----\n--- 8< ---\n",
     "--- a/original.c ---\n-----BEGIN PGP MESSAGE-----\n--- 8< ---\n"},
    /* blocks of From: */
    {"Yes.\n\nFrom: CERT <a@b>\nSent: Monday\nTo: psirt\nSubject: x\n\nWhen?\n",
     "Yes.\n\n> From: CERT <a@b>\n> Sent: Monday\n> To: psirt\n> Subject: x\n>\n> When?\n"},
    {"Ja.\n________________________________\nVon: CERT\nGesendet: Montag\nAn: x\n\nWann?\n",
     "Ja.\n> ________________________________\n> Von: CERT\n> Gesendet: Montag\n> An: x\n>\n> "
     "Wann?\n"},
    {"Oui.\n*De :* CERT\n*Envoyé :* lundi\n*À :* x\nQuand ?\n",
     "Oui.\n> *De :* CERT\n> *Envoyé :* lundi\n> *À :* x\n> Quand ?\n"},
    {"はい。\n差出人: CERT\n送信日時: 月曜\n宛先: x\n件名: y\nいつ?\n",
     "はい。\n> 差出人: CERT\n> 送信日時: 月曜\n> 宛先: x\n> 件名: y\n> いつ?\n"},
    {"From: here on it crashes.\nTo: see it, run it.\n",
     "From: here on it crashes.\nTo: see it, run it.\n"},
    /* attributions */
    {"Yes.\n\nOn Mon, 21 Dec 2026 at 10:00, CERT Example <security@cert.example> "
     "wrote:\n\nWhen?\n",
     "Yes.\n\n> On Mon, 21 Dec 2026 at 10:00, CERT Example <security@cert.example> "
     "wrote:\n>\n> When?\n"},
    {"Yes.\nOn Mon, 21 Dec 2026 at 10:00, CERT "
     "Example\n<security@cert.example>\nwrote:\nWhen?\n",
     "Yes.\n> On Mon, 21 Dec 2026 at 10:00, CERT Example\n> <security@cert.example>\n> "
     "wrote:\n> When?\n"},
    {"Ja.\nAm 21.12.2026 um 10:00 schrieb CERT Example <a@b>:\nWann?\n",
     "Ja.\n> Am 21.12.2026 um 10:00 schrieb CERT Example <a@b>:\n> Wann?\n"},
    {"Oui.\nLe lun. 21 déc. 2026 à 10:00, CERT a écrit :\nQuand ?\n",
     "Oui.\n> Le lun. 21 déc. 2026 à 10:00, CERT a écrit :\n> Quand ?\n"},
    {"はい。\n2026年12月21日(月) 10:00 CERT Example <a@b>:\nいつ?\n",
     "はい。\n> 2026年12月21日(月) 10:00 CERT Example <a@b>:\n> いつ?\n"},
    {"はい。\n2026/12/21 10:00、CERTさんのメール:\nいつ?\n",
     "はい。\n> 2026/12/21 10:00、CERTさんのメール:\n> いつ?\n"},
    {"I wrote:\nnothing.\nOn that day he wrote: no.\n",
     "I wrote:\nnothing.\nOn that day he wrote: no.\n"},
    /* ticket systems */
    {"##- Please type your reply above this line -##\n\nJane: we fixed it.\n",
     "##- Please type your reply above this line -##\n\nJane: we fixed it.\n"},
    {"Thanks.\n##- Please type your reply above this line -##\nJane: we fixed it.\n",
     "Thanks.\n> ##- Please type your reply above this line -##\n> Jane: we fixed it.\n"},
    {"We fixed it.\n--------------------------------------------\n\nRhea Finder, Dec 20, 2026, "
     "09:30 GMT\n\nWhen?\n",
     "We fixed it.\n> --------------------------------------------\n>\n> Rhea Finder, Dec 20, "
     "2026, 09:30 GMT\n>\n> When?\n"},
    {"Fixed.\n2026-12-20 09:30:00 JST - Rhea Finder (Additional comments)\nWhen?\n",
     "Fixed.\n> 2026-12-20 09:30:00 JST - Rhea Finder (Additional comments)\n> When?\n"},
    {"On Mon Dec 21 10:00:00 2026, psirt wrote:\nWhen?\n",
     "> On Mon Dec 21 10:00:00 2026, psirt wrote:\n> When?\n"},
    {"##- Please type your reply above this line -##\n\n--------------------------\n\nJane, "
     "Dec "
     "21, 10:00\nYes.\n--------------------------\n\nRhea, Dec 20, 09:00\nWhen?\n",
     "##- Please type your reply above this line -##\n\n--------------------------\n\nJane, "
     "Dec "
     "21, 10:00\nYes.\n> --------------------------\n>\n> Rhea, Dec 20, 09:00\n> When?\n"},
    {"—-—-—-—\nReply above this line.\n\nYes.\n", "—-—-—-—\nReply above this line.\n\nYes.\n"},
    {"はい\n—-—-—-—\nReply above this line.\n", "はい\n> —-—-—-—\n> Reply above this line.\n"},
    {"a\n{quote}\nWhen?\n{quote}\nSoon.\n", "a\n> {quote}\n> When?\n> {quote}\nSoon.\n"},
    {"--------------------------------------------\n[code]\n",
     "--------------------------------------------\n[code]\n"},
    /* inside a marked quote: until its depth ends */
    {"> Yes.\n> -----Original Message-----\n> When?\nI see.\n",
     "> Yes.\n> > -----Original Message-----\n> > When?\nI see.\n"},
};

static void marks(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(marks_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();

        assert_string_equal(quotes_mark(a, span_str(marks_rows[i].text)).at, marks_rows[i].want);
    }
}

static void a_third_author(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span text =
        span_str("a\n-----Original Message-----\nb\n-----Original Message-----\nc\n");
    struct quotes quotes = quotes_find(a, text);

    (void)state;
    assert_int_equal(quotes.n, 2);
    assert_int_equal(quotes.at[0].at, 2);
    assert_int_equal(quotes.at[0].at + quotes.at[0].n, quotes.at[1].at);
    assert_int_equal(quotes.at[1].at + quotes.at[1].n, text.n);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks),
        cmocka_unit_test(a_third_author),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
