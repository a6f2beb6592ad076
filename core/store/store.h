/*
 * store.h - everything the desk keeps, sealed, in durable transactions.
 *
 * Promises: a committed write survives anything short of losing the disk; no plaintext of mail or
 * directory on disk; a record that was changed, moved or swapped on disk is an error that names it.
 * Index keys (addresses, Message-IDs, codes, tokens) are keyed hashes.
 * One daemon per store (a lock), other processes of the same user may read and write beside it.
 *
 * Writes: store_write runs fn inside one transaction; fn may run again after a conflict, so it has
 * no effect outside its transaction and the arena it was given; never anything slow inside. Blobs
 * (raw mails, opened bytes, sealed letters) are sealed outside (store_seal_blob) and put inside.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "model/directory.h"
#include "model/rows.h"

struct store;
struct txn;

/* What rows hold; raised where the same events give other rows (flow/upgrade.h). 2: quotes, second
 * words, what files carry, when a case was worded. */
enum { STORE_SCHEMA = 2 };

struct store_paths {
    const char *state; /* state-directory: store/ lies below it */
    const char *keys;  /* key-directory: epoch.key, ring, index.key, token.key, mark.key */
};

/* Whether neither a store nor its key files are there; else ERR_OPERATOR says which. */
MUST_USE bool store_absent(const struct store_paths *paths, struct err *err);

/* Makes directories (their parents are there), key files and an empty store; refuses where one is.
 */
MUST_USE bool store_create(const struct store_paths *paths, struct err *err);

/* daemon: takes the one-daemon lock (ERR_OPERATOR with the holder's pid if it is taken). A store of
 * an older schema opens, but no transaction runs on it before store_upgrade_begin; a newer one is
 * ERR_OPERATOR. */
MUST_USE bool store_open(const struct store_paths *paths, bool daemon, struct store **ret_store,
                         struct err *err);

bool store_outdated(const struct store *store);
/* Takes the one-daemon lock, if it is not held: no older program works on what is being upgraded.
 * From here on transactions run on rows of the older schema, for upgrade.h alone. */
MUST_USE bool store_upgrade_begin(struct store *store, const struct store_paths *paths,
                                  struct err *err);
/* In the last of them: all rows are of STORE_SCHEMA now. */
void txn_upgraded(struct txn *txn);
/* A store as any other again; whoever opened it beside a daemon gives the lock back. */
void store_upgrade_end(struct store *store);
/* The same over kv-mem, nothing on disk: for tests. */
struct store *store_open_memory(void);
void store_close(struct store *store);
SCOPED_DEFINE(struct store *, store_close)

typedef bool store_fn(struct txn *txn, struct arena *a, void *ctx, struct err *err);

/* A fresh arena per run of fn; a durable commit when fn returns true. */
MUST_USE bool store_write(struct store *store, store_fn *fn, void *ctx, struct err *err);
/* One snapshot; the arena is the caller's, so that results outlive the call. */
MUST_USE bool store_read(struct store *store, struct arena *a, store_fn *fn, void *ctx,
                         struct err *err);

struct store *txn_store(struct txn *txn); /* the one it is on */

/* The decision's reader over this transaction; lives as long as txn. */
void txn_rows(struct txn *txn, struct rows *ret_rows);
/* Writes all that a decision changed. Letters get their place in the due queue by state and time,
 * and are found by their send, VERP token and Message-ID. Mails (and their blobs) and reports that
 * moved are sealed under the key of their new place. An event whose seq does not follow the last
 * is an error. A Message-ID that stands for something already keeps standing for it. */
MUST_USE bool txn_put_changes(struct txn *txn, const struct changes *changes, struct err *err);

/* ---- mails ---- */

/* Keyed hash of what makes a mail the same one, by envelope sender, desk recipients, and bytes
 * below our own hops; and of its body alone, for "like". */
struct mail_digest {
    unsigned char same[32];
    unsigned char body[32];
};
void store_mail_digest(struct store *store, const char *sender, const struct strs *recipients,
                       struct span below_hops, struct span body, struct mail_digest *ret_digest);

/* Files a taken mail (number is set here), unless the same one is there: then *ret_same is its
 * number and nothing is written. Sets mail->like. */
MUST_USE bool txn_take_mail(struct txn *txn, struct arena *a, struct mail *mail,
                            const struct mail_digest *digest, uint64_t *ret_same, struct err *err);
/* Numbers of mails in MAIL_TAKEN, oldest first, at most max. */
MUST_USE bool txn_list_taken(struct txn *txn, struct arena *a, size_t max, uint64_t **ret_numbers,
                             size_t *ret_n, struct err *err);
MUST_USE bool txn_list_mails(struct txn *txn, struct arena *a, struct mail ***ret, size_t *ret_n,
                             struct err *err);
