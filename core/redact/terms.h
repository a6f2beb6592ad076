/*
 * terms.h - finds the names of the directory in a text: thousands of terms in one pass.
 *
 * Promises: a set is built once and never changes, so threads may share it; it lives as long as its
 * arena. Cost is linear in the text, whatever the number of terms. Letter case, width, accents,
 * zero-width characters and breaks over lines and quoted lines make no difference (fold.h). A term
 * that begins or ends with a letter or digit is found as a whole word there; between CJK letters
 * there are no words, so it is found anywhere.
 * Does not: decide what is cut (redact.h), or guard (guard.h has its own means, on purpose).
 */
#ifndef REDACT_TERMS_H
#define REDACT_TERMS_H

#include "base/span.h"

enum {
    TERMS_MAX = 200 * 1000,       /* rows a set takes, with variants of key ids */
    TERMS_TERM_MAX = 512,         /* bytes of one term; a longer one is not taken */
    TERMS_HITS_MAX = 1000 * 1000, /* in one text; more: the text can't be searched */
    TERMS_KANA_MIN = 4,           /* kana of a name that is looked for in the other kana too */
    TERMS_JOINED_MIN = 6,         /* letters of a term that may be broken over lines without "-" */
};

enum term_kind {
    TERM_NAME,
    TERM_ALIAS,
    TERM_DOMAIN, /* acme.example; found in addresses, host names and URLs */
    TERM_ADDRESS,
    TERM_HANDLE,
    TERM_KEYID,     /* hex digits; grouped forms, 0x and the last 16 and 8 digits are found too */
    TERM_PHONE,     /* in whatever groups, with or without its country code (phones.h) */
    TERM_REFERENCE, /* a party's own case number or ticket tag */
};

struct term {
    const char *text; /* UTF-8; must outlive the set */
    uint32_t owner;   /* org id; 0: nobody's (the public list) */
    enum term_kind kind;
    bool common; /* an ordinary word too (Oracle, Apple): only as written, or all in capitals */
};

struct term_set;

/* Terms that fold to nothing or are too long are left out; *ret_left_out (may be NULL) counts them.
 */
struct term_set *terms_new(struct arena *a, const struct term *terms, size_t n,
                           size_t *ret_left_out);
size_t terms_count(const struct term_set *set); /* different folded forms */

struct term_hit {
    size_t at, n;                    /* the term, in bytes of the original text */
    size_t wide_at, wide_n;          /* with the rest of the address, host name or URL around it */
    const struct term *const *terms; /* the n_terms rows that are written this way; in the set */
    size_t n_terms;
};

struct term_hits {
    const struct term_hit *at; /* in order of at, longer first */
    size_t n;
};

/* The longest hits from left to right, none inside or across another ("Dell EMC", not "Dell").
 * False if the text can't be searched (longer than FOLD_TEXT_MAX, too many hits): treat it as full
 * of names. */
MUST_USE bool terms_find(const struct term_set *set, struct arena *a, struct span text,
                         struct term_hits *ret_hits);
/* Every hit, also those inside others: who may know one name need not know the other. */
MUST_USE bool terms_find_all(const struct term_set *set, struct arena *a, struct span text,
                             struct term_hits *ret_hits);

/* True if one of the rows belongs to one of the n owners (org ids). */
bool term_hit_owned(const struct term_hit *hit, const uint32_t *owners, size_t n);

/* The set's rows for a word, however written (what hit.terms points to), or NULL. */
const struct term *const *terms_rows(const struct term_set *set, struct arena *a, const char *word);

struct term_words {
    const char **at;
    size_t n;
};

/* Shorter ways to write a company's name: without Inc, Corp, GmbH, KK, Co., Ltd, 株式会社 and the
 * like and without a leading "The". The name as given is not among them; none: n == 0. */
struct term_words terms_variants(struct arena *a, const char *text);

/* Other ways to write a Japanese name in kana: hiragana for katakana and the other way round, and
 * without long-vowel marks (サーバー, サーバ). None of names with fewer than TERMS_KANA_MIN kana:
 * those would be found inside ordinary words. */
struct term_words terms_kana(struct arena *a, const char *text);

/* True for names that are ordinary words of technical English (oracle, apple, chrome, curl): what a
 * directory proposes as `common` when a name is entered. */
bool terms_is_common(const char *name);

#endif
