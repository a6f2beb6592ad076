#include "test/testlib.h"

#include <errno.h>

#include "base/err.h"

static void set_reports_and_returns_false(void **state)
{
    struct err err = {0};

    (void)state;
    assert_false(err_set(&err, ERR_RETRY, "case %s: %d", "C42", 7));
    assert_int_equal(err.kind, ERR_RETRY);
    assert_string_equal(err.text, "case C42: 7");
}

static void sys_appends_the_reason(void **state)
{
    struct err err = {0};

    (void)state;
    assert_false(err_sys(&err, ERR_OPERATOR, ENOENT, "open %s", "store"));
    assert_int_equal(err.kind, ERR_OPERATOR);
    assert_string_equal(err.text, "open store: No such file or directory");
}

static void wrap_keeps_kind_and_cause(void **state)
{
    struct err err = {0};

    (void)state;
    err_set(&err, ERR_GONE, "peer closed");
    assert_false(err_wrap(&err, "worker %d", 3));
    assert_false(err_wrap(&err, "message"));
    assert_int_equal(err.kind, ERR_GONE);
    assert_string_equal(err.text, "message: worker 3: peer closed");
}

static void own_text_may_be_an_argument(void **state)
{
    struct err err = {0};

    (void)state;
    err_set(&err, ERR_RETRY, "disk full");
    err_set(&err, ERR_OPERATOR, "still %s", err.text);
    assert_string_equal(err.text, "still disk full");
}

static void long_text_is_cut(void **state)
{
    struct err err = {0};
    char text[2 * ERR_TEXT_MAX];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    err_set(&err, ERR_RETRY, "%s", text);
    assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
    err_wrap(&err, "%s", text);
    assert_true(strlen(err.text) < ERR_TEXT_MAX);
    err_sys(&err, ERR_RETRY, EIO, "%s", text);
    assert_non_null(strstr(err.text, "Input/output error"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_reports_and_returns_false),
        cmocka_unit_test(sys_appends_the_reason),
        cmocka_unit_test(wrap_keeps_kind_and_cause),
        cmocka_unit_test(own_text_may_be_an_argument),
        cmocka_unit_test(long_text_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
