#include "test/testlib.h"

#include "base/arena.h"

static bool is_zero(const unsigned char *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (at[i] != 0)
            return false;
    }
    return true;
}

static void pieces_are_zero_aligned_and_apart(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 16, 4096, 8192, 8193, 32768, 40000, 1, 3, 1 << 20, 5};
    SCOPED(arena_free) struct arena *a = arena_new();
    unsigned char *pieces[LEN(sizes)];

    (void)state;
    for (size_t i = 0; i < LEN(sizes); i++) {
        pieces[i] = arena_alloc(a, sizes[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        assert_true(is_zero(pieces[i], sizes[i]));
        memset(pieces[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < LEN(sizes); i++) {
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(pieces[i][j], i + 1);
    }
    assert_ptr_not_equal(arena_alloc(a, 0), arena_alloc(a, 0));
}

static void copies_end_in_nul(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    assert_string_equal(arena_strdup(a, "desk"), "desk");
    assert_null(arena_strdup(a, NULL));
    assert_string_equal(arena_strndup(a, "desk", 2), "de");
    assert_string_equal(arena_strndup(a, NULL, 0), "");
    assert_memory_equal(arena_strndup(a, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_printf(a, "%s-%d", "R", 17), "R-17");
}

static void arrays_grow(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    size_t *at = NULL;
    size_t n = 0;
    size_t room = 0;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        ARENA_GROW(a, at, n, room);
        at[n++] = i;
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(at[i], i);
    assert_true(room >= n);
}

static void take_leaves_null(void **state)
{
    struct arena *a = arena_new();
    struct arena *held = TAKE(a);

    (void)state;
    assert_null(a);
    assert_non_null(held);
    arena_free(held);
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zero_aligned_and_apart),
        cmocka_unit_test(copies_end_in_nul),
        cmocka_unit_test(arrays_grow),
        cmocka_unit_test(take_leaves_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
