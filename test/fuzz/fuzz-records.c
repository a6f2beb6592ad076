/* What lies in the store, as nobody of us wrote it: the first byte chooses a table, and the rest is
 * the record's plain text (sealed for it, so that it opens), or a sealed record itself. */
#include "store/record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

struct row {
    uint8_t letter;
    enum store_table table;
    const struct json_field *fields;
    size_t size;
};

static const struct row rows[] = {
    {'m', TABLE_MAILS, mail_fields, sizeof(struct mail)},
    {'r', TABLE_REPORTS, report_fields, sizeof(struct report)},
    {'c', TABLE_CASES, case_fields, sizeof(struct case_head)},
    {'p', TABLE_PARTIES, party_fields, sizeof(struct party)},
    {'e', TABLE_EVENTS, event_fields, sizeof(struct event)},
    {'l', TABLE_LETTERS, letter_fields, sizeof(struct letter)},
    {'o', TABLE_ORGS, org_fields, sizeof(struct org)},
    {'t', TABLE_CONTACTS, contact_fields, sizeof(struct contact)},
    {'i', TABLE_INDEX, known_id_fields, sizeof(struct known_id)},
    {'1', TABLE_INDEX, code_fields, sizeof(struct code)},
};

struct input {
    const struct row *row; /* NULL: a key's record, which is no row of JSON alone */
    struct span bytes;
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A row that was read is written, and read again, as the same. */
static bool try_row(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    const struct input *input = ctx;
    const struct row *r = input->row;
    struct record_key key = key_number(1);
    void *first;
    void *second;

    must(record_put(txn, r->table, &key, RING_DESK, input->bytes, err));
    if (!record_read(txn, a, r->table, &key, r->fields, r->size, &first, err))
        return false;
    must(record_write(txn, r->table, &key, RING_DESK, r->fields, first, err));
    must(record_read(txn, a, r->table, &key, r->fields, r->size, &second, err));
    must(span_eq(json_encode(a, r->fields, first), json_encode(a, r->fields, second)));
    return false; /* nothing stays */
}

static bool try_key(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    const struct input *input = ctx;
    struct record_key key = key_number(1);
    struct directory *d;

    must(record_put(txn, TABLE_KEYS, &key, RING_DIRECTORY, input->bytes, err));
    if (txn_load_directory(txn, a, &d, err))
        must(d->n_keys == 1 && d->keys[0].bytes.n <= input->bytes.n);
    return false;
}

/* Nobody has the ring's keys: no bytes are a sealed record. */
static void try_sealed(struct store *store, struct arena *a, struct span bytes)
{
    struct record_key key = key_number(1);
    struct vault_label label = {.table = "mails", .key = span_of(key.at, key.n)};
    struct span plain;
    struct err err;

    (void)vault_key_number(bytes);
    must(!vault_unseal(store->ring, a, label, bytes, &plain, &err));
}

static const struct row *row_of(uint8_t letter)
{
    for (size_t i = 0; i < LEN(rows); i++) {
        if (rows[i].letter == letter)
            return &rows[i];
    }
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    static struct store *store;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct input input = {.bytes = span_from(span_of(at, n), 1)};
    struct err err;

    if (store == NULL)
        store = store_open_memory();
    if (n == 0)
        return 0;
    input.row = row_of(at[0]);
    if (at[0] == 'S')
        try_sealed(store, a, input.bytes);
    else if (at[0] == 'k')
        must(!store_write(store, try_key, &input, &err));
    else if (input.row != NULL)
        must(!store_write(store, try_row, &input, &err));
    return 0;
}
