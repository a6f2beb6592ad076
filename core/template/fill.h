/*
 * fill.h - makes the values that a caller has into exactly those that a template may see.
 *
 * Promises: every row of variables.h that the reader may see is there, with its type, empty where
 * the caller had nothing (so that a name never falls through to another of the same name further
 * out); nothing else is. Lines hold no line break or control character of any kind, texts are lists
 * of such lines; bytes that are not UTF-8 become U+FFFD.
 */
#ifndef TEMPLATE_FILL_H
#define TEMPLATE_FILL_H

#include "base/err.h"
#include "template/value.h"
#include "template/variables.h"

/* ERR_OPERATOR: a name that is not in the table, or a value of another type than its row's. */
MUST_USE bool fill_values(struct arena *a, const struct tvalue *given,
                          enum template_audience reader, struct tvalue **ret_full, struct err *err);

#endif
