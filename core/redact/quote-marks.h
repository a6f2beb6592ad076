/*
 * quote-marks.h - quote marks other than '>': a bar before each line, initials ("JD> When?"), and
 * Jira's "bq. ".
 *
 * Promises: judged by the whole text, since a bar may also be a table's, a drawing's or a shell's,
 * and "SQL>" a prompt: two lines of it at least, more with a sentence behind the mark than with
 * more bars or a gap. Linear. Does not: find a quote of one such line; echo.h does if it was sent.
 */
#ifndef REDACT_QUOTE_MARKS_H
#define REDACT_QUOTE_MARKS_H

#include "base/span.h"

enum { QUOTE_MARKS_MAX = 8 /* writers with marks of their own in one text */ };

struct quote_marks {
    bool bars;
    struct span initials[QUOTE_MARKS_MAX];
    size_t n;
};

struct quote_marks quote_marks_find(struct span text);

/* Does the line bear one of them? */
bool quote_marks_has(const struct quote_marks *marks, struct span line);

#endif
