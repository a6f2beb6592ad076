/*
 * world-terms.h - the names that are cut from what others get: of the directory, and of the public
 * list.
 */
#ifndef FLOW_WORLD_TERMS_H
#define FLOW_WORLD_TERMS_H

#include "flow/world.h"

/* Sets world->terms and world->guard_words. options and directory are set. ERR_OPERATOR: the public
 * list can't be read. */
MUST_USE bool world_terms(struct world *world, struct err *err);

#endif
