#include "store/store.h"

#include <assert.h>
#include <sodium.h>

#include "base/ascii.h"
#include "base/text.h"
#include "store/record.h"

/*
 * A token is tag and message, 25 bytes, which is exactly 40 characters of base32. The message
 * (kind, number, contact, generation of the token) is hidden by a stream that the tag chooses; the
 * tag is a keyed hash over desk and message: 104 bits that nobody guesses, and the same token for
 * the same contact in the same place each time.
 */
enum { MESSAGE_BYTES = 12, TAG_BYTES = 13, TOKEN_BYTES = TAG_BYTES + MESSAGE_BYTES };

static void token_tag(struct store *store, const unsigned char message[MESSAGE_BYTES],
                      unsigned char ret_tag[TAG_BYTES])
{
    unsigned char hash[VAULT_HASH_BYTES];
    struct record_key desk = key_new();
    struct span parts[] = {span_str("tag"), span_of(desk.at, desk.n),
                           span_of(message, MESSAGE_BYTES)};
    vault_hash(store->ring, RING_TOKEN, parts, LEN(parts), hash, sizeof(hash));
    memcpy(ret_tag, hash, TAG_BYTES);
}

/* Hides and shows: both are the same. */
static void token_stream(struct store *store, const unsigned char tag[TAG_BYTES],
                         unsigned char message[MESSAGE_BYTES])
{
    unsigned char stream[VAULT_HASH_BYTES];
    struct span parts[] = {span_str("stream"), span_of(tag, TAG_BYTES)};
    vault_hash(store->ring, RING_TOKEN, parts, LEN(parts), stream, sizeof(stream));
    for (size_t i = 0; i < MESSAGE_BYTES; i++)
        message[i] ^= stream[i];
}

char *store_token(struct store *store, struct arena *a, struct place place, uint32_t contact,
                  uint32_t generation)
{
    unsigned char token[TOKEN_BYTES];
    struct record_key message = {.n = 0};
    assert(place.number >> 40 == 0 && generation >> 16 == 0);
    key_u8(&message, (uint8_t)place.kind);
    key_u8(&message, (uint8_t)(place.number >> 32));
    key_u32(&message, (uint32_t)place.number);
    key_u32(&message, contact);
    key_u8(&message, (uint8_t)(generation >> 8));
    key_u8(&message, (uint8_t)generation);
    assert(message.n == MESSAGE_BYTES);
    token_tag(store, message.at, token);
    memcpy(token + TAG_BYTES, message.at, MESSAGE_BYTES);
    token_stream(store, token, token + TAG_BYTES);
    return text_base32(a, span_of(token, sizeof(token)));
}

static uint64_t big_endian(const unsigned char *at, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | at[i];
    return value;
}

bool store_token_read(struct store *store, struct span token, struct place *ret_place,
                      uint32_t *ret_contact, uint32_t *ret_generation)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    unsigned char tag[TAG_BYTES];
    unsigned char message[MESSAGE_BYTES];
    struct span bytes;
    if (!text_from_base32(a, token, &bytes) || bytes.n != TOKEN_BYTES)
        return false;
    memcpy(message, bytes.at + TAG_BYTES, MESSAGE_BYTES);
    token_stream(store, bytes.at, message);
    token_tag(store, message, tag);
    if (sodium_memcmp(tag, bytes.at, TAG_BYTES) != 0 || message[0] > PLACE_CASE)
        return false;
    ret_place->kind = (enum place_kind)message[0];
    ret_place->number = big_endian(message + 1, 5);
    *ret_contact = (uint32_t)big_endian(message + 6, 4);
    *ret_generation = (uint32_t)big_endian(message + 10, 2);
    return true;
}

void store_mark(struct store *store, struct place place, uint64_t letter,
                unsigned char ret_mark[10])
{
    unsigned char hash[VAULT_HASH_BYTES];
    struct record_key what = key_numbers(place.number, letter);
    key_u8(&what, (uint8_t)place.kind);
    struct span parts[] = {span_str("mark"), span_of(what.at, what.n)};
    vault_hash(store->ring, RING_MARK, parts, LEN(parts), hash, sizeof(hash));
    memcpy(ret_mark, hash, 10);
}

