#include "redact/terms.h"

#include <unicode/uchar.h>

#include "base/ascii.h"
#include "base/text.h"
#include "redact/automaton.h"
#include "redact/fold.h"
#include "redact/phones.h"

enum {
    WIDE_MAX = 512,       /* bytes of an address or URL that a hit takes along on each side */
    KEYID_DIGITS_MIN = 8, /* shorter ones are numbers that mean anything */
    KEYID_DIGITS_MAX = 128,
};

/* One way to write a term: the forms of a key id are rows of one term. */
struct row {
    const char *folded;
    const char *cased; /* as written, folded in all but case; for common words */
    const struct term *term;
};

struct word {
    struct span folded;
    const struct term *const *terms;
    const struct row *rows;
    size_t n; /* of both */
    size_t letters;
    bool common;
};

struct term_set {
    struct word *words; /* in the order of their bytes */
    size_t n;
    const struct term **phone_terms; /* what the indices of phones stand for */
    struct phones *phones;
    struct automaton *automaton;
};

struct rows {
    struct row *at;
    size_t n, room;
};

static void add_row(struct arena *a, struct rows *rows, const struct term *term, const char *text)
{
    struct folded cased;
    struct row row = {.folded = fold_word(a, span_str(text)), .term = term};

    if (row.folded[0] == '\0' || rows->n >= TERMS_MAX)
        return;
    if (term->common && fold_text(a, span_str(text), FOLD_SPACED, true, &cased))
        row.cased = cased.at;
    ARENA_GROW(a, rows->at, rows->n, rows->room);
    rows->at[rows->n++] = row;
}

/* "aabbcc" in groups of `size` with a separator between them. */
static const char *grouped(struct arena *a, const char *hex, size_t size, char separator)
{
    struct buf b = buf_new(a, KEYID_DIGITS_MAX * 2);

    for (size_t i = 0; hex[i] != '\0'; i++) {
        if (i > 0 && i % size == 0)
            buf_add_char(&b, separator);
        buf_add_char(&b, hex[i]);
    }
    return b.at;
}

/* gpg prints groups of four, OpenSSL pairs with colons; the tails are long and short key ids. */
static void add_keyid(struct arena *a, struct rows *rows, const struct term *term)
{
    char hex[KEYID_DIGITS_MAX + 1];
    const char *p = term->text;
    size_t n = 0;
    static const size_t tails[] = {0, 16, 8};

    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
        p += 2;
    for (; *p != '\0' && n < KEYID_DIGITS_MAX; p++)
        if (*p != ' ' && *p != ':')
            hex[n++] = *p;
    hex[n] = '\0';
    for (size_t i = 0; i < LEN(tails); i++) {
        const char *tail = tails[i] == 0 ? hex : hex + n - tails[i];

        if (n < KEYID_DIGITS_MIN || n < tails[i] || (tails[i] > 0 && n == tails[i]))
            continue;
        add_row(a, rows, term, tail);
        add_row(a, rows, term, arena_printf(a, "0x%s", tail));
        add_row(a, rows, term, grouped(a, tail, 4, ' '));
        add_row(a, rows, term, grouped(a, tail, 2, ':'));
    }
}

static int by_folded(const void *x, const void *y)
{
    const struct row *p = x, *q = y;
    int order = strcmp(p->folded, q->folded);

    if (order != 0)
        return order;
    return (p->term > q->term) - (p->term < q->term);
}

static size_t count_letters(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += (s.at[i] & 0xC0) != 0x80;
    return n;
}

static struct word word_of(struct arena *a, const struct row *rows, size_t n)
{
    const struct term **terms = ARENA_ARRAY(a, n, const struct term *);
    struct word word = {.folded = span_str(rows[0].folded), .terms = terms, .rows = rows, .n = n};

    word.letters = count_letters(word.folded);
    for (size_t i = 0; i < n; i++) {
        terms[i] = rows[i].term;
        word.common = word.common || rows[i].term->common;
    }
    return word;
}

