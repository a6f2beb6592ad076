#include "flow/query.h"

#include "base/text.h"
#include "engine/audience.h"
#include "engine/letters.h"
#include "flow/control.h"
#include "flow/listing.h"
#include "flow/query-case.h"
#include "flow/query-pending.h"
#include "flow/query-term.h"
#include "flow/trace.h"

enum { QUERY_WORDS_MAX = 8, WAITING_MAX = 4096 };

typedef bool query_fn(struct query *q, struct txn *txn, struct err *err);

bool query_no(struct query *q, enum desk_answer_kind kind, const char *line)
{
    q->answer->kind = kind;
    strs_add(q->a, &q->answer->lines, line);
    return true;
}

bool query_hidden(const struct query *q, const struct case_head *head)
{
    return !audience_coordinator(head, q->who);
}

/* A report that has become part of a case is as closed to who is excluded as the case. */
static bool may_see_place(struct query *q, const struct rows *rows, struct place place,
                          bool *ret_may, struct err *err)
{
    struct case_head *head = NULL;
    struct report *report = NULL;
    uint64_t number = place.kind == PLACE_CASE ? place.number : 0;

    if (place.kind == PLACE_REPORT) {
        if (!rows->report(rows->ctx, q->a, place.number, &report, err))
            return false;
        number = report == NULL ? 0 : report->joined;
    }
    if (number != 0 && !rows->head(rows->ctx, q->a, number, &head, err))
        return false;
    *ret_may = head == NULL || !query_hidden(q, head);
    return true;
}

static bool may_see_report(struct query *q, const struct rows *rows, const struct report *report,
                           bool *ret_may, struct err *err)
{
    struct place place = {.kind = PLACE_REPORT, .number = report->number};

    return may_see_place(q, rows, place, ret_may, err);
}

static bool report_list(struct query *q, struct txn *txn, struct err *err)
{
    struct report **reports = NULL;
    struct rows rows;
    size_t n = 0;

    txn_rows(txn, &rows);
    if (!txn_list_reports(txn, q->a, &reports, &n, err))
        return false;
    q->json = json_array();
    for (size_t i = 0; i < n; i++) {
        bool may;

        if (!may_see_report(q, &rows, reports[i], &may, err))
            return false;
        if (may)
            json_array_append_new(q->json, listing_report(q->a, reports[i]));
    }
    return true;
}

/* The text of a mail, the answers of its form and its attachments, or nothing. */
static bool set_text_of(struct query *q, const struct rows *rows, json_t *o, uint64_t number,
                        struct err *err)
{
    struct message *message = NULL;

    if (!rows->message(rows->ctx, q->a, number, &message, err))
        return false;
    if (message == NULL)
        return true;
    json_object_set_new(o, "form", listing_form(message));
    json_object_set_new(o, "attachments", listing_attachments(q->a, message));
    json_object_set_new(o, "text", json_string(message->text));
    return true;
}

static bool report_show(struct query *q, struct txn *txn, struct err *err)
{
    struct report *report = NULL;
    json_t *mails;
    struct rows rows;
    bool may = false;

    txn_rows(txn, &rows);
    if (!rows.report(rows.ctx, q->a, q->number, &report, err) ||
        (report != NULL && !may_see_report(q, &rows, report, &may, err)))
        return false;
    if (report == NULL)
        return query_no(q, DESK_REFUSED, "there is no such report; see embargoctl report list");
    if (!may)
        return query_no(q, DESK_NOT_YOURS, "you are excluded from this report's case");
    q->json = listing_report(q->a, report);
    mails = json_array();
    json_object_set_new(q->json, "mails", mails);
    for (size_t i = 0; i < report->n_messages; i++) {
        struct mail *mail = NULL;
        json_t *o;

        if (!rows.mail(rows.ctx, q->a, report->messages[i], &mail, err))
            return false;
        if (mail == NULL)
            continue;
        o = listing_mail(q->a, mail);
        json_array_append_new(mails, o);
        if (!set_text_of(q, &rows, o, mail->number, err))
            return false;
    }
    return true;
}

static bool may_see_letter(struct query *q, const struct rows *rows, const struct letter *letter,
                           bool *ret_may, struct err *err)
{
    return may_see_place(q, rows, letter->place, ret_may, err);
}

