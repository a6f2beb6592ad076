/*
 * carrier.h - inside carry/: what its files share while one file is looked into.
 */
#ifndef CARRY_CARRIER_H
#define CARRY_CARRIER_H

#include "carry/carry.h"

struct carrier {
    struct arena *a;
    struct carried out;
    size_t depth;
    size_t entries;  /* so far */
    size_t unpacked; /* bytes so far */
    size_t unpacked_max;
    bool programs;
    char *piece; /* what an archive is read into; NULL: not yet */
};

/* carry.c */
void carry_file(struct carrier *c, struct span bytes); /* by its first bytes */
void carry_text(struct carrier *c, struct span text);  /* a line of its own; broken bytes: '?' */
void carry_fact(struct carrier *c, const char *name, struct span value);
void carry_unread(struct carrier *c, const char *why); /* the first reason stays */

/* archive.c: single: one packed file (gzip and its like), which may be an archive itself. */
void carry_archive(struct carrier *c, struct span bytes, bool single);
/* A zlib stream (RFC 1950) or nothing. */
struct span carry_inflate(struct carrier *c, struct span zlib);

/* xml.c: documents' parts, XMP, SVG. */
void carry_xml(struct carrier *c, struct span bytes);

/* picture.c */
void carry_picture(struct carrier *c, struct span bytes);
/* The first XMP packet in a file of any kind. */
void carry_xmp(struct carrier *c, struct span bytes);

/* words.c: runs of readable characters, in UTF-8; wide: and in UTF-16. */
void carry_words(struct carrier *c, struct span bytes, bool wide);

/* program.c: runs arguments[0] on bytes; ret_out: the first max bytes that it wrote. How much it
 * may take of processor time is the caller's own limit. */
enum carry_ran { CARRY_RAN, CARRY_RAN_MISSING, CARRY_RAN_FAILED, CARRY_RAN_TOO_LONG };

MUST_USE enum carry_ran carry_run(struct arena *a, const char *const *arguments, struct span bytes,
                                  size_t max, struct span *ret_out);

/* pdf.c */
void carry_pdf(struct carrier *c, struct span bytes);

#endif
