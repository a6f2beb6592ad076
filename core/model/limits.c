#include "model/limits.h"

const struct limits limits_default = {
    .mail = 50 * 1024 * 1024,
    .header = 256 * 1024,
    .line = 1024 * 1024,
    .parts = 1000,
    .depth = 50,
    .comments = 50,
    .decoded = 128 * 1024 * 1024,
    .decompressed = 100 * 1024 * 1024,
    .wrapped_keys = 64,
    .seconds = 30,
};

const struct json_field limits_fields[] = {
    JSON_FIELD(U64, struct limits, mail, "mail"),
    JSON_FIELD(U64, struct limits, header, "header"),
    JSON_FIELD(U64, struct limits, line, "line"),
    JSON_FIELD(U64, struct limits, parts, "parts"),
    JSON_FIELD(U64, struct limits, depth, "depth"),
    JSON_FIELD(U64, struct limits, comments, "comments"),
    JSON_FIELD(U64, struct limits, decoded, "decoded"),
    JSON_FIELD(U64, struct limits, decompressed, "decompressed"),
    JSON_FIELD(U64, struct limits, wrapped_keys, "wrapped_keys"),
    JSON_FIELD(U64, struct limits, seconds, "seconds"),
    JSON_END,
};

const struct limits *limits_or_default(const struct limits *limits)
{
    return limits == NULL ? &limits_default : limits;
}
