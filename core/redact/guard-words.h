/*
 * guard-words.h - the guard's own matcher: forbidden words by their first letters.
 *
 * Promises: shares no code with terms.h. Does not: decide what a reader knows (guard.c).
 */
#ifndef REDACT_GUARD_WORDS_H
#define REDACT_GUARD_WORDS_H

#include "redact/guard-near.h"
#include "redact/guard.h"

enum {
    WORDS_LOOSE_MIN = 8, /* letters of an id that is found whatever stands around or in it */
    WORDS_BREAK_MIN = 6, /* letters of a name that may be broken over lines without "-" */
    WORDS_MATCHES_MAX = 1000 * 1000,
};

struct word_match {
    size_t at, end; /* letters */
    const struct guard_word *word;
    const struct letters *letters; /* of the word */
};

struct word_matches {
    struct word_match *at;
    size_t n, room;
};

/* Adds every match near `near` of a word with at least `min` letters. False: more than
 * WORDS_MATCHES_MAX. */
bool words_search(const struct guard_words *words, struct arena *a, const struct letters *text,
                  const struct near *near, size_t min, struct word_matches *matches);

bool letters_same(const struct letters *x, const struct letters *y);

#endif
