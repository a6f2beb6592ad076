/*
 * echo.h - what of a text only repeats other texts: a quote without any mark.
 *
 * Promises: finds runs of words (eight; in Japanese and its kin 20 letters) that stand in one of
 * the texts, whatever became of letter case, wrapping, punctuation and quote marks; and whole lines
 * of them, if they are long enough to be nobody's own words or stand beside what was found. Runs
 * are measured as the guard measures them (guard.h). Does not: find what was put in other words.
 */
#ifndef REDACT_ECHO_H
#define REDACT_ECHO_H

#include "base/span.h"

/* What was sent to one writer. Growing is for one thread; asking is for all. */
struct echo;

struct echo *echo_new(struct arena *a);

/* One text of it, as it was sent. A text that can't be read as UTF-8 adds nothing. */
void echo_add(struct echo *echo, struct span text);

/* Sets map[i] for each byte of text that repeats; the others are left alone. */
void echo_find(struct arena *a, const struct echo *echo, struct span text, bool *map);

#endif
