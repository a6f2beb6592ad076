/*
 * outgoing.h - planning letters: to whom, when, with which code.
 *
 * Promises: one letter for one reader; the row holds all that was decided. A reader without a
 * usable key gets "key-needed" in place of whatever would tell of the case. Does not: send.
 */
#ifndef ENGINE_OUTGOING_H
#define ENGINE_OUTGOING_H

#include "engine/names.h"

struct reader {
    struct place place;
    uint32_t party;
    uint32_t org;
    const struct contact *contact; /* NULL: a reporter */
    const char *address;
    const char *name;
    const char *key;      /* fingerprint */
    const char *unusable; /* why nothing can be encrypted to it; NULL: it can */
};

/* False: there is nobody to write to (an org without contacts, a reporter without address). */
bool reader_of_party(struct work *w, struct work_case *c, const struct party *party,
                     struct reader *ret_reader);
bool reader_of_report(const struct report *report, struct reader *ret_reader);
/* A person of the directory; party: its number in a case, 0 elsewhere. */
struct reader reader_of_contact(struct work *w, struct place place, uint32_t party,
                                const struct contact *contact);

/* due: now, or later. Gives a code where the template's reader can use one. */
struct letter *letter_plan(struct work *w, const struct reader *reader, const char *template,
                           instant due);

/* The coordinators that look after a case (owner and watchers; none: all that are not excluded), or
 * all of them for other places. */
struct coordinators {
    const struct contact **at;
    size_t n;
    size_t room;
};
struct coordinators coordinators_of(struct work *w, struct work_case *c);
/* Those of them that are not but (NULL: nobody); if that leaves none, all that are not excluded. */
struct coordinators coordinators_but(struct work *w, struct work_case *c,
                                     const struct contact *but);

/* A letter to a coordinator in a case (its party is added when it is new there) or elsewhere. */
struct letter *coordinator_letter(struct work *w, struct work_case *c, struct place place,
                                  const struct contact *coordinator, const char *template);

#endif
