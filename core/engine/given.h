/*
 * given.h - what the desk had sent the writer of a piece: the words that it may repeat.
 *
 * Promises: title and summary, if it was told of the case; what a coordinator told it; and the
 * pieces that it may see and did not write; each as it went to this party, without the names that
 * were cut for it, and only what was there before the piece: a summary repeats the report, not the
 * other way round. Looks at the newest GIVEN_PIECES_MAX pieces. Does not: know a title or summary
 * that was changed since.
 */
#ifndef ENGINE_GIVEN_H
#define ENGINE_GIVEN_H

#include "model/rows.h"
#include "redact/firewall.h"
#include "redact/terms.h"

enum { GIVEN_PIECES_MAX = 30 };

struct giving {
    const struct rows *rows; /* message and text_of_send are asked for */
    const struct case_head *head;
    const struct piece *piece;
    const struct party *to;             /* who wrote it */
    uint32_t owner;                     /* whose names it knows (redact.h); 0: nobody's */
    const struct term_set *const *sets; /* names that are cut */
    size_t n_sets;
};

/* Adds it to echo, for firewall_find(). False: a row could not be read. */
MUST_USE bool given_read(const struct giving *giving, struct echo *echo, struct err *err);

#endif
