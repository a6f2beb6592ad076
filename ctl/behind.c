#include "ctl/behind.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/tree.h"
#include "crypto/crypto.h"
#include "flow/opening.h"
#include "milter/arguments.h"
#include "milter/children.h"
#include "milter/parent.h"
#include "milter/runtime.h"

enum {
    READY_MS = 20 * 1000,
    SEND_MS = 30 * 1000,
    END_MS = 2 * 1000, /* for a worker that closed its socket to be dead */
    TRIES_MAX = 3,     /* after failures of ours */
};

struct behind {
    struct arena *a;
    const struct options *options;
    struct runtime runtime;
    struct user opens; /* name NULL: the caller */
    struct children children;
    const char *folder;
    const char *agent_home; /* whose gpg-agent is ours to end */
    int opener;
    int holder;
    uint64_t serial;
};

/* ---- the two programs ---- */

static const char *make_scratch(struct behind *b, struct arena *a, const char *name,
                                const struct user *owner)
{
    const char *path = arena_printf(a, "%s/%s", b->folder, name);

    if (mkdir(path, 0700) != 0 ||
        (owner != NULL && owner->name != NULL && chown(path, owner->uid, owner->gid) != 0))
        return NULL;
    return path;
}

static bool wait_ready(int ready, const char *program, struct err *err)
{
    struct pollfd p = {.fd = ready, .events = POLLIN};
    char byte;

    if (poll(&p, 1, READY_MS) == 1 && read(ready, &byte, 1) == 1)
        return true;
    return err_set(err, ERR_RETRY, "%s does not start", program);
}

static bool start_program(struct behind *b, enum child_kind kind, char *const argv[],
                          const struct user *user, int *ret_sock, struct err *err)
{
    struct child_as as = {.user = user != NULL && user->name != NULL ? user : NULL,
                          .group = (gid_t)-1,
                          .limited = true};
    SCOPED(fd_close) int theirs = -1;
    SCOPED(fd_close) int ready = -1;
    struct child *child;
    int ends[2];
    bool good;

    if (!frame_pair(ret_sock, &theirs, err))
        return false;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_sys(err, ERR_RETRY, errno, "pipe");
    ready = ends[0];
    good = child_start(&b->children, kind, argv, &as, theirs, ends[1], &child, err);
    fd_close(ends[1]);
    return good && wait_ready(ready, argv[0], err);
}

static bool start_opener(struct behind *b, struct err *err)
{
    const char *scratch = make_scratch(b, b->a, "open", &b->opens);
    char *argv[CHILD_ARGS_MAX];

    if (scratch == NULL)
        return err_sys(err, ERR_RETRY, errno, "a folder in %s", b->folder);
    arguments_worker(b->a, b->options, &b->runtime, WORKER_OPEN, scratch, argv);
    return start_program(b, CHILD_OPENER, argv, &b->opens, &b->opener, err);
}

static bool start_holder(struct behind *b, struct err *err)
{
    const char *scratch = make_scratch(b, b->a, "hold", NULL);
    char *argv[CHILD_ARGS_MAX];

    if (scratch == NULL)
        return err_sys(err, ERR_RETRY, errno, "a folder in %s", b->folder);
    arguments_holder(b->a, b->options, &b->runtime, scratch, argv);
    return start_program(b, CHILD_HOLDER, argv, NULL, &b->holder, err);
}

static void stop(struct behind *b, enum child_kind kind, int *sock)
{
    struct child *child = child_of_kind(&b->children, kind);

    fd_close(*sock);
    *sock = -1;
    if (child == NULL)
        return;
    child_signal(child, SIGKILL);
    (void)!waitpid(child->pid, NULL, 0);
    *child = (struct child){.kind = CHILD_FREE};
}

static void stop_both(struct behind *b)
{
    stop(b, CHILD_OPENER, &b->opener);
    stop(b, CHILD_HOLDER, &b->holder);
    tree_remove(arena_printf(b->a, "%s/open", b->folder));
    tree_remove(arena_printf(b->a, "%s/hold", b->folder));
}

