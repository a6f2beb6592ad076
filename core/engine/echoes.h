/*
 * echoes.h - where a coordinator's own text repeats a piece that its readers may not see.
 *
 * Promises: warns in the plan of a send, before the guard holds the letters. Stops nothing. Looks
 * at the newest pieces first, and at ECHO_PIECES_MAX of them.
 */
#ifndef ENGINE_ECHOES_H
#define ENGINE_ECHOES_H

#include "engine/names.h"

enum { ECHO_PIECES_MAX = 50 };

/* what: "the summary". */
void echoes_warn(struct deed *d, const char *what, const char *text, const struct parties *readers);

#endif
