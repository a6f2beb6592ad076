/*
 * memory.h - bytes between our programs: memory files that nobody can change any more.
 *
 * Promises: what is mapped was sealed against writing, growing and shrinking before it was looked
 * at, and is at most as long as the reader allows; it never lies on disk.
 */
#ifndef WIRE_MEMORY_H
#define WIRE_MEMORY_H

#include "base/err.h"
#include "base/span.h"

struct memory {
    struct span bytes;
    void *mapped; /* NULL: nothing to give back */
};

/* A sealed memory file with these bytes; the descriptor is the caller's. */
MUST_USE bool memory_seal(struct span bytes, int *ret_fd, struct err *err);

/* One that is filled by write(2) as its bytes come in; memory_finish seals it. */
MUST_USE bool memory_open(int *ret_fd, struct err *err);
MUST_USE bool memory_write(int fd, struct span bytes, struct err *err);
MUST_USE bool memory_finish(int fd, struct err *err);

/* Maps it read-only; fd stays the caller's. Not sealed or longer than max: ERR_OPERATOR. */
MUST_USE bool memory_map(int fd, size_t max, struct memory *ret_memory, struct err *err);
void memory_unmap(struct memory *memory);
static inline void scoped_memory_unmap(struct memory *memory)
{
    memory_unmap(memory);
}

#endif