MUST_USE bool txn_put_mail(struct txn *txn, const struct mail *mail, struct err *err);

/* Keyed hashes of the session keys that opened a mail: *ret_contested is set when one of them
 * stands for another mail already (which is marked too). */
MUST_USE bool txn_claim_session_keys(struct txn *txn, uint64_t mail,
                                     const struct strs *session_keys, bool *ret_contested,
                                     struct err *err);

/* ---- blobs ---- */

struct sealed_blob; /* chunks, sealed under a random key of their own; lives in the arena */
struct sealed_blob *store_seal_blob(struct store *store, struct arena *a, struct span bytes);
/* Stores it; its key is wrapped by the key of place (PLACE_NONE: the intake key). */
MUST_USE bool txn_put_blob(struct txn *txn, struct place place, const struct sealed_blob *blob,
                           uint64_t *ret_id, struct err *err);
MUST_USE bool txn_get_blob(struct txn *txn, struct arena *a, uint64_t id, struct span *ret_bytes,
                           struct err *err);
/* Wraps a blob's key by another place's key (filing, joining). */
MUST_USE bool txn_rewrap_blob(struct txn *txn, uint64_t id, struct place place, struct err *err);
MUST_USE bool txn_delete_blob(struct txn *txn, uint64_t id, struct err *err);

/* ---- outbox ---- */

/* Letters to be worked on at this instant (planned and due, or waiting with next_try reached),
 * at most max, none whose reader (contact, or reporter, in one place) has an unfinished one in the
 * way that was due earlier; then those in handing-over (left by a crash, or in work), at most max.
 * Which process works on them is the caller's care. */
MUST_USE bool txn_due_letters(struct txn *txn, struct arena *a, instant now, size_t max,
                              struct letter ***ret, size_t *ret_n, struct err *err);
/* When the earliest letter that has none in its way is to be worked on; 0: none. What is handing
 * over does not count. */
MUST_USE bool txn_next_due(struct txn *txn, instant *ret_at, struct err *err);
MUST_USE bool txn_list_letters(struct txn *txn, struct arena *a, struct letter ***ret,
                               size_t *ret_n, struct err *err);

/* ---- listings ---- */

MUST_USE bool txn_list_reports(struct txn *txn, struct arena *a, struct report ***ret,
                               size_t *ret_n, struct err *err);
MUST_USE bool txn_list_cases(struct txn *txn, struct arena *a, struct case_head ***ret,
                             size_t *ret_n, struct err *err);
MUST_USE bool txn_list_events(struct txn *txn, struct arena *a, uint64_t case_number,
                              struct event ***ret, size_t *ret_n, struct err *err);
/* Checks the chain of a case's sealed events against its head; *ret_problem NULL: sound. */
MUST_USE bool txn_check_chain(struct txn *txn, struct arena *a, uint64_t case_number,
                              const char **ret_problem, struct err *err);

/* Checks all heads against the store-wide anchor; *ret_problem NULL: sound. */
MUST_USE bool txn_check_anchor(struct txn *txn, struct arena *a, const char **ret_problem,
                               struct err *err);

/* ---- directory ---- */

MUST_USE bool txn_directory_generation(struct txn *txn, uint64_t *ret_generation, struct err *err);
MUST_USE bool txn_load_directory(struct txn *txn, struct arena *a, struct directory **ret_directory,
                                 struct err *err);
/* id 0: a new one, its id is set. Every put raises the directory's generation. */
MUST_USE bool txn_put_org(struct txn *txn, struct org *org, struct err *err);
MUST_USE bool txn_put_contact(struct txn *txn, struct contact *contact, struct err *err);
MUST_USE bool txn_put_key(struct txn *txn, const struct key *key, struct err *err);
MUST_USE bool txn_put_ca(struct txn *txn, struct span der, struct err *err);

/* ---- tokens and marks: keyed, opaque, lower-case base32 ---- */

/* Token of one contact in one place (80 bits of tag at least). */
char *store_token(struct store *store, struct arena *a, struct place place, uint32_t contact,
                  uint32_t generation);
bool store_token_read(struct store *store, struct span token, struct place *ret_place,
                      uint32_t *ret_contact, uint32_t *ret_generation);
void store_mark(struct store *store, struct place place, uint64_t letter,
                unsigned char ret_mark[10]);

/* What names a reader's calendar entry of a case: the same in all letters to it, unlike any other.
 */
void store_calendar_id(struct store *store, struct place place, uint32_t party, uint32_t contact,
                       unsigned char ret_id[16]);

/* Random bytes from the system, for whoever may not include the crypto library. */
void store_random(void *bytes, size_t n);
/* Lower-case hex SHA-256. */
char *store_sha256(struct arena *a, struct span bytes);

#endif
