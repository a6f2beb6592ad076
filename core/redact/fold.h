/*
 * fold.h - text as a reader sees it, for matching: one form for all ways to write the same name.
 *
 * Promises: letter case, compatibility forms (full-width letters, half-width kana, ligatures),
 * accents, zero-width characters, soft hyphens and control characters make no difference; a run of
 * blanks, dashes, underscores, line breaks and quote marks ("> " at the start of a line) is one
 * blank, and nothing between two CJK letters. Every byte of the result knows where it came from. A
 * byte that is not UTF-8 becomes U+FFFD. Linear in the text. Terms and texts go through the same
 * call. Does not: know what a name is (terms.h does).
 */
#ifndef REDACT_FOLD_H
#define REDACT_FOLD_H

#include "base/span.h"

enum { FOLD_TEXT_MAX = 16 * 1024 * 1024 }; /* bytes; longer text is not folded */

/* A line can break inside a name in more than one way; each reading takes one of them. */
enum fold_reading {
    FOLD_SPACED,     /* a line break is a blank */
    FOLD_HYPHENATED, /* a line break is a blank, but "-" and a line break are nothing */
    FOLD_JOINED,     /* a line break is nothing, with or without "-" before it */
};

struct folded {
    const char *at; /* UTF-8, NUL-ended */
    size_t n;
    const uint32_t *from; /* n + 1 entries: where the character that made this byte starts */
    const uint32_t *to;   /* n + 1 entries: and where it ends, in bytes of the original */
    bool hyphens;         /* a "-" stands before some line break */
    bool breaks;          /* there is a line break between two words */
};

/* False if the text is longer than FOLD_TEXT_MAX. keep_case: all of the above but letter case. */
MUST_USE bool fold_text(struct arena *a, struct span text, enum fold_reading reading,
                        bool keep_case, struct folded *ret_folded);

/* The folded form alone, in FOLD_SPACED, without blanks at its ends; "" for text that is too long.
 */
const char *fold_word(struct arena *a, struct span text);

/* True for letters of scripts that write no blanks between words: Han, Kana, Hangul, Bopomofo... */
bool fold_is_cjk(uint32_t point);

#endif
