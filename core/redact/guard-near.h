/*
 * guard-near.h - where in a text something was decoded: what stands elsewhere was looked at before.
 *
 * Promises: a match (a word, a run, base64) of the decoded text that touches none of the places is
 * one of the text it was decoded from too, letter by letter and gap by gap. So a text with one
 * escape costs little more than one without. Does not: decode (guard-decode.h).
 */
#ifndef REDACT_GUARD_NEAR_H
#define REDACT_GUARD_NEAR_H

#include "redact/guard-letters.h"

struct near_range {
    size_t low, high; /* low <= x < high */
};

/* In order, not touching each other. As a pointer, NULL: everywhere. */
struct near {
    struct near_range *at;
    size_t n, room;
};

/* low is not less than that of the range before. */
void near_add(struct arena *a, struct near *near, size_t low, size_t high);

/* The same places in letters: with those beside them, which may have another gap or class now. */
struct near near_letters(struct arena *a, const struct near *bytes, const struct letters *letters);

/* Does something from low to high touch a place? *place is 0 at first; low never decreases. */
bool near_touches(const struct near *near, size_t *place, size_t low, size_t high);

/* The first x from `from` on for which near_touches(x, x + width), or end; *place as above. */
size_t near_next(const struct near *near, size_t *place, size_t from, size_t width, size_t end);

#endif
