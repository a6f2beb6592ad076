#include "test/testlib.h"

#include "redact/fold.h"
#include "redact/redact.h"

enum { ACME = 1, GLOBEX = 2, DELL = 3, EMC = 4, ORACLE = 5 };

static const struct term directory[] = {
    {"Acme", ACME, TERM_NAME, false},
    {"acme.example", ACME, TERM_DOMAIN, false},
    {"Globex", GLOBEX, TERM_NAME, false},
    {"Globex Corporation", GLOBEX, TERM_NAME, false},
    {"globex.example", GLOBEX, TERM_DOMAIN, false},
    {"Dell", DELL, TERM_NAME, false},
    {"Dell EMC", EMC, TERM_NAME, false},
    {"EMC World", GLOBEX, TERM_NAME, false},
    {"Oracle", ORACLE, TERM_NAME, true},
    {"日立", 7, TERM_NAME, false},
};

static const struct row {
    const char *text, *wanted;
    uint32_t own;
    const char *allowed;
} rows[] = {
    {"Acme and Globex", "Acme and [redacted]", ACME, NULL},
    {"Acme and Globex", "[redacted] and Globex", GLOBEX, NULL},
    {"Acme and Globex", "[redacted] and [redacted]", 0, NULL},
    {"Acme and Globex", "[redacted] and Globex", 0, "GLOBEX"},
    {"> Globex\r\n> Corporation is", "> [redacted] is", ACME, NULL},
    {"Dell EMC and Dell", "Dell EMC and [redacted]", EMC, NULL},
    {"Dell EMC and Dell", "[redacted] and Dell", DELL, NULL},
    {"Dell EMC World", "[redacted]", EMC, NULL},
    {"Dell EMC World", "[redacted]", 0, NULL},
    {"a padding oracle at Oracle", "a padding oracle at [redacted]", ACME, NULL},
    {"a Padding Oracle", "a Padding Oracle", ACME, "oracle"},
    {"psirt@acme.example, x@globex.example.", "psirt@acme.example, [redacted].", ACME, NULL},
    {"https://acme.example/?v=globex b", "[redacted] b", ACME, NULL},
    {"Globex Corporation", "Globex Corporation", 0, "globex corporation"},
    {"globex.example@acme.example", "[redacted]", ACME, NULL},
    {"mailto:psirt%40globex.example", "mailto:[redacted]", ACME, NULL},
    {"a\nglo\nbex\nb", "a\n[redacted]\nb", ACME, NULL},
    {"本日、立ち上げ", "本日、立ち上げ", ACME, NULL},
    {"日立製", "[redacted]製", ACME, NULL},
    {"", "", ACME, NULL},
};

static struct redact_reader reader_of(const struct row *row)
{
    return (struct redact_reader){
        .own = &row->own,
        .n_own = 1,
        .allowed = &row->allowed,
        .n_allowed = row->allowed != NULL,
        .mask = redact_mask("en"),
    };
}

static void rows_are_cut_as_meant(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = terms_new(a, directory, LEN(directory), NULL);

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct redact_reader reader = reader_of(&rows[i]);
        struct redacted r = redact_text(a, span_str(rows[i].text), set, &reader);

        if (strcmp(r.text, rows[i].wanted) != 0)
            fail_msg("row \"%s\": \"%s\"", rows[i].text, r.text);
        assert_int_equal(r.n, strlen(r.text));
    }
}

static void cuts_tell_what_and_where(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = terms_new(a, directory, LEN(directory), NULL);
    struct redact_reader reader = {.mask = redact_mask("ja")};
    struct redacted r = redact_text(a, span_str("by x@globex.example"), set, &reader);

    (void)state;
    assert_string_equal(r.text, "by [伏せ字]");
    assert_int_equal(r.n_cuts, 1);
    assert_int_equal(r.cuts[0].at, 3);
    assert_int_equal(r.cuts[0].n, 16);
    assert_string_equal(r.cuts[0].term, "globex.example");
}

/* A cut twice, or a reader with all names cut, has no name left in any order of terms. */
static void what_was_cut_stays_cut(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = terms_new(a, directory, LEN(directory), NULL);

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct redact_reader reader = reader_of(&rows[i]);
        struct redacted once = redact_text(a, span_str(rows[i].text), set, &reader);
        struct redacted twice = redact_text(a, span_str(once.text), set, &reader);

        assert_row(rows[i].text, twice.n_cuts == 0);
    }
}

