#include "redact/guard.h"

#include "base/text.h"
#include "redact/guard-decode.h"
#include "redact/guard-ids.h"
#include "redact/guard-runs.h"
#include "redact/guard-words.h"

enum {
    WHAT_MAX = 80,        /* bytes of a run that are shown */
    ENCODED_WORD_MIN = 3, /* letters of a word that counts in decoded text */
};

const char *guard_kind_text(enum guard_kind kind)
{
    static const char *const texts[] = {
        [GUARD_CLEAR] = "nothing",
        [GUARD_TERM] = "name",
        [GUARD_TOKEN] = "id of another reader",
        [GUARD_MARK] = "mark of another reader",
        [GUARD_PHONE] = "telephone number",
        [GUARD_RUN] = "words of a piece outside the audience",
        [GUARD_UNCHECKED] = "could not be checked",
    };

    return texts[kind];
}

/* One letter under the guard's eyes. */
struct look {
    struct arena *a;       /* of the result */
    struct arena *scratch; /* of the whole check */
    const struct guard_view *view;
    struct letters *allowed;
    struct runs_search outside, inside;
    const char *part;
    size_t budget; /* bytes that may still be decoded */
    struct guard_hit hit;
};

/* What is looked at: a part, or what stood encoded in one. */
struct layer {
    struct look *look;
    struct span text;
    size_t depth; /* encodings around it */
    size_t min;   /* letters that a word needs to count */
    bool is_text;
    const struct near *near; /* where something was decoded, in bytes; NULL: all of it was */
};

static bool look_at(struct layer layer);

static bool hit(struct look *look, enum guard_kind kind, const char *what)
{
    look->hit = (struct guard_hit){kind, look->part, arena_strdup(look->a, what)};
    return false;
}

static bool is_known(const struct look *look, const struct word_match *match)
{
    for (size_t i = 0; i < look->view->n_own; i++)
        if (match->word->owner != 0 && match->word->owner == look->view->own[i])
            return true;
    for (size_t i = 0; i < look->view->n_allowed; i++)
        if ((match->word->kind == GUARD_TERM || match->word->kind == GUARD_PHONE) &&
            letters_same(match->letters, &look->allowed[i]))
            return true;
    return false;
}

static int by_place(const void *x, const void *y)
{
    const struct word_match *p = x, *q = y;

    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return (p->end < q->end) - (p->end > q->end);
}

/* A known name lets through what stands inside it: who is Dell EMC may read "Dell" there. */
static const struct word_match *first_foreign(const struct look *look,
                                              const struct word_matches *matches)
{
    size_t covered = 0, i = 0;

    while (i < matches->n) {
        size_t same = i;

        /* Of two rows for the same letters, the known one comes first. */
        for (; same < matches->n && by_place(&matches->at[i], &matches->at[same]) == 0; same++)
            if (matches->at[same].end > covered && is_known(look, &matches->at[same]))
                covered = matches->at[same].end;
        if (matches->at[i].end > covered)
            return &matches->at[i];
        i = same;
    }
    return NULL;
}

static bool check_words(struct layer layer, struct arena *scratch, const struct letters *letters,
                        const struct near *near)
{
    struct look *look = layer.look;
    struct word_matches matches = {0};
    const struct word_match *found;

    for (size_t i = 0; i < look->view->n_words; i++)
        if (!words_search(look->view->words[i], scratch, letters, near, layer.min, &matches))
            return hit(look, GUARD_UNCHECKED, "too many names");
    if (matches.n > 0)
        qsort(matches.at, matches.n, sizeof(*matches.at), by_place);
    found = first_foreign(look, &matches);
    return found == NULL || hit(look, found->word->kind, found->word->text);
}

static bool check_run(void *ctx, uint64_t hash, size_t from)
{
    const struct layer *layer = ctx;
    struct look *look = layer->look;

    if (!runs_have(&look->outside, hash) || runs_have(&look->inside, hash))
        return true;
    return hit(look, GUARD_RUN, text_one_line(look->a, span_from(layer->text, from), WHAT_MAX));
}

static bool check_decoded(void *ctx, struct span bytes, bool is_text)
{
    const struct layer *outer = ctx;
    struct look *look = outer->look;
    size_t least = is_text ? ENCODED_WORD_MIN : GUARD_BINARY_MIN;
    struct layer layer = {
        .look = look,
        .text = bytes,
        .depth = outer->depth + 1,
        .min = outer->min > least ? outer->min : least,
        .is_text = is_text,
    };

    if (bytes.n > look->budget)
        return hit(look, GUARD_UNCHECKED, "too much to decode");
    look->budget -= bytes.n;
    if (layer.depth > GUARD_DECODE_DEPTH)
        return !is_text || bytes.n < DECODE_BINARY_MIN ||
               hit(look, GUARD_UNCHECKED, "too many encodings in one another");
    return look_at(layer);
}

