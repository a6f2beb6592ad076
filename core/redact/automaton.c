#include "redact/automaton.h"

/*
 * The trie of the words is built breadth first from their sorted list: a state is a range of words
 * that begin alike, and its children, one range for each next byte, come out side by side. So a
 * state needs the number of its first child only, and the bytes of all states stand in one array in
 * which the children of one are in order. From each state, fail points to the state of the longest
 * proper suffix that is in the trie too; shorter leads to the next one on that chain that ends a
 * word. The scan follows a child where there is one, else fail: every step down was a step up
 * before.
 */

enum { NO_WORD = UINT32_MAX };

struct state {
    uint32_t first;   /* number of the first child */
    uint32_t fail;    /* state of the longest proper suffix */
    uint32_t shorter; /* nearest state on the fail chain that ends a word; 0: none */
    uint32_t word;    /* the word that ends here, or NO_WORD */
    uint16_t n_kids;
};

struct automaton {
    struct state *states;
    unsigned char *bytes; /* bytes[i]: the byte that leads to state i */
    uint32_t n;
    uint32_t root[256]; /* the root's children by byte; 0: none. Most bytes of a text end here */
};

struct range {
    size_t low, high, depth;
};

/* 0 is the root, which is nobody's child: none. */
static uint32_t child(const struct automaton *m, uint32_t state, unsigned char byte)
{
    const struct state *s = &m->states[state];
    uint32_t low = s->first, high = s->first + s->n_kids;

    if (state == 0)
        return m->root[byte];
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (m->bytes[mid] == byte)
            return mid;
        if (m->bytes[mid] < byte)
            low = mid + 1;
        else
            high = mid;
    }
    return 0;
}

static uint32_t follow(const struct automaton *m, uint32_t state, unsigned char byte)
{
    for (;;) {
        uint32_t next = child(m, state, byte);

        if (next != 0 || state == 0)
            return next;
        state = m->states[state].fail;
    }
}

/* Writes the children of one state behind the last one. */
static void add_children(struct automaton *m, struct range *ranges, uint32_t state,
                         const struct span *words)
{
    struct range r = ranges[state];
    struct state *s = &m->states[state];

    s->first = m->n;
    s->word = NO_WORD;
    if (r.low < r.high && words[r.low].n == r.depth)
        s->word = (uint32_t)r.low++;
    while (r.low < r.high) {
        unsigned char byte = words[r.low].at[r.depth];
        size_t end = r.low;

        while (end < r.high && words[end].at[r.depth] == byte)
            end++;
        ranges[m->n] = (struct range){r.low, end, r.depth + 1};
        m->bytes[m->n++] = byte;
        s->n_kids++;
        r.low = end;
    }
}

static void link_children(struct automaton *m, uint32_t state)
{
    const struct state *s = &m->states[state];

    for (uint32_t kid = s->first; kid < s->first + s->n_kids; kid++) {
        struct state *k = &m->states[kid];

        k->fail = state == 0 ? 0 : follow(m, s->fail, m->bytes[kid]);
        k->shorter = m->states[k->fail].word != NO_WORD ? k->fail : m->states[k->fail].shorter;
    }
}

/* The root and one state for every byte that a word does not share with the word before it. */
static size_t count_states(const struct span *words, size_t n)
{
    size_t states = 1;

    for (size_t i = 0; i < n; i++) {
        size_t same = 0;

        if (i > 0)
            while (same < words[i].n && same < words[i - 1].n &&
                   words[i].at[same] == words[i - 1].at[same])
                same++;
        states += words[i].n - same;
    }
    return states;
}

struct automaton *automaton_new(struct arena *a, const struct span *words, size_t n)
{
    struct automaton *m = ARENA_NEW(a, struct automaton);
    size_t total = count_states(words, n);
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct range *ranges = ARENA_ARRAY(scratch, total, struct range);

    m->states = ARENA_ARRAY(a, total, struct state);
    m->bytes = ARENA_ARRAY(a, total, unsigned char);
    m->n = 1;
    ranges[0] = (struct range){0, n, 0};
    for (uint32_t i = 0; i < m->n; i++)
        add_children(m, ranges, i, words);
    for (uint32_t i = 0; i < m->states[0].n_kids; i++)
        m->root[m->bytes[m->states[0].first + i]] = m->states[0].first + i;
    for (uint32_t i = 0; i < m->n; i++)
        link_children(m, i);
    return m;
}

bool automaton_scan(const struct automaton *m, struct span text, automaton_found *found, void *ctx)
{
    uint32_t state = 0;

    for (size_t i = 0; i < text.n; i++) {
        uint32_t s;

        state = follow(m, state, text.at[i]);
        s = m->states[state].word != NO_WORD ? state : m->states[state].shorter;
        for (; s != 0; s = m->states[s].shorter)
            if (!found(ctx, m->states[s].word, i + 1))
                return false;
    }
    return true;
}
