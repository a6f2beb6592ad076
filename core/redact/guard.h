/*
 * guard.h - the last look at a finished message: does it hold what its reader must not know?
 *
 * Promises: works by its own means (own folding, own matcher: nothing shared with fold.h and
 * terms.h), so that one mistake there does not open both doors. Looks at texts as the reader's
 * client shows them, and through base64, percent, quoted-printable and HTML entity runs in them.
 * Fails closed: what can't be checked (not UTF-8, too long, too much to decode) is a hit. Words,
 * runs and views never change after they are built, so threads may share them; they live as long as
 * their arena. Does not: change anything, or decide what happens to the letter.
 */
#ifndef REDACT_GUARD_H
#define REDACT_GUARD_H

#include "base/span.h"

enum {
    GUARD_TEXT_MAX = 32 * 1024 * 1024, /* bytes of all parts together, and of all that is decoded */
    GUARD_RUN_WORDS = 8,               /* words in a row that give a foreign text away */
    GUARD_RUN_CJK = 20,                /* the same in CJK letters */
    GUARD_DECODE_DEPTH = 3,            /* encodings in one another that are opened */
    GUARD_BINARY_MIN = 6, /* letters of a term that counts in decoded bytes that are no text */
    GUARD_WORD_MAX = 512, /* bytes of one forbidden word */
};

enum guard_kind {
    GUARD_CLEAR,     /* nothing found */
    GUARD_TERM,      /* a name, domain, address, handle, key id or reference */
    GUARD_TOKEN,     /* another reader's token, Message-ID, code or other id */
    GUARD_MARK,      /* another reader's distribution mark */
    GUARD_PHONE,     /* a telephone number, by its last digits */
    GUARD_RUN,       /* words of a piece outside the reader's audience */
    GUARD_UNCHECKED, /* could not be checked */
};

struct guard_word {
    const char *text;     /* UTF-8; must outlive the list */
    uint32_t owner;       /* org id; 0: nobody's */
    enum guard_kind kind; /* GUARD_TERM, or GUARD_TOKEN, GUARD_MARK, GUARD_PHONE: these are found
                             inside longer words too */
    bool common;          /* an ordinary word too: only as written, or all in capitals */
};

/* An index of forbidden words: one for the directory, shared by all letters; a small one for what
 * is a case's own. A word without a letter or digit in it is left out. */
struct guard_words;
struct guard_words *guard_words_new(struct arena *a, const struct guard_word *words, size_t n);

/* The runs of words of one piece (or of one reader's own texts), as hashes. Growing is for one
 * thread; asking is for all. False: the text is too long or not UTF-8, and its runs can't be known:
 * hold what would have been judged by them. */
struct guard_runs;
struct guard_runs *guard_runs_new(struct arena *a);
MUST_USE bool guard_runs_add(struct guard_runs *runs, struct span text);

/* Which of many texts have a run, asked at once: what makes a look at a letter no dearer for each
 * text that its reader may not see. A text is taken when its runs are complete, into one index;
 * growing and asking as above. */
struct guard_index;
struct guard_index *guard_index_new(struct arena *a);
void guard_index_add(struct guard_index *index, struct guard_runs *runs);

/* What one reader may know, and may not. */
struct guard_view {
    const struct guard_words *const *words; /* lists of what is forbidden ... */
    size_t n_words;
    const uint32_t *own; /* ... but what these orgs own: the reader's */
    size_t n_own;
    const char *const *allowed; /* ... and what a coordinator let through for this case */
    size_t n_allowed;
    const struct guard_runs *const *outside; /* pieces that this reader may not see */
    size_t n_outside;
    const struct guard_index *index; /* that took all of them; else, or NULL: each is asked */
    const struct guard_runs *const *inside; /* pieces it may see, own texts, the templates' words */
    size_t n_inside;
    const char *const *own_ids; /* the reader's mark and code; any other is a hit (guard-ids.h) */
    size_t n_own_ids;
};

struct guard_part {
    const char *name; /* "subject", "text", "file name 2", "attachment 1": for the hold's reason */
    struct span text; /* decoded, UTF-8 */
};

struct guard_hit {
    enum guard_kind kind;
    const char *part; /* name of the part */
    const char *what; /* the term, the first words of the run, or why it could not be checked */
};

/* The first hit, or kind GUARD_CLEAR. */
struct guard_hit guard_check(struct arena *a, const struct guard_view *view,
                             const struct guard_part *parts, size_t n);

/* For the plan of a send: the first words of each run of `text` that stands in one of the outside
 * pieces; *ret_n of them, in order. */
const char **guard_runs_in(struct arena *a, struct span text,
                           const struct guard_runs *const *outside, size_t n_outside,
                           size_t *ret_n);

/* How many runs of `text` stand in one of the others: how much of its wording is theirs. 0 also if
 * it can't be read. */
size_t guard_runs_common(struct span text, const struct guard_runs *const *others, size_t n);

const char *guard_kind_text(enum guard_kind kind); /* "name", "could not be checked" ... */

#endif
