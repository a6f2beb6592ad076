/*
 * behind.h - opens mails as the daemon does: behind the wall, in a worker for each, forked by the
 * opener's small parent, with a holder for the keys.
 *
 * Promises: no byte of a mail is parsed in this process. A mail that kills its worker twice is
 * answered as kept whole. As root the opener has its own user, if there is one; the holder is the
 * caller, whose keys they are. Does not: need a desk or its daemon.
 */
#ifndef CTL_BEHIND_H
#define CTL_BEHIND_H

#include "ctl/ctl.h"

/* The private keys, and what tells that something is wrapped for them. */
struct behind_keys {
    const char *home;   /* GNUPGHOME, or NULL */
    struct span public; /* its public keys; empty: all that is wrapped is tried */
    const char *key;    /* PEM, S/MIME; NULL: none */
    struct span cert;
};

struct behind;

/* o: libexec_directory, clock_file, limits, users. folder: empty, the caller's, in memory; it is
 * emptied again by behind_end. */
MUST_USE bool behind_start(struct arena *a, const struct options *o, const struct behind_keys *keys,
                           const char *folder, struct behind **ret_behind, struct err *err);
void behind_end(struct behind *behind); /* NULL is fine */

/* job with the keys that keys_fd holds. The message lives in a. */
MUST_USE bool behind_open(struct behind *behind, struct arena *a, struct span mail,
                          const struct open_job *job, int keys_fd, struct message *ret_message,
                          struct err *err);

#endif