static bool check_encoded(struct layer layer, struct arena *scratch)
{
    struct look *look = layer.look;
    struct layer inner = layer;
    struct near near;

    if (decode_escapes(scratch, layer.text, &inner.text, &near)) {
        inner.near = &near;
        inner.depth++;
        if (inner.text.n > look->budget)
            return hit(look, GUARD_UNCHECKED, "too much to decode");
        look->budget -= inner.text.n;
        if (inner.depth > GUARD_DECODE_DEPTH)
            return hit(look, GUARD_UNCHECKED, "too many encodings in one another");
        if (!look_at(inner))
            return false;
    }
    return decode_base64_runs(layer.text, layer.near, check_decoded, &layer);
}

static bool check_ids(struct layer layer)
{
    const struct guard_view *view = layer.look->view;
    enum guard_kind kind;
    const char *id = guard_ids(layer.look->a, layer.text, view->own_ids, view->n_own_ids, &kind);

    return id == NULL || hit(layer.look, kind, id);
}

static bool look_at(struct layer layer)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct letters letters;
    struct near around, *near = NULL;

    if (!letters_read(scratch, layer.text, layer.depth > 0, &letters))
        return hit(layer.look, GUARD_UNCHECKED, "not UTF-8");
    if (layer.near != NULL) {
        around = near_letters(scratch, layer.near, &letters);
        near = &around;
    }
    if (!check_words(layer, scratch, &letters, near))
        return false;
    if (!layer.is_text)
        return true;
    return runs_walk(&letters, near, check_run, &layer) && check_ids(layer) &&
           check_encoded(layer, scratch);
}

static bool read_allowed(struct look *look)
{
    look->allowed = ARENA_ARRAY(look->scratch, look->view->n_allowed, struct letters);
    for (size_t i = 0; i < look->view->n_allowed; i++)
        if (!letters_read(look->scratch, span_str(look->view->allowed[i]), true, &look->allowed[i]))
            return hit(look, GUARD_UNCHECKED, "no normalisation");
    return true;
}

struct guard_hit guard_check(struct arena *a, const struct guard_view *view,
                             const struct guard_part *parts, size_t n)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct look look = {
        .a = a, .scratch = scratch, .view = view, .part = "", .budget = GUARD_TEXT_MAX};
    size_t total = 0;
    bool clear = read_allowed(&look);

    look.outside = runs_search(view->outside, view->n_outside, view->index);
    look.inside = runs_search(view->inside, view->n_inside, NULL);
    for (size_t i = 0; clear && i < n; i++) {
        look.part = parts[i].name;
        total += parts[i].text.n;
        if (total > GUARD_TEXT_MAX)
            clear = hit(&look, GUARD_UNCHECKED, "too long");
        else
            clear = look_at((struct layer){&look, parts[i].text, 0, 1, true, NULL});
    }
    return look.hit;
}

struct plan_runs {
    struct arena *a;
    struct span text;
    struct runs_search outside;
    const char **at;
    size_t n, room;
    bool in_run;
};

static bool note_run(void *ctx, uint64_t hash, size_t from)
{
    struct plan_runs *p = ctx;
    bool found = runs_have(&p->outside, hash);

    if (found && !p->in_run) {
        ARENA_GROW(p->a, p->at, p->n, p->room);
        p->at[p->n++] = text_one_line(p->a, span_from(p->text, from), WHAT_MAX);
    }
    p->in_run = found;
    return true;
}

const char **guard_runs_in(struct arena *a, struct span text,
                           const struct guard_runs *const *outside, size_t n_outside, size_t *ret_n)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct plan_runs p = {.a = a, .text = text, .outside = runs_search(outside, n_outside, NULL)};
    struct letters letters;

    *ret_n = 0;
    if (text.n > GUARD_TEXT_MAX || !letters_read(scratch, text, true, &letters) ||
        !runs_walk(&letters, NULL, note_run, &p))
        return NULL;
    *ret_n = p.n;
    return p.at;
}

struct common_runs {
    struct runs_search others;
    size_t n;
};

static bool count_run(void *ctx, uint64_t hash, size_t from)
{
    struct common_runs *c = ctx;

    (void)from;
    c->n += runs_have(&c->others, hash) ? 1 : 0;
    return true;
}

size_t guard_runs_common(struct span text, const struct guard_runs *const *others, size_t n)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct common_runs c = {.others = runs_search(others, n, NULL)};
    struct letters letters;

    if (text.n > GUARD_TEXT_MAX || !letters_read(scratch, text, true, &letters) ||
        !runs_walk(&letters, NULL, count_run, &c))
        return 0;
    return c.n;
}
