/*
 * write-field.h - writes one header field or parameter: folded, encoded, nothing injected.
 *
 * Promises: every field ends with CRLF and has lines of at most 78 characters but for words that
 * can't be cut (998, RFC 5322 2.1.1); control characters in text become blanks; what is not ASCII
 * becomes encoded words (RFC 2047) or extended parameters (RFC 2231). A prefix ("HP-Outer: ", or
 * "") stands before the name. Does not: check that text is UTF-8 or that addresses are some (ask
 * first).
 */
#ifndef MIME_WRITE_FIELD_H
#define MIME_WRITE_FIELD_H

#include "base/buf.h"
#include "base/clock.h"
#include "mime/write.h"

enum { WRITE_LINE = 78, WRITE_LINE_MAX = 998, WRITE_ID_MAX = 512, WRITE_FILENAME_MAX = 180 };

/* An addr-spec that needs no quoting anywhere: dot-atoms, ASCII, RFC 5321 lengths. */
bool write_address_valid(const char *address);
/* A msg-id without < >: visible ASCII, one @, at most WRITE_ID_MAX bytes. */
bool write_id_valid(const char *id);

void write_field_text(struct buf *out, const char *prefix, const char *name, const char *value);
/* Nothing if address->address is NULL. */
void write_field_address(struct buf *out, const char *prefix, const char *name,
                         const struct write_address *address, bool with_name);
void write_field_date(struct buf *out, const char *prefix, const char *name, instant at);
/* Ids that are not valid are left out; nothing if none is left. */
void write_field_ids(struct buf *out, const char *prefix, const char *name, const char *const *ids,
                     size_t n);

/* "; filename=..." behind a field that is still open (no CRLF yet); only the last part of a path,
 * without what a file system could take for more. */
void write_parameter_filename(struct buf *out, const char *filename);

#endif