/* One scan serves every reader, and the names of two sets are one list. */
static void a_scan_serves_all_readers(void **state)
{
    static const struct term of_case[] = {
        {"Jane Globex", 7, TERM_NAME, false},
        {"INC-4711", ACME, TERM_REFERENCE, false},
    };
    static const struct {
        uint32_t own;
        const char *allowed, *wanted;
    } readers[] = {
        {ACME, NULL, "Acme INC-4711: [redacted], [redacted]"},
        {GLOBEX, NULL, "[redacted] [redacted]: [redacted], Globex"},
        {7, NULL, "[redacted] [redacted]: Jane Globex, [redacted]"},
        {0, "inc-4711", "[redacted] INC-4711: [redacted], [redacted]"},
        {0, "globex", "[redacted] [redacted]: [redacted], Globex"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct term_set *sets[] = {terms_new(a, directory, LEN(directory), NULL),
                                     terms_new(a, of_case, LEN(of_case), NULL)};
    const struct redact_scan *scan =
        redact_scan(a, span_str("Acme INC-4711: Jane Globex, Globex"), sets, LEN(sets));

    (void)state;
    for (size_t i = 0; i < LEN(readers); i++) {
        struct redact_reader reader = {.own = &readers[i].own,
                                       .n_own = 1,
                                       .allowed = &readers[i].allowed,
                                       .n_allowed = readers[i].allowed != NULL,
                                       .mask = redact_mask("en")};

        assert_string_equal(redact_cut_for(a, scan, &reader).text, readers[i].wanted);
    }
}

static void file_names_stay_file_names(void **state)
{
    static const struct {
        const char *name, *wanted;
    } files[] = {
        {"globex-poc.zip", "redacted-poc.zip"},
        {"poc_Globex.tar.gz", "poc_redacted.tar.gz"},
        {"poc.zip", "poc.zip"},
        {"globex.example", "redacted"},
        {"GLOBEX", "redacted"},
        {"日立.pdf", "redacted.pdf"},
        {"globex.c", "redacted.c"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = terms_new(a, directory, LEN(directory), NULL);
    struct redact_reader reader = {.mask = redact_mask("ja")};

    (void)state;
    for (size_t i = 0; i < LEN(files); i++) {
        struct redacted r = redact_file_name(a, span_str(files[i].name), set, &reader);

        if (strcmp(r.text, files[i].wanted) != 0)
            fail_msg("row \"%s\": \"%s\"", files[i].name, r.text);
    }
}

static void unsearchable_text_goes_whole(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = terms_new(a, directory, LEN(directory), NULL);
    struct redact_reader reader = {.mask = redact_mask(NULL)};
    struct span text = span_of(arena_alloc(a, FOLD_TEXT_MAX + 1), FOLD_TEXT_MAX + 1);
    struct redacted r = redact_text(a, text, set, &reader);

    (void)state;
    assert_string_equal(r.text, "[redacted]");
    assert_int_equal(r.cuts[0].n, text.n);
}

static void the_mask_is_in_the_texts_language(void **state)
{
    static const struct {
        const char *text, *language;
    } texts[] = {
        {"", "en"},
        {"A parser of ours trusts the length.", "en"},
        {"The product is called アクメ, and its parser trusts whatever length it reads first.",
         "en"},
        {"このパーサーは長さを検査しません。", "ja"},
        {"関数 parse_header() が length を検査しないため、バッファの外に書き込みます。", "ja"},
        {"日本語的漢字", "en"}, /* Han alone may be Chinese */
    };

    (void)state;
    for (size_t i = 0; i < LEN(texts); i++)
        assert_string_equal(redact_language(span_str(texts[i].text)), texts[i].language);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mask_is_in_the_texts_language),
        cmocka_unit_test(rows_are_cut_as_meant),
        cmocka_unit_test(cuts_tell_what_and_where),
        cmocka_unit_test(what_was_cut_stays_cut),
        cmocka_unit_test(a_scan_serves_all_readers),
        cmocka_unit_test(file_names_stay_file_names),
        cmocka_unit_test(unsearchable_text_goes_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
