#include "test/testlib.h"

#include "base/buf.h"
#include "redact/firewall.h"

#define OUT "[quoted text left out]\n"
#define NOTICE                                                                   \
    "The parser of the management interface reads past the end of its buffer.\n" \
    "An attacker who can reach it gets the session keys of other users.\n"

/* What another reader gets of a reply. */
static const struct {
    const char *text;
    const char *want;
} reply_rows[] = {
    {"", ""},
    {"We fixed it.\n", "We fixed it.\n"},
    {"We fixed it.", "We fixed it."},
    {"a > b\n\n\nc\n", "a > b\n\n\nc\n"},
    /* marked; one line and many are the same */
    {"Yes.\n\n> When?\n", "Yes.\n\n" OUT},
    {"Yes.\n\n> When?\n>\n> > Soon.\n> Why?\n\n> And?\n", "Yes.\n\n" OUT},
    {"> When?\nSoon.\n", OUT "Soon.\n"},
    {"> When?\n\n\nSoon.\n", OUT "\nSoon.\n"},
    {"> Affected?\nYes.\n > By when?\nMay.\n", OUT "Yes.\n" OUT "May.\n"},
    {"Yes.\n\nOn Mon, Rhea wrote:\n> When?\n\nSoon.\n", "Yes.\n\n" OUT "\nSoon.\n"},
    {"Yes.\nOn Mon, 21 Dec 2026 at 10:00, CERT Example\n<security@cert.example> wrote:\n\n> "
     "When?\n",
     "Yes.\n" OUT},
    {"> Rhea wrote:\n>> When?\nSoon.\n", OUT "Soon.\n"},
    {"Rhea:\nhe wrote:\nno.\n", "Rhea:\nhe wrote:\nno.\n"},
    {"> When?", OUT},
    /* Japanese writers' mark; blanks that were HTML's */
    {"Yes.\n＞ When?\n\u3000＞＞Why?\n", "Yes.\n" OUT},
    {"Yes.\n\u00A0> When?\n>\u00A0> Why?\n", "Yes.\n" OUT},
    /* wrapped once more on its way: the end of a quoted line has no mark, and is no answer */
    {"> We would like to know whether you can confirm it, and by when\nthere can be a fix\n"
     "> for it?\nyes, in May\n> Thanks.\n",
     OUT "yes, in May\n" OUT},
    {"> We would like to know whether you can confirm this and when:\nyes, in May\n> Thanks.\n",
     OUT "yes, in May\n" OUT},
    /* other marks: bars and initials, twice at least; not a table, a drawing, a command, a prompt
     */
    {"Yes.\n| Is the parser of the console affected?\n| And when is it fixed?\nIn May.\n| "
     "Thanks.\n",
     "Yes.\n" OUT "In May.\n" OUT},
    {"JD> Affected?\nYes.\nJD> When?\nIn May.\n", OUT "Yes.\n" OUT "In May.\n"},
    {"Jane wrote:\nJD> Affected?\n JD> When?\nIn May.\n", OUT "In May.\n"},
    {"Yes.\n\nOn Mon, 23 Nov 2026 at 10:00, CERT <a@b> wrote:\n| Is the parser of it affected?\n"
     "|\n| And when is it fixed?\nIn May.\n",
     "Yes.\n\n" OUT "In May.\n"},
    {"+------+-----+\n| 3.0  | yes |\n| 3.1  | no  |\n+------+-----+\n",
     "+------+-----+\n| 3.0  | yes |\n| 3.1  | no  |\n+------+-----+\n"},
    {"|-- a\n|   |-- the file that has it all in it\n|   `-- b\n",
     "|-- a\n|   |-- the file that has it all in it\n|   `-- b\n"},
    {"cat log\n | grep -v 200\n | sort\n", "cat log\n | grep -v 200\n | sort\n"},
    {"SQL> select 1;\nSQL> exit\nmysql> a\nmysql> b\nC:\\> dir\n",
     "SQL> select 1;\nSQL> exit\nmysql> a\nmysql> b\nC:\\> dir\n"},
    {"A> one\n", "A> one\n"},
    {"Yes.\n» Is the parser of the console affected?\n» When?\nIn May.\n",
     "Yes.\n" OUT "In May.\n"},
    {"Yes.\n&gt; Is the parser of the console affected?\n&gt; When?\nIn May.\n",
     "Yes.\n" OUT "In May.\n"},
    {"Yes.\nbq. When?\nIn May.\n", "Yes.\n" OUT "In May.\n"},
    /* what nobody sees stands before the mark */
    {"Yes.\n\uFEFF> When?\n\u200B>\u200F > Why?\nIn May.\n", "Yes.\n" OUT "In May.\n"},
    /* other tags, and one in another */
    {"Yes.\n{quote:title=CERT}\nWhen?\n{quote}\nIn May.\n", "Yes.\n" OUT "In May.\n"},
    {"Yes.\n[quote=\"CERT\"]\na\n[quote]\nb\n[/quote]\nc\n[/quote]\nIn May.\n",
     "Yes.\n" OUT "In May.\n"},
    /* Proton: a rule, and below it lines that speak for themselves */
    {"Yes.\n------- Original Message -------\nOn Monday, November 23rd, 2026 at 10:00 AM, CERT "
     "<a@b> wrote:\n\n"
     "> When?\n\nIn May.\n",
     "Yes.\n" OUT "\nIn May.\n"},
    /* GroupWise's marks stand before its heading alone; OTRS names, and no more */
    {"Yes.\n\n>>> CERT <a@b> 11/23/2026 10:00 AM >>>\n" NOTICE, "Yes.\n\n" OUT},
    {"Yes.\n\nCERT Example schrieb:\n\n" NOTICE, "Yes.\n\n" OUT},
    {"On Monday we wrote:\nno.\n", "On Monday we wrote:\nno.\n"},
    {"Status\n--------------------\nFixed in May, 2026, 10:00\n",
     "Status\n--------------------\nFixed in May, 2026, 10:00\n"},
    {"[quote from the manual]\nNo.\nHTTP> GET\nHTTP> Host\n",
     "[quote from the manual]\nNo.\nHTTP> GET\nHTTP> Host\n"},
    {"As we wrote:\n\nNo.\n", "As we wrote:\n\nNo.\n"},
    {"Yes.\n\nCERT Example commented on A-1:\n" NOTICE, "Yes.\n\n" OUT},
    {"Jane commented on A-1:\nYes.\n", "Jane commented on A-1:\nYes.\n"},
    /* what is affected looks like a mail's head, and is none */
    {"From: 3.0, all builds\nTo: 3.4\nDate: fixed in May\n\nNobody else.\n",
     "From: 3.0, all builds\nTo: 3.4\nDate: fixed in May\n\nNobody else.\n"},
    {"Yes.\nFrom: CERT\nTo: psirt\nDate: 23/11/2026 10:00\n" NOTICE, "Yes.\n" OUT},
    {"Yes.\nFrom: CERT\nTo: psirt@acme.example\nDate: Monday\n" NOTICE, "Yes.\n" OUT},
    /* Gmail, as text and as HTML that became text */
    {"Yes, all.\n\nOn Mon, Nov 23, 2026 at 10:00 AM CERT <security@cert.example> wrote:\n\n"
     "> " NOTICE "> b\n",
     "Yes, all.\n\n" OUT
     "An attacker who can reach it gets the session keys of other users.\n" OUT},
    /* Outlook, RT, Jira, ServiceNow, Zendesk: nothing below is the writer's */
    {"Yes.\n\n________________________________\nFrom: CERT <a@b>\nSent: Monday\nTo: psirt\n"
     "Subject: RE: [acme #12] x\n\n" NOTICE,
     "Yes.\n\n" OUT},
    {"はい。\n\n-----Original Message-----\nFrom: CERT\nSent: Monday\nTo: psirt\n\n" NOTICE,
     "はい。\n\n" OUT},
    {"はい。\n差出人: CERT\n送信日時: 月曜\n宛先: x\n件名: y\n\n" NOTICE, "はい。\n" OUT},
    {"Ja.\n\nAm 23.11.2026 um 10:00 schrieb CERT <a@b>:\n" NOTICE, "Ja.\n\n" OUT},
    {"Fixed.\n\nOn Mon Nov 23 10:00:00 2026, security@cert.example wrote:\n" NOTICE,
     "Fixed.\n\n" OUT},
    {"Fixed.\n{quote}\n" NOTICE "{quote}\nIn May.\n", "Fixed.\n" OUT "In May.\n"},
    {"Fixed.\n2026-11-23 09:30:00 JST - Rhea (Additional comments)\n" NOTICE, "Fixed.\n" OUT},
    {"Fixed.\n##- Please type your reply above this line -##\n" NOTICE, "Fixed.\n" OUT},
};

