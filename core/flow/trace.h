/*
 * trace.h - whose copy was this: a leaked text, quote or forwarded mail against all letters.
 *
 * Promises: looks for what only one letter has (distribution mark, Message-ID, command code,
 * envelope sender, tag of the outer subject, private reply address), and compares the wording with
 * each letter of the cases whose words stand in the text, made again as it was sent. Each finding
 * says how sure it is: certain (drawn at random for one letter), likely (one reader's letters alone
 * have most of the words), possible (several readers' do). Cases that exclude the one who asks are
 * not looked at. Does not: parse mail (the caller had it opened), or prove who passed it on.
 */
#ifndef FLOW_TRACE_H
#define FLOW_TRACE_H

#include "flow/world.h"
#include "redact/echo.h"

enum {
    TRACE_TEXT_MAX = 1024 * 1024, /* bytes of text that are looked at */
    TRACE_FINDINGS_MAX = 2000,
};

enum trace_sure { TRACE_CERTAIN, TRACE_LIKELY, TRACE_POSSIBLE };

struct trace_finding {
    enum trace_sure sure;
    const char *what;            /* "distribution mark", "wording" ... */
    const struct letter *letter; /* NULL: a party, by what it wrote or by its reply address */
    struct place place;
    const char *reader;  /* "acme", "reporter 1" */
    const char *contact; /* slug, or NULL */
    size_t runs;         /* of wording: how many eight-word runs stand in it */
};

struct trace {
    struct arena *a;
    struct world *world;
    struct store *store;
    struct txn *txn;
    const struct contact *who; /* the coordinator who asks */
    struct span text;          /* UTF-8 */
    struct rows rows;
    struct letter **letters;
    size_t n_letters;
    struct echo *wording;     /* the templates' own words */
    struct trace_finding *at; /* grows */
    size_t n;
    size_t room;
};

void trace_add(struct trace *t, const struct trace_finding *finding);
MUST_USE bool trace_may_see(const struct trace *t, struct place place, bool *ret_may,
                            struct err *err);

/* The wording's turn: adds its findings (trace-wording.c). */
MUST_USE bool trace_wording(struct trace *t, struct err *err);

/* a, world, store, txn, who and text are set. {findings: [{sure, what, reader, contact, address,
 * place, letter, template, sent, runs}]}, the surest first; null where a finding has no such. */
MUST_USE bool trace_json(struct trace *t, json_t **ret_json, struct err *err);

#endif
