/*
 * courier.h - letters from planned to handed over: select, compose, seal, commit, submit, note.
 *
 * Promises: nothing is said to the MTA before the exposure and the exact sealed bytes are
 * committed; a crash anywhere repeats at most the same bytes. One letter's trouble (key, guard,
 * template) holds that letter only. Letters of a batch go in random order.
 */
#ifndef FLOW_COURIER_H
#define FLOW_COURIER_H

#include "flow/desk.h"

enum { COURIER_BATCH = 32, COURIER_LIST = 512, COURIER_POLL_MS = 1000 };

/* Loop of one thread; ends when the desk stops. arg: struct desk. */
void *courier_run(void *arg);

#endif
