#include "wire/protocol.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON_MS = 2000 };

static void pair(int ret_pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret_pair), 0);
}

static void a_frame_comes_over_with_its_descriptors(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(memory_unmap) struct memory memory = {.mapped = NULL};
    SCOPED(fd_close) int fd = -1;
    struct desk_request sent = {.verb = DESK_TAKE, .sender = "a@b.example", .own_hops = 2};
    struct desk_request got = {.verb = DESK_ADMIT};
    struct frame frame;
    struct err err;
    int ends[2];

    (void)state;
    pair(ends);
    strs_add(a, &sent.recipients, "security@cert.example");
    assert_true(memory_seal(span_str("mail"), &fd, &err));
    assert_true(wire_send(ends[0], desk_request_fields, &sent, &fd, 1, SOON_MS, &err));
    assert_true(wire_receive(a, ends[1], desk_request_fields, &got, &frame, SOON_MS, &err));
    assert_int_equal(got.verb, DESK_TAKE);
    assert_string_equal(got.recipients.at[0], "security@cert.example");
    assert_int_equal(frame.n_fds, 1);
    assert_true(memory_map(frame.fds[0], 100, &memory, &err));
    assert_true(span_eq_str(memory.bytes, "mail"));
    frame_close(&frame);
    close(ends[0]);
    close(ends[1]);
}

static void what_is_no_frame_is_refused(void **state)
{
    static const char *const wrong[] = {"HTTP/1.1 200 OK\r\n", "EMB1\xff\xff\xff\xff", "EMB1\x02"};
    SCOPED(arena_free) struct arena *a = arena_new();
    struct desk_request got = {.verb = DESK_ADMIT};
    struct frame frame;
    struct err err;

    (void)state;
    for (size_t i = 0; i < LEN(wrong); i++) {
        int ends[2];

        pair(ends);
        assert_true(write(ends[0], wrong[i], strlen(wrong[i])) > 0);
        close(ends[0]);
        assert_false(wire_receive(a, ends[1], desk_request_fields, &got, &frame, SOON_MS, &err));
        close(ends[1]);
    }
}

static void wrong_types_and_words_are_named(void **state)
{
    static const struct {
        const char *json;
        const char *field;
    } rows[] = {
        {"{\"verb\":\"steal\"}", "verb"},
        {"{\"own_hops\":-1}", "own_hops"},
        {"{\"sender\":5}", "sender"},
        {"{\"recipients\":[1]}", "recipients"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct desk_request got = {.verb = DESK_ADMIT};
        struct err err;

        assert_false(json_decode(a, desk_request_fields, span_str(rows[i].json), &got, &err));
        assert_non_null(strstr(err.text, rows[i].field));
    }
}

static void memory_that_can_change_is_refused(void **state)
{
    struct memory memory;
    struct err err;
    int fd;

    (void)state;
    assert_true(memory_open(&fd, &err));
    assert_true(memory_write(fd, span_str("abc"), &err));
    assert_false(memory_map(fd, 100, &memory, &err));
    assert_true(memory_finish(fd, &err));
    assert_false(memory_map(fd, 2, &memory, &err));
    assert_true(memory_map(fd, 3, &memory, &err));
    assert_false(memory_write(fd, span_str("d"), &err));
    memory_unmap(&memory);
    fd_close(fd);
}

static void an_answer_that_is_late_is_an_error(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct frame frame;
    struct err err;
    int ends[2];

    (void)state;
    pair(ends);
    assert_false(frame_receive(a, ends[1], 50, &frame, &err));
    assert_int_equal(err.kind, ERR_RETRY);
    close(ends[0]);
    assert_false(frame_receive(a, ends[1], 50, &frame, &err));
    assert_int_equal(err.kind, ERR_GONE);
    close(ends[1]);
}

static void extents_must_lie_inside(void **state)
{
    struct part part = {.content = {.offset = 5, .n = 5}};
    struct message message = {.parts = &part, .n_parts = 1};
    struct span slice;

    (void)state;
    assert_true(wire_message_sound(&message, 10));
    assert_false(wire_message_sound(&message, 9));
    part.content = (struct extent){.offset = UINT64_MAX, .n = 2};
    assert_false(wire_message_sound(&message, 10));
    assert_false(
        wire_slice(span_str("abc"), (struct extent){.offset = 1, .n = UINT64_MAX}, &slice));
    assert_true(wire_slice(span_str("abc"), (struct extent){.offset = 1, .n = 2}, &slice));
    assert_true(span_eq_str(slice, "bc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_comes_over_with_its_descriptors),
        cmocka_unit_test(what_is_no_frame_is_refused),
        cmocka_unit_test(wrong_types_and_words_are_named),
        cmocka_unit_test(memory_that_can_change_is_refused),
        cmocka_unit_test(an_answer_that_is_late_is_an_error),
        cmocka_unit_test(extents_must_lie_inside),
    };

    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
