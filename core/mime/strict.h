/*
 * strict.h - the small reader: the strict text that commands are read from, and what write wrote.
 *
 * Strict text (RFC 2045, 2046 cut down): of the exact signed bytes, from byte 0. No Content-Type or
 * text/plain: this body; multipart/mixed, multipart/alternative: its first child, at most 3 levels.
 * 7bit, 8bit, quoted-printable, base64; us-ascii, utf-8, iso-8859-1, windows-1252, iso-2022-jp.
 * Anything else is refused with its reason: a command must not depend on how somebody guesses.
 *
 * Promises: no recursion, linear in the input, every limit named; nothing from another reader's
 * (split's, libetpan's) view of the message is used. Refusal is an answer, not an error.
 */
#ifndef MIME_STRICT_H
#define MIME_STRICT_H

#include "model/message.h"

enum {
    STRICT_LEVELS_MAX = 3,             /* multiparts within each other */
    STRICT_SHOWN_LEVELS_MAX = 8,       /* and messages, for strict_shown */
    STRICT_HEADER_MAX = 64 * 1024,     /* bytes of one header block */
    STRICT_TEXT_MAX = 4 * 1024 * 1024, /* bytes of the decoded text */
    STRICT_FIELDS_MAX = 200,
    STRICT_PARTS_MAX = 1000,
};

enum strict_refusal {
    STRICT_OK,
    STRICT_HEADER,    /* a header block that is not one */
    STRICT_DOUBLED,   /* a Content-* field, or a parameter, that is there twice */
    STRICT_PARAMETER, /* a comment, or RFC 2231, or a broken parameter, in Content-Type */
    STRICT_TYPE,      /* a type that is not read here */
    STRICT_ENCODING,  /* unknown transfer encoding, or broken by its own rules */
    STRICT_CHARSET,   /* another charset, or text that is not valid in its own */
    STRICT_BOUNDARY,  /* missing, doubtful or unclosed */
    STRICT_DEPTH,     /* more than STRICT_LEVELS_MAX */
    STRICT_TOO_LARGE,
};

/* What to tell the sender: "the text is in HTML or another form ...; write plain text". */
const char *strict_reason(enum strict_refusal refusal);

/* STRICT_OK and the text: UTF-8, LF. Else why not, and *ret_text untouched. */
MUST_USE enum strict_refusal strict_text(struct arena *a, struct span signed_bytes,
                                         struct span *ret_text);

/* All text that a client shows of it, in order, divided by empty lines, as the opener reads it:
 * inline text/plain in any of mixed, alternative (the first that is not blank), related and signed,
 * at most STRICT_SHOWN_LEVELS_MAX levels, and in messages that are no attachments; flowed
 * paragraphs joined (RFC 3676), a legacy display taken off (RFC 9788 5.2.2). Nothing is commanded
 * by it: it is compared with what the opener says was signed. One for each way to read the bytes:
 * as an entity, and (signed without any MIME, in the text of a mail) as a bare text. None where
 * something is shown that is not read here, as HTML that stands for itself. */
void strict_shown(struct arena *a, struct span signed_bytes, struct strs *ret_shown);

struct strict_header {
    const char *name;
    const char *value; /* unfolded, encoded words decoded: what a client shows */
};

struct strict_part {
    const char *type;     /* lower case */
    const char *filename; /* decoded, or NULL */
    bool is_text;         /* text/plain: bytes are UTF-8, LF */
    struct span bytes;    /* decoded */
};

struct strict_mail {
    const struct strict_header *headers;
    size_t n_headers;
    const struct strict_part *parts;
    size_t n_parts;
};

/*
 * Reads all that mime/write writes (inner entity, plain mail, outer mail), for the guard: every
 * header field, text and attachment as its reader's client shows it. What this does not know is
 * refused, so a letter with anything hidden in it is held.
 */
MUST_USE enum strict_refusal strict_read_all(struct arena *a, struct span mail,
                                             struct strict_mail *ret_mail);

#endif
