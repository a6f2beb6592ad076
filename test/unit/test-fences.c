#include "test/testlib.h"

#include "base/buf.h"
#include "redact/fences.h"

enum { ACME = 1, GLOBEX = 2, INITECH = 3, NOBODY = 0 };

static bool find_name(void *ctx, struct span name, const uint32_t **ret_ids, size_t *ret_n)
{
    static const uint32_t ids[] = {ACME, GLOBEX, INITECH};
    static const char *const slugs[] = {"acme", "globex", "initech"};

    (void)ctx;
    if (span_eq_str(name, "@all")) {
        *ret_ids = ids;
        *ret_n = LEN(ids);
        return true;
    }
    for (size_t i = 0; i < LEN(slugs); i++)
        if (span_eq_str(name, slugs[i])) {
            *ret_ids = &ids[i];
            *ret_n = 1;
            return true;
        }
    return false;
}

static const struct fence_names names = {find_name, NULL};

/* What each may read, and the mistakes: letters of enum fence_mistake in order, with the line. */
static const struct row {
    const char *text, *acme, *globex, *reporter, *defects;
} rows[] = {
    {"a\nb\n", "a\nb\n", "a\nb\n", "a\nb\n", ""},
    {"", "", "", "", ""},
    {"a\n[[only acme]]\nb\n[[end]]\nc\n", "a\nb\nc\n", "a\nc\n", "a\nc\n", ""},
    {"[[ONLY Acme,  globex ]]\r\nb\r\n[[End]]\r\nc", "b\r\nc", "b\r\nc", "c", ""},
    {"[[not acme]]\nb\n[[end]]\nc\n", "c\n", "b\nc\n", "c\n", ""},
    {"[[internal]]\nb\n[[end]]\nc\n", "c\n", "c\n", "c\n", ""},
    {"[[only @all]]\nb\n[[end]]\n", "b\n", "b\n", "", ""},
    {"[[only acme]]\n[[only globex]]\nb\n[[end]]\nc\n[[end]]\n", "c\n", "", "", ""},
    {"[[only acme, globex]]\n[[not globex]]\nb\n[[end]]\nc\n[[end]]\nd", "b\nc\nd", "c\nd", "d",
     ""},
    {"[[not globex]]\n[[not acme]]\nb\n[[end]]\nc\n[[end]]\n", "c\n", "", "", ""},
    {"[[internal]]\n[[only acme]]\nb\n[[end]]\n[[end]]\nc", "c", "c", "c", ""},
    /* mistakes: coordinators only from there on */
    {"a\n[[only acme]]\nb\n", "a\n", "a\n", "a\n", "unclosed 2"},
    {"a\n[[end]]\nb\n", "a\n", "a\n", "a\n", "surplus 2"},
    {"a\n[[only acme, nope]]\nb\n[[end]]\nc\n", "a\n", "a\n", "a\n", "unknown 2"},
    {"a\n[[only]]\nb\n[[end]]\nc\n", "a\n", "a\n", "a\n", "malformed 2,surplus 4"},
    {"a\n[[only acme,,globex]]\nb\n[[end]]\nc\n", "a\n", "a\n", "a\n", "malformed 2"},
    {"a\n[[onyl acme]]\nb\n[[end]]\nc\n", "a\n", "a\n", "a\n", "malformed 2,surplus 4"},
    {"a\nb [[internal]]\nc\n", "a\n", "a\n", "a\n", "malformed 2"},
    {"a\n[[internal]] b\nc\n", "a\n", "a\n", "a\n", "malformed 2"},
    {"a\n[[only acme,\nglobex]]\nc\n", "a\n", "a\n", "a\n", "malformed 2"},
    {"a\n［［internal］］\nc\n", "a\n", "a\n", "a\n", "malformed 2"},
    {"a\n[[inter\xE2\x80\x8Bnal]]\nc\n", "a\n", "a\n", "a\n", "malformed 2"},
    {"a\n[[only acme]]\nb\n[[e\xC2\xADnd]]\nc\n", "a\n", "a\n", "a\n", "malformed 4,unclosed 2"},
    /* another author without marks: his end closes nothing of mine */
    {"[[only acme]]\na\nOn Mon, 21 Dec 2026, Rhea <r@x> wrote:\nb\n[[end]]\nc\n", "", "", "",
     "unclosed 1,surplus 5"},
    {"a\nAm Montag schrieb Rhea:\n[[only acme]]\nb\n[[end]]\nc\n",
     "a\nAm Montag schrieb Rhea:\nb\nc\n", "a\nAm Montag schrieb Rhea:\nc\n",
     "a\nAm Montag schrieb Rhea:\nc\n", ""},
    {"[[only acme]]\na\n##- Please type your reply above this line -##\n[[end]]\nc\n", "", "", "",
     "unclosed 1,surplus 4"},
    {"a\n[[only acme]]\n{quote}\nb\n[[end]]\n{quote}\nc\n", "a\n", "a\n", "a\n",
     "unclosed 2,surplus 5"},
    {"a\n{quote}\n[[only acme]]\nb\n{quote}\n[[end]]\nc\n", "a\n{quote}\n", "a\n{quote}\n",
     "a\n{quote}\n", "unclosed 3,surplus 6"},
    /* marks speak for themselves */
    {"[[only acme]]\nOn Mon, 21 Dec 2026, Rhea <r@x> wrote:\n> b\n[[end]]\nc\n",
     "On Mon, 21 Dec 2026, Rhea <r@x> wrote:\n> b\nc\n", "c\n", "c\n", ""},
    /* none of these is meant as a fence */
    {"a[[0]] = b\nif [[ -n $x ]]\n[[wiki]]\n", "a[[0]] = b\nif [[ -n $x ]]\n[[wiki]]\n",
     "a[[0]] = b\nif [[ -n $x ]]\n[[wiki]]\n", "a[[0]] = b\nif [[ -n $x ]]\n[[wiki]]\n", ""},
    /* quotes */
    {"> [[only acme]]\n> b\n> [[end]]\nc\n", "> b\nc\n", "c\n", "c\n", ""},
    {">> [[only acme]]\n> > b\n>> [[end]]\n> c\n", "> > b\n> c\n", "> c\n", "> c\n", ""},
    {"[[only acme]]\n> [[end]]\nb\n[[end]]\nc\n", "", "", "", "surplus 2"},
    {"a\n> [[only acme]]\n> b\n[[end]]\nc\n", "a\n", "a\n", "a\n", "unclosed 2,surplus 4"},
    {"a\n> [[only acme]]\n> b\nc\n> [[end]]\nd\n", "a\n", "a\n", "a\n", "unclosed 2,surplus 5"},
    {"[[only acme]]\nb\n> [[only globex]]\n> c\n> [[end]]\nd\n[[end]]\ne\n", "b\nd\ne\n", "e\n",
     "e\n", ""},
    {"a\n>> [[internal]]\n> [[end]]\nb\n", "a\n", "a\n", "a\n", "unclosed 2,surplus 3"},
    /* quotes without '>' */
    {"a\n[[only acme]]\nb\n-----Original Message-----\nFrom: x\n[[end]]\nc\n", "a\n", "a\n", "a\n",
     "unclosed 2,surplus 6"},
    {"a\n[[only acme]]\nb\nFrom: x\n[[end]]\nc\n", "a\n", "a\n", "a\n", "unclosed 2,surplus 5"},
    {"a\n-----Original Message-----\n[[only acme]]\nb\n[[end]]\nc\n",
     "a\n-----Original Message-----\nb\nc\n", "a\n-----Original Message-----\nc\n",
     "a\n-----Original Message-----\nc\n", ""},
    {"[[only acme]]\n-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----\n[[end]]\n",
     "-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----\n", "", "", ""},
};