static bool start_both(struct behind *b, struct err *err)
{
    if (start_holder(b, err) && start_opener(b, err))
        return true;
    stop_both(b);
    return false;
}

/* A file that the opener can read, whoever it is. */
static bool put_file(struct behind *b, const char *name, struct span bytes, const char **ret_path,
                     struct err *err)
{
    const char *path = arena_printf(b->a, "%s/%s", b->folder, name);
    SCOPED(fd_close) int fd = -1;

    *ret_path = path; /* without it everything is tried */
    if (bytes.n == 0)
        return true;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 || fchmod(fd, 0644) != 0 || write(fd, bytes.at, bytes.n) != (ssize_t)bytes.n)
        return err_sys(err, ERR_RETRY, errno, "can't write %s", path);
    return true;
}

static bool put_keys(struct behind *b, const struct behind_keys *keys, struct err *err)
{
    struct span public = keys->public.n < CRYPTO_KEY_MAX ? keys->public : span_of(NULL, 0);

    if (keys->home != NULL) {
        b->runtime.open_home = keys->home;
        b->agent_home = crypto_agent_runs(keys->home) ? NULL : keys->home;
        if (!put_file(b, "public.pgp", public, &b->runtime.open_public, err) ||
            !crypto_start_agent(keys->home, err))
            return false;
    }
    b->runtime.open_key = keys->key;
    return keys->cert.n == 0 || put_file(b, "cert.pem", keys->cert, &b->runtime.open_cert, err);
}

bool behind_start(struct arena *a, const struct options *o, const struct behind_keys *keys,
                  const char *folder, struct behind **ret_behind, struct err *err)
{
    struct behind *b = ARENA_NEW(a, struct behind);
    bool good;

    *b = (struct behind){.a = a, .options = o, .folder = folder, .opener = -1, .holder = -1};
    if (geteuid() == 0)
        b->opens = users_find(a, o).at[USER_OPEN];
    good = (chmod(folder, 0711) == 0 || err_sys(err, ERR_RETRY, errno, "%s", folder)) &&
           put_keys(b, keys, err) && start_both(b, err);
    if (good)
        *ret_behind = b;
    else
        behind_end(b);
    return good;
}

void behind_end(struct behind *b)
{
    if (b == NULL)
        return;
    stop_both(b);
    if (b->agent_home != NULL)
        crypto_end_agent(b->agent_home);
    unlink(arena_printf(b->a, "%s/public.pgp", b->folder));
    unlink(arena_printf(b->a, "%s/cert.pem", b->folder));
}

/* ---- one mail ---- */

/* The worker's end of the holder's connection. */
static bool introduce(struct behind *b, int *ret_sock, struct err *err)
{
    struct hold_request request = {.serial = b->serial};
    SCOPED(fd_close) int theirs = -1;

    return frame_pair(ret_sock, &theirs, err) &&
           wire_send(b->holder, hold_request_fields, &request, &theirs, 1, SEND_MS, err);
}

static bool start_worker(struct behind *b, const char *scratch, int *ret_sock,
                         struct child **ret_child, struct err *err)
{
    SCOPED(fd_close) int ours = -1;
    SCOPED(fd_close) int theirs = -1;
    SCOPED(fd_close) int holder = -1;
    pid_t pid;

    if (!frame_pair(&ours, &theirs, err) || !introduce(b, &holder, err) ||
        !parent_fork(b->opener, scratch, (const int[]){theirs, holder}, &pid, err) ||
        !child_adopt(&b->children, CHILD_WORKER, pid, ret_child, err))
        return false;
    *ret_sock = ours;
    ours = -1;
    return true;
}

