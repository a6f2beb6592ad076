/*
 * hits.h - names in a coordinator's text that its readers need not know.
 *
 * Promises: fences are respected: what only acme reads may name acme. Fence mistakes and hits are
 * mistakes of the command, all of them at once, each with its place and every way out. Ordinary
 * words count too: whether "Oracle" is the company, a person says.
 */
#ifndef ENGINE_HITS_H
#define ENGINE_HITS_H

#include "engine/names.h"
#include "redact/terms.h"

/* what: "the summary". readers: who will get the text. True: nothing was found. */
bool hits_check(struct deed *d, const char *what, const char *text, const struct parties *readers);

/* The distinct names in a text, for a warning: "Acme, Globex"; NULL: none. */
const char *hits_named(struct work *w, const struct case_head *head, const char *text);

/* The words around a hit in its line, for who has to find it again. */
const char *hits_around(struct arena *a, struct span text, const struct term_hit *hit);

#endif
