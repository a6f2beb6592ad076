/*
 * variants.h - what a signed text may have been before a mail server touched it.
 *
 * A signature that does not verify is tried again over each variant that differs; the one that
 * verifies is what was signed, and the change is named:
 *   line-ends       CRLF had become LF, or CR CR LF
 *   last-line-end   a line end was added or lost at the end
 *   trailing-space  blanks at line ends were added, or those of "-- " lost
 *   from-quoted     a mailbox file made "From " at the start of a line ">From "
 *   dots-doubled    the dots of SMTP's transparency (RFC 5321 4.5.2) were left in
 *   reencoded       8bit had become quoted-printable or base64 (RFC 3156 3 warns of it)
 *   footer-inside   a list added a footer below the text, inside the signed part
 *   banner-inside   a gateway added a banner above the text, inside the signed part
 *
 * Promises: pure; a variant is made of the bytes that came and nothing else, and never stands for
 * them unless a signature says so. At most VARIANTS_MAX. Does not: combine damages, but for line
 * ends, which come first in every variant.
 */
#ifndef MIME_VARIANTS_H
#define MIME_VARIANTS_H

#include "base/span.h"

enum {
    VARIANTS_MAX = 12,
    VARIANTS_BYTES_MAX = 256 * 1024, /* more is tried only as it came and with CRLF */
};

struct variant {
    const char *repair;
    struct span bytes;
};

/* The variants of an entity that is signed and has CRLF (repair_line_ends), likeliest first; how
 * many. */
size_t variants_make(struct arena *a, struct span entity, struct variant ret[VARIANTS_MAX]);

#endif
