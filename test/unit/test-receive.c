#include "flow/receive.h"

#include <sys/socket.h>

#include "flow/take.h"
#include "test/unit/store-fixture.h"

enum { ATTEMPTS = 2, PATIENCE_MS = 20 * 1000 };

/* A supervisor whose workers take their job and die of something that is not the mail's fault. */
struct host {
    int sock;
    int started;
    int64_t first_ms;
};

static void start_and_lose(struct host *host, uint64_t serial)
{
    SCOPED(arena_free) struct arena *mine = arena_new();
    struct spawn_answer answer = {.serial = serial, .started = true};
    struct open_job job = {.now = 0};
    struct frame frame = {.n_fds = 0};
    struct err err;
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_true(wire_send(host->sock, spawn_answer_fields, &answer, &pair[1], 1, 1000, &err));
    fd_close(pair[1]);
    assert_true(wire_receive(mine, pair[0], open_job_fields, &job, &frame, 1000, &err));
    frame_close(&frame);
    fd_close(pair[0]);
    answer = (struct spawn_answer){.serial = serial, .ended = true, .how = "signal 9"};
    assert_true(wire_send(host->sock, spawn_answer_fields, &answer, NULL, 0, 1000, &err));
    if (host->started++ == 0)
        host->first_ms = clock_monotonic_ms();
}

static void *supervise(void *arg)
{
    struct host *host = arg;

    for (;;) {
        SCOPED(arena_free) struct arena *mine = arena_new();
        struct spawn_request request = {.serial = 0};
        struct frame frame = {.n_fds = 0};
        struct err err;

        if (!wire_receive(mine, host->sock, spawn_request_fields, &request, &frame, FRAME_FOREVER,
                          &err))
            return NULL;
        if (request.end == 0)
            start_and_lose(host, request.serial);
    }
}

static struct options *options_for_test(void)
{
    struct options *o = ARENA_NEW(a, struct options);

    strs_add(a, &o->addresses.all, "security@cert.example");
    o->addresses.reply_domain = o->addresses.register_address = o->addresses.key_address = "";
    o->desk_name = o->hostname = "cert.example";
    o->authserv_id = "";
    o->template_directory = SOURCE_PATH("templates");
    o->vendor_list = "";
    o->language = "en";
    o->zone = ZONE_UTC;
    o->message_size_limit = 1024 * 1024;
    o->limits = limits_default;
    o->stranger_mails = o->stranger_bytes = 1024 * 1024;
    o->open_attempts = ATTEMPTS;
    return o;
}

static uint64_t take(struct desk *desk)
{
    static const char mail[] = "From: finder@research.example\r\nSubject: x\r\n\r\nA flaw.\r\n";
    struct desk_request request = {.verb = DESK_TAKE, .sender = "finder@research.example"};
    struct desk_answer answer = {.kind = DESK_LATER};
    struct err err;
    int fd;

    strs_add(a, &request.recipients, "security@cert.example");
    assert_true(memory_seal(span_str(mail), &fd, &err));
    assert_true(take_mail(desk, a, &request, fd, &answer, &err));
    fd_close(fd);
    assert_int_equal(answer.kind, DESK_OK);
    return answer.number;
}

struct look {
    uint64_t number;
    struct mail *mail;
};

static bool look_at_mail(struct txn *txn, struct arena *arena, void *ctx, struct err *err)
{
    struct look *look = ctx;
    struct rows rows;

    txn_rows(txn, &rows);
    return rows.mail(rows.ctx, arena, look->number, &look->mail, err);
}

static void opening_that_fails_again_and_again_ends(void **state)
{
    static struct desk desk;
    struct world_holder *worlds;
    struct options *options = options_for_test();
    struct look look = {0};
    int64_t taken_ms;
    struct host host;
    pthread_t supervisor;
    pthread_t receiver;
    struct err err;
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    host = (struct host){.sock = pair[0]};
    pthread_create(&supervisor, NULL, supervise, &host);
    if (!world_start(options, store, &worlds, &err))
        fail_msg("%s", err.text);
    desk_start(&desk, options, store, worlds, workers_new(pair[1]));
    pthread_create(&receiver, NULL, receive_run, &desk);
    taken_ms = clock_monotonic_ms();
    look.number = take(&desk);
    for (int64_t until = clock_monotonic_ms() + PATIENCE_MS; clock_monotonic_ms() < until;) {
        must_read(look_at_mail, &look);
        if (look.mail->state != MAIL_TAKEN)
            break;
        usleep(50 * 1000);
    }
    desk_stop(&desk);
    pthread_join(receiver, NULL);
    workers_free(desk.workers);
    pthread_join(supervisor, NULL);
    fd_close(host.sock);
    world_stop(worlds);
    assert_true(host.first_ms - taken_ms >= TAKE_PAUSE_MS); /* the answer was out before */
    assert_int_equal(look.mail->state, MAIL_UNOPENED);
    assert_int_equal(look.mail->tries, ATTEMPTS);
    assert_int_equal(look.mail->deaths, 0);
    assert_int_equal(host.started, ATTEMPTS);
    assert_int_equal(look.mail->place.kind, PLACE_REPORT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(opening_that_fails_again_and_again_ends, setup_memory,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
