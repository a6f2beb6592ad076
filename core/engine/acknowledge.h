/*
 * acknowledge.h - the one answer that the desk gives before a person has looked: "received".
 *
 * Promises: whether, what and when depend on the envelope, the outer header, DMARC, the size and
 * what was answered before, and on nothing that opening the mail could tell. It carries no content;
 * it goes only to an envelope sender that is From, with an aligned DMARC pass, never to automatic
 * mail, lists or anyone in the directory; a minute to five after the mail came; at most so many a
 * day to a person, to a domain, and in all.
 */
#ifndef ENGINE_ACKNOWLEDGE_H
#define ENGINE_ACKNOWLEDGE_H

#include "engine/work.h"

enum { ACKNOWLEDGE_AFTER_MIN = 60, ACKNOWLEDGE_AFTER_MAX = 300 }; /* seconds */

void acknowledge(struct work *w, const struct arrival *arrival);

#endif
