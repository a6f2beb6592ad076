/*
 * select-rows.h - what the letters of one batch read in common: cases with their words, messages.
 *
 * Promises: each row is read and opened once for a batch; results live as long as the batch. Does
 * not: decide who may see what (select-pieces.h).
 */
#ifndef FLOW_SELECT_ROWS_H
#define FLOW_SELECT_ROWS_H

#include "compose/batch.h"
#include "flow/select.h"
#include "flow/wording.h"
#include "redact/firewall.h"

struct cached_message {
    uint64_t mail;
    struct message *message; /* NULL: never opened */
    struct span opened;      /* loaded when an attachment is wanted */
    bool opened_loaded;
};

/* Which bytes of a piece's text are a quote: the same for all its readers. */
struct cached_quotes {
    uint32_t piece;
    struct span text;
    struct quotes quotes;
    struct quotes sent; /* of them, what repeats what the desk had sent its writer */
};

struct cached_case {
    uint64_t number;
    bool for_reporter; /* reporters don't learn of each other, named or not */
    struct case_head *head;
    struct party **parties;
    size_t n_parties;
    const struct term_set *terms;
    const struct guard_words *guard_words;
    struct cached_quotes **quotes;
    size_t n_quotes;
    size_t quotes_room;
};

struct select {
    struct arena *a;
    struct compose_batch *batch;
    struct world *world;
    struct store *store;
    struct cached_message *messages;
    size_t n_messages;
    size_t messages_room;
    struct cached_case *cases;
    size_t n_cases;
    size_t cases_room;
    struct wording wording; /* n == 0: not read yet */
};

/* A message that a piece or a letter is about. */
MUST_USE bool select_message(struct select *s, const struct rows *rows, uint64_t mail,
                             struct cached_message **ret, struct err *err);

/* Its decoded parts (m->opened), loaded when first wanted. */
MUST_USE bool select_opened(struct select *s, struct txn *txn, const struct rows *rows,
                            struct cached_message *m, struct err *err);

/* A case with its parties, and the words that are its own: reporters, ticket numbers, ids. */
MUST_USE bool select_case(struct select *s, const struct rows *rows, uint64_t number,
                          bool for_reporter, struct cached_case **ret, struct err *err);

/* The desk's own words: select->wording. */
MUST_USE bool select_wording(struct select *s, struct err *err);

/* Whose a party's own words are: compose's owner of a reporter, else its org. */
uint32_t select_owner(const struct party *party);

#endif
