/*
 * query.h - what coordinators on this host may look at: reports, cases, the outbox, as JSON.
 *
 * Promises: for coordinators only (the peer's user); a case that excludes one is not shown to that
 * one. Nothing is changed but by "outbox retry", which step decides.
 */
#ifndef FLOW_QUERY_H
#define FLOW_QUERY_H

#include "flow/desk.h"

/* ret_fd: sealed memory with the answer, or untouched. */
MUST_USE bool query_answer(struct desk *desk, struct arena *a, unsigned uid,
                           const struct desk_request *request, struct desk_answer *ret_answer,
                           int *ret_fd, struct err *err);

#endif
