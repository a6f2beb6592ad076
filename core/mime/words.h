/*
 * words.h - encoded words (RFC 2047) and raw 8-bit text in a header's line.
 *
 * Promises: UTF-8 on one line. Read are also the wrong forms that mail has: blanks inside a word, a
 * missing "?=", a '?' that was not encoded, a letter or a base64 group split over two words, words
 * without a blank between them, RFC 2231's language; they are named (encoded-word-broken) where a
 * reader could take them for something else. What is no word stays as it is.
 */
#ifndef MIME_WORDS_H
#define MIME_WORDS_H

#include "model/message.h"

/* line: unfolded, at most FIELD_BYTES_MAX bytes. */
char *words_decode(struct arena *a, struct span line, struct strs *defects);

#endif
