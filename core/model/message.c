#include "model/message.h"

#include "model/json.h"

#define NOT_SEALED "[not sealed, and covered by no signature:]"

const char *const trust_words[5] = {"bad", "claimed", "token", "signed", "verified"};
const char *const protocol_words[3] = {"none", "openpgp", "smime"};
const char *const seal_kind_words[2] = {"encrypted", "signed"};
const char *const seal_status_words[8] = {"valid",       "invalid", "expired", "revoked",
                                          "unknown-key", "no-key",  "weak",    "error"};
const char *const automatic_words[5] = {"no", "dsn", "auto-reply", "report", "list"};

static const char *const part_role_words[2] = {"text", "attachment"};

void strs_add(struct arena *a, struct strs *list, const char *text)
{
    ARENA_GROW(a, list->at, list->n, list->room);
    list->at[list->n++] = text;
}

bool strs_has(const struct strs *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->at[i], text) == 0)
            return true;
    }
    return false;
}

static const struct json_field extent_fields[] = {
    JSON_FIELD(U64, struct extent, offset, "offset"),
    JSON_FIELD(U64, struct extent, n, "n"),
    JSON_END,
};

static const struct json_field seal_fields[] = {
    JSON_FIELD(U32, struct seal, layer, "layer"),
    JSON_WORD(struct seal, protocol, "protocol", protocol_words),
    JSON_WORD(struct seal, kind, "kind", seal_kind_words),
    JSON_WORD(struct seal, status, "status", seal_status_words),
    JSON_FIELD(TEXT, struct seal, signer, "signer"),
    JSON_FIELD(BOOL, struct seal, covers_whole, "covers_whole"),
    JSON_FIELD(TEXT, struct seal, path, "path"),
    JSON_FIELD(STRS, struct seal, algorithms, "algorithms"),
    JSON_FIELD(STRS, struct seal, addresses, "addresses"),
    JSON_FIELD(I64, struct seal, time, "time"),
    JSON_FIELD(TEXT, struct seal, session_key, "session_key"),
    JSON_END,
};

static const struct json_field signed_object_fields[] = {
    JSON_FIELD(U32, struct signed_object, seal, "seal"),
    JSON_WORD(struct signed_object, protocol, "protocol", protocol_words),
    JSON_STRUCT(struct signed_object, content, "content", extent_fields),
    JSON_STRUCT(struct signed_object, signature, "signature", extent_fields),
    JSON_FIELD(BOOL, struct signed_object, inside_encryption, "inside_encryption"),
    JSON_FIELD(BOOL, struct signed_object, covers_whole, "covers_whole"),
    JSON_END,
};

static const struct json_field cleaned_fields[] = {
    JSON_STRUCT(struct cleaned, content, "content", extent_fields),
    JSON_STRUCT(struct cleaned, carried, "carried", extent_fields),
    JSON_FIELD(STRS, struct cleaned, facts, "facts"),
    JSON_FIELD(TEXT, struct cleaned, unread, "unread"),
    JSON_FIELD(TEXT, struct cleaned, why_not, "why_not"),
    JSON_END,
};

static const struct json_field part_fields[] = {
    JSON_FIELD(TEXT, struct part, path, "path"),
    JSON_FIELD(TEXT, struct part, type, "type"),
    JSON_FIELD(TEXT, struct part, charset, "charset"),
    JSON_FIELD(TEXT, struct part, filename, "filename"),
    JSON_FIELD(BOOL, struct part, sealed, "sealed"),
    JSON_WORD(struct part, role, "role", part_role_words),
    JSON_FIELD(U64, struct part, size, "size"),
    JSON_STRUCT(struct part, content, "content", extent_fields),
    JSON_FIELD(TEXT, struct part, text, "text"),
    JSON_STRUCT(struct part, carried, "carried", extent_fields),
    JSON_FIELD(STRS, struct part, facts, "facts"),
    JSON_FIELD(TEXT, struct part, unread, "unread"),
    JSON_STRUCT(struct part, cleaned, "cleaned", cleaned_fields),
    JSON_END,
};

