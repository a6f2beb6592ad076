/*
 * dsn.h - is this mail written by a machine, and if it is a bounce: of what, for whom?
 *
 * Promises: reads RFC 3464 (multipart/report; report-type=delivery-status), RFC 5965 (feedback
 * reports), RFC 3834 (Auto-Submitted), List-* fields, Precedence, and the marks of common
 * autoresponders and ticket systems. What looks automatic is never answered, so doubt means
 * automatic; but no person's mail becomes a bounce by its text alone. Does not: decide who sees it.
 */
#ifndef MIME_DSN_H
#define MIME_DSN_H

#include "mime/split.h"

struct dsn {
    enum automatic automatic;
    const char *message_id; /* of the returned mail, without <>, or NULL */
    const char *recipient;  /* that failed: addr-spec, or NULL */
};

/* s: the split outermost mail. */
struct dsn dsn_read(struct arena *a, const struct split *s);

#endif
