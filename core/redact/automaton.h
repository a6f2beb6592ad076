/*
 * automaton.h - finds any of many words in one pass over bytes (Aho and Corasick, 1975).
 *
 * Promises: never changes after it is built; about 20 bytes a state; the scan is linear in the text
 * and the matches. Does not: fold, or know where words end (terms.h).
 */
#ifndef REDACT_AUTOMATON_H
#define REDACT_AUTOMATON_H

#include "base/span.h"

struct automaton;

/* The words are not empty, all different and in the order of memcmp; they are not kept. */
struct automaton *automaton_new(struct arena *a, const struct span *words, size_t n);

/* Called for every match: the index of the word, and the offset behind its last byte. False ends
 * the scan. */
typedef bool automaton_found(void *ctx, size_t word, size_t end);

/* False if a callback said so. */
bool automaton_scan(const struct automaton *m, struct span text, automaton_found *found, void *ctx);

#endif
