/*
 * err.h - an error as a value: what kind, and one line that says what, where and why.
 *
 * Promises: fixed size, never allocates, safe to copy. Does not: log, exit, or stand for broken
 * input; what comes from outside is data (a defect, a verdict), never an error.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/base.h"

enum err_kind {
    ERR_NONE = 0,
    ERR_RETRY,    /* our own work failed for now: try again later */
    ERR_OPERATOR, /* it will fail again until a person mends something */
    ERR_GONE,     /* the other side (child, peer, daemon) is no longer there */
};

#define ERR_TEXT_MAX 512 /* bytes, with the NUL; longer text is cut */

struct err {
    enum err_kind kind;
    char text[ERR_TEXT_MAX];
};

/* Sets kind and text. Always returns false, so that "return err_set(...)" reports and leaves. */
bool err_set(struct err *err, enum err_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same, with ": " and the text of errno_value (strerror_r) behind. */
bool err_sys(struct err *err, enum err_kind kind, int errno_value, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* Puts "<context>: " before the text on the way up; keeps the kind. Always returns false. */
bool err_wrap(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Shows compilers and analysers that the answer is false, so that they follow the right branch. */
static inline bool err_failed(bool answer)
{
    (void)answer;
    return false;
}
#define err_set(...) err_failed((err_set)(__VA_ARGS__))
#define err_sys(...) err_failed((err_sys)(__VA_ARGS__))
#define err_wrap(...) err_failed((err_wrap)(__VA_ARGS__))

#endif
