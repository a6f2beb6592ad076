/*
 * source.h - one template file: its bytes, its directives, its mustache.
 *
 * Promises: every mistake in it is a fault with file, line, column, what and cure; what could not
 * be read is left out, so that the faults behind it are found too. CRLF is read as LF. Does not:
 * know the other files (catalogue.h) or what a variable means (check.h).
 */
#ifndef TEMPLATE_SOURCE_H
#define TEMPLATE_SOURCE_H

#include "template/check.h"

struct letter_template;

enum { SOURCE_LINE_MAX = 900 /* bytes: RFC 5322 allows 998, and values come in */ };

/* The text of a file, LF, or nothing: it is no text that mail could carry. */
struct span source_text(struct arena *a, const char *path, struct span bytes,
                        struct check_faults *faults);

/* A parse that failed is one fault, and an empty template. line: text's first in its file. */
const struct mustache *source_mustache(struct arena *a, const char *path, size_t line,
                                       struct span text, struct check_faults *faults);

/* A whole letter: t has its name, language and file. */
void source_letter(struct arena *a, struct letter_template *t, struct span text,
                   struct check_faults *faults);

#endif
