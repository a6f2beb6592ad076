#include "milter/session.h"

#include <stdatomic.h>

/* All sessions together, and those of strangers. */
struct load {
    atomic_long sessions;
    atomic_ullong bytes;
};

static struct load all;
static struct load strangers;

struct session *session_new(const struct options *options)
{
    struct arena *a = arena_new();
    struct session *s = ARENA_NEW(a, struct session);

    s->a = a;
    s->options = options;
    s->sender = "";
    s->fd = -1;
    s->references = buf_new(a, SESSION_REFERENCES_MAX);
    return s;
}

void session_free(struct session *s)
{
    if (s == NULL)
        return;
    if (s->counted)
        atomic_fetch_sub(&all.sessions, 1);
    atomic_fetch_sub(&all.bytes, s->bytes);
    if (s->stranger) {
        atomic_fetch_sub(&strangers.sessions, 1);
        atomic_fetch_sub(&strangers.bytes, s->bytes);
    }
    fd_close(s->fd);
    arena_free(s->a);
}

/* The envelope address without its angle brackets; parameters were cut off by the MTA. */
static struct span bare(const char *address)
{
    struct span s = span_trim(span_str(address));

    if (s.n >= 2 && s.at[0] == '<' && s.at[s.n - 1] == '>')
        s = span_first(span_from(s, 1), s.n - 2);
    return s;
}

void session_sender(struct session *s, const char *sender, uint64_t declared)
{
    s->sender = span_dup(s->a, bare(sender));
    s->declared = declared;
}

/* One question to the desk. False: it could not be asked. */
static bool ask_desk(struct session *s, const struct desk_request *request, int fd, int ms,
                     struct desk_answer *ret_answer)
{
    SCOPED(fd_close) int sock = -1;
    struct frame frame = {.n_fds = 0};
    const char *path = options_run_path(s->a, s->options, "sock/desk.sock");

    if (!frame_connect(path, &sock, &s->err) ||
        !wire_send(sock, desk_request_fields, request, &fd, fd < 0 ? 0 : 1, ms, &s->err) ||
        !wire_receive(s->a, sock, desk_answer_fields, ret_answer, &frame, ms, &s->err))
        return false;
    frame_close(&frame);
    return true;
}

static enum session_reply reply_for(struct session *s, const struct desk_answer *answer)
{
    if (answer->kind == DESK_OK)
        return SESSION_CONTINUE;
    err_set(&s->err, ERR_RETRY, "the desk said: %s%s%s", desk_answer_words[answer->kind],
            answer->lines.n > 0 ? ": " : "", answer->lines.n > 0 ? answer->lines.at[0] : "");
    return answer->kind == DESK_OVER ? SESSION_OVER : SESSION_LATER;
}

static enum session_reply admit(struct session *s, bool headers, bool *ret_reserved)
{
    struct desk_request request = {.verb = DESK_ADMIT,
                                   .recipients = s->ours,
                                   .references = s->references.at,
                                   .headers = headers};
    struct desk_answer answer = {.number = 0};

    if (!ask_desk(s, &request, -1, SESSION_ADMIT_MS, &answer))
        return SESSION_LATER;
    *ret_reserved = answer.reserved;
    return reply_for(s, &answer);
}

/* The first recipient of ours: is there a desk, and memory? */
static enum session_reply first_of_ours(struct session *s)
{
    bool reserved;

    if (s->fd < 0 && !memory_open(&s->fd, &s->err))
        return SESSION_LATER;
    return admit(s, false, &reserved);
}

enum session_reply session_recipient(struct session *s, const char *recipient)
{
    struct span address = bare(recipient);

    if (address_look(&s->options->addresses, address, NULL) == ADDRESS_FOREIGN) {
        s->others = true;
        return SESSION_CONTINUE;
    }
    if (s->declared > (uint64_t)s->options->message_size_limit)
        return SESSION_TOO_LARGE;
    if (s->ours.n >= SESSION_RECIPIENTS_MAX)
        return SESSION_TOO_MANY;
    if (s->ours.n == 0) {
        enum session_reply reply;

        strs_add(s->a, &s->ours, span_dup(s->a, address));
        reply = first_of_ours(s);
        if (reply != SESSION_CONTINUE)
            s->ours.n = 0; /* the MTA drops this recipient */
        return reply;
    }
    strs_add(s->a, &s->ours, span_dup(s->a, address));
    return SESSION_CONTINUE;
}

enum session_reply session_data(const struct session *s)
{
    return s->ours.n == 0 ? SESSION_UNRELATED : SESSION_CONTINUE;
}

