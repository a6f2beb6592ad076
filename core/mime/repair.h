/*
 * repair.h - known damage that other programs do to sealed mail, and how to see through it.
 *
 * A table of shapes, each with a specimen in test/corpus:
 *   mixed-encrypted  Exchange makes multipart/encrypted a multipart/mixed, with an empty text
 * before smime-type       an S/MIME object under application/octet-stream, known by name and
 * content list-footer      a list wraps the mail in multipart/mixed and adds a footer as a part of
 * its own pgp-inline       one armored block is the whole text (no MIME structure at all) line-ends
 * signed bytes came with LF; they are verified with CRLF (RFC 3156 5) legacy-display   a copy of
 * the protected header in the text is not shown (RFC 9788 5.2.2)
 *
 * Promises: pure; says what the shape is, changes nothing. A repair is named in the message. Does
 * not: repair what would change what a signature covers.
 */
#ifndef MIME_REPAIR_H
#define MIME_REPAIR_H

#include "mime/split.h"

enum { REPAIR_FOOTER_MAX = 4096 };

/* The part with the OpenPGP ciphertext of multipart/encrypted (RFC 3156 4) or of its damaged form;
 * NULL: the multipart is none. *ret_repair: "mixed-encrypted", or NULL. */
const struct split_part *repair_ciphertext(const struct split *s, const struct split_part *part,
                                           const char **ret_repair);

/* The one sealed child of a multipart/mixed whose other children are list footers, or NULL. */
const struct split_part *repair_footers(struct arena *a, const struct split *s,
                                        const struct split_part *part);

enum cms_kind { CMS_NONE, CMS_ENVELOPED, CMS_SIGNED };

/* What a CMS object is, by the type in its first bytes. */
enum cms_kind repair_cms_kind(struct span der);

/* True if a leaf may be an S/MIME object: by type, or by the name of an octet-stream (then
 * *ret_repair is "smime-type"). filename may be NULL. */
bool repair_is_smime(const struct split_part *part, const char *filename, const char **ret_repair);

enum pgp_block { PGP_BLOCK_NONE, PGP_BLOCK_MESSAGE, PGP_BLOCK_SIGNED, PGP_BLOCK_KEY };

/* What armored block the text is, with nothing but blanks around it. */
enum pgp_block repair_pgp_block(struct span text);

/* The bytes with every line end as CRLF; *ret_changed if that was a change. */
struct span repair_line_ends(struct arena *a, struct span bytes, bool *ret_changed);

#endif
