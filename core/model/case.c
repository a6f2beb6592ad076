#include "model/case.h"

#include "base/text.h"

/* 2^40: five bytes in a reply address's token; no desk gets there. */
static const uint64_t PLACE_NUMBER_MAX = (UINT64_C(1) << 40) - 1;

const char *const place_kind_words[3] = {"none", "report", "case"};
const char *const report_state_words[4] = {"open", "accepted", "declined", "junk"};
const char *const piece_kind_words[4] = {"report", "reply", "note", "unplaced"};
const char *const vendor_status_words[5] = {
    "unknown", "under-investigation", "affected", "not-affected", "fixed",
};
const char *const contact_state_words[7] = {
    "not-told", "invited", "told", "bounced", "auto-acknowledged", "acknowledged", "silent",
};
const char *const party_kind_words[4] = {"vendor", "partner", "reporter", "coordinator"};
const char *const case_state_words[2] = {"open", "closed"};
const char *const embargo_state_words[5] = {"none", "proposed", "active", "revise", "exited"};
const char *const send_state_words[2] = {"planned", "stopped"};

const struct json_field place_fields[] = {
    JSON_WORD(struct place, kind, "kind", place_kind_words),
    JSON_FIELD(U64, struct place, number, "number"),
    JSON_END,
};

/* A list of bare numbers has no type of its own: each is written as {"n": 812}. */
static const struct json_field number_fields[] = {
    {.key = "n", .type = JSON_FIELD_U64, .offset = 0},
    JSON_END,
};

static const struct json_field report_copy_fields[] = {
    JSON_FIELD(U32, struct report_copy, contact, "contact"),
    JSON_FIELD(TEXT, struct report_copy, message_id, "message_id"),
    JSON_END,
};

const struct json_field report_fields[] = {
    JSON_FIELD(U64, struct report, number, "number"),
    JSON_WORD(struct report, state, "state", report_state_words),
    JSON_LIST(struct report, messages, "messages", uint64_t, number_fields),
    JSON_FIELD(I64, struct report, received, "received"),
    JSON_WORD(struct report, trust, "trust", trust_words),
    JSON_FIELD(TEXT, struct report, from, "from"),
    JSON_FIELD(TEXT, struct report, from_name, "from_name"),
    JSON_FIELD(TEXT, struct report, key, "key"),
    JSON_WORD(struct report, protocol, "protocol", protocol_words),
    JSON_FIELD(BYTES, struct report, key_bytes, "key_bytes"),
    JSON_FIELD(BOOL, struct report, key_signed, "key_signed"),
    JSON_FIELD(STRS, struct report, thread, "thread"),
    JSON_FIELD(TEXT, struct report, own_reference, "own_reference"),
    JSON_LIST(struct report, copies, "copies", struct report_copy, report_copy_fields),
    JSON_FIELD(U64, struct report, like, "like"),
    JSON_FIELD(U64, struct report, joined, "joined"),
    JSON_FIELD(BOOL, struct report, registration, "registration"),
    JSON_END,
};

const struct json_field piece_part_fields[] = {
    JSON_FIELD(U32, struct piece_part, n, "n"),
    JSON_FIELD(TEXT, struct piece_part, path, "path"),
    JSON_FIELD(TEXT, struct piece_part, type, "type"),
    JSON_FIELD(TEXT, struct piece_part, filename, "filename"),
    JSON_FIELD(U64, struct piece_part, size, "size"),
    JSON_FIELD(STRS, struct piece_part, facts, "facts"),
    JSON_FIELD(TEXT, struct piece_part, unread, "unread"),
    JSON_FIELD(BOOL, struct piece_part, copy, "copy"),
    JSON_FIELD(STRS, struct piece_part, copy_facts, "copy_facts"),
    JSON_FIELD(TEXT, struct piece_part, copy_unread, "copy_unread"),
    JSON_FIELD(TEXT, struct piece_part, no_copy, "no_copy"),
    JSON_FIELD(U32S, struct piece_part, audience, "audience"),
    JSON_FIELD(U32S, struct piece_part, cleaned, "cleaned"),
    JSON_FIELD(U32S, struct piece_part, recleaned, "recleaned"),
    JSON_END,
};

