#include "wire/frame.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

static const unsigned char magic[4] = {'E', 'M', 'B', '1'};

enum { HEAD_BYTES = 8 };

void fd_close(int fd)
{
    int saved = errno;

    if (fd >= 0)
        close(fd);
    errno = saved;
}

static int64_t deadline_of(int timeout_ms)
{
    return timeout_ms < 0 ? -1 : clock_monotonic_ms() + timeout_ms;
}

static bool wait_for(int sock, short events, int64_t deadline, struct err *err)
{
    struct pollfd p = {.fd = sock, .events = events};

    for (;;) {
        int64_t left = deadline < 0 ? -1 : deadline - clock_monotonic_ms();
        int n;

        if (deadline >= 0 && left <= 0)
            return err_set(err, ERR_RETRY, "the other program did not answer in time");
        n = poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return err_sys(err, ERR_RETRY, errno, "poll");
    }
}

/* Attaches descriptors to the first bytes of a frame. */
static void attach(struct msghdr *msg, char *control, const int *fds, size_t n_fds)
{
    struct cmsghdr *c;

    if (n_fds == 0)
        return;
    msg->msg_control = control;
    msg->msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
    c = CMSG_FIRSTHDR(msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
}

static bool send_some(int sock, struct span bytes, const int *fds, size_t n_fds, size_t *ret_n,
                      int64_t deadline, struct err *err)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * FRAME_FDS_MAX)] = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes.at, .iov_len = bytes.n};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t n;

    attach(&msg, control, fds, n_fds);
    for (;;) {
        if (!wait_for(sock, POLLOUT, deadline, err))
            return false;
        n = sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0)
            break;
        if (errno == EPIPE || errno == ECONNRESET)
            return err_set(err, ERR_GONE, "the other program closed the connection");
        if (errno != EINTR && errno != EAGAIN)
            return err_sys(err, ERR_RETRY, errno, "sendmsg");
    }
    *ret_n = (size_t)n;
    return true;
}

bool frame_send(int sock, struct span json, const int *fds, size_t n_fds, int timeout_ms,
                struct err *err)
{
    int64_t deadline = deadline_of(timeout_ms);
    unsigned char head[HEAD_BYTES];
    struct span rest = span_of(head, sizeof(head));

    if (json.n > FRAME_BYTES_MAX || n_fds > FRAME_FDS_MAX)
        return err_set(err, ERR_OPERATOR, "a message of %zu bytes is over the protocol's limit",
                       json.n);
    memcpy(head, magic, sizeof(magic));
    for (size_t i = 0; i < 4; i++)
        head[4 + i] = (unsigned char)(json.n >> (8 * i));
    for (int step = 0; step < 2; step++) {
        while (rest.n > 0) {
            size_t n = 0;

            if (!send_some(sock, rest, fds, n_fds, &n, deadline, err))
                return false;
            if (n > 0)
                n_fds = 0; /* they went with the first byte */
            rest = span_from(rest, n);
        }
        rest = json;
    }
    return true;
}

/* Keeps what descriptors came with a read, up to FRAME_FDS_MAX; closes the surplus. */
static void keep_fds(struct msghdr *msg, struct frame *frame)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        size_t n;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            if (frame->n_fds < FRAME_FDS_MAX)
                frame->fds[frame->n_fds++] = fd;
            else
                fd_close(fd);
        }
    }
}

static bool receive_all(int sock, unsigned char *at, size_t n, struct frame *frame,
                        int64_t deadline, struct err *err)
{
    while (n > 0) {
        _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * FRAME_FDS_MAX)];
        struct iovec part = {.iov_base = at, .iov_len = n};
        struct msghdr msg = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof(control)};
        ssize_t got;

        if (!wait_for(sock, POLLIN, deadline, err))
            return false;
        got = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno == ECONNRESET))
            return err_set(err, ERR_GONE, "the other program closed the connection");
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            return err_sys(err, ERR_RETRY, errno, "recvmsg");
        keep_fds(&msg, frame);
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static bool receive_frame(struct arena *a, int sock, int64_t deadline, struct frame *frame,
                          struct err *err)
{
    unsigned char head[HEAD_BYTES];
    unsigned char *json;
    size_t n = 0;

    if (!receive_all(sock, head, sizeof(head), frame, deadline, err))
        return false;
    for (size_t i = 0; i < 4; i++)
        n |= (size_t)head[4 + i] << (8 * i);
    if (memcmp(head, magic, sizeof(magic)) != 0 || n > FRAME_BYTES_MAX)
        return err_set(err, ERR_OPERATOR, "the other program does not speak our protocol");
    json = arena_alloc(a, n + 1);
    if (!receive_all(sock, json, n, frame, deadline, err))
        return false;
    frame->json = span_of(json, n);
    return true;
}

bool frame_receive(struct arena *a, int sock, int timeout_ms, struct frame *ret_frame,
                   struct err *err)
{
    struct frame frame = {.n_fds = 0};

    if (!receive_frame(a, sock, deadline_of(timeout_ms), &frame, err)) {
        frame_close(&frame);
        return false;
    }
    *ret_frame = frame;
    return true;
}

void frame_close(struct frame *frame)
{
    for (size_t i = 0; i < frame->n_fds; i++)
        fd_close(frame->fds[i]);
    frame->n_fds = 0;
}

int frame_take_fd(struct frame *frame, size_t i)
{
    int fd;

    if (i >= frame->n_fds)
        return -1;
    fd = frame->fds[i];
    frame->fds[i] = -1;
    return fd;
}

static bool unix_address(const char *path, struct sockaddr_un *ret_address, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path))
        return err_set(err, ERR_OPERATOR,
                       "%s: a socket's path has at most %zu characters; choose a "
                       "shorter run-directory",
                       path, sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    *ret_address = address;
    return true;
}

bool frame_listen(const char *path, unsigned mode, int *ret_sock, struct err *err)
{
    SCOPED(fd_close) int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address;

    if (!unix_address(path, &address, err))
        return false;
    if (sock < 0)
        return err_sys(err, ERR_RETRY, errno, "socket");
    unlink(path);
    if (bind(sock, (struct sockaddr *)&address, sizeof(address)) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "bind %s", path);
    if (chmod(path, mode) != 0 || listen(sock, 64) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "listen on %s", path);
    *ret_sock = sock;
    sock = -1;
    return true;
}

bool frame_connect(const char *path, int *ret_sock, struct err *err)
{
    SCOPED(fd_close) int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address;

    if (!unix_address(path, &address, err))
        return false;
    if (sock < 0)
        return err_sys(err, ERR_RETRY, errno, "socket");
    if (connect(sock, (struct sockaddr *)&address, sizeof(address)) != 0)
        return err_sys(err, ERR_GONE, errno, "connect to %s", path);
    *ret_sock = sock;
    sock = -1;
    return true;
}

bool frame_pair(int *ret_ours, int *ret_theirs, struct err *err)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return err_sys(err, ERR_RETRY, errno, "socketpair");
    *ret_ours = pair[0];
    *ret_theirs = pair[1];
    return true;
}
