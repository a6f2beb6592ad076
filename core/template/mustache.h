/*
 * mustache.h - logic-less templates: the core of the mustache spec, for plain text.
 *
 * Promises: comments, interpolation, sections, inverted sections, partials, other delimiters,
 * dotted names, the implicit iterator, stand-alone lines, as the spec's modules of these names say.
 * Differs: nothing is HTML-escaped ({{x}}, {{{x}}} and {{&x}} are the same), an empty text is "no"
 * for a section, and with strict a name that is not there is an error, not nothing.
 * Does not: lambdas, inheritance, files: partials come from the caller.
 */
#ifndef TEMPLATE_MUSTACHE_H
#define TEMPLATE_MUSTACHE_H

#include "base/err.h"
#include "base/span.h"
#include "template/value.h"

enum {
    MUSTACHE_DEPTH_MAX = 32,                /* sections and partials within each other */
    MUSTACHE_NODES_MAX = 20000,             /* in one template */
    MUSTACHE_OUTPUT_MAX = 16 * 1024 * 1024, /* bytes of one rendering */
};

enum mustache_kind {
    MUSTACHE_TEXT,     /* text goes out as it is */
    MUSTACHE_VARIABLE, /* name */
    MUSTACHE_SECTION,  /* name, and the nodes up to end */
    MUSTACHE_INVERTED,
    MUSTACHE_PARTIAL, /* name; indent is put before every line of it */
};

/* A template is a flat list; a section's inside is the nodes behind it, up to (not with) end. */
struct mustache_node {
    enum mustache_kind kind;
    struct span text;   /* MUSTACHE_TEXT */
    struct span name;   /* the others: dotted, or "." */
    struct span indent; /* MUSTACHE_PARTIAL */
    size_t end;         /* MUSTACHE_SECTION, MUSTACHE_INVERTED: index of the first node behind */
    size_t line;        /* from 1 */
    size_t column;      /* from 1, in bytes */
};

struct mustache {
    const struct mustache_node *at;
    size_t n;
};

/* Where partials come from: NULL when there is none of that name. */
struct mustache_partials {
    const struct mustache *(*find)(void *ctx, struct span name);
    void *ctx;
};

/*
 * Reads a template. text must outlive the result. Errors are ERR_OPERATOR with
 * "<file>:<line>:<column>: what is wrong; what to do"; first_line is the number of text's first
 * line in that file.
 */
MUST_USE bool mustache_parse(struct arena *a, const char *file, size_t first_line, struct span text,
                             const struct mustache **ret_template, struct err *err);

/* Fills it. partials may be NULL (then a partial is an error if strict, else nothing). */
MUST_USE bool mustache_render(struct arena *a, const struct mustache *t,
                              const struct tvalue *values, const struct mustache_partials *partials,
                              bool strict, const char **ret_text, struct err *err);

#endif
