/*
 * ids.h - marks of copies and codes of command blocks in a text: each is one reader's alone.
 *
 * Promises: goes by form, since only the desk writes such: a mark (mark.h), or a line "Embargod:
 * C42 code". Linear. Does not: know whose they are.
 */
#ifndef REDACT_IDS_H
#define REDACT_IDS_H

#include "redact/guard.h"

/* A text of somebody else, with the mask for each of them. */
struct span ids_cut(struct arena *a, struct span text, const char *mask);

/* The first that is none of the reader's own (as written in its letter; NULL is none), or NULL.
 * ret_kind: GUARD_MARK or GUARD_TOKEN. */
const char *ids_other(struct arena *a, struct span text, const char *const *own, size_t n_own,
                      enum guard_kind *ret_kind);

#endif
