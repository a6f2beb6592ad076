#include "milter/parent.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "milter/program.h"

/* fork(), but the child is the supervisor's. The C library has no call for that; it keeps nothing
 * of the process in memory that a program with one thread would miss. */
static pid_t fork_for_supervisor(void)
{
    return (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
}

/* In the worker: a group of its own, and no descriptors but its sockets. */
static void be_worker(int sock, int holder)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(sock, PROGRAM_SOCKET);
    dup2(holder, PROGRAM_HOLDER);
    close_range(PROGRAM_HOLDER + 1, ~0U, 0);
}

/* One request; *ret_worker: this is the worker now. */
static bool serve(struct arena *a, struct fork_request *request, bool *ret_worker, struct err *err)
{
    struct fork_answer answer = {.pid = 0};
    struct frame frame = {.n_fds = 0};
    bool good;

    if (!wire_receive(a, PROGRAM_SOCKET, fork_request_fields, request, &frame, FRAME_FOREVER, err))
        return false;
    good = frame.n_fds == 2 && request->scratch != NULL;
    if (good)
        answer.pid = fork_for_supervisor();
    if (good && answer.pid == 0) {
        be_worker(frame.fds[0], frame.fds[1]);
        *ret_worker = true;
        return true;
    }
    if (answer.pid <= 0)
        answer.error = good ? arena_printf(a, "fork: error %d", errno) : "not a fork request";
    frame_close(&frame);
    return wire_send(PROGRAM_SOCKET, fork_answer_fields, &answer, NULL, 0, PARENT_ANSWER_MS, err);
}

bool parent_serve(struct arena *a, const char **ret_scratch, struct err *err)
{
    bool worker = false;

    while (!worker) {
        SCOPED(arena_free) struct arena *request_arena = arena_new();
        struct fork_request request = {.scratch = NULL};

        if (!serve(request_arena, &request, &worker, err))
            return false;
        if (worker)
            *ret_scratch = arena_strdup(a, request.scratch);
    }
    return true;
}

bool parent_fork(int sock, const char *scratch, const int socks[2], pid_t *ret_pid, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct fork_request request = {.scratch = scratch};
    struct fork_answer answer = {.pid = 0};
    struct frame frame = {.n_fds = 0};

    if (!wire_send(sock, fork_request_fields, &request, socks, 2, PARENT_ANSWER_MS, err) ||
        !wire_receive(a, sock, fork_answer_fields, &answer, &frame, PARENT_ANSWER_MS, err))
        return false;
    frame_close(&frame);
    if (answer.error != NULL)
        return err_set(err, ERR_RETRY, "embargod-open: %s", answer.error);
    if (answer.pid <= 1 || answer.pid > INT32_MAX)
        return err_set(err, ERR_RETRY, "embargod-open names no process");
    *ret_pid = (pid_t)answer.pid;
    return true;
}
