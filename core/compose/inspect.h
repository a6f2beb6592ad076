/*
 * inspect.h - the guard's turn: reads a finished letter back and asks whether it may go.
 *
 * Promises: looks at what mime/strict reads of the bytes that will be sealed, not at what was meant
 * to stand in them. What can't be read, or can't be known, holds the letter. Does not: change it.
 */
#ifndef COMPOSE_INSPECT_H
#define COMPOSE_INSPECT_H

#include "compose/compose.h"

/* Why the letter may not go, for coordinators, or NULL: all that was found in it, part by part.
 * frame is the letter's text without what is foreign in it: words of the desk's own that others may
 * have quoted. */
const char *inspect(struct arena *a, const struct compose_job *job, struct span bytes,
                    const char *frame);

#endif
