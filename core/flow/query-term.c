#include "flow/query-term.h"

#include "engine/hits.h"

static void add_text(struct query *q, const struct term_set *set, uint64_t number, uint32_t piece,
                     struct span text)
{
    struct term_hits hits = {.n = 0};
    bool searched = terms_find(set, q->a, text, &hits);
    json_t *o;

    if (searched && hits.n == 0)
        return;
    o = json_object();
    json_object_set_new(o, "case",
                        json_string(place_name(q->a, (struct place){PLACE_CASE, number})));
    json_object_set_new(o, "piece", json_integer((json_int_t)piece));
    json_object_set_new(o, "hits", searched ? json_integer((json_int_t)hits.n) : json_null());
    json_object_set_new(o, "around",
                        json_string(searched ? hits_around(q->a, text, &hits.at[0])
                                             : "too long to be searched: it is cut whole"));
    json_array_append_new(q->json, o);
}

static bool look_at_case(struct query *q, const struct rows *rows, const struct term_set *set,
                         const struct case_head *head, struct err *err)
{
    add_text(q, set, head->number, 0, span_str(head->summary));
    for (size_t i = 0; i < head->n_pieces; i++) {
        struct message *message = NULL;

        if (head->pieces[i].message == 0 || head->pieces[i].moved)
            continue;
        if (!rows->message(rows->ctx, q->a, head->pieces[i].message, &message, err))
            return false;
        if (message != NULL)
            add_text(q, set, head->number, head->pieces[i].n, span_str(message->text));
    }
    return true;
}

bool query_term_try(struct query *q, struct txn *txn, struct err *err)
{
    struct case_head **heads = NULL;
    struct term term = {.kind = TERM_ALIAS};
    const struct term_set *set;
    struct rows rows;
    size_t left_out = 0;
    size_t n = 0;

    if (q->words->n != 2)
        return query_no(q, DESK_USAGE, "term try wants one word, or a name in quotes");
    term.text = q->words->at[0];
    term.common = strcmp(q->words->at[1], "common") == 0;
    set = terms_new(q->a, &term, 1, &left_out);
    if (left_out > 0)
        return query_no(q, DESK_USAGE, "this has no letter or digit to look for, or is too long");
    txn_rows(txn, &rows);
    if (!txn_list_cases(txn, q->a, &heads, &n, err))
        return false;
    q->json = json_array();
    for (size_t i = 0; i < n; i++) {
        if (heads[i]->state == CASE_OPEN && !query_hidden(q, heads[i]) &&
            !look_at_case(q, &rows, set, heads[i], err))
            return false;
    }
    return true;
}
