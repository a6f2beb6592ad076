/*
 * record.h - the store's own view of a transaction: tables, keys, sealed records.
 *
 * Promises: every value that goes through here is sealed under the ring key it names, every key
 * begins with the desk's id and holds nothing but numbers and keyed hashes.
 * Does not: concern anyone outside core/store (and its tests).
 */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "store/kv.h"
#include "store/store.h"
#include "store/vault.h"

enum store_table {
    TABLE_META,     /* name -> desk_state */
    TABLE_PLACES,   /* kind, number -> number of its ring key */
    TABLE_MAILS,    /* number -> struct mail */
    TABLE_TAKEN,    /* number: mails in MAIL_TAKEN */
    TABLE_BLOBS,    /* id -> key, size */
    TABLE_CHUNKS,   /* id, index -> up to 64 KiB, sealed under the blob's key */
    TABLE_REPORTS,  /* number -> struct report */
    TABLE_CASES,    /* number -> struct case_head */
    TABLE_PARTIES,  /* case, n -> struct party */
    TABLE_EVENTS,   /* case, seq -> struct event; never rewritten */
    TABLE_CHAINS,   /* case -> seq and MAC of its last event */
    TABLE_LETTERS,  /* number -> struct letter */
    TABLE_SENDS,    /* case, send, letter */
    TABLE_DUE,      /* 'd', instant, letter; 'h', letter: handing over */
    TABLE_QUEUES,   /* place, reader, due, letter: unfinished letters to one reader, in order */
    TABLE_ORGS,     /* id -> struct org */
    TABLE_CONTACTS, /* id -> struct contact */
    TABLE_KEYS,     /* hash of the fingerprint -> struct key */
    TABLE_CAS,      /* hash of the certificate -> DER */
    TABLE_INDEX,    /* index_kind, hash -> number or row */
    TABLE_COUNT
};

extern const char *const store_tables[TABLE_COUNT]; /* their names in the database */

enum index_kind {
    INDEX_SAME = 's',    /* digest of a whole mail -> mail */
    INDEX_BODY = 'b',    /* digest of a body -> first mail that had it */
    INDEX_SESSION = 'k', /* session key -> mail */
    INDEX_ID = 'm',      /* Message-ID -> struct known_id */
    INDEX_VERP = 'v',    /* token of an envelope sender -> letter */
    INDEX_CODE = 'c',    /* one-time code -> struct code */
    INDEX_TALLY = 't',   /* whom automatic answers went to -> struct tally */
    INDEX_PARTY = 'p',   /* case, kind, id, address -> party number */
};

/* Ring keys with a fixed job; the intake key is named by desk_state, as a purge replaces it. */
enum { RING_DESK = 1, RING_DIRECTORY = 2, RING_FIRST_INTAKE = 3, RING_FIRST_FREE = 4 };
/* Ring keys are made POOL at a time, when fewer than LOW are left. */
enum { RING_POOL = 64, RING_LOW = 16 };

enum { STORE_DESK = 1 };

/* All the counters, read at the begin of each transaction and written at its end. */
struct desk_state {
    uint32_t schema;
    uint64_t last_report;
    uint64_t last_case;
    uint64_t last_letter;
    uint64_t last_mail;
    uint64_t last_blob;
    uint32_t last_id; /* orgs and contacts */
    uint64_t generation;
    uint64_t intake_key;
    uint64_t next_key;  /* the next ring key that no place has */
    struct span anchor; /* XOR of keyed hashes of all chains' heads */
};

struct store {
    struct kv *kv;
    struct ring *ring;
    int lock_fd;    /* of the daemon's lock, or -1 */
    bool daemon;    /* the lock is kept */
    bool outdated;  /* its rows are of an older schema */
    bool upgrading; /* and are being written anew */
};

struct txn {
    struct store *store;
    struct kv_txn *kv;
    struct arena *scratch; /* ends with the transaction */
    struct desk_state state;
    bool state_changed;
    bool wants_keys; /* failed for want of ring keys: make some, run again */
    struct place known_place;
    uint64_t known_place_key;
};

/* ---- keys ---- */

struct record_key {
    unsigned char at[64];
    size_t n;
};

struct record_key key_new(void); /* the desk's id */
void key_u8(struct record_key *key, uint8_t value);
void key_u32(struct record_key *key, uint32_t value);
void key_u64(struct record_key *key, uint64_t value);
void key_bytes(struct record_key *key, const unsigned char *bytes, size_t n);
struct record_key key_number(uint64_t number);                  /* desk, number */
struct record_key key_numbers(uint64_t first, uint64_t second); /* desk, first, second */
/* Desk, kind, keyed hash of text. */
struct record_key key_index(const struct store *store, enum index_kind kind, struct span text);
uint64_t key_last_u64(struct span key); /* the number at its end */

