#include "milter/session.h"

#include <stdatomic.h>

/* All sessions together. */
static atomic_long sessions_open;
static atomic_ullong bytes_in_flight;

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
        atomic_fetch_sub(&sessions_open, 1);
    atomic_fetch_sub(&bytes_in_flight, s->bytes);
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

/* One question to the desk. */
static bool ask_desk(struct session *s, const struct desk_request *request, int fd, int ms,
                     struct desk_answer *ret_answer)
{
    SCOPED(fd_close) int sock = -1;
    struct frame frame = {.n_fds = 0};
    const char *path = options_run_path(s->a, s->options, "desk.sock");

    if (!frame_connect(path, &sock, &s->err) ||
        !wire_send(sock, desk_request_fields, request, &fd, fd < 0 ? 0 : 1, ms, &s->err) ||
        !wire_receive(s->a, sock, desk_answer_fields, ret_answer, &frame, ms, &s->err))
        return false;
    frame_close(&frame);
    if (ret_answer->kind != DESK_OK)
        return err_set(&s->err, ERR_RETRY, "the desk said: %s%s%s",
                       desk_answer_words[ret_answer->kind], ret_answer->lines.n > 0 ? ": " : "",
                       ret_answer->lines.n > 0 ? ret_answer->lines.at[0] : "");
    return true;
}

static enum session_reply admit(struct session *s)
{
    struct desk_request request = {
        .verb = DESK_ADMIT, .recipients = s->ours, .references = s->references.at};
    struct desk_answer answer = {.number = 0};

    return ask_desk(s, &request, -1, SESSION_ADMIT_MS, &answer) ? SESSION_CONTINUE : SESSION_LATER;
}

/* The first recipient of ours: is there room for one more session? */
static enum session_reply first_of_ours(struct session *s)
{
    if (!s->counted) {
        s->counted = true;
        s->over_limit = atomic_fetch_add(&sessions_open, 1) >= s->options->session_limit;
    }
    if (s->over_limit) {
        err_set(&s->err, ERR_RETRY, "more than session-limit sessions at once");
        return SESSION_LATER;
    }
    if (s->fd < 0 && !memory_open(&s->fd, &s->err))
        return SESSION_LATER;
    return admit(s);
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

/* Adds bytes; past the limit only counts. */
static enum session_reply add(struct session *s, struct span bytes)
{
    uint64_t limit = (uint64_t)s->options->message_size_limit;

    if (s->too_large || bytes.n > limit || s->bytes > limit - bytes.n) {
        s->too_large = true;
        return SESSION_CONTINUE;
    }
    if (atomic_fetch_add(&bytes_in_flight, bytes.n) + bytes.n > SESSION_FLIGHT_MAX) {
        atomic_fetch_sub(&bytes_in_flight, bytes.n);
        err_set(&s->err, ERR_RETRY, "too many bytes in flight");
        return SESSION_LATER;
    }
    s->bytes += bytes.n;
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

enum session_reply session_header(struct session *s, const char *name, const char *value)
{
    struct span field;

    if (s->too_large)
        return SESSION_CONTINUE; /* it is refused: nothing more of it is kept */
    field = exact_field(s, name, value);
    if (span_eq_nocase(span_str(name), "References") ||
        span_eq_nocase(span_str(name), "In-Reply-To"))
        buf_add_str(&s->references, value);
    if (s->bytes + field.n > SESSION_HEADER_MAX)
        s->too_large = true;
    return add(s, field);
}

enum session_reply session_end_of_headers(struct session *s)
{
    enum session_reply reply = add(s, span_str("\r\n"));

    return reply == SESSION_CONTINUE ? admit(s) : reply;
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

    if (s->too_large)
        return SESSION_TOO_LARGE;
    if (!memory_finish(s->fd, &s->err) || !ask_desk(s, &request, s->fd, SESSION_TAKE_MS, &answer))
        return SESSION_LATER;
    s->number = answer.number;
    return s->others ? SESSION_TAKEN : SESSION_TAKEN_ALL;
}