/* Says that somebody else speaks, in clients' languages. */
static const char *const headings[] = {
    "CERT Example <a@b> 於 2026年11月23日 週一 上午10:00寫道：\n",
    "2026년 11월 23일 (월) 오전 10:00, CERT <a@b>님이 작성:\n",
    "пн, 23 нояб. 2026 г. в 10:00, CERT Example <a@b>:\n",
    "23.11.2026 10:00, CERT Example пишет:\n",
    "po 23. 11. 2026 v 10:00 odesílatel CERT Example <a@b> napsal:\n",
    "在 2026/11/23 10:00, CERT Example 写道:\n",
    "* CERT Example <a@b> [2026-11-23 10:00]:\n",
    "-----Ursprungligt meddelande-----\n",
    "-----Исходное сообщение-----\n",
    "-----원본 메시지-----\n",
    "-----邮件原件-----\n",
    "- -----Original Message-----\n",
    "----- Forwarded by Jane Doe/ACME on 23/11/2026 10:00 -----\n",
    "Début du message transféré :\n",
    "开始转发的邮件：\n",
    "От: CERT\nОтправлено: понедельник\nКому: Jane\nТема: x\n",
    "Od: CERT\nWysłano: poniedziałek\nDo: Jane\nTemat: x\n",
    "Od: CERT\nOdesláno: pondělí\nKomu: Jane\nPředmět: x\n",
    "Fra: CERT\nSendt: mandag\nTil: Jane\nEmne: x\n",
    "Lähettäjä: CERT\nLähetetty: maanantai\nVastaanottaja: Jane\nAihe: x\n",
    "보낸 사람: CERT\n보낸 날짜: 월요일\n받는 사람: Jane\n제목: x\n",
    "寄件者: CERT\n寄件日期: 2026年11月23日\n收件者: Jane\n主旨: x\n",
    "Kimden: CERT\nGönderildi: Pazartesi\nKime: Jane\nKonu: x\n",
    "Von: CERT\nGesendet: Montag\nAn: Jane\nBetreff: x\n",
};