/* ---- records ---- */

/* ret_plain->at == NULL: there is none. */
MUST_USE bool record_get(struct txn *txn, struct arena *a, enum store_table table,
                         const struct record_key *key, struct span *ret_plain, struct err *err);
MUST_USE bool record_put(struct txn *txn, enum store_table table, const struct record_key *key,
                         uint64_t ring_key, struct span plain, struct err *err);
MUST_USE bool record_delete(struct txn *txn, enum store_table table, const struct record_key *key,
                            struct err *err);

/* A whole row by its table of fields, in a; NULL: there is none. */
MUST_USE bool record_read(struct txn *txn, struct arena *a, enum store_table table,
                          const struct record_key *key, const struct json_field *fields,
                          size_t size, void **ret_row, struct err *err);
MUST_USE bool record_write(struct txn *txn, enum store_table table, const struct record_key *key,
                           uint64_t ring_key, const struct json_field *fields, const void *row,
                           struct err *err);

/* All rows below prefix in one array of n things of size bytes. */
MUST_USE bool record_array(struct txn *txn, struct arena *a, enum store_table table,
                           const struct record_key *prefix, const struct json_field *fields,
                           size_t size, void *ret_array, size_t *ret_n, struct err *err);
/* The same as an array of pointers (ret_list: a struct thing ***). */
MUST_USE bool record_list(struct txn *txn, struct arena *a, enum store_table table,
                          const struct record_key *prefix, const struct json_field *fields,
                          size_t size, void *ret_list, size_t *ret_n, struct err *err);
/* The numbers at the end of the keys below prefix, rising, at most max. */
MUST_USE bool record_numbers(struct txn *txn, struct arena *a, enum store_table table,
                             const struct record_key *prefix, size_t max, uint64_t **ret_numbers,
                             size_t *ret_n, struct err *err);

/* A record that is one number; 0: there is none. */
MUST_USE bool record_get_number(struct txn *txn, enum store_table table,
                                const struct record_key *key, uint64_t *ret_number,
                                struct err *err);
MUST_USE bool record_put_number(struct txn *txn, enum store_table table,
                                const struct record_key *key, uint64_t ring_key, uint64_t number,
                                struct err *err);

/* Number of the ring key of a place (PLACE_NONE: the intake key); one that has none gets the next
 * free one, in a write. */
MUST_USE bool txn_place_key(struct txn *txn, struct place place, uint64_t *ret_number,
                            struct err *err);

/* ---- rows, each in the file of its subject ---- */

MUST_USE bool txn_get_mail(struct txn *txn, struct arena *a, uint64_t number,
                           struct mail **ret_mail, struct err *err);
MUST_USE bool txn_get_letter(struct txn *txn, struct arena *a, uint64_t number,
                             struct letter **ret_letter, struct err *err);
MUST_USE bool txn_put_letter(struct txn *txn, const struct letter *letter, struct err *err);
MUST_USE bool txn_letters_of_send(struct txn *txn, struct arena *a, uint64_t case_number,
                                  uint32_t send, struct letter ***ret, size_t *ret_n,
                                  struct err *err);
MUST_USE bool txn_text_of_send(struct txn *txn, struct arena *a, uint64_t case_number,
                               uint32_t send, const char **ret_text, struct err *err);
MUST_USE bool txn_put_report(struct txn *txn, const struct report *report, struct err *err);
MUST_USE bool txn_put_head(struct txn *txn, const struct case_head *head, struct err *err);
MUST_USE bool txn_put_party(struct txn *txn, uint64_t case_number, const struct party *party,
                            struct err *err);
MUST_USE bool txn_party_of(struct txn *txn, uint64_t case_number, enum party_kind kind, uint32_t id,
                           const char *address, uint32_t *ret_n, struct err *err);
MUST_USE bool txn_add_event(struct txn *txn, uint64_t case_number, const struct event *event,
                            struct err *err);
MUST_USE bool txn_put_tally(struct txn *txn, const char *name, const struct tally *row,
                            struct err *err);
MUST_USE bool txn_get_tally(struct txn *txn, struct arena *a, const char *name, struct tally **ret,
                            struct err *err);
MUST_USE bool txn_put_code(struct txn *txn, const char *code, const struct code *row,
                           struct err *err);
MUST_USE bool txn_get_code(struct txn *txn, struct arena *a, const char *code, struct code **ret,
                           struct err *err);
MUST_USE bool txn_put_id(struct txn *txn, const char *message_id, const struct known_id *row,
                         struct err *err);
MUST_USE bool txn_get_id(struct txn *txn, struct arena *a, const char *message_id,
                         struct known_id **ret, struct err *err);

#endif