static void build_words(struct arena *a, struct term_set *set, struct rows *rows)
{
    struct span *spans;

    if (rows->n > 0)
        qsort(rows->at, rows->n, sizeof(*rows->at), by_folded);
    set->words = ARENA_ARRAY(a, rows->n, struct word);
    for (size_t i = 0, end; i < rows->n; i = end) {
        for (end = i + 1; end < rows->n; end++)
            if (strcmp(rows->at[end].folded, rows->at[i].folded) != 0)
                break;
        set->words[set->n++] = word_of(a, rows->at + i, end - i);
    }
    spans = ARENA_ARRAY(a, set->n, struct span);
    for (size_t i = 0; i < set->n; i++)
        spans[i] = set->words[i].folded;
    set->automaton = automaton_new(a, spans, set->n);
}

static void build_phones(struct arena *a, struct term_set *set, const struct term *terms, size_t n)
{
    const char **numbers = ARENA_ARRAY(a, n, const char *);
    size_t n_phones = 0;

    set->phone_terms = ARENA_ARRAY(a, n, const struct term *);
    for (size_t i = 0; i < n; i++) {
        if (terms[i].kind != TERM_PHONE)
            continue;
        numbers[n_phones] = terms[i].text;
        set->phone_terms[n_phones++] = &terms[i];
    }
    set->phones = phones_new(a, numbers, n_phones);
}

struct term_set *terms_new(struct arena *a, const struct term *terms, size_t n,
                           size_t *ret_left_out)
{
    struct term_set *set = ARENA_NEW(a, struct term_set);
    struct term *copy = ARENA_ARRAY(a, n, struct term);
    struct rows rows = {0};
    size_t left_out = 0;

    for (size_t i = 0; i < n; i++) {
        size_t before = rows.n;

        copy[i] = terms[i];
        if (strlen(terms[i].text) <= TERMS_TERM_MAX) {
            add_row(a, &rows, &copy[i], terms[i].text);
            if (terms[i].kind == TERM_KEYID)
                add_keyid(a, &rows, &copy[i]);
        }
        left_out += rows.n == before;
    }
    build_words(a, set, &rows);
    build_phones(a, set, copy, n);
    if (ret_left_out != NULL)
        *ret_left_out = left_out;
    return set;
}

size_t terms_count(const struct term_set *set)
{
    return set->n;
}

static int by_word(const void *key, const void *member)
{
    return strcmp(key, (const char *)((const struct word *)member)->folded.at);
}

const struct term *const *terms_rows(const struct term_set *set, struct arena *a, const char *word)
{
    const struct word *found;

    if (set->n == 0)
        return NULL;
    found = bsearch(fold_word(a, span_str(word)), set->words, set->n, sizeof(*set->words), by_word);
    return found == NULL ? NULL : found->terms;
}

/* --- where a match in the folded text is a hit --- */

struct search {
    const struct term_set *set;
    struct arena *a; /* of the result */
    struct arena *scratch;
    struct span text;
    struct folded folded;
    enum fold_reading reading;
    struct term_hit *at;
    size_t n, room;
};

static bool is_word_letter(uint32_t p)
{
    return u_isalnum((UChar32)p) && !fold_is_cjk(p);
}

static uint32_t point_at(const char *at, size_t n)
{
    uint32_t p;

    return text_utf8_next(span_of(at, n), &p) == 0 ? 0 : p;
}

/* The character that ends before offset end. */
static uint32_t point_before(const char *at, size_t end)
{
    size_t i = end;

    while (i > 0) {
        i--;
        if (((unsigned char)at[i] & 0xC0) != 0x80)
            return point_at(at + i, end - i);
    }
    return 0;
}

/* "psirt%40acme.example": what an escape ends with is no letter of a word. */
static bool is_escape_before(const char *at, size_t end)
{
    return end >= 3 && at[end - 3] == '%' && ascii_hex((unsigned char)at[end - 2]) >= 0 &&
           ascii_hex((unsigned char)at[end - 1]) >= 0;
}

