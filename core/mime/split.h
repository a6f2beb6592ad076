/*
 * split.h - a mail, or one entity of it, as a tree of parts with exact spans (RFC 2046 5.1).
 *
 * One pass over the lines, with a stack of the multiparts that are open. A line "--boundary" ends
 * everything inside its multipart; the line end before it belongs to the boundary. The innermost
 * multipart that knows the boundary takes it.
 *
 * Promises: never fails, never recurses, linear in the bytes for a fixed depth. Spans point into
 * the input and are exact: what a signature over a child covers is raw, also for a child without a
 * header line, with leading blank lines, with nothing at all. What is odd or past a limit is named
 * as a defect, and what can't be divided stays one leaf with all its bytes. message/rfc822 is a
 * leaf: the caller splits its (decoded) body again. LF and CRLF both end a line. Does not: decode.
 */
#ifndef MIME_SPLIT_H
#define MIME_SPLIT_H

#include "mime/header.h"
#include "mime/parameters.h"

struct split_limits {
    size_t bytes;  /* of the whole; more: one leaf, too-large; its header is read */
    size_t header; /* of one header block; the rest counts as body: header-too-large */
    size_t line;   /* only named: line-too-long */
    size_t parts;  /* further boundaries are text of the last part: too-many-parts */
    size_t depth;  /* a multipart below is a leaf: too-deep */
};

enum {
    SPLIT_BYTES_MAX = 256 * 1024 * 1024,
    SPLIT_HEADER_MAX = 256 * 1024,
    SPLIT_LINE_MAX = 1024 * 1024,
    SPLIT_PARTS_MAX = 1000,
    SPLIT_DEPTH_MAX = 50,
};

extern const struct split_limits split_limits_default;

#define SPLIT_NO_PARENT SIZE_MAX

struct split_part {
    size_t parent;      /* index, SPLIT_NO_PARENT for the root (index 0) */
    size_t child;       /* 1.. among its parent's children */
    size_t n_children;  /* 0: a leaf */
    size_t depth;       /* multiparts around it */
    struct span raw;    /* header, empty line, body */
    struct span header; /* with its last line end, without the empty line */
    struct span body;
    struct header fields;
    struct parameters type; /* of Content-Type; type.type is never empty: the default stands in */
    const char *boundary;   /* of a multipart that was looked into, else NULL */
    bool type_given;        /* there was a usable Content-Type */
};

struct split {
    struct split_part *at; /* in order of appearance: parents before children */
    size_t n;              /* at least 1 */
    size_t room;
    struct strs defects;
};

struct split split_mail(struct arena *a, struct span bytes, const struct split_limits *limits);

/* The nth child (from 1) of a part, or NULL. */
const struct split_part *split_child(const struct split *s, const struct split_part *part,
                                     size_t nth);

/*
 * The part's path as in IMAP, below base ("" or the path of what was opened): the root is base
 * itself if it is a multipart, else its part 1; children append their number.
 */
char *split_path(struct arena *a, const struct split *s, const struct split_part *part,
                 const char *base);

/* type in lower case: "text/plain". A part that is not there (NULL) has none. */
bool split_is_type(const struct split_part *part, const char *type);

/* True for a leaf of a type that holds a mail: message/rfc822, message/global. */
bool split_is_mail(const struct split_part *part);

#endif
