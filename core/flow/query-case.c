#include "flow/query-case.h"

#include "base/text.h"
#include "engine/audience.h"
#include "flow/exposures.h"
#include "flow/fsck.h"
#include "flow/listing.h"
#include "flow/preview.h"

static bool list_one_case(struct query *q, const struct rows *rows, const struct case_head *head,
                          bool whole, json_t **ret_json, struct err *err)
{
    struct party **parties = NULL;
    size_t n = 0;

    if (!rows->parties(rows->ctx, q->a, head->number, &parties, &n, err))
        return false;
    *ret_json = listing_case(q->a, q->world->directory, head, parties, n, whole);
    return true;
}

bool query_case_list(struct query *q, struct txn *txn, struct err *err)
{
    struct case_head **heads = NULL;
    struct rows rows;
    size_t n = 0;

    txn_rows(txn, &rows);
    if (!txn_list_cases(txn, q->a, &heads, &n, err))
        return false;
    q->json = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o;

        if (query_hidden(q, heads[i]))
            continue;
        if (!list_one_case(q, &rows, heads[i], false, &o, err))
            return false;
        json_array_append_new(q->json, o);
    }
    return true;
}

/* The case, or an answer that says no (then *ret_head is NULL). */
static bool find_case(struct query *q, const struct rows *rows, struct case_head **ret_head,
                      struct err *err)
{
    struct case_head *head = NULL;

    if (!rows->head(rows->ctx, q->a, q->number, &head, err))
        return false;
    if (head != NULL && query_hidden(q, head))
        return query_no(q, DESK_NOT_YOURS, "you are excluded from this case");
    if (head == NULL)
        return query_no(q, DESK_REFUSED, "there is no such case; see embargoctl case list");
    *ret_head = head;
    return true;
}

/* What became of a send, by its letters: what still has to happen first. */
static const char *send_word(const struct send *send, struct letter *const *letters, size_t n)
{
    bool any[LEN(letter_state_words)] = {false};
    bool unconfirmed = false;

    for (size_t i = 0; i < n; i++) {
        any[letters[i]->state] = true;
        unconfirmed = unconfirmed || letter_unconfirmed(letters[i]);
    }
    if (send->state == SEND_STOPPED)
        return "stopped";
    if (any[LETTER_HELD])
        return "held";
    if (unconfirmed)
        return "unconfirmed";
    if (any[LETTER_PLANNED])
        return "planned";
    if (any[LETTER_WAITING] || any[LETTER_HANDING_OVER])
        return "going";
    return any[LETTER_BOUNCED] ? "bounced" : any[LETTER_HANDED_OVER] ? "sent" : "cancelled";
}

/* {"handed-over": 3, "held": 1} */
static json_t *count_states(struct letter *const *letters, size_t n)
{
    json_t *counts = json_object();

    for (size_t i = 0; i < n; i++) {
        const char *word = letter_state_words[letters[i]->state];
        json_int_t before = json_integer_value(json_object_get(counts, word));

        json_object_set_new(counts, word, json_integer(before + 1));
    }
    return counts;
}

static bool add_send_states(struct query *q, const struct rows *rows, const struct case_head *head,
                            struct err *err)
{
    json_t *list = json_object_get(q->json, "sends");

    for (size_t i = 0; i < head->n_sends; i++) {
        json_t *o = json_array_get(list, i);
        struct letter **letters = NULL;
        size_t n = 0;

        if (!rows->letters_of_send(rows->ctx, q->a, head->number, head->sends[i].n, &letters, &n,
                                   err))
            return false;
        json_set_text(o, "state", send_word(&head->sends[i], letters, n));
        json_object_set_new(o, "letters", count_states(letters, n));
    }
    return true;
}

bool query_case_show(struct query *q, struct txn *txn, struct err *err)
{
    struct case_head *head = NULL;
    struct rows rows;

    txn_rows(txn, &rows);
    if (!find_case(q, &rows, &head, err))
        return false;
    return head == NULL || (list_one_case(q, &rows, head, true, &q->json, err) &&
                            add_send_states(q, &rows, head, err));
}

bool query_case_log(struct query *q, struct txn *txn, struct err *err)
{
    struct case_head *head = NULL;
    struct party **parties = NULL;
    struct event **events = NULL;
    struct rows rows;
    size_t n_parties = 0;
    size_t n = 0;

    txn_rows(txn, &rows);
    if (!find_case(q, &rows, &head, err))
        return false;
    if (head == NULL)
        return true;
    if (!rows.parties(rows.ctx, q->a, q->number, &parties, &n_parties, err) ||
        !txn_list_events(txn, q->a, q->number, &events, &n, err))
        return false;
    q->json = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(
            q->json, listing_event(q->a, q->world->directory, events[i], parties, n_parties));
    return true;
}