static bool outbox(struct query *q, struct txn *txn, const char *queue_id, struct err *err)
{
    struct letter **letters = NULL;
    struct rows rows;
    size_t n = 0;

    txn_rows(txn, &rows);
    if (!txn_list_letters(txn, q->a, &letters, &n, err))
        return false;
    q->json = json_array();
    for (size_t i = 0; i < n; i++) {
        bool may;

        if (queue_id != NULL &&
            (letters[i]->queue_id == NULL || strcmp(letters[i]->queue_id, queue_id) != 0))
            continue;
        if (!may_see_letter(q, &rows, letters[i], &may, err))
            return false;
        if (may)
            json_array_append_new(q->json, listing_letter(q->a, q->world->directory, letters[i]));
    }
    return true;
}

static bool outbox_list(struct query *q, struct txn *txn, struct err *err)
{
    return outbox(q, txn, NULL, err);
}

static bool find_queue(struct query *q, struct txn *txn, struct err *err)
{
    if (q->words->n != 1)
        return query_no(q, DESK_USAGE, "find --queue wants the MTA's queue id");
    return outbox(q, txn, q->words->at[0], err);
}

static bool find_letter(struct query *q, const struct rows *rows, struct letter **ret_letter,
                        struct err *err)
{
    struct letter *letter = NULL;
    bool may = false;

    if (!rows->letter(rows->ctx, q->a, q->number, &letter, err) ||
        (letter != NULL && !may_see_letter(q, rows, letter, &may, err)))
        return false;
    if (letter == NULL)
        return query_no(q, DESK_REFUSED, "there is no such letter; see embargoctl outbox list");
    if (!may)
        return query_no(q, DESK_NOT_YOURS, "you are excluded from this letter's case");
    *ret_letter = letter;
    return true;
}

static bool outbox_show(struct query *q, struct txn *txn, struct err *err)
{
    struct letter *letter = NULL;
    struct rows rows;

    txn_rows(txn, &rows);
    if (!find_letter(q, &rows, &letter, err))
        return false;
    if (letter != NULL)
        q->json = listing_letter(q->a, q->world->directory, letter);
    return true;
}

static bool outbox_retry(struct query *q, struct txn *txn, struct err *err)
{
    struct letter *letter = NULL;
    struct retry retry = {.letter = q->number, .contact = q->who->id};
    struct input input = {.kind = INPUT_RETRY, .retry = &retry};
    struct rows rows;
    struct plan plan;

    txn_rows(txn, &rows);
    if (!find_letter(q, &rows, &letter, err))
        return false;
    if (letter == NULL)
        return true;
    if (!desk_decide(q->world, txn, q->a, &input, &plan, err))
        return false;
    if (plan.refused)
        return query_no(q, DESK_REFUSED, plan.answer.at[0]);
    q->changed = true;
    return outbox_show(q, txn, err);
}

static bool may_see_mail(struct query *q, const struct rows *rows, const struct mail *mail,
                         bool *ret_may, struct err *err)
{
    return may_see_place(q, rows, mail->place, ret_may, err);
}

static bool mail_list(struct query *q, struct txn *txn, struct err *err)
{
    struct mail **mails = NULL;
    struct rows rows;
    size_t n = 0;

    txn_rows(txn, &rows);
    if (!txn_list_mails(txn, q->a, &mails, &n, err))
        return false;
    q->json = json_array();
    for (size_t i = 0; i < n; i++) {
        bool may;

        if (!may_see_mail(q, &rows, mails[i], &may, err))
            return false;
        if (may)
            json_array_append_new(q->json, listing_mail(q->a, mails[i]));
    }
    return true;
}

/* Taken, and not opened yet: after a moment there should be none. */
static bool mail_waiting(struct query *q, struct txn *txn, struct err *err)
{
    uint64_t *numbers = NULL;
    struct rows rows;
    size_t n = 0;

    txn_rows(txn, &rows);
    if (!txn_list_taken(txn, q->a, WAITING_MAX, &numbers, &n, err))
        return false;
    q->json = json_array();
    for (size_t i = 0; i < n; i++) {
        struct mail *mail = NULL;

        if (!rows.mail(rows.ctx, q->a, numbers[i], &mail, err))
            return false;
        if (mail != NULL)
            json_array_append_new(q->json, listing_mail(q->a, mail));
    }
    return true;
}

static bool mail_show(struct query *q, struct txn *txn, struct err *err)
{
    struct mail *mail = NULL;
    struct rows rows;
    bool may = false;

    txn_rows(txn, &rows);
    if (!rows.mail(rows.ctx, q->a, q->number, &mail, err) ||
        (mail != NULL && !may_see_mail(q, &rows, mail, &may, err)))
        return false;
    if (mail == NULL)
        return query_no(q, DESK_REFUSED, "there is no such message; see embargoctl mail list");
    if (!may)
        return query_no(q, DESK_NOT_YOURS, "you are excluded from this message's case");
    q->json = listing_mail(q->a, mail);
    return set_text_of(q, &rows, q->json, mail->number, err);
}

