#include "store/store.h"

#include <assert.h>
#include <sodium.h>

#include "store/record.h"

/*
 * A blob is sealed outside of any transaction under a key of its own, in chunks of 64 KiB: LMDB
 * writes those five times as fast as one long value, and needs no run of free pages. As the key
 * serves one blob only, a chunk's nonce is its index and whether it is the last: a chunk that was
 * swapped, moved, repeated or cut off does not open.
 */
enum {
    CHUNK_BYTES = 64 * 1024,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    BLOB_KEY_BYTES = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    ROW_BYTES = BLOB_KEY_BYTES + 8, /* key, size */
};

struct sealed_blob {
    unsigned char key[BLOB_KEY_BYTES];
    uint64_t size;
    struct span *chunks;
    size_t n_chunks;
};

struct blob_row {
    unsigned char key[BLOB_KEY_BYTES];
    uint64_t size;
};

static size_t chunk_count(uint64_t size)
{
    return size == 0 ? 1 : (size_t)((size - 1) / CHUNK_BYTES + 1);
}

static size_t chunk_bytes(uint64_t size, size_t i)
{
    uint64_t left = size - (uint64_t)i * CHUNK_BYTES;
    return left < CHUNK_BYTES ? (size_t)left : CHUNK_BYTES;
}

static void chunk_nonce(uint64_t size, size_t i, unsigned char ret_nonce[NONCE_BYTES])
{
    struct record_key bytes = {.n = 0};
    key_u64(&bytes, i);
    key_u8(&bytes, i + 1 == chunk_count(size));
    memset(ret_nonce, 0, NONCE_BYTES);
    memcpy(ret_nonce, bytes.at, bytes.n);
}

struct sealed_blob *store_seal_blob(struct store *store, struct arena *a, struct span bytes)
{
    (void)store;
    struct sealed_blob *blob = ARENA_NEW(a, struct sealed_blob);
    unsigned char nonce[NONCE_BYTES];
    randombytes_buf(blob->key, sizeof(blob->key));
    blob->size = bytes.n;
    blob->n_chunks = chunk_count(bytes.n);
    blob->chunks = ARENA_ARRAY(a, blob->n_chunks, struct span);
    for (size_t i = 0; i < blob->n_chunks; i++) {
        size_t n = chunk_bytes(bytes.n, i);
        unsigned char *sealed = arena_alloc(a, n + TAG_BYTES);
        chunk_nonce(blob->size, i, nonce);
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL,
                                                   bytes.n > 0 ? bytes.at + i * CHUNK_BYTES : NULL,
                                                   n, NULL, 0, NULL, nonce, blob->key);
        blob->chunks[i] = span_of(sealed, n + TAG_BYTES);
    }
    return blob;
}

static bool row_put(struct txn *txn, uint64_t id, uint64_t ring_key, const struct blob_row *row,
                    struct err *err)
{
    struct record_key key = key_number(id);
    struct record_key bytes = {.n = 0};
    key_bytes(&bytes, row->key, sizeof(row->key));
    key_u64(&bytes, row->size);
    bool good = record_put(txn, TABLE_BLOBS, &key, ring_key, span_of(bytes.at, bytes.n), err);
    wipe(&bytes, sizeof(bytes));
    return good;
}

/* Lies in the transaction's scratch, which is wiped. */
static bool row_get(struct txn *txn, uint64_t id, struct blob_row **ret_row, struct err *err)
{
    struct record_key key = key_number(id);
    struct span plain;
    if (!record_get(txn, txn->scratch, TABLE_BLOBS, &key, &plain, err))
        return false;
    if (plain.n != ROW_BYTES)
        return err_set(err, ERR_OPERATOR, "store: blob %llu is not there", (unsigned long long)id);
    struct blob_row *row = ARENA_NEW(txn->scratch, struct blob_row);
    memcpy(row->key, plain.at, BLOB_KEY_BYTES);
    row->size = key_last_u64(plain);
    *ret_row = row;
    return true;
}

bool txn_put_blob(struct txn *txn, struct place place, const struct sealed_blob *blob,
                  uint64_t *ret_id, struct err *err)
{
    uint64_t ring_key;
    uint64_t id = ++txn->state.last_blob;
    struct blob_row row = {.size = blob->size};
    txn->state_changed = true;
    memcpy(row.key, blob->key, sizeof(row.key));
    bool good = txn_place_key(txn, place, &ring_key, err) && row_put(txn, id, ring_key, &row, err);
    wipe(&row, sizeof(row));
    for (size_t i = 0; good && i < blob->n_chunks; i++) {
        struct record_key key = key_numbers(id, i);
        good = kv_put(txn->kv, TABLE_CHUNKS, span_of(key.at, key.n), blob->chunks[i], err);
    }
    if (good)
        *ret_id = id;
    return good;
}

static bool chunk_open(struct txn *txn, uint64_t id, const struct blob_row *row, size_t i,
                       unsigned char *ret_bytes, struct err *err)
{
    struct record_key key = key_numbers(id, i);
    struct span sealed;
    unsigned char nonce[NONCE_BYTES];
    size_t n = chunk_bytes(row->size, i);
    if (!kv_get(txn->kv, TABLE_CHUNKS, span_of(key.at, key.n), &sealed, err))
        return false;
    chunk_nonce(row->size, i, nonce);
    if (!sealed.at || sealed.n != n + TAG_BYTES ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(ret_bytes, NULL, NULL, sealed.at, sealed.n, NULL,
                                                   0, nonce, row->key) != 0)
        return err_set(err, ERR_OPERATOR,
                       "store: table chunks: chunk %zu of blob %llu was changed, swapped or moved: "
                       "restore it",
                       i, (unsigned long long)id);
    return true;
}

bool txn_get_blob(struct txn *txn, struct arena *a, uint64_t id, struct span *ret_bytes,
                  struct err *err)
{
    struct blob_row *row;
    if (!row_get(txn, id, &row, err))
        return false;
    unsigned char *bytes = arena_alloc(a, (size_t)row->size);
    for (size_t i = 0; i < chunk_count(row->size); i++) {
        if (!chunk_open(txn, id, row, i, bytes + i * CHUNK_BYTES, err))
            return false;
    }
    *ret_bytes = span_of(bytes, (size_t)row->size);
    return true;
}

bool txn_rewrap_blob(struct txn *txn, uint64_t id, struct place place, struct err *err)
{
    struct record_key key = key_number(id);
    struct span sealed;
    struct blob_row *row;
    uint64_t ring_key;
    if (!txn_place_key(txn, place, &ring_key, err) ||
        !kv_get(txn->kv, TABLE_BLOBS, span_of(key.at, key.n), &sealed, err))
        return false;
    if (sealed.at && vault_key_number(sealed) == ring_key)
        return true;
    return row_get(txn, id, &row, err) && row_put(txn, id, ring_key, row, err);
}

bool txn_delete_blob(struct txn *txn, uint64_t id, struct err *err)
{
    struct record_key key = key_number(id);
    struct blob_row *row;
    if (!row_get(txn, id, &row, err))
        return false;
    for (size_t i = 0; i < chunk_count(row->size); i++) {
        struct record_key chunk = key_numbers(id, i);
        if (!kv_delete(txn->kv, TABLE_CHUNKS, span_of(chunk.at, chunk.n), err))
            return false;
    }
    return record_delete(txn, TABLE_BLOBS, &key, err);
}
