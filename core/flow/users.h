/*
 * users.h - which local user each program runs as.
 *
 * Promises: started as root, each program that reads strangers' bytes or holds keys has a user of
 * its own, none of them root, no two the same. Started as anyone else, all run as that user: a test
 * mode, which is said aloud.
 */
#ifndef FLOW_USERS_H
#define FLOW_USERS_H

#include <sys/types.h>

#include "flow/options.h"

struct user {
    const char *name; /* NULL: there is none of this name */
    uid_t uid;
    gid_t gid;
};

struct users {
    bool apart; /* each its own */
    struct user at[USER_KINDS];
};

/* For a program that starts the others: as root all must be there and differ; else all are the
 * caller. */
MUST_USE bool users_read(struct arena *a, const struct options *o, struct users *ret_users,
                         struct err *err);

/* As the configuration names them, there or not. */
struct users users_find(struct arena *a, const struct options *o);

/* Is uid one of those that open, verify, seal, or hold keys? */
bool users_is_worker(const struct users *users, uid_t uid);

/* This process becomes that user for good, with its group, and one more unless it is (gid_t)-1. */
MUST_USE bool user_become(const struct user *user, gid_t group, struct err *err);

#endif
