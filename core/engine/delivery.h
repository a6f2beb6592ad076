/*
 * delivery.h - what became of a letter: the MTA's answer, a hold, a bounce.
 */
#ifndef ENGINE_DELIVERY_H
#define ENGINE_DELIVERY_H

#include "engine/work.h"

void deliver(struct work *w, const struct delivery *delivery);
void hold(struct work *w, const struct held *held);

/* A held letter is judged anew, without what was said before (Send-Anyway); one that waits or
 * bounced is tried again now. Why not, for people, or NULL. */
const char *retry(struct work *w, uint64_t number);

/* A DSN, and the letter that it returns; NULL: none of ours, or not one that can bounce. One that
 * is late, or was delivered, stays as it is. */
struct letter *bounce(struct work *w, const struct arrival *arrival);

#endif
