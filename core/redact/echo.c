#include "redact/echo.h"

#include <stdlib.h>

#include "redact/guard-letters.h"
#include "redact/guard.h"

enum {
    LINE_WORDS = 4, /* a line of so many is nobody's own by chance */
    LINE_CJK = 10,
    START_LEAST = 3, /* bytes before a hole that tell a line */
    GAP_UNITS = 2,   /* between two repeated stretches of one line: a number, a name */
    JOIN_WORDS = 4,  /* so many in a row tell what a sentence goes on with */
    JOIN_CJK = 8,
    NEXT_LEAST = 3, /* words that go on, where the line ends otherwise */
    NEXT_CJK = 6,
};

struct hashes {
    uint64_t *at;
    size_t n, room;
};

struct starts {
    struct span *at;
    size_t n, room;
};

struct echo {
    struct arena *a;
    struct starts starts; /* of lines with a hole in them */
    struct hashes runs;
    struct hashes lines;
    struct hashes joins; /* runs of JOIN_WORDS, or JOIN_CJK */
    bool sorted;
};

/* A word, or a CJK letter. */
struct unit {
    uint64_t hash;
    size_t from, to; /* bytes of the text */
    bool covered;
};

struct units {
    struct unit *at;
    size_t n, room;
    size_t run;  /* so many in a row count */
    size_t join; /* and so many where a line ends */
};

/* Words and CJK letters are two streams: a product name in a Japanese sentence breaks no run. */
struct reading {
    struct arena *a;
    struct span text;
    struct units words;
    struct units cjk;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

/* --- a text as units ------------------------------------------------------------------------ */

static size_t letter_end(struct span text, size_t at)
{
    at++;
    while (at < text.n && (text.at[at] & 0xC0) == 0x80)
        at++;
    return at;
}

static void add_unit(struct reading *r, struct units *units, struct unit unit)
{
    ARENA_GROW(r->a, units->at, units->n, units->room);
    units->at[units->n++] = unit;
}

/* The word that starts at letter i; the letter behind it. */
static size_t add_word(struct reading *r, const struct letters *letters, size_t i)
{
    struct unit unit = {.hash = GUARD_RUN_WORDS, .from = letters->at[i].from};
    size_t start = i;

    for (; i < letters->n && letters->at[i].class == LETTER_WORD; i++) {
        const struct letter *l = &letters->at[i];

        if (i > start && l->gap != GAP_NONE && l->gap != GAP_HYPHEN)
            break;
        unit.hash = mix(unit.hash, l->point);
        unit.to = letter_end(r->text, l->from);
    }
    add_unit(r, &r->words, unit);
    return i;
}

static bool read_units(struct arena *a, struct span text, struct reading *ret)
{
    struct reading r = {.a = a, .text = text};
    struct letters letters;

    r.words.run = GUARD_RUN_WORDS;
    r.cjk.run = GUARD_RUN_CJK;
    r.words.join = JOIN_WORDS;
    r.cjk.join = JOIN_CJK;
    if (text.n > GUARD_TEXT_MAX || !letters_read(a, text, true, &letters))
        return false;
    for (size_t i = 0; i < letters.n;) {
        const struct letter *l = &letters.at[i];

        if (l->class == LETTER_WORD) {
            i = add_word(&r, &letters, i);
            continue;
        }
        if (l->class == LETTER_CJK)
            add_unit(&r, &r.cjk,
                     (struct unit){.hash = mix(GUARD_RUN_CJK, l->point),
                                   .from = l->from,
                                   .to = letter_end(text, l->from)});
        i++;
    }
    *ret = r;
    return true;
}

static uint64_t hash_of(const struct units *units, size_t at, size_t n, uint64_t seed)
{
    for (size_t i = at; i < at + n; i++)
        seed = mix(seed, units->at[i].hash);
    return seed;
}

/* --- lines ---------------------------------------------------------------------------------- */

struct line {
    size_t at, n;         /* bytes, with its end */
    size_t word, n_words; /* its units */
    size_t letter, n_letters;
    uint64_t hash;
    bool covered;
    bool whole; /* the line as such, and not only runs in it */
};

/* The next line behind *line. */
static bool next_line(const struct reading *r, struct line *line)
{
    struct line next = {.at = line->at + line->n,
                        .word = line->word + line->n_words,
                        .letter = line->letter + line->n_letters};
    size_t end;

    if (next.at >= r->text.n)
        return false;
    next.n = span_find(span_from(r->text, next.at), '\n') + 1;
    if (next.n > r->text.n - next.at)
        next.n = r->text.n - next.at;
    end = next.at + next.n;
    for (size_t i = next.word; i < r->words.n && r->words.at[i].from < end; i++)
        next.n_words++;
    for (size_t i = next.letter; i < r->cjk.n && r->cjk.at[i].from < end; i++)
        next.n_letters++;
    next.hash = hash_of(&r->words, next.word, next.n_words, 1);
    next.hash = hash_of(&r->cjk, next.letter, next.n_letters, next.hash);
    *line = next;
    return true;
}

static bool is_blank(const struct line *line)
{
    return line->n_words + line->n_letters == 0;
}

/* --- what was sent -------------------------------------------------------------------------- */

struct echo *echo_new(struct arena *a)
{
    struct echo *echo = ARENA_NEW(a, struct echo);

