#include "test/testlib.h"

#include "base/buf.h"
#include "redact/guard-ids.h"
#include "redact/ids.h"

#define MARK "abcd-2345-efgh-ijkl"
#define BARE "abcd2345efghijkl"
#define CODE "a6liaqzqtmpm7734"

static const struct {
    const char *text;
    const char *want;
} rows[] = {
    {"", ""},
    {"No id in it: abcd-2345-efgh.", "No id in it: abcd-2345-efgh."},
    {"Copy " MARK "\n", "Copy [x]\n"},
    {"> Copy ABCD-2345-\n> EFGH-IJKL.", "> Copy [x]."},
    {MARK "-more and x" MARK, "[x]-more and x" MARK},
    {"Embargod: C42 " CODE "\nStatus: affected\n", "Embargod: C42 [x]\nStatus: affected\n"},
    {"> embargod:\tC42  A6LI-AQZQ-TMPM-7734", "> embargod:\tC42  [x]"},
    {"Embargod: is a gateway for mail", "Embargod: is a gateway for mail"},
    {MARK " " MARK, "[x] [x]"},
};

static void ids_are_cut(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_string_equal(span_dup(a, ids_cut(a, span_str(rows[i].text), "[x]")), rows[i].want);
}

/* What the guard, which shares no code with the cutting, finds in each: NULL is nothing. */
static const struct {
    const char *text;
    const char *want;
    enum guard_kind kind;
} seen[] = {
    {"", NULL, 0},
    {"Copy " MARK "\n", BARE, GUARD_MARK},
    {"> Copy ABCD-2345-\n> EFGH-IJKL.", BARE, GUARD_MARK},
    {"| Copy abcd-\r\n| 2345-efgh-\r\n| ijkl", BARE, GUARD_MARK},
    {"Copy ab\n> cd-2345-efgh-ijkl", BARE, GUARD_MARK},
    {"Copy abcd\xE2\x80\x8B-2345\xE2\x80\x91"
     "efgh\xC2\xAD-ijkl",
     BARE, GUARD_MARK},
    {"\xEF\xBD\x81"
     "bcd\xEF\xBC\x8D"
     "2345-efgh-ijkl",
     BARE, GUARD_MARK},
    {"Embargod: C42 " CODE "\nStatus: affected\n", CODE, GUARD_TOKEN},
    {"> EMBARGOD :\tR7\n>  A6LI-AQZQ-TMPM-7734", CODE, GUARD_TOKEN},
    {"Embargod: - " CODE, CODE, GUARD_TOKEN},
    {"No id in it: abcd-2345-efgh.", NULL, 0},
    {"Some-more than four-word long-text: Date - Time - Zone - Name", NULL, 0},
    {"up-to-date read-only well-kept open-ssl-made-ours-", NULL, 0},
    {"Embargod: is a gateway for mail", NULL, 0},
    {"Embargod: C42 is the case, and " CODE " is no word", NULL, 0},
    {"x" MARK, NULL, 0},
    {"Copy wxyz-2345-efgh-ijkl\nEmbargod: C42 wxyz2345efghijkl\n", NULL, 0},
    {"Copy wxyz-2345-efgh-ijkl\nCopy " MARK, BARE, GUARD_MARK},
};

/* Wherever it stands in a long text, and however often something like it. */
static void ids_are_seen_in_long_texts(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *const fill = "Some words, all well-known: read-only, up-to-date. Embargoed: no. ";

    (void)state;
    for (size_t before = 0; before < 40; before++) {
        struct buf text = buf_new(a, 100000);
        enum guard_kind kind;

        for (size_t i = 0; i < before; i++)
            buf_add_str(&text, before % 3 == 0 ? fill : "plain words without any, ");
        assert_null(guard_ids(a, buf_span(&text), NULL, 0, &kind));
        buf_add_str(&text, before % 2 == 0 ? "\nCopy " MARK "\n" : "\nEmbargod: C42 " CODE "\n");
        for (size_t i = 0; i < 30; i++)
            buf_add_str(&text, fill);
        assert_string_equal(guard_ids(a, buf_span(&text), NULL, 0, &kind),
                            before % 2 == 0 ? BARE : CODE);
    }
}

static void the_guard_has_eyes_of_its_own(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *const own[] = {NULL, "WXYZ-2345-efgh-ijkl"};

    (void)state;
    for (size_t i = 0; i < LEN(seen); i++) {
        enum guard_kind kind = 0;
        const char *found = guard_ids(a, span_str(seen[i].text), own, LEN(own), &kind);

        if (seen[i].want == NULL)
            assert_row(seen[i].text, found == NULL);
        else
            assert_row(seen[i].text, found != NULL && strcmp(found, seen[i].want) == 0);
        assert_row(seen[i].text, found == NULL || kind == seen[i].kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_cut),
        cmocka_unit_test(ids_are_seen_in_long_texts),
        cmocka_unit_test(the_guard_has_eyes_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
