#include "test/testlib.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "template/catalogue.h"

static const struct catalogue *load_shipped(struct arena *a)
{
    const struct catalogue *c = NULL;
    struct err err = {0};

    if (!catalogue_load(a, SOURCE_PATH("templates"), NULL, &c, &err))
        fail_msg("%s", err.text);
    return c;
}

/* A value of the row's type with a text that can be found again. */
static struct tvalue *sample(struct arena *a, const struct variable *row, const char *text)
{
    size_t n;
    const struct variable *rows = variables_all(&n);
    struct tvalue *list;

    if (row->type == VARIABLE_BOOL)
        return tvalue_bool(a, true);
    if (row->type != VARIABLE_LIST)
        return tvalue_string(a, text);
    list = tvalue_list(a);
    for (int item = 0; item < 2; item++) {
        struct tvalue *object = tvalue_object(a);

        for (size_t i = 0; i < n; i++) {
            const char *field = variables_field(&rows[i], row);

            if (field != NULL)
                tvalue_set(a, object, field, sample(a, &rows[i], text));
        }
        tvalue_push(a, list, object);
    }
    return list;
}

static struct tvalue *all_values(struct arena *a, const char *text)
{
    size_t n;
    const struct variable *rows = variables_all(&n);
    struct tvalue *values = tvalue_object(a);

    for (size_t i = 0; i < n; i++) {
        if (variables_field(&rows[i], NULL) != NULL)
            tvalue_set(a, values, rows[i].name, sample(a, &rows[i], text));
    }
    return values;
}

static const char *const SHIPPED[] = {
    "report-received",
    "report-undecryptable",
    "report-declined",
    "vendor-invite",
    "vendor-notice",
    "vendor-digest",
    "case-update",
    "reply-shared",
    "tell",
    "sent-in-error",
    "embargo-proposed",
    "embargo-agreed",
    "case-withdrawn",
    "key-needed",
    "desk-key",
    "coordinator-copy",
    "coordinator-held",
    "coordinator-confirm",
    "command-result",
    "registration-received",
    "preview",
    "vendor-reminder",
    "embargo-reminder",
    "embargo-exited",
    "advisory-draft",
    "case-published",
    "key-expiring",
    "registration-approved",
    "partner-report",
    "coordinator-digest",
};

/* To everyone who may get it, with everything there is and with the least. */
static void renders_for_all(struct arena *a, const struct catalogue *c,
                            const struct letter_template *t)
{
    struct tvalue *least = tvalue_object(a);
    struct rendered out;
    struct err err = {0};

    for (size_t r = 0; r < t->n_required; r++)
        tvalue_set(a, least, t->required[r]->name, sample(a, t->required[r], "x"));
    for (unsigned bit = 1; bit < TEMPLATE_ALL; bit <<= 1) {
        if ((t->audience & bit) == 0)
            continue;
        if (!catalogue_render(a, c, t, bit, all_values(a, "sample"), &out, &err) ||
            !catalogue_render(a, c, t, bit, least, &out, &err))
            fail_msg("%s: %s", t->file, err.text);
        assert_row(t->file, strchr(out.subject, '\n') == NULL && out.subject[0] != '\0');
        assert_row(t->file, strstr(out.text, "\n\n\n") == NULL);
        assert_row(t->file, strstr(out.text, t->tlp) != NULL);
    }
}

/* Every letter in every language; what a language lacks is English. */
static void shipped_templates_render(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct catalogue *c = load_shipped(a);
    const struct letter_template *t;

    (void)state;
    for (size_t i = 0; i < LEN(SHIPPED); i++) {
        t = catalogue_find(c, "xx", SHIPPED[i]);
        assert_row(SHIPPED[i], t != NULL && strcmp(t->language, "en") == 0);
        t = catalogue_find(c, "ja", SHIPPED[i]);
        assert_row(SHIPPED[i], t != NULL && strcmp(t->language, "ja") == 0);
    }
    for (size_t i = 0; (t = catalogue_at(c, i)) != NULL; i++)
        renders_for_all(a, c, t);
}

static bool text_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* A reader's language changes words only: not who may get it, what it needs and what goes along. */
static void languages_have_the_same_directives(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct catalogue *c = load_shipped(a);
    const struct letter_template *t;
    size_t languages[2] = {0};

    (void)state;
    for (size_t i = 0; (t = catalogue_at(c, i)) != NULL; i++) {
        const struct letter_template *en = catalogue_find(c, "en", t->name);

        languages[strcmp(t->language, "ja") == 0 ? 1 : 0]++;
        assert_row(t->file, en != NULL && t->audience == en->audience);
        assert_row(t->file, t->clear == (template_tells(t->name) == TELLS_NOTHING));
        assert_row(t->file, strcmp(t->tlp, en->tlp) == 0 && t->attachments == en->attachments);
        assert_row(t->file, text_same(t->calendar_name, en->calendar_name));
        assert_row(t->file, t->n_required == en->n_required);
        for (size_t r = 0; r < t->n_required; r++)
            assert_row(t->file, t->required[r] == en->required[r]);
    }
    assert_int_equal(languages[0], languages[1]);
}

