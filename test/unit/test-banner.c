#include "test/testlib.h"

#include "mime/banner.h"

static void warnings_and_texts(void **state)
{
    static const struct {
        const char *text;
        const char *rest; /* NULL: no banner */
    } rows[] = {
        {"CAUTION: This email originated from outside of the organization.\n\nhello\n", "hello\n"},
        {"\n\n[EXTERNAL] Do not click links.\r\nThis is an external email.\r\n\r\nhello", "hello"},
        {"You don't often get email from rhea@x.example. Caution.\n\nhello", "hello"},
        {"VORSICHT: Diese Nachricht kommt von außerhalb.\n--------------------\n\nhello", "hello"},
        {"【注意】このメールは社外から送信されています。\n\nhello", "hello"},
        {"Caution: external email\n-----BEGIN PGP MESSAGE-----\n", "-----BEGIN PGP MESSAGE-----\n"},
        {"Caution: external sender", ""},
        {"Warning: the parser reads past its end.\n\nAn external sender can reach it.\n", NULL},
        {"hello\n\nCAUTION: This email originated from outside.\n", NULL},
        {"", NULL},
        {"\n\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span text = span_str(rows[i].text);
        size_t n = banner_length(text);

        assert_row(rows[i].text, (n > 0) == (rows[i].rest != NULL));
        assert_row(rows[i].text, n == 0 || span_eq_str(span_from(text, n), rows[i].rest));
        for (size_t cut = 0; cut < text.n; cut++)
            assert_row(rows[i].text, banner_length(span_first(text, cut)) <= cut);
    }
}

/* A paragraph that long is somebody's text. */
static void a_long_warning_is_a_text(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *text = "Caution: external email.\n";

    (void)state;
    for (int i = 0; i < BANNER_LINES_MAX; i++)
        text = arena_printf(a, "%sline\n", text);
    assert_int_equal(banner_length(span_str(text)), 0);
}

static void subjects(void **state)
{
    static const struct {
        const char *subject;
        const char *want;
    } rows[] = {
        {"[EXTERNAL] A flaw", "A flaw"},
        {"Re: [EXTERNAL] A flaw", "Re: A flaw"},
        {"[EXT] AW: [External] Re: A flaw", "AW: Re: A flaw"},
        {"EXTERNAL: A flaw", "A flaw"},
        {"【外部】[EXTERNAL EMAIL] A flaw", "A flaw"},
        {"[EXTERNAL]", ""},
        {"A flaw in [EXTERNAL] subsets", "A flaw in [EXTERNAL] subsets"},
        {"External entities", "External entities"},
        {"Re: A flaw", "Re: A flaw"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const char *got = banner_untag(a, rows[i].subject);

        assert_string_equal(got, rows[i].want);
        assert_row(rows[i].subject,
                   (got == rows[i].subject) == (strcmp(rows[i].subject, rows[i].want) == 0));
    }
}

/* Work that grows with the square of it would not fit into memory. */
static void a_subject_of_answers_alone(void **state)
{
    enum { ANSWERS = 100 * 1000 };
    SCOPED(arena_free) struct arena *a = arena_new();
    char *subject = arena_alloc(a, 3 * ANSWERS + sizeof("[EXT] A flaw"));

    (void)state;
    for (size_t i = 0; i < ANSWERS; i++)
        memcpy(subject + 3 * i, "re:", 3);
    memcpy(subject + 3 * ANSWERS, "[EXT] A flaw", sizeof("[EXT] A flaw"));
    assert_int_equal(strlen(banner_untag(a, subject)), 4 * ANSWERS + strlen("A flaw"));
}

static void footers(void **state)
{
    static const struct {
        const char *text;
        bool whole;
        const char *before; /* what stands before the footer at its end */
    } rows[] = {
        {"____________________\nlist\n", true, ""},
        {"-- \nRhea\n", true, ""},
        {"hello\n____________________\nlist\n", false, "hello\n"},
        {"hello\n--\nlist\n", false, "hello\n"},
        {"To unsubscribe, write to x.", true, "To unsubscribe, write to x."},
        {"hello\n", false, "hello\n"},
        {"", false, ""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span text = span_str(rows[i].text);

        assert_row(rows[i].text, footer_is(text) == rows[i].whole);
        assert_row(rows[i].text, span_eq_str(span_first(text, footer_start(text)), rows[i].before));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warnings_and_texts),
        cmocka_unit_test(a_long_warning_is_a_text),
        cmocka_unit_test(subjects),
        cmocka_unit_test(a_subject_of_answers_alone),
        cmocka_unit_test(footers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