/* How it ended; a worker that was to die by itself gets a moment for it. */
static int end_worker(struct child *child, bool by_itself)
{
    int status = 0;

    for (int ms = 0; by_itself && ms < END_MS; ms++) {
        if (waitpid(child->pid, &status, WNOHANG) == child->pid) {
            child_signal(child, SIGKILL); /* what it left in its group: a gpg at work */
            *child = (struct child){.kind = CHILD_FREE};
            return status;
        }
        usleep(1000);
    }
    child_signal(child, SIGKILL);
    (void)!waitpid(child->pid, &status, 0);
    *child = (struct child){.kind = CHILD_FREE};
    return status;
}

static bool check_answer(struct frame *frame, struct open_answer *answer, bool *ret_died,
                         struct err *err)
{
    SCOPED(fd_close) int fd = frame_take_fd(frame, 0);
    SCOPED(memory_unmap) struct memory opened = {.mapped = NULL};

    if (answer->error != NULL)
        return err_set(err, answer->retry ? ERR_RETRY : ERR_OPERATOR, "%.400s", answer->error);
    if (memory_map(fd, WIRE_OPENED_MAX, &opened, err) &&
        wire_message_sound(&answer->message, opened.bytes.n) &&
        answer->trust_seal <= answer->message.n_seals) {
        answer->message.trust_seal = (size_t)answer->trust_seal;
        return true;
    }
    *ret_died = true;
    return err_set(err, ERR_RETRY, "an answer that does not hold together");
}

/* *ret_died: it was the mail's fault. */
static bool ask_worker(struct arena *a, int sock, struct child *child, const struct open_job *job,
                       const int fds[2], struct open_answer *answer, bool *ret_died,
                       struct err *err)
{
    struct frame frame = {.n_fds = 0};
    bool sent = wire_send(sock, open_job_fields, job, fds, 2, SEND_MS, err);
    bool good = sent && wire_receive(a, sock, open_answer_fields, answer, &frame,
                                     (int)job->limits.seconds * OPENING_MS_PER_SECOND, err);
    bool late = sent && !good && err->kind == ERR_RETRY;
    int status;

    fd_close(sock);
    status = end_worker(child, !good && !late);
    *ret_died = !good && sent && (late || err->kind == ERR_OPERATOR || child_fault(status));
    good = good && check_answer(&frame, answer, ret_died, err);
    frame_close(&frame);
    return good;
}

static bool try_once(struct behind *b, struct arena *a, const struct open_job *job,
                     const int fds[2], struct open_answer *answer, bool *ret_died, struct err *err)
{
    const char *name = arena_printf(a, "%llu", (unsigned long long)++b->serial);
    const char *scratch = make_scratch(b, a, name, &b->opens);
    struct child *child;
    int sock;
    bool good;

    *ret_died = false;
    if (scratch == NULL)
        return err_sys(err, ERR_RETRY, errno, "a folder in %s", b->folder);
    good = start_worker(b, scratch, &sock, &child, err) &&
           ask_worker(a, sock, child, job, fds, answer, ret_died, err);
    tree_remove(scratch);
    return good;
}

/* Kept whole, and said so. */
static struct message kept_whole(struct arena *a)
{
    struct message m = {.subject = "", .outer_subject = "", .text = "", .trust = TRUST_CLAIMED};

    strs_add(a, &m.defects, "opener-died");
    return m;
}

bool behind_open(struct behind *b, struct arena *a, struct span mail, const struct open_job *job,
                 int keys_fd, struct message *ret_message, struct err *err)
{
    SCOPED(fd_close) int mail_fd = -1;
    int deaths = 0;

    if (!memory_seal(mail, &mail_fd, err))
        return false;
    for (int tries = 0; tries < TRIES_MAX;) {
        struct open_answer answer = {.error = NULL};
        bool died;

        if (b->opener < 0 && !start_both(b, err))
            return false;
        if (try_once(b, a, job, (const int[]){mail_fd, keys_fd}, &answer, &died, err)) {
            *ret_message = answer.message;
            return true;
        }
        if (died && ++deaths == OPENING_DEATHS_MAX) {
            *ret_message = kept_whole(a);
            return true;
        }
        if (!died) {
            stop_both(b); /* a holder or a parent that failed is replaced */
            tries++;
        }
    }
    return false;
}
