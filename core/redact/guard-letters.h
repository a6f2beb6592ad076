/*
 * guard-letters.h - the guard's own way to read a text: its letters, and what stands between them.
 *
 * Promises: shares no code with fold.h. Each letter is decomposed (width, accents, ligatures) and
 * case-folded one by one, and knows whether it was a capital and what separates it from the letter
 * before. Does not: know names.
 */
#ifndef REDACT_GUARD_LETTERS_H
#define REDACT_GUARD_LETTERS_H

#include "base/span.h"

enum letter_gap {
    GAP_NONE,
    GAP_HYPHEN, /* "-" and one line break */
    GAP_BREAK,  /* one line break, with quote marks behind it */
    GAP_BLANK,  /* blanks, dashes, several line breaks */
    GAP_OTHER,  /* punctuation */
};

enum letter_class {
    LETTER_WORD,   /* letters and digits of scripts that write blanks between words */
    LETTER_CJK,    /* of scripts that do not */
    LETTER_SYMBOL, /* what belongs to names and addresses: + # @ & and a '.' inside a word */
};

struct letter {
    uint32_t point;
    uint32_t from; /* offset in the text */
    uint32_t mark; /* the first punctuation in a GAP_OTHER */
    uint8_t gap;   /* enum letter_gap: before this letter; after the last one does not matter */
    uint8_t class; /* enum letter_class */
    bool capital;
    bool cased; /* has capitals at all */
};

struct letters {
    struct letter *at;
    size_t n;
};

/* False if a byte is not UTF-8; lenient: such a byte is punctuation. Text of at most 4 GiB. */
MUST_USE bool letters_read(struct arena *a, struct span text, bool lenient,
                           struct letters *ret_letters);

#endif
