/*
 * fences.h - who may read which part of a text: [[only acme, globex]], [[not acme]], [[internal]],
 * [[end]].
 *
 * Promises: a fence stands alone on its line; nested fences narrow, never widen. A fence closes
 * only at its own quote depth and in its own author's text, so nothing that is quoted closes a
 * fence of the text around it, or the other way round. What narrows is read generously, what widens
 * strictly: an unknown name, an unclosed or surplus fence, a fence in the middle of a line or
 * written with look-alike characters leaves the text from there on to coordinators, and is
 * reported. A name that the caller does not know is such a mistake. Linear in the text. Does not:
 * redact (redact.h).
 *
 * Quote depth is the number of '>' at the start of a line. Where the text of a depth ends (a line
 * less deep, an "Original Message" rule, a From: line, what quotes.h finds), so does its author's
 * part: a fence still open there was not closed by its author.
 */
#ifndef REDACT_FENCES_H
#define REDACT_FENCES_H

#include "base/span.h"

enum {
    FENCE_DEPTH_MAX = 16, /* fences in one another; one more is a mistake */
    FENCE_NAMES_MAX = 64, /* names in one fence */
    FENCE_NAME_MAX = 64,  /* bytes of one name */
};

/* Who may read: all bounds hold together. All zero: everyone that the piece itself is for. */
struct fence_audience {
    bool internal;        /* coordinators only */
    bool limited;         /* only the orgs in `only` (which may be none) */
    const uint32_t *only; /* ascending */
    size_t n_only;
    const uint32_t *except; /* never these */
    size_t n_except;
};

struct fence_segment {
    struct span text; /* whole lines with their ends, in order; lines of valid fences are in none */
    struct fence_audience audience;
};

enum fence_mistake {
    FENCE_UNKNOWN_NAME,
    FENCE_UNCLOSED,
    FENCE_SURPLUS_END, /* nothing of this author and depth is open */
    FENCE_MALFORMED,   /* not alone on its line, misspelt, no names, look-alike characters */
    FENCE_TOO_DEEP,
};

struct fence_defect {
    enum fence_mistake mistake;
    size_t line;      /* from 1 */
    const char *what; /* the name or the line, made safe for a terminal, short */
};

struct fenced {
    const struct fence_segment *segments;
    size_t n_segments;
    const struct fence_defect *defects;
    size_t n_defects;
};

/* Gives the org ids that a name (a slug, "@group", in lower case) stands for; the array must live
 * as long as the result. False: no such name. */
struct fence_names {
    bool (*find)(void *ctx, struct span name, const uint32_t **ret_ids, size_t *ret_n);
    void *ctx;
};

struct fenced fences_read(struct arena *a, struct span text, const struct fence_names *names);

/* May this org read it? org 0 (a reader without an org, such as a reporter): only what no fence
 * limits. Coordinators read everything and are not asked about. */
bool fence_visible(const struct fence_audience *audience, uint32_t org);

/* What this org may read, in one piece; nothing shows where something is left out. */
struct span fences_text_for(struct arena *a, const struct fenced *fenced, uint32_t org);

const char *fence_mistake_text(enum fence_mistake mistake); /* "unknown name", for people */

#endif
