#include "flow/fsck.h"

#include "flow/refold.h"

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
    /* Both are in the order of their numbers. */
    for (size_t i = 0, j = 0; i < n && j < r->n; i++) {
        while (j < r->n && r->parties[j]->n < stored[i]->n)
            j++;
        if (j < r->n && stored[i]->n == r->parties[j]->n)
            compare(a, party_fields, stored[i], r->parties[j],
                    arena_printf(a, "party %u", stored[i]->n), problems);
    }
}

bool fsck_case(struct txn *txn, struct arena *a, uint64_t case_number, struct strs *problems,
               struct err *err)
{
    struct refold r;
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
    r = refold_case(a, case_number, events, n);
    compare(a, case_fields, head, r.head, "the case's head", problems);
    compare_parties(a, &r, parties, n_parties, problems);
    return true;
}
