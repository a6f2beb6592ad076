/*
 * echo.h - what of a text only repeats other texts: a quote without any mark.
 *
 * Promises: finds runs of words (eight; in Japanese and its kin 20 letters) that stand in one of
 * the texts, whatever became of letter case, wrapping, punctuation and quote marks; and whole lines
 * of them, if they are long enough to be nobody's own words or stand beside what was found. Runs
 * are measured as the guard measures them (guard.h). Does not: find what was put in other words.
 *
 * Where a client wrapped a quoted line, what follows it in the texts tells whether the next line is
 * the rest of it.
 *
 * A text may have holes, where letters differ ("Case \uE000, letter \uE000"): then a line beside
 * what was found repeats it if it begins with the same words.
 */
#ifndef REDACT_ECHO_H
#define REDACT_ECHO_H

#include "base/span.h"

#define ECHO_HOLE "\xEE\x80\x80" /* U+E000, which no text has */

/* What was sent to one writer; for one thread. */
struct echo;

struct echo *echo_new(struct arena *a);

/* One text of it, as it was sent. A text that can't be read as UTF-8 adds nothing. */
void echo_add(struct echo *echo, struct span text);

/* Sets map[i] for each byte of text that repeats; the others are left alone. */
void echo_find(struct arena *a, struct echo *echo, struct span text, bool *map);

/* Do all words of part stand in one of the texts, so many that it is no accident: four, or eight
 * letters of Japanese and its kin? For what its writer has put between quotation marks. */
bool echo_says(struct arena *a, struct echo *echo, struct span part);

enum echo_next {
    ECHO_UNKNOWN, /* the end of above stands in no text */
    ECHO_OTHER,   /* it does, but nowhere before what line begins with */
    ECHO_FOLLOWS,
};

/* Does line go on with the sentence of above in one of the texts? *ret_n, if it does: the bytes of
 * line that do, at least three words of it or all. Both without their marks. */
enum echo_next echo_goes_on(struct arena *a, struct echo *echo, struct span above, struct span line,
                            size_t *ret_n);

#endif
