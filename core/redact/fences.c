#include "redact/fences.h"

#include "base/text.h"
#include "redact/fold.h"
#include "redact/quotes.h"

/*
 * One pass over the lines. The open fences stand on a stack, each with the audience that holds
 * inside it (already narrowed by those around it) and the quote depth it was written at. The stack
 * never holds a fence deeper than the current line: going back to a lesser depth ends that author's
 * part, and a fence left open there is a mistake. Every mistake makes the text from some offset on
 * internal; the smallest such offset is applied to the segments at the end.
 */

enum { WHAT_MAX = 60 /* bytes of a line that a defect shows */ };

struct open_fence {
    struct fence_audience audience;
    size_t depth;
    size_t at;   /* where its line starts */
    size_t line; /* its number, from 1 */
};

struct reader {
    struct arena *a;
    struct span text;
    const struct fence_names *names;
    struct quotes quotes; /* without marks */
    size_t quote;         /* the first that does not end before this line */
    struct open_fence stack[FENCE_DEPTH_MAX];
    size_t n_open;
    size_t internal_from; /* text.n: no mistake yet */
    struct fence_segment *segments;
    size_t n_segments, segments_room;
    struct fence_defect *defects;
    size_t n_defects, defects_room;
};

enum verb { VERB_ONLY, VERB_NOT, VERB_INTERNAL, VERB_END };

static const char *const verbs[] = {"only", "not", "internal", "end"};

const char *fence_mistake_text(enum fence_mistake mistake)
{
    static const char *const texts[] = {
        [FENCE_UNKNOWN_NAME] = "unknown name",
        [FENCE_UNCLOSED] = "fence not closed by its author",
        [FENCE_SURPLUS_END] = "nothing of this author is open here",
        [FENCE_MALFORMED] = "not a fence, but close to one",
        [FENCE_TOO_DEEP] = "too many fences in one another",
    };

    return texts[mistake];
}

static void mistake(struct reader *r, enum fence_mistake kind, size_t at, size_t line,
                    struct span what)
{
    if (at < r->internal_from)
        r->internal_from = at;
    ARENA_GROW(r->a, r->defects, r->n_defects, r->defects_room);
    r->defects[r->n_defects++] = (struct fence_defect){
        .mistake = kind,
        .line = line,
        .what = text_one_line(r->a, span_trim(what), WHAT_MAX),
    };
}

/* --- sets of org ids, ascending --- */

static int by_id(const void *x, const void *y)
{
    uint32_t p = *(const uint32_t *)x, q = *(const uint32_t *)y;

    return (p > q) - (p < q);
}

static bool has_id(const uint32_t *ids, size_t n, uint32_t id)
{
    return n > 0 && bsearch(&id, ids, n, sizeof(*ids), by_id) != NULL;
}

static struct fence_audience narrow_only(struct arena *a, struct fence_audience to,
                                         const uint32_t *ids, size_t n)
{
    uint32_t *kept = ARENA_ARRAY(a, n, uint32_t);
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!to.limited || has_id(to.only, to.n_only, ids[i]))
            kept[n_kept++] = ids[i];
    to.limited = true;
    to.only = kept;
    to.n_only = n_kept;
    return to;
}

static struct fence_audience narrow_not(struct arena *a, struct fence_audience to,
                                        const uint32_t *ids, size_t n)
{
    uint32_t *all = ARENA_ARRAY(a, n + to.n_except, uint32_t);

    if (to.n_except > 0)
        memcpy(all, to.except, to.n_except * sizeof(*all));
    if (n > 0)
        memcpy(all + to.n_except, ids, n * sizeof(*all));
    to.n_except += n;
    qsort(all, to.n_except, sizeof(*all), by_id);
    to.except = all;
    return to;
}

