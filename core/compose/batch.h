/*
 * batch.h - what the letters of one batch have in common: the names found in their texts, and the
 * runs of words of the texts that the guard compares them with.
 *
 * Promises: each text is searched once for a batch, whoever reads it. A text is known by all of its
 * bytes, and what is kept is what any letter would find itself, so nothing of one reader can reach
 * another this way. Past BATCH_TEXTS_MAX texts, the letter finds it itself. Does not: serve two
 * threads; choose for a reader. Holds plaintext: it goes with its arena, which is the batch's.
 */
#ifndef COMPOSE_BATCH_H
#define COMPOSE_BATCH_H

#include "redact/guard.h"
#include "redact/redact.h"

enum { BATCH_TEXTS_MAX = 1000 }; /* of each kind */

struct compose_batch;

struct compose_batch *compose_batch_new(struct arena *a);

/* The names of the sets in a text. Without a batch (NULL), in a. */
const struct redact_scan *batch_scan(struct compose_batch *batch, struct arena *a, struct span text,
                                     const struct term_set *const *sets, size_t n_sets);

/* A text's runs, in batch_index; NULL: they can't be known (guard_runs_add). Without a batch, in a.
 */
const struct guard_runs *batch_runs(struct compose_batch *batch, struct arena *a, struct span text);

const struct guard_index *batch_index(const struct compose_batch *batch); /* NULL in, NULL out */

#endif
