/*
 * variables.h - every name that a template may use: its type, who may see it, what it holds.
 *
 * Promises: one table, the only one; a name that is not in it does not exist. What a row
 * tells is the least that a letter must be allowed to tell to use it. Does not: hold values.
 */
#ifndef TEMPLATE_VARIABLES_H
#define TEMPLATE_VARIABLES_H

#include "base/span.h"
#include "model/templates.h"

/* Who reads a letter; also bits of a set. */
enum template_audience {
    TEMPLATE_COORDINATOR = 1,
    TEMPLATE_REPORTER = 2,
    TEMPLATE_VENDOR = 4,
    TEMPLATE_PARTNER = 8,
    TEMPLATE_ALL = 15,
};

enum variable_type {
    VARIABLE_LINE, /* one line of text; line breaks and controls become blanks: safe in a subject */
    VARIABLE_LINES, /* text, given with LF; the template goes over its lines: {{#x}}| {{.}}{{/x}} */
    VARIABLE_BOOL,
    VARIABLE_LIST, /* of objects, whose fields are rows of their own: "pieces.n" */
};

struct variable {
    const char *name; /* a field of a list's items: "<list>.<field>" */
    enum variable_type type;
    unsigned audience; /* bits of template_audience */
    enum template_tells tells;
    const char *meaning;
};

/* The whole table. */
const struct variable *variables_all(size_t *ret_n);

/* The row for a name seen from inside a list (list NULL: top level), or NULL. */
const struct variable *variables_find(const struct variable *list, struct span name);

/* The last word of a row's name if the row is a field of list (NULL: of no list), or NULL. */
const char *variables_field(const struct variable *row, const struct variable *list);

/* The known name that looks most like a wrong one, or NULL. */
const char *variables_nearest(struct arena *a, struct span name);

#endif
