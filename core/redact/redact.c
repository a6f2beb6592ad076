#include "redact/redact.h"

#include "base/buf.h"
#include "base/text.h"

enum {
    EXTENSION_MAX = 8,     /* letters of an extension that stays */
    LANGUAGE_BYTES = 4096, /* of a text that tell its language */
    KANA_SHARE = 8,        /* Latin letters to one kana, in names and code of a Japanese text */
    ROUNDS_MAX = 8,        /* of names that are broken by a cut, and so give others free */
};

struct cuts {
    struct redact_cut *at;
    size_t n, room;
};

/* By its beginning: an English report that names a Japanese product stays English. */
const char *redact_language(struct span text)
{
    size_t kana = 0, others = 0;
    uint32_t p;

    text = span_first(text, text.n < LANGUAGE_BYTES ? text.n : LANGUAGE_BYTES);
    for (size_t n; (n = text_utf8_next(text, &p)) > 0; text = span_from(text, n)) {
        if ((p >= 0x3041 && p <= 0x30FA) || (p >= 0xFF66 && p <= 0xFF9D))
            kana++;
        else
            others += (p >= 'a' && p <= 'z') || (p >= 'A' && p <= 'Z') ? 1 : 0;
    }
    return kana > others / KANA_SHARE ? "ja" : "en";
}

const char *redact_mask(const char *lang)
{
    return lang != NULL && strncmp(lang, "ja", 2) == 0 ? "[伏せ字]" : "[redacted]";
}

struct redact_scan {
    struct span text;
    const struct term_set *const *sets;
    size_t n_sets;
    bool searched; /* else the text can't be: it is cut whole */
    struct term_hits hits;
};

/* The rows of the words that were let through; what hit.terms is compared with. */
static const struct term *const **allowed_rows(struct arena *a, const struct redact_scan *scan,
                                               const struct redact_reader *reader, size_t *ret_n)
{
    size_t max = reader->n_allowed * scan->n_sets;
    const struct term *const **rows = ARENA_ARRAY(a, max, const struct term *const *);

    *ret_n = 0;
    for (size_t i = 0; i < max; i++) {
        rows[*ret_n] =
            terms_rows(scan->sets[i % scan->n_sets], a, reader->allowed[i / scan->n_sets]);
        *ret_n += rows[*ret_n] != NULL;
    }
    return rows;
}

static bool may_stay(const struct term_hit *hit, const struct redact_reader *reader,
                     const struct term *const *const *allowed, size_t n_allowed)
{
    for (size_t i = 0; i < n_allowed; i++)
        if (hit->terms == allowed[i])
            return true;
    return term_hit_owned(hit, reader->own, reader->n_own);
}

static void add_cut(struct arena *a, struct cuts *cuts, const struct term_hit *hit)
{
    struct redact_cut *last = cuts->n > 0 ? &cuts->at[cuts->n - 1] : NULL;
    size_t end = hit->wide_at + hit->wide_n;

    while (last != NULL && hit->wide_at < last->at + last->n) {
        /* Across the one before: one cut over both. Widening can reach back over several. */
        if (hit->wide_at >= last->at) {
            if (end > last->at + last->n)
                last->n = end - last->at;
            return;
        }
        if (end < last->at + last->n)
            end = last->at + last->n;
        cuts->n--;
        last = cuts->n > 0 ? &cuts->at[cuts->n - 1] : NULL;
    }
    ARENA_GROW(a, cuts->at, cuts->n, cuts->room);
    cuts->at[cuts->n++] = (struct redact_cut){
        .at = hit->wide_at,
        .n = end - hit->wide_at,
        .term = hit->terms[0]->text,
        .row = hit->terms[0],
    };
}

/* Hits come in order of their start, longer first, so a name that stays and covers this one was
 * seen before it. */
static struct cuts cut_others(struct arena *a, const struct term_hits *hits, const bool *stays)
{
    struct cuts cuts = {0};
    size_t covered = 0;

    for (size_t i = 0; i < hits->n; i++) {
        size_t end = hits->at[i].at + hits->at[i].n;

        if (end > covered && stays[i])
            covered = end;
        else if (end > covered)
            add_cut(a, &cuts, &hits->at[i]);
    }
    return cuts;
}

/* A name of which a part is cut covers nothing any more. True if there was one. Both lists are in
 * order, and cuts do not overlap. */
static bool drop_broken(const struct term_hits *hits, const struct cuts *cuts, bool *stays)
{
    bool any = false;
    size_t c = 0;

    for (size_t i = 0; i < hits->n; i++) {
        while (c < cuts->n && cuts->at[c].at + cuts->at[c].n <= hits->at[i].at)
            c++;
        if (stays[i] && c < cuts->n && cuts->at[c].at < hits->at[i].at + hits->at[i].n) {
            stays[i] = false;
            any = true;
        }
    }
    return any;
}

