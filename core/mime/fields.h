/*
 * fields.h - what stands in one header field: addresses, dates, ids, text.
 *
 * Promises: every value is cut at FIELD_BYTES_MAX and looked at for comment depth before libetpan
 * sees it (its address parser recurses), and NULs are gone by then. Broken values are absent, never
 * an error. Encoded words are ours: libetpan reads unknown charsets as Latin-1 and has no RFC 2231
 * language suffix.
 */
#ifndef MIME_FIELDS_H
#define MIME_FIELDS_H

#include "model/message.h"

enum { FIELD_BYTES_MAX = 64 * 1024, FIELD_COMMENT_DEPTH_MAX = 50, FIELD_IDS_MAX = 1000 };

struct mailbox {
    const char *address; /* addr-spec, domain in lower case; NULL: none or broken */
    const char *name;    /* display name, UTF-8, or NULL */
};

/* How deep comments may stand within each other, here and in parameters.h, for this process: set
 * before a mail is read. FIELD_COMMENT_DEPTH_MAX until then. */
void fields_limit_comments(uint64_t depth);
uint64_t fields_comments_max(void);

/* The one mailbox of From or Sender. Several: the first (defect from-several); none: NULL. */
struct mailbox fields_mailbox(struct arena *a, struct span value, struct strs *defects);

/* Unstructured text: unfolded, encoded words (RFC 2047) and raw 8-bit to UTF-8. */
char *fields_text(struct arena *a, struct span value, struct strs *defects);

/* Adds each <id> without its brackets, once. */
void fields_ids(struct arena *a, struct span value, struct strs *ids);

/* 0: none or broken. */
instant fields_date(struct arena *a, struct span value);

/* The first word without comments, in lower case: Content-Transfer-Encoding, Auto-Submitted,
 * Precedence. "" if there is none. */
char *fields_token(struct arena *a, struct span value);

#endif
