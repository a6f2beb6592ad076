/*
 * dsn.h - if this mail is a bounce: of what, for whom, and does it say that delivery failed?
 *
 * Promises: reads RFC 3464 (multipart/report; report-type=delivery-status) and the free texts of
 * qmail, Exim, sendmail, Postfix, Exchange (English, German, Japanese) and Gmail. What kind of mail
 * it is, mime/automatic.h says. Does not: believe it; it counts for a letter of ours only by that
 * letter's own token.
 */
#ifndef MIME_DSN_H
#define MIME_DSN_H

#include "mime/split.h"

struct dsn {
    enum automatic automatic;
    const char *message_id; /* of the returned mail, without <>, or NULL */
    const char *recipient;  /* that failed: addr-spec, or NULL */
    bool harmless;          /* it says delayed, relayed or delivered; nothing failed */
};

/* s: the split outermost mail. */
struct dsn dsn_read(struct arena *a, const struct split *s);

#endif
