#include "store/record.h"

#include <assert.h>

const char *const store_tables[TABLE_COUNT] = {
    "meta",   "places",  "mails",    "taken",  "blobs",   "chunks", "reports",
    "cases",  "parties", "events",   "chains", "letters", "sends",  "due",
    "queues", "orgs",    "contacts", "keys",   "cas",     "index",
};

struct record_key key_new(void)
{
    struct record_key key = {.n = 0};
    key_u32(&key, STORE_DESK);
    return key;
}

void key_bytes(struct record_key *key, const unsigned char *bytes, size_t n)
{
    assert(key->n + n <= sizeof(key->at));
    memcpy(key->at + key->n, bytes, n);
    key->n += n;
}

void key_u8(struct record_key *key, uint8_t value)
{
    key_bytes(key, &value, 1);
}

void key_u32(struct record_key *key, uint32_t value)
{
    unsigned char bytes[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16),
                              (unsigned char)(value >> 8), (unsigned char)value};
    key_bytes(key, bytes, sizeof(bytes));
}

void key_u64(struct record_key *key, uint64_t value)
{
    key_u32(key, (uint32_t)(value >> 32));
    key_u32(key, (uint32_t)value);
}

struct record_key key_number(uint64_t number)
{
    struct record_key key = key_new();
    key_u64(&key, number);
    return key;
}

struct record_key key_numbers(uint64_t first, uint64_t second)
{
    struct record_key key = key_number(first);
    key_u64(&key, second);
    return key;
}

struct record_key key_index(const struct store *store, enum index_kind kind, struct span text)
{
    unsigned char kind_byte = (unsigned char)kind;
    unsigned char hash[VAULT_HASH_BYTES];
    struct record_key key = key_new();
    struct span parts[] = {span_of(&kind_byte, 1), span_of(key.at, key.n), text};
    vault_hash(store->ring, RING_INDEX, parts, LEN(parts), hash, sizeof(hash));
    key_u8(&key, kind_byte);
    key_bytes(&key, hash, sizeof(hash));
    return key;
}

