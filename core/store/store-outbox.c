#include "store/store.h"

#include "store/record.h"

/*
 * Two indexes over unfinished letters. TABLE_DUE orders all by when they are to be worked on.
 * TABLE_QUEUES orders those to one reader in one place by their due time, which retries do not
 * change: a letter is free to go when it is the first there.
 */

static uint64_t since_epoch(instant at)
{
    return at > 0 ? (uint64_t)at : 0;
}

/* When it is to be worked on next. */
static uint64_t work_at(const struct letter *letter)
{
    if (letter->state == LETTER_WAITING && letter->next_try > letter->due)
        return since_epoch(letter->next_try);
    return since_epoch(letter->due);
}

static struct record_key due_prefix(char kind)
{
    struct record_key key = key_new();
    key_u8(&key, (uint8_t)kind);
    return key;
}

static struct record_key due_key(const struct letter *letter)
{
    struct record_key key = due_prefix(letter->state == LETTER_HANDING_OVER ? 'h' : 'd');
    if (letter->state != LETTER_HANDING_OVER)
        key_u64(&key, work_at(letter));
    key_u64(&key, letter->number);
    return key;
}

static struct record_key queue_prefix(const struct letter *letter)
{
    struct record_key key = key_new();
    key_u8(&key, (uint8_t)letter->place.kind);
    key_u64(&key, letter->place.number);
    key_u32(&key, letter->contact);
    key_u32(&key, letter->contact == 0 ? letter->party : 0);
    /* Of no place and to nobody known: automatic answers, each to somebody else. */
    if (letter->place.kind == PLACE_NONE && letter->contact == 0)
        key_u64(&key, letter->number);
    return key;
}

static struct record_key queue_key(const struct letter *letter)
{
    struct record_key key = queue_prefix(letter);
    key_u64(&key, since_epoch(letter->due));
    key_u64(&key, letter->number);
    return key;
}

bool txn_get_letter(struct txn *txn, struct arena *a, uint64_t number, struct letter **ret_letter,
                    struct err *err)
{
    struct record_key key = key_number(number);
    void *row;
    if (!record_read(txn, a, TABLE_LETTERS, &key, letter_fields, sizeof(struct letter), &row, err))
        return false;
    *ret_letter = row;
    return true;
}

static bool same_key(const struct record_key *x, const struct record_key *y)
{
    return x->n == y->n && memcmp(x->at, y->at, x->n) == 0;
}

/* Moves a letter's mark in an index from where old had it to where now wants it. */
static bool mark_move(struct txn *txn, enum store_table table, const struct record_key *old,
                      const struct record_key *now, struct err *err)
{
    if (old && now && same_key(old, now))
        return true;
    if (old && !record_delete(txn, table, old, err))
        return false;
    return !now || record_put(txn, table, now, RING_DESK, span_of(NULL, 0), err);
}

static bool queues_update(struct txn *txn, const struct letter *old, const struct letter *now,
                          struct err *err)
{
    struct record_key old_due, now_due, old_queue, now_queue;
    bool was = old && letter_unfinished(old);
    bool is = letter_unfinished(now);
    if (was) {
        old_due = due_key(old);
        old_queue = queue_key(old);
    }
    if (is) {
        now_due = due_key(now);
        now_queue = queue_key(now);
    }
    return mark_move(txn, TABLE_DUE, was ? &old_due : NULL, is ? &now_due : NULL, err) &&
           mark_move(txn, TABLE_QUEUES, was ? &old_queue : NULL, is ? &now_queue : NULL, err);
}

static struct record_key send_key(uint64_t case_number, uint32_t send)
{
    struct record_key key = key_number(case_number);
    key_u32(&key, send);
    return key;
}

/* What a letter is found by: its send, its envelope sender, its Message-ID. */
static bool letter_index(struct txn *txn, const struct letter *letter, uint64_t ring_key,
                         struct err *err)
{
    if (letter->send != 0) {
        struct record_key key = send_key(letter->place.number, letter->send);
        key_u64(&key, letter->number);
        if (!record_put(txn, TABLE_SENDS, &key, ring_key, span_of(NULL, 0), err))
            return false;
    }
    if (letter->verp) {
        struct record_key key = key_index(txn->store, INDEX_VERP, span_str(letter->verp));
        if (!record_put_number(txn, TABLE_INDEX, &key, ring_key, letter->number, err))
            return false;
    }
    /* An automatic answer: who refers to it is a stranger still. */
    if (!letter->message_id || letter->answers_bytes > 0)
        return true;
    struct known_id id = {.place = letter->place,
                          .party = letter->party,
                          .contact = letter->contact,
                          .letter = letter->number};
    return txn_put_id(txn, letter->message_id, &id, err);
}

bool txn_put_letter(struct txn *txn, const struct letter *letter, struct err *err)
{
    struct record_key key = key_number(letter->number);
    struct letter *old;
    uint64_t ring_key;
    return txn_place_key(txn, letter->place, &ring_key, err) &&
           txn_get_letter(txn, txn->scratch, letter->number, &old, err) &&
           record_write(txn, TABLE_LETTERS, &key, ring_key, letter_fields, letter, err) &&
           queues_update(txn, old, letter, err) && letter_index(txn, letter, ring_key, err) &&
           (letter->sealed == 0 || txn_rewrap_blob(txn, letter->sealed, letter->place, err));
}

