/*
 * record.h - what people write about orgs and contacts (options, JSON) -> checked directory rows.
 *
 * Promises: every mistake is named with the row it stands in and what to write instead.
 */
#ifndef CTL_RECORD_H
#define CTL_RECORD_H

#include "ctl/directory.h"

struct record_org {
    const char *slug;
    const char *name;
    const char *role;
    const char *trust;
    struct strs aliases;
    struct strs domains;
    struct strs terms;
    struct strs common;
    struct strs groups;
    struct record_contact *contacts; /* JSON only */
    size_t n_contacts;
    size_t contacts_room;
};

struct record_contact {
    const char *slug;
    const char *name;
    const char *email;
    const char *protocol;
    const char *key; /* text of a key; binary from a file: key_n says how long */
    size_t key_n;
    bool private_reply;
    const char *language;
};

MUST_USE bool record_add_org(struct ctl *ctl, const struct record_org *record,
                             struct directory_change *change);
MUST_USE bool record_add_contact(struct ctl *ctl, const char *org,
                                 const struct record_contact *record,
                                 struct directory_change *change);
MUST_USE bool record_add_ca(struct ctl *ctl, struct span pem, struct directory_change *change);

/* A whole import file: {"orgs": [...], "cas": [...]}. */
MUST_USE bool record_read(struct ctl *ctl, struct span text, struct directory_change *change);

#endif
