#include "store/store.h"

#include "store/record.h"

static int order_of_texts(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

void store_mail_digest(struct store *store, const char *sender, const struct strs *recipients,
                       struct span below_hops, struct span body, struct mail_digest *ret_digest)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span *parts = ARENA_ARRAY(a, recipients->n + 4, struct span);
    const char **sorted = ARENA_ARRAY(a, recipients->n, const char *);
    size_t n = 0;
    for (size_t i = 0; i < recipients->n; i++)
        sorted[i] = recipients->at[i];
    qsort(sorted, recipients->n, sizeof(*sorted), order_of_texts);
    parts[n++] = span_str("same mail");
    parts[n++] = span_str(sender);
    for (size_t i = 0; i < recipients->n; i++)
        parts[n++] = span_str(sorted[i]);
    parts[n++] = below_hops;
    parts[n++] = body;
    vault_hash(store->ring, RING_INDEX, parts, n, ret_digest->same, sizeof(ret_digest->same));
    struct span body_parts[] = {span_str("same body"), body};
    vault_hash(store->ring, RING_INDEX, body_parts, LEN(body_parts), ret_digest->body,
               sizeof(ret_digest->body));
}

bool txn_get_mail(struct txn *txn, struct arena *a, uint64_t number, struct mail **ret_mail,
                  struct err *err)
{
    struct record_key key = key_number(number);
    void *row;
    if (!record_read(txn, a, TABLE_MAILS, &key, mail_fields, sizeof(struct mail), &row, err))
        return false;
    *ret_mail = row;
    return true;
}

bool txn_put_mail(struct txn *txn, const struct mail *mail, struct err *err)
{
    struct record_key key = key_number(mail->number);
    const uint64_t blobs[] = {mail->raw, mail->opened, mail->model};
    uint64_t ring_key;
    if (!txn_place_key(txn, mail->place, &ring_key, err) ||
        !record_write(txn, TABLE_MAILS, &key, ring_key, mail_fields, mail, err))
        return false;
    for (size_t i = 0; i < LEN(blobs); i++) {
        if (blobs[i] != 0 && !txn_rewrap_blob(txn, blobs[i], mail->place, err))
            return false;
    }
    if (mail->state != MAIL_TAKEN)
        return record_delete(txn, TABLE_TAKEN, &key, err);
    return record_put(txn, TABLE_TAKEN, &key, RING_DESK, span_of(NULL, 0), err);
}

bool txn_take_mail(struct txn *txn, struct arena *a, struct mail *mail,
                   const struct mail_digest *digest, uint64_t *ret_same, struct err *err)
{
    (void)a;
    struct record_key same = key_index(txn->store, INDEX_SAME, span_of(digest->same, 32));
    struct record_key body = key_index(txn->store, INDEX_BODY, span_of(digest->body, 32));
    uint64_t found;
    uint64_t like;
    if (!record_get_number(txn, TABLE_INDEX, &same, &found, err) ||
        !record_get_number(txn, TABLE_INDEX, &body, &like, err))
        return false;
    if (found != 0) {
        *ret_same = found;
        return true;
    }
    mail->number = ++txn->state.last_mail;
    mail->like = like;
    txn->state_changed = true;
    if (!record_put_number(txn, TABLE_INDEX, &same, RING_DESK, mail->number, err) ||
        !txn_put_mail(txn, mail, err))
        return false;
    if (like == 0 && !record_put_number(txn, TABLE_INDEX, &body, RING_DESK, mail->number, err))
        return false;
    *ret_same = 0;
    return true;
}

bool txn_list_taken(struct txn *txn, struct arena *a, size_t max, uint64_t **ret_numbers,
                    size_t *ret_n, struct err *err)
{
    struct record_key prefix = key_new();
    return record_numbers(txn, a, TABLE_TAKEN, &prefix, max, ret_numbers, ret_n, err);
}

bool txn_list_mails(struct txn *txn, struct arena *a, struct mail ***ret, size_t *ret_n,
                    struct err *err)
{
    struct record_key prefix = key_new();
    return record_list(txn, a, TABLE_MAILS, &prefix, mail_fields, sizeof(struct mail), ret, ret_n,
                       err);
}

static bool mark_contested(struct txn *txn, uint64_t number, struct err *err)
{
    struct mail *mail;
    if (!txn_get_mail(txn, txn->scratch, number, &mail, err))
        return false;
    if (!mail || mail->contested)
        return true;
    mail->contested = true;
    return txn_put_mail(txn, mail, err);
}

bool txn_claim_session_keys(struct txn *txn, uint64_t mail, const struct strs *session_keys,
                            bool *ret_contested, struct err *err)
{
    bool contested = false;
    for (size_t i = 0; i < session_keys->n; i++) {
        struct record_key key = key_index(txn->store, INDEX_SESSION, span_str(session_keys->at[i]));
        uint64_t owner;
        if (!record_get_number(txn, TABLE_INDEX, &key, &owner, err))
            return false;
        if (owner == 0) {
            if (!record_put_number(txn, TABLE_INDEX, &key, RING_DESK, mail, err))
                return false;
        } else if (owner != mail) {
            contested = true;
            if (!mark_contested(txn, owner, err))
                return false;
        }
    }
    if (contested && !mark_contested(txn, mail, err))
        return false;
    *ret_contested = contested;
    return true;
}
