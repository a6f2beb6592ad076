/*
 * filing.h - a mail becomes a piece of a case, or joins a report.
 *
 * Promises: numbers are given once; the Message-ID of what a party wrote is known from then on, and
 * never takes the place of one that is known already.
 */
#ifndef ENGINE_FILING_H
#define ENGINE_FILING_H

#include "engine/work.h"

struct filing {
    struct mail *mail;             /* its place, piece and party are set here */
    const struct message *message; /* NULL: never opened */
    struct party *party; /* who wrote it; NULL: nobody knows, or a coordinator's command */
    enum piece_kind kind;
    enum trust_level trust;
    bool no_piece; /* a command mail: in the log and in its author's thread only */
    bool moved;    /* its Message-ID goes along */
};

/* Returns the piece's number; 0 for no_piece. */
uint32_t file_in_case(struct work *w, struct work_case *c, const struct filing *filing);

void file_in_report(struct work *w, struct report *report, struct mail *mail,
                    const struct message *message);

/* The opened message of a stored mail; NULL: there is none. */
const struct message *filed_message(struct work *w, uint64_t mail);

#endif