bool fence_visible(const struct fence_audience *audience, uint32_t org)
{
    if (audience->internal)
        return false;
    if (audience->limited && (org == 0 || !has_id(audience->only, audience->n_only, org)))
        return false;
    if (org == 0)
        return audience->n_except == 0;
    return !has_id(audience->except, audience->n_except, org);
}

/* --- lines --- */

/* "----- Original Message -----", a rule of underscores, "From: ...": what clients put over the
 * text of another author when they do not quote with '>'. Armour lines are none. */
static bool starts_other_author(struct span line)
{
    static const char *const heads[] = {
        "From: ", "Von: ", "De: ", "Da: ", "Van: ", "差出人:", "差出人："};
    size_t dashes = 0, n = line.n;

    for (size_t i = 0; i < LEN(heads); i++)
        if (span_starts_nocase(line, heads[i]))
            return true;
    while (dashes < n && line.at[dashes] == line.at[0] && strchr("-_", line.at[0]) != NULL)
        dashes++;
    if (dashes >= 20 && dashes == n)
        return true;
    return dashes >= 3 && dashes < n && line.at[0] == '-' && n >= dashes + 4 &&
           memcmp(line.at + n - 3, "---", 3) == 0 && !span_starts(line, "-----BEGIN ") &&
           !span_starts(line, "-----END ");
}

/* Exactly "[[verb]]" or "[[verb names]]". */
static bool parse_fence(struct span line, enum verb *ret_verb, struct span *ret_names)
{
    size_t n;
    struct span inner;

    if (line.n < 5 || !span_starts(line, "[[") || memcmp(line.at + line.n - 2, "]]", 2) != 0)
        return false;
    inner = span_from(span_first(line, line.n - 2), 2);
    for (n = 0; n < inner.n && inner.at[n] != ' ' && inner.at[n] != '\t'; n++)
        continue;
    for (size_t i = 0; i < LEN(verbs); i++) {
        struct span names = span_trim(span_from(inner, n));

        if (!span_eq_nocase(span_first(inner, n), verbs[i]))
            continue;
        *ret_verb = (enum verb)i;
        *ret_names = names;
        return (names.n > 0) == (i == VERB_ONLY || i == VERB_NOT);
    }
    return false;
}

/* The same word, or one letter more, less or other, or two exchanged. */
static bool is_nearly(struct span word, const char *verb)
{
    size_t n = strlen(verb), low = 0, tail = 0, word_left, verb_left;

    while (low < n && low < word.n && word.at[low] == (unsigned char)verb[low])
        low++;
    while (tail < n - low && tail < word.n - low &&
           word.at[word.n - 1 - tail] == (unsigned char)verb[n - 1 - tail])
        tail++;
    word_left = word.n - low - tail;
    verb_left = n - low - tail;
    if (word_left <= 1 && verb_left <= 1)
        return true;
    return word_left == 2 && verb_left == 2 && word.at[low] == (unsigned char)verb[low + 1] &&
           word.at[low + 1] == (unsigned char)verb[low];
}

static bool is_like_verb(struct span word)
{
    for (size_t i = 0; i < LEN(verbs); i++)
        if (is_nearly(word, verbs[i]))
            return true;
    return false;
}

/* True for what someone could have meant as a fence: "[[" and a verb, or nearly one, anywhere in
 * the line, however written. */
static bool is_like_fence(struct arena *scratch, struct span line)
{
    struct span rest;
    struct folded folded;

    if (span_find(line, '[') == line.n && span_find(line, 0xEF) == line.n)
        return false;
    if (!fold_text(scratch, line, FOLD_SPACED, false, &folded))
        return true;
    rest = span_of(folded.at, folded.n);
    while (rest.n > 0) {
        struct span word;
        size_t n = 0;

        rest = span_from(rest, span_find_span(rest, span_str("[[")));
        rest = span_from(rest, 2);
        word = span_trim(rest);
        while (n < word.n && word.at[n] >= 'a' && word.at[n] <= 'z')
            n++;
        if (is_like_verb(span_first(word, n)))
            return true;
    }
    return false;
}