static struct span without(struct arena *a, const char *text, struct echo *given)
{
    struct quotes quotes = firewall_find(a, span_str(text), given);

    return firewall_text(a, span_str(text), NULL, 0, &quotes, firewall_stand_in("en"));
}

static void expect(size_t row, struct span got, const char *want)
{
    if (!span_eq_str(got, want))
        fail_msg("row %zu: \"%.*s\", not \"%s\"", row, (int)got.n, (const char *)got.at, want);
}

static void quotes_are_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(reply_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();

        expect(i, without(a, reply_rows[i].text, NULL), reply_rows[i].want);
    }
}

static void headings_are_known_in_many_languages(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(headings); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();

        expect(i, without(a, arena_printf(a, "Yes.\n\n%s\n%s", headings[i], NOTICE), NULL),
               "Yes.\n\n" OUT);
    }
}

#define SENT                           \
    "Dear Jane,\n\nSUMMARY\n\n" NOTICE \
    "\nPlease tell us by Friday\nthe fence word is marmalade\n\nKind regards\n"

/* No mark at all: only what was sent tells. */
static const struct {
    const char *text;
    const char *want;
} echo_rows[] = {
    {"We fixed it.\n", "We fixed it.\n"},
    {"We fixed it.\n\n" SENT, "We fixed it.\n\n" OUT},
    {SENT "\nWe fixed it.\n", OUT "\nWe fixed it.\n"},
    /* wrapped anew, in other letters, behind other marks */
    {"Yes.\n| the parser of the management\n| interface READS past the end\n| of its buffer\n"
     "| an attacker who can reach it\n\nIn May.\n",
     "Yes.\n" OUT "\nIn May.\n"},
    /* answers between the lines */
    {"The parser of the management interface reads past the end of its buffer.\nNo, it does not.\n"
     "Please tell us by Friday\nWe will.\nthe fence word is marmalade\nI see.\n",
     OUT "No, it does not.\n" OUT "We will.\n" OUT "I see.\n"},
    /* the end of a quoted line without a mark; an answer there which only looks like it */
    {"> The parser of the management interface reads past the end\nof its buffer.\n> An attacker\n",
     OUT},
    {"> The parser of the management interface reads past the end\nit does not, we looked\n"
     "> of its buffer.\n",
     OUT "it does not, we looked\n" OUT},
    {"> The parser of the management interface reads past the end\nof its\nbuffer.\nNo.\n",
     OUT "No.\n"},
    {"> An attacker who can reach it gets\nthe session keys, does he? No.\n",
     "[quoted text left out]\n[quoted text left out], does he? No.\n"},
    /* behind words on the same line */
    {"You say the parser of the management interface reads past the end. It does.\n",
     "You say [quoted text left out]. It does.\n"},
    /* half a sentence, in quotation marks */
    {"Only if \"it gets the session keys\" means cookies.\n",
     "Only if \"[quoted text left out]\" means cookies.\n"},
    {"Only if “the session keys\nof other users” means cookies.\n",
     "Only if “[quoted text left out][quoted text left out]” means cookies.\n"},
    {"Only if \"of other users\" means that.\n", "Only if \"of other users\" means that.\n"},
    /* short lines of it count beside it only */
    {"Yes.\n\nKind regards\n\nBob\n", "Yes.\n\nKind regards\n\nBob\n"},
    {"Yes.\n\nthe fence word is marmalade\n\nKind regards\nBob\n", "Yes.\n\n" OUT "Bob\n"},
    /* what only resembles it stays */
    {"The parser of our interface reads to the end of its buffer.\n",
     "The parser of our interface reads to the end of its buffer.\n"},
};

