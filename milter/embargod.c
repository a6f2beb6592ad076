/*
 * embargod - the supervisor: starts, watches, replaces, drains and ends the other programs.
 *
 * One thread, one loop over signals, the desk's requests for workers, and two ready pipes. It sees
 * no mail and no store; keys it copies at its start and does not use.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/tree.h"
#include "flow/options.h"
#include "milter/arguments.h"
#include "milter/children.h"
#include "milter/parent.h"
#include "milter/privileges.h"
#include "milter/program.h"
#include "milter/runtime.h"
#include "wire/protocol.h"

enum {
    RESTART_FIRST_MS = 500,
    RESTART_MAX_MS = 4 * 1000,   /* after a crash: while it is away, mail waits */
    RESTART_LAST_MS = 60 * 1000, /* after an error of which it said what to correct */
    RESTART_CALM_MS = 60 * 1000, /* a child that lived this long starts the back-off anew */
    END_SECONDS = 25,
    ANSWER_MS = 10 * 1000,
};

/* Their folders'; the desk counts from 1. */
#define OPENER_SERIAL 0
#define HOLDER_SERIAL UINT64_MAX

/* Desk, front, holder or the opener's small parent: a child that is replaced when it ends. */
struct service {
    enum child_kind kind;
    const char *program;
    int ready; /* read end, -1 once it said so */
    bool serves;
    int64_t start_at; /* monotonic ms of the next start; 0: runs */
    int64_t back_off;
    int64_t started;
};

struct supervisor {
    struct arena *a;
    const struct options *options;
    struct users users;
    struct runtime runtime;
    struct children children;
    struct service desk;
    struct service front;
    struct service opener;
    struct service holder;
    int desk_sock;   /* to the desk, -1 while there is none */
    int opener_sock; /* to the opener's small parent */
    int holder_sock;
    int signals;
    bool ending;
    int64_t end_by;
};

static void tell_ready(struct supervisor *s)
{
    const char *path = options_run_path(s->a, s->options, "ready");
    SCOPED(fd_close) int fd = -1;

    if (!s->desk.serves || !s->front.serves || !s->opener.serves || !s->holder.serves) {
        unlink(path);
        return;
    }
    fd = runtime_create(path);
    log_info("ready");
}

/* Who runs it, if we are root. */
static struct child_as as_user(const struct supervisor *s, enum user_kind kind)
{
    return (struct child_as){.user = s->users.apart ? &s->users.at[kind] : NULL,
                             .group = (gid_t)-1,
                             .limited = kind == USER_OPEN || kind == USER_VERIFY};
}

/* Front puts its socket into the MTA's group, and has no other. */
static struct child_as as_service(const struct supervisor *s, enum child_kind kind)
{
    enum user_kind user = kind == CHILD_OPENER   ? USER_OPEN
                          : kind == CHILD_HOLDER ? USER_KEYS
                                                 : USER_DESK;
    struct child_as as = as_user(s, user);
    const struct group *mta =
        kind == CHILD_FRONT ? getgrnam(s->options->milter_socket_group) : NULL;

    if (mta != NULL)
        as.group = mta->gr_gid;
    return as;
}

static bool start_service(struct supervisor *s, struct service *service, char *const argv[],
                          int sock, struct err *err)
{
    struct child_as as = as_service(s, service->kind);
    SCOPED(fd_close) int ready = -1;
    struct child *child;
    int pipe_ends[2];

    service->started = clock_monotonic_ms();
    if (pipe2(pipe_ends, O_CLOEXEC) != 0)
        return err_sys(err, ERR_RETRY, errno, "pipe");
    fd_close(service->ready);
    service->ready = pipe_ends[0];
    ready = pipe_ends[1];
    service->serves = false;
    if (!child_start(&s->children, service->kind, argv, &as, sock, ready, &child, err))
        return false;
    service->start_at = 0;
    return true;
}

/* Desk and front read the configuration themselves. */
static bool start_configured(struct supervisor *s, struct service *service, int sock,
                             struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    char *argv[] = {arguments_path(a, s->options, service->program), arena_strdup(a, "--config"),
                    arena_strdup(a, s->options->file), NULL};

    return start_service(s, service, argv, sock, err);
}

/* *ours becomes our end of a new connection, in place of an old one. */
static bool connect_to(int *ours, int *ret_theirs, struct err *err)
{
    int old = *ours;

    if (!frame_pair(ours, ret_theirs, err))
        return false;
    fd_close(old);
    return true;
}

static bool start_desk(struct supervisor *s, struct err *err)
{
    SCOPED(fd_close) int theirs = -1;

    return connect_to(&s->desk_sock, &theirs, err) && start_configured(s, &s->desk, theirs, err);
}

