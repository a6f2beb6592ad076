/*
 * check.h - looks at a template before any letter is made of it: names, types, audiences.
 *
 * Promises: every place where a template, or a partial it uses, could fail or show too much is one
 * fault: file, line, column, what is wrong, what to do. A template without faults renders with
 * whatever fill_values gives.
 */
#ifndef TEMPLATE_CHECK_H
#define TEMPLATE_CHECK_H

#include "template/mustache.h"
#include "template/variables.h"

enum { CHECK_PARTIALS_DEPTH = 8 }; /* partials within each other */

struct check_faults {
    const char **at; /* "file:line:column: what; cure" */
    size_t n;
    size_t room;
};

/* fault lives in a. */
void check_fault(struct arena *a, struct check_faults *faults, const char *fault);

struct check_source {
    const char *file;
    const struct mustache *template;
};

struct check_rules {
    unsigned audience;        /* everything must be for all of these */
    enum template_tells most; /* nothing here may tell more ... */
    const char *why;          /* ... since; may be NULL with TELLS_DETAILS */
    bool one_line;            /* a subject */
    /* Finds a partial; false: there is none of that name. */
    bool (*partial)(void *ctx, struct span name, struct check_source *ret_source);
    void *ctx;
};

void check_template(struct arena *a, const struct check_source *source,
                    const struct check_rules *rules, struct check_faults *faults);

#endif
