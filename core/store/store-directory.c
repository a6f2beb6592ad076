#include "store/store.h"

#include <ctype.h>

#include "store/record.h"

static void directory_touch(struct txn *txn)
{
    txn->state.generation++;
    txn->state_changed = true;
}

bool txn_directory_generation(struct txn *txn, uint64_t *ret_generation, struct err *err)
{
    (void)err;
    *ret_generation = txn->state.generation;
    return true;
}

/* Opens the records of a table one after the other, each handed to add. */
typedef bool record_add(struct arena *a, struct directory *d, struct span plain, struct err *err);

static bool load_each(struct txn *txn, struct arena *a, enum store_table table, record_add *add,
                      struct directory *d, struct err *err)
{
    SCOPED(kv_cursor_close) struct kv_cursor *cursor = NULL;
    struct record_key prefix = key_new();
    struct kv_entry entry;
    if (!kv_cursor_open(txn->kv, table, span_of(prefix.at, prefix.n), &cursor, err))
        return false;
    for (;;) {
        struct span plain;
        if (!kv_cursor_next(cursor, &entry, err))
            return false;
        if (!entry.key.at)
            return true;
        struct vault_label label = {.table = store_tables[table], .key = entry.key};
        if (!vault_unseal(txn->store->ring, a, label, entry.value, &plain, err) ||
            !add(a, d, plain, err))
            return false;
    }
}

static bool add_ca(struct arena *a, struct directory *d, struct span plain, struct err *err)
{
    (void)err;
    ARENA_GROW(a, d->cas, d->n_cas, d->cas_room);
    d->cas[d->n_cas++] = plain;
    return true;
}

/*
 * A key's record is the length of its JSON (4 bytes, big endian), the JSON without the key block,
 * and the key block: as base64 inside the JSON, key blocks took most of the time that a directory
 * of some thousand orgs needs to load.
 */
static struct span key_encode(struct arena *a, const struct key *key)
{
    struct key without = *key;
    without.bytes = span_of(NULL, 0);
    struct span json = json_encode(a, key_fields, &without);
    struct buf record = buf_new(a, 4 + json.n + key->bytes.n);
    struct record_key length = {.n = 0};
    key_u32(&length, (uint32_t)json.n);
    buf_add(&record, length.at, length.n);
    buf_add_span(&record, json);
    buf_add_span(&record, key->bytes);
    return buf_span(&record);
}

static bool add_key(struct arena *a, struct directory *d, struct span plain, struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < 4 && i < plain.n; i++)
        n = n << 8 | plain.at[i];
    if (plain.n < 4 || n > plain.n - 4)
        return err_set(err, ERR_OPERATOR, "store: a key's record is damaged");
    struct key key = {.fingerprint = NULL};
    if (!json_decode(a, key_fields, span_first(span_from(plain, 4), n), &key, err))
        return err_wrap(err, "store: a row of table keys");
    key.bytes = span_from(plain, 4 + n);
    ARENA_GROW(a, d->keys, d->n_keys, d->keys_room);
    d->keys[d->n_keys++] = key;
    return true;
}

bool txn_load_directory(struct txn *txn, struct arena *a, struct directory **ret_directory,
                        struct err *err)
{
    struct record_key prefix = key_new();
    struct directory *d = ARENA_NEW(a, struct directory);
    d->generation = txn->state.generation;
    d->last_id = txn->state.last_id;
    if (!record_array(txn, a, TABLE_ORGS, &prefix, org_fields, sizeof(struct org), &d->orgs,
                      &d->n_orgs, err) ||
        !record_array(txn, a, TABLE_CONTACTS, &prefix, contact_fields, sizeof(struct contact),
                      &d->contacts, &d->n_contacts, err) ||
        !load_each(txn, a, TABLE_KEYS, add_key, d, err) ||
        !load_each(txn, a, TABLE_CAS, add_ca, d, err))
        return false;
    d->orgs_room = d->n_orgs;
    d->contacts_room = d->n_contacts;
    *ret_directory = d;
    return true;
}

static uint32_t id_of(struct txn *txn, uint32_t id)
{
    directory_touch(txn);
    return id != 0 ? id : ++txn->state.last_id;
}

bool txn_put_org(struct txn *txn, struct org *org, struct err *err)
{
    org->id = id_of(txn, org->id);
    struct record_key key = key_number(org->id);
    return record_write(txn, TABLE_ORGS, &key, RING_DIRECTORY, org_fields, org, err);
}

bool txn_put_contact(struct txn *txn, struct contact *contact, struct err *err)
{
    contact->id = id_of(txn, contact->id);
    struct record_key key = key_number(contact->id);
    return record_write(txn, TABLE_CONTACTS, &key, RING_DIRECTORY, contact_fields, contact, err);
}

/* Desk, keyed hash of a certificate or of its fingerprint (letter case ignored). */
static struct record_key key_hashed(struct txn *txn, const char *purpose, struct span bytes)
{
    unsigned char hash[VAULT_HASH_BYTES];
    struct span parts[] = {span_str(purpose), bytes};
    struct record_key key = key_new();
    vault_hash(txn->store->ring, RING_INDEX, parts, LEN(parts), hash, sizeof(hash));
    key_bytes(&key, hash, sizeof(hash));
    return key;
}

bool txn_put_key(struct txn *txn, const struct key *key, struct err *err)
{
    char *folded = arena_strdup(txn->scratch, key->fingerprint);
    for (char *c = folded; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    struct record_key at = key_hashed(txn, "key", span_str(folded));
    directory_touch(txn);
    return record_put(txn, TABLE_KEYS, &at, RING_DIRECTORY, key_encode(txn->scratch, key), err);
}

bool txn_put_ca(struct txn *txn, struct span der, struct err *err)
{
    struct record_key key = key_hashed(txn, "ca", der);
    directory_touch(txn);
    return record_put(txn, TABLE_CAS, &key, RING_DIRECTORY, der, err);
}
