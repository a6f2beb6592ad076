#include "milter/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "milter/program.h"

/* In the child: only 3 and 4 stay open beside the standard ones. */
static void arrange_descriptors(int socket, int ready)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    /* Out of the way of 3 and 4 first: either may be the other's number. */
    int high_socket = socket < 0 ? -1 : fcntl(socket, F_DUPFD_CLOEXEC, 10);
    int high_ready = ready < 0 ? -1 : fcntl(ready, F_DUPFD_CLOEXEC, 10);

    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    if (high_socket >= 0)
        dup2(high_socket, PROGRAM_SOCKET);
    if (high_ready >= 0)
        dup2(high_ready, PROGRAM_READY);
    close_range(high_ready >= 0 ? PROGRAM_READY + 1 : PROGRAM_SOCKET + 1, ~0U, 0);
}

/* Of memory files and folders in memory no limit of a process tells: if the machine has no more, it
 * is a worker that ends, with what it holds, and not the desk. */
static void be_first_to_go(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd >= 0) {
        (void)!write(fd, "1000", 4);
        close(fd);
    }
}

static bool change_user(const struct child_as *as)
{
    struct rlimit processes = {CHILD_PROCESSES_MAX, CHILD_PROCESSES_MAX};
    struct err err;

    if (as->limited)
        be_first_to_go();
    if (as->user == NULL)
        return true;
    return (!as->limited || setrlimit(RLIMIT_NPROC, &processes) == 0) &&
           user_become(as->user, as->group, &err);
}

static void become(char *const argv[], const struct child_as *as, int socket, int ready)
{
    sigset_t none;

    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    arrange_descriptors(socket, ready);
    if (!change_user(as))
        _exit(EX_OSERR);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a change of user takes it away */
    execv(argv[0], argv);
    _exit(EX_UNAVAILABLE);
}

bool child_adopt(struct children *children, enum child_kind kind, pid_t pid,
                 struct child **ret_child, struct err *err)
{
    struct child *child = child_of_kind(children, CHILD_FREE);

    if (child == NULL)
        return err_set(err, ERR_RETRY, "more than %d children", CHILDREN_MAX);
    setpgid(pid, pid); /* in both, so that neither has to be first */
    *child = (struct child){.kind = kind, .pid = pid};
    *ret_child = child;
    return true;
}

bool child_start(struct children *children, enum child_kind kind, char *const argv[],
                 const struct child_as *as, int socket, int ready, struct child **ret_child,
                 struct err *err)
{
    pid_t pid;

    if (child_of_kind(children, CHILD_FREE) == NULL)
        return err_set(err, ERR_RETRY, "more than %d children", CHILDREN_MAX);
    if (access(argv[0], X_OK) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "%s; see libexec-directory", argv[0]);
    pid = fork();
    if (pid < 0)
        return err_sys(err, ERR_RETRY, errno, "fork");
    if (pid == 0)
        become(argv, as, socket, ready);
    return child_adopt(children, kind, pid, ret_child, err);
}

struct child *child_by_pid(struct children *children, pid_t pid)
{
    for (size_t i = 0; i < LEN(children->at); i++) {
        if (children->at[i].kind != CHILD_FREE && children->at[i].pid == pid)
            return &children->at[i];
    }
    return NULL;
}

struct child *child_by_serial(struct children *children, uint64_t serial)
{
    for (size_t i = 0; i < LEN(children->at); i++) {
        if (children->at[i].kind == CHILD_WORKER && children->at[i].serial == serial)
            return &children->at[i];
    }
    return NULL;
}

struct child *child_of_kind(struct children *children, enum child_kind kind)
{
    for (size_t i = 0; i < LEN(children->at); i++) {
        if (children->at[i].kind == kind)
            return &children->at[i];
    }
    return NULL;
}

void child_signal(struct child *child, int signal_number)
{
    kill(-child->pid, signal_number);
}

bool child_fault(int wait_status)
{
    static const int faults[] = {SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGSYS, SIGXCPU};

    if (!WIFSIGNALED(wait_status))
        return false;
    for (size_t i = 0; i < LEN(faults); i++) {
        if (WTERMSIG(wait_status) == faults[i])
            return true;
    }
    return false;
}

const char *child_how(struct arena *a, int wait_status)
{
    if (WIFSIGNALED(wait_status))
        return arena_printf(a, "signal %d", WTERMSIG(wait_status));
    return arena_printf(a, "exit %d", WEXITSTATUS(wait_status));
}
