/*
 * span.h - bytes that are somebody else's: a pointer and a length, no NUL, no ownership.
 *
 * Promises: nothing here writes, allocates (but span_dup) or reads past n.
 * Everything from outside travels as a span until it was checked.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include "base/arena.h"

struct span {
    const unsigned char *at;
    size_t n;
};

struct span span_of(const void *at, size_t n);
struct span span_str(const char *text);         /* NULL gives the empty span */
char *span_dup(struct arena *a, struct span s); /* a NUL-ended copy; NULs inside stay */

/* s without its first n bytes / the first n bytes of s; n is cut to s.n. */
struct span span_from(struct span s, size_t n);
struct span span_first(struct span s, size_t n);

bool span_eq(struct span x, struct span y);
bool span_eq_str(struct span s, const char *text);
bool span_eq_nocase(struct span s, const char *text); /* ASCII letters only */
bool span_starts(struct span s, const char *text);
bool span_starts_nocase(struct span s, const char *text);
bool span_ends(struct span s, const char *text);
bool span_ends_nocase(struct span s, const char *text);
bool span_has_nocase(struct span s, const char *text); /* anywhere */

/* Offset of the first byte c / of needle, or s.n if there is none; an empty needle is at 0. */
size_t span_find(struct span s, unsigned char c);
size_t span_find_span(struct span s, struct span needle);

struct span span_trim(struct span s); /* without SP, HTAB, CR, LF at both ends */

/* Cuts the next line off *rest: without its LF or CRLF. False when *rest was empty. */
bool span_line(struct span *rest, struct span *ret_line);

/* Cuts the next piece before separator off *rest (the separator is dropped). False when *rest was
 * used up; *rest.at == NULL means used up, so "a," gives "a" and "". */
bool span_split(struct span *rest, unsigned char separator, struct span *ret_piece);

#endif
