/* What our programs say to each other, from a program that lies: the first byte chooses the struct,
 * or a frame. What was read comes back the same from its own JSON. */
#include "wire/protocol.h"

#include <stdlib.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

struct codec {
    uint8_t letter;
    const struct json_field *table;
    size_t size;
};

static const struct codec codecs[] = {
    {'D', desk_request_fields, sizeof(struct desk_request)},
    {'d', desk_answer_fields, sizeof(struct desk_answer)},
    {'O', open_job_fields, sizeof(struct open_job)},
    {'o', open_answer_fields, sizeof(struct open_answer)},
    {'V', verify_job_fields, sizeof(struct verify_job)},
    {'v', verify_answer_fields, sizeof(struct verify_answer)},
    {'S', seal_job_fields, sizeof(struct seal_job)},
    {'s', seal_answer_fields, sizeof(struct seal_answer)},
    {'W', spawn_request_fields, sizeof(struct spawn_request)},
    {'w', spawn_answer_fields, sizeof(struct spawn_answer)},
    {'Z', fork_request_fields, sizeof(struct fork_request)},
    {'z', fork_answer_fields, sizeof(struct fork_answer)},
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A message that is called sound points nowhere but into its bytes. */
static void try_message(const struct message *m)
{
    static const unsigned char bytes[64];
    struct span opened = span_of(bytes, sizeof(bytes));
    struct span slice;

    if (!wire_message_sound(m, opened.n))
        return;
    for (size_t i = 0; i < m->n_parts; i++)
        must(wire_slice(opened, m->parts[i].content, &slice));
    for (size_t i = 0; i < m->n_keys; i++)
        must(wire_slice(opened, m->keys[i].bytes, &slice));
    for (size_t i = 0; i < m->n_signed_objects; i++) {
        const struct signed_object *o = &m->signed_objects[i];

        must(wire_slice(opened, o->content, &slice) && wire_slice(opened, o->signature, &slice));
        must(o->seal < m->n_seals);
    }
}

static void try_struct(struct arena *a, const struct codec *c, struct span input)
{
    void *first = arena_alloc(a, c->size);
    void *second = arena_alloc(a, c->size);
    struct span text;
    struct err err;

    if (!json_decode(a, c->table, input, first, &err))
        return;
    text = json_encode(a, c->table, first);
    if (text.n <= JSON_BYTES_MAX) {
        must(json_decode(a, c->table, text, second, &err));
        must(span_eq(text, json_encode(a, c->table, second)));
    }
    if (c->table == open_answer_fields)
        try_message(&((struct open_answer *)first)->message);
}

/* A frame of any bytes, and the end of the connection behind them. */
static void try_frame(struct arena *a, struct span input)
{
    enum { SOCKET_HOLDS = 64 * 1024 };
    struct frame frame = {.n_fds = 0};
    struct err err;
    int pair[2];

    if (input.n > SOCKET_HOLDS || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return;
    must(send(pair[0], input.at, input.n, MSG_NOSIGNAL) == (ssize_t)input.n);
    fd_close(pair[0]);
    if (frame_receive(a, pair[1], 1000, &frame, &err))
        must(frame.json.n <= input.n && frame.n_fds == 0);
    frame_close(&frame);
    fd_close(pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span input = span_from(span_of(at, n), 1);

    for (size_t i = 0; n > 0 && i < LEN(codecs); i++) {
        if (codecs[i].letter == at[0])
            try_struct(a, &codecs[i], input);
    }
    if (n > 0 && at[0] == 'F')
        try_frame(a, input);
    return 0;
}
