/*
 * redact.h - cuts out of a text the names that its reader need not know.
 *
 * Promises: every term of the set that is neither the reader's own nor let through is replaced by
 * the same words, whoever it is; the set is the same for every case, so what is cut tells nothing.
 * A name of the reader's own covers shorter ones inside it ("Dell EMC" covers "Dell"), and nothing
 * else. Text that can't be searched is cut whole.
 * Does not: choose what a reader may see (fences.h, firewall.h, selection), or check the result
 * (guard.h).
 */
#ifndef REDACT_REDACT_H
#define REDACT_REDACT_H

#include "redact/terms.h"

struct redact_reader {
    const uint32_t *own; /* org ids whose terms this reader knows: its own org */
    size_t n_own;
    const char *const *allowed; /* words that a coordinator let through for this case */
    size_t n_allowed;
    const char *mask; /* redact_mask() of the text's language */
};

struct redact_cut {
    size_t at, n;     /* in bytes of the text, with the rest of an address or URL */
    const char *term; /* as the directory writes it; for coordinators only. Whole text cut: "" */
    const struct term *row; /* it, with its owner and kind; NULL: the whole text */
};

struct redacted {
    const char *text; /* in the arena, NUL-ended */
    size_t n;
    const struct redact_cut *cuts; /* in order, not overlapping */
    size_t n_cuts;
};

/*
 * A text with all names that are in it, of every set: found once, whoever reads it. Never changes,
 * so threads may share it; lives as long as a, text and sets. The sets (the directory's, a case's
 * own) count as one list: a name of one covers what stands inside it of the other.
 */
struct redact_scan;
const struct redact_scan *redact_scan(struct arena *a, struct span text,
                                      const struct term_set *const *sets, size_t n_sets);

/* What one reader gets of it: costs no more than a copy of the text and a look at each name.
 * Lines keep their ends and quote marks; a name broken over lines leaves one mask in its first
 * line. */
struct redacted redact_cut_for(struct arena *a, const struct redact_scan *scan,
                               const struct redact_reader *reader);

/* Both at once. For texts, subjects and descriptions alike. */
struct redacted redact_text(struct arena *a, struct span text, const struct term_set *set,
                            const struct redact_reader *reader);

/* A file name: the mask is "redacted" in letters that every system takes, the extension stays. */
struct redacted redact_file_name(struct arena *a, struct span name, const struct term_set *set,
                                 const struct redact_reader *reader);

/* The language that what is put into a text is in: "ja" where kana are not rare, else "en". */
const char *redact_language(struct span text);

/* "[redacted]", "[伏せ字]" for "ja". Never NULL. */
const char *redact_mask(const char *lang);

#endif