static const char *defects_text(struct arena *a, const struct fenced *f)
{
    static const char *const words[] = {
        [FENCE_UNKNOWN_NAME] = "unknown", [FENCE_UNCLOSED] = "unclosed",
        [FENCE_SURPLUS_END] = "surplus",  [FENCE_MALFORMED] = "malformed",
        [FENCE_TOO_DEEP] = "deep",
    };
    struct buf b = buf_new(a, 1000);

    for (size_t i = 0; i < f->n_defects; i++)
        buf_printf(&b, "%s%s %zu", i > 0 ? "," : "", words[f->defects[i].mistake],
                   f->defects[i].line);
    return b.at;
}

static void check_text(struct arena *a, const struct row *row, const struct fenced *f, uint32_t org,
                       const char *wanted)
{
    struct span text = fences_text_for(a, f, org);

    if (!span_eq_str(text, wanted))
        fail_msg("row \"%s\", org %u: \"%.*s\"", row->text, org, (int)text.n,
                 (const char *)text.at);
}

static void rows_are_read_as_meant(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fenced f = fences_read(a, span_str(rows[i].text), &names);
        const char *defects = defects_text(a, &f);

        check_text(a, &rows[i], &f, ACME, rows[i].acme);
        check_text(a, &rows[i], &f, GLOBEX, rows[i].globex);
        check_text(a, &rows[i], &f, NOBODY, rows[i].reporter);
        if (strcmp(defects, rows[i].defects) != 0)
            fail_msg("row \"%s\": \"%s\"", rows[i].text, defects);
    }
}