/* "2026-12-24": to the end of that day, UTC. */
static bool read_moment(const char *word, instant *ret_at)
{
    const char *last = "T23:59:59Z";
    char whole[32];
    int year, month, day;

    if (text_to_date(span_str(word), &year, &month, &day)) {
        snprintf(whole, sizeof(whole), "%04d-%02d-%02d%s", year, month, day, last);
        return text_to_instant(span_str(whole), ret_at);
    }
    return text_to_instant(span_str(word), ret_at);
}

/* Who knew what, up to an instant; with what proves it: the log's own soundness, and for each
 * exposure its event and the digest of what was sent. */
bool query_case_who_knew(struct query *q, struct txn *txn, struct err *err)
{
    struct exposures_ask ask = {.directory = q->world->directory, .at = clock_now()};
    struct case_head *head = NULL;
    struct party **parties = NULL;
    struct event **events = NULL;
    struct strs problems = {.n = 0};
    struct rows rows;

    txn_rows(txn, &rows);
    if (!find_case(q, &rows, &head, err))
        return false;
    if (head == NULL)
        return true;
    ask.coordinators = q->words->n > 2;
    if (q->words->n > 1 && q->words->at[1][0] != '\0' && !read_moment(q->words->at[1], &ask.at))
        return query_no(q, DESK_USAGE,
                        "--at wants an instant, as 2026-12-24T14:00+09:00, or a day");
    if (!rows.parties(rows.ctx, q->a, q->number, &parties, &ask.n_parties, err) ||
        !txn_list_events(txn, q->a, q->number, &events, &ask.n_events, err) ||
        !fsck_case(txn, q->a, q->number, &problems, err))
        return false;
    ask.parties = parties;
    ask.events = events;
    q->json = json_object();
    json_object_set_new(q->json, "case",
                        json_string(place_name(q->a, (struct place){PLACE_CASE, q->number})));
    json_object_set_new(q->json, "at", json_string(text_rfc3339(q->a, ask.at)));
    json_object_set_new(q->json, "events", json_integer((json_int_t)ask.n_events));
    json_object_set_new(q->json, "log", json_string(problems.n == 0 ? "sound" : problems.at[0]));
    json_object_set_new(q->json, "parties", exposures_json(q->a, &ask));
    return true;
}

bool query_case_fsck(struct query *q, struct txn *txn, struct err *err)
{
    struct case_head *head = NULL;
    struct strs problems = {.n = 0};
    struct rows rows;
    json_t *list;

    txn_rows(txn, &rows);
    if (!find_case(q, &rows, &head, err))
        return false;
    if (head == NULL)
        return true;
    if (!fsck_case(txn, q->a, q->number, &problems, err))
        return false;
    list = json_array();
    for (size_t i = 0; i < problems.n; i++)
        json_array_append_new(list, json_string(problems.at[i]));
    q->json = json_object();
    json_object_set_new(q->json, "case",
                        json_string(arena_printf(q->a, "C%llu", (unsigned long long)q->number)));
    json_object_set_new(q->json, "problems", list);
    return true;
}

/* words: CASE, READER or "" for all, TEMPLATE or "", "diff" or nothing. */
bool query_case_preview(struct query *q, struct txn *txn, struct err *err)
{
    struct preview_ask ask = {.world = q->world, .store = q->desk->store, .txn = txn};
    struct case_head *head = NULL;
    struct rows rows;
    const char *no = NULL;

    txn_rows(txn, &rows);
    if (!find_case(q, &rows, &head, err))
        return false;
    if (head == NULL)
        return true;
    if (q->words->n < 3)
        return query_no(q, DESK_USAGE, "case preview wants a case, --to ORG or --all");
    ask.head = head;
    ask.to = q->words->at[1];
    ask.template = q->words->at[2][0] == '\0' ? NULL : q->words->at[2];
    ask.diff = q->words->n > 3;
    if (ask.to[0] == '\0' ? !preview_all(&ask, q->a, &q->json, &no, err)
                          : !preview_make(&ask, q->a, &q->json, &no, err))
        return false;
    return no == NULL || query_no(q, DESK_REFUSED, no);
}