static void plan_restart(struct service *service, int64_t max)
{
    int64_t now = clock_monotonic_ms();

    if (now - service->started > RESTART_CALM_MS || service->back_off == 0)
        service->back_off = RESTART_FIRST_MS;
    else
        service->back_off = service->back_off * 2 < max ? service->back_off * 2 : max;
    service->start_at = now + service->back_off;
    service->serves = false;
}

static void answer_desk(struct supervisor *s, const struct spawn_answer *answer, int fd)
{
    struct err err;

    if (s->desk_sock < 0)
        return;
    if (!wire_send(s->desk_sock, spawn_answer_fields, answer, &fd, fd < 0 ? 0 : 1, ANSWER_MS, &err))
        log_warning("answering the desk: %s", err.text);
}

static bool start_opener(struct supervisor *s, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(fd_close) int theirs = -1;
    char *argv[CHILD_ARGS_MAX];
    const char *scratch;

    if (!runtime_scratch(a, &s->runtime, USER_OPEN, OPENER_SERIAL, &scratch, err) ||
        !connect_to(&s->opener_sock, &theirs, err))
        return false;
    arguments_worker(a, s->options, &s->runtime, WORKER_OPEN, scratch, argv);
    return start_service(s, &s->opener, argv, theirs, err);
}

static bool start_holder(struct supervisor *s, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(fd_close) int theirs = -1;
    char *argv[CHILD_ARGS_MAX];
    const char *scratch;

    if (!runtime_scratch(a, &s->runtime, USER_KEYS, HOLDER_SERIAL, &scratch, err) ||
        !connect_to(&s->holder_sock, &theirs, err))
        return false;
    arguments_holder(a, s->options, &s->runtime, scratch, argv);
    return start_service(s, &s->holder, argv, theirs, err);
}

static void start_if_due(struct supervisor *s, struct service *service,
                         bool (*start)(struct supervisor *, struct err *))
{
    struct err err;

    if (service->start_at == 0 || service->start_at > clock_monotonic_ms() || start(s, &err))
        return;
    log_error("%s", err.text);
    plan_restart(service, RESTART_MAX_MS);
}

static bool start_front(struct supervisor *s, struct err *err)
{
    return start_configured(s, &s->front, -1, err);
}

/* The desk starts once its mail can be opened, front once there is a desk to ask. */
static void start_due(struct supervisor *s)
{
    start_if_due(s, &s->holder, start_holder);
    start_if_due(s, &s->opener, start_opener);
    if (s->opener.serves && s->holder.serves)
        start_if_due(s, &s->desk, start_desk);
    if (s->desk.serves)
        start_if_due(s, &s->front, start_front);
}

/* A worker's connection to the holder. */
static bool introduce(struct supervisor *s, uint64_t serial, int *ret_sock, struct err *err)
{
    struct hold_request request = {.serial = serial};
    SCOPED(fd_close) int theirs = -1;

    if (!s->holder.serves)
        return err_set(err, ERR_RETRY, "embargod-holder is not ready");
    return connect_to(ret_sock, &theirs, err) &&
           wire_send(s->holder_sock, hold_request_fields, &request, &theirs, 1, ANSWER_MS, err);
}

/* The small parent forks worker-open; one that is out of step is replaced. */
static bool fork_opener(struct supervisor *s, uint64_t serial, const char *scratch, int theirs,
                        struct child **ret_child, struct err *err)
{
    SCOPED(fd_close) int holder = -1;
    struct child *parent = child_of_kind(&s->children, CHILD_OPENER);
    pid_t pid;

    if (!s->opener.serves || parent == NULL)
        return err_set(err, ERR_RETRY, "embargod-open is not ready");
    if (!introduce(s, serial, &holder, err))
        return false;
    if (parent_fork(s->opener_sock, scratch, (const int[]){theirs, holder}, &pid, err))
        return child_adopt(&s->children, CHILD_WORKER, pid, ret_child, err);
    s->opener.serves = false;
    child_signal(parent, SIGKILL);
    return false;
}

static const enum user_kind worker_users[WORKER_KINDS] = {USER_OPEN, USER_VERIFY, USER_SEAL};

/* Its folder is nobody else's: not the small parent's, the holder's, or that of one at work. */
static bool is_new(struct supervisor *s, uint64_t serial)
{
    return serial != OPENER_SERIAL && serial != HOLDER_SERIAL &&
           child_by_serial(&s->children, serial) == NULL;
}

