#include "redact/guard-runs.h"

enum { TABLE_START = 256, STREAM_MAX = 32 /* a power of two, at least GUARD_RUN_CJK */ };

_Static_assert((int)STREAM_MAX >= (int)GUARD_RUN_CJK, "a run fits into the ring");
_Static_assert((int)STREAM_MAX >= (int)GUARD_RUN_WORDS, "a run fits into the ring");

struct guard_runs {
    struct arena *a;
    uint64_t *table; /* open addressing; 0: free */
    size_t n, room;
};

struct guard_runs *guard_runs_new(struct arena *a)
{
    struct guard_runs *runs = ARENA_NEW(a, struct guard_runs);

    runs->a = a;
    runs->room = TABLE_START;
    runs->table = ARENA_ARRAY(a, runs->room, uint64_t);
    return runs;
}

/* The place of hash, or the free one where it belongs. */
static size_t place(const uint64_t *table, size_t room, uint64_t hash)
{
    size_t i = (size_t)hash & (room - 1);

    while (table[i] != 0 && table[i] != hash)
        i = (i + 1) & (room - 1);
    return i;
}

static void table_grow(struct guard_runs *runs)
{
    size_t room = runs->room * 2;
    uint64_t *table = ARENA_ARRAY(runs->a, room, uint64_t);

    for (size_t i = 0; i < runs->room; i++)
        if (runs->table[i] != 0)
            table[place(table, room, runs->table[i])] = runs->table[i];
    runs->table = table;
    runs->room = room;
}

static bool add_run(void *ctx, uint64_t hash, size_t from)
{
    struct guard_runs *runs = ctx;
    size_t i;

    (void)from;
    if (runs->n * 2 >= runs->room)
        table_grow(runs);
    i = place(runs->table, runs->room, hash);
    runs->n += runs->table[i] == 0;
    runs->table[i] = hash;
    return true;
}

bool runs_have(const struct guard_runs *const *runs, size_t n, uint64_t hash)
{
    for (size_t i = 0; i < n; i++)
        if (runs[i]->table[place(runs[i]->table, runs[i]->room, hash)] == hash)
            return true;
    return false;
}

bool guard_runs_add(struct guard_runs *runs, struct span text)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct letters letters;

    if (text.n > GUARD_TEXT_MAX || !letters_read(scratch, text, false, &letters))
        return false;
    return runs_walk(&letters, add_run, runs);
}

/* The last units (words, or CJK letters) of one stream. */
struct stream {
    uint64_t units[STREAM_MAX];
    size_t from[STREAM_MAX];
    size_t n; /* all so far */
    size_t run;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value;
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 29;
}

/* Takes one unit; true with the hash of the run that it completes. */
static bool stream_take(struct stream *s, uint64_t unit, size_t from, uint64_t *ret_hash,
                        size_t *ret_from)
{
    uint64_t hash = s->run;

    s->units[s->n % STREAM_MAX] = unit;
    s->from[s->n % STREAM_MAX] = from;
    s->n++;
    if (s->n < s->run)
        return false;
    for (size_t i = s->n - s->run; i < s->n; i++)
        hash = mix(hash, s->units[i % STREAM_MAX]);
    *ret_hash = hash == 0 ? 1 : hash;
    *ret_from = s->from[(s->n - s->run) % STREAM_MAX];
    return true;
}

/* The word that starts at letter i: its hash, and the letter behind it. */
static size_t take_word(const struct letters *text, size_t i, uint64_t *ret_hash)
{
    uint64_t hash = GUARD_RUN_WORDS;
    size_t start = i;

    for (; i < text->n && text->at[i].class == LETTER_WORD; i++) {
        if (i > start && text->at[i].gap != GAP_NONE && text->at[i].gap != GAP_HYPHEN)
            break;
        hash = mix(hash, text->at[i].point);
    }
    *ret_hash = hash;
    return i;
}

bool runs_walk(const struct letters *text, runs_found *found, void *ctx)
{
    struct stream words = {.run = GUARD_RUN_WORDS}, cjk = {.run = GUARD_RUN_CJK};

    for (size_t i = 0; i < text->n;) {
        const struct letter *l = &text->at[i];
        uint64_t unit = l->point, hash;
        size_t from;
        bool full = false;

        if (l->class == LETTER_WORD) {
            i = take_word(text, i, &unit);
            full = stream_take(&words, unit, l->from, &hash, &from);
        } else {
            if (l->class == LETTER_CJK)
                full = stream_take(&cjk, unit, l->from, &hash, &from);
            i++;
        }
        if (full && !found(ctx, hash, from))
            return false;
    }
    return true;
}
