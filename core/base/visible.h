/*
 * visible.h - characters that hide text, or change the order in which it is read.
 *
 * Promises: text for people has nothing in it that a screen would obey: what would reorder, join or
 * vanish stands as its number, "⟨U+202E⟩". Joiners stay where writing needs them: inside
 * emoji, and between Arabic or Indic letters. Does not: judge letters that only look alike.
 */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include "base/span.h"

enum visible_kind {
    VISIBLE_PLAIN,
    VISIBLE_CONTROL, /* C0, C1, line and paragraph separators, annotations */
    VISIBLE_BIDI,
    VISIBLE_ZERO_WIDTH, /* and what looks like nothing: fillers, tags, soft hyphens */
    VISIBLE_INVALID,    /* no UTF-8; one byte */
};

struct visible_char {
    size_t n; /* bytes; 0 at the end */
    uint32_t point;
    enum visible_kind kind;
};

/* The character at the start of rest. before: the point in front of it, 0 for none. */
struct visible_char visible_next(struct span rest, uint32_t before);

/* True if text has a character of this kind. */
bool visible_has(struct span text, enum visible_kind kind);

const char *visible_name(struct arena *a, uint32_t point); /* "⟨U+202E⟩" */

/* Text for people, with its LF and HTAB; other controls stand as their numbers too, and what is no
 * UTF-8 as U+FFFD. */
char *visible_text(struct arena *a, struct span text);

#endif
