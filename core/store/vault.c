#include "store/vault.h"

#include <assert.h>
#include <sodium.h>

#include "base/text.h"

/* format (1)  number of the ring key (8, big endian)  nonce (24)  sealed bytes and tag */
enum {
    FORMAT = 1,
    NUMBER_AT = 1,
    NONCE_AT = NUMBER_AT + 8,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEALED_AT = NONCE_AT + NONCE_BYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    LABEL_MAX = 320,
};

static void put_u64(unsigned char *at, uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        at[i] = (unsigned char)value;
}

/* Associated data: the record's head (format and key number), the table with its NUL, the key. */
static size_t label_bytes(struct vault_label label, const unsigned char head[NONCE_AT],
                          unsigned char ret_bytes[LABEL_MAX])
{
    size_t n_table = strlen(label.table) + 1;
    assert(NONCE_AT + n_table + label.key.n <= LABEL_MAX);
    memcpy(ret_bytes, head, NONCE_AT);
    memcpy(ret_bytes + NONCE_AT, label.table, n_table);
    memcpy(ret_bytes + NONCE_AT + n_table, label.key.at, label.key.n);
    return NONCE_AT + n_table + label.key.n;
}

static bool key_missing(struct vault_label label, uint64_t number, struct err *err)
{
    return err_set(err, ERR_OPERATOR, "store: table %s: key %llu is not in the ring", label.table,
                   (unsigned long long)number);
}

bool vault_seal(struct ring *ring, struct arena *a, struct vault_label label, uint64_t number,
                struct span plain, struct span *ret_sealed, struct err *err)
{
    unsigned char key[RING_KEY_BYTES];
    unsigned char ad[LABEL_MAX];
    if (!ring_key(ring, number, key))
        return key_missing(label, number, err);
    unsigned char *sealed = arena_alloc(a, SEALED_AT + plain.n + TAG_BYTES);
    sealed[0] = FORMAT;
    put_u64(sealed + NUMBER_AT, number);
    randombytes_buf(sealed + NONCE_AT, NONCE_BYTES);
    size_t n_ad = label_bytes(label, sealed, ad);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + SEALED_AT, NULL, plain.at, plain.n, ad,
                                               n_ad, NULL, sealed + NONCE_AT, key);
    wipe(key, sizeof(key));
    *ret_sealed = span_of(sealed, SEALED_AT + plain.n + TAG_BYTES);
    return true;
}

uint64_t vault_key_number(struct span sealed)
{
    uint64_t number = 0;
    if (sealed.n < SEALED_AT + TAG_BYTES || sealed.at[0] != FORMAT)
        return 0;
    for (size_t i = NUMBER_AT; i < NONCE_AT; i++)
        number = number << 8 | sealed.at[i];
    return number;
}

static bool not_sound(struct arena *a, struct vault_label label, struct err *err)
{
    return err_set(err, ERR_OPERATOR,
                   "store: table %s: record %s was changed, swapped or moved: restore it",
                   label.table, text_hex(a, label.key, false));
}

bool vault_unseal(struct ring *ring, struct arena *a, struct vault_label label, struct span sealed,
                  struct span *ret_plain, struct err *err)
{
    unsigned char key[RING_KEY_BYTES];
    unsigned char ad[LABEL_MAX];
    uint64_t number = vault_key_number(sealed);
    if (number == 0)
        return not_sound(a, label, err);
    if (!ring_key(ring, number, key))
        return key_missing(label, number, err);
    size_t n_ad = label_bytes(label, sealed.at, ad);
    size_t n_plain = sealed.n - SEALED_AT - TAG_BYTES;
    unsigned char *plain = arena_alloc(a, n_plain);
    int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed.at + SEALED_AT,
                                                        sealed.n - SEALED_AT, ad, n_ad,
                                                        sealed.at + NONCE_AT, key);
    wipe(key, sizeof(key));
    if (rc != 0)
        return not_sound(a, label, err);
    *ret_plain = span_of(plain, n_plain);
    return true;
}

static void hash_parts(const unsigned char key[RING_KEY_BYTES], const struct span *parts,
                       size_t n_parts, unsigned char *ret_hash, size_t n_hash)
{
    crypto_generichash_state state;
    unsigned char length[8];
    crypto_generichash_init(&state, key, RING_KEY_BYTES, n_hash);
    for (size_t i = 0; i < n_parts; i++) {
        put_u64(length, parts[i].n);
        crypto_generichash_update(&state, length, sizeof(length));
        crypto_generichash_update(&state, parts[i].at, parts[i].n);
    }
    crypto_generichash_final(&state, ret_hash, n_hash);
    wipe(&state, sizeof(state));
}

void vault_hash(const struct ring *ring, enum ring_secret which, const struct span *parts,
                size_t n_parts, unsigned char *ret_hash, size_t n_hash)
{
    hash_parts(ring_secret(ring, which), parts, n_parts, ret_hash, n_hash);
}

bool vault_mac(struct ring *ring, uint64_t number, const struct span *parts, size_t n_parts,
               unsigned char ret_mac[VAULT_MAC_BYTES], struct err *err)
{
    static const char purpose[] = "mac";
    unsigned char key[RING_KEY_BYTES];
    unsigned char derived[RING_KEY_BYTES];
    struct span part = span_str(purpose);
    if (!ring_key(ring, number, key))
        return err_set(err, ERR_OPERATOR, "store: key %llu is not in the ring",
                       (unsigned long long)number);
    hash_parts(key, &part, 1, derived, sizeof(derived));
    hash_parts(derived, parts, n_parts, ret_mac, VAULT_MAC_BYTES);
    wipe(key, sizeof(key));
    wipe(derived, sizeof(derived));
    return true;
}
