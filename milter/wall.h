/*
 * wall.h - what a worker gives up before it reads its first byte.
 *
 * Promises: after wall_close the process and all that it starts (gpg) can open no network socket,
 * signal, trace, limit or read no other process, and reach only the files below; memory, CPU time,
 * files and descriptors are limited. seccomp does the first and does not need Landlock; Landlock
 * does the files, as far as the kernel has it. Who needs no gpg-agent can make no socket at all: it
 * has those that it was given; nor can it leave its process group, by which it is ended, with all
 * that it started. Does not: change the user, which is done before (users.h).
 */
#ifndef MILTER_WALL_H
#define MILTER_WALL_H

#include "base/err.h"

enum {
    WALL_MEMORY_BYTES = 1536 * 1024 * 1024, /* address space; past it malloc fails, and we abort */
    WALL_OPEN_CPU_SECONDS = 300,            /* of a worker for one message, until it has its job */
    WALL_FILES = 256,
    WALL_FILE_BYTES =
        1024 * 1024 * 1024, /* the largest file (memory files too) that it may write */
    WALL_PATHS_MAX = 8,
};

struct wall {
    bool one_message;                     /* ends after one job: its CPU time is limited */
    bool agent;                           /* needs gpg-agent: Unix sockets stay */
    const char *writable[WALL_PATHS_MAX]; /* folders of its own; ends with NULL */
    const char *readable[WALL_PATHS_MAX]; /* beside the system's programs and libraries */
};

/* *ret_files: Landlock is in force; false where the kernel has none. The same as wall_begin and
 * wall_end in one process. */
MUST_USE bool wall_close(const struct wall *wall, bool *ret_files, struct err *err);

/* Lowers the limit on processor time of this process and of what it starts from now on. */
MUST_USE bool wall_seconds(uint64_t seconds, struct err *err);

/* In a parent that forks workers: all that holds for it too. */
MUST_USE bool wall_begin(const struct wall *wall, struct err *err);
/* In the worker: its CPU time, its files, no signals to the threads of others, no way out of its
 * process group. */
MUST_USE bool wall_end(const struct wall *wall, bool *ret_files, struct err *err);

/* The parts, for tests: limits, files (Landlock), calls and signals (seccomp). */
MUST_USE bool wall_limits(struct err *err);
MUST_USE bool wall_files(const struct wall *wall, bool *ret_files, struct err *err);
MUST_USE bool wall_calls(const struct wall *wall, struct err *err);
MUST_USE bool wall_own_signals(const struct wall *wall, struct err *err);

#endif
