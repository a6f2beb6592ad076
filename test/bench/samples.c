#include "test/bench/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double clock_ms(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct took took_start(void)
{
    return (struct took){.elapsed = clock_ms(CLOCK_MONOTONIC),
                         .processor = clock_ms(CLOCK_PROCESS_CPUTIME_ID)};
}

struct took took_since(struct took start)
{
    struct took now = took_start();

    return (struct took){.elapsed = now.elapsed - start.elapsed,
                         .processor = now.processor - start.processor};
}

void samples_add(struct samples *s, struct took took)
{
    if (s->n == SAMPLES_MAX)
        return;
    s->elapsed[s->n] = took.elapsed;
    s->processor[s->n++] = took.processor;
}

static int by_size(const void *x, const void *y)
{
    const double *a = x;
    const double *b = y;

    return (*a > *b) - (*a < *b);
}

static double median(double *ms, size_t n)
{
    if (n == 0)
        return 0;
    qsort(ms, n, sizeof(*ms), by_size);
    return ms[n / 2];
}

void took_print(const char *what, struct took took)
{
    printf("  %-48s %8.2f ms  processor %8.2f ms", what, took.elapsed, took.processor);
}

void samples_print(const char *what, struct samples *s, double limit)
{
    struct took medians = {.elapsed = median(s->elapsed, s->n),
                           .processor = median(s->processor, s->n)};

    took_print(what, medians);
    printf("  worst %8.2f ms  n %zu", s->n > 0 ? s->elapsed[s->n - 1] : 0, s->n);
    if (limit > 0)
        printf("  limit %.0f ms: ratio %.2f", limit, medians.elapsed / limit);
    printf("\n");
}