static const struct json_field offered_key_fields[] = {
    JSON_FIELD(TEXT, struct offered_key, fingerprint, "fingerprint"),
    JSON_WORD(struct offered_key, protocol, "protocol", protocol_words),
    JSON_STRUCT(struct offered_key, bytes, "bytes", extent_fields),
    JSON_FIELD(STRS, struct offered_key, addresses, "addresses"),
    JSON_END,
};

static const struct json_field form_field_fields[] = {
    JSON_FIELD(TEXT, struct form_field, name, "name"),
    JSON_FIELD(TEXT, struct form_field, value, "value"),
    JSON_END,
};

const struct json_field message_fields[] = {
    JSON_FIELD(TEXT, struct message, from, "from"),
    JSON_FIELD(TEXT, struct message, from_name, "from_name"),
    JSON_FIELD(TEXT, struct message, outer_from, "outer_from"),
    JSON_FIELD(TEXT, struct message, subject, "subject"),
    JSON_FIELD(TEXT, struct message, outer_subject, "outer_subject"),
    JSON_FIELD(TEXT, struct message, message_id, "message_id"),
    JSON_FIELD(TEXT, struct message, outer_message_id, "outer_message_id"),
    JSON_FIELD(STRS, struct message, references, "references"),
    JSON_FIELD(I64, struct message, date, "date"),
    JSON_FIELD(BOOL, struct message, headers_protected, "headers_protected"),
    JSON_FIELD(BOOL, struct message, encrypted, "encrypted"),
    JSON_FIELD(BOOL, struct message, single_chain, "single_chain"),
    JSON_WORD(struct message, trust, "trust", trust_words),
    JSON_LIST(struct message, seals, "seals", struct seal, seal_fields),
    JSON_LIST(struct message, signed_objects, "signed_objects", struct signed_object,
              signed_object_fields),
    JSON_LIST(struct message, parts, "parts", struct part, part_fields),
    JSON_FIELD(TEXT, struct message, text, "text"),
    JSON_WORD(struct message, automatic, "automatic", automatic_words),
    JSON_FIELD(STRS, struct message, repairs, "repairs"),
    JSON_FIELD(STRS, struct message, defects, "defects"),
    JSON_LIST(struct message, keys, "keys", struct offered_key, offered_key_fields),
    JSON_LIST(struct message, form, "form", struct form_field, form_field_fields),
    JSON_FIELD(TEXT, struct message, dsn_message_id, "dsn_message_id"),
    JSON_FIELD(TEXT, struct message, dsn_recipient, "dsn_recipient"),
    JSON_FIELD(BOOL, struct message, dsn_harmless, "dsn_harmless"),
    JSON_FIELD(TEXT, struct message, dmarc, "dmarc"),
    JSON_END,
};

static bool is_outside(const struct message *m, const struct part *part)
{
    return m->n_seals > 0 && !part->sealed && part->text != NULL &&
           span_trim(span_str(part->text)).n > 0;
}

/* "a\n\nb" without line ends around; nothing for nothing. */
static void add_text(struct buf *out, struct span text)
{
    while (text.n > 0 && text.at[0] == '\n')
        text = span_from(text, 1);
    while (text.n > 0 && text.at[text.n - 1] == '\n')
        text = span_first(text, text.n - 1);
    if (text.n > 0 && out->n > 0)
        buf_add_str(out, "\n\n");
    buf_add_span(out, text);
}

const char *message_marked_text(struct arena *a, const struct message *m)
{
    struct buf out;
    size_t room = 1;
    bool any = false;

    for (size_t i = 0; i < m->n_parts; i++) {
        any = any || is_outside(m, &m->parts[i]);
        room += m->parts[i].text == NULL ? 0 : strlen(m->parts[i].text) + sizeof(NOT_SEALED) + 4;
    }
    if (!any)
        return m->text;
    out = buf_new(a, room);
    for (size_t i = 0; i < m->n_parts; i++) {
        if (is_outside(m, &m->parts[i]))
            add_text(&out, span_str(NOT_SEALED));
        if (m->parts[i].text != NULL)
            add_text(&out, span_str(m->parts[i].text));
    }
    return out.at;
}
