/* Cleaned copies of attached files, for Release to send where a coordinator says so. */
#include "carry/carry.h"
#include "carry/clean.h"
#include "open/chore.h"

enum { CLEANED_MAX = 8 }; /* of one mail: each costs a program */

/* Before each file's reason, or its copy and what that carries. */
struct told {
    uint32_t n_why;
    uint32_t n_copy;
};

static bool carries_any(const struct part *part)
{
    return part->facts.n > 0 || part->carried.n > 0 || part->unread != NULL;
}

static bool is_wanted(const struct opener *o, const struct part *part)
{
    (void)o;
    return part->role == PART_ATTACHMENT && carries_any(part) && part->cleaned.content.n == 0 &&
           part->cleaned.why_not == NULL;
}

static bool tell(int fd, struct span bytes)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span copy = span_of(NULL, 0);
    struct span why = span_str(clean_copy(a, bytes, &copy));
    struct told told = {(uint32_t)why.n, (uint32_t)copy.n};

    return chore_put(fd, span_of(&told, sizeof(told))) && chore_put(fd, why) &&
           chore_put(fd, copy) && (why.n > 0 || carried_tell(fd, copy));
}

static bool take(struct opener *o, struct part *part, int fd)
{
    struct told told;
    struct span why;
    struct span copy;
    struct carried_in in;

    if (!chore_take(fd, &told, sizeof(told)) ||
        !chore_take_text(o, fd, told.n_why, CARRY_FACT_BYTES_MAX, &why) ||
        !chore_take_bytes(o, fd, told.n_copy, part->content.n + CLEAN_LONGER_MAX, &copy))
        return false;
    if (why.n > 0 || copy.n == 0) {
        part->cleaned.why_not = why.n > 0 ? span_dup(o->a, why) : "its copy is empty";
        return true;
    }
    if (!carried_take(o, &in, fd))
        return false;
    if (copy.n > o->limits.decoded - o->opened.n || copy.n > o->opened.max - o->opened.n) {
        part->cleaned.why_not = "there was no room for a copy";
        return true;
    }
    part->cleaned = (struct cleaned){
        .content = opened_add(o, copy), .carried = in.text, .facts = in.facts, .unread = in.unread};
    return true;
}

static void fail(struct part *part, const char *why)
{
    part->cleaned.why_not = why;
}

void cleaned_make(struct opener *o)
{
    static const struct chore chore = {
        .wanted = is_wanted,
        .tell = tell,
        .take = take,
        .fail = fail,
        .died = "cleaning it took too long, or failed",
        .too_far = "cleaning the mail's files took too long",
    };
    size_t n = 0;

    for (size_t i = 0; i < o->m.n_parts; i++) {
        struct part *part = &o->m.parts[i];

        if (!is_wanted(o, part))
            continue;
        part->cleaned.why_not = clean_never(chore_content(o, part));
        if (part->cleaned.why_not == NULL && n++ >= CLEANED_MAX)
            part->cleaned.why_not = "too many files in one mail to be cleaned";
    }
    chore_run(o, &chore);
}
