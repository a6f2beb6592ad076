/*
 * buf.h - text or bytes that grow, up to a maximum given at birth.
 *
 * Promises: never more than max bytes; always NUL-ended behind n; past the maximum the buffer is
 * marked full and takes nothing more (so a long chain of adds is checked once, with buf_full).
 * Lives in an arena: no free.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/span.h"

struct buf {
    struct arena *a;
    char *at; /* never NULL after buf_new */
    size_t n;
    size_t room;
    size_t max;
    bool full;
};

struct buf buf_new(struct arena *a, size_t max);
/* Room for n bytes in all (at most max) at once, so that a large buf does not grow by copies. */
void buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_add_str(struct buf *b, const char *text);
void buf_add_span(struct buf *b, struct span s);
void buf_add_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct span buf_span(const struct buf *b);

#endif
