/*
 * text.h - small questions about text: UTF-8, numbers, hex, base32, base64, instants.
 *
 * Promises: every parser checks the whole input and says no rather than guess.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"
#include "base/clock.h"

/* Bytes of the code point at s.at (1-4) and the point itself; 0 where it is not valid UTF-8 (RFC
 * 3629: no overlongs, no surrogates, at most U+10FFFF). */
size_t text_utf8_next(struct span s, uint32_t *ret_point);
bool text_is_utf8(struct span s);
void text_utf8_add(struct buf *b, uint32_t point); /* a code point that is not valid: U+FFFD */

/* Decimal digits only, no sign, no blanks, at most max. */
bool text_to_u64(struct span s, uint64_t max, uint64_t *ret_value);

char *text_hex(struct arena *a, struct span bytes, bool upper);
bool text_from_hex(struct arena *a, struct span text, struct span *ret_bytes);

/* RFC 4648 section 6, lower case, no padding; decoding ignores letter case and '-'. */
char *text_base32(struct arena *a, struct span bytes);
bool text_from_base32(struct arena *a, struct span text, struct span *ret_bytes);

/* RFC 4648 section 4; line > 0: CRLF after every line characters and at the end. Decoding is
 * strict: CR, LF, SP and HTAB are skipped, anything else foreign is a no. */
char *text_base64(struct arena *a, struct span bytes, size_t line);
bool text_from_base64(struct arena *a, struct span text, struct span *ret_bytes);

/* "2026-12-24T13:00:00Z" */
char *text_rfc3339(struct arena *a, instant at);
/* RFC 3339 with seconds optional ("2026-12-24T14:00+09:00", "...Z"), or "@epoch". A bare date is a
 * no here: who wants one decides on the hour. */
bool text_to_instant(struct span s, instant *ret_at);
/* "2026-12-24" gives year, month, day after a check against the calendar. */
bool text_to_date(struct span s, int *ret_year, int *ret_month, int *ret_day);
/* "10m", "3s", "1h", "45d"; a bare number is seconds. */
bool text_to_duration(struct span s, int64_t *ret_seconds);

/* One line that is safe in a log or on a terminal: control characters, line breaks and invalid
 * bytes become '?', bidirectional and zero-width characters their numbers (visible.h); cut to max
 * bytes at a character. */
char *text_one_line(struct arena *a, struct span s, size_t max);

/* The nearest of candidates by edit distance (at most 2, ASCII case ignored), or NULL. */
const char *text_nearest(const char *word, const char *const *candidates, size_t n);

#endif
