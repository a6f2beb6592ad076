/*
 * desk.h - the desk at work: what its threads share, and how they wake each other.
 *
 * Promises: a mail and a letter are worked on by one thread at a time (claims); desk_wake after a
 * commit means that no worker sleeps while there is work. Everything that decides goes through
 * desk_decide. Does not: hold state that is not in the store but for claims and back-off.
 */
#ifndef FLOW_DESK_H
#define FLOW_DESK_H

#include <pthread.h>

#include "flow/budget.h"
#include "flow/workers.h"
#include "flow/world.h"

enum { DESK_CLAIMS_MAX = 512 };

enum claim_kind { CLAIM_MAIL, CLAIM_LETTER };

struct claim {
    enum claim_kind kind;
    uint64_t number; /* 0: free */
    bool working;
    int64_t not_before_ms; /* monotonic: back-off after a failure of ours */
    uint32_t failures;
};

struct desk {
    const struct options *options;
    struct store *store;
    struct world_holder *worlds;
    struct workers *workers;
    pthread_mutex_t lock;
    pthread_cond_t work;
    uint64_t turns; /* counts wakes, so that none is lost */
    bool stopping;
    struct budget strangers;
    struct claim claims[DESK_CLAIMS_MAX];
};

void desk_start(struct desk *desk, const struct options *options, struct store *store,
                struct world_holder *worlds, struct workers *workers);

/* There may be new work. */
void desk_wake(struct desk *desk);
void desk_stop(struct desk *desk); /* tells all loops to end */
bool desk_stopping(struct desk *desk);

/* Sleeps until desk_wake, desk_stop, or at most ms. seen: the turns the caller last saw. */
void desk_wait(struct desk *desk, uint64_t *seen, int ms);

/* True if the thing is now the caller's; give it back with desk_release (failed: back-off first).
 */
bool desk_claim(struct desk *desk, enum claim_kind kind, uint64_t number);
void desk_release(struct desk *desk, enum claim_kind kind, uint64_t number, bool failed);
/* Nobody gets the thing within the next ms. */
void desk_defer(struct desk *desk, enum claim_kind kind, uint64_t number, int ms);
/* How long until the first of what waits may be claimed; at most ms. */
int desk_until_due(struct desk *desk, enum claim_kind kind, int ms);
/* A claimed thing has failed so often before, by another process too: its back-off goes on there.
 */
void desk_remember(struct desk *desk, enum claim_kind kind, uint64_t number, uint32_t failures);

/* Moment with the clock and the system's randomness. */
struct moment desk_moment(void);

/* One decision in an open write transaction: reads, steps, writes. ret_plan lives in a. */
MUST_USE bool desk_decide(struct world *world, struct txn *txn, struct arena *a,
                          const struct input *input, struct plan *ret_plan, struct err *err);

#endif
