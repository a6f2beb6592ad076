/*
 * redact.h - cuts out of a text the names that its reader need not know.
 *
 * Promises: every term of the set that is neither the reader's own nor let through is replaced by
 * the same words, whoever it is; the set is the same for every case, so what is cut tells nothing.
 * A name of the reader's own covers shorter ones inside it ("Dell EMC" covers "Dell"), and nothing
 * else. Text that can't be searched is cut whole.
 * Does not: choose what a reader may see (fences.h, selection), or check the result (guard.h).
 */
#ifndef REDACT_REDACT_H
#define REDACT_REDACT_H

#include "redact/terms.h"

enum redact_quotes {
    REDACT_QUOTES_KEEP, /* quoted lines stay, redacted like the rest */
    REDACT_QUOTES_DROP, /* lines that start with '>' are left out */
};

struct redact_reader {
    const uint32_t *own; /* org ids whose terms this reader knows: its own org */
    size_t n_own;
    const char *const *allowed; /* words that a coordinator let through for this case */
    size_t n_allowed;
    const char *mask; /* redact_mask() of the reader's language */
    enum redact_quotes quotes;
};

struct redact_cut {
    size_t at, n; /* in bytes of the text (quotes dropped), with the rest of an address or URL */
    const char *term; /* as the directory writes it; for coordinators only. Whole text cut: "" */
};

struct redacted {
    const char *text; /* in the arena, NUL-ended */
    size_t n;
    const struct redact_cut *cuts; /* in order, not overlapping */
    size_t n_cuts;
};

/* For texts, subjects and descriptions alike. Lines keep their ends and quote marks; a name broken
 * over lines leaves one mask in its first line. */
struct redacted redact_text(struct arena *a, struct span text, const struct term_set *set,
                            const struct redact_reader *reader);

/* A file name: the mask is "redacted" in letters that every system takes, the extension stays. */
struct redacted redact_file_name(struct arena *a, struct span name, const struct term_set *set,
                                 const struct redact_reader *reader);

/* "[redacted]", "[伏せ字]" for "ja". Never NULL. */
const char *redact_mask(const char *lang);

#endif
