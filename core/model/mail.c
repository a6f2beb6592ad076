#include "model/mail.h"

const char *const mail_state_words[3] = {"taken", "filed", "unopened"};

const struct json_field mail_fields[] = {
    JSON_FIELD(U64, struct mail, number, "number"),
    JSON_WORD(struct mail, state, "state", mail_state_words),
    JSON_FIELD(I64, struct mail, received, "received"),
    JSON_FIELD(TEXT, struct mail, sender, "sender"),
    JSON_FIELD(STRS, struct mail, recipients, "recipients"),
    JSON_FIELD(U64, struct mail, size, "size"),
    JSON_FIELD(U64, struct mail, raw, "raw"),
    JSON_FIELD(U64, struct mail, opened, "opened"),
    JSON_FIELD(U64, struct mail, model, "model"),
    JSON_STRUCT(struct mail, place, "place", place_fields),
    JSON_FIELD(U32, struct mail, piece, "piece"),
    JSON_FIELD(U32, struct mail, party, "party"),
    JSON_FIELD(U64, struct mail, like, "like"),
    JSON_FIELD(U32, struct mail, deaths, "deaths"),
    JSON_FIELD(U32, struct mail, tries, "tries"),
    JSON_WORD(struct mail, trust, "trust", trust_words),
    JSON_FIELD(TEXT, struct mail, from, "from"),
    JSON_FIELD(TEXT, struct mail, subject, "subject"),
    JSON_FIELD(BOOL, struct mail, contested, "contested"),
    JSON_END,
};
