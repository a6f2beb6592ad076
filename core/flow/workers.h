/*
 * workers.h - asks the supervisor for workers, and learns how they ended.
 *
 * Promises: one worker is one process behind one socket; a worker that is given back, or whose
 * answer was late, is ended. Safe to use from many threads. Does not: know what workers do.
 */
#ifndef FLOW_WORKERS_H
#define FLOW_WORKERS_H

#include "wire/protocol.h"

enum { WORKER_START_MS = 20 * 1000, WORKER_END_MS = 10 * 1000 };

struct workers;

struct worker {
    uint64_t serial; /* 0: none */
    int sock;
};

/* supervisor: the socket to it; owned from here on. */
struct workers *workers_new(int supervisor);
void workers_free(struct workers *workers); /* NULL is fine; ends the connection */

MUST_USE bool workers_start(struct workers *workers, enum worker_kind kind,
                            struct worker *ret_worker, struct err *err);

/* Ends it, and says whether its death was the message's fault (formats: 4). A worker that had not
 * ended by itself when this was called is ended; late: our deadline had passed, which counts. */
bool workers_end(struct workers *workers, struct worker *worker, bool late);

/* False once the supervisor is gone: the desk should end too. */
bool workers_alive(struct workers *workers);

#endif
