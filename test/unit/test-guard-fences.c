#include "test/testlib.h"

#include "redact/guard-fences.h"

static const struct {
    const char *text;
    const char *slug;
    const char *inside;
    const char *outside;
} rows[] = {
    {"", "acme", "", ""},
    {"a\nb\n", "acme", "a\nb\n", ""},
    {"a\n[[only acme, globex]]\nb\n[[end]]\nc", "acme", "a\nb\nc", ""},
    {"a\n[[only globex]]\nb\n[[end]]\nc", "acme", "a\nc", "b\n"},
    {"[[ONLY Acme]]\nb\n[[END]]\n", "acme", "b\n", ""},
    {"[[not acme]]\nb\n[[end]]\n", "acme", "", "b\n"},
    {"[[not acme]]\nb\n[[end]]\n", "globex", "b\n", ""},
    {"[[internal]]\nb\n[[end]]\nc\n", "acme", "c\n", "b\n"},
    {"[[only acme]]\n[[internal]]\nb\n[[end]]\nc\n[[end]]\n", "acme", "c\n", "b\n"},
    {"[[only acme]]\nb\n[[end]]\nc\n", NULL, "c\n", "b\n"},
    {"[[not acme]]\nb\n", NULL, "", "b\n"},
    {"> [[internal]]\nb\n", "acme", "> [[internal]]\nb\n", ""},
    {"[[1]] and [[other]]\n[[see]]\n", "acme", "[[1]] and [[other]]\n[[see]]\n", ""},
};

static void lines_are_split(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct span inside, outside;

        guard_fences(a, span_str(rows[i].text), rows[i].slug, &inside, &outside);
        assert_string_equal(span_dup(a, inside), rows[i].inside);
        assert_string_equal(span_dup(a, outside), rows[i].outside);
    }
}

static void a_fence_in_a_letter_is_found(void **state)
{
    (void)state;
    assert_int_equal(guard_fence_left(span_str("a\n[[see]]\n| [[x\n")).n, 0);
    assert_true(span_eq_str(guard_fence_left(span_str("a\n| > [[end]]\n")), "[[end]]"));
    assert_true(span_eq_str(guard_fence_left(span_str("[[only a]] ")), "[[only a]]"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_split),
        cmocka_unit_test(a_fence_in_a_letter_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
