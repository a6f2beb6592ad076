#include "flow/serve.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "flow/control.h"
#include "flow/query.h"
#include "flow/take.h"

static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;
static int connections;

struct connection {
    struct desk *desk;
    int sock;
    bool control;
    unsigned uid;
};

static bool count_in(void)
{
    bool room;

    pthread_mutex_lock(&count_lock);
    room = connections < SERVE_CONNECTIONS_MAX;
    connections += room;
    pthread_mutex_unlock(&count_lock);
    return room;
}

static void count_out(void)
{
    pthread_mutex_lock(&count_lock);
    connections--;
    pthread_mutex_unlock(&count_lock);
}

void serve_drain(int ms)
{
    int64_t until = clock_monotonic_ms() + ms;
    int left = 1;

    while (left > 0 && clock_monotonic_ms() < until) {
        pthread_mutex_lock(&count_lock);
        left = connections;
        pthread_mutex_unlock(&count_lock);
        if (left > 0)
            usleep(20 * 1000);
    }
}

/* Front may ask for these two only; delivery agents come through the control socket. */
static bool answer_mail(const struct connection *c, struct arena *a,
                        const struct desk_request *request, struct frame *frame,
                        struct desk_answer *answer, struct err *err)
{
    SCOPED(fd_close) int fd = frame_take_fd(frame, 0);

    if (request->verb == DESK_ADMIT)
        return take_admit(c->desk, request, answer, err);
    return take_mail(c->desk, a, request, fd, answer, err);
}

static bool answer_person(const struct connection *c, struct arena *a,
                          const struct desk_request *request, struct desk_answer *answer,
                          int *ret_fd, struct err *err)
{
    if (request->verb == DESK_WAKE) {
        *answer = (struct desk_answer){.kind = DESK_OK};
        return world_refresh(c->desk->worlds, c->desk->store, err);
    }
    if (request->verb == DESK_ORDER)
        return control_order(c->desk, a, c->uid, request, answer, err);
    return query_answer(c->desk, a, c->uid, request, answer, ret_fd, err);
}

static bool answer_request(const struct connection *c, struct arena *a,
                           const struct desk_request *request, struct frame *frame,
                           struct desk_answer *answer, int *ret_fd, struct err *err)
{
    if (request->verb == DESK_ADMIT || request->verb == DESK_TAKE)
        return answer_mail(c, a, request, frame, answer, err);
    if (c->control)
        return answer_person(c, a, request, answer, ret_fd, err);
    answer->kind = DESK_NOT_YOURS;
    return true;
}

static void serve(const struct connection *c)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct desk_request request = {.verb = DESK_ADMIT};
    struct desk_answer answer = {.kind = DESK_LATER};
    struct frame frame = {.n_fds = 0};
    SCOPED(fd_close) int fd = -1;
    struct err err;

    if (!wire_receive(a, c->sock, desk_request_fields, &request, &frame, SERVE_REQUEST_MS, &err)) {
        if (err.kind != ERR_GONE)
            log_warning("a request did not come through: %s", err.text);
        return;
    }
    if (!answer_request(c, a, &request, &frame, &answer, &fd, &err)) {
        log_warning("request %s failed: %s", desk_verb_words[request.verb], err.text);
        answer = (struct desk_answer){.kind = DESK_LATER};
        if (c->control)
            strs_add(a, &answer.lines, arena_strdup(a, err.text));
    }
    frame_close(&frame);
    if (!wire_send(c->sock, desk_answer_fields, &answer, &fd, fd < 0 ? 0 : 1, SERVE_REQUEST_MS,
                   &err))
        log_warning("an answer to %s was not read: %s", desk_verb_words[request.verb], err.text);
}

static void *serve_connection(void *arg)
{
    struct connection *c = arg;

    serve(c);
    fd_close(c->sock);
    free(c);
    count_out();
    return NULL;
}

static unsigned peer_of(int sock)
{
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t n = sizeof(peer);

    if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &n) != 0)
        return (unsigned)-1;
    return peer.uid;
}

/* A worker has its one socket and no business here: somebody else moves it. */
static bool is_worker(const struct server *server, int sock)
{
    unsigned uid = peer_of(sock);

    if (!server->control || uid == geteuid() || !users_is_worker(&server->users, uid))
        return false;
    log_warning("a worker (uid %u) came to the control socket, and was turned away", uid);
    return true;
}

static void accept_one(struct server *server)
{
    int sock = accept4(server->sock, NULL, NULL, SOCK_CLOEXEC);
    struct connection *c;
    pthread_t thread;

    if (sock < 0 || is_worker(server, sock) || !count_in()) {
        fd_close(sock); /* the other side sees it closed: temporary */
        return;
    }
    c = calloc(1, sizeof(*c));
    if (c == NULL)
        abort();
    *c = (struct connection){
        .desk = server->desk, .sock = sock, .control = server->control, .uid = peer_of(sock)};
    if (pthread_create(&thread, NULL, serve_connection, c) != 0) {
        fd_close(sock);
        free(c);
        count_out();
        return;
    }
    pthread_detach(thread);
}

void *serve_run(void *arg)
{
    struct server *server = arg;
    struct pollfd p = {.fd = server->sock, .events = POLLIN};

    while (!desk_stopping(server->desk)) {
        if (poll(&p, 1, 200) > 0)
            accept_one(server);
    }
    return NULL;
}
