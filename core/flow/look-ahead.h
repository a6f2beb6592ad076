/*
 * look-ahead.h - who orders a send reads at once which of its letters the guard would hold.
 *
 * Promises: the letters that a decision has just planned are made as the courier will make them, in
 * the same transaction, and judged; nothing is changed but the answer. Looks at the first
 * LOOK_AHEAD_MAX letters, and says so. What changes until they go can still hold them, or let them
 * pass.
 */
#ifndef FLOW_LOOK_AHEAD_H
#define FLOW_LOOK_AHEAD_H

#include "engine/step.h"
#include "flow/world.h"

enum { LOOK_AHEAD_MAX = 20 };

/* The plan's changes were put; its answer, and a coordinator's command-result, get a line for each
 * letter that would be held. */
MUST_USE bool look_ahead(struct world *world, struct txn *txn, struct arena *a, struct plan *plan,
                         struct err *err);

#endif
