/*
 * exposures.h - who knew what, when, and what shows it: read out of a case's log.
 *
 * Promises: pure over the events given; what a party wrote itself, every letter that may have
 * reached it, and what a coordinator recorded as told by hand count, also for parties that were
 * removed since. A letter counts from the moment its bytes were committed for the MTA: what came
 * of it (the MTA's answer, a bounce) stands beside it as far as it is known today. Does not: check
 * the log's chain (fsck.h).
 */
#ifndef FLOW_EXPOSURES_H
#define FLOW_EXPOSURES_H

#include "flow/world.h"

struct exposures_ask {
    const struct directory *directory;
    struct party *const *parties; /* all of the case, the removed ones too */
    size_t n_parties;
    struct event *const *events; /* in order */
    size_t n_events;
    bool coordinators; /* them too: they see everything, and get the most letters */
    instant at;        /* knowledge up to this instant, itself included */
};

/* [{party, kind, removed, since, knows: ["3", "3.1"], exposures: [{event, at, how}]}], those that
 * knew something only. With how "letter" also letter, template, pieces, address, key, message_id,
 * digest, state ("may be out", "out", "bounced"), answer; with "told" by_hand, recorded,
 * recorded_by; with "wrote" piece. */
json_t *exposures_json(struct arena *a, const struct exposures_ask *ask);

#endif
