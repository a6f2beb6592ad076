#include "engine/command.h"

#include <string.h>

#include "base/base.h"
#include "test/testlib.h"

static const char CODE[] = "abcdefghijklmnop";

struct reading_row {
    const char *name;
    const char *text;
    unsigned who;
    bool present;
    size_t n_commands;
    const char *mistake; /* stands in the first mistake; NULL: there is none */
    const char *left;    /* text behind the block */
};

#define HEAD "Embargod: C42 abcd-efgh-ijkl-mnop\n"

static const struct reading_row reading_rows[] = {
    {"no block", "Hello,\nStatus: affected\n", FOR_VENDOR, false, 0, NULL,
     "Hello,\nStatus: affected"},
    {"quoted block", "> " HEAD "> Close:\n", FOR_COORDINATOR, false, 0, NULL,
     "> Embargod: C42 abcd-efgh-ijkl-mnop\n> Close:"},
    {"plain", HEAD "Close:\n", FOR_COORDINATOR, true, 1, NULL, ""},
    {"after empty lines", "\n  \r\n" HEAD "CLOSE:  \r\n\r\n\r\nBye\n\n", FOR_COORDINATOR, true, 1,
     NULL, "Bye"},
    {"hints are skipped", HEAD "# Status: affected\nClose:\n", FOR_COORDINATOR, true, 1, NULL, ""},
    {"text stays", HEAD "Tell: acme\n\nStatus: affected\n", FOR_COORDINATOR, true, 1, NULL,
     "Status: affected"},
    {"misspelt", HEAD "Sned: vendor-notice all\n", FOR_COORDINATOR, true, 0,
     "line 2: Sned: no such command; did you mean Send?", ""},
    {"not for vendors", HEAD "Release: 3.2 acme\n", FOR_VENDOR, true, 0, "no such command", ""},
    {"no colon", HEAD "please close\n", FOR_COORDINATOR, true, 0, "line 2: not \"Name: value\"",
     ""},
    {"continuation", HEAD "Title: a\n b\n", FOR_COORDINATOR, true, 1, "line 3: begins with a blank",
     ""},
    {"two texts", HEAD "Tell: acme\nNote:\n\nx", FOR_COORDINATOR, true, 2,
     "Tell and Note both want", "x"},
    {"no command", HEAD "\nx", FOR_COORDINATOR, true, 0, "no command", "x"},
    {"short code", "Embargod: C42 abc\nClose:\n", FOR_COORDINATOR, true, 1, "line 1: the code", ""},
    {"code of wrong letters", "Embargod: C42 0bcdefghijklmnop\nClose:\n", FOR_COORDINATOR, true, 1,
     "line 1: the code", ""},
    {"no place", "Embargod: acme abcdefghijklmnop\nClose:\n", FOR_COORDINATOR, true, 1,
     "line 1: after", ""},
    {"title on a report", "Embargod: R17 abcdefghijklmnop\nTitle: x\n", FOR_COORDINATOR, true, 0,
     "line 2: Title needs a case: put Accept before it", ""},
    {"title after accept", "Embargod: R17 abcdefghijklmnop\nAccept: R17\nTitle: x\n",
     FOR_COORDINATOR, true, 2, NULL, ""},
    {"junk a case", HEAD "Junk:\n", FOR_COORDINATOR, true, 0, "Junk is for reports only", ""},
    {"nowhere", "Embargod: - abcdefghijklmnop\nFile: 812 C42 acme\n", FOR_COORDINATOR, true, 1,
     NULL, ""},
    {"close nowhere", "Embargod: - abcdefghijklmnop\nClose:\n", FOR_COORDINATOR, true, 0,
     "Close needs a case or report", ""},
};

static void test_block_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(reading_rows); i++) {
        const struct reading_row *row = &reading_rows[i];
        SCOPED(arena_free) struct arena *a = arena_new();
        struct block b;
        block_parse(a, row->text, row->who, &b);
        assert_row(row->name, b.present == row->present);
        assert_row(row->name, b.n_commands == row->n_commands);
        assert_row(row->name, (b.mistakes.n > 0) == (row->mistake != NULL));
        if (row->mistake)
            assert_row(row->name, strstr(b.mistakes.at[0], row->mistake) != NULL);
        assert_row(row->name, strcmp(b.text, row->left) == 0);
    }
}

static void test_code_is_normal(void **state)
{
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct block b;
    block_parse(a, "embargod:   c42   ABCD-EFGH-IJKL-MNOP  \nclose:\n", FOR_COORDINATOR, &b);
    assert_int_equal(b.mistakes.n, 0);
    assert_string_equal(b.code, CODE);
    assert_int_equal(b.place.kind, PLACE_CASE);
    assert_int_equal(b.place.number, 42);
}

/* Whatever stands in front, a byte more never crashes and never makes a block of half a line. */
static void test_every_prefix(void **state)
{
    (void)state;
    static const char text[] = HEAD "Status: acme affected from 7\nTell: acme\n\nHello\n";
    for (size_t n = 0; n < sizeof(text); n++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct block b;
        block_parse(a, arena_strndup(a, text, n), FOR_COORDINATOR, &b);
        assert_true(b.present == (n >= strlen("Embargod:")));
    }
}

static void test_block_from_lines(void **state)
{
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs lines = {0};
    struct block b;
    struct place place = {.kind = PLACE_CASE, .number = 42};
    strs_add(a, &lines, "Tell: acme");
    block_from_lines(a, place, &lines, "\nHello\n", FOR_COORDINATOR, &b);
    assert_int_equal(b.mistakes.n, 0);
    assert_int_equal(b.n_commands, 1);
    assert_true(span_eq_str(b.commands[0].value, "acme"));
    assert_string_equal(b.text, "Hello");
    strs_add(a, &lines, "Title: a\nClose:");
    block_from_lines(a, place, &lines, "", FOR_COORDINATOR, &b);
    assert_int_equal(b.mistakes.n, 1);
}

static void test_specs_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMAND_KINDS; i++) {
        assert_non_null(command_specs[i].name);
        assert_true(command_specs[i].who != 0);
        assert_true(command_specs[i].on_report || command_specs[i].on_case);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block_parse),        cmocka_unit_test(test_code_is_normal),
        cmocka_unit_test(test_every_prefix),       cmocka_unit_test(test_block_from_lines),
        cmocka_unit_test(test_specs_are_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
