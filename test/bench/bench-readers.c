/*
 * One text for many readers: what redaction and the guard cost when a report that names many
 * vendors goes to each of them, for texts and groups of several sizes, so that one sees whether the
 * cost grows like text and readers do.
 *
 * The text is prose with a name in every third line, URLs with escapes, offsets, a stack trace and
 * Japanese; the directory has 800 organisations with 3,000 names, domains and addresses. No reader
 * knows more than its own. Of a few, key ids are in the directory too.
 *
 * usage: bench-readers [READERS [KILOBYTES]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "redact/guard.h"
#include "redact/redact.h"
#include "test/bench/samples.h"

enum {
    ORGS = 800,
    TERMS = 3000,
    READERS = 800,
    KILOBYTES = 100,
};
#define LIMIT_MS 2000.0

struct bench {
    struct arena *a;
    struct term *terms;
    struct guard_word *words;
    struct term_set *set;
    struct guard_words *forbidden;
};

/* ---- the directory and the text ---- */

static const char *name_of(struct arena *a, uint32_t org)
{
    static const char *const first[] = {"Vant", "Korr", "Sel", "Ostr", "Quill",
                                        "Marb", "Tor",  "Lyn", "Hesp", "Brant"};
    static const char *const middle[] = {"a", "o", "iva", "ene", "um", "ar", "ix", "elo"};
    static const char *const last[] = {"tron", "dyne", "data", "soft", "works",
                                       "labs", "sys",  "net",  "gear", "mark"};

    return arena_printf(a, "%s%s%s", first[org % 10], middle[org / 10 % 8], last[org / 80 % 10]);
}

static void add_name(struct bench *b, size_t i, const char *text, enum term_kind kind)
{
    uint32_t org = (uint32_t)(i % ORGS) + 1;

    b->terms[i] = (struct term){.text = text, .owner = org, .kind = kind};
    b->words[i] = (struct guard_word){.text = text, .owner = org, .kind = GUARD_TERM};
}

static void make_directory(struct bench *b)
{
    b->terms = ARENA_ARRAY(b->a, TERMS, struct term);
    b->words = ARENA_ARRAY(b->a, TERMS, struct guard_word);
    for (size_t i = 0; i < TERMS; i++) {
        const char *name = name_of(b->a, (uint32_t)(i % ORGS));

        if (i < ORGS)
            add_name(b, i, name, TERM_NAME);
        else if (i < 2 * ORGS)
            add_name(b, i, arena_printf(b->a, "%s Networks", name), TERM_ALIAS);
        else if (i < 3 * ORGS)
            add_name(b, i, arena_printf(b->a, "%s.example", name), TERM_DOMAIN);
        else if (i % 2 == 0)
            add_name(b, i, arena_printf(b->a, "psirt@%s.example", name), TERM_ADDRESS);
        else
            add_name(b, i, arena_printf(b->a, "%040llX", i * 0x9E3779B97F4A7C15ull), TERM_KEYID);
    }
    b->set = terms_new(b->a, b->terms, TERMS, NULL);
    b->forbidden = guard_words_new(b->a, b->words, TERMS);
}

/* Every line is another one, so that nothing is found by chance in what was seen before. */
static void add_line(struct buf *text, struct arena *a, const char *voice, size_t i)
{
    const char *name = name_of(a, (uint32_t)(i * 7 % ORGS));

    if (i % 40 == 39)
        buf_printf(text,
                   "%s報告によると、部品%zuの長さの検査に誤りがあり、境界の外が読まれます。\n",
                   voice, i);
    else if (i % 40 == 20)
        buf_printf(text, "  #%zu 0x%08zx in parse_chunk_header (libchunk.so.%zu+0x%zx)\n", i % 17,
                   i * 2654435761u % 0xFFFFFFFF, i % 9, i * 37);
    else if (i % 40 == 10)
        buf_printf(text, "See https://www.%s.example/advisories?id=%zu&q=chunk%%20size for more.\n",
                   name, i);
    else if (i % 3 == 0)
        buf_printf(text, "The module that %s ships %s copies %zu bytes from the second chunk.\n",
                   name, voice, i);
    else
        buf_printf(text, "When the %zuth field %s is longer than its buffer, the parser goes on.\n",
                   i, voice);
}

