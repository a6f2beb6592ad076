#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>

enum { FIRST_ROOM = 256 };

struct buf buf_new(struct arena *a, size_t max)
{
    struct buf b = {.a = a, .max = max};

    assert(max < SIZE_MAX / 4);
    b.room = max + 1 < FIRST_ROOM ? max + 1 : FIRST_ROOM;
    b.at = arena_alloc(a, b.room);
    return b;
}

static bool make_room(struct buf *b, size_t n)
{
    size_t room = b->room;
    char *larger;

    if (b->full || n > b->max - b->n) {
        b->full = true;
        return false;
    }
    if (b->n + n < room)
        return true;
    while (room <= b->n + n)
        room *= 2;
    larger = arena_alloc(b->a, room);
    memcpy(larger, b->at, b->n);
    wipe(b->at, b->n);
    b->at = larger;
    b->room = room;
    return true;
}

void buf_reserve(struct buf *b, size_t n)
{
    if (n > b->n && n <= b->max)
        make_room(b, n - b->n);
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (n == 0 || !make_room(b, n))
        return;
    memcpy(b->at + b->n, bytes, n);
    b->n += n;
    b->at[b->n] = '\0';
}

void buf_add_str(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_add_span(struct buf *b, struct span s)
{
    buf_add(b, s.at, s.n);
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list args;
    va_list again;
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    assert(n >= 0);
    if (make_room(b, (size_t)n)) {
        vsnprintf(b->at + b->n, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

struct span buf_span(const struct buf *b)
{
    return span_of(b->at, b->n);
}
