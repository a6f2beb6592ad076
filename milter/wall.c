#include "milter/wall.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wire/frame.h"

/* ---- limits ---- */

static bool limit(int resource, rlim_t most, struct err *err)
{
    struct rlimit r = {most, most};
    struct rlimit now;

    /* A lower limit from outside (a unit, a container) stays. */
    if (getrlimit(resource, &now) == 0 && now.rlim_max < most)
        r.rlim_cur = r.rlim_max = now.rlim_max;
    return setrlimit(resource, &r) == 0 ||
           err_sys(err, ERR_OPERATOR, errno, "setting a resource limit");
}

/* SIGXCPU, which counts as the message's fault, comes at the lower of the two limits only: at the
 * upper one it is SIGKILL, which could have come from anywhere. */
static bool limit_cpu(rlim_t seconds, struct err *err)
{
    struct rlimit now;

    if (!limit(RLIMIT_CPU, seconds + 1, err) || getrlimit(RLIMIT_CPU, &now) != 0)
        return false;
    now.rlim_cur = now.rlim_max - 1;
    return setrlimit(RLIMIT_CPU, &now) == 0 ||
           err_sys(err, ERR_OPERATOR, errno, "setting the limit on processor time");
}

/* The sanitizers reserve more address space than any limit of ours allows. */
static bool memory_can_be_limited(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return false;
#else
    return true;
#endif
#else
    return true;
#endif
}

bool wall_limits(struct err *err)
{
    if (memory_can_be_limited() && !limit(RLIMIT_AS, WALL_MEMORY_BYTES, err))
        return false;
    return limit(RLIMIT_NOFILE, WALL_FILES, err) && limit(RLIMIT_FSIZE, WALL_FILE_BYTES, err) &&
           limit(RLIMIT_CORE, 0, err);
}

bool wall_seconds(uint64_t seconds, struct err *err)
{
    return limit_cpu(seconds, err);
}

/* ---- files: Landlock, by its system calls, for glibc has no wrappers ---- */

#define READ_RIGHTS \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FILE_RIGHTS \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE)
/* All that the first version of Landlock knows (Debian 12's kernel has at least that). */
#define ALL_RIGHTS ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static const char *const system_readable[] = {
    "/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/dev/urandom", "/dev/random",
};
static const char *const system_writable[] = {"/dev/null"};

static bool add_path(int rules, const char *path, uint64_t rights, struct err *err)
{
    SCOPED(fd_close) int fd = open(path, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    struct stat st;

    if (fd < 0)
        return true; /* what is not there needs no leave */
    if (fstat(fd, &st) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "looking at %s", path);
    if (!S_ISDIR(st.st_mode))
        rule.allowed_access &= FILE_RIGHTS;
    if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "walling in %s", path);
    return true;
}

static bool add_paths(int rules, const struct wall *wall, struct err *err)
{
    for (size_t i = 0; i < LEN(system_readable); i++) {
        if (!add_path(rules, system_readable[i], READ_RIGHTS, err))
            return false;
    }
    for (size_t i = 0; i < LEN(system_writable); i++) {
        if (!add_path(rules, system_writable[i], FILE_RIGHTS, err))
            return false;
    }
    for (size_t i = 0; i < WALL_PATHS_MAX && wall->readable[i] != NULL; i++) {
        if (!add_path(rules, wall->readable[i], READ_RIGHTS, err))
            return false;
    }
    for (size_t i = 0; i < WALL_PATHS_MAX && wall->writable[i] != NULL; i++) {
        if (!add_path(rules, wall->writable[i], ALL_RIGHTS, err))
            return false;
    }
    return true;
}

static bool stay_unprivileged(struct err *err)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ||
           err_sys(err, ERR_OPERATOR, errno, "no_new_privs");
}

bool wall_files(const struct wall *wall, bool *ret_files, struct err *err)
{
    struct landlock_ruleset_attr attr = {.handled_access_fs = ALL_RIGHTS};
    SCOPED(fd_close) int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

    *ret_files = false;
    if (rules < 0)
        return true; /* a kernel without Landlock: seccomp still stands */
    if (!stay_unprivileged(err) || !add_paths(rules, wall, err))
        return false;
    if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "closing the wall of files");
    *ret_files = true;
    return true;
}

/* ---- calls: seccomp ---- */

/*
 * A deny list: gpg, its libraries and the C library may use what they like of the rest, in any
 * version; what is denied fails with EPERM, so that a program that only probes goes on. A worker
 * that tries again and again meets its CPU limit.
 */
static const int denied[] = {
    /* other processes */
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(process_madvise),
    SCMP_SYS(kcmp),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(tkill),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(setpriority),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(sched_setattr),
    SCMP_SYS(sched_setparam),
    SCMP_SYS(sched_setscheduler),
    SCMP_SYS(ioprio_set),
    SCMP_SYS(migrate_pages),
    SCMP_SYS(move_pages),
    /* memory that outlives a process */
    SCMP_SYS(shmget),
    SCMP_SYS(msgget),
    SCMP_SYS(semget),
    SCMP_SYS(mq_open),
    /* the machine */
    SCMP_SYS(syslog),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_tree),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(reboot),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(adjtimex),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(iopl),
    SCMP_SYS(ioperm),
    /* ways round the others */
    SCMP_SYS(bpf),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(name_to_handle_at),
    SCMP_SYS(personality),
    SCMP_SYS(memfd_secret),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
};

