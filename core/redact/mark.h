/*
 * mark.h - the distribution mark: a short line that tells whose copy a text was.
 *
 * Promises: 80 bits that the caller draws by key from case and letter, written so that they survive
 * copying, folding of letter case and line wrapping. Does not: know keys, cases or letters.
 */
#ifndef REDACT_MARK_H
#define REDACT_MARK_H

#include "base/span.h"

enum { MARK_BYTES = 10, MARK_LETTERS = 16 };

/* "abcd-efgh-ijkl-mnop" */
const char *mark_text(struct arena *a, const unsigned char bytes[MARK_BYTES]);

/* Finds the next mark in *rest and moves *rest behind it. False: there is none. */
bool mark_find(struct span *rest, unsigned char ret_bytes[MARK_BYTES]);

#endif
