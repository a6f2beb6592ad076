/*
 * missing.h - a piece line by line, as a reader gets it: what is left out or cut, and why.
 *
 * Promises: pure; for coordinators who look before they send. Asks the same rooms as compose
 * (fences, firewall, redact), on the piece as it came, so that each finding has its line there.
 * Linear in the piece. Does not: look at the guard, or at pieces that the reader does not get at
 * all.
 */
#ifndef COMPOSE_MISSING_H
#define COMPOSE_MISSING_H

#include "compose/compose.h"

enum missing_why {
    MISSING_NOTHING, /* the line is there, perhaps with cuts */
    MISSING_FORM,    /* an answer that a report form keeps from others */
    MISSING_FENCE,
    MISSING_QUOTE,
    MISSING_ANSWER, /* in a quote, and perhaps its writer's answer */
};

struct missing_cut {
    struct span written;    /* as it stands in the text */
    const struct term *row; /* whose it is, and of what kind; NULL: the text can't be searched */
};

struct missing_line {
    struct span text; /* without its end */
    enum missing_why why;
    const struct missing_cut *cuts; /* those that begin in this line */
    size_t n_cuts;
};

struct missing {
    struct missing_line *lines;
    size_t n_lines;
    size_t n_left_out; /* lines with something on them */
    size_t n_cuts;
};

/* piece is one of the job's. What the reader wrote itself misses nothing. */
struct missing missing_in(struct arena *a, const struct compose_job *job,
                          const struct compose_piece *piece);

extern const char *const missing_why_words[5]; /* "", "form" ... */

#endif
