#include "planted.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

enum { FORKS_MAX = 2000 };

struct prober {
    struct arena *a;
    struct span mail;
};

static void say(const char *name, const char *of, bool done)
{
    dprintf(STDERR_FILENO, "probe %s%s%s: %s\n", name, of[0] == '\0' ? "" : " ", of,
            done ? "DONE" : "refused");
}

static int number(const struct prober *p, const char *aim)
{
    uint64_t n = 0;

    return text_to_u64(span_str(planted_aim(p->a, p->mail, aim)), INT32_MAX, &n) ? (int)n : -1;
}

/* ---- sockets ---- */

static void probe_network(const struct prober *p)
{
    static const struct {
        const char *name;
        int family;
        int type;
    } rows[] = {{"inet", AF_INET, SOCK_STREAM},   {"inet-datagram", AF_INET, SOCK_DGRAM},
                {"inet6", AF_INET6, SOCK_STREAM}, {"netlink", AF_NETLINK, SOCK_RAW},
                {"packet", AF_PACKET, SOCK_RAW},  {"unix", AF_UNIX, SOCK_STREAM}};

    (void)p;
    for (size_t i = 0; i < LEN(rows); i++)
        say("socket", rows[i].name, socket(rows[i].family, rows[i].type, 0) >= 0);
}

/* name: a path, or "@name" of an abstract socket. */
static socklen_t address(const char *name, struct sockaddr_un *ret)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(ret->sun_path, sizeof(ret->sun_path), "%s", name);
    if (name[0] == '@')
        ret->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
}

/* By a new socket, by the one we have, by one of a pair. */
static bool reaches(const char *name)
{
    struct sockaddr_un to;
    socklen_t n = address(name, &to);
    int own = socket(AF_UNIX, SOCK_STREAM, 0);
    int pair[2] = {-1, -1};
    bool reached = (own >= 0 && connect(own, (struct sockaddr *)&to, n) == 0) ||
                   connect(3, (struct sockaddr *)&to, n) == 0;

    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0)
        reached = reached || sendto(pair[0], "x", 1, 0, (struct sockaddr *)&to, n) == 1;
    return reached;
}

static void probe_sockets(const struct prober *p)
{
    static const char *const aims[] = {"control",          "desk-socket", "milter",
                                       "agent-open",       "agent-seal",  "abstract",
                                       "abstract-datagram"};

    for (size_t i = 0; i < LEN(aims); i++)
        say("connect", aims[i], reaches(planted_aim(p->a, p->mail, aims[i])));
}

/* ---- files ---- */

static bool readable(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char byte;

    if (fd < 0)
        return false;
    return read(fd, &byte, 1) == 1 || errno == EISDIR;
}

static void probe_files(const struct prober *p)
{
    static const char *const aims[] = {
        "store",     "store-folder", "ring",       "epoch",      "keys",   "pgp-keys", "smime-keys",
        "home-open", "home-seal",    "smime-open", "smime-seal", "config", "scratches"};

    for (size_t i = 0; i < LEN(aims); i++)
        say("read", aims[i], readable(planted_aim(p->a, p->mail, aims[i])));
    say("write", "run",
        open(planted_aim(p->a, p->mail, "run-file"), O_WRONLY | O_CREAT, 0600) >= 0);
    say("write", "tmp", open("/tmp/planted", O_WRONLY | O_CREAT, 0600) >= 0);
}

/* ---- processes ---- */

static bool reads_memory(int pid)
{
    char path[64];
    char byte;
    struct iovec here = {&byte, 1};
    struct iovec there = {(void *)0x400000, 1};

    snprintf(path, sizeof(path), "/proc/%d/mem", pid);
    return open(path, O_RDONLY) >= 0 || process_vm_readv(pid, &here, 1, &there, 1, 0) == 1 ||
           ptrace(PTRACE_ATTACH, pid, NULL, NULL) == 0 || ptrace(PTRACE_SEIZE, pid, NULL, 0) == 0;
}

static bool signals(int pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    siginfo_t info = {.si_code = SI_QUEUE};

    return kill(pid, SIGCONT) == 0 || syscall(SYS_tgkill, pid, pid, SIGCONT) == 0 ||
           syscall(SYS_tkill, pid, SIGCONT) == 0 ||
           syscall(SYS_rt_sigqueueinfo, pid, SIGCONT, &info) == 0 ||
           (fd >= 0 && syscall(SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0) == 0);
}

static void probe_processes(const struct prober *p)
{
    static const char *const aims[] = {"supervisor", "desk", "front", "parent", "holder", "other"};
    struct rlimit none = {0, 0};

    for (size_t i = 0; i < LEN(aims); i++) {
        int pid = number(p, aims[i]);

        say("memory", aims[i], pid <= 0 || reads_memory(pid));
        say("signal", aims[i], pid <= 0 || signals(pid));
        say("limit", aims[i], pid <= 0 || prlimit(pid, RLIMIT_CORE, &none, NULL) == 0);
    }
    say("signal", "everyone", kill(-1, SIGCONT) == 0);
}

/* A process of another group would outlive the worker. */
static void probe_leave(const struct prober *p)
{
    int status = 0;
    pid_t pid = fork();

    (void)p;
    if (pid == 0)
        _exit(setsid() >= 0 || setpgid(0, 0) == 0 ? 0 : 1);
    say("leave", "", pid < 0 || waitpid(pid, &status, 0) != pid || status == 0);
}

/* More processes than a mail needs; those of its group end with it. */
static void probe_forks(const struct prober *p)
{
    int n = 0;

    (void)p;
    for (; n < FORKS_MAX; n++) {
        pid_t pid = fork();

        if (pid == 0)
            for (;;)
                pause();
        if (pid < 0)
            break;
    }
    say("forks", "", n == FORKS_MAX);
}

static void probe_rights(const struct prober *p)
{
    (void)p;
    say("become", "root", setuid(0) == 0);
    say("become", "desk", setuid((uid_t)number(p, "desk-uid")) == 0);
    say("namespace", "", unshare(CLONE_NEWUSER) == 0);
    say("mount", "", mount("none", "/proc", "tmpfs", 0, NULL) == 0);
    say("chroot", "", chroot("/") == 0);
}

void planted_probe(struct arena *a, struct span mail)
{
    struct prober p = {a, mail};

    probe_network(&p);
    probe_sockets(&p);
    probe_files(&p);
    probe_processes(&p);
    probe_rights(&p);
    probe_leave(&p);
    probe_forks(&p);
    dprintf(STDERR_FILENO, "probe end\n");
}
