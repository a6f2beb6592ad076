/*
 * tell.h - what coordinators are told by the desk itself: copies of mail, letters that are stuck.
 */
#ifndef ENGINE_TELL_H
#define ENGINE_TELL_H

#include "engine/outgoing.h"

struct copying {
    const struct mail *mail;
    struct work_case *c; /* one of the two, or none */
    struct report *report;
    uint32_t piece;
    const struct contact *but; /* who wrote it gets an answer, not a copy; NULL */
    const struct strs *lines;  /* what the desk says of it, trust first */
};

/* A copy for every coordinator that looks after the place, with a ready block. */
void tell_copy(struct work *w, const struct copying *copying);

/* One line about a letter that does not get through. Nothing is said of letters that say so. */
void tell_stuck(struct work *w, struct work_case *c, const struct letter *letter, const char *what);

/* One message for all held letters of a send; it is made at that time, and lists those that are
 * held then, each with the way out. */
void tell_send_held(struct work *w, struct work_case *c, uint32_t send, instant when);

#endif
