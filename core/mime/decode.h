/*
 * decode.h - transfer encodings to bytes (RFC 2045 6).
 *
 * Promises: never fails and never gives more bytes than it got. What is no base64 is skipped and
 * named (base64-broken); a broken =XX stays as it is (quoted-printable-broken); data behind padding
 * is named (base64-joined) and read on, as clients do. An unknown encoding leaves the bytes as they
 * are (encoding-unknown). x-uuencode is read.
 */
#ifndef MIME_DECODE_H
#define MIME_DECODE_H

#include "model/message.h"

/* encoding: in lower case, "" for none. 7bit, 8bit and binary give body itself. */
struct span decode_transfer(struct arena *a, struct span body, const char *encoding,
                            struct strs *defects);

struct span decode_base64(struct arena *a, struct span text, struct strs *defects);

/* word: the Q encoding of RFC 2047, where '_' is a blank. */
struct span decode_quoted(struct arena *a, struct span text, bool word, struct strs *defects);

#endif