/* Whatever someone quotes or appends never shows more of what stands before it. */
static void appended_text_never_widens(void **state)
{
    static const char *const tails[] = {"[[end]]\n",           "> [[end]]\n",
                                        "[[only acme]]\n",     "x\n",
                                        "> [[internal]]\nx\n", "[[only nope]]\n[[end]]\n"};
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        for (size_t k = 0; k < LEN(tails); k++) {
            const char *text =
                arena_printf(a, "> [[internal]]\n> s3cret\n%s%s", tails[k], rows[i].text);
            struct fenced f = fences_read(a, span_str(text), &names);
            struct span seen = fences_text_for(a, &f, ACME);

            assert_row(text, span_find_span(seen, span_str("s3cret")) == seen.n);
        }
}

static void deep_nesting_is_a_mistake(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 100000);
    struct fenced f;

    (void)state;
    for (size_t i = 0; i < FENCE_DEPTH_MAX + 1; i++)
        buf_add_str(&b, "[[only acme]]\n");
    buf_add_str(&b, "x\n");
    for (size_t i = 0; i < FENCE_DEPTH_MAX + 1; i++)
        buf_add_str(&b, "[[end]]\n");
    f = fences_read(a, buf_span(&b), &names);
    assert_string_equal(defects_text(a, &f), "deep 17,surplus 35");
    assert_int_equal(fences_text_for(a, &f, ACME).n, 0);
}

static void too_many_names(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 100000);
    struct fenced f;

    (void)state;
    buf_add_str(&b, "[[only acme");
    for (size_t i = 0; i < FENCE_NAMES_MAX; i++)
        buf_add_str(&b, ",acme");
    buf_add_str(&b, "]]\nx\n[[end]]\n");
    f = fences_read(a, buf_span(&b), &names);
    assert_int_equal(f.n_defects, 1);
    assert_int_equal(fences_text_for(a, &f, ACME).n, 0);
}

static void every_cut_of_a_text_is_safe(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span text = span_str("[[only acme]]\r\ns3cret\r\n> [[end]]\r\n[[end]]\r\n\xFF\n");

    (void)state;
    for (size_t n = 0; n <= text.n; n++) {
        struct fenced f = fences_read(a, span_first(text, n), &names);
        struct span seen = fences_text_for(a, &f, GLOBEX);

        if (n > 14)
            assert_int_equal(span_find_span(seen, span_str("s3cret")), seen.n);
    }
}

static void large_texts(void **state)
{
    static const char *const pieces[] = {
        "[[", ">", "[[end]]\n", "[[only acme]]\n", "> > x\n", "> [[internal]]\nx\n", "［［"};
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(pieces); i++) {
        struct buf b = buf_new(a, 200 * 1000);
        struct fenced f;

        while (!b.full)
            buf_add_str(&b, pieces[i]);
        f = fences_read(a, buf_span(&b), &names);
        assert_row(pieces[i], fences_text_for(a, &f, ACME).n <= b.n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_as_meant),      cmocka_unit_test(appended_text_never_widens),
        cmocka_unit_test(deep_nesting_is_a_mistake),   cmocka_unit_test(too_many_names),
        cmocka_unit_test(every_cut_of_a_text_is_safe), cmocka_unit_test(large_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