static struct cuts choose_cuts(struct arena *a, const struct redact_scan *scan,
                               const struct redact_reader *reader)
{
    const struct term_hits *hits = &scan->hits;
    size_t n_allowed;
    const struct term *const **allowed = allowed_rows(a, scan, reader, &n_allowed);
    bool *stays = ARENA_ARRAY(a, hits->n, bool);
    struct cuts cuts;

    for (size_t i = 0; i < hits->n; i++)
        stays[i] = may_stay(&hits->at[i], reader, allowed, n_allowed);
    for (size_t round = 0;; round++) {
        cuts = cut_others(a, hits, stays);
        if (!drop_broken(hits, &cuts, stays))
            return cuts;
        /* A chain of names across each other, made to be slow: none of them stays. */
        if (round >= ROUNDS_MAX)
            memset(stays, 0, hits->n * sizeof(*stays));
    }
}

static struct redacted cut_text(struct arena *a, struct span text, const struct cuts *cuts,
                                const char *mask)
{
    size_t max = text.n + cuts->n * strlen(mask);
    struct buf b = buf_new(a, max);
    size_t at = 0;

    buf_reserve(&b, text.n);
    for (size_t i = 0; i < cuts->n; i++) {
        buf_add_span(&b, span_first(span_from(text, at), cuts->at[i].at - at));
        buf_add_str(&b, mask);
        at = cuts->at[i].at + cuts->at[i].n;
    }
    buf_add_span(&b, span_from(text, at));
    return (struct redacted){b.at, b.n, cuts->at, cuts->n};
}

static int by_place(const void *x, const void *y)
{
    const struct term_hit *p = x, *q = y;

    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    return (p->n < q->n) - (p->n > q->n);
}

/* The hits of one more set among the others, in order of their start, longer first. */
static void add_hits(struct arena *a, struct term_hits *hits, const struct term_hits *more)
{
    struct term_hit *at = ARENA_ARRAY(a, hits->n + more->n, struct term_hit);
    size_t i = 0, k = 0, n = 0;

    while (i < hits->n || k < more->n) {
        bool first = k == more->n || (i < hits->n && by_place(&hits->at[i], &more->at[k]) <= 0);

        at[n++] = first ? hits->at[i++] : more->at[k++];
    }
    *hits = (struct term_hits){at, n};
}

const struct redact_scan *redact_scan(struct arena *a, struct span text,
                                      const struct term_set *const *sets, size_t n_sets)
{
    struct redact_scan *scan = ARENA_NEW(a, struct redact_scan);
    const struct term_set **copy = ARENA_ARRAY(a, n_sets, const struct term_set *);

    *scan = (struct redact_scan){.text = text, .sets = copy, .n_sets = n_sets, .searched = true};
    for (size_t i = 0; i < n_sets; i++) {
        struct term_hits hits;

        copy[i] = sets[i];
        if (!terms_find_all(sets[i], a, text, &hits)) {
            scan->searched = false;
            break;
        }
        if (i == 0)
            scan->hits = hits;
        else if (hits.n > 0)
            add_hits(a, &scan->hits, &hits);
    }
    return scan;
}

static struct redacted cut_with(struct arena *a, const struct redact_scan *scan,
                                const struct redact_reader *reader, const char *mask)
{
    struct cuts cuts = {0};

    if (scan->searched) {
        cuts = choose_cuts(a, scan, reader);
    } else {
        ARENA_GROW(a, cuts.at, cuts.n, cuts.room);
        cuts.at[cuts.n++] = (struct redact_cut){.at = 0, .n = scan->text.n, .term = ""};
    }
    return cut_text(a, scan->text, &cuts, mask);
}

struct redacted redact_cut_for(struct arena *a, const struct redact_scan *scan,
                               const struct redact_reader *reader)
{
    return cut_with(a, scan, reader, reader->mask);
}

struct redacted redact_text(struct arena *a, struct span text, const struct term_set *set,
                            const struct redact_reader *reader)
{
    return redact_cut_for(a, redact_scan(a, text, &set, 1), reader);
}

/* ".tar.gz" counts as ".gz"; no extension: n == 0. */
static struct span extension(struct span name)
{
    for (size_t i = name.n; i > 0 && name.n - i <= EXTENSION_MAX; i--) {
        unsigned char c = name.at[i - 1];

        if (c == '.' && i > 1 && i < name.n)
            return span_from(name, i - 1);
        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9'))
            break;
    }
    return span_of(NULL, 0);
}

struct redacted redact_file_name(struct arena *a, struct span name, const struct term_set *set,
                                 const struct redact_reader *reader)
{
    struct span tail = extension(name);
    struct span stem = span_first(name, name.n - tail.n);
    struct redacted whole = cut_with(a, redact_scan(a, name, &set, 1), reader, "redacted");
    struct redacted cut = cut_with(a, redact_scan(a, stem, &set, 1), reader, "redacted");

    /* A name that reaches into the extension ("acme.example") goes with it. */
    if (tail.n == 0 || whole.n_cuts == 0 || whole.n_cuts != cut.n_cuts ||
        whole.cuts[whole.n_cuts - 1].at + whole.cuts[whole.n_cuts - 1].n > stem.n)
        return whole;
    cut.text = arena_printf(a, "%s%.*s", cut.text, (int)tail.n, (const char *)tail.at);
    cut.n = strlen(cut.text);
    return cut;
}
