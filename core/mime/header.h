/*
 * header.h - a header block as its fields, with exact spans.
 *
 * Promises: one pass, no decoding, nothing lost: every byte of the block is in a field or named by
 * a defect. Does not: know what stands in a field (fields.h, parameters.h).
 */
#ifndef MIME_HEADER_H
#define MIME_HEADER_H

#include "model/message.h"

struct header_field {
    struct span name;  /* without blanks before the colon */
    struct span value; /* behind the colon, folded as it came, without the last line end */
};

struct header {
    struct header_field *at;
    size_t n;
    size_t room;
};

/*
 * The fields of a block that ends before its empty line. A line that is neither a field nor a
 * continuation is skipped (defect header-line-broken); split ends a block there, so only foreign
 * blocks have one.
 */
struct header header_read(struct arena *a, struct span block, struct strs *defects);

/* True if the line begins a field: a name of printable ASCII, blanks, a colon. */
bool header_line_is_field(struct span line);

const struct header_field *header_find(const struct header *h,
                                       const char *name); /* first or NULL */
size_t header_count(const struct header *h, const char *name);
struct span header_value(const struct header *h, const char *name); /* first, or empty */

/* Without line ends (RFC 5322 2.2.3) and without blanks at both ends; NULs become blanks. */
char *header_unfold(struct arena *a, struct span value);

/* Adds a defect's or repair's name once. */
void defect_add(struct arena *a, struct strs *list, const char *name);

#endif
