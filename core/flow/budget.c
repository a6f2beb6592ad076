#include "flow/budget.h"

enum { MINUTE_MS = 60 * 1000 };

void budget_start(struct budget *b, uint64_t mails_max, uint64_t bytes_max)
{
    *b = (struct budget){.mails_max = mails_max, .bytes_max = bytes_max};
    pthread_mutex_init(&b->lock, NULL);
}

/* Under the lock: minutes that are an hour old count no more. */
static void move_on(struct budget *b, int64_t now_ms)
{
    int64_t minute = now_ms / MINUTE_MS;

    if (minute - b->minute >= BUDGET_MINUTES)
        b->minute = minute - BUDGET_MINUTES;
    while (b->minute < minute) {
        b->minute++;
        b->mails[b->minute % BUDGET_MINUTES] = 0;
        b->bytes[b->minute % BUDGET_MINUTES] = 0;
    }
}

static uint64_t sum(const uint64_t *minutes)
{
    uint64_t all = 0;

    for (size_t i = 0; i < BUDGET_MINUTES; i++)
        all += minutes[i];
    return all;
}

bool budget_allows(struct budget *b, uint64_t bytes, int64_t now_ms)
{
    bool allows;

    pthread_mutex_lock(&b->lock);
    move_on(b, now_ms);
    allows = sum(b->mails) < b->mails_max && sum(b->bytes) < b->bytes_max &&
             bytes <= b->bytes_max - sum(b->bytes);
    pthread_mutex_unlock(&b->lock);
    return allows;
}

void budget_take(struct budget *b, uint64_t bytes, int64_t now_ms)
{
    pthread_mutex_lock(&b->lock);
    move_on(b, now_ms);
    b->mails[b->minute % BUDGET_MINUTES]++;
    b->bytes[b->minute % BUDGET_MINUTES] += bytes;
    pthread_mutex_unlock(&b->lock);
}
