#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>

enum { BLOCK_BYTES = 32 * 1024 };

struct block {
    struct block *next;
    size_t used;
    size_t room;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *blocks;
};

static void *must_have(void *p)
{
    if (p == NULL)
        abort();
    return p;
}

void wipe(void *at, size_t n)
{
    explicit_bzero(at, n);
}

struct arena *arena_new(void)
{
    return must_have(calloc(1, sizeof(struct arena)));
}

void arena_free(struct arena *a)
{
    if (a == NULL)
        return;
    while (a->blocks != NULL) {
        struct block *gone = a->blocks;

        a->blocks = gone->next;
        wipe(gone->bytes, gone->used);
        free(gone);
    }
    free(a);
}

static struct block *block_add(struct arena *a, size_t need)
{
    size_t room = need > BLOCK_BYTES / 4 ? need : BLOCK_BYTES;
    struct block *fresh;

    assert(room <= SIZE_MAX - sizeof(*fresh));
    fresh = must_have(calloc(1, sizeof(*fresh) + room));
    fresh->room = room;
    if (room == need && a->blocks != NULL) {
        /* A large piece gets a block of its own, behind the one that still has room. */
        fresh->next = a->blocks->next;
        a->blocks->next = fresh;
    } else {
        fresh->next = a->blocks;
        a->blocks = fresh;
    }
    return fresh;
}

void *arena_alloc(struct arena *a, size_t n)
{
    const size_t align = _Alignof(max_align_t);
    struct block *b = a->blocks;
    void *piece;

    assert(n <= SIZE_MAX / 2);
    n = n == 0 ? align : (n + align - 1) / align * align;
    if (b == NULL || b->room - b->used < n)
        b = block_add(a, n);
    piece = b->bytes + b->used;
    b->used += n;
    return piece;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        abort();
    return arena_alloc(a, bytes);
}

char *arena_strndup(struct arena *a, const void *bytes, size_t n)
{
    char *copy;

    assert(n < SIZE_MAX / 2);
    copy = arena_alloc(a, n + 1);
    if (n > 0)
        memcpy(copy, bytes, n);
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return text == NULL ? NULL : arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list args;
    va_list again;
    char *text;
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    assert(n >= 0);
    text = arena_alloc(a, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return text;
}

void *arena_grow(struct arena *a, void *at, size_t n, size_t *room, size_t size)
{
    void *larger;

    if (n < *room)
        return at;
    assert(*room <= SIZE_MAX / 4);
    *room = *room == 0 ? 8 : *room * 2;
    larger = arena_array(a, *room, size);
    if (n > 0)
        memcpy(larger, at, n * size);
    return larger;
}
