/*
 * directory.h - changing who is known: one change, or a whole file of them, in one transaction.
 */
#ifndef CTL_DIRECTORY_H
#define CTL_DIRECTORY_H

#include "ctl/ctl.h"
#include "model/directory.h"

/* A contact with the key it brings. */
struct new_contact {
    struct contact contact;
    const char *org; /* slug */
    struct key key;  /* bytes empty: none */
};

/* What is to be put, checked against each other and the directory inside the transaction. */
struct directory_change {
    struct org *orgs;
    size_t n_orgs;
    size_t orgs_room;
    struct new_contact *contacts;
    size_t n_contacts;
    size_t contacts_room;
    struct span *cas;
    size_t n_cas;
    size_t cas_room;
};

/* Reads a key file's bytes into facts; false: ctl->err says what is wrong with it and what to do.
 */
MUST_USE bool directory_inspect(struct ctl *ctl, struct span bytes, const char *address,
                                struct key *ret_key);

/* A folder of our own, in memory where it can be had; the caller removes it (rmdir). */
MUST_USE bool directory_scratch(struct ctl *ctl, char **ret_path);

/* False: ctl->err; nothing was changed. */
MUST_USE bool directory_commit(struct ctl *ctl, struct directory_change *change);

/* "acme/psirt"; NULL: ctl->err. */
const struct contact *directory_contact_named(struct ctl *ctl, const struct directory *d,
                                              const char *name);

/* directory_commit, and what is said then. */
int directory_done(struct ctl *ctl, struct directory_change *change, const char *done);

/* The current directory, in the arena of ctl. */
MUST_USE bool directory_load(struct ctl *ctl, struct directory **ret_directory);

#endif
