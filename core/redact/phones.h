/*
 * phones.h - finds telephone numbers however they are written: +81 3-1234-5678, (03) 1234 5678,
 * tel:+81312345678.
 *
 * Promises: works on folded text (fold.h), so width and kinds of dashes make no difference.
 * Numbers are compared by their last digits, since country codes and leading zeros come and go; a
 * hit takes along the digits before them. Linear in the text. Does not: know number plans.
 */
#ifndef REDACT_PHONES_H
#define REDACT_PHONES_H

#include "redact/fold.h"

enum {
    PHONE_DIGITS_MIN = 8, /* digits of a number that is looked for, and that are compared */
    PHONE_DIGITS_MAX = 20,
    PHONE_PREFIX_MAX = 5, /* digits before them that belong to the hit: a country and area code */
};

struct phones;

/* index: what a caller calls each number; those with too few or too many digits are left out. */
struct phones *phones_new(struct arena *a, const char *const *numbers, size_t n);

/* Called for each hit: the number's index, and where it stands in folded->at. False ends it. */
typedef bool phones_found(void *ctx, size_t index, size_t at, size_t end);

/* False if a callback said so. */
bool phones_scan(const struct phones *phones, const struct folded *folded, phones_found *found,
                 void *ctx);

#endif
