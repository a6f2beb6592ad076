/*
 * base.h - the words that every file of the project may use.
 *
 * Include first in every .c file. Promises: attributes, scoped cleanup, LEN.
 * Does not: allocate, log or know any other module.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/banned.h"

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* SCOPED(buf_free) struct buf *b = NULL;  - buf_free(b) runs when b leaves its scope. */
#define SCOPED(release) __attribute__((cleanup(scoped_##release)))

/* Defines the hook that SCOPED(release) needs for a type; stands once, beside the prototype of
 * release. */
#define SCOPED_DEFINE(type, release)                \
    static inline void scoped_##release(type *held) \
    {                                               \
        release(*held);                             \
    }

/* Hands ownership on: yields the pointer and leaves NULL behind, so that SCOPED lets it live. */
#define TAKE(p)                        \
    __extension__({                    \
        __typeof__(p) take_held = (p); \
        (p) = NULL;                    \
        take_held;                     \
    })

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

#endif
