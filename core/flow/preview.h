/*
 * preview.h - looking before sending: what a reader would get, what it would miss, and a matrix of
 * all readers.
 *
 * Promises: letters are made as the courier makes them, guard included, and not sent. One that the
 * guard would hold is shown too, with why, and what to write then.
 */
#ifndef FLOW_PREVIEW_H
#define FLOW_PREVIEW_H

#include "flow/select.h"

enum { PREVIEW_SEND_MAX = 10 };

struct preview_ask {
    struct world *world;
    struct store *store;
    struct txn *txn;
    const struct case_head *head;
    const char *to; /* an org's slug, "reporter", "reporter 2"; "L97": that letter, as it would go
                       now; "S5": those of the send that have not gone, the first PREVIEW_SEND_MAX
                       of them */
    const char *template; /* NULL: vendor-notice, for a reporter case-update */
    bool diff;            /* with what it misses of the original, and why */
};

/* {to, address, template, key_problem, subject, text, attachments, held, ways_out[, waiting][,
 * pieces, not_shared, not_released, cleaned]}; of a letter {letter, state, reason ...} too; of a
 * send {send, letters, more}. waiting: lines about the reader's letters that have not gone.
 * *ret_no: why there is nothing to show. */
MUST_USE bool preview_make(const struct preview_ask *ask, struct arena *a, json_t **ret_json,
                           const char **ret_no, struct err *err);

/* [{to, template, key_problem, held, pieces: {"3": "whole" | "cut" | "no"}, parts: {"3.1": "yes" |
 * "cleaned" | "no"}}], one for each vendor, partner and reporter of the case; to is not read. */
MUST_USE bool preview_all(const struct preview_ask *ask, struct arena *a, json_t **ret_json,
                          const char **ret_no, struct err *err);

/* A letter "preview" or "coordinator-confirm" (engine/letters.h) gets its text here, when it is
 * made; others are left alone. Whom the case excludes gets nothing. */
MUST_USE bool preview_fill(struct world *world, struct txn *txn, struct arena *a,
                           const struct letter *letter, struct selected *selected, struct err *err);

#endif
