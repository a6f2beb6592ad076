/*
 * guard-runs.h - runs of words as hashes: what two texts have in common.
 *
 * Promises: words and CJK letters are two streams, so a product name inside a Japanese sentence
 * breaks no run; punctuation, case and line breaks make no difference. Does not: know readers
 * (guard.c).
 */
#ifndef REDACT_GUARD_RUNS_H
#define REDACT_GUARD_RUNS_H

#include "redact/guard-near.h"
#include "redact/guard.h"

/* Called for every run near `near` of GUARD_RUN_WORDS words or GUARD_RUN_CJK letters; from: offset
 * of its first letter. False ends the walk. */
typedef bool runs_found(void *ctx, uint64_t hash, size_t from);

/* False if a callback said so. */
bool runs_walk(const struct letters *text, const struct near *near, runs_found *found, void *ctx);

/* What a search through n texts needs: made once for a letter. */
struct runs_search {
    const struct guard_runs *const *runs;
    size_t n;
    const struct guard_index *index; /* that has taken all of them; NULL: each is asked */
    uint64_t bits;                   /* there */
};

struct runs_search runs_search(const struct guard_runs *const *runs, size_t n,
                               const struct guard_index *index);

bool runs_have(const struct runs_search *search, uint64_t hash);

#endif
