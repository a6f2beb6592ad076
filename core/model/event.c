#include "model/event.h"

const char *const event_kind_words[EVENT_KINDS] = {
    [EVENT_OPENED] = "opened",
    [EVENT_PARTY_ADDED] = "party-added",
    [EVENT_PARTY_REMOVED] = "party-removed",
    [EVENT_FILED] = "filed",
    [EVENT_MOVED] = "moved",
    [EVENT_NOTE] = "note",
    [EVENT_OWNER] = "owner",
    [EVENT_WATCH] = "watch",
    [EVENT_EXCLUDE] = "exclude",
    [EVENT_TITLE] = "title",
    [EVENT_SUMMARY] = "summary",
    [EVENT_VULN_ADDED] = "vuln-added",
    [EVENT_SEND_PLANNED] = "send-planned",
    [EVENT_SEND_CONFIRMED] = "send-confirmed",
    [EVENT_SEND_STOPPED] = "send-stopped",
    [EVENT_SEND_HOLD_TOLD] = "send-hold-told",
    [EVENT_LETTER_OUT] = "letter-out",
    [EVENT_LETTER_ANSWERED] = "letter-answered",
    [EVENT_LETTER_HELD] = "letter-held",
    [EVENT_LETTER_BOUNCED] = "letter-bounced",
    [EVENT_LETTER_ANYWAY] = "letter-anyway",
    [EVENT_LETTER_RETRIED] = "letter-retried",
    [EVENT_STATUS] = "status",
    [EVENT_CONTACT_STATE] = "contact-state",
    [EVENT_ACCEPTED] = "accepted",
    [EVENT_SHARED] = "shared",
    [EVENT_RELEASED] = "released",
    [EVENT_SHARE_NAMED] = "share-named",
    [EVENT_CREDIT] = "credit",
    [EVENT_TOLD] = "told",
    [EVENT_EMBARGO_PROPOSED] = "embargo-proposed",
    [EVENT_EMBARGO_ACTIVE] = "embargo-active",
    [EVENT_EMBARGO_EXITED] = "embargo-exited",
    [EVENT_ALLOW_TERM] = "allow-term",
    [EVENT_REFERENCE] = "reference",
    [EVENT_CONTESTED] = "contested",
    [EVENT_CLOSED] = "closed",
    [EVENT_REOPENED] = "reopened",
};

const struct json_field event_fields[] = {
    JSON_FIELD(U32, struct event, version, "version"),
    JSON_FIELD(U64, struct event, seq, "seq"),
    JSON_FIELD(I64, struct event, at, "at"),
    JSON_WORD(struct event, kind, "kind", event_kind_words),
    JSON_FIELD(TEXT, struct event, by, "by"),
    JSON_FIELD(U64, struct event, message, "message"),
    JSON_FIELD(U32, struct event, party, "party"),
    JSON_FIELD(U32, struct event, org, "org"),
    JSON_FIELD(U32, struct event, contact, "contact"),
    JSON_WORD(struct event, party_kind, "party_kind", party_kind_words),
    JSON_FIELD(TEXT, struct event, address, "address"),
    JSON_FIELD(TEXT, struct event, name, "name"),
    JSON_FIELD(TEXT, struct event, key, "key"),
    JSON_WORD(struct event, protocol, "protocol", protocol_words),
    JSON_FIELD(BYTES, struct event, key_bytes, "key_bytes"),
    JSON_FIELD(U32, struct event, piece, "piece"),
    JSON_WORD(struct event, piece_kind, "piece_kind", piece_kind_words),
    JSON_FIELD(U32, struct event, part, "part"),
    JSON_LIST(struct event, parts, "parts", struct piece_part, piece_part_fields),
    JSON_WORD(struct event, trust, "trust", trust_words),
    JSON_FIELD(TEXT, struct event, message_id, "message_id"),
    JSON_FIELD(U32, struct event, vuln, "vuln"),
    JSON_WORD(struct event, status, "status", vendor_status_words),
    JSON_WORD(struct event, contact_state, "contact_state", contact_state_words),
    JSON_FIELD(U32, struct event, send, "send"),
    JSON_FIELD(U64, struct event, letter, "letter"),
    JSON_FIELD(U32S, struct event, parties, "parties"),
    JSON_FIELD(STRS, struct event, list, "list"),
    JSON_FIELD(TEXT, struct event, text, "text"),
    JSON_FIELD(TEXT, struct event, digest, "digest"),
    JSON_FIELD(I64, struct event, when, "when"),
    JSON_FIELD(BOOL, struct event, flag, "flag"),
    JSON_FIELD(BOOL, struct event, two, "two"),
    JSON_END,
};

bool event_upcast(struct arena *a, struct event *event)
{
    if (event->version == 0 || event->version > EVENT_VERSION)
        return false;
    for (size_t i = 0; event->version < 2 && i < event->n_parts; i++) {
        struct piece_part *part = &event->parts[i];
        if (part->facts.n == 0 && !part->unread)
            part->unread = arena_strdup(a, "it came before attached files were looked into");
    }
    event->version = EVENT_VERSION;
    return true;
}
