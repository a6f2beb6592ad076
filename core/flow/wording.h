/*
 * wording.h - the desk's own words in its letters: what each of them has in common with others.
 *
 * Promises: every template that parties get, in every language, once with all that it can hold and
 * once with as little as it must; what differs from letter to letter is ECHO_HOLE. Does not: know a
 * case.
 */
#ifndef FLOW_WORDING_H
#define FLOW_WORDING_H

#include "flow/world.h"
#include "redact/echo.h"

struct wording {
    struct span *at; /* the letters' texts */
    size_t n, room;
};

/* False: a template could not be filled, which the catalogue's check rules out. */
MUST_USE bool wording_read(struct arena *a, const struct world *world, struct wording *ret_wording,
                           struct err *err);

/* The same into echo, whose texts live as long as it does. */
MUST_USE bool wording_add(struct arena *a, const struct world *world, struct echo *echo,
                          struct err *err);

#endif
