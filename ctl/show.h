/*
 * show.h - JSON for people: lists of objects as a table, an object as "key: value" lines.
 *
 * Promises: every text is made safe for a terminal; foreign text of more than one line is shown
 * with a "| " in front, which no line of our own has.
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "model/json.h"

void show_json(struct arena *a, const json_t *json);

/* The letters of "outbox list": a line each, and why one does not go. */
void show_outbox(struct arena *a, const json_t *list);

/* One line of JSON, for programs: --json. */
void show_json_line(struct arena *a, const json_t *json);

#endif
