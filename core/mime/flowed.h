/*
 * flowed.h - format=flowed text (RFC 3676) as paragraphs.
 *
 * Promises: lines that a blank at their end joins become one; stuffed blanks go; quotes keep their
 * depth as ">> "; a signature's "-- " is never joined. What is no flowed text comes out as it went
 * in, but for stuffing. Does not: touch what a signature covers; that is read from the bytes.
 */
#ifndef MIME_FLOWED_H
#define MIME_FLOWED_H

#include "base/span.h"

/* text: with LF. delsp: the blank that joins two lines is no text (RFC 3676 4.3). */
struct span flowed_text(struct arena *a, struct span text, bool delsp);

#endif
