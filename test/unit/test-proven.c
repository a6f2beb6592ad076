/*
 * test-proven.c - what the opener says was signed is what was signed, or it is found out
 * (test-corpus.c asks the same of every signed specimen).
 */
#include "flow/proven.h"

#include "mime/strict.h"
#include "test/testlib.h"

#define HTML "its text is of a kind that is not verified (HTML, or an uncommon character set)"
#define OTHER "its text is not the one that was signed"
#define PLAIN "Content-Type: text/plain; charset=utf-8\r\n\r\n"
#define MIXED(b) "Content-Type: multipart/mixed; boundary=" b "\r\n\r\n"
#define ALTERNATIVE(b) "Content-Type: multipart/alternative; boundary=" b "\r\n\r\n"

/* What was signed, what the opener says, and what comes of it. */
static const struct {
    const char *entity, *text, *problem;
} ROWS[] = {
    {PLAIN "We look into it.\r\n\r\nAcme\r\n", "We look\ninto it.\nAcme", NULL},
    {PLAIN "We look into it.\r\n", "We do not look into it.", OTHER},
    {PLAIN "We look into it.\r\n", "We look into it.\n\nPublish it.", OTHER},
    {PLAIN "We look into it.\r\nNot before May.\r\n", "We look into it.", OTHER},
    {"Content-Type: text/plain; format=flowed\r\n\r\n>> a \r\n>> b\r\n", ">> a b", NULL},
    {PLAIN ">> a \r\n>> b\r\n", ">> a b", OTHER},
    {"Content-Type: text/plain; hp-legacy-display=1\r\n\r\nSubject: s\r\n\r\nbody\r\n", "body",
     NULL},
    {PLAIN "Subject: s\r\n\r\nbody\r\n", "body", OTHER},
    {MIXED("b") "--b\r\n" PLAIN "one\r\n--b\r\n" PLAIN "two\r\n--b--", "one\n\ntwo", NULL},
    {MIXED("b") "--b\r\n" PLAIN "one\r\n--b\r\n" PLAIN "two\r\n--b--", "one", OTHER},
    {MIXED("b") "--b\r\n" PLAIN "one\r\n--b\r\nContent-Disposition: attachment\r\n\r\ntwo\r\n--b--",
     "one", NULL},
    {MIXED("b") "--b\r\n" PLAIN
                "one\r\n--b\r\nContent-Type: text/x-diff; name=a.diff\r\n\r\ntwo\r\n--b--",
     "one", NULL},
    {MIXED("b") "--b\r\nContent-Type: image/png\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--", "two",
     NULL},
    {ALTERNATIVE("b") "--b\r\n" PLAIN
                      "one\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>two</b>\r\n--b--",
     "one", NULL},
    {ALTERNATIVE("b") "--b\r\n" PLAIN
                      "one\r\n--b\r\nContent-Type: text/html\r\n\r\n<b>two</b>\r\n--b--",
     "two", OTHER},
    {ALTERNATIVE("b") "--b\r\n" PLAIN
                      " \r\n--b\r\nContent-Type: text/html\r\n\r\n<b>two</b>\r\n--b--",
     "two", HTML},
    {"Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\n" ALTERNATIVE(
         "b") "--b\r\n" PLAIN "one\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\n"
              "--r\r\nContent-Type: image/png\r\n\r\nx\r\n--r--",
     "one", NULL},
    {"Content-Type: text/html\r\n\r\n<p>one</p>", "one", HTML},
    {"Content-Type: message/rfc822\r\n\r\nSubject: s\r\n" PLAIN "one", "one", NULL},
    {"One, as it stands in a mail's text.\r\n", "One, as it stands in a mail's text.", NULL},
    {"Note: this is a text\r\n\r\nand no entity\r\n", "Note: this is a text\n\nand no entity",
     NULL},
    {"Note: this is a text\r\n\r\nand no entity\r\n", "and another entity", OTHER},
};

static void test_texts(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct part part = {.role = PART_TEXT, .text = ROWS[i].text, .sealed = true};
        struct message m = {.text = ROWS[i].text, .parts = &part, .n_parts = 1};
        struct strs shown = {.n = 0};
        const char *problem;

        strict_shown(a, span_str(ROWS[i].entity), &shown);
        problem = proven_problem(a, &m, &shown);
        if (problem == NULL ? ROWS[i].problem != NULL
                            : ROWS[i].problem == NULL || strcmp(problem, ROWS[i].problem) != 0)
            fail_msg("%s: %s", ROWS[i].entity, problem == NULL ? "proven" : problem);
    }
}

/* A footer that nobody signed is shown with a mark, and is no part of the text. */
static void test_text_beside(void **unused)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct part parts[] = {{.text = "one", .sealed = true}, {.text = "A list's footer"}};
    struct seal seal = {.covers_whole = true};
    struct message m = {.parts = parts, .n_parts = 2, .seals = &seal, .n_seals = 1, .text = "one"};
    struct strs shown = {.n = 0};

    (void)unused;
    strs_add(a, &shown, "one\n");
    assert_null(proven_problem(a, &m, &shown));
    m.text = "one\n\nA list's footer";
    assert_non_null(proven_problem(a, &m, &shown));
    m.text = "one";
    parts[0].text = "another"; /* what people would see beside the mark */
    assert_string_equal(proven_problem(a, &m, &shown), "its text is not that of its parts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_text_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
