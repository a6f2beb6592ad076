/*
 * world-guard.h - the guard's own list of names, from the directory itself.
 *
 * Promises: whatever becomes of the list that is cut (world-terms.h), each name, alias, domain,
 * handle, telephone number, address and key id of a vendor or partner is in this one. Does not:
 * search (redact/guard.h).
 */
#ifndef FLOW_WORLD_GUARD_H
#define FLOW_WORLD_GUARD_H

#include "model/directory.h"
#include "redact/guard.h"
#include "redact/terms.h"

/* With the n words that are cut, which have more ways to write a name. Lives as long as a, the
 * directory and the words. */
struct guard_words *world_guard(struct arena *a, const struct directory *d, const struct term *cut,
                                size_t n);

#endif
