/*
 * guard-decode.h - what stands behind encodings inside a text: escapes and base64.
 *
 * Promises: finds runs wherever they start, with line breaks and quote marks in them. Does not:
 * decide what is text for sure; what only happens to decode is harmless.
 */
#ifndef REDACT_GUARD_DECODE_H
#define REDACT_GUARD_DECODE_H

#include "redact/guard-near.h"

enum {
    DECODE_RUN_MIN = 8,     /* base64 letters in a row */
    DECODE_BINARY_MIN = 24, /* decoded bytes that are looked at although they are no text */
};

/* The text with percent, quoted-printable, backslash (\x41, \u0041) and HTML escapes taken out, and
 * where they were. False: there are none. */
bool decode_escapes(struct arena *a, struct span text, struct span *ret_text,
                    struct near *ret_near);

/* Called for each base64 run near those places, for each of the four places where its groups can
 * start, if what comes out may matter; the bytes live for the call only. False ends the walk. */
typedef bool decode_found(void *ctx, struct span bytes, bool is_text);

/* False if a callback said so. */
bool decode_base64_runs(struct span text, const struct near *near, decode_found *found, void *ctx);

#endif
