/*
 * ids.h - marks of copies and codes of command blocks in a text: each is one reader's alone.
 *
 * Promises: goes by form, since only the desk writes such: a mark (mark.h), or a line "Embargod:
 * C42 code". Linear. Does not: know whose they are,
 * or serve the guard, which has eyes of its own (guard-ids.h).
 */
#ifndef REDACT_IDS_H
#define REDACT_IDS_H

#include "base/span.h"

/* A text of somebody else, with the mask for each of them. */
struct span ids_cut(struct arena *a, struct span text, const char *mask);

#endif