    *echo = (struct echo){.a = a, .sorted = true};
    return echo;
}

static void add_hash(struct arena *a, struct hashes *hashes, uint64_t hash)
{
    ARENA_GROW(a, hashes->at, hashes->n, hashes->room);
    hashes->at[hashes->n++] = hash;
}

static int by_value(const void *x, const void *y)
{
    const uint64_t *p = x;
    const uint64_t *q = y;

    return (*p > *q) - (*p < *q);
}

static void sort(struct hashes *hashes)
{
    if (hashes->n > 0)
        qsort(hashes->at, hashes->n, sizeof(*hashes->at), by_value);
}

static void sort_all(struct echo *echo)
{
    if (!echo->sorted) {
        sort(&echo->runs);
        sort(&echo->lines);
        sort(&echo->joins);
    }
    echo->sorted = true;
}

static bool has(const struct hashes *hashes, uint64_t hash)
{
    return hashes->n > 0 &&
           bsearch(&hash, hashes->at, hashes->n, sizeof(*hashes->at), by_value) != NULL;
}

static void add_runs(struct echo *echo, const struct units *units)
{
    for (size_t i = 0; i + units->run <= units->n; i++)
        add_hash(echo->a, &echo->runs, hash_of(units, i, units->run, units->run));
    for (size_t i = 0; i + units->join <= units->n; i++)
        add_hash(echo->a, &echo->joins, hash_of(units, i, units->join, units->join));
}

/* What stands in a line before its first hole. */
static void add_start(struct echo *echo, struct span line)
{
    size_t hole = span_find_span(line, span_str(ECHO_HOLE));
    struct span start = span_trim(span_first(line, hole));

    if (hole == line.n || start.n < START_LEAST)
        return;
    for (size_t i = 0; i < echo->starts.n; i++)
        if (span_eq(echo->starts.at[i], start))
            return;
    ARENA_GROW(echo->a, echo->starts.at, echo->starts.n, echo->starts.room);
    echo->starts.at[echo->starts.n++] = span_of(span_dup(echo->a, start), start.n);
}

void echo_add(struct echo *echo, struct span text)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct line line = {.n = 0};
    struct reading r;

    if (!read_units(scratch, text, &r))
        return;
    add_runs(echo, &r.words);
    add_runs(echo, &r.cjk);
    while (next_line(&r, &line)) {
        if (!is_blank(&line))
            add_hash(echo->a, &echo->lines, line.hash);
        add_start(echo, span_first(span_from(text, line.at), line.n));
    }
    echo->sorted = false;
}

/* --- what repeats --------------------------------------------------------------------------- */

static void cover_runs(const struct echo *echo, struct units *units)
{
    for (size_t i = 0; i + units->run <= units->n; i++) {
        if (!has(&echo->runs, hash_of(units, i, units->run, units->run)))
            continue;
        for (size_t j = i; j < i + units->run; j++)
            units->at[j].covered = true;
    }
}

static bool has_break(struct span text, size_t from, size_t to)
{
    struct span between = span_first(span_from(text, from), to - from);

    return span_find(between, '\n') < between.n;
}

/* A number or a name between two repeated stretches of one line goes with them. */
static void cover_gaps(struct span text, struct units *units)
{
    size_t last = units->n; /* the last that was covered */

    for (size_t i = 0; i < units->n; i++) {
        if (!units->at[i].covered)
            continue;
        if (last < i && i - last - 1 <= GAP_UNITS &&
            !has_break(text, units->at[last].to, units->at[i].from)) {
            for (size_t j = last + 1; j < i; j++)
                units->at[j].covered = true;
        }
        last = i;
    }
}

/* Bytes of covered units, and of what stands between two of them. */
static void map_units(const struct units *units, bool *map)
{
    for (size_t i = 0; i < units->n; i++) {
        size_t to = units->at[i].to;

        if (!units->at[i].covered)
            continue;
        if (i + 1 < units->n && units->at[i + 1].covered && units->at[i + 1].from > to)
            to = units->at[i + 1].from;
        memset(map + units->at[i].from, true, to - units->at[i].from);
    }
}

