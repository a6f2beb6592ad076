/*
 * charset.h - text in some charset to UTF-8 (ICU).
 *
 * Promises: the result is always valid UTF-8 without NULs; what can't be read becomes U+FFFD and is
 * named (charset-unknown, charset-broken, charset-undeclared), never dropped. Labels mean what mail
 * means by them: iso-8859-1 and us-ascii may be windows-1252, shift_jis is CP932, iso-2022-jp also
 * has NEC row 13 and half-width kana (CP50220), gb2312 is GB 18030. A label that the bytes
 * contradict (charset-guess.h) is named charset-wrong, and the text is read as what it is.
 */
#ifndef MIME_CHARSET_H
#define MIME_CHARSET_H

#include "model/message.h"

enum { CHARSET_NAME_MAX = 64 };

/* charset NULL or "": not declared. defects may be NULL. The text is NUL-ended. */
struct span charset_to_utf8(struct arena *a, struct span bytes, const char *charset,
                            struct strs *defects);

/* How bytes read under the name of a converter. An unknown one: not clean. */
struct charset_reading {
    bool clean;
    size_t n_broken;  /* sequences that became U+FFFD */
    size_t n_letters; /* characters beyond ASCII that made sense */
};
struct charset_reading charset_reads(const char *name, struct span bytes);
bool charset_is_single_byte(const char *name);

#endif
