#include "redact/guard-runs.h"

enum { TABLE_START = 256, STREAM_MAX = 32 /* a power of two, at least GUARD_RUN_CJK */ };

_Static_assert((int)STREAM_MAX >= (int)GUARD_RUN_CJK, "a run fits into the ring");
_Static_assert((int)STREAM_MAX >= (int)GUARD_RUN_WORDS, "a run fits into the ring");

struct guard_runs {
    struct arena *a;
    uint64_t *table; /* open addressing; 0: free */
    size_t n, room;
    const struct guard_index *index; /* that took it */
    uint64_t bit;                    /* there */
};

struct indexed {
    uint64_t hash; /* 0: free */
    uint64_t bits; /* the texts that have it; every 64th shares a bit */
};

struct guard_index {
    struct arena *a;
    struct indexed *table;
    size_t n, room;
    size_t n_texts;
};

struct guard_runs *guard_runs_new(struct arena *a)
{
    struct guard_runs *runs = ARENA_NEW(a, struct guard_runs);

    runs->a = a;
    runs->bit = UINT64_MAX; /* in no index, it may be any text */
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

struct guard_index *guard_index_new(struct arena *a)
{
    struct guard_index *index = ARENA_NEW(a, struct guard_index);

    index->a = a;
    index->room = TABLE_START;
    index->table = ARENA_ARRAY(a, index->room, struct indexed);
    return index;
}

static struct indexed *indexed_of(struct indexed *table, size_t room, uint64_t hash)
{
    size_t i = (size_t)hash & (room - 1);

    while (table[i].hash != 0 && table[i].hash != hash)
        i = (i + 1) & (room - 1);
    return &table[i];
}

static void index_grow(struct guard_index *index)
{
    size_t room = index->room * 2;
    struct indexed *table = ARENA_ARRAY(index->a, room, struct indexed);

    for (size_t i = 0; i < index->room; i++)
        if (index->table[i].hash != 0)
            *indexed_of(table, room, index->table[i].hash) = index->table[i];
    index->table = table;
    index->room = room;
}

void guard_index_add(struct guard_index *index, struct guard_runs *runs)
{
    runs->index = index;
    runs->bit = UINT64_C(1) << index->n_texts++ % 64;
    for (size_t i = 0; i < runs->room; i++) {
        struct indexed *at;

        if (runs->table[i] == 0)
            continue;
        if (index->n * 2 >= index->room)
            index_grow(index);
        at = indexed_of(index->table, index->room, runs->table[i]);
        index->n += at->hash == 0;
        at->hash = runs->table[i];
        at->bits |= runs->bit;
    }
}

struct runs_search runs_search(const struct guard_runs *const *runs, size_t n,
                               const struct guard_index *index)
{
    struct runs_search search = {.runs = runs, .n = n, .index = index};

    for (size_t i = 0; i < n; i++) {
        if (runs[i]->index != index)
            search.index = NULL;
        search.bits |= runs[i]->bit;
    }
    return search;
}

bool runs_have(const struct runs_search *search, uint64_t hash)
{
    const struct guard_index *index = search->index;
    uint64_t bits = UINT64_MAX;

    if (index != NULL)
        bits = indexed_of(index->table, index->room, hash)->bits;
    if ((bits & search->bits) == 0)
        return false;
    for (size_t i = 0; i < search->n; i++) {
        const struct guard_runs *runs = search->runs[i];

        if ((bits & runs->bit) != 0 && runs->table[place(runs->table, runs->room, hash)] == hash)
            return true;
    }
    return false;
}

bool guard_runs_add(struct guard_runs *runs, struct span text)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct letters letters;

    if (text.n > GUARD_TEXT_MAX || !letters_read(scratch, text, false, &letters))
        return false;
    runs->index = NULL; /* which does not have the new ones */
    runs->bit = UINT64_MAX;
    return runs_walk(&letters, NULL, add_run, runs);
}

/* The last units (words, or CJK letters) of one stream. */
struct stream {
    uint64_t units[STREAM_MAX];
    size_t at[STREAM_MAX]; /* the letters that they start with */
    size_t n;              /* all so far */
    size_t run;
    size_t place;  /* in the list of what is near */
    uint64_t hash; /* of the last `run`: a polynomial of FACTOR, so that one more is one step */
    uint64_t last; /* FACTOR to the power of run: what the oldest is worth when it leaves */
};

#define FACTOR UINT64_C(0x9E3779B97F4A7C15)

static struct stream stream_start(size_t run)
{
    struct stream s = {.run = run, .last = 1};

    for (size_t i = 0; i < run; i++)
        s.last *= FACTOR;
    return s;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value;
    hash *= FACTOR;
    return hash ^ hash >> 29;
}

/* Takes one unit; true with the hash of the run that it completes. */
static bool stream_take(struct stream *s, uint64_t unit, size_t at, uint64_t *ret_hash,
                        size_t *ret_first)
{
    uint64_t hash;

    s->hash = s->hash * FACTOR + unit;
    if (s->n >= s->run)
        s->hash -= s->units[(s->n - s->run) % STREAM_MAX] * s->last;
    s->units[s->n % STREAM_MAX] = unit;
    s->at[s->n % STREAM_MAX] = at;
    s->n++;
    if (s->n < s->run)
        return false;
    hash = mix(s->run, s->hash);
    *ret_hash = hash == 0 ? 1 : hash;
    *ret_first = s->at[(s->n - s->run) % STREAM_MAX];
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
        hash = (hash ^ text->at[i].point) * FACTOR;
    }
    *ret_hash = mix(GUARD_RUN_WORDS, hash);
    return i;
}

bool runs_walk(const struct letters *text, const struct near *near, runs_found *found, void *ctx)
{
    struct stream words = stream_start(GUARD_RUN_WORDS), cjk = stream_start(GUARD_RUN_CJK);

    for (size_t i = 0; i < text->n;) {
        struct stream *stream = text->at[i].class == LETTER_WORD ? &words : &cjk;
        uint64_t unit = text->at[i].point, hash;
        size_t at = i++, first;

        if (text->at[at].class == LETTER_SYMBOL)
            continue;
        if (stream == &words)
            i = take_word(text, at, &unit);
        if (stream_take(stream, unit, at, &hash, &first) &&
            near_touches(near, &stream->place, first, i) && !found(ctx, hash, text->at[first].from))
            return false;
    }
    return true;
}
