/*
 * parameters.h - "type; name=value" of Content-Type and Content-Disposition.
 *
 * Promises: RFC 2045 5.1 with quoted strings and comments; RFC 2231 continuations, charsets and
 * percent encoding; what real mail also has (unquoted blanks, doubled semicolons, unclosed quotes,
 * raw 8-bit, encoded words). Everything odd is named as a defect: readers may differ there. The
 * first of two equal names wins. One pass, no recursion. Does not: know what a parameter means.
 */
#ifndef MIME_PARAMETERS_H
#define MIME_PARAMETERS_H

#include "model/message.h"

enum {
    PARAMETERS_VALUE_MAX = 64 * 1024, /* bytes of the field; the rest is not read */
    PARAMETERS_MAX = 64,
};

struct parameter {
    const char *name;  /* lower case, without RFC 2231's marks */
    const char *value; /* UTF-8 */
    bool extended;     /* came in RFC 2231 form */
};

struct parameters {
    const char *type; /* what stands before the first ';', lower case, no blanks; "" if none */
    struct parameter *at;
    size_t n;
    size_t room;
};

/* value: a field's raw value. defects: parameter-broken, parameter-doubled, comments-too-deep,
 * field-too-long, charset-*. */
struct parameters parameters_read(struct arena *a, struct span value, struct strs *defects);

const struct parameter *parameters_find(const struct parameters *p, const char *name);
const char *parameters_value(const struct parameters *p, const char *name); /* NULL: none */

#endif
