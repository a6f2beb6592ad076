/*
 * select.h - what one letter may hold: reads the rows, and hands compose only what its reader may
 * see.
 *
 * Promises: each piece and part is asked for again (engine/audience) when the letter is made,
 * whatever the letter's row says; everything else of the case goes to the guard as what must not be
 * there. Opened messages and the case's own words are kept for a batch of letters (struct select).
 */
#ifndef FLOW_SELECT_H
#define FLOW_SELECT_H

#include "compose/compose.h"
#include "flow/world.h"

/* For one batch of letters, one thread; its arena holds plaintext: end it with the batch. */
struct select;

struct select *select_new(struct world *world, struct store *store);
void select_free(struct select *select); /* NULL is fine */
SCOPED_DEFINE(struct select *, select_free)

struct selected {
    struct compose_job job;
    enum protocol protocol;
    struct span key;         /* the reader's key; empty: none usable */
    const char *key_id;      /* its fingerprint */
    const char *key_problem; /* why there is none */
    const char *address;     /* the reader's, as it is known now */
    const char *impossible;  /* why this letter can't be made at all (reader gone), or NULL */
};

/* letter was drawn (engine/letters.h). Results live in a and in the batch. */
MUST_USE bool select_letter(struct select *select, struct txn *txn, struct arena *a,
                            const struct letter *letter, struct selected *ret_selected,
                            struct err *err);

#endif
