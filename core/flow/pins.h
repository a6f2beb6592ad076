/*
 * pins.h - what a finished letter is, in a few lines: to see whether it is still the same later.
 *
 * Promises: one line each for address, key, pieces, attachments, title, summary, text and what the
 * guard found, long ones as SHA-256; the time of a try changes none of them. A letter that was held
 * and let through, or confirmed by a second coordinator, goes only while its pins are the same.
 */
#ifndef FLOW_PINS_H
#define FLOW_PINS_H

#include "flow/select.h"

/* composed was made of selected, with a stable text (compose.h); else the pins have none. */
struct strs pins_make(struct arena *a, const struct selected *selected,
                      const struct composed *composed);

/* For engine's view: ctx is a struct pins_ask. What letters of one case share is read once. */
struct pins_ask {
    struct world *world;
    struct txn *txn;
    struct select *select; /* made when first needed; whoever made the ask frees it */
};
MUST_USE bool pins_of_letter(void *ctx, struct arena *a, const struct letter *letter,
                             struct strs *ret_pins, struct err *err);

/* What differs, for people ("the key, the summary"), or NULL. */
const char *pins_changed(struct arena *a, const struct strs *then, const struct strs *now);

/* What the guard had found then, or NULL. */
const char *pins_found(struct arena *a, const struct strs *pins);

#endif
