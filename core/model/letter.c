#include "model/letter.h"

const char *const letter_state_words[7] = {
    "planned", "waiting", "held", "handing-over", "handed-over", "bounced", "cancelled",
};

const char *const letter_hold_words[3] = {"other", "guard", "changed"};

const struct json_field letter_fields[] = {
    JSON_FIELD(U64, struct letter, number, "number"),
    JSON_STRUCT(struct letter, place, "place", place_fields),
    JSON_FIELD(U32, struct letter, send, "send"),
    JSON_FIELD(U32, struct letter, party, "party"),
    JSON_FIELD(U32, struct letter, contact, "contact"),
    JSON_FIELD(TEXT, struct letter, address, "address"),
    JSON_FIELD(TEXT, struct letter, name, "name"),
    JSON_FIELD(TEXT, struct letter, template, "template"),
    JSON_WORD(struct letter, state, "state", letter_state_words),
    JSON_FIELD(TEXT, struct letter, reason, "reason"),
    JSON_WORD(struct letter, hold, "hold", letter_hold_words),
    JSON_FIELD(STRS, struct letter, pins, "pins"),
    JSON_FIELD(BOOL, struct letter, pinned, "pinned"),
    JSON_FIELD(TEXT, struct letter, anyway, "anyway"),
    JSON_FIELD(TEXT, struct letter, anyway_by, "anyway_by"),
    JSON_FIELD(BOOL, struct letter, two_persons, "two_persons"),
    JSON_FIELD(I64, struct letter, planned, "planned"),
    JSON_FIELD(I64, struct letter, due, "due"),
    JSON_FIELD(I64, struct letter, next_try, "next_try"),
    JSON_FIELD(U32, struct letter, attempts, "attempts"),
    JSON_FIELD(TEXT, struct letter, code, "code"),
    JSON_FIELD(U32S, struct letter, pieces, "pieces"),
    JSON_FIELD(STRS, struct letter, parts, "parts"),
    JSON_FIELD(U64, struct letter, about, "about"),
    JSON_FIELD(U32, struct letter, of_send, "of_send"),
    JSON_FIELD(TEXT, struct letter, text, "text"),
    JSON_FIELD(STRS, struct letter, lines, "lines"),
    JSON_FIELD(TEXT, struct letter, in_reply_to, "in_reply_to"),
    JSON_FIELD(TEXT, struct letter, message_id, "message_id"),
    JSON_FIELD(I64, struct letter, date, "date"),
    JSON_FIELD(TEXT, struct letter, verp, "verp"),
    JSON_FIELD(TEXT, struct letter, subject_tag, "subject_tag"),
    JSON_FIELD(U64, struct letter, sealed, "sealed"),
    JSON_FIELD(TEXT, struct letter, digest, "digest"),
    JSON_FIELD(TEXT, struct letter, reply, "reply"),
    JSON_FIELD(TEXT, struct letter, queue_id, "queue_id"),
    JSON_FIELD(U64, struct letter, answers_bytes, "answers_bytes"),
    JSON_END,
};

bool letter_unfinished(const struct letter *letter)
{
    if (letter->two_persons && !letter->pinned)
        return false;
    return letter->state == LETTER_PLANNED || letter->state == LETTER_WAITING ||
           letter->state == LETTER_HANDING_OVER;
}

bool letter_waits(const struct letter *letter)
{
    return letter->state == LETTER_PLANNED || letter->state == LETTER_WAITING ||
           letter->state == LETTER_HELD;
}

bool letter_unconfirmed(const struct letter *letter)
{
    if (!letter->two_persons || letter->pinned)
        return false;
    return letter->state == LETTER_PLANNED || letter->state == LETTER_WAITING ||
           (letter->state == LETTER_HELD && letter->hold != HOLD_GUARD);
}

const char *letter_way_out(struct arena *a, const struct letter *letter)
{
    unsigned long long n = letter->number;
    if (letter->hold == HOLD_GUARD)
        return arena_printf(a, "Send-Anyway: L%llu <reason>%s", n,
                            letter->two_persons ? ", by two coordinators" : "");
    const char *first =
        letter->hold == HOLD_CHANGED ? "look at it again, then" : "when that is mended:";
    if (letter->two_persons)
        return arena_printf(a, "%s Confirm: S%u, by two coordinators", first, letter->send);
    return arena_printf(a, "%s embargoctl outbox retry L%llu", first, n);
}
