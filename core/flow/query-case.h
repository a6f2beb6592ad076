/*
 * query-case.h - the questions about one case, or all of them.
 */
#ifndef FLOW_QUERY_CASE_H
#define FLOW_QUERY_CASE_H

#include "flow/desk.h"

/* One question on its way. */
struct query {
    struct desk *desk;
    struct world *world;
    struct arena *a;
    const struct contact *who;
    const struct strs *words;
    const char *text; /* trace: what leaked */
    struct desk_answer *answer;
    json_t *json; /* the result */
    uint64_t number;
    bool changed;
};

/* Answers with a reason instead of a result; true, as absence is an answer. */
bool query_no(struct query *q, enum desk_answer_kind kind, const char *line);
/* The case excludes who asks. */
bool query_hidden(const struct query *q, const struct case_head *head);

MUST_USE bool query_case_list(struct query *q, struct txn *txn, struct err *err);
MUST_USE bool query_case_show(struct query *q, struct txn *txn, struct err *err);
MUST_USE bool query_case_log(struct query *q, struct txn *txn, struct err *err);
/* words: CASE, perhaps an instant. {case, at, events, log, parties (exposures.h)}. */
MUST_USE bool query_case_who_knew(struct query *q, struct txn *txn, struct err *err);
MUST_USE bool query_case_preview(struct query *q, struct txn *txn, struct err *err);
MUST_USE bool query_case_fsck(struct query *q, struct txn *txn, struct err *err);

#endif
