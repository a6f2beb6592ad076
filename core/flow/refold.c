#include "flow/refold.h"

#include "engine/apply.h"

/* Each party has an event that adds it: numbers above their count stand for nobody. */
static struct party *party_for(struct arena *a, struct party **by_number, size_t max, uint32_t n)
{
    if (n == 0 || n > max)
        return NULL;
    if (by_number[n] == NULL) {
        by_number[n] = ARENA_NEW(a, struct party);
        by_number[n]->n = n;
    }
    return by_number[n];
}

struct refold refold_case(struct arena *a, uint64_t case_number, struct event *const *events,
                          size_t n)
{
    struct party **by_number = ARENA_ARRAY(a, n + 1, struct party *);
    struct refold r = {.head = ARENA_NEW(a, struct case_head)};

    r.head->number = case_number;
    for (size_t i = 0; i < n; i++)
        apply_event(a, events[i], r.head, party_for(a, by_number, n, events[i]->party));
    r.parties = ARENA_ARRAY(a, n + 1, struct party *);
    for (size_t i = 1; i <= n; i++) {
        if (by_number[i] != NULL)
            r.parties[r.n++] = by_number[i];
    }
    return r;
}
