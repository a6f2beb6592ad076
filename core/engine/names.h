/*
 * names.h - what people call the parties of a case, and back.
 *
 * Promises: a vendor is its org's slug; a reporter is "reporter", or "reporter-3" by its party
 * number where there are several; "@group" is every org of that group; "all" is every vendor that
 * takes part now. A name that is not known is a mistake with the nearest one.
 */
#ifndef ENGINE_NAMES_H
#define ENGINE_NAMES_H

#include "engine/deed.h"
#include "redact/fences.h"

struct parties {
    struct party **at;
    size_t n;
    size_t room;
};

void parties_add(struct arena *a, struct parties *list, struct party *party);

/* For people and the log. */
const char *party_name(struct work *w, struct work_case *c, const struct party *party);
const char *parties_names(struct work *w, struct work_case *c, const struct u32s *parties);

/* Everybody that the words name, without doubles. False: a mistake was named. */
bool names_parties(struct deed *d, const struct span *words, size_t n, struct parties *ret_parties);

/* The vendor that one word names; NULL: a mistake was named. */
struct party *names_vendor(struct deed *d, struct span word);

/* The coordinator that a word names; NULL: a mistake was named. */
const struct contact *names_coordinator(struct deed *d, struct span word);

/* A registered vendor or partner; NULL: a mistake was named. */
const struct org *names_org(struct deed *d, struct span word);

bool is_vendor(const struct party *party); /* vendor or partner, taking part */

/* Orgs by slug or "@group", for fences in a coordinator's text. */
struct fence_names names_for_fences(struct work *w);

#endif