static uint64_t take_u64(const unsigned char *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

uint64_t key_last_u64(struct span key)
{
    assert(key.n >= 8);
    return take_u64(key.at + key.n - 8);
}

static struct span span_of_key(const struct record_key *key)
{
    return span_of(key->at, key->n);
}

static bool value_open(struct txn *txn, struct arena *a, enum store_table table, struct span key,
                       struct span sealed, struct span *ret_plain, struct err *err)
{
    struct vault_label label = {.table = store_tables[table], .key = key};
    return vault_unseal(txn->store->ring, a, label, sealed, ret_plain, err);
}

bool record_get(struct txn *txn, struct arena *a, enum store_table table,
                const struct record_key *key, struct span *ret_plain, struct err *err)
{
    struct span sealed;
    if (!kv_get(txn->kv, table, span_of_key(key), &sealed, err))
        return false;
    if (!sealed.at) {
        *ret_plain = sealed;
        return true;
    }
    return value_open(txn, a, table, span_of_key(key), sealed, ret_plain, err);
}

bool record_put(struct txn *txn, enum store_table table, const struct record_key *key,
                uint64_t ring_key, struct span plain, struct err *err)
{
    struct vault_label label = {.table = store_tables[table], .key = span_of_key(key)};
    struct span sealed;
    return vault_seal(txn->store->ring, txn->scratch, label, ring_key, plain, &sealed, err) &&
           kv_put(txn->kv, table, span_of_key(key), sealed, err);
}

bool record_delete(struct txn *txn, enum store_table table, const struct record_key *key,
                   struct err *err)
{
    return kv_delete(txn->kv, table, span_of_key(key), err);
}

static bool row_decode(struct arena *a, enum store_table table, const struct json_field *fields,
                       struct span plain, void *row, struct err *err)
{
    return json_decode(a, fields, plain, row, err) ||
           err_wrap(err, "store: a row of table %s", store_tables[table]);
}

bool record_read(struct txn *txn, struct arena *a, enum store_table table,
                 const struct record_key *key, const struct json_field *fields, size_t size,
                 void **ret_row, struct err *err)
{
    struct span plain;
    if (!record_get(txn, txn->scratch, table, key, &plain, err))
        return false;
    if (!plain.at) {
        *ret_row = NULL;
        return true;
    }
    void *row = arena_alloc(a, size);
    if (!row_decode(a, table, fields, plain, row, err))
        return false;
    *ret_row = row;
    return true;
}

bool record_write(struct txn *txn, enum store_table table, const struct record_key *key,
                  uint64_t ring_key, const struct json_field *fields, const void *row,
                  struct err *err)
{
    struct span plain = json_encode(txn->scratch, fields, row);
    return record_put(txn, table, key, ring_key, plain, err);
}

bool record_array(struct txn *txn, struct arena *a, enum store_table table,
                  const struct record_key *prefix, const struct json_field *fields, size_t size,
                  void *ret_array, size_t *ret_n, struct err *err)
{
    SCOPED(kv_cursor_close) struct kv_cursor *cursor = NULL;
    struct kv_entry entry;
    unsigned char *rows = NULL;
    size_t n = 0;
    size_t room = 0;
    if (!kv_cursor_open(txn->kv, table, span_of_key(prefix), &cursor, err))
        return false;
    for (;;) {
        struct span plain;
        if (!kv_cursor_next(cursor, &entry, err))
            return false;
        if (!entry.key.at)
            break;
        if (!value_open(txn, txn->scratch, table, entry.key, entry.value, &plain, err))
            return false;
        rows = arena_grow(a, rows, n, &room, size);
        memset(rows + n * size, 0, size);
        if (!row_decode(a, table, fields, plain, rows + n * size, err))
            return false;
        n++;
    }
    memcpy(ret_array, &rows, sizeof(rows));
    *ret_n = n;
    return true;
}

bool record_list(struct txn *txn, struct arena *a, enum store_table table,
                 const struct record_key *prefix, const struct json_field *fields, size_t size,
                 void *ret_list, size_t *ret_n, struct err *err)
{
    unsigned char *rows = NULL;
    size_t n = 0;
    if (!record_array(txn, a, table, prefix, fields, size, &rows, &n, err))
        return false;
    void **list = ARENA_ARRAY(a, n, void *);
    for (size_t i = 0; i < n; i++)
        list[i] = rows + i * size;
    memcpy(ret_list, &list, sizeof(list));
    *ret_n = n;
    return true;
}

bool record_numbers(struct txn *txn, struct arena *a, enum store_table table,
                    const struct record_key *prefix, size_t max, uint64_t **ret_numbers,
                    size_t *ret_n, struct err *err)
{
    SCOPED(kv_cursor_close) struct kv_cursor *cursor = NULL;
    struct kv_entry entry;
    uint64_t *numbers = NULL;
    size_t n = 0;
    size_t room = 0;
    if (!kv_cursor_open(txn->kv, table, span_of_key(prefix), &cursor, err))
        return false;
    while (n < max) {
        if (!kv_cursor_next(cursor, &entry, err))
            return false;
        if (!entry.key.at)
            break;
        ARENA_GROW(a, numbers, n, room);
        numbers[n++] = key_last_u64(entry.key);
    }
    *ret_numbers = numbers;
    *ret_n = n;
    return true;
}

bool record_get_number(struct txn *txn, enum store_table table, const struct record_key *key,
                       uint64_t *ret_number, struct err *err)
{
    struct span plain;
    if (!record_get(txn, txn->scratch, table, key, &plain, err))
        return false;
    if (plain.at && plain.n != 8)
        return err_set(err, ERR_OPERATOR, "store: a record of table %s is not a number",
                       store_tables[table]);
    *ret_number = plain.at ? take_u64(plain.at) : 0;
    return true;
}

bool record_put_number(struct txn *txn, enum store_table table, const struct record_key *key,
                       uint64_t ring_key, uint64_t number, struct err *err)
{
    struct record_key bytes = {.n = 0};
    key_u64(&bytes, number);
    return record_put(txn, table, key, ring_key, span_of_key(&bytes), err);
}

bool txn_place_key(struct txn *txn, struct place place, uint64_t *ret_number, struct err *err)
{
    uint64_t number = 0;
    if (place.kind == PLACE_NONE) {
        *ret_number = txn->state.intake_key;
        return true;
    }
    if (place.kind == txn->known_place.kind && place.number == txn->known_place.number) {
        *ret_number = txn->known_place_key;
        return true;
    }
    struct record_key key = key_new();
    key_u8(&key, (uint8_t)place.kind);
    key_u64(&key, place.number);
    if (!record_get_number(txn, TABLE_PLACES, &key, &number, err))
        return false;
    if (number == 0) {
        number = txn->state.next_key;
        if (!ring_has(txn->store->ring, number)) {
            txn->wants_keys = true;
            return err_set(err, ERR_RETRY, "store: no ring key is left");
        }
        if (!record_put_number(txn, TABLE_PLACES, &key, RING_DESK, number, err))
            return false;
        txn->state.next_key++;
        txn->state_changed = true;
    }
    txn->known_place = place;
    txn->known_place_key = number;
    *ret_number = number;
    return true;
}
