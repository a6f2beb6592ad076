#include "wire/protocol.h"

const char *const desk_verb_words[DESK_VERBS] = {"admit", "take", "order", "query", "wake"};
const char *const desk_answer_words[DESK_ANSWERS] = {"ok",        "refused", "later",
                                                     "not-yours", "usage",   "over"};
const char *const worker_kind_words[WORKER_KINDS] = {"open", "verify", "seal"};

const struct json_field desk_request_fields[] = {
    JSON_WORD(struct desk_request, verb, "verb", desk_verb_words),
    JSON_FIELD(TEXT, struct desk_request, sender, "sender"),
    JSON_FIELD(STRS, struct desk_request, recipients, "recipients"),
    JSON_FIELD(TEXT, struct desk_request, references, "references"),
    JSON_FIELD(BOOL, struct desk_request, headers, "headers"),
    JSON_FIELD(U32, struct desk_request, own_hops, "own_hops"),
    JSON_FIELD(TEXT, struct desk_request, as, "as"),
    JSON_FIELD(TEXT, struct desk_request, place, "place"),
    JSON_FIELD(STRS, struct desk_request, lines, "lines"),
    JSON_FIELD(TEXT, struct desk_request, text, "text"),
    JSON_FIELD(TEXT, struct desk_request, query, "query"),
    JSON_FIELD(STRS, struct desk_request, words, "words"),
    JSON_END,
};

const struct json_field desk_answer_fields[] = {
    JSON_WORD(struct desk_answer, kind, "kind", desk_answer_words),
    JSON_FIELD(STRS, struct desk_answer, lines, "lines"),
    JSON_FIELD(BOOL, struct desk_answer, reserved, "reserved"),
    JSON_FIELD(U64, struct desk_answer, number, "number"),
    JSON_FIELD(BOOL, struct desk_answer, same, "same"),
    JSON_END,
};

static const struct json_field extent_fields[] = {
    JSON_FIELD(U64, struct extent, offset, "offset"),
    JSON_FIELD(U64, struct extent, n, "n"),
    JSON_END,
};

static const struct json_field wire_key_fields[] = {
    JSON_STRUCT(struct wire_key, at, "at", extent_fields),
    JSON_END,
};

const struct json_field open_job_fields[] = {
    JSON_FIELD(I64, struct open_job, now, "now"),
    JSON_FIELD(U32, struct open_job, own_hops, "own_hops"),
    JSON_FIELD(BOOL, struct open_job, hops_trusted, "hops_trusted"),
    JSON_FIELD(TEXT, struct open_job, authserv_id, "authserv_id"),
    JSON_STRUCT(struct open_job, limits, "limits", limits_fields),
    JSON_LIST(struct open_job, keys, "keys", struct wire_key, wire_key_fields),
    JSON_LIST(struct open_job, cas, "cas", struct wire_key, wire_key_fields),
    JSON_END,
};

const struct json_field open_answer_fields[] = {
    JSON_FIELD(TEXT, struct open_answer, error, "error"),
    JSON_FIELD(BOOL, struct open_answer, retry, "retry"),
    JSON_STRUCT(struct open_answer, message, "message", message_fields),
    JSON_FIELD(U64, struct open_answer, trust_seal, "trust_seal"),
    JSON_END,
};

const struct json_field hold_request_fields[] = {
    JSON_FIELD(U64, struct hold_request, serial, "serial"),
    JSON_END,
};

const struct json_field unwrap_request_fields[] = {
    JSON_WORD(struct unwrap_request, protocol, "protocol", protocol_words),
    JSON_FIELD(TEXT, struct unwrap_request, wrapped, "wrapped"),
    JSON_END,
};

const struct json_field unwrap_answer_fields[] = {
    JSON_FIELD(TEXT, struct unwrap_answer, error, "error"),
    JSON_FIELD(BOOL, struct unwrap_answer, opened, "opened"),
    JSON_FIELD(BOOL, struct unwrap_answer, foreign, "foreign"),
    JSON_FIELD(BOOL, struct unwrap_answer, refused, "refused"),
    JSON_FIELD(TEXT, struct unwrap_answer, key, "key"),
    JSON_FIELD(TEXT, struct unwrap_answer, hash, "hash"),
    JSON_END,
};

const struct json_field verify_job_fields[] = {
    JSON_FIELD(I64, struct verify_job, now, "now"),
    JSON_WORD(struct verify_job, protocol, "protocol", protocol_words),
    JSON_STRUCT(struct verify_job, content, "content", extent_fields),
    JSON_STRUCT(struct verify_job, signature, "signature", extent_fields),
    JSON_STRUCT(struct verify_job, limits, "limits", limits_fields),
    JSON_LIST(struct verify_job, keys, "keys", struct wire_key, wire_key_fields),
    JSON_LIST(struct verify_job, cas, "cas", struct wire_key, wire_key_fields),
    JSON_END,
};

