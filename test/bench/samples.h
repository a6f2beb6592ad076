/*
 * samples.h - times that a measurement took, and what they come to.
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include "base/base.h"

enum { SAMPLES_MAX = 4000 };

/* Milliseconds: elapsed, and of this process's processor time (which a busy machine changes less).
 */
struct took {
    double elapsed;
    double processor;
};

struct samples {
    double elapsed[SAMPLES_MAX];
    double processor[SAMPLES_MAX];
    size_t n; /* more than the maximum are dropped */
};

struct took took_start(void);
struct took took_since(struct took start);
void samples_add(struct samples *s, struct took took);
void took_print(const char *what, struct took took);

/* One line: what, medians, worst, and the elapsed median as a part of the limit (0: there is
 * none). Sorts the samples. */
void samples_print(const char *what, struct samples *s, double limit);

#endif
