/*
 * remarks.h - what the desk says of a mail in a coordinator's copy.
 */
#ifndef ENGINE_REMARKS_H
#define ENGINE_REMARKS_H

#include "engine/identify.h"

/* How sure it is who wrote it first, then what a person should look at. */
void remarks(struct work *w, const struct arrival *arrival, const struct author *author,
             const struct spot *spot, struct strs *ret_lines);

#endif
