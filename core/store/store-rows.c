#include "store/store.h"

#include "store/record.h"

/* ---- the decision's reader: struct rows over a transaction ---- */

static bool rows_report(void *ctx, struct arena *a, uint64_t number, struct report **ret,
                        struct err *err)
{
    struct record_key key = key_number(number);
    void *row;
    if (!record_read(ctx, a, TABLE_REPORTS, &key, report_fields, sizeof(struct report), &row, err))
        return false;
    *ret = row;
    return true;
}

static bool rows_head(void *ctx, struct arena *a, uint64_t number, struct case_head **ret,
                      struct err *err)
{
    struct record_key key = key_number(number);
    void *row;
    if (!record_read(ctx, a, TABLE_CASES, &key, case_fields, sizeof(struct case_head), &row, err))
        return false;
    *ret = row;
    return true;
}

static bool rows_party(void *ctx, struct arena *a, uint64_t number, uint32_t n, struct party **ret,
                       struct err *err)
{
    struct record_key key = key_numbers(number, n);
    void *row;
    if (!record_read(ctx, a, TABLE_PARTIES, &key, party_fields, sizeof(struct party), &row, err))
        return false;
    *ret = row;
    return true;
}

static bool rows_parties(void *ctx, struct arena *a, uint64_t number, struct party ***ret,
                         size_t *ret_n, struct err *err)
{
    struct record_key prefix = key_number(number);
    return record_list(ctx, a, TABLE_PARTIES, &prefix, party_fields, sizeof(struct party), ret,
                       ret_n, err);
}

static bool rows_party_of(void *ctx, uint64_t number, enum party_kind kind, uint32_t id,
                          const char *address, uint32_t *ret_n, struct err *err)
{
    return txn_party_of(ctx, number, kind, id, address, ret_n, err);
}

static bool rows_mail(void *ctx, struct arena *a, uint64_t number, struct mail **ret,
                      struct err *err)
{
    return txn_get_mail(ctx, a, number, ret, err);
}

static bool rows_message(void *ctx, struct arena *a, uint64_t number, struct message **ret,
                         struct err *err)
{
    struct txn *txn = ctx;
    struct mail *mail;
    struct span text;
    if (!txn_get_mail(txn, txn->scratch, number, &mail, err))
        return false;
    if (!mail || mail->model == 0) {
        *ret = NULL;
        return true;
    }
    struct message *message = ARENA_NEW(a, struct message);
    if (!txn_get_blob(txn, txn->scratch, mail->model, &text, err))
        return false;
    if (!json_decode(a, message_fields, text, message, err))
        return err_wrap(err, "store: the model of mail #%llu", (unsigned long long)number);
    *ret = message;
    return true;
}

static bool rows_letter(void *ctx, struct arena *a, uint64_t number, struct letter **ret,
                        struct err *err)
{
    return txn_get_letter(ctx, a, number, ret, err);
}

static bool rows_letters_of_send(void *ctx, struct arena *a, uint64_t case_number, uint32_t send,
                                 struct letter ***ret, size_t *ret_n, struct err *err)
{
    return txn_letters_of_send(ctx, a, case_number, send, ret, ret_n, err);
}

static bool rows_text_of_send(void *ctx, struct arena *a, uint64_t case_number, uint32_t send,
                              const char **ret, struct err *err)
{
    return txn_text_of_send(ctx, a, case_number, send, ret, err);
}

static bool rows_code(void *ctx, struct arena *a, const char *code, struct code **ret,
                      struct err *err)
{
    return txn_get_code(ctx, a, code, ret, err);
}

static bool rows_known_id(void *ctx, struct arena *a, const char *message_id, struct known_id **ret,
                          struct err *err)
{
    return txn_get_id(ctx, a, message_id, ret, err);
}

static bool rows_tally(void *ctx, struct arena *a, const char *name, struct tally **ret,
                       struct err *err)
{
    return txn_get_tally(ctx, a, name, ret, err);
}

static bool rows_verp(void *ctx, const char *token, uint64_t *ret_letter, struct err *err)
{
    struct txn *txn = ctx;
    struct record_key key = key_index(txn->store, INDEX_VERP, span_str(token));
    return record_get_number(txn, TABLE_INDEX, &key, ret_letter, err);
}

void txn_rows(struct txn *txn, struct rows *ret_rows)
{
    *ret_rows = (struct rows){
        .ctx = txn,
        .report = rows_report,
        .head = rows_head,
        .party = rows_party,
        .parties = rows_parties,
        .party_of = rows_party_of,
        .mail = rows_mail,
        .message = rows_message,
        .letter = rows_letter,
        .letters_of_send = rows_letters_of_send,
        .text_of_send = rows_text_of_send,
        .code = rows_code,
        .known_id = rows_known_id,
        .tally = rows_tally,
        .verp = rows_verp,
        .last_report = txn->state.last_report,
        .last_case = txn->state.last_case,
        .last_letter = txn->state.last_letter,
    };
}

/* ---- what a decision changed ---- */

/* Counters only rise; a changes without them (zero) leaves them. */
static void counter_raise(struct txn *txn, uint64_t *counter, uint64_t value)
{
    if (value <= *counter)
        return;
    *counter = value;
    txn->state_changed = true;
}

static bool put_case_rows(struct txn *txn, const struct changes *c, struct err *err)
{
    for (size_t i = 0; i < c->n_reports; i++) {
        if (!txn_put_report(txn, c->reports[i], err))
            return false;
    }
    for (size_t i = 0; i < c->n_heads; i++) {
        if (!txn_put_head(txn, c->heads[i], err))
            return false;
    }
    for (size_t i = 0; i < c->n_parties; i++) {
        if (!txn_put_party(txn, c->parties[i].number, c->parties[i].party, err))
            return false;
    }
    for (size_t i = 0; i < c->n_events; i++) {
        if (!txn_add_event(txn, c->events[i].number, &c->events[i].event, err))
            return false;
    }
    return true;
}

bool txn_put_changes(struct txn *txn, const struct changes *changes, struct err *err)
{
    const struct changes *c = changes;
    counter_raise(txn, &txn->state.last_report, c->last_report);
    counter_raise(txn, &txn->state.last_case, c->last_case);
    counter_raise(txn, &txn->state.last_letter, c->last_letter);
    if (!put_case_rows(txn, c, err))
        return false;
    for (size_t i = 0; i < c->n_letters; i++) {
        if (!txn_put_letter(txn, c->letters[i], err))
            return false;
    }
    for (size_t i = 0; i < c->n_mails; i++) {
        if (!txn_put_mail(txn, c->mails[i], err))
            return false;
    }
    for (size_t i = 0; i < c->n_codes; i++) {
        if (!txn_put_code(txn, c->codes[i].code, &c->codes[i].row, err))
            return false;
    }
    for (size_t i = 0; i < c->n_ids; i++) {
        if (!txn_put_id(txn, c->ids[i].message_id, &c->ids[i].row, err))
            return false;
    }
    for (size_t i = 0; i < c->n_tallies; i++) {
        if (!txn_put_tally(txn, c->tallies[i].name, c->tallies[i].row, err))
            return false;
    }
    return true;
}
