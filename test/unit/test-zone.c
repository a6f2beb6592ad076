/*
 * test-zone.c - instants in readers' zones, from the time zone database and from broken files.
 */
#include "test/testlib.h"

#include <stdlib.h>

#include "base/text.h"
#include "flow/zone.h"

static const struct row {
    const char *zone;
    const char *at;
    const char *want;
} ROWS[] = {
    {"UTC", "2026-12-24T05:00:00Z", "2026-12-24 05:00 UTC"},
    {"Asia/Tokyo", "2026-12-24T05:00:00Z", "2026-12-24 05:00 UTC (2026-12-24 14:00 JST)"},
    {"Asia/Tokyo", "2026-12-31T15:00:00Z", "2026-12-31 15:00 UTC (2027-01-01 00:00 JST)"},
    {"Asia/Tokyo", "2099-12-24T05:00:00Z", "2099-12-24 05:00 UTC (2099-12-24 14:00 JST)"},
    {"Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25 00:59 UTC (2026-10-25 02:59 CEST)"},
    {"Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25 01:00 UTC (2026-10-25 02:00 CET)"},
    {"Europe/Berlin", "2099-07-01T00:00:00Z", "2099-07-01 00:00 UTC"}, /* beyond the table */
    {"America/St_Johns", "2026-12-24T05:00:00Z", "2026-12-24 05:00 UTC (2026-12-24 01:30 NST)"},
    {"America/Sao_Paulo", "2026-12-24T05:00:00Z", "2026-12-24 05:00 UTC (2026-12-24 02:00 UTC-03)"},
    {"Etc/GMT+5", "2026-12-24T05:00:00Z", "2026-12-24 05:00 UTC (2026-12-24 00:00 UTC-05)"},
};

static void instants_are_shown_in_zones(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const struct zone *zone = NULL;
        struct err err = {0};
        instant at = 0;

        assert_true(text_to_instant(span_str(ROWS[i].at), &at));
        assert_row(ROWS[i].zone, zone_load(a, ROWS[i].zone, &zone, &err));
        assert_string_equal(zone_instant(a, zone, at), ROWS[i].want);
        assert_string_equal(zone_instant(a, zone, 0), "");
    }
}

static void what_is_no_zone_has_a_cure(void **state)
{
    static const struct {
        const char *name;
        const char *says;
    } NAMES[] = {
        {"", "no name of a time zone"},
        {"../../../etc/passwd", "no name of a time zone"},
        {"/etc/passwd", "no name of a time zone"},
        {"Asia//Tokyo", "no name of a time zone"},
        {"Asia/", "no name of a time zone"},
        {"Asia/Tokio", "install tzdata"},
        {"Asia", "holds no time zone"},
        {"zone1970-tab", "install tzdata"},
        {"right/Asia/Tokyo", "tzdata"}, /* counts leap seconds, where it is there at all */
    };

    (void)state;
    for (size_t i = 0; i < LEN(NAMES); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const struct zone *zone;
        struct err err = {0};

        assert_row(NAMES[i].name, !zone_load(a, NAMES[i].name, &zone, &err));
        assert_null(zone);
        assert_int_equal(err.kind, ERR_OPERATOR);
        assert_row(err.text, strstr(err.text, NAMES[i].says) != NULL);
    }
}

/* "CET" until 1970-01-01T00:16:40Z, then "CEST": the block of version 1 empty but for what it must
 * have, the block of version 2, the footer. */
#define HEADER(times, kinds, characters)                                                     \
    "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" times "\0\0\0" kinds \
    "\0\0\0" characters
static const char SMALL[] = HEADER("\0", "\1", "\1") "\0\0\0\0\0\0\0" /* */
    HEADER("\1", "\2", "\11") "\0\0\0\0\0\0\x03\xe8\1\0\0\x0e\x10\0\0\0\0\x1c\x20\1\4"
                              "CET\0CEST\0"
                              "\nCEST-2\n";

enum { SMALL_N = sizeof(SMALL) - 1, SMALL_FOOTER = 8 };

/* The bytes in memory of their own, so that a read past them is found. */
static bool parses(const unsigned char *bytes, size_t n)
{
    unsigned char *copy = malloc(n + (n == 0));
    struct zone zone;
    bool parsed;

    assert_non_null(copy);
    memcpy(copy, bytes, n);
    parsed = zone_parse("x", span_of(copy, n), &zone);
    if (parsed) {
        SCOPED(arena_free) struct arena *a = arena_new();

        for (instant at = -1; at < 3000; at += 500)
            assert_true(span_starts(span_str(zone_instant(a, &zone, at)), "19"));
        zone_instant(a, &zone, INT32_MAX);
    }
    free(copy);
    return parsed;
}

static void a_small_file_is_read(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct zone zone;

    (void)state;
    assert_true(zone_parse("x", span_of(SMALL, SMALL_N), &zone));
    assert_string_equal(zone_instant(a, &zone, 960), "1970-01-01 00:16 UTC (1970-01-01 01:16 CET)");
    assert_string_equal(zone_instant(a, &zone, 1020),
                        "1970-01-01 00:17 UTC (1970-01-01 02:17 CEST)");
    assert_true(zone_parse("x", span_of(SMALL, SMALL_N - 1), &zone)); /* the footer is cut */
    assert_string_equal(zone_instant(a, &zone, 1020), "1970-01-01 00:17 UTC");
}

static void cut_files_are_none(void **state)
{
    (void)state;
    for (size_t n = 0; n < SMALL_N - SMALL_FOOTER; n++)
        assert_false(parses((const unsigned char *)SMALL, n));
    for (size_t n = SMALL_N - SMALL_FOOTER; n <= SMALL_N; n++)
        assert_true(parses((const unsigned char *)SMALL, n));
}

/* Every byte set to every value: nothing is read past the end, whatever the tables say. */
static void spoilt_files_do_no_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < SMALL_N; i++) {
        for (unsigned value = 0; value < 256; value += value < 16 || value >= 250 ? 1 : 13) {
            unsigned char bytes[SMALL_N];

            memcpy(bytes, SMALL, SMALL_N);
            bytes[i] = (unsigned char)value;
            parses(bytes, SMALL_N);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants_are_shown_in_zones), cmocka_unit_test(what_is_no_zone_has_a_cure),
        cmocka_unit_test(a_small_file_is_read),        cmocka_unit_test(cut_files_are_none),
        cmocka_unit_test(spoilt_files_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
