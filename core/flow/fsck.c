#include "flow/fsck.h"

#include "engine/apply.h"

/* The case made again from its events alone. */
struct refold {
    struct case_head *head;
    struct party **parties;
    size_t n;
    size_t room;
};

static struct party *party_for(struct arena *a, struct refold *r, uint32_t n)
{
    struct party *fresh;

    for (size_t i = 0; i < r->n; i++) {
        if (r->parties[i]->n == n)
            return r->parties[i];
    }
    if (n == 0)
        return NULL;
    fresh = ARENA_NEW(a, struct party);
    fresh->n = n;
    ARENA_GROW(a, r->parties, r->n, r->room);
    r->parties[r->n++] = fresh;
    return fresh;
}

static void compare(struct arena *a, const struct json_field *table, const void *stored,
                    const void *made, const char *what, struct strs *problems)
{
    if (!span_eq(json_encode(a, table, stored), json_encode(a, table, made)))
        strs_add(a, problems,
                 arena_printf(a, "%s differs from what the log of events gives", what));
}

static void compare_parties(struct arena *a, const struct refold *r, struct party *const *stored,
                            size_t n, struct strs *problems)
{
    if (n != r->n)
        strs_add(a, problems,
                 arena_printf(a, "%zu parties are stored, the log gives %zu", n, r->n));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < r->n; j++) {
            if (stored[i]->n == r->parties[j]->n)
                compare(a, party_fields, stored[i], r->parties[j],
                        arena_printf(a, "party %u", stored[i]->n), problems);
        }
    }
}

bool fsck_case(struct txn *txn, struct arena *a, uint64_t case_number, struct strs *problems,
               struct err *err)
{
    struct refold r = {.head = ARENA_NEW(a, struct case_head)};
    struct case_head *head = NULL;
    struct party **parties = NULL;
    struct event **events = NULL;
    const char *broken = NULL;
    struct rows rows;
    size_t n_parties = 0;
    size_t n = 0;

    txn_rows(txn, &rows);
    if (!rows.head(rows.ctx, a, case_number, &head, err) ||
        !rows.parties(rows.ctx, a, case_number, &parties, &n_parties, err) ||
        !txn_list_events(txn, a, case_number, &events, &n, err) ||
        !txn_check_chain(txn, a, case_number, &broken, err))
        return false;
    if (broken != NULL)
        strs_add(a, problems, broken);
    if (!txn_check_anchor(txn, a, &broken, err))
        return false;
    if (broken != NULL)
        strs_add(a, problems, broken);
    if (head == NULL)
        return true;
    r.head->number = case_number;
    for (size_t i = 0; i < n; i++)
        apply_event(a, events[i], r.head, party_for(a, &r, events[i]->party));
    compare(a, case_fields, head, r.head, "the case's head", problems);
    compare_parties(a, &r, parties, n_parties, problems);
    return true;
}