/* In reads of its own (trace.h). */
static bool trace(struct query *q, struct err *err)
{
    struct trace ask = {.a = q->a,
                        .world = q->world,
                        .store = q->desk->store,
                        .who = q->who,
                        .text = span_str(q->text)};

    if (ask.text.n == 0)
        return query_no(q, DESK_USAGE, "there is no text to trace");
    return trace_json(&ask, &q->json, err);
}

/* What its first word is: C42, R17, L97, 812, or free. */
static const struct query_row {
    const char *name;
    char number; /* letter before the number, '#' for a bare one, 0: none */
    bool writes;
    query_fn *run; /* NULL: trace, in transactions of its own */
} query_rows[] = {
    {"report list", 0, false, report_list},
    {"report show", 'R', false, report_show},
    {"case list", 0, false, query_case_list},
    {"case show", 'C', false, query_case_show},
    {"case log", 'C', false, query_case_log},
    {"case fsck", 'C', false, query_case_fsck},
    {"case who-knew", 'C', false, query_case_who_knew},
    {"case preview", 'C', false, query_case_preview},
    {"outbox list", 0, false, outbox_list},
    {"outbox show", 'L', false, outbox_show},
    {"outbox retry", 'L', true, outbox_retry},
    {"mail list", 0, false, mail_list},
    {"mail waiting", 0, false, mail_waiting},
    {"mail show", '#', false, mail_show},
    {"find queue", 0, false, find_queue},
    {"trace", 0, false, NULL},
    {"term pending", 0, false, query_term_pending},
    {"term try", 0, false, query_term_try},
};

static const struct query_row *row_of(const char *name)
{
    for (size_t i = 0; name != NULL && i < LEN(query_rows); i++) {
        if (strcmp(query_rows[i].name, name) == 0)
            return &query_rows[i];
    }
    return NULL;
}

static bool read_number(struct query *q, const struct query_row *row)
{
    struct span word = span_str(q->words->n > 0 ? q->words->at[0] : NULL);

    if (row->number == 0)
        return true;
    if (word.n > 0 &&
        (word.at[0] == (unsigned char)row->number || word.at[0] == (unsigned char)row->number + 32))
        word = span_from(word, 1);
    return text_to_u64(word, INT64_MAX, &q->number);
}

struct running {
    struct query *q;
    const struct query_row *row;
};

static bool run_query(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct running *r = ctx;

    (void)a; /* what is found outlives the transaction: it lies in the request's arena */
    json_decref(TAKE(r->q->json));
    return r->row->run(r->q, txn, err);
}

static bool run_row(struct query *q, const struct query_row *row, struct err *err)
{
    struct running r = {.q = q, .row = row};

    if (row->run == NULL)
        return trace(q, err);
    return row->writes ? store_write(q->desk->store, run_query, &r, err)
                       : store_read(q->desk->store, q->a, run_query, &r, err);
}

bool query_answer(struct desk *desk, struct arena *a, unsigned uid,
                  const struct desk_request *request, struct desk_answer *ret_answer, int *ret_fd,
                  struct err *err)
{
    SCOPED(world_put) struct world *world = world_get(desk->worlds);
    const struct query_row *row = row_of(request->query);
    struct query q = {.desk = desk,
                      .world = world,
                      .a = a,
                      .words = &request->words,
                      .text = request->text,
                      .answer = ret_answer};
    uint32_t who = control_who(world, a, uid, request->as, ret_answer);
    bool good;

    if (who == 0)
        return true;
    q.who = directory_contact(world->directory, who);
    if (row == NULL || request->words.n > QUERY_WORDS_MAX || !read_number(&q, row)) {
        query_no(&q, DESK_USAGE,
                 row == NULL ? "no such query"
                             : arena_printf(a, "%s wants %s", row->name,
                                            row->number == 'C'   ? "a case: C42"
                                            : row->number == 'R' ? "a report: R17"
                                            : row->number == 'L' ? "a letter: L97"
                                                                 : "a number"));
        return true;
    }
    ret_answer->kind = DESK_OK;
    good = run_row(&q, row, err);
    if (good && q.json != NULL)
        good = memory_seal(json_text(a, q.json), ret_fd, err);
    json_decref(q.json);
    if (good && q.changed)
        desk_wake(desk);
    return good;
}
