#include "flow/budget.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MINUTE = 60 * 1000 };

static void an_hour_holds_so_many_mails(void **state)
{
    struct budget b;

    (void)state;
    budget_start(&b, 3, 1000);
    for (int i = 0; i < 3; i++) {
        assert_true(budget_allows(&b, 10, 100 * MINUTE + i * MINUTE));
        budget_take(&b, 10, 100 * MINUTE + i * MINUTE);
    }
    assert_false(budget_allows(&b, 10, 103 * MINUTE));
    assert_false(budget_allows(&b, 10, 160 * MINUTE - 1));
    assert_true(budget_allows(&b, 10, 160 * MINUTE)); /* the first one is an hour old */
    budget_take(&b, 10, 160 * MINUTE);
    assert_false(budget_allows(&b, 10, 160 * MINUTE));
    assert_true(budget_allows(&b, 10, 10000 * MINUTE));
}

static void an_hour_holds_so_many_bytes(void **state)
{
    struct budget b;

    (void)state;
    budget_start(&b, 100, 1000);
    assert_true(budget_allows(&b, 1000, 5));
    assert_false(budget_allows(&b, 1001, 5));
    budget_take(&b, 900, 5);
    assert_true(budget_allows(&b, 100, 6));
    assert_false(budget_allows(&b, 101, 6));
    budget_take(&b, 200, 6); /* two that came at once may go past it */
    assert_false(budget_allows(&b, 0, 7));
    assert_true(budget_allows(&b, 1000, 60 * MINUTE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_holds_so_many_mails),
        cmocka_unit_test(an_hour_holds_so_many_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