static bool letter_must(struct txn *txn, struct arena *a, uint64_t number,
                        struct letter **ret_letter, struct err *err)
{
    struct letter *letter;
    if (!txn_get_letter(txn, a, number, &letter, err))
        return false;
    if (!letter)
        return err_set(err, ERR_OPERATOR, "store: letter L%llu is not there",
                       (unsigned long long)number);
    *ret_letter = letter;
    return true;
}

/* True if an earlier unfinished letter to the same reader is in the way. */
static bool letter_blocked(struct txn *txn, const struct letter *letter, bool *ret_blocked,
                           struct err *err)
{
    SCOPED(kv_cursor_close) struct kv_cursor *cursor = NULL;
    struct record_key prefix = queue_prefix(letter);
    struct record_key own = queue_key(letter);
    struct kv_entry first;
    if (!kv_cursor_open(txn->kv, TABLE_QUEUES, span_of(prefix.at, prefix.n), &cursor, err) ||
        !kv_cursor_next(cursor, &first, err))
        return false;
    *ret_blocked = first.key.at && !span_eq(first.key, span_of(own.at, own.n));
    return true;
}

struct letters {
    struct letter **at;
    size_t n;
    size_t room;
};

static void letters_add(struct arena *a, struct letters *list, struct letter *letter)
{
    ARENA_GROW(a, list->at, list->n, list->room);
    list->at[list->n++] = letter;
}

/* Adds the letters that are to be worked on up to until and free to go, the earliest first. */
static bool due_collect(struct txn *txn, struct arena *a, uint64_t until, size_t max,
                        struct letters *list, struct err *err)
{
    SCOPED(kv_cursor_close) struct kv_cursor *cursor = NULL;
    struct record_key prefix = due_prefix('d');
    struct kv_entry entry;
    if (!kv_cursor_open(txn->kv, TABLE_DUE, span_of(prefix.at, prefix.n), &cursor, err))
        return false;
    while (list->n < max) {
        struct letter *letter = NULL;
        bool blocked;
        if (!kv_cursor_next(cursor, &entry, err))
            return false;
        if (!entry.key.at || key_last_u64(span_first(entry.key, prefix.n + 8)) > until)
            return true;
        if (!letter_must(txn, a, key_last_u64(entry.key), &letter, err))
            return false;
        struct record_key own = due_key(letter);
        if (!letter_unfinished(letter) || !span_eq(entry.key, span_of(own.at, own.n)))
            return err_set(err, ERR_OPERATOR,
                           "store: table due: the mark of letter L%llu was moved",
                           (unsigned long long)letter->number);
        if (!letter_blocked(txn, letter, &blocked, err))
            return false;
        if (!blocked)
            letters_add(a, list, letter);
    }
    return true;
}

bool txn_due_letters(struct txn *txn, struct arena *a, instant now, size_t max,
                     struct letter ***ret, size_t *ret_n, struct err *err)
{
    struct record_key prefix = due_prefix('h');
    struct letters list = {.n = 0};
    uint64_t *handing_over;
    size_t n;
    if (!due_collect(txn, a, since_epoch(now), max, &list, err) ||
        !record_numbers(txn, txn->scratch, TABLE_DUE, &prefix, max, &handing_over, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct letter *letter = NULL;
        if (!letter_must(txn, a, handing_over[i], &letter, err))
            return false;
        if (letter->state == LETTER_HANDING_OVER)
            letters_add(a, &list, letter);
    }
    *ret = list.at;
    *ret_n = list.n;
    return true;
}

bool txn_next_due(struct txn *txn, instant *ret_at, struct err *err)
{
    struct letters list = {.n = 0};
    if (!due_collect(txn, txn->scratch, UINT64_MAX, 1, &list, err))
        return false;
    *ret_at = list.n > 0 ? (instant)work_at(list.at[0]) : 0;
    return true;
}

bool txn_list_letters(struct txn *txn, struct arena *a, struct letter ***ret, size_t *ret_n,
                      struct err *err)
{
    struct record_key prefix = key_new();
    return record_list(txn, a, TABLE_LETTERS, &prefix, letter_fields, sizeof(struct letter), ret,
                       ret_n, err);
}

bool txn_letters_of_send(struct txn *txn, struct arena *a, uint64_t case_number, uint32_t send,
                         struct letter ***ret, size_t *ret_n, struct err *err)
{
    struct record_key prefix = send_key(case_number, send);
    uint64_t *numbers;
    size_t n;
    if (!record_numbers(txn, txn->scratch, TABLE_SENDS, &prefix, SIZE_MAX, &numbers, &n, err))
        return false;
    struct letter **letters = ARENA_ARRAY(a, n, struct letter *);
    for (size_t i = 0; i < n; i++) {
        if (!letter_must(txn, a, numbers[i], &letters[i], err))
            return false;
    }
    *ret = letters;
    *ret_n = n;
    return true;
}

/* Of its first letter: one is like the other. */
bool txn_text_of_send(struct txn *txn, struct arena *a, uint64_t case_number, uint32_t send,
                      const char **ret_text, struct err *err)
{
    struct record_key prefix = send_key(case_number, send);
    struct letter *letter = NULL;
    uint64_t *numbers;
    size_t n;
    if (!record_numbers(txn, txn->scratch, TABLE_SENDS, &prefix, 1, &numbers, &n, err) ||
        (n > 0 && !letter_must(txn, a, numbers[0], &letter, err)))
        return false;
    *ret_text = letter ? letter->text : NULL;
    return true;
}
