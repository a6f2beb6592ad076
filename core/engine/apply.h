/*
 * apply.h - events -> rows: the fold that a case is.
 *
 * Promises: pure and total: a head and parties that are rebuilt from the log alone equal the stored
 * rows (case fsck and the scenario tests compare them).
 */
#ifndef ENGINE_APPLY_H
#define ENGINE_APPLY_H

#include "model/event.h"

/* Changes head, and party where the event names one (the party with n == event->party; events that
 * name several parties change the head only). party may be NULL where event->party == 0. Strings
 * are copied into a. */
void apply_event(struct arena *a, const struct event *event, struct case_head *head,
                 struct party *party);

#endif
