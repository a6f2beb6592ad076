#include "test/bench/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double samples_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void samples_add(struct samples *s, double ms)
{
    if (s->n < SAMPLES_MAX)
        s->ms[s->n++] = ms;
}

static int by_size(const void *x, const void *y)
{
    const double *a = x;
    const double *b = y;

    return (*a > *b) - (*a < *b);
}

double samples_median(struct samples *s)
{
    if (s->n == 0)
        return 0;
    qsort(s->ms, s->n, sizeof(s->ms[0]), by_size);
    return s->ms[s->n / 2];
}

double samples_worst(struct samples *s)
{
    double worst = 0;

    for (size_t i = 0; i < s->n; i++)
        worst = s->ms[i] > worst ? s->ms[i] : worst;
    return worst;
}

void samples_print(const char *what, struct samples *s, double limit)
{
    double median = samples_median(s);

    printf("  %-44s %9.2f ms  worst %9.2f ms  n %-5zu", what, median, samples_worst(s), s->n);
    if (limit > 0)
        printf(" limit %3.0f ms  ratio %.2f", limit, median / limit);
    printf("\n");
}