static const struct json_field piece_fields[] = {
    JSON_FIELD(U32, struct piece, n, "n"),
    JSON_WORD(struct piece, kind, "kind", piece_kind_words),
    JSON_FIELD(U64, struct piece, message, "message"),
    JSON_FIELD(U32, struct piece, party, "party"),
    JSON_FIELD(I64, struct piece, at, "at"),
    JSON_WORD(struct piece, trust, "trust", trust_words),
    JSON_FIELD(U32S, struct piece, audience, "audience"),
    JSON_FIELD(U32S, struct piece, quoted, "quoted"),
    JSON_FIELD(U32S, struct piece, requoted, "requoted"),
    JSON_LIST(struct piece, parts, "parts", struct piece_part, piece_part_fields),
    JSON_FIELD(BOOL, struct piece, moved, "moved"),
    JSON_END,
};

static const struct json_field vuln_status_fields[] = {
    JSON_FIELD(U32, struct vuln_status, vuln, "vuln"),
    JSON_WORD(struct vuln_status, status, "status", vendor_status_words),
    JSON_FIELD(U32, struct vuln_status, piece, "piece"),
    JSON_FIELD(TEXT, struct vuln_status, by, "by"),
    JSON_END,
};

const struct json_field party_fields[] = {
    JSON_FIELD(U32, struct party, n, "n"),
    JSON_WORD(struct party, kind, "kind", party_kind_words),
    JSON_FIELD(U32, struct party, org, "org"),
    JSON_FIELD(U32, struct party, contact, "contact"),
    JSON_FIELD(TEXT, struct party, address, "address"),
    JSON_FIELD(TEXT, struct party, name, "name"),
    JSON_FIELD(TEXT, struct party, key, "key"),
    JSON_WORD(struct party, protocol, "protocol", protocol_words),
    JSON_FIELD(BYTES, struct party, key_bytes, "key_bytes"),
    JSON_FIELD(BOOL, struct party, removed, "removed"),
    JSON_FIELD(BOOL, struct party, share_named, "share_named"),
    JSON_FIELD(BOOL, struct party, credited, "credited"),
    JSON_FIELD(BOOL, struct party, accepted, "accepted"),
    JSON_WORD(struct party, contact_state, "contact_state", contact_state_words),
    JSON_LIST(struct party, statuses, "statuses", struct vuln_status, vuln_status_fields),
    JSON_FIELD(TEXT, struct party, own_reference, "own_reference"),
    JSON_FIELD(STRS, struct party, thread, "thread"),
    JSON_FIELD(I64, struct party, told_at, "told_at"),
    JSON_END,
};

static const struct json_field vuln_fields[] = {
    JSON_FIELD(U32, struct vuln, n, "n"),
    JSON_FIELD(TEXT, struct vuln, title, "title"),
    JSON_END,
};

static const struct json_field send_fields[] = {
    JSON_FIELD(U32, struct send, n, "n"),
    JSON_FIELD(TEXT, struct send, template, "template"),
    JSON_FIELD(TEXT, struct send, by, "by"),
    JSON_FIELD(I64, struct send, at, "at"),
    JSON_FIELD(I64, struct send, due, "due"),
    JSON_WORD(struct send, state, "state", send_state_words),
    JSON_FIELD(U32S, struct send, parties, "parties"),
    JSON_FIELD(U32, struct send, piece, "piece"),
    JSON_FIELD(U32, struct send, part, "part"),
    JSON_FIELD(BOOL, struct send, quoted, "quoted"),
    JSON_FIELD(BOOL, struct send, cleaned, "cleaned"),
    JSON_FIELD(BOOL, struct send, two_persons, "two_persons"),
    JSON_FIELD(TEXT, struct send, asked, "asked"),
    JSON_FIELD(U64, struct send, asked_seq, "asked_seq"),
    JSON_FIELD(I64, struct send, hold_told, "hold_told_at"),
    JSON_END,
};

