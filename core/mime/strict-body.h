/*
 * strict-body.h - bodies and multiparts, the strict way: for strict.c and strict-shown.c.
 *
 * Promises: as strict.h does; one way to read everything, and a refusal where there could be two.
 */
#ifndef MIME_STRICT_BODY_H
#define MIME_STRICT_BODY_H

#include "mime/strict-field.h"

/* The bytes of a leaf, by its transfer encoding. */
enum strict_refusal strict_body_decode(struct arena *a, const struct strict_block *block,
                                       struct span *ret_bytes);

/* The text of a leaf: UTF-8, LF. */
enum strict_refusal strict_leaf_text(struct arena *a, const struct strict_block *block,
                                     const struct strict_content *content, struct span *ret_text);

/* The type of an entity; none is text/plain (RFC 2045 5.2). */
enum strict_refusal strict_content_of(struct arena *a, const struct strict_block *block,
                                      struct strict_content *ret_content);

struct strict_cutter {
    struct span rest;
    const char *dashes; /* "--boundary" */
};

/* The preamble is taken off; the first part comes next. */
enum strict_refusal strict_cutter_open(struct arena *a, const struct strict_block *block,
                                       const struct strict_content *content,
                                       struct strict_cutter *ret_cutter, struct span *ret_preamble);

/* Takes the bytes before the next delimiter off the rest, without the line break that belongs to
 * the delimiter (RFC 2046 5.1.1). False: there is none, or one that could be read in two ways. */
bool strict_cut(struct strict_cutter *c, struct span *ret_piece, bool *ret_close);

#endif
