/*
 * chore.h - inside open/: something that is done with one attached file after the other, in a
 * process of its own: a library that crashes there, or that finds no end, costs the mail nothing
 * but what it was to tell.
 *
 * Promises: files whose turn has come to nothing are told so, by fail. A child has
 * CARRY_CPU_SECONDS of processor time, and so has each program that it starts; by the clock each
 * file has CLOCK_PER_CPU times that. What comes from a child is bytes of a stranger.
 */
#ifndef OPEN_CHORE_H
#define OPEN_CHORE_H

#include "open/opener.h"

struct chore {
    bool (*wanted)(const struct opener *o, const struct part *part);
    bool (*tell)(int fd, struct span bytes); /* in the child; false: it can't go on */
    /* In the parent; false: nothing more of this child is to be believed. */
    bool (*take)(struct opener *o, struct part *part, int fd);
    void (*fail)(struct part *part, const char *why);
    const char *died;    /* of the file at which a child died, or took too long */
    const char *too_far; /* of those behind the last child */
};

void chore_run(struct opener *o, const struct chore *chore);

struct span chore_content(const struct opener *o, const struct part *part);

/* To the parent, in whole; false: it is gone. */
MUST_USE bool chore_put(int fd, struct span bytes);
/* From a child; false: it died, or was silent for too long. */
MUST_USE bool chore_take(int fd, void *bytes, size_t n);
/* The same for n bytes, not more than max; text: in UTF-8 without NULs. */
MUST_USE bool chore_take_bytes(struct opener *o, int fd, size_t n, size_t max,
                               struct span *ret_bytes);
MUST_USE bool chore_take_text(struct opener *o, int fd, size_t n, size_t max,
                              struct span *ret_text);

#endif
