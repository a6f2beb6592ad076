/*
 * trace.h - whose copy was this: a leaked text, quote or forwarded mail against all letters.
 *
 * Promises: looks for what only one letter has (distribution mark, Message-ID, command code,
 * envelope sender, tag of the outer subject, private reply address), and compares the wording with
 * each letter of the cases whose words stand in the text, made again as it was sent. Each finding
 * says how sure it is: certain (drawn at random for one letter), likely (one reader's letters alone
 * have most of the words), possible (several readers' do). Cases that exclude the one who asks are
 * not looked at. What was too much to look at, or to say, is said. A search may take long, and a
 * read keeps the store from using pages again: each case is looked at in reads of its own, and so
 * are every TRACE_LETTERS_A_READ letters of one. Does not: parse mail (the caller had it opened),
 * or prove who passed it on.
 */
#ifndef FLOW_TRACE_H
#define FLOW_TRACE_H

#include "flow/world.h"
#include "redact/echo.h"

enum {
    TRACE_TEXT_MAX = 1024 * 1024, /* bytes of text that are looked at */
    TRACE_FINDINGS_MAX = 2000,
    TRACE_LETTERS_A_READ = 16, /* letters that are made again */
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
    const struct contact *who; /* the coordinator who asks */
    struct span text;          /* UTF-8 */
    struct txn *txn;           /* of the read that runs */
    struct rows rows;
    struct letter **letters;
    size_t n_letters;
    uint64_t n_cases;
    struct echo *wording;     /* the templates' own words */
    struct trace_finding *at; /* grows */
    size_t n;
    size_t room;
    size_t n_left_out; /* findings beyond TRACE_FINDINGS_MAX */
    struct strs incomplete;
};

/* At the begin of each read. */
void trace_enter(struct trace *t, struct txn *txn);
/* Counts what is more than TRACE_FINDINGS_MAX. */
void trace_add(struct trace *t, const struct trace_finding *finding);
MUST_USE bool trace_may_see(const struct trace *t, struct place place, bool *ret_may,
                            struct err *err);

/* The wording's turn, in reads of its own: adds its findings (trace-wording.c). */
MUST_USE bool trace_wording(struct trace *t, struct err *err);

/* a, world, store, who and text are set; in no transaction. {findings: [{sure, what, reader,
 * contact, address, place, letter, template, sent, runs}], incomplete: ["..."]}, the surest first;
 * null where a finding has no such. incomplete has a line for people for each limit that was met.
 */
MUST_USE bool trace_json(struct trace *t, json_t **ret_json, struct err *err);

#endif
