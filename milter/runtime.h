/*
 * runtime.h - the run-directory: made at start, with working copies of the desk's keys.
 *
 * The run-directory should be a tmpfs: working homes, scratch keyrings and sockets live there, so
 * no foreign key ever lies on disk. The originals in the key-directory belong to root; each copy
 * belongs to the user whose program works with it, and nobody else can reach it. Does not: run
 * agents by itself but for the two homes here.
 */
#ifndef MILTER_RUNTIME_H
#define MILTER_RUNTIME_H

#include "flow/users.h"

struct runtime {
    const struct users *users;
    const char *open_home;   /* run-directory/gnupg/open; NULL: the desk has no OpenPGP key */
    const char *open_public; /* its public part, where who may not see the home can read it */
    const char *seal_home;
    const char *open_key;  /* run-directory/smime/...: copies; NULL: no S/MIME key */
    const char *open_cert; /* anybody may read it */
    const char *sign_key;
    const char *sign_cert;
    const char *scratch; /* run-directory/scratch: one folder per worker below it */
};

/* Makes the directories (an old scratch is emptied) and the copies, starts both agents. users must
 * outlive the runtime. */
MUST_USE bool runtime_start(struct arena *a, const struct options *o, const struct users *users,
                            struct runtime *ret_runtime, struct err *err);
/* Ends the agents. */
void runtime_stop(const struct runtime *runtime);

/* A worker's own scratch folder, empty. */
MUST_USE bool runtime_scratch(struct arena *a, const struct runtime *runtime, enum user_kind user,
                              uint64_t serial, const char **ret_path, struct err *err);
/* A file of ours in the run-directory, which others may write to as well: a new one in place of
 * whatever stands there, so that no link of theirs is followed. -1 with errno. */
int runtime_create(const char *path);

#endif