static struct fence_audience audience_now(const struct reader *r)
{
    static const struct fence_audience everyone;

    return r->n_open == 0 ? everyone : r->stack[r->n_open - 1].audience;
}

static bool same_audience(const struct fence_audience *x, const struct fence_audience *y)
{
    /* Audiences are made once per fence, so the same sets are the same arrays. */
    return x->internal == y->internal && x->limited == y->limited && x->only == y->only &&
           x->except == y->except && x->n_only == y->n_only && x->n_except == y->n_except;
}

static void add_text(struct reader *r, struct span line)
{
    struct fence_audience audience = audience_now(r);
    struct fence_segment *last = r->n_segments > 0 ? &r->segments[r->n_segments - 1] : NULL;

    if (last != NULL && last->text.at + last->text.n == line.at &&
        same_audience(&last->audience, &audience)) {
        last->text.n += line.n;
        return;
    }
    ARENA_GROW(r->a, r->segments, r->n_segments, r->segments_room);
    r->segments[r->n_segments++] = (struct fence_segment){line, audience};
}

/* The parts of all authors deeper than this depth end here. */
static void close_deeper(struct reader *r, size_t depth)
{
    while (r->n_open > 0 && r->stack[r->n_open - 1].depth > depth) {
        const struct open_fence *open = &r->stack[--r->n_open];

        mistake(r, FENCE_UNCLOSED, open->at, open->line, span_str("[["));
    }
}

/* The same for an author's part that ends on a line of its own depth. */
static void close_author(struct reader *r, size_t depth)
{
    while (r->n_open > 0 && r->stack[r->n_open - 1].depth >= depth) {
        const struct open_fence *open = &r->stack[--r->n_open];

        mistake(r, FENCE_UNCLOSED, open->at, open->line, span_str("[["));
    }
}

/* Gathers the ids of all names; false with the name that is unknown, or empty for none at all. */
static bool read_names(struct reader *r, struct span names, uint32_t **ret_ids, size_t *ret_n,
                       struct span *ret_bad)
{
    uint32_t *ids = NULL;
    size_t n = 0, room = 0, n_names = 0;
    struct span name;

    while (span_split(&names, ',', &name)) {
        const uint32_t *found;
        size_t n_found;

        *ret_bad = name = span_trim(name);
        if (name.n == 0 || name.n > FENCE_NAME_MAX || ++n_names > FENCE_NAMES_MAX)
            return false;
        name = span_str(arena_strndup(r->a, name.at, name.n));
        for (char *p = (char *)(uintptr_t)name.at; *p != '\0'; p++)
            if (*p >= 'A' && *p <= 'Z')
                *p = (char)(*p - 'A' + 'a');
        if (!r->names->find(r->names->ctx, name, &found, &n_found))
            return false;
        for (size_t i = 0; i < n_found; i++) {
            ARENA_GROW(r->a, ids, n, room);
            ids[n++] = found[i];
        }
    }
    if (n > 0)
        qsort(ids, n, sizeof(*ids), by_id);
    *ret_ids = ids;
    *ret_n = n;
    return true;
}

static void open_fence(struct reader *r, enum verb verb, struct span names,
                       const struct open_fence *at)
{
    struct open_fence fence = *at;
    uint32_t *ids = NULL;
    size_t n = 0;
    struct span bad = {0};

    fence.audience = audience_now(r);
    if (r->n_open >= FENCE_DEPTH_MAX) {
        mistake(r, FENCE_TOO_DEEP, at->at, at->line, names);
        return;
    }
    if (verb != VERB_INTERNAL && !read_names(r, names, &ids, &n, &bad))
        mistake(r, bad.n == 0 ? FENCE_MALFORMED : FENCE_UNKNOWN_NAME, at->at, at->line, bad);
    if (verb == VERB_INTERNAL)
        fence.audience.internal = true;
    else if (verb == VERB_ONLY)
        fence.audience = narrow_only(r->a, fence.audience, ids, n);
    else
        fence.audience = narrow_not(r->a, fence.audience, ids, n);
    r->stack[r->n_open++] = fence;
}

