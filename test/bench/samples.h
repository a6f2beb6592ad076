/*
 * samples.h - times that a measurement took, and what they come to.
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include "base/base.h"

enum { SAMPLES_MAX = 4000 };

struct samples {
    double ms[SAMPLES_MAX];
    size_t n; /* more than the maximum are dropped */
};

double samples_now(void); /* milliseconds, monotonic */
void samples_add(struct samples *s, double ms);
/* Sorts the samples; 0 if there are none. */
double samples_median(struct samples *s);
double samples_worst(struct samples *s);

/* One line: what, median, worst, and the median as a part of the limit (0: there is none). */
void samples_print(const char *what, struct samples *s, double limit);

#endif
