#include "model/rows.h"

const struct json_field code_fields[] = {
    JSON_STRUCT(struct code, place, "place", place_fields),
    JSON_FIELD(U32, struct code, contact, "contact"),
    JSON_FIELD(U32, struct code, org, "org"),
    JSON_FIELD(U32, struct code, party, "party"),
    JSON_FIELD(I64, struct code, issued, "issued"),
    JSON_FIELD(I64, struct code, used, "used"),
    JSON_FIELD(BOOL, struct code, answered, "answered"),
    JSON_END,
};

const struct json_field tally_fields[] = {
    JSON_FIELD(I64, struct tally, since, "since"),
    JSON_FIELD(U32, struct tally, n, "n"),
    JSON_END,
};

const struct json_field known_id_fields[] = {
    JSON_STRUCT(struct known_id, place, "place", place_fields),
    JSON_FIELD(U32, struct known_id, party, "party"),
    JSON_FIELD(U32, struct known_id, contact, "contact"),
    JSON_FIELD(U64, struct known_id, letter, "letter"),
    JSON_FIELD(U64, struct known_id, mail, "mail"),
    JSON_END,
};
