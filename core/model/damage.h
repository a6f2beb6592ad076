/*
 * damage.h - known damage that other programs do to mails: its names, and what coordinators read.
 *
 * The names stand in message.repairs; who recognises each shape, and what is done about it, stands
 * in mime/repair.h. Each has a specimen in test/corpus and a line in embargoctl(1).
 *
 * Promises: pure; the names come from the opener, which is not believed: one that is not in the
 * table has no words.
 */
#ifndef MODEL_DAMAGE_H
#define MODEL_DAMAGE_H

#include "base/base.h"

struct damage {
    const char *name;  /* kebab-case */
    const char *words; /* a sentence for coordinators: who did what to the mail */
};

extern const struct damage damages[];
extern const size_t n_damages;

/* What a coordinator reads of a repair, or NULL for a name that nobody knows. */
const char *damage_words(const char *name);

#endif
