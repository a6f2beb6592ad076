/*
 * budget.h - what strangers may hand in within an hour: so many mails, so many bytes.
 *
 * Promises: a sliding hour of minutes; safe to use from many threads. Counts what was taken; who is
 * no stranger is neither asked nor counted (take.h says who). Does not: outlive the desk's process.
 */
#ifndef FLOW_BUDGET_H
#define FLOW_BUDGET_H

#include <pthread.h>

#include "base/base.h"

enum { BUDGET_MINUTES = 60 };

struct budget {
    pthread_mutex_t lock;
    uint64_t mails_max; /* an hour */
    uint64_t bytes_max;
    int64_t minute; /* the newest one that is counted */
    uint64_t mails[BUDGET_MINUTES];
    uint64_t bytes[BUDGET_MINUTES];
};

void budget_start(struct budget *b, uint64_t mails_max, uint64_t bytes_max);

/* Is there room for a mail of so many bytes (0: not known yet) in the hour that ends with now?
 * now_ms: monotonic. */
bool budget_allows(struct budget *b, uint64_t bytes, int64_t now_ms);
void budget_take(struct budget *b, uint64_t bytes, int64_t now_ms);

#endif
