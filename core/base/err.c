#include "base/err.h"

#include <stdarg.h>

bool(err_set)(struct err *err, enum err_kind kind, const char *fmt, ...)
{
    va_list args;
    char text[ERR_TEXT_MAX]; /* the arguments may lie in err->text */

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    err->kind = kind;
    memcpy(err->text, text, sizeof(text));
    return false;
}

bool(err_sys)(struct err *err, enum err_kind kind, int errno_value, const char *fmt, ...)
{
    va_list args;
    char what[ERR_TEXT_MAX];
    char why[128];

    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    return err_set(err, kind, "%.380s: %s", what, strerror_r(errno_value, why, sizeof(why)));
}

bool(err_wrap)(struct err *err, const char *fmt, ...)
{
    va_list args;
    char context[ERR_TEXT_MAX];

    va_start(args, fmt);
    vsnprintf(context, sizeof(context), fmt, args);
    va_end(args);
    return err_set(err, err->kind, "%.200s: %.300s", context, err->text);
}
