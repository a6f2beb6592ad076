/*
 * arrival.h - a mail came in: who wrote it, where it goes, what it does, who is told.
 */
#ifndef ENGINE_ARRIVAL_H
#define ENGINE_ARRIVAL_H

#include "engine/work.h"

/* mistakes NULL: its commands are tried; *ret_mistakes then names what was wrong with them, and the
 * work is to be thrown away and done again with those mistakes, which files and answers only. */
void arrive(struct work *w, const struct arrival *arrival, const struct strs *mistakes,
            struct strs *ret_mistakes, struct plan *plan);

#endif