static enum session_reply busy(struct session *s, const char *why)
{
    err_set(&s->err, ERR_RETRY, "%s", why);
    return SESSION_BUSY;
}

/* Takes room for n more bytes, or none. */
static bool count_bytes(struct session *s, uint64_t n)
{
    uint64_t of_all = atomic_fetch_add(&all.bytes, n) + n;
    uint64_t of_strangers = s->stranger ? atomic_fetch_add(&strangers.bytes, n) + n : 0;

    if (of_all <= SESSION_FLIGHT_MAX &&
        of_strangers <= SESSION_FLIGHT_MAX - SESSION_FLIGHT_RESERVE) {
        s->bytes += n;
        return true;
    }
    atomic_fetch_sub(&all.bytes, n);
    if (s->stranger)
        atomic_fetch_sub(&strangers.bytes, n);
    return false;
}

/* The headers are there, so the desk could say who it is: room for one more? */
static enum session_reply count_session(struct session *s, bool reserved)
{
    long limit = s->options->session_limit;

    s->counted = true;
    if (atomic_fetch_add(&all.sessions, 1) >= limit)
        return busy(s, "more than session-limit messages at once");
    if (reserved)
        return SESSION_CONTINUE;
    s->stranger = true;
    atomic_fetch_add(&strangers.bytes, s->bytes);
    if (atomic_fetch_add(&strangers.sessions, 1) >= limit - s->options->session_reserve)
        return busy(s, "more of strangers at once than session-limit less session-reserve");
    return SESSION_CONTINUE;
}

/* Adds bytes; past the limit only counts. */
static enum session_reply add(struct session *s, struct span bytes)
{
    uint64_t limit = (uint64_t)s->options->message_size_limit;

    if (s->too_large || bytes.n > limit || s->bytes > limit - bytes.n) {
        s->too_large = true;
        return SESSION_CONTINUE;
    }
    if (!count_bytes(s, bytes.n))
        return busy(s, "too many bytes in flight");
    return memory_write(s->fd, bytes, &s->err) ? SESSION_CONTINUE : SESSION_LATER;
}

/* libmilter gives folds with bare LF; with SMFIP_HDR_LEADSPC the value keeps its first blank. */
static struct span exact_field(struct session *s, const char *name, const char *value)
{
    struct buf b = buf_new(s->a, SESSION_HEADER_MAX);

    buf_add_str(&b, name);
    buf_add_char(&b, ':');
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\n' && (c == value || c[-1] != '\r'))
            buf_add_char(&b, '\r');
        buf_add_char(&b, *c);
    }
    buf_add_str(&b, "\r\n");
    if (b.full)
        s->too_large = true;
    return buf_span(&b);
}

/* Of a long thread the newest ids, which stand last. */
static void note_references(struct session *s, struct span value)
{
    size_t most = SESSION_REFERENCES_MAX / 2 - 1;

    buf_add_span(&s->references, value.n > most ? span_from(value, value.n - most) : value);
    buf_add_char(&s->references, ' ');
}

enum session_reply session_header(struct session *s, const char *name, const char *value)
{
    struct span field;

    if (s->too_large)
        return SESSION_CONTINUE; /* it is refused: nothing more of it is kept */
    field = exact_field(s, name, value);
    if (span_eq_nocase(span_str(name), "References") ||
        span_eq_nocase(span_str(name), "In-Reply-To"))
        note_references(s, span_str(value));
    if (s->bytes + field.n > SESSION_HEADER_MAX)
        s->too_large = true;
    return add(s, field);
}

enum session_reply session_end_of_headers(struct session *s)
{
    enum session_reply reply = add(s, span_str("\r\n"));
    bool reserved = false;

    if (reply == SESSION_CONTINUE)
        reply = admit(s, true, &reserved);
    return reply == SESSION_CONTINUE ? count_session(s, reserved) : reply;
}

enum session_reply session_body(struct session *s, struct span chunk)
{
    return add(s, chunk);
}

enum session_reply session_end(struct session *s)
{
    struct desk_request request = {
        .verb = DESK_TAKE,
        .sender = s->sender,
        .recipients = s->ours,
        .own_hops = (uint32_t)s->options->own_hops,
    };
    struct desk_answer answer = {.number = 0};
    enum session_reply reply;

    if (s->too_large)
        return SESSION_TOO_LARGE;
    if (!memory_finish(s->fd, &s->err) || !ask_desk(s, &request, s->fd, SESSION_TAKE_MS, &answer))
        return SESSION_LATER;
    reply = reply_for(s, &answer);
    if (reply != SESSION_CONTINUE)
        return reply;
    s->number = answer.number;
    return s->others ? SESSION_TAKEN : SESSION_TAKEN_ALL;
}
