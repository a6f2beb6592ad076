/*
 * stage.h - what a story plays on: a store in memory, a directory, a clock, and a memory of who was
 * given which code and Message-ID.
 *
 * Promises: every stage is alike; a counter stands for randomness, so a story gives the same plan
 * each time. Every other write loses a conflict and runs again.
 */
#ifndef TEST_SCENARIO_STAGE_H
#define TEST_SCENARIO_STAGE_H

#include "engine/letters.h"
#include "engine/step.h"
#include "store/store.h"

/* A story's words: "..." is one word. */
struct line {
    const char **at;
    size_t n;
    size_t room;
};

struct given {
    const char *who;   /* "aiko", "acme", "reporter" */
    const char *place; /* "C42" */
    const char *code;
};

struct stage {
    struct arena *a;
    struct store *store;
    struct directory *directory;
    struct policy policy;
    const struct term_set *terms;
    struct strs terms_wanted; /* further terms, owned by nobody */
    instant now;
    uint64_t drawn;
    struct given *codes;
    size_t n_codes;
    size_t codes_room;
    uint64_t last_case; /* the one that "party" adds to */
    uint32_t told;      /* Message-IDs made up for parties that were told before the story */
    struct buf out;     /* what the last step did */
};

struct stage stage_new(struct arena *a);
void stage_directory(struct stage *s); /* reads it again, with its terms */
struct moment stage_moment(struct stage *s);
void stage_view(struct stage *s, const struct rows *rows, struct view *ret_view);

/* Setup lines: org, party, case, policy, term. False: not one of them. */
bool stage_set(struct stage *s, const struct line *line);

/* Steps: mail, order (order-as: by a user that is several coordinators), out, held, retry, refuse,
 * defer, clock, show. False: not one of them. */
bool stage_play(struct stage *s, const struct line *line);

/* The value behind a word ("re", "trust"), or NULL. */
const char *line_value(const struct line *line, const char *word);
bool line_has(const struct line *line, const char *word);

/* The reporter's key, for the n-th of them. */
const char *stage_reporter_key(struct arena *a, unsigned n);
const char *stage_code(struct stage *s, const char *who, const char *place); /* the last one */
const char *stage_first_code(struct stage *s, const char *who, const char *place);
void stage_give(struct stage *s, const char *who, const char *place, const char *code);

/* Who a letter, or a code, is for: "aiko", "acme", "reporter". */
const char *stage_reader(struct stage *s, uint32_t contact);

/* Adds the plan as text. */
void stage_print(struct stage *s, struct txn *txn, const struct plan *plan);
/* Every case, folded again from its log, equals its rows; prints the difference. */
void stage_refold(struct stage *s, struct txn *txn, const struct changes *changes);
void stage_show(struct stage *s, const char *what);

_Noreturn void stage_fail(const char *what, const char *detail);

#endif
