/*
 * upgrade.h - a store that an older Embargod wrote becomes one of this program's schema.
 *
 * Promises: events are never rewritten; each case's rows are folded from its log again, a few cases
 * in each transaction, and the new schema is written last: after a crash it begins anew, and comes
 * to the same. A case whose log is damaged keeps its rows, is logged, and does not stop the others.
 * What the log does not say gets the value of a field that is missing: a letter that was held may
 * be tried again, letters go without a second coordinator if they were ordered so; a part of a
 * mail that came before files were looked into says that (event_upcast).
 * Does not: make a backup, or go back.
 */
#ifndef FLOW_UPGRADE_H
#define FLOW_UPGRADE_H

#include "store/store.h"

/* Right after store_open, before any other transaction. A store of this schema: does nothing. */
MUST_USE bool upgrade_store(struct store *store, const struct store_paths *paths, struct err *err);

#endif
