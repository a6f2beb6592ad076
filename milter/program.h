/*
 * program.h - what every program of the daemon does first.
 *
 * Promises: no core dumps, nobody may trace us, SIGPIPE ignored, a log that names the program.
 */
#ifndef MILTER_PROGRAM_H
#define MILTER_PROGRAM_H

#include "base/err.h"

/* Descriptors that the supervisor hands down. */
enum {
    PROGRAM_SOCKET = 3, /* desk, holder: to the supervisor; worker: to the desk */
    PROGRAM_READY = 4,  /* services: a byte goes here once they serve */
    PROGRAM_HOLDER = 4, /* worker-open: to the holder */
};

/* syslog: EMBARGOD_LOG=syslog in the environment; else standard error. */
void program_start(const char *name);

/* Says "ready" to the supervisor. */
void program_ready(void);

/* Logs err and gives the exit code: EX_TEMPFAIL for ERR_RETRY, else EX_CONFIG. */
int program_failed(const struct err *err);

/* The value behind --name in argv, or NULL. */
const char *program_argument(int argc, char **argv, const char *name);

#endif
