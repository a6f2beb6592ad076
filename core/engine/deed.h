/*
 * deed.h - a block being carried out: who does it, to what, and what there is to say about it.
 *
 * Promises: commands act at once on the rows of the work; a mistake anywhere means that the caller
 * throws the work away, so the commands after it still run to name their own mistakes.
 */
#ifndef ENGINE_DEED_H
#define ENGINE_DEED_H

#include "engine/work.h"

/* Who wrote a mail, or gave an order. */
struct author {
    unsigned who; /* FOR_...; 0: a stranger */
    bool proven;  /* a signature inside all encryption, by an approved key */
    bool shared;  /* it may be any of several coordinators */
    const struct contact *contact;
    const struct org *org;
    uint32_t party;     /* in the case it is about; 0 none */
    const char *signer; /* proven: the key */
    enum trust_level trust;
    const char *by; /* "coordinator aiko", "acme", "reporter" */
};

struct deed {
    struct work *w;
    const struct author *author;
    const struct block *block;
    const struct command *command; /* the one at hand */
    struct work_case *c;           /* NULL: none (yet) */
    struct report *report;
    uint32_t piece; /* what the mail became, evidence of a status; 0 none */
    bool text_used; /* the text below belongs to a command */
    struct strs answer;
    struct strs desk_only; /* of a party's commands: what coordinators read in their copy alone */
    struct strs mistakes;
};

void deed_mistake(struct deed *d, const char *fmt, ...) PRINTF_LIKE(2, 3); /* names the line */
void deed_answer(struct deed *d, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The coordinator whose word this surely is, as one of two: slug, or NULL. */
const char *deed_person(const struct deed *d);

/* Every command of the block, in order. */
void deed_run(struct deed *d);

/* The words of a command's value, split at blanks and commas. */
struct words {
    struct span *at;
    size_t n;
    size_t room;
};
struct words words_of(struct arena *a, struct span value);

/* For a command that takes no value, or just one word. */
bool deed_one_word(struct deed *d, struct span *ret_word);
/* True, and a mistake, when the case is closed. */
bool deed_closed(struct deed *d);

/* An instant with its zone, or a bare date: 09:00 UTC of that day. */
bool deed_instant(struct span word, struct arena *a, instant *ret_at);

/* "S5" */
bool deed_number(struct span word, char letter, uint64_t max, uint64_t *ret_number);

/* "3" or "3.2" of this case; a mistake is named. part 0: the piece. */
bool deed_piece(struct deed *d, struct span word, struct piece **ret_piece, uint32_t *ret_part);

#endif