/* In FOLD_JOINED a line's end is nothing, but may end a word all the same. */
static bool is_line_between(const struct search *s, size_t end)
{
    size_t low = s->folded.to[end - 1];

    return span_find(span_first(span_from(s->text, low), s->folded.from[end] - low), '\n') <
           s->folded.from[end] - low;
}

static bool is_whole_word(const struct search *s, size_t at, size_t end)
{
    const struct folded *f = &s->folded;

    if (at > 0 && is_word_letter(point_at(f->at + at, end - at)) &&
        is_word_letter(point_before(f->at, at)) && !is_escape_before(f->at, at) &&
        !is_line_between(s, at))
        return false;
    return !(end < f->n && is_word_letter(point_before(f->at, end)) &&
             is_word_letter(point_at(f->at + end, f->n - end)) && !is_line_between(s, end));
}

static bool is_all_capitals(const char *text)
{
    struct span rest = span_str(text);
    bool upper = false;
    uint32_t p;

    for (size_t n; (n = text_utf8_next(rest, &p)) > 0; rest = span_from(rest, n)) {
        if (u_islower((UChar32)p))
            return false;
        upper = upper || u_isupper((UChar32)p);
    }
    return upper;
}

/* An ordinary word is a name only where it is written like one. */
static bool is_written_as_name(struct search *s, const struct word *word, struct span text)
{
    struct folded cased;

    if (!fold_text(s->scratch, text, s->reading, true, &cased))
        return true;
    for (size_t i = 0; i < word->n; i++)
        if (word->rows[i].cased != NULL && strcmp(word->rows[i].cased, cased.at) == 0)
            return true;
    return is_all_capitals(cased.at);
}

static bool is_token_byte(unsigned char c)
{
    return c > ' ' && c < 0x7F && strchr("<>\"'()[]{},;`|\\", c) == NULL;
}

/* True for what a name alone gives away only together with what is around it. */
static bool is_wide(const struct term_hit *hit, struct span token)
{
    static const unsigned char scheme[] = "://";

    for (size_t i = 0; i < hit->n_terms; i++)
        if (hit->terms[i]->kind == TERM_DOMAIN || hit->terms[i]->kind == TERM_ADDRESS)
            return true;
    return span_find(token, '@') < token.n || span_find_span(token, span_of(scheme, 3)) < token.n ||
           span_starts_nocase(token, "www.");
}

/* Stretches the hit over the address, host name or URL around it. */
static void widen(struct span text, struct term_hit *hit)
{
    size_t low = hit->at, high = hit->at + hit->n, core_end = high;
    struct span token;

    while (low > 0 && hit->at - low < WIDE_MAX && is_token_byte(text.at[low - 1]))
        low--;
    while (high < text.n && high - core_end < WIDE_MAX && is_token_byte(text.at[high]))
        high++;
    while (high > core_end && strchr(".:!?", text.at[high - 1]) != NULL)
        high--;
    token = span_of(text.at + low, high - low);
    if (!is_wide(hit, token)) {
        low = hit->at;
        high = core_end;
    } else if (span_find_span(token, span_of("://", 3)) == token.n) {
        /* A label before an address ("From:x@acme.example") is no part of it. */
        for (size_t i = low; i < hit->at; i++)
            if (text.at[i] == ':')
                low = i + 1;
    }
    hit->wide_at = low;
    hit->wide_n = high - low;
}