const struct json_field case_fields[] = {
    JSON_FIELD(U64, struct case_head, number, "number"),
    JSON_WORD(struct case_head, state, "state", case_state_words),
    JSON_FIELD(TEXT, struct case_head, title, "title"),
    JSON_FIELD(TEXT, struct case_head, summary, "summary"),
    JSON_FIELD(I64, struct case_head, worded, "worded"),
    JSON_FIELD(TEXT, struct case_head, owner, "owner"),
    JSON_FIELD(STRS, struct case_head, watchers, "watchers"),
    JSON_FIELD(STRS, struct case_head, excluded, "excluded"),
    JSON_WORD(struct case_head, embargo, "embargo", embargo_state_words),
    JSON_FIELD(I64, struct case_head, embargo_end, "embargo_end"),
    JSON_FIELD(STRS, struct case_head, allow_terms, "allow_terms"),
    JSON_LIST(struct case_head, vulns, "vulns", struct vuln, vuln_fields),
    JSON_LIST(struct case_head, pieces, "pieces", struct piece, piece_fields),
    JSON_LIST(struct case_head, sends, "sends", struct send, send_fields),
    JSON_FIELD(U32, struct case_head, n_parties, "n_parties"),
    JSON_FIELD(U64, struct case_head, n_events, "n_events"),
    JSON_FIELD(U64, struct case_head, text_seq, "text_seq"),
    JSON_FIELD(I64, struct case_head, opened, "opened"),
    JSON_END,
};

char *place_name(struct arena *a, struct place place)
{
    if (place.kind == PLACE_NONE)
        return arena_strdup(a, "-");
    return arena_printf(a, "%c%llu", place.kind == PLACE_REPORT ? 'R' : 'C',
                        (unsigned long long)place.number);
}

bool place_from_name(struct span text, struct place *ret_place)
{
    struct place place = {.kind = PLACE_NONE};
    if (span_eq_str(text, "-")) {
        *ret_place = place;
        return true;
    }
    if (span_starts_nocase(text, "R"))
        place.kind = PLACE_REPORT;
    else if (span_starts_nocase(text, "C"))
        place.kind = PLACE_CASE;
    else
        return false;
    if (!text_to_u64(span_from(text, 1), PLACE_NUMBER_MAX, &place.number) || place.number == 0)
        return false;
    *ret_place = place;
    return true;
}

struct piece *case_piece(struct case_head *head, uint32_t n)
{
    for (size_t i = 0; i < head->n_pieces; i++) {
        if (head->pieces[i].n == n)
            return head->pieces[i].moved ? NULL : &head->pieces[i];
    }
    return NULL;
}

struct piece_part *piece_part(struct piece *piece, uint32_t n)
{
    for (size_t i = 0; i < piece->n_parts; i++) {
        if (piece->parts[i].n == n)
            return &piece->parts[i];
    }
    return NULL;
}

struct piece_part *case_part(struct case_head *head, const char *name, struct piece **ret_piece)
{
    struct span whole = span_str(name);
    size_t dot = span_find(whole, '.');
    uint64_t piece = 0;
    uint64_t part = 0;

    if (!text_to_u64(span_first(whole, dot), UINT32_MAX, &piece) ||
        !text_to_u64(span_from(whole, dot + 1), UINT32_MAX, &part))
        return NULL;
    *ret_piece = case_piece(head, (uint32_t)piece);
    return *ret_piece == NULL ? NULL : piece_part(*ret_piece, (uint32_t)part);
}

struct send *case_send(struct case_head *head, uint32_t n)
{
    for (size_t i = 0; i < head->n_sends; i++) {
        if (head->sends[i].n == n)
            return &head->sends[i];
    }
    return NULL;
}

enum vendor_status party_status(const struct party *party, uint32_t vuln)
{
    for (size_t i = 0; i < party->n_statuses; i++) {
        if (party->statuses[i].vuln == vuln)
            return party->statuses[i].status;
    }
    return STATUS_UNKNOWN;
}