void store_calendar_id(struct store *store, struct place place, uint32_t party, uint32_t contact,
                       unsigned char ret_id[16])
{
    unsigned char hash[VAULT_HASH_BYTES];
    struct record_key what = key_numbers(place.number, (uint64_t)party << 32 | contact);
    key_u8(&what, (uint8_t)place.kind);
    struct span parts[] = {span_str("calendar"), span_of(what.at, what.n)};
    vault_hash(store->ring, RING_MARK, parts, LEN(parts), hash, sizeof(hash));
    memcpy(ret_id, hash, 16);
}

void store_random(void *bytes, size_t n)
{
    randombytes_buf(bytes, n);
}

char *store_sha256(struct arena *a, struct span bytes)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, bytes.at, bytes.n);
    return text_hex(a, span_of(hash, sizeof(hash)), false);
}

/* ---- one-time codes and Message-IDs ---- */

static struct record_key code_key(struct txn *txn, const char *code)
{
    struct buf folded = buf_new(txn->scratch, strlen(code));
    for (const char *c = code; *c; c++) {
        if (*c != '-')
            buf_add_char(&folded, (char)ascii_lower((unsigned char)*c));
    }
    return key_index(txn->store, INDEX_CODE, buf_span(&folded));
}

bool txn_put_code(struct txn *txn, const char *code, const struct code *row, struct err *err)
{
    struct record_key key = code_key(txn, code);
    uint64_t ring_key;
    return txn_place_key(txn, row->place, &ring_key, err) &&
           record_write(txn, TABLE_INDEX, &key, ring_key, code_fields, row, err);
}

bool txn_get_code(struct txn *txn, struct arena *a, const char *code, struct code **ret,
                  struct err *err)
{
    struct record_key key = code_key(txn, code);
    void *row;
    if (!record_read(txn, a, TABLE_INDEX, &key, code_fields, sizeof(struct code), &row, err))
        return false;
    *ret = row;
    return true;
}

bool txn_put_tally(struct txn *txn, const char *name, const struct tally *row, struct err *err)
{
    struct record_key key = key_index(txn->store, INDEX_TALLY, span_str(name));
    return record_write(txn, TABLE_INDEX, &key, RING_DESK, tally_fields, row, err);
}

bool txn_get_tally(struct txn *txn, struct arena *a, const char *name, struct tally **ret,
                   struct err *err)
{
    struct record_key key = key_index(txn->store, INDEX_TALLY, span_str(name));
    void *row;
    if (!record_read(txn, a, TABLE_INDEX, &key, tally_fields, sizeof(struct tally), &row, err))
        return false;
    *ret = row;
    return true;
}

bool txn_get_id(struct txn *txn, struct arena *a, const char *message_id, struct known_id **ret,
                struct err *err)
{
    struct record_key key = key_index(txn->store, INDEX_ID, span_str(message_id));
    void *row;
    if (!record_read(txn, a, TABLE_INDEX, &key, known_id_fields, sizeof(struct known_id), &row,
                     err))
        return false;
    *ret = row;
    return true;
}

bool txn_put_id(struct txn *txn, const char *message_id, const struct known_id *row,
                struct err *err)
{
    struct record_key key = key_index(txn->store, INDEX_ID, span_str(message_id));
    struct known_id *held;
    uint64_t ring_key;
    if (!txn_get_id(txn, txn->scratch, message_id, &held, err))
        return false;
    /* A Message-ID is its sender's choice: who repeats one must not take over what it stands for.
     */
    if (held && (held->letter != row->letter || held->mail != row->mail))
        return true;
    return txn_place_key(txn, row->place, &ring_key, err) &&
           record_write(txn, TABLE_INDEX, &key, ring_key, known_id_fields, row, err);
}
