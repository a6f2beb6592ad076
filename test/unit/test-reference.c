#include "engine/identify.h"

#include <string.h>

#include "test/testlib.h"

struct reference_row {
    const char *subject;
    const char *reference; /* NULL: none */
};

static const struct reference_row reference_rows[] = {
    {"", NULL},
    {"Re: Security", NULL},
    {"[acme #1234] Security", "[acme #1234]"},
    {"Re: [Example PSIRT #1] hello", "[Example PSIRT #1]"},
    {"[acme 1234]", NULL},
    {"[acme #12x]", NULL},
    {"[#]", NULL},
    {"[#9]", "[#9]"},
    {"[unclosed #12", NULL},
    {"PSIRT-77: received", "PSIRT-77"},
    {"(PSIRT-77)", "PSIRT-77"},
    {"[XX-123] hello", "XX-123"},
    {"[C42] Overflow", NULL},
    {"CVE-2026-1234 in libfoo", NULL},
    {"CVE-2026-1234 is SEC-9", "SEC-9"},
    {"UTF-8 and SHA-256", NULL},
    {"X-1", NULL},
    {"psirt-77", NULL},
    {"SEC-2026-77", NULL},
    {"NOTPSIRT-77x", NULL},
    {"A2-", NULL},
};

static void test_references(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(reference_rows); i++) {
        const struct reference_row *row = &reference_rows[i];
        SCOPED(arena_free) struct arena *a = arena_new();
        const char *found = reference_in(a, row->subject);
        assert_row(row->subject, (found != NULL) == (row->reference != NULL));
        assert_row(row->subject, !found || strcmp(found, row->reference) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