static bool any_covered(const struct units *units, size_t at, size_t n)
{
    for (size_t i = at; i < at + n; i++)
        if (units->at[i].covered)
            return true;
    return false;
}

static bool is_long(const struct line *line)
{
    return line->n_words >= LINE_WORDS || line->n_letters >= LINE_CJK;
}

/* It begins as a line with a hole does. */
static bool starts_so(const struct echo *echo, struct span line)
{
    while (line.n > 0 && strchr(" \t>|", line.at[0]) != NULL && line.at[0] != '\0')
        line = span_from(line, 1);
    for (size_t i = 0; i < echo->starts.n; i++)
        if (span_eq(span_first(line, echo->starts.at[i].n), echo->starts.at[i]))
            return true;
    return false;
}

/* Whole lines that repeat: long ones, and those beside what repeats. True: this one does. */
static bool cover_line(const struct echo *echo, struct span text, struct line *line, bool beside)
{
    struct span bytes = span_first(span_from(text, line->at), line->n);

    if (has(&echo->lines, line->hash))
        line->whole = line->whole || line->covered || beside || is_long(line);
    else if (beside || line->covered)
        line->whole = line->whole || starts_so(echo, bytes);
    line->covered = line->covered || line->whole;
    return line->covered;
}

static void cover_lines(const struct echo *echo, struct span text, struct line *lines, size_t n)
{
    bool beside = false;

    for (size_t i = 0; i < n; i++)
        if (!is_blank(&lines[i]))
            beside = cover_line(echo, text, &lines[i], beside);
    beside = false;
    for (size_t i = n; i > 0; i--)
        if (!is_blank(&lines[i - 1]))
            beside = cover_line(echo, text, &lines[i - 1], beside);
}

void echo_find(struct arena *a, struct echo *echo, struct span text, bool *map)
{
    struct line *lines = NULL;
    struct line line = {.n = 0};
    struct reading r;
    size_t n = 0;
    size_t room = 0;

    sort_all(echo);
    if (!read_units(a, text, &r))
        return;
    cover_runs(echo, &r.words);
    cover_runs(echo, &r.cjk);
    cover_gaps(text, &r.words);
    map_units(&r.words, map);
    map_units(&r.cjk, map);
    while (next_line(&r, &line)) {
        line.covered = any_covered(&r.words, line.word, line.n_words) ||
                       any_covered(&r.cjk, line.letter, line.n_letters);
        ARENA_GROW(a, lines, n, room);
        lines[n++] = line;
    }
    cover_lines(echo, text, lines, n);
    for (size_t i = 0; i < n; i++) {
        if (lines[i].whole)
            memset(map + lines[i].at, true, lines[i].n);
    }
}

/* --- what a quoted line goes on with -------------------------------------------------------- */

static bool has_join(const struct echo *echo, const struct units *units, size_t at)
{
    return has(&echo->joins, hash_of(units, at, units->join, units->join));
}

bool echo_says(struct arena *a, struct echo *echo, struct span part)
{
    const struct units *units;
    struct reading r;

    sort_all(echo);
    if (!read_units(a, part, &r))
        return false;
    units = r.cjk.n > r.words.n ? &r.cjk : &r.words;
    for (size_t i = 0; i + units->join <= units->n; i++) {
        if (!has_join(echo, units, i))
            return false;
    }
    return units->n >= units->join;
}

enum echo_next echo_goes_on(struct arena *a, struct echo *echo, struct span above, struct span line,
                            size_t *ret_n)
{
    struct span both = span_str(arena_printf(a, "%s\n%s", span_dup(a, above), span_dup(a, line)));
    size_t start = above.n + 1;
    const struct units *units;
    size_t first = 0; /* of the line's units */
    size_t next;
    struct reading r;

    sort_all(echo);
    if (both.n != start + line.n || !read_units(a, both, &r))
        return ECHO_UNKNOWN;
    units = r.cjk.n > r.words.n ? &r.cjk : &r.words;
    while (first < units->n && units->at[first].from < start)
        first++;
    if (first < units->join || first == units->n || !has_join(echo, units, first - units->join))
        return ECHO_UNKNOWN;
    for (next = first; next < units->n && has_join(echo, units, next + 1 - units->join);)
        next++;
    if (next < units->n && next - first < (units == &r.cjk ? NEXT_CJK : NEXT_LEAST))
        return ECHO_OTHER;
    *ret_n = next == units->n ? line.n : units->at[next - 1].to - start;
    return ECHO_FOLLOWS;
}
