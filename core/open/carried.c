/* What attached files carry. */
#include "base/base.h"
#include "carry/carry.h"
#include "open/chore.h"

enum {
    FACTS_BYTES_MAX = 16384, /* of one file, as the child tells them */
};

/* Before each file's text, facts (one a line) and reason. */
struct told {
    uint32_t n_text;
    uint32_t n_facts;
    uint32_t n_unread;
};

/* What most mails have costs them no child: texts that are shown or could be, seals, keys. */
static bool is_file(const struct opener *o, const struct part *part)
{
    static const char *const ours[] = {"application/pgp-signature", "application/pgp-keys",
                                       "application/pgp-encrypted", "application/pkcs7-signature",
                                       "application/x-pkcs7-signature"};
    struct span bytes = chore_content(o, part);

    if (part->role == PART_TEXT)
        return span_find(bytes, '\0') < bytes.n;
    for (size_t i = 0; i < LEN(ours); i++) {
        if (strcmp(part->type, ours[i]) == 0)
            return false;
    }
    return bytes.n > 0;
}

bool carried_tell(int fd, struct span bytes)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct carried carried = carry_read(a, bytes, true);
    struct buf facts = buf_new(a, FACTS_BYTES_MAX);
    struct span unread = span_str(carried.unread);
    struct told told;

    for (size_t i = 0; i < carried.facts.n; i++)
        buf_printf(&facts, "%s\n", carried.facts.at[i]);
    told = (struct told){(uint32_t)carried.text.n, (uint32_t)facts.n, (uint32_t)unread.n};
    return chore_put(fd, span_of(&told, sizeof(told))) && chore_put(fd, buf_span(&carried.text)) &&
           chore_put(fd, buf_span(&facts)) && chore_put(fd, unread);
}

/* Within what one answer may hold in words. */
static void add_facts(struct opener *o, struct strs *list, struct span facts)
{
    struct span line;

    while (list->n < CARRY_FACTS_MAX && span_line(&facts, &line)) {
        line = span_trim(line);
        if (line.n == 0 || line.n > OPEN_WORDS_MAX - o->words_cost)
            continue;
        o->words_cost += line.n;
        strs_add(o->a, list, span_dup(o->a, line));
    }
}

bool carried_take(struct opener *o, struct carried_in *ret, int fd)
{
    struct told told;
    struct span text;
    struct span facts;
    struct span unread;

    if (!chore_take(fd, &told, sizeof(told)) ||
        !chore_take_text(o, fd, told.n_text, CARRY_TEXT_MAX, &text) ||
        !chore_take_text(o, fd, told.n_facts, FACTS_BYTES_MAX, &facts) ||
        !chore_take_text(o, fd, told.n_unread, CARRY_FACT_BYTES_MAX, &unread))
        return false;
    *ret = (struct carried_in){.unread = unread.n > 0 ? span_dup(o->a, unread) : NULL};
    if (text.n > o->opened.max - o->opened.n)
        ret->unread = "there was no room for more of its text";
    else if (text.n > 0)
        ret->text = opened_add(o, text);
    add_facts(o, &ret->facts, facts);
    return true;
}

static bool take(struct opener *o, struct part *part, int fd)
{
    struct carried_in in;

    if (!carried_take(o, &in, fd))
        return false;
    part->carried = in.text;
    part->facts = in.facts;
    part->unread = in.unread;
    return true;
}

static void fail(struct part *part, const char *why)
{
    part->unread = why;
}

void carried_read(struct opener *o)
{
    static const struct chore chore = {
        .wanted = is_file,
        .tell = carried_tell,
        .take = take,
        .fail = fail,
        .died = "looking into it took too long, or failed",
        .too_far = "looking into the mail's files took too long",
    };

    chore_run(o, &chore);
}
