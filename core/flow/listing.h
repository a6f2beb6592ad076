/*
 * listing.h - rows as the JSON that people and scripts read (formats: 3).
 *
 * Promises: keys are stable; instants are RFC 3339; names of parties are slugs. Pure.
 */
#ifndef FLOW_LISTING_H
#define FLOW_LISTING_H

#include "model/directory.h"
#include "model/rows.h"

/* "acme", "reporter", "coordinator aiko": how people name a party. */
const char *listing_party(struct arena *a, const struct directory *d, const struct party *party);

json_t *listing_report(struct arena *a, const struct report *report);
json_t *listing_mail(struct arena *a, const struct mail *mail);
/* [{n, filename, type, size, facts, unread}]: what Release takes, behind the piece's number and a
 * point. */
json_t *listing_attachments(struct arena *a, const struct message *message);
json_t *listing_form(const struct message *message);
/* parties: all of the case, by n. whole: with pieces, sends, texts; else a line of a list. */
json_t *listing_case(struct arena *a, const struct directory *d, const struct case_head *head,
                     struct party *const *parties, size_t n_parties, bool whole);
json_t *listing_event(struct arena *a, const struct directory *d, const struct event *event,
                      struct party *const *parties, size_t n_parties);
json_t *listing_letter(struct arena *a, const struct directory *d, const struct letter *letter);

#endif