static bool deny_all(scmp_filter_ctx filter)
{
    for (size_t i = 0; i < LEN(denied); i++) {
        int outcome = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), denied[i], 0);

        if (outcome != 0 && outcome != -EDOM) /* EDOM: not a call of this machine */
            return false;
    }
    return true;
}

/* Argument number arg is not value. The library's own macros leave a field out, and clang says so.
 */
static struct scmp_arg_cmp differs(unsigned arg, scmp_datum_t value)
{
    return (struct scmp_arg_cmp){.arg = arg, .op = SCMP_CMP_NE, .datum_a = value};
}

/* A call whose argument number arg (an int: the kernel drops the rest) is value. */
static bool deny_value(scmp_filter_ctx filter, int call, unsigned arg, scmp_datum_t value)
{
    struct scmp_arg_cmp is = {
        .arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = value};

    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1, is) == 0;
}

/* Signals: only the question whether a lock's holder lives (kill with 0), and abort() of our own
 * (wall_own_signals: which process that is, a parent of workers can't say). None by way of a
 * descriptor that is ready, either. */
static bool deny_signals(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(kill), 1, differs(1, 0)) == 0 &&
           deny_value(filter, SCMP_SYS(fcntl), 1, F_SETOWN) &&
           deny_value(filter, SCMP_SYS(fcntl), 1, F_SETOWN_EX) &&
           deny_value(filter, SCMP_SYS(fcntl), 1, F_SETSIG) &&
           deny_value(filter, SCMP_SYS(ioctl), 1, FIOSETOWN) &&
           deny_value(filter, SCMP_SYS(ioctl), 1, SIOCSPGRP);
}

/* The limits of others of the same user; namespaces, in which a process has all capabilities. What
 * clone3 is asked for lies in memory, where no filter sees it: the C library then takes clone. */
static bool deny_by_arguments(scmp_filter_ctx filter)
{
    static const scmp_datum_t spaces[] = {CLONE_NEWNS,  CLONE_NEWCGROUP, CLONE_NEWUTS,
                                          CLONE_NEWIPC, CLONE_NEWUSER,   CLONE_NEWPID,
                                          CLONE_NEWNET};

    for (size_t i = 0; i < LEN(spaces); i++) {
        struct scmp_arg_cmp has = {
            .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = spaces[i], .datum_b = spaces[i]};

        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, has) != 0)
            return false;
    }
    return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prlimit64), 1, differs(0, 0)) ==
               0 &&
           seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
}

static bool deny_sockets(scmp_filter_ctx filter, bool agent)
{
    uint32_t no = SCMP_ACT_ERRNO(EPERM);

    if (!agent)
        return seccomp_rule_add(filter, no, SCMP_SYS(socket), 0) == 0 &&
               seccomp_rule_add(filter, no, SCMP_SYS(socketpair), 0) == 0 && /* sendto elsewhere */
               seccomp_rule_add(filter, no, SCMP_SYS(connect), 0) == 0;
    return seccomp_rule_add(filter, no, SCMP_SYS(socket), 1, differs(0, AF_UNIX)) == 0;
}

static bool not_closed(struct err *err)
{
    return err_set(err, ERR_OPERATOR, "the wall of calls (seccomp) could not be closed");
}

bool wall_calls(const struct wall *wall, struct err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool good = filter != NULL && stay_unprivileged(err) && deny_all(filter) &&
                deny_signals(filter) && deny_by_arguments(filter) &&
                deny_sockets(filter, wall->agent) && seccomp_load(filter) == 0;

    seccomp_release(filter);
    return good || not_closed(err);
}

/* It is by its process group that all that a worker left is found and ended. */
static bool deny_leaving(scmp_filter_ctx filter)
{
    uint32_t no = SCMP_ACT_ERRNO(EPERM);

    return seccomp_rule_add(filter, no, SCMP_SYS(setsid), 0) == 0 &&
           seccomp_rule_add(filter, no, SCMP_SYS(setpgid), 0) == 0;
}

bool wall_own_signals(const struct wall *wall, struct err *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool good = filter != NULL &&
                seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 1,
                                 differs(0, (scmp_datum_t)getpid())) == 0 &&
                (wall->agent || deny_leaving(filter)) && seccomp_load(filter) == 0;

    seccomp_release(filter);
    return good || not_closed(err);
}

bool wall_begin(const struct wall *wall, struct err *err)
{
    return wall_limits(err) && wall_calls(wall, err);
}

bool wall_end(const struct wall *wall, bool *ret_files, struct err *err)
{
    if (wall->one_message && !limit_cpu(WALL_OPEN_CPU_SECONDS, err))
        return false;
    return wall_files(wall, ret_files, err) && wall_own_signals(wall, err);
}

bool wall_close(const struct wall *wall, bool *ret_files, struct err *err)
{
    return wall_begin(wall, err) && wall_end(wall, ret_files, err);
}
