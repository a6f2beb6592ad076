/*
 * guard-fences.h - the guard's own way to read fences: what of a text is not for this reader.
 *
 * Promises: shares no code with fences.h, which narrows more: only fences that stand alone on
 * unquoted lines count here, and a mistake in one is left to fences.h. So what is kept here is kept
 * there. Does not: decide what a reader gets.
 */
#ifndef REDACT_GUARD_FENCES_H
#define REDACT_GUARD_FENCES_H

#include "base/span.h"

/* Splits a text into lines that the org with this slug (NULL: none) may read, and those it may not.
 */
void guard_fences(struct arena *a, struct span text, const char *slug, struct span *ret_inside,
                  struct span *ret_outside);

/* A line of the finished letter that still is a fence, perhaps behind a "| " or "> "; or empty. */
struct span guard_fence_left(struct span text);

#endif
