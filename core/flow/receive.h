/*
 * receive.h - from a taken mail to a filed one: open (worker), prove (worker), decide, commit.
 *
 * Promises: each taken mail is opened by a worker of its own and filed in one transaction; a crash
 * anywhere leaves it taken, and it is opened again. A mail that cost two workers their life is
 * filed whole, unopened. Failures of our own delay it, with back-off.
 */
#ifndef FLOW_RECEIVE_H
#define FLOW_RECEIVE_H

#include "flow/desk.h"

/* Loop of one thread; ends when the desk stops. arg: struct desk. */
void *receive_run(void *arg);

#endif
