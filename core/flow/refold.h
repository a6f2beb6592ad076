/*
 * refold.h - a case made again from its events alone.
 *
 * Promises: what the log gives, by the fold that decisions use (engine/apply.h); linear in events.
 * Does not: check the log (txn_check_chain), or compare or write rows (fsck.h, upgrade.h).
 */
#ifndef FLOW_REFOLD_H
#define FLOW_REFOLD_H

#include "model/event.h"

struct refold {
    struct case_head *head;
    struct party **parties; /* in order of their numbers */
    size_t n;
};

struct refold refold_case(struct arena *a, uint64_t case_number, struct event *const *events,
                          size_t n);

#endif