static void what_was_sent_is_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(echo_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct echo *echo = echo_new(a);

        echo_add(echo, span_str("An older mail."));
        echo_add(echo, span_str(SENT));
        expect(i, without(a, echo_rows[i].text, echo), echo_rows[i].want);
    }
}

/* What a coordinator has to look at: it is left out, and may be the writer's own. */
static const struct {
    const char *text;
    const char *want; /* the lines, or parts of them */
} answer_rows[] = {
    {"Yes.\n\n-----Original Message-----\nFrom: CERT\nSent: Monday\nTo: psirt\nSubject: x\n\n" SENT,
     ""},
    /* in red, in capitals, between the lines of Outlook's quote and below it */
    {"See below in red.\n\nFrom: CERT\nSent: Monday\nTo: psirt\n\nDear Jane,\n\nSUMMARY\n\n" NOTICE
     "NO, IT DOES NOT\nPlease tell us by Friday\nWe will.\n--\nJane\n",
     "NO, IT DOES NOT\nWe will.\nJane\n"},
    /* what HTML leaves is none */
    {"-----Original Message-----\nPlease tell us by Friday\n\u00A0\n \u00A0 \u3000\n—\n", ""},
    /* in the paragraph itself */
    {"See below.\n-----Original Message-----\nThe parser of the management interface reads past "
     "the end of "
     "its buffer. JD: not since version three.\n",
     ". JD: not since version three.\n"},
    /* a third author's letter, with nothing of ours in it, is no answer */
    {"See below.\n-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Jane\n\nI say no.\n"
     "-----Original Message-----\n" SENT "Nor I.\n",
     "Nor I.\n"},
    /* the end of a marked line, by its looks alone */
    {"> We would like to know whether you can confirm it, and by when\nit could be in may\n> "
     "Thanks.\n",
     "it could be in may\n"},
    /* below '>' lines in such a quote */
    {"-----Original Message-----\nFrom: CERT\nSent: Monday\nTo: psirt\n\n> When?\nIn May.\n",
     "In May.\n"},
    {"> When?\nIn May.\n", ""},
};

static void what_may_be_an_answer_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(answer_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct span text = span_str(answer_rows[i].text);
        struct echo *echo = echo_new(a);
        struct quotes quotes;
        struct quotes answers;
        struct buf got = buf_new(a, text.n);

        echo_add(echo, span_str(SENT));
        quotes = firewall_find(a, text, echo);
        answers = firewall_answers(a, &quotes);
        for (size_t k = 0; k < answers.n; k++)
            buf_add_span(&got, span_first(span_from(text, answers.at[k].at), answers.at[k].n));
        expect(i, buf_span(&got), answer_rows[i].want);
    }
}

