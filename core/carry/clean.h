/*
 * clean.h - a copy of a file without what its maker may not know that it tells.
 *
 * Promises: what is seen stays as it is, bit for bit: exiftool takes the rest out of a JPEG or a
 * PNG, and what it leaves is compared with the picture before, and looked through for blocks of any
 * other kind. A picture's orientation stays, or it would lie on its side. What is not a copy like
 * that is none. Runs a program: in a process of its own, with a limit on processor time
 * (open/cleaned.c). Does not: say what the copy still carries (carry_read does).
 */
#ifndef CARRY_CLEAN_H
#define CARRY_CLEAN_H

#include "base/arena.h"
#include "base/base.h"
#include "base/span.h"

enum { CLEAN_LONGER_MAX = 4096 }; /* bytes that a copy may be longer: an orientation of its own */

/* Why no file of this kind, by its bytes, is cleaned; NULL: it may be. */
const char *clean_never(struct span bytes);

/* NULL: *ret_copy is the cleaned copy, in a; else why there is none. */
MUST_USE const char *clean_copy(struct arena *a, struct span bytes, struct span *ret_copy);

#endif