static bool on_match(void *ctx, size_t index, size_t end)
{
    struct search *s = ctx;
    const struct word *word = &s->set->words[index];
    size_t at = end - word->folded.n;
    struct term_hit hit = {.terms = word->terms, .n_terms = word->n};

    if (s->reading == FOLD_JOINED && (word->letters < TERMS_JOINED_MIN || word->common))
        return true;
    if (!is_whole_word(s, at, end))
        return true;
    hit.at = s->folded.from[at];
    hit.n = s->folded.to[end - 1] - hit.at;
    if (word->common && !is_written_as_name(s, word, span_first(span_from(s->text, hit.at), hit.n)))
        return true;
    if (s->n >= TERMS_HITS_MAX)
        return false;
    widen(s->text, &hit);
    ARENA_GROW(s->scratch, s->at, s->n, s->room);
    s->at[s->n++] = hit;
    return true;
}

/* A telephone number, found by its digits alone. */
static bool on_phone(void *ctx, size_t index, size_t at, size_t end)
{
    struct search *s = ctx;
    struct term_hit hit = {.terms = &s->set->phone_terms[index], .n_terms = 1};

    if (s->n >= TERMS_HITS_MAX)
        return false;
    hit.at = s->folded.from[at];
    hit.n = s->folded.to[end - 1] - hit.at;
    widen(s->text, &hit);
    ARENA_GROW(s->scratch, s->at, s->n, s->room);
    s->at[s->n++] = hit;
    return true;
}

static bool search_reading(struct search *s, enum fold_reading reading)
{
    s->reading = reading;
    if (!fold_text(s->scratch, s->text, reading, false, &s->folded))
        return false;
    return automaton_scan(s->set->automaton, span_of(s->folded.at, s->folded.n), on_match, s);
}

static int by_place(const void *x, const void *y)
{
    const struct term_hit *p = x, *q = y;

    if (p->at != q->at)
        return p->at < q->at ? -1 : 1;
    if (p->n != q->n)
        return p->n > q->n ? -1 : 1;
    return (p->terms > q->terms) - (p->terms < q->terms);
}

/* Sorts the hits of all readings; the same hit of two readings counts once. */
static struct term_hits sorted_hits(struct search *s)
{
    struct term_hit *at;
    size_t n = 0;

    if (s->n > 0)
        qsort(s->at, s->n, sizeof(*s->at), by_place);
    at = ARENA_ARRAY(s->a, s->n, struct term_hit);
    for (size_t i = 0; i < s->n; i++)
        if (n == 0 || by_place(&at[n - 1], &s->at[i]) != 0)
            at[n++] = s->at[i];
    return (struct term_hits){at, n};
}

bool terms_find_all(const struct term_set *set, struct arena *a, struct span text,
                    struct term_hits *ret_hits)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct search s = {.set = set, .a = a, .scratch = scratch, .text = text};
    bool hyphens, breaks;

    if (!search_reading(&s, FOLD_SPACED))
        return false;
    if (!phones_scan(set->phones, &s.folded, on_phone, &s))
        return false;
    hyphens = s.folded.hyphens;
    breaks = s.folded.breaks;
    if (hyphens && !search_reading(&s, FOLD_HYPHENATED))
        return false;
    if (breaks && !search_reading(&s, FOLD_JOINED))
        return false;
    *ret_hits = sorted_hits(&s);
    return true;
}

bool terms_find(const struct term_set *set, struct arena *a, struct span text,
                struct term_hits *ret_hits)
{
    struct term_hits all;
    struct term_hit *at;
    size_t n = 0, end = 0;

    if (!terms_find_all(set, a, text, &all))
        return false;
    at = ARENA_ARRAY(a, all.n, struct term_hit);
    for (size_t i = 0; i < all.n; i++) {
        if (all.at[i].at < end)
            continue;
        at[n++] = all.at[i];
        end = all.at[i].at + all.at[i].n;
    }
    *ret_hits = (struct term_hits){at, n};
    return true;
}

bool term_hit_owned(const struct term_hit *hit, const uint32_t *owners, size_t n)
{
    for (size_t i = 0; i < hit->n_terms; i++)
        for (size_t k = 0; k < n; k++)
            if (hit->terms[i]->owner != 0 && hit->terms[i]->owner == owners[k])
                return true;
    return false;
}