static struct span make_text(struct arena *a, size_t n, const char *voice)
{
    struct buf text = buf_new(a, n + 200);

    for (size_t i = 0; text.n < n; i++)
        add_line(&text, a, voice, i);
    return buf_span(&text);
}

/* ---- redaction and guard ---- */

struct cost {
    struct took redaction;
    struct took guard;
};

static void add_took(struct took *sum, struct took took)
{
    sum->elapsed += took.elapsed;
    sum->processor += took.processor;
}

static struct redacted cut_one(struct arena *a, const struct redact_scan *scan, uint32_t org)
{
    struct redact_reader reader = {.own = &org, .n_own = 1, .mask = redact_mask("en")};

    return redact_cut_for(a, scan, &reader);
}

static void guard_one(struct arena *a, const struct bench *b, const struct guard_runs *outside,
                      const struct guard_runs *inside, struct span text, uint32_t org)
{
    const struct guard_words *const lists[] = {b->forbidden};
    struct guard_part part = {"text", text};
    struct guard_view view = {.words = lists,
                              .n_words = 1,
                              .own = &org,
                              .n_own = 1,
                              .outside = &outside,
                              .n_outside = 1,
                              .inside = &inside,
                              .n_inside = 1};
    struct guard_hit hit = guard_check(a, &view, &part, 1);

    if (hit.kind == GUARD_CLEAR)
        return;
    fprintf(stderr, "bench-readers: held: %s: %s\n", guard_kind_text(hit.kind), hit.what);
    exit(1);
}

static struct cost all_readers(const struct bench *b, size_t kilobytes, size_t readers)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span text = make_text(a, kilobytes * 1000, "here");
    struct span secret = make_text(a, kilobytes * 1000, "elsewhere");
    struct guard_runs *outside = guard_runs_new(a);
    struct guard_runs *inside = guard_runs_new(a);
    struct cost cost = {0};
    struct took start = took_start();
    const struct term_set *const sets[] = {b->set};
    const struct redact_scan *scan = redact_scan(a, text, sets, LEN(sets));

    add_took(&cost.redaction, took_since(start));
    start = took_start();
    if (!guard_runs_add(outside, secret) || !guard_runs_add(inside, text))
        exit(1);
    add_took(&cost.guard, took_since(start));
    for (uint32_t org = 1; org <= readers; org++) {
        SCOPED(arena_free) struct arena *letter = arena_new();
        struct redacted r;

        start = took_start();
        r = cut_one(letter, scan, org);
        add_took(&cost.redaction, took_since(start));
        start = took_start();
        guard_one(letter, b, outside, inside, span_of(r.text, r.n), org);
        add_took(&cost.guard, took_since(start));
    }
    return cost;
}

/* Nanoseconds for each byte and reader: the same in every row, if the cost is linear. */
static void row(const struct bench *b, size_t kilobytes, size_t readers)
{
    struct cost cost = all_readers(b, kilobytes, readers);
    double all = cost.redaction.processor + cost.guard.processor;

    printf("  %3zu kB for %3zu readers: redaction %8.1f ms, guard %8.1f ms, together %8.1f ms; "
           "%.1f ns a byte and reader\n",
           kilobytes, readers, cost.redaction.processor, cost.guard.processor, all,
           all * 1e3 / (double)(kilobytes * readers));
}

static void limit_row(const struct bench *b, size_t kilobytes, size_t readers)
{
    struct cost cost = all_readers(b, kilobytes, readers);
    double all = cost.redaction.processor + cost.guard.processor;

    printf("  %zu kB, %zu readers, %d terms: processor %.1f ms  limit %.0f ms: ratio %.2f\n",
           kilobytes, readers, TERMS, all, LIMIT_MS, all / LIMIT_MS);
}

int main(int argc, char **argv)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct bench b = {.a = a};
    size_t readers = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : READERS;
    size_t kilobytes = argc > 2 ? (size_t)strtoul(argv[2], NULL, 10) : KILOBYTES;

    make_directory(&b);
    printf("one text for many readers\n");
    for (size_t part = 8; part > 1; part /= 2)
        row(&b, kilobytes, readers / part);
    for (size_t part = 4; part > 1; part /= 2)
        row(&b, kilobytes / part, readers);
    limit_row(&b, kilobytes, readers);
    return 0;
}
