/*
 * zone.h - what the clock shows where a reader is: an instant in UTC and in the reader's zone.
 *
 * Promises: reads the time zone database as files (TZif, RFC 8536), never the process's own zone,
 * so that threads can ask for different zones. A file that is broken is no zone; nothing past its
 * bytes is read. Does not: guess. Where a table says nothing (years beyond it, in a zone whose
 * clocks are changed), an instant has UTC alone.
 */
#ifndef FLOW_ZONE_H
#define FLOW_ZONE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

#define ZONE_UTC "UTC" /* wants no file */

struct zone {
    const char *name;
    struct span times;         /* of its changes, rising, 8 bytes each */
    struct span kinds;         /* what holds from each, 1 byte */
    struct span offsets;       /* 6 bytes for each kind: seconds, whether summer time, its name */
    struct span abbreviations; /* NUL-ended */
    bool goes_on;              /* what holds after the last change holds for good */
};

/* "Asia/Tokyo": letters, digits, _ - + and /, no empty step of the path. */
bool zone_name_valid(const char *name);

/* What a file of the database holds; the bytes must outlive the zone. False: it is none. Files
 * that count leap seconds are none: our instants don't. */
bool zone_parse(const char *name, struct span bytes, struct zone *ret_zone);

/* The zone of a name; NULL for UTC. ERR_OPERATOR with the name and a cure: no such zone, or no
 * database. */
MUST_USE bool zone_load(struct arena *a, const char *name, const struct zone **ret_zone,
                        struct err *err);

/* "2026-12-24 05:00 UTC (2026-12-24 14:00 JST)"; with zone NULL, or where it says nothing:
 * "2026-12-24 05:00 UTC". Instant 0 gives "". */
const char *zone_instant(struct arena *a, const struct zone *zone, instant at);

#endif