/* What differs from letter to letter is a hole in what is compared. */
static void a_line_with_a_hole_repeats_beside_others(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct echo *echo = echo_new(a);

    (void)state;
    echo_add(echo, span_str("To answer, simply reply to this message, and encrypt it.\n\n"
                            "Case " ECHO_HOLE ", letter " ECHO_HOLE "\nCopy " ECHO_HOLE "\n"));
    expect(0,
           without(a,
                   "Yes.\n\nTo answer, simply reply to this message, and encrypt it.\n\n"
                   "Case C42, letter L97\nCopy abcd-efgh\nJane\n",
                   echo),
           "Yes.\n\n" OUT "Jane\n");
    expect(1, without(a, "Case closed for us.\nCopy that.\n", echo),
           "Case closed for us.\nCopy that.\n");
}

static void japanese_is_compared_by_letters(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct echo *echo = echo_new(a);

    (void)state;
    echo_add(echo, span_str("管理画面の構文解析器は、バッファの終わりを越えて読み込みます。\n"
                            "金曜日までにお知らせください。\n"));
    expect(0,
           without(a,
                   "はい。\n管理画面の構文解析器は、バッファの\n終わりを越えて読み込みます。\n"
                   "修正しました。\n金曜日までにお知らせください。\n五月です。\n",
                   echo),
           "はい。\n" OUT "修正しました。\n" OUT "五月です。\n");
}

static bool find_acme(void *ctx, struct span name, const uint32_t **ret_ids, size_t *ret_n)
{
    static const uint32_t ACME = 1;

    (void)ctx;
    *ret_ids = &ACME;
    *ret_n = 1;
    return span_eq_str(name, "acme");
}

static void fences_are_read_before(void **state)
{
    static const struct {
        const char *text;
        uint32_t org;
        const char *want;
    } ROWS[] = {
        {"a\n[[only acme]]\nb\n> c\n[[end]]\nd\n", 1, "a\nb\n" OUT "d\n"},
        {"a\n[[only acme]]\nb\n> c\n[[end]]\nd\n", 2, "a\nd\n"},
        /* not closed where it was opened: all below is for coordinators */
        {"a\n> [[only acme]]\n> b\nc\n", 2, "a\n"},
        {"a\n> [[only acme]]\n> b\n> [[end]]\n> c\nd\n", 2, "a\n" OUT "d\n"},
    };
    const struct fence_names names = {.find = find_acme};

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct span text = span_str(ROWS[i].text);
        struct fenced fenced = fences_read(a, text, &names);
        struct quotes quotes = firewall_find(a, text, NULL);

        expect(i, firewall_text(a, text, &fenced, ROWS[i].org, &quotes, "[quoted text left out]"),
               ROWS[i].want);
    }
}

/* What others own of a text: a mark before a line does not make it the desk's. */
static void only_what_was_sent_is_proven(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span text =
        span_str("> the key is seven and nobody may know that\n> Please tell us by Friday\n");
    struct echo *echo = echo_new(a);
    struct quotes sent;

    (void)state;
    echo_add(echo, span_str(SENT));
    sent = firewall_sent(a, text, echo);
    expect(0, firewall_text(a, text, NULL, 0, &sent, ""),
           "> the key is seven and nobody may know that\n\n");
}

static void lines_are_counted(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span text = span_str("Yes.\n> a\n>\n\n> b\nNo.\n-----Original Message-----\nc\n\nd\n");
    struct quotes quotes = firewall_find(a, text, NULL);

    (void)state;
    assert_int_equal(firewall_lines(text, &quotes), 6);
}

static void the_stand_in_is_in_the_readers_language(void **state)
{
    (void)state;
    assert_string_equal(firewall_stand_in("ja"), "[引用は省略しました]");
    assert_string_equal(firewall_stand_in("de"), "[quoted text left out]");
    assert_string_equal(firewall_stand_in(NULL), "[quoted text left out]");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_are_left_out),
        cmocka_unit_test(headings_are_known_in_many_languages),
        cmocka_unit_test(what_was_sent_is_left_out),
        cmocka_unit_test(what_may_be_an_answer_is_told),
        cmocka_unit_test(a_line_with_a_hole_repeats_beside_others),
        cmocka_unit_test(japanese_is_compared_by_letters),
        cmocka_unit_test(fences_are_read_before),
        cmocka_unit_test(only_what_was_sent_is_proven),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(the_stand_in_is_in_the_readers_language),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
