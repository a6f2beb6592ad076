/*
 * clock.h - what time it is, for every program of the desk alike.
 *
 * Promises: seconds since 1970-01-01T00:00Z, with the offset of the clock file added, if the
 * configuration names one (a sandbox; `embargoctl check` warns about it). The file holds one signed
 * decimal number of seconds and is read again at every call; who changes it renames a new file over
 * it. Elapsed time (deadlines, limits) is clock_monotonic_ms and never shifted.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/base.h"

typedef int64_t instant; /* seconds since the epoch, UTC; the one typedef: a unit, not a struct */

void clock_use_file(const char *path); /* before threads start; NULL: the true time */
void clock_fix(instant at);            /* tests and --now: time stands still at this instant */
instant clock_now(void);
int64_t clock_offset(void); /* seconds that clock_now is ahead of the machine */
int64_t clock_monotonic_ms(void);

#endif
