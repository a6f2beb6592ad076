/*
 * entry.h - what people write about orgs and contacts (options, JSON) -> checked directory rows.
 *
 * Promises: every mistake is named with the row it stands in and what to write instead.
 */
#ifndef CTL_ENTRY_H
#define CTL_ENTRY_H

#include "ctl/directory.h"

struct entry_org {
    const char *slug;
    const char *name;
    const char *role;
    const char *trust;
    struct strs aliases;
    struct strs phones;
    struct strs domains;
    struct strs terms;
    struct strs common;
    struct strs pending; /* JSON only: names that wait for approval */
    struct strs groups;
    struct entry_contact *contacts; /* JSON only */
    size_t n_contacts;
    size_t contacts_room;
};

struct entry_contact {
    const char *slug;
    const char *name;
    const char *email;
    const char *protocol;
    const char *key; /* text of a key; binary from a file: key_n says how long */
    size_t key_n;
    bool private_reply;
    const char *language;
    const char *zone;
};

MUST_USE bool entry_add_org(struct ctl *ctl, const struct entry_org *record,
                            struct directory_change *change);
MUST_USE bool entry_add_contact(struct ctl *ctl, const char *org,
                                const struct entry_contact *record,
                                struct directory_change *change);
MUST_USE bool entry_add_ca(struct ctl *ctl, struct span pem, struct directory_change *change);

/* The same checks for a row that is there: address, zone and language of a contact; which of an
 * org's names are ordinary words. */
MUST_USE bool entry_check_contact(struct ctl *ctl, struct contact *contact);
void entry_note_common(struct ctl *ctl, struct org *org, const char *name);
/* ret_index: of word among words. */
MUST_USE bool entry_word(struct ctl *ctl, const char *what, const char *word,
                         const char *const *words, size_t n, unsigned *ret_index);

/* A whole import file: {"orgs": [...], "cas": [...]}. */
MUST_USE bool entry_read(struct ctl *ctl, struct span text, struct directory_change *change);

#endif
