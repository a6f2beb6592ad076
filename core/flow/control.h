/*
 * control.h - orders of coordinators on this host: the same decisions as by mail, as the peer's
 * user.
 */
#ifndef FLOW_CONTROL_H
#define FLOW_CONTROL_H

#include "flow/desk.h"

/* Who the peer is, or 0 with the answer saying why not (DESK_NOT_YOURS). */
uint32_t control_who(struct world *world, struct arena *a, unsigned uid, const char *as,
                     struct desk_answer *answer);

MUST_USE bool control_order(struct desk *desk, struct arena *a, unsigned uid,
                            const struct desk_request *request, struct desk_answer *ret_answer,
                            struct err *err);

#endif
