/* Programs of others, as children: what they read and write are files in memory. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "carry/carrier.h"

static void memory_close(int fd)
{
    if (fd >= 0)
        close(fd);
}
SCOPED_DEFINE(int, memory_close)

/* 0 or an errno. */
static int spawn_on(const char *const *arguments, int in, int out, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    int failed = posix_spawn_file_actions_init(&files);

    if (failed != 0)
        return failed;
    failed = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if (failed == 0)
        failed = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (failed == 0)
        failed =
            posix_spawnp(ret_pid, arguments[0], &files, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

static enum carry_ran outcome(int status)
{
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL ? CARRY_RAN_TOO_LONG
                                                                          : CARRY_RAN_FAILED;
    return status == 0 ? CARRY_RAN : CARRY_RAN_FAILED;
}

enum carry_ran carry_run(struct arena *a, const char *const *arguments, struct span bytes,
                         size_t max, struct span *ret_out)
{
    SCOPED(memory_close) int in = memfd_create("in", MFD_CLOEXEC);
    SCOPED(memory_close) int out = memfd_create("out", MFD_CLOEXEC);
    enum carry_ran ran;
    int status = -1;
    char *written;
    ssize_t n;
    pid_t pid;

    if (in < 0 || out < 0 || write(in, bytes.at, bytes.n) != (ssize_t)bytes.n ||
        lseek(in, 0, SEEK_SET) != 0)
        return CARRY_RAN_FAILED;
    status = spawn_on(arguments, in, out, &pid);
    if (status != 0)
        return status == ENOENT ? CARRY_RAN_MISSING : CARRY_RAN_FAILED;
    if (waitpid(pid, &status, 0) != pid)
        return CARRY_RAN_FAILED;
    ran = outcome(status);
    if (ran != CARRY_RAN)
        return ran;
    written = arena_alloc(a, max);
    n = pread(out, written, max, 0);
    *ret_out = span_of(written, n < 0 ? 0 : (size_t)n);
    return CARRY_RAN;
}
