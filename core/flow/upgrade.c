#include "flow/upgrade.h"

#include "base/log.h"
#include "flow/refold.h"

/* A transaction ends behind the case that reaches one of them. */
enum { UPGRADE_CASES_MAX = 64, UPGRADE_EVENTS_MAX = 4096 };

/* Cases from first on, in one transaction. */
struct turn {
    uint64_t first;
    uint64_t behind; /* where the next one begins */
    uint64_t last;   /* of all cases */
    size_t events;
};

static bool put_rows(struct txn *txn, struct arena *a, const struct refold *r, struct err *err)
{
    struct changes changes = {.heads = ARENA_NEW(a, struct case_head *), .n_heads = 1};

    changes.heads[0] = r->head;
    changes.parties = ARENA_ARRAY(a, r->n, struct case_party);
    changes.n_parties = r->n;
    for (size_t i = 0; i < r->n; i++)
        changes.parties[i] = (struct case_party){.number = r->head->number, .party = r->parties[i]};
    return txn_put_changes(txn, &changes, err);
}

static bool upgrade_case(struct txn *txn, uint64_t number, size_t *events, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct event **log = NULL;
    const char *problem = NULL;
    struct refold r;
    size_t n = 0;

    if (!txn_check_chain(txn, a, number, &problem, err))
        return false;
    if (problem != NULL) {
        log_error("upgrade case=C%llu keeps its rows: %s", (unsigned long long)number, problem);
        return true;
    }
    if (!txn_list_events(txn, a, number, &log, &n, err))
        return false;
    *events += n;
    if (n == 0)
        return true;
    r = refold_case(a, number, log, n);
    return put_rows(txn, a, &r, err);
}

static bool upgrade_some(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct turn *t = ctx;
    struct rows rows;

    (void)a;
    txn_rows(txn, &rows);
    t->last = rows.last_case;
    t->events = 0;
    for (t->behind = t->first; t->behind <= t->last; t->behind++) {
        if (t->behind - t->first == UPGRADE_CASES_MAX || t->events >= UPGRADE_EVENTS_MAX)
            return true;
        if (!upgrade_case(txn, t->behind, &t->events, err))
            return err_wrap(err, "upgrade: C%llu", (unsigned long long)t->behind);
    }
    txn_upgraded(txn);
    return true;
}

bool upgrade_store(struct store *store, const struct store_paths *paths, struct err *err)
{
    struct turn t = {.first = 1}; /* behind and last: 0, so that there is a first turn */

    if (!store_outdated(store))
        return true;
    if (!store_upgrade_begin(store, paths, err))
        return false;
    while (store_outdated(store) && t.behind <= t.last) {
        if (!store_write(store, upgrade_some, &t, err))
            return false;
        log_info("upgrade schema=%u from=C%llu to=C%llu of=%llu events=%zu", (unsigned)STORE_SCHEMA,
                 (unsigned long long)t.first, (unsigned long long)t.behind - 1,
                 (unsigned long long)t.last, t.events);
        t.first = t.behind;
    }
    store_upgrade_end(store);
    return true;
}
