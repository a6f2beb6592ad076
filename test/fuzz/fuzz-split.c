/* The splitter, on anything: every span inside the input, children inside their parents, in order.
 */
#include "mime/split.h"

#include <stdlib.h>

#include "mime/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool within(struct span s, struct span outer)
{
    return s.n == 0 || (s.at >= outer.at && s.at + s.n <= outer.at + outer.n);
}

static void check_part(struct arena *a, const struct split *s, const struct split_part *part)
{
    must(within(part->header, part->raw) && within(part->body, part->raw));
    must(part->type.type[0] != '\0' && part->depth <= SPLIT_DEPTH_MAX);
    must(split_path(a, s, part, "")[0] != '\0' || part->parent == SPLIT_NO_PARENT);
    if (part->parent == SPLIT_NO_PARENT)
        return;
    must(part->parent < (size_t)(part - s->at));
    must(within(part->raw, s->at[part->parent].raw));
    must(split_child(s, &s->at[part->parent], part->child) == part);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct split s = split_mail(a, span_of(at, n), &split_limits_default);

    must(s.n >= 1 && s.n <= SPLIT_PARTS_MAX && s.at[0].raw.n == n);
    for (size_t i = 0; i < s.n; i++)
        check_part(a, &s, &s.at[i]);
    dsn_read(a, &s);
    return 0;
}
