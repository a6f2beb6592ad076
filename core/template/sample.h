/*
 * sample.h - values to look at a template with: a case that never was.
 *
 * Promises: every variable that the audience may see has a value of its type; one without an
 * example of its own shows its meaning. Does not: belong to any case of the desk.
 */
#ifndef TEMPLATE_SAMPLE_H
#define TEMPLATE_SAMPLE_H

#include "template/value.h"
#include "template/variables.h"

/* language: "ja" gets Japanese texts where they matter. */
struct tvalue *sample_values(struct arena *a, enum template_audience reader, const char *language);

#endif
