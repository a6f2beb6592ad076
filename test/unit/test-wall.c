#include "milter/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Each test closes a wall around a child of its own; 0 says that all held. */
static int child_of(int (*inside)(const char *dir), const char *dir)
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0)
        _exit(inside(dir));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#define MUST(condition)                                                                          \
    do {                                                                                         \
        if (!(condition)) {                                                                      \
            dprintf(STDERR_FILENO, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
            return 1;                                                                            \
        }                                                                                        \
    } while (0)

static bool refused(long outcome)
{
    return outcome < 0 && errno == EPERM;
}

static int no_network_no_signals(const char *dir)
{
    struct wall wall = {.agent = true};
    struct err err;

    (void)dir;
    MUST(wall_calls(&wall, &err));
    MUST(refused(socket(AF_INET, SOCK_STREAM, 0)));
    MUST(refused(socket(AF_INET6, SOCK_DGRAM, 0)));
    MUST(refused(socket(AF_NETLINK, SOCK_RAW, 0)));
    MUST(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    MUST(refused(kill(getppid(), SIGTERM)));
    MUST(refused(kill(-1, SIGTERM)));
    MUST(kill(getppid(), 0) == 0);
    MUST(wall_own_signals(&wall, &err));
    MUST(refused(syscall(SYS_tgkill, getppid(), getppid(), SIGTERM)));
    MUST(syscall(SYS_tgkill, getpid(), gettid(), 0) == 0);
    MUST(refused(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL)));
    MUST(refused(unshare(CLONE_NEWUSER)));
    return 0;
}

static int no_sockets_at_all(const char *dir)
{
    struct wall wall = {.agent = false};
    struct err err;
    int pair[2];

    (void)dir;
    MUST(wall_calls(&wall, &err));
    MUST(refused(socket(AF_UNIX, SOCK_STREAM, 0)));
    MUST(refused(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)));
    MUST(refused(socket(AF_INET, SOCK_STREAM, 0)));
    /* What is started from inside stands behind the same wall. */
    MUST(system("exec 2>/dev/null; kill -TERM $PPID") != 0);
    return 0;
}

/* Others of the same user: an earlier mail's worker must not touch the next one's. */
static int nothing_done_to_others(const char *dir)
{
    struct wall wall = {.agent = true};
    struct rlimit none = {0, 0};
    struct err err;
    int ends[2];

    (void)dir;
    MUST(wall_calls(&wall, &err));
    MUST(refused(prlimit(getppid(), RLIMIT_CORE, &none, NULL)));
    MUST(setrlimit(RLIMIT_CORE, &none) == 0);
    MUST(refused(setpriority(PRIO_PROCESS, (id_t)getppid(), 19)));
    MUST(pipe2(ends, O_CLOEXEC) == 0);
    MUST(refused(fcntl(ends[0], F_SETOWN, getppid())));
    MUST(refused(fcntl(ends[0], F_SETSIG, SIGKILL)));
    MUST(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
    return 0;
}

static int nothing_left_behind(const char *dir)
{
    struct wall wall = {.agent = false};
    struct err err;
    bool files;
    int status = -1;
    pid_t pid;

    (void)dir;
    MUST(wall_close(&wall, &files, &err));
    MUST(refused(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600)));
    MUST(refused(msgget(IPC_PRIVATE, IPC_CREAT | 0600)));
    MUST(refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL)));
    MUST(syscall(SYS_clone3, NULL, 0) < 0 && errno == ENOSYS); /* its flags lie in memory */
    pid = fork();
    if (pid == 0)
        _exit(refused(setsid()) && refused(setpgid(0, 0)) ? 0 : 1);
    MUST(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0);
    MUST(system("true") == 0);
    return 0;
}

static const char *below(const char *dir, const char *name)
{
    static char path[4096];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static int only_its_own_files(const char *dir)
{
    char scratch[4096];
    char command[8192];
    struct wall wall = {.agent = false, .writable = {scratch}};
    struct err err;
    bool files = false;

    snprintf(scratch, sizeof(scratch), "%s/scratch", dir);
    snprintf(command, sizeof(command), "exec 2>/dev/null; cat %s/store/secret", dir);
    MUST(wall_files(&wall, &files, &err));
    if (!files)
        return 0; /* a kernel without Landlock */
    MUST(open(below(dir, "store/secret"), O_RDONLY) < 0 && errno == EACCES);
    MUST(open(below(dir, "store"), O_RDONLY | O_DIRECTORY) < 0 && errno == EACCES);
    MUST(open(below(dir, "elsewhere"), O_WRONLY | O_CREAT, 0600) < 0 && errno == EACCES);
    MUST(open(below(dir, "scratch/own"), O_WRONLY | O_CREAT, 0600) >= 0);
    MUST(open("/etc/passwd", O_RDONLY) >= 0);
    MUST(open("/etc/passwd", O_WRONLY | O_APPEND) < 0);
    MUST(system("true") == 0);
    MUST(system(command) != 0);
    return 0;
}

static int a_hog_and_a_loop_end(const char *dir)
{
    struct wall wall = {.one_message = true};
    struct rlimit cpu;
    struct err err;
    bool files;

    (void)dir;
    MUST(wall_begin(&wall, &err));
    MUST(wall_end(&wall, &files, &err));
    MUST(getrlimit(RLIMIT_CPU, &cpu) == 0 && cpu.rlim_cur <= WALL_OPEN_CPU_SECONDS);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    MUST(malloc((size_t)WALL_MEMORY_BYTES * 2) == NULL);
#endif
    return 0;
}

static int ends_by_its_time(const char *dir)
{
    struct err err;

    (void)dir;
    MUST(wall_seconds(1, &err));
    for (;;)
        continue;
}

static void calls_are_walled_in(void **state)
{
    (void)state;
    assert_int_equal(child_of(no_network_no_signals, NULL), 0);
    assert_int_equal(child_of(no_sockets_at_all, NULL), 0);
    assert_int_equal(child_of(nothing_done_to_others, NULL), 0);
    assert_int_equal(child_of(nothing_left_behind, NULL), 0);
}

static void files_are_walled_in(void **state)
{
    char dir[] = "/tmp/embargod-wall-XXXXXX";
    int fd;

    (void)state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(mkdir(below(dir, "store"), 0700), 0);
    assert_int_equal(mkdir(below(dir, "scratch"), 0700), 0);
    fd = open(below(dir, "store/secret"), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(child_of(only_its_own_files, dir), 0);
    unlink(below(dir, "store/secret"));
    unlink(below(dir, "scratch/own"));
    rmdir(below(dir, "store"));
    rmdir(below(dir, "scratch"));
    rmdir(dir);
}

static void limits_are_set(void **state)
{
    (void)state;
    assert_int_equal(child_of(a_hog_and_a_loop_end, NULL), 0);
    assert_int_equal(child_of(ends_by_its_time, NULL), -SIGXCPU); /* and not by SIGKILL */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_walled_in),
        cmocka_unit_test(files_are_walled_in),
        cmocka_unit_test(limits_are_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