/* A value with line breaks of every kind stays in its line; a text's lines all get their prefix. */
static void values_cannot_fake_lines(void **state)
{
    static const char HOSTILE[] = "a\r\nBcc: x\rEmbargod: C1\n\x0bEmbargod: C2\xe2\x80\xa8"
                                  "Embargod: C3\xc2\x85"
                                  "Embargod: C4\n";
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct catalogue *c = load_shipped(a);
    struct rendered out;
    struct span rest;
    struct span line;
    struct err err = {0};

    (void)state;
    assert_true(catalogue_render(a, c, catalogue_find(c, "en", "coordinator-copy"),
                                 TEMPLATE_COORDINATOR, all_values(a, HOSTILE), &out, &err));
    assert_null(strpbrk(out.subject, "\r\n\v"));
    assert_null(strstr(out.subject, "\xe2\x80\xa8"));
    rest = span_str(out.text);
    for (size_t n = 0; span_line(&rest, &line); n++) {
        assert_true(span_find(line, '\r') == line.n && span_find(line, '\v') == line.n);
        assert_false(span_starts(line, "Bcc"));
        /* The one that is ours: the ready block, whose own values were made one line. */
        assert_true(!span_starts(line, "Embargod:") || span_starts(line, "Embargod: a  Bcc"));
    }
    assert_non_null(strstr(out.text, "\n| Bcc: x\n| Embargod: C1\n"));
}

static void a_reader_gets_only_its_own_variables(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct catalogue *c = load_shipped(a);
    const struct letter_template *t = catalogue_find(c, "en", "report-declined");
    struct tvalue *values = tvalue_object(a);
    struct rendered out;
    struct err err = {0};

    (void)state;
    assert_false(catalogue_render(a, c, t, TEMPLATE_VENDOR, values, &out, &err));
    assert_non_null(strstr(err.text, "not for this reader"));
    assert_false(catalogue_render(a, c, t, TEMPLATE_REPORTER, values, &out, &err));
    assert_non_null(strstr(err.text, "needs text"));
    tvalue_set_string(a, values, "txet", "x");
    assert_false(catalogue_render(a, c, t, TEMPLATE_REPORTER, values, &out, &err));
    assert_non_null(strstr(err.text, "no variable \"txet\""));
}

static void inner_names_do_not_fall_through(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct catalogue *c = load_shipped(a);
    struct tvalue *values = tvalue_object(a);
    struct tvalue *pieces = tvalue_list(a);
    struct rendered out;
    struct err err = {0};

    (void)state;
    tvalue_push(a, pieces, tvalue_object(a)); /* a piece without text */
    tvalue_set(a, values, "pieces", pieces);
    tvalue_set_string(a, values, "text", "the outer text");
    assert_true(catalogue_render(a, c, catalogue_find(c, "en", "reply-shared"), TEMPLATE_VENDOR,
                                 values, &out, &err));
    assert_null(strstr(out.text, "outer"));
}

/* A calendar part as RFC 5545 writes it: escaped, folded, and nothing in it that names others. */
static void a_calendar_part_is_escaped_and_folded(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct catalogue *c = load_shipped(a);
    struct tvalue *values = tvalue_object(a);
    struct rendered out;
    struct err err = {0};

    (void)state;
    tvalue_set_string(a, values, "desk_name",
                      "Example, CERT; a name so long that it has to be folded");
    tvalue_set_string(a, values, "case_id", "C42");
    tvalue_set_string(a, values, "case_title", "a parser");
    tvalue_set_string(a, values, "embargo_end", "2026-12-24 05:00 UTC");
    tvalue_set_string(a, values, "calendar_end", "20261224T050000Z");
    tvalue_set_string(a, values, "calendar_id", "0a1b");
    tvalue_set_string(a, values, "calendar_sequence", "97");
    assert_true(catalogue_render(a, c, catalogue_find(c, "en", "embargo-agreed"), TEMPLATE_VENDOR,
                                 values, &out, &err));
    assert_true(span_starts(span_str(out.calendar), "BEGIN:VCALENDAR\r\n"));
    assert_non_null(strstr(out.calendar, "\r\nUID:0a1b\r\nSEQUENCE:97\r\n"));
    assert_non_null(strstr(out.calendar, "\r\nDTSTART:20261224T050000Z\r\n"));
    assert_non_null(strstr(
        out.calendar, "(Example\\, CERT\\; a name so long that it h\r\n as to be folded)\r\n"));
    assert_null(strstr(out.calendar, "ORGANIZER"));
    assert_null(strstr(out.calendar, "a parser"));
}

static void a_missing_directory_is_an_error(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct catalogue *c;
    struct err err = {0};

    (void)state;
    assert_false(catalogue_load(a, "/nonexistent/templates", NULL, &c, &err));
    assert_int_equal(err.kind, ERR_OPERATOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_templates_render),
        cmocka_unit_test(languages_have_the_same_directives),
        cmocka_unit_test(values_cannot_fake_lines),
        cmocka_unit_test(a_reader_gets_only_its_own_variables),
        cmocka_unit_test(inner_names_do_not_fall_through),
        cmocka_unit_test(a_calendar_part_is_escaped_and_folded),
        cmocka_unit_test(a_missing_directory_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
