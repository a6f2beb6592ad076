/*
 * arena.h - memory for one message, one letter, one command: freed together, wiped together.
 *
 * Promises: what an arena gives lives until arena_free; everything is wiped (best effort) then.
 * Products are overflow-checked. Allocation failure aborts the process: what was taken is committed
 * before, so an abort delays and loses nothing.
 * Does not: free single pieces; serve two threads at once.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

struct arena;

struct arena *arena_new(void); /* never NULL */
void arena_free(struct arena *a);
SCOPED_DEFINE(struct arena *, arena_free)

/* n zeroed bytes, aligned for any type; n == 0 gives a unique pointer. */
void *arena_alloc(struct arena *a, size_t n);

/* n zeroed things of size bytes each. */
void *arena_array(struct arena *a, size_t n, size_t size);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, n, type) ((type *)arena_array((a), (n), sizeof(type)))

char *arena_strdup(struct arena *a, const char *text);             /* NULL in, NULL out */
char *arena_strndup(struct arena *a, const void *bytes, size_t n); /* n bytes and a NUL */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/*
 * Room for one more in an array that grows inside an arena:
 *     ARENA_GROW(a, list->at, list->n, list->room); list->at[list->n++] = thing;
 * Old blocks stay in the arena, so pointers into them stay valid (and stale).
 */
void *arena_grow(struct arena *a, void *at, size_t n, size_t *room, size_t size);
#define ARENA_GROW(a, at, n, room) ((at) = arena_grow((a), (at), (n), &(room), sizeof(*(at))))

/* Wipes memory in a way that the compiler keeps. */
void wipe(void *at, size_t n);

#endif
