#include "flow/desk.h"

#include "flow/look-ahead.h"
#include "flow/pins.h"
#include "flow/wording.h"

#include <errno.h>

enum { BACK_OFF_FIRST_MS = 1000, BACK_OFF_MAX_MS = 15 * 60 * 1000 };

void desk_start(struct desk *desk, const struct options *options, struct store *store,
                struct world_holder *worlds, struct workers *workers)
{
    pthread_condattr_t attr;

    *desk = (struct desk){.options = options, .store = store, .worlds = worlds, .workers = workers};
    pthread_mutex_init(&desk->lock, NULL);
    budget_start(&desk->strangers, (uint64_t)options->stranger_mails,
                 (uint64_t)options->stranger_bytes);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&desk->work, &attr);
    pthread_condattr_destroy(&attr);
}

void desk_wake(struct desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    desk->turns++;
    pthread_cond_broadcast(&desk->work);
    pthread_mutex_unlock(&desk->lock);
}

void desk_stop(struct desk *desk)
{
    pthread_mutex_lock(&desk->lock);
    desk->stopping = true;
    pthread_cond_broadcast(&desk->work);
    pthread_mutex_unlock(&desk->lock);
}

bool desk_stopping(struct desk *desk)
{
    bool stopping;

    pthread_mutex_lock(&desk->lock);
    stopping = desk->stopping;
    pthread_mutex_unlock(&desk->lock);
    return stopping;
}

void desk_wait(struct desk *desk, uint64_t *seen, int ms)
{
    struct timespec until;
    int outcome = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&desk->lock);
    while (*seen == desk->turns && !desk->stopping && outcome != ETIMEDOUT)
        outcome = pthread_cond_timedwait(&desk->work, &desk->lock, &until);
    *seen = desk->turns;
    pthread_mutex_unlock(&desk->lock);
}

static struct claim *claim_of(struct desk *desk, enum claim_kind kind, uint64_t number)
{
    for (size_t i = 0; i < LEN(desk->claims); i++) {
        if (desk->claims[i].number == number && desk->claims[i].kind == kind)
            return &desk->claims[i];
    }
    return NULL;
}

/* A place in the table: a free one, else that of a back-off which nobody waits for as long. */
static struct claim *claim_room(struct desk *desk)
{
    struct claim *oldest = NULL;

    for (size_t i = 0; i < LEN(desk->claims); i++) {
        struct claim *c = &desk->claims[i];

        if (c->number == 0)
            return c;
        if (!c->working && (oldest == NULL || c->not_before_ms < oldest->not_before_ms))
            oldest = c;
    }
    if (oldest != NULL)
        *oldest = (struct claim){.number = 0};
    return oldest;
}

bool desk_claim(struct desk *desk, enum claim_kind kind, uint64_t number)
{
    struct claim *claim;
    bool got = false;

    pthread_mutex_lock(&desk->lock);
    claim = claim_of(desk, kind, number);
    if (claim == NULL)
        claim = claim_room(desk);
    if (claim != NULL && !claim->working && claim->not_before_ms <= clock_monotonic_ms()) {
        claim->kind = kind;
        claim->number = number;
        claim->working = true;
        got = true;
    }
    pthread_mutex_unlock(&desk->lock);
    return got;
}

void desk_release(struct desk *desk, enum claim_kind kind, uint64_t number, bool failed)
{
    struct claim *claim;

    pthread_mutex_lock(&desk->lock);
    claim = claim_of(desk, kind, number);
    if (claim != NULL && failed) {
        int64_t wait = BACK_OFF_FIRST_MS;

        for (uint32_t i = 0; i < claim->failures && wait < BACK_OFF_MAX_MS; i++)
            wait *= 2;
        claim->failures++;
        claim->working = false;
        claim->not_before_ms = clock_monotonic_ms() + wait;
    } else if (claim != NULL) {
        *claim = (struct claim){.number = 0};
    }
    pthread_mutex_unlock(&desk->lock);
}

void desk_defer(struct desk *desk, enum claim_kind kind, uint64_t number, int ms)
{
    struct claim *claim;

    pthread_mutex_lock(&desk->lock);
    claim = claim_of(desk, kind, number);
    if (claim == NULL)
        claim = claim_room(desk);
    if (claim != NULL && !claim->working)
        *claim = (struct claim){
            .kind = kind, .number = number, .not_before_ms = clock_monotonic_ms() + ms};
    pthread_mutex_unlock(&desk->lock);
}

int desk_until_due(struct desk *desk, enum claim_kind kind, int ms)
{
    int64_t now = clock_monotonic_ms();

    pthread_mutex_lock(&desk->lock);
    for (size_t i = 0; i < LEN(desk->claims); i++) {
        const struct claim *c = &desk->claims[i];

        if (c->number == 0 || c->kind != kind || c->working || c->not_before_ms - now >= ms)
            continue;
        ms = c->not_before_ms > now ? (int)(c->not_before_ms - now) : 0;
    }
    pthread_mutex_unlock(&desk->lock);
    return ms;
}

void desk_remember(struct desk *desk, enum claim_kind kind, uint64_t number, uint32_t failures)
{
    struct claim *claim;

    pthread_mutex_lock(&desk->lock);
    claim = claim_of(desk, kind, number);
    if (claim != NULL && claim->failures < failures)
        claim->failures = failures;
    pthread_mutex_unlock(&desk->lock);
}

static void system_bytes(void *ctx, void *ret_bytes, size_t n)
{
    (void)ctx;
    store_random(ret_bytes, n);
}

struct moment desk_moment(void)
{
    return (struct moment){.now = clock_now(), .draw = {.bytes = system_bytes}};
}

static bool add_own_words(void *ctx, struct arena *a, struct echo *echo, struct err *err)
{
    const struct world *world = ctx;

    return wording_add(a, world, echo, err);
}

bool desk_decide(struct world *world, struct txn *txn, struct arena *a, const struct input *input,
                 struct plan *ret_plan, struct err *err)
{
    struct moment moment = desk_moment();
    struct rows rows;
    struct pins_ask ask = {.world = world, .txn = txn};
    struct view view = {.policy = &world->policy,
                        .directory = world->directory,
                        .terms = world->terms,
                        .rows = &rows,
                        .pinning = {.pins = pins_of_letter, .ctx = &ask},
                        .own_words = {.add = add_own_words, .ctx = world}};
    bool good;

    txn_rows(txn, &rows);
    *ret_plan = (struct plan){.refused = false};
    good = step(&view, input, &moment, a, ret_plan, err) &&
           txn_put_changes(txn, &ret_plan->changes, err) &&
           look_ahead(world, txn, a, ret_plan, err);
    select_free(ask.select);
    return good;
}
