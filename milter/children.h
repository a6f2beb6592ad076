/*
 * children.h - starts the other programs, each in a process group of its own, and sees them end.
 *
 * Promises: a child has the descriptors it is given (3 and 4) and standard error, nothing else; it
 * dies with the supervisor; what it left in its group is killed when it ends.
 */
#ifndef MILTER_CHILDREN_H
#define MILTER_CHILDREN_H

#include <sys/types.h>

#include "base/span.h"
#include "flow/users.h"

enum {
    CHILDREN_MAX = 300,
    CHILD_ARGS_MAX = 24,
    CHILD_PROCESSES_MAX = 600, /* of a worker's user, all its workers together */
};

enum child_kind { CHILD_FREE, CHILD_HOLDER, CHILD_DESK, CHILD_FRONT, CHILD_OPENER, CHILD_WORKER };

struct child {
    enum child_kind kind;
    pid_t pid;
    uint64_t serial; /* worker */
};

struct children {
    struct child at[CHILDREN_MAX];
};

/* Who a child becomes before its program is started. */
struct child_as {
    const struct user *user; /* NULL: it stays who we are */
    gid_t group;             /* one more group, or (gid_t)-1 */
    /* Its user may have CHILD_PROCESSES_MAX processes; it goes first if memory does not suffice. */
    bool limited;
};

/* argv ends with NULL. socket and ready (-1: none) become 3 and 4. */
MUST_USE bool child_start(struct children *children, enum child_kind kind, char *const argv[],
                          const struct child_as *as, int socket, int ready,
                          struct child **ret_child, struct err *err);

/* A process that another program forked for us: our child all the same. */
MUST_USE bool child_adopt(struct children *children, enum child_kind kind, pid_t pid,
                          struct child **ret_child, struct err *err);

struct child *child_by_pid(struct children *children, pid_t pid);
struct child *child_by_serial(struct children *children, uint64_t serial);
struct child *child_of_kind(struct children *children, enum child_kind kind);

/* Its whole group. */
void child_signal(struct child *child, int signal_number);

/* Signals that say that the work itself was at fault, not the machine (SIGSEGV, SIGXCPU ...). */
bool child_fault(int wait_status);
/* "exit 0", "signal 11" */
const char *child_how(struct arena *a, int wait_status);

#endif
