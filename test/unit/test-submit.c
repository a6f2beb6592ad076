#include "test/testlib.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "smtp/submit.h"

enum { LINE = 4096, DATA_MAX = 1 << 20 };

/* A small MTA on loopback that answers as it is told and keeps what it got. */
static struct sink {
    int fd;
    uint16_t port;
    pthread_t thread;
    atomic_bool stop;
    const char *greeting, *mail, *rcpt, *data, *end; /* an empty one: hang up instead */
    bool close_after;                                /* hang up after a letter, in silence */
    char got[DATA_MAX];
    size_t n;
    char last_mail[LINE], last_rcpt[LINE], helo[LINE];
    int connections;
} sink;

static bool read_line(int fd, char *line)
{
    size_t n = 0;

    while (n < LINE - 1 && read(fd, line + n, 1) == 1)
        if (line[n++] == '\n') {
            line[n] = '\0';
            return true;
        }
    return false;
}

static bool say(int fd, const char *text)
{
    char line[LINE];
    int n = snprintf(line, sizeof(line), "%s\r\n", text);

    return text[0] != '\0' && send(fd, line, (size_t)n, MSG_NOSIGNAL) == n;
}

static void read_data(int fd)
{
    char line[LINE];

    sink.n = 0;
    while (read_line(fd, line) && strcmp(line, ".\r\n") != 0) {
        size_t n = strlen(line);

        if (sink.n + n > DATA_MAX)
            return;
        memcpy(sink.got + sink.n, line, n);
        sink.n += n;
    }
}

static void serve(int fd)
{
    char line[LINE];
    bool open = say(fd, sink.greeting);

    while (open && read_line(fd, line)) {
        if (strncmp(line, "EHLO", 4) == 0) {
            memcpy(sink.helo, line, LINE);
            open = say(fd, "250-sink\r\n250-PIPELINING\r\n250 SIZE 1000000");
        } else if (strncmp(line, "MAIL", 4) == 0) {
            memcpy(sink.last_mail, line, LINE);
            open = say(fd, sink.mail);
        } else if (strncmp(line, "RCPT", 4) == 0) {
            memcpy(sink.last_rcpt, line, LINE);
            open = say(fd, sink.rcpt);
        } else if (strncmp(line, "DATA", 4) == 0) {
            open = say(fd, sink.data);
            if (open && sink.data[0] == '3') {
                read_data(fd);
                open = say(fd, sink.end) && !sink.close_after;
            }
        } else if (strncmp(line, "QUIT", 4) == 0) {
            say(fd, "221 bye");
            open = false;
        } else {
            open = say(fd, "502 what?");
        }
    }
    close(fd);
}

static void *run(void *held)
{
    while (!sink.stop) {
        struct pollfd p = {.fd = sink.fd, .events = POLLIN};
        int fd = poll(&p, 1, 50) > 0 ? accept(sink.fd, NULL, NULL) : -1;

        if (fd >= 0) {
            sink.connections++;
            serve(fd);
        }
    }
    return held;
}

static int start(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(at);

    (void)state;
    memset(&sink, 0, sizeof(sink));
    sink.greeting = "220 sink";
    sink.mail = sink.rcpt = "250 2.1.0 Ok";
    sink.data = "354 go on";
    sink.end = "250 2.0.0 Ok: queued as 4WxQ17";
    sink.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(sink.fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(sink.fd, 8), 0);
    assert_int_equal(getsockname(sink.fd, (struct sockaddr *)&at, &n), 0);
    sink.port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&sink.thread, NULL, run, NULL), 0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    sink.stop = true;
    pthread_join(sink.thread, NULL);
    close(sink.fd);
    return 0;
}

static struct submit *open_submit(void)
{
    struct submit_config config = {"127.0.0.1", sink.port, "mx.cert.example"};
    struct submit *s = NULL;
    struct err err = {0};

    if (!submit_open(&config, &s, &err))
        fail_msg("%s", err.text);
    return s;
}

static struct submit_result send_one(struct submit *s, struct arena *a, const char *text)
{
    struct submit_result r = {0};
    struct err err = {0};

    if (!submit_send(s, a, "security+b1@cert.example", "psirt@acme.example", span_str(text), &r,
                     &err))
        fail_msg("%s", err.text);
    return r;
}

