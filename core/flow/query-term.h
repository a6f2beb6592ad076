/*
 * query-term.h - what a word would do as a name: where it stands in the open cases.
 */
#ifndef FLOW_QUERY_TERM_H
#define FLOW_QUERY_TERM_H

#include "flow/query-case.h"

/* words: the word, "common" or "". [{case, piece, hits, around}]; piece 0: the summary; hits null:
 * a text that can't be searched. Cases that exclude who asks are not looked at. */
MUST_USE bool query_term_try(struct query *q, struct txn *txn, struct err *err);

#endif