static bool start_worker(struct supervisor *s, const struct spawn_request *request, int *ret_sock,
                         struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(fd_close) int ours = -1;
    SCOPED(fd_close) int theirs = -1;
    char *argv[CHILD_ARGS_MAX];
    const char *scratch;
    enum user_kind user = worker_users[request->kind];
    struct child_as as = as_user(s, user);
    struct child *child;
    bool good;

    if (!is_new(s, request->serial))
        return err_set(err, ERR_RETRY, "the number is taken");
    if (!runtime_scratch(a, &s->runtime, user, request->serial, &scratch, err) ||
        !connect_to(&ours, &theirs, err))
        return false;
    arguments_worker(a, s->options, &s->runtime, request->kind, scratch, argv);
    good = request->kind == WORKER_OPEN
               ? fork_opener(s, request->serial, scratch, theirs, &child, err)
               : child_start(&s->children, CHILD_WORKER, argv, &as, theirs, -1, &child, err);
    if (!good)
        return false;
    child->serial = request->serial;
    *ret_sock = ours;
    ours = -1;
    return true;
}

static void serve_request(struct supervisor *s, const struct spawn_request *request)
{
    struct spawn_answer answer = {.serial = request->serial, .started = true};
    SCOPED(fd_close) int sock = -1;
    struct err err;

    if (request->end != 0) {
        struct child *child = child_by_serial(&s->children, request->end);

        if (child != NULL)
            child_signal(child, SIGKILL);
        return;
    }
    if (!start_worker(s, request, &sock, &err)) {
        log_error("starting a worker: %s", err.text);
        answer.started = false;
    }
    answer_desk(s, &answer, sock);
}

static void read_desk(struct supervisor *s)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct spawn_request request = {.serial = 0};
    struct frame frame = {.n_fds = 0};
    struct err err;

    if (wire_receive(a, s->desk_sock, spawn_request_fields, &request, &frame, ANSWER_MS, &err)) {
        frame_close(&frame);
        serve_request(s, &request);
        return;
    }
    fd_close(s->desk_sock);
    s->desk_sock = -1;
}

static void end_workers(struct supervisor *s)
{
    for (size_t i = 0; i < LEN(s->children.at); i++) {
        if (s->children.at[i].kind == CHILD_WORKER)
            child_signal(&s->children.at[i], SIGKILL);
    }
}

static void worker_ended(struct supervisor *s, struct child *child, int status)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct spawn_answer answer = {.serial = child->serial,
                                  .ended = true,
                                  .counts = child_fault(status),
                                  .how = child_how(a, status)};

    if (answer.counts)
        log_warning("worker serial=%llu ended: %s", (unsigned long long)child->serial, answer.how);
    answer_desk(s, &answer, -1);
    tree_remove(arena_printf(a, "%s/%llu", s->runtime.scratch, (unsigned long long)child->serial));
}

static void service_ended(struct supervisor *s, struct service *service, int status)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    bool lasting = WIFEXITED(status) && WEXITSTATUS(status) == EX_CONFIG;

    plan_restart(service, lasting ? RESTART_LAST_MS : RESTART_MAX_MS);
    if (!s->ending)
        log_error("%s ended: %s; it is started again in %.1f s%s", service->program,
                  child_how(a, status), (double)service->back_off / 1000,
                  lasting ? ": correct what it said, and restart embargod" : "");
    tell_ready(s);
    if (service == &s->desk)
        end_workers(s);
}

static struct service *service_of(struct supervisor *s, enum child_kind kind)
{
    struct service *all[] = {&s->desk, &s->front, &s->opener};

    for (size_t i = 0; i < LEN(all); i++) {
        if (all[i]->kind == kind)
            return all[i];
    }
    return &s->holder;
}

static void reap(struct supervisor *s)
{
    pid_t pid;
    int status;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct child *child = child_by_pid(&s->children, pid);

        if (child == NULL)
            continue;
        child_signal(child, SIGKILL); /* what it left behind in its group: a gpg at work */
        if (child->kind == CHILD_WORKER)
            worker_ended(s, child, status);
        else
            service_ended(s, service_of(s, child->kind), status);
        *child = (struct child){.kind = CHILD_FREE};
    }
}

/* The opener's parent and the holder end when their sockets do. */
static void end_helpers(struct supervisor *s)
{
    fd_close(s->opener_sock);
    fd_close(s->holder_sock);
    s->opener_sock = -1;
    s->holder_sock = -1;
}

/* First front (it drains), then the desk, then whoever is left. */
static void begin_end(struct supervisor *s)
{
    struct child *front = child_of_kind(&s->children, CHILD_FRONT);
    struct child *desk = child_of_kind(&s->children, CHILD_DESK);

    if (!s->ending) {
        s->ending = true;
        s->end_by = clock_monotonic_ms() + END_SECONDS * 1000;
        unlink(options_run_path(s->a, s->options, "ready"));
    }
    if (front != NULL)
        kill(front->pid, SIGTERM);
    else if (desk != NULL)
        kill(desk->pid, SIGTERM);
    else
        end_helpers(s);
}

