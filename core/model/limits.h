/*
 * limits.h - what one mail may cost: the named limits of the opener, each an option of the desk.
 *
 * Promises: past a limit a mail is still filed; what was not looked at stays together as one part
 * with its bytes, and a defect names the limit. A struct of them travels with each job.
 */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

#include "model/json.h"

struct limits {
    uint64_t mail;         /* bytes of a whole mail: too-large */
    uint64_t header;       /* bytes of one header block: header-too-large */
    uint64_t line;         /* bytes of one line: line-too-long */
    uint64_t parts;        /* of all layers together: too-many-parts, too-many-layers */
    uint64_t depth;        /* multiparts within each other: too-deep */
    uint64_t comments;     /* comments within each other in one field: comments-too-deep */
    uint64_t decoded;      /* bytes of all parts after decoding: decoded-too-large */
    uint64_t decompressed; /* bytes that all seals together unpack to: decompressed-too-large */
    uint64_t wrapped_keys; /* session keys tried in one mail: too-many-keys */
    uint64_t seconds;      /* of processor time to open one mail; by the clock twice as many */
};

extern const struct limits limits_default;
extern const struct json_field limits_fields[];

/* The limits, or the default ones for NULL. */
const struct limits *limits_or_default(const struct limits *limits);

#endif
