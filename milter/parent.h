/*
 * parent.h - the small parent of worker-open: forks one worker per message.
 *
 * Starting a program anew for each message costs more than opening it: libraries to link, ICU,
 * OpenSSL and gpgme to set up. So embargod-open is started once, does that, and forks. Promises:
 * the parent never sees a message; a worker is a child of whoever asked (the supervisor), which
 * waits for it and may end its process group; it dies with the supervisor.
 */
#ifndef MILTER_PARENT_H
#define MILTER_PARENT_H

#include "wire/protocol.h"

enum { PARENT_ANSWER_MS = 5 * 1000 };

/* In the parent: serves fork requests on PROGRAM_SOCKET. Returns true in each worker, whose
 * PROGRAM_SOCKET is then its own, with the folder that it got (in a); false in the parent, at its
 * end: ERR_GONE if the supervisor closed the socket. */
MUST_USE bool parent_serve(struct arena *a, const char **ret_scratch, struct err *err);

/* In the supervisor: asks the parent behind sock for a worker, which gets copies of socks: to the
 * desk, to the holder. A parent that fails to answer is out of step, and of no use any more. */
MUST_USE bool parent_fork(int sock, const char *scratch, const int socks[2], pid_t *ret_pid,
                          struct err *err);

#endif
