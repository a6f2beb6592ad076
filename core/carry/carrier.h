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

/* pdf.c */
void carry_pdf(struct carrier *c, struct span bytes);

#endif
