/*
 * select-pieces.h - of a case's pieces and parts: what one reader gets, and what the guard must
 * know that it does not get.
 *
 * Promises: asks engine/audience for each of them when the letter is made. Does not: fence or
 * redact.
 */
#ifndef FLOW_SELECT_PIECES_H
#define FLOW_SELECT_PIECES_H

#include "flow/select-rows.h"

/* One letter in the making. */
struct selecting {
    struct select *s;
    struct txn *txn;
    struct rows rows;
    struct arena *a;
    const struct letter *letter;
    const struct contact *contact;
    struct cached_case *c; /* NULL: a report's letter, or of no place */
    struct report *report;
    struct party *party;
    const char *summary; /* of the case, as this reader may read it */
    struct selected *out;
    uint32_t form_uncut; /* a piece whose private answers could not be cut; 0: none */
};

/* The letter's texts, of those that its reader may see: job.pieces. */
MUST_USE bool select_pieces(struct selecting *x, struct err *err);

/* Its attachments, of those that were released to its reader: job.attachments. */
MUST_USE bool select_attachments(struct selecting *x, struct err *err);

/* Texts of all pieces of the case, those the reader may see, and those it may not: job.guard. */
MUST_USE bool select_guard(struct selecting *x, struct err *err);

#endif