/* A quote without marks begins or ends at this line. */
static bool author_changes(struct reader *r, size_t at)
{
    const struct quotes *q = &r->quotes;
    size_t i = r->quote;

    while (i < q->n && q->at[i].at + q->at[i].n < at)
        i++;
    r->quote = i;
    return i < q->n && (q->at[i].at == at || q->at[i].at + q->at[i].n == at);
}

static void read_line(struct reader *r, struct arena *scratch, struct span line, size_t number)
{
    struct span rest, names;
    enum verb verb;
    struct open_fence here = {.at = (size_t)(line.at - r->text.at), .line = number};

    here.depth = quotes_depth(line, &rest);
    rest = span_trim(rest);
    close_deeper(r, here.depth);
    if (author_changes(r, here.at))
        close_author(r, here.depth);
    if (parse_fence(rest, &verb, &names)) {
        if (verb != VERB_END)
            open_fence(r, verb, names, &here);
        else if (r->n_open > 0 && r->stack[r->n_open - 1].depth == here.depth)
            r->n_open--;
        else
            mistake(r, FENCE_SURPLUS_END, here.at, number, rest);
        return;
    }
    if (starts_other_author(rest))
        close_author(r, here.depth);
    if (is_like_fence(scratch, rest))
        mistake(r, FENCE_MALFORMED, here.at, number, rest);
    add_text(r, line);
}

/* Makes all text from the first mistake on internal; a segment across it is cut in two. */
static void apply_mistakes(struct reader *r)
{
    size_t n = r->n_segments;

    for (size_t i = 0; i < n; i++) {
        struct span text = r->segments[i].text;
        size_t at = (size_t)(text.at - r->text.at);
        struct fence_segment tail;

        if (at + text.n <= r->internal_from)
            continue;
        if (at >= r->internal_from) {
            r->segments[i].audience.internal = true;
            continue;
        }
        tail = r->segments[i];
        tail.text = span_from(text, r->internal_from - at);
        tail.audience.internal = true;
        r->segments[i].text = span_first(text, r->internal_from - at);
        ARENA_GROW(r->a, r->segments, r->n_segments, r->segments_room);
        memmove(&r->segments[i + 2], &r->segments[i + 1],
                (r->n_segments - i - 1) * sizeof(*r->segments));
        r->segments[i + 1] = tail;
        r->n_segments++;
        n++;
        i++;
    }
}

struct fenced fences_read(struct arena *a, struct span text, const struct fence_names *names)
{
    struct reader r = {.a = a,
                       .text = text,
                       .names = names,
                       .quotes = quotes_find(a, text),
                       .internal_from = text.n};
    struct span rest = text;

    for (size_t number = 1; rest.n > 0; number++) {
        SCOPED(arena_free) struct arena *scratch = arena_new();
        struct span line = span_first(rest, span_find(rest, '\n') + 1);

        read_line(&r, scratch, line, number);
        rest = span_from(rest, line.n);
    }
    close_author(&r, 0);
    apply_mistakes(&r);
    return (struct fenced){r.segments, r.n_segments, r.defects, r.n_defects};
}

struct span fences_text_for(struct arena *a, const struct fenced *fenced, uint32_t org)
{
    size_t max = 0;
    struct buf b;

    for (size_t i = 0; i < fenced->n_segments; i++)
        max += fenced->segments[i].text.n;
    b = buf_new(a, max);
    for (size_t i = 0; i < fenced->n_segments; i++)
        if (fence_visible(&fenced->segments[i].audience, org))
            buf_add_span(&b, fenced->segments[i].text);
    return buf_span(&b);
}
