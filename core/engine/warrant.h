/*
 * warrant.h - may this block act: its one-time code, and the age of its signature.
 *
 * Promises: a code acts once, for whom and where it was given, while it is young. The code is what
 * counts, never signature bytes. A second use is answered once; after that it is only logged.
 */
#ifndef ENGINE_WARRANT_H
#define ENGINE_WARRANT_H

#include "engine/deed.h"

enum warrant { WARRANT_GOOD, WARRANT_REFUSED, WARRANT_SILENT };

/* REFUSED: *ret_why says it to the author. SILENT: nothing is to be said any more. received: when
 * the mail came in. */
enum warrant warrant_check(struct work *w, const struct block *block, const struct author *author,
                           const struct proof *proof, instant received, const char **ret_why);

/* The block did something: its code is used up. */
void warrant_burn(struct work *w, const struct block *block);

#endif
