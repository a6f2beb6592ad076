/*
 * charset-guess.h - what the bytes themselves say about their charset.
 *
 * Promises: a label is contradicted only where the bytes can hardly be what it says, and are
 * cleanly something else; looks at no more than CHARSET_SAMPLE bytes, from the first line on that
 * is not plain ASCII. Does not: tell one single-byte charset from another.
 */
#ifndef MIME_CHARSET_GUESS_H
#define MIME_CHARSET_GUESS_H

#include "base/span.h"

enum { CHARSET_SAMPLE = 64 * 1024 };

/* The best guess for bytes without a (usable) label: "utf-8", "utf-16le", "utf-16be",
 * "iso-2022-jp", "iso-2022-kr", "euc-jp", "windows-31j", "windows-1252". */
const char *charset_guess(struct span bytes);

/* What the bytes are rather than `name` (a converter's name), or NULL: nothing speaks against it.
 * *ret_wrong: the label was wrong; else it left something open (utf-16 without an order). */
const char *charset_instead(struct span bytes, const char *name, bool *ret_wrong);

#endif
