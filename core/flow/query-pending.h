/*
 * query-pending.h - names from outside, which are no terms until a coordinator says so.
 *
 * Promises: lists what registrations and report forms that wait, or belong to an open case, call
 * companies and products, and what was proposed in the directory; without those that are terms
 * already or were refused. Each with what it would cut in the open cases. Nothing else uses them.
 * Cases that exclude who asks are not looked at.
 */
#ifndef FLOW_QUERY_PENDING_H
#define FLOW_QUERY_PENDING_H

#include "flow/query-case.h"

/* [{name, org, from, common, hits, cases, around}]; org null: nobody's yet; from: "R17", "C42 3"
 * (a piece) or "directory". */
MUST_USE bool query_term_pending(struct query *q, struct txn *txn, struct err *err);

#endif
