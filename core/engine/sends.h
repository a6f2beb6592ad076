/*
 * sends.h - letters to several parties at once: planned with a number, shown, stoppable.
 */
#ifndef ENGINE_SENDS_H
#define ENGINE_SENDS_H

#include "engine/outgoing.h"

struct sending {
    const char *template;
    struct parties to;
    uint32_t piece; /* what is shared with it, 0 none */
    uint32_t part;
    bool cleaned;     /* the part's cleaned copy */
    bool quoted;      /* with what the piece quotes */
    const char *text; /* for tell and the like; NULL */
};

/* Plans one letter per party with the desk's delay, records the send and answers with its plan: one
 * line per party. Who has not accepted the terms gets an invitation or nothing (accepted.h). */
void send_plan(struct deed *d, const struct sending *sending);

/* The other coordinators read what this deed has answered since its line `said`, and what would go:
 * all of the send, or one letter (else 0). One of them must say so too. */
void send_ask_others(struct deed *d, uint32_t send, uint64_t number, size_t said);

/* True while a letter of the send has not been handed over. */
bool send_waits(struct work *w, struct work_case *c, uint32_t send);

/* Cancels what is not out of one send. Returns a sentence for people. */
const char *send_stop(struct work *w, struct work_case *c, uint32_t send);

#endif