static void bytes_go_unchanged(void **state)
{
    static const struct {
        const char *text;
        const char *wire;
    } rows[] = {
        {"S: a\r\n\r\nb\r\n", "S: a\r\n\r\nb\r\n"},
        {"S: a\r\n\r\nb\r\n\r\n", "S: a\r\n\r\nb\r\n\r\n"},
        {".\r\n..\r\n.x\r\nx.\r\n", "..\r\n...\r\n..x\r\nx.\r\n"},
        {"a\nb\r\n", "a\nb\r\n"},
        {"no end", "no end\r\n"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(submit_close) struct submit *s = open_submit();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct submit_result r = send_one(s, a, rows[i].text);

        assert_int_equal(r.outcome, SUBMIT_TAKEN);
        assert_int_equal(r.code, 250);
        assert_string_equal(r.queue_id, "4WxQ17");
        if (!span_eq_str(span_of(sink.got, sink.n), rows[i].wire))
            fail_msg("row %zu: %.*s", i, (int)sink.n, sink.got);
    }
    assert_int_equal(sink.connections, 1);
    assert_string_equal(sink.helo, "EHLO mx.cert.example\r\n");
    assert_true(strncmp(sink.last_mail, "MAIL FROM:<security+b1@cert.example>", 36) == 0);
    assert_string_equal(sink.last_rcpt, "RCPT TO:<psirt@acme.example>\r\n");
}

static void a_large_one_goes_whole(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(submit_close) struct submit *s = open_submit();
    struct buf text = buf_new(a, DATA_MAX);

    (void)state;
    for (int i = 0; i < 12000; i++)
        buf_printf(&text, "x%d and more so that lines cross the pieces\r\n", i);
    assert_int_equal(send_one(s, a, text.at).outcome, SUBMIT_TAKEN);
    assert_true(span_eq(span_of(sink.got, sink.n), buf_span(&text)));
}

static void outcomes(void **state)
{
    static const struct {
        const char *name;
        const char *greeting, *mail, *rcpt, *data, *end; /* NULL: as it should be */
        enum submit_outcome outcome;
        int code;
        bool may_be_out;
    } rows[] = {
        {"rcpt refused", NULL, NULL, "550 5.1.1 no such user", NULL, NULL, SUBMIT_PERMANENT, 550,
         false},
        {"rcpt later", NULL, NULL, "450 4.2.0 greylisted", NULL, NULL, SUBMIT_TEMPORARY, 450,
         false},
        {"mail refused", NULL, "552 5.3.4 too big", NULL, NULL, NULL, SUBMIT_PERMANENT, 552, false},
        {"data later", NULL, NULL, NULL, "451 4.3.0 no", NULL, SUBMIT_TEMPORARY, 451, false},
        {"refused at the end", NULL, NULL, NULL, NULL, "554 5.7.1 no", SUBMIT_PERMANENT, 554,
         false},
        {"later at the end", NULL, NULL, NULL, NULL, "452 4.3.1 full", SUBMIT_TEMPORARY, 452,
         false},
        {"busy", "421 4.7.0 busy", NULL, NULL, NULL, NULL, SUBMIT_TEMPORARY, 421, false},
        {"no service", "554 no", NULL, NULL, NULL, NULL, SUBMIT_TEMPORARY, 554, false},
        {"hangs up at mail", NULL, "", NULL, NULL, NULL, SUBMIT_CONNECTION, 250, false},
        {"hangs up at the end", NULL, NULL, NULL, NULL, "", SUBMIT_CONNECTION, 354, true},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        SCOPED(submit_close) struct submit *s = open_submit();
        struct submit_result r;

        sink.greeting = rows[i].greeting != NULL ? rows[i].greeting : "220 sink";
        sink.mail = rows[i].mail != NULL ? rows[i].mail : "250 2.1.0 Ok";
        sink.rcpt = rows[i].rcpt != NULL ? rows[i].rcpt : "250 2.1.5 Ok";
        sink.data = rows[i].data != NULL ? rows[i].data : "354 go on";
        sink.end = rows[i].end != NULL ? rows[i].end : "250 2.0.0 Ok: queued as X";
        r = send_one(s, a, "S: a\r\n\r\nb\r\n");
        if (r.outcome != rows[i].outcome || r.code != rows[i].code)
            fail_msg("%s: outcome %d code %d %s", rows[i].name, r.outcome, r.code, r.reply);
        assert_row(rows[i].name, r.may_be_out == rows[i].may_be_out);
        assert_row(rows[i].name, r.reply[0] != '\0' && r.queue_id == NULL);
    }
}

static void after_a_refusal_the_next_one_goes(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(submit_close) struct submit *s = open_submit();

    (void)state;
    sink.rcpt = "550 5.1.1 no";
    assert_int_equal(send_one(s, a, "a\r\n").outcome, SUBMIT_PERMANENT);
    sink.rcpt = "250 Ok";
    assert_int_equal(send_one(s, a, "a\r\n").outcome, SUBMIT_TAKEN);
}

static void a_connection_gone_stale_is_opened_again(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(submit_close) struct submit *s = open_submit();

    (void)state;
    sink.close_after = true;
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_one(s, a, "a\r\n").outcome, SUBMIT_TAKEN);
    assert_int_equal(sink.connections, 3);
}

static void nobody_listens(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct submit_config config = {"127.0.0.1", 1, "mx.cert.example"};
    struct submit_result r = {0};
    struct submit *s = NULL;
    struct err err = {0};

    (void)state;
    assert_true(submit_open(&config, &s, &err));
    assert_true(submit_send(s, a, "", "a@b.example", span_str("a\r\n"), &r, &err));
    assert_int_equal(r.outcome, SUBMIT_CONNECTION);
    assert_false(r.may_be_out);
    assert_false(submit_send(s, a, "", "a@b.example>\r\nRCPT TO:<c@d", span_str(""), &r, &err));
    submit_close(s);
}

static void empty_sender_and_sendmail(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(submit_close) struct submit *s = open_submit();
    struct submit_result r = {0};
    struct err err = {0};

    (void)state;
    sink.end = "250 2.0.0 4AOFaB12 Message accepted for delivery";
    assert_true(submit_send(s, a, "", "a@b.example", span_str("a\r\n"), &r, &err));
    assert_string_equal(r.queue_id, "4AOFaB12");
    assert_true(strncmp(sink.last_mail, "MAIL FROM:<>", 12) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_go_unchanged, start, stop),
        cmocka_unit_test_setup_teardown(a_large_one_goes_whole, start, stop),
        cmocka_unit_test_setup_teardown(outcomes, start, stop),
        cmocka_unit_test_setup_teardown(after_a_refusal_the_next_one_goes, start, stop),
        cmocka_unit_test_setup_teardown(a_connection_gone_stale_is_opened_again, start, stop),
        cmocka_unit_test_setup_teardown(nobody_listens, start, stop),
        cmocka_unit_test_setup_teardown(empty_sender_and_sendmail, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
