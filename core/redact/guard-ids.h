/*
 * guard-ids.h - the guard's own way to know the marks of copies and the codes of command blocks.
 *
 * Promises: shares no code with ids.h and mark.h. Only the desk writes such, so their form is
 * enough: a mark is 16 letters with "-" behind each fourth but the last; a code is the 16 letters
 * behind "Embargod:" and a place. Letter case, width, invisible characters, other dashes, line
 * breaks and quote marks (up to 96 bytes in a row) make no difference. Linear. Does not: know whose
 * they are.
 */
#ifndef REDACT_GUARD_IDS_H
#define REDACT_GUARD_IDS_H

#include "redact/guard.h"

/* The first that is none of the reader's own (as written in its letter; NULL is none): its letters
 * in lower case, or NULL. ret_kind: GUARD_MARK or GUARD_TOKEN. */
const char *guard_ids(struct arena *a, struct span text, const char *const *own, size_t n_own,
                      enum guard_kind *ret_kind);

#endif