static void read_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;

    while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            reap(s);
        else
            begin_end(s);
    }
    if (s->ending)
        begin_end(s);
}

static void read_ready(struct supervisor *s, struct service *service)
{
    char byte;

    service->serves = read(service->ready, &byte, 1) == 1;
    fd_close(service->ready);
    service->ready = -1;
    tell_ready(s);
}

static bool all_ended(struct supervisor *s)
{
    bool any = child_of_kind(&s->children, CHILD_FRONT) != NULL ||
               child_of_kind(&s->children, CHILD_DESK) != NULL ||
               child_of_kind(&s->children, CHILD_OPENER) != NULL ||
               child_of_kind(&s->children, CHILD_HOLDER) != NULL;

    if (any && clock_monotonic_ms() > s->end_by) {
        for (size_t i = 0; i < LEN(s->children.at); i++) {
            if (s->children.at[i].kind != CHILD_FREE)
                child_signal(&s->children.at[i], SIGKILL);
        }
        return true;
    }
    if (!any)
        end_workers(s);
    return !any;
}

static void turn(struct supervisor *s)
{
    struct pollfd at[] = {
        {.fd = s->signals, .events = POLLIN},      {.fd = s->desk_sock, .events = POLLIN},
        {.fd = s->desk.ready, .events = POLLIN},   {.fd = s->front.ready, .events = POLLIN},
        {.fd = s->opener.ready, .events = POLLIN}, {.fd = s->holder.ready, .events = POLLIN}};

    if (poll(at, LEN(at), 250) < 0 && errno != EINTR)
        log_error("poll failed");
    if (at[0].revents != 0)
        read_signals(s);
    if (at[1].revents != 0 && at[1].fd == s->desk_sock)
        read_desk(s);
    if (at[2].revents != 0 && at[2].fd == s->desk.ready)
        read_ready(s, &s->desk);
    if (at[3].revents != 0 && at[3].fd == s->front.ready)
        read_ready(s, &s->front);
    if (at[4].revents != 0 && at[4].fd == s->opener.ready)
        read_ready(s, &s->opener);
    if (at[5].revents != 0 && at[5].fd == s->holder.ready)
        read_ready(s, &s->holder);
    if (!s->ending)
        start_due(s);
}

static bool watch_signals(struct supervisor *s, struct err *err)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signals >= 0 || err_sys(err, ERR_OPERATOR, errno, "signalfd");
}

static bool write_pid(const struct supervisor *s, struct err *err)
{
    SCOPED(fd_close) int fd = runtime_create(options_run_path(s->a, s->options, "embargod.pid"));

    if (fd < 0 || dprintf(fd, "%d\n", (int)getpid()) < 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't write embargod.pid");
    return true;
}

static void run(struct supervisor *s)
{
    s->desk.start_at = 1;
    s->front.start_at = 1;
    s->opener.start_at = 1;
    s->holder.start_at = 1;
    tell_ready(s);
    while (!s->ending || !all_ended(s))
        turn(s);
    runtime_stop(&s->runtime);
    unlink(options_run_path(s->a, s->options, "embargod.pid"));
}

static const char *config_of(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "-c") == 0)
        return argv[2];
    return argc == 1 ? EMBARGOD_SYSCONF_DIR "/embargod.conf" : NULL;
}

int main(int argc, char **argv)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *file = config_of(argc, argv);
    struct supervisor s = {
        .a = a,
        .desk = {.kind = CHILD_DESK, .program = "embargod-desk", .ready = -1},
        .front = {.kind = CHILD_FRONT, .program = "embargod-front", .ready = -1},
        .opener = {.kind = CHILD_OPENER, .program = "embargod-open", .ready = -1},
        .holder = {.kind = CHILD_HOLDER, .program = "embargod-holder", .ready = -1},
        .desk_sock = -1,
        .opener_sock = -1,
        .holder_sock = -1,
    };
    struct options *options;
    struct err err;

    if (file == NULL) {
        fprintf(stderr, "usage: embargod [-c FILE]\n");
        return EX_USAGE;
    }
    program_start("embargod");
    if (!options_read(a, file, &options, &err))
        return program_failed(&err);
    s.options = options;
    clock_use_file(options->clock_file);
    if (!users_read(a, options, &s.users, &err) || !privileges_keep(&err) ||
        !watch_signals(&s, &err) || !runtime_start(a, options, &s.users, &s.runtime, &err) ||
        !write_pid(&s, &err))
        return program_failed(&err);
    if (!s.users.apart)
        log_warning(
            "TEST MODE: not started as root, so all programs run as one user: whoever takes "
            "over the one that opens mail can reach the store and all keys");
    log_info("start version=" EMBARGOD_VERSION);
    run(&s);
    log_info("end");
    return EX_OK;
}
