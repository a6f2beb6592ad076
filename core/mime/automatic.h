/*
 * automatic.h - was this mail written by a machine, and by what kind of one?
 *
 * Promises: header fields first (RFC 3834 Auto-Submitted, List-*, Precedence, the marks of
 * autoresponders and ticket systems, RFC 3464 and RFC 5965 reports), then words in subject and
 * text, in English, German and Japanese. What looks automatic is never answered, so doubt means
 * automatic; but no person's mail becomes a bounce by its text alone, and what a person wrote
 * through a ticket system is a person's, where the system tells them apart. Does not: decide who
 * sees it.
 */
#ifndef MIME_AUTOMATIC_H
#define MIME_AUTOMATIC_H

#include "mime/split.h"

enum {
    AUTOMATIC_TEXT_MAX = 64 * 1024, /* bytes of a part's text that are looked at */
    AUTOMATIC_PARTS_MAX = 8,        /* the first parts, whose texts are looked at */
};

/* s: the split outermost mail. */
enum automatic automatic_kind(struct arena *a, const struct split *s);

/* The text of a text/plain or text/html leaf as UTF-8; of others nothing. */
struct span automatic_text(struct arena *a, const struct split_part *part);

#endif