const struct json_field verify_answer_fields[] = {
    JSON_FIELD(TEXT, struct verify_answer, error, "error"),
    JSON_FIELD(BOOL, struct verify_answer, retry, "retry"),
    JSON_WORD(struct verify_answer, trust, "trust", trust_words),
    JSON_FIELD(TEXT, struct verify_answer, signer, "signer"),
    JSON_FIELD(I64, struct verify_answer, signed_at, "signed_at"),
    JSON_FIELD(TEXT, struct verify_answer, strict_text, "strict_text"),
    JSON_FIELD(TEXT, struct verify_answer, strict_problem, "strict_problem"),
    JSON_FIELD(STRS, struct verify_answer, shown, "shown"),
    JSON_END,
};

const struct json_field seal_job_fields[] = {
    JSON_FIELD(I64, struct seal_job, now, "now"),
    JSON_WORD(struct seal_job, protocol, "protocol", protocol_words),
    JSON_END,
};

const struct json_field seal_answer_fields[] = {
    JSON_FIELD(TEXT, struct seal_answer, error, "error"),
    JSON_FIELD(BOOL, struct seal_answer, retry, "retry"),
    JSON_FIELD(TEXT, struct seal_answer, unusable, "unusable"),
    JSON_END,
};

const struct json_field spawn_request_fields[] = {
    JSON_WORD(struct spawn_request, kind, "kind", worker_kind_words),
    JSON_FIELD(U64, struct spawn_request, serial, "serial"),
    JSON_FIELD(U64, struct spawn_request, end, "end"),
    JSON_END,
};

const struct json_field spawn_answer_fields[] = {
    JSON_FIELD(U64, struct spawn_answer, serial, "serial"),
    JSON_FIELD(BOOL, struct spawn_answer, started, "started"),
    JSON_FIELD(BOOL, struct spawn_answer, ended, "ended"),
    JSON_FIELD(BOOL, struct spawn_answer, counts, "counts"),
    JSON_FIELD(TEXT, struct spawn_answer, how, "how"),
    JSON_END,
};

const struct json_field fork_request_fields[] = {
    JSON_FIELD(TEXT, struct fork_request, scratch, "scratch"),
    JSON_END,
};

const struct json_field fork_answer_fields[] = {
    JSON_FIELD(I64, struct fork_answer, pid, "pid"),
    JSON_FIELD(TEXT, struct fork_answer, error, "error"),
    JSON_END,
};

bool wire_send(int sock, const struct json_field *table, const void *object, const int *fds,
               size_t n_fds, int timeout_ms, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    return frame_send(sock, json_encode(a, table, object), fds, n_fds, timeout_ms, err);
}

bool wire_receive(struct arena *a, int sock, const struct json_field *table, void *object,
                  struct frame *ret_frame, int timeout_ms, struct err *err)
{
    struct frame frame;

    if (!frame_receive(a, sock, timeout_ms, &frame, err))
        return false;
    if (!json_decode(a, table, frame.json, object, err)) {
        frame_close(&frame);
        return err_wrap(err, "the other program's message");
    }
    *ret_frame = frame;
    return true;
}

bool wire_slice(struct span bytes, struct extent at, struct span *ret_slice)
{
    if (at.offset > bytes.n || at.n > bytes.n - at.offset)
        return false;
    *ret_slice = span_first(span_from(bytes, at.offset), at.n);
    return true;
}

static bool inside(struct extent at, uint64_t n)
{
    return at.offset <= n && at.n <= n - at.offset;
}

bool wire_message_sound(const struct message *message, uint64_t n)
{
    for (size_t i = 0; i < message->n_signed_objects; i++) {
        const struct signed_object *o = &message->signed_objects[i];

        if (!inside(o->content, n) || !inside(o->signature, n) || o->seal >= message->n_seals)
            return false;
    }
    for (size_t i = 0; i < message->n_parts; i++) {
        const struct part *part = &message->parts[i];

        if (!inside(part->content, n) || !inside(part->carried, n) ||
            !inside(part->cleaned.content, n) || !inside(part->cleaned.carried, n))
            return false;
    }
    for (size_t i = 0; i < message->n_keys; i++) {
        if (!inside(message->keys[i].bytes, n))
            return false;
    }
    for (size_t i = 0; i < message->n_form; i++) {
        if (message->form[i].name == NULL || message->form[i].value == NULL)
            return false;
    }
    return true;
}
