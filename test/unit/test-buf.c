#include "test/testlib.h"

#include "base/buf.h"

static void adds_are_joined(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 100);

    (void)state;
    assert_string_equal(b.at, "");
    buf_add_str(&b, "To: ");
    buf_add_span(&b, span_str("acme"));
    buf_add_char(&b, '@');
    buf_printf(&b, "%s.%s", "mail", "example");
    buf_add(&b, NULL, 0);
    assert_string_equal(b.at, "To: acme@mail.example");
    assert_int_equal(b.n, strlen(b.at));
    assert_true(span_eq_str(buf_span(&b), b.at));
    assert_false(b.full);
}

static void grows_to_its_maximum_and_no_further(void **state)
{
    enum { MAX = 5000 };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, MAX);

    (void)state;
    for (size_t i = 0; i < MAX; i++)
        buf_add_char(&b, (char)('a' + i % 26));
    assert_false(b.full);
    assert_int_equal(b.n, MAX);
    buf_add_char(&b, 'x');
    assert_true(b.full);
    for (size_t i = 0; i < MAX; i++)
        assert_int_equal(b.at[i], 'a' + i % 26);
    assert_int_equal(b.at[MAX], '\0');
}

static void full_takes_nothing_more(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 4);

    (void)state;
    buf_add_str(&b, "abc");
    buf_add_str(&b, "de");
    buf_add_char(&b, 'd');
    buf_printf(&b, "%d", 1);
    assert_true(b.full);
    assert_string_equal(b.at, "abc");
}

static void printf_fits_exactly(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 1000);

    (void)state;
    buf_printf(&b, "%0999d", 7);
    assert_false(b.full);
    buf_printf(&b, "%d", 8);
    assert_false(b.full);
    assert_int_equal(b.n, 1000);
    assert_string_equal(b.at + 998, "78");
    buf_printf(&b, "%d", 9);
    assert_true(b.full);
}

static void a_buffer_of_nothing(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 0);

    (void)state;
    buf_add_str(&b, "");
    assert_false(b.full);
    buf_add_str(&b, "x");
    assert_true(b.full);
    assert_string_equal(b.at, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_are_joined),
        cmocka_unit_test(grows_to_its_maximum_and_no_further),
        cmocka_unit_test(full_takes_nothing_more),
        cmocka_unit_test(printf_fits_exactly),
        cmocka_unit_test(a_buffer_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
