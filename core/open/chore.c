#include "open/chore.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/text.h"
#include "carry/carry.h"

enum {
    CHILDREN_MAX = 3,  /* after one died, the next begins behind the file that it died of */
    CLOCK_PER_CPU = 3, /* seconds by the clock for one of processor time */
};

struct watch {
    struct opener *o;
    const struct chore *chore;
    size_t next; /* the first part that no child has told of */
};

struct span chore_content(const struct opener *o, const struct part *part)
{
    return span_first(span_from(buf_span(&o->opened), part->content.offset), part->content.n);
}

/* ---- the child ---- */

bool chore_put(int fd, struct span bytes)
{
    while (bytes.n > 0) {
        ssize_t done = write(fd, bytes.at, bytes.n);

        if (done <= 0)
            return false;
        bytes = span_from(bytes, (size_t)done);
    }
    return true;
}

_Noreturn static void child(const struct watch *w, int fd)
{
    const struct rlimit cpu = {CARRY_CPU_SECONDS, CARRY_CPU_SECONDS + 1};
    const struct opener *o = w->o;
    bool good = setrlimit(RLIMIT_CPU, &cpu) == 0;

    for (size_t i = w->next; good && i < o->m.n_parts; i++) {
        uint32_t n = (uint32_t)i;

        if (w->chore->wanted(o, &o->m.parts[i]))
            good = chore_put(fd, span_of(&n, sizeof(n))) &&
                   w->chore->tell(fd, chore_content(o, &o->m.parts[i]));
    }
    _exit(good ? 0 : 1);
}

/* ---- the parent, who believes no more than bytes ---- */

bool chore_take(int fd, void *bytes, size_t n)
{
    char *at = bytes;

    while (n > 0) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        ssize_t done;

        if (poll(&ready, 1, CARRY_CPU_SECONDS * CLOCK_PER_CPU * 1000) <= 0)
            return false;
        done = read(fd, at, n);
        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

bool chore_take_bytes(struct opener *o, int fd, size_t n, size_t max, struct span *ret_bytes)
{
    char *bytes = n > max ? NULL : arena_alloc(o->a, n + 1);

    if (bytes == NULL || !chore_take(fd, bytes, n))
        return false;
    bytes[n] = '\0';
    *ret_bytes = span_of(bytes, n);
    return true;
}

bool chore_take_text(struct opener *o, int fd, size_t n, size_t max, struct span *ret_text)
{
    return chore_take_bytes(o, fd, n, max, ret_text) && text_is_utf8(*ret_text) &&
           span_find(*ret_text, '\0') == n;
}

static bool take_one(struct watch *w, int fd)
{
    struct opener *o = w->o;
    uint32_t n;

    if (!chore_take(fd, &n, sizeof(n)) || n < w->next || n >= o->m.n_parts ||
        !w->chore->take(o, &o->m.parts[n], fd))
        return false;
    w->next = (size_t)n + 1;
    return true;
}

/* False: it could not be started. */
static bool watch_child(struct watch *w)
{
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    pid = fork();
    if (pid == 0)
        child(w, ends[1]);
    close(ends[1]);
    while (pid > 0 && take_one(w, ends[0]))
        ;
    close(ends[0]);
    /* Who still runs finds nobody to write to; by its CPU limit it ends. */
    if (pid > 0)
        waitpid(pid, NULL, WNOHANG);
    return pid > 0;
}

static size_t next_file(const struct watch *w, size_t i)
{
    while (i < w->o->m.n_parts && !w->chore->wanted(w->o, &w->o->m.parts[i]))
        i++;
    return i;
}

void chore_run(struct opener *o, const struct chore *chore)
{
    struct watch w = {.o = o, .chore = chore};

    w.next = next_file(&w, 0);
    for (size_t i = 0; i < CHILDREN_MAX && w.next < o->m.n_parts; i++) {
        if (!watch_child(&w))
            break;
        w.next = next_file(&w, w.next);
        if (w.next < o->m.n_parts)
            chore->fail(&o->m.parts[w.next++], chore->died);
        w.next = next_file(&w, w.next);
    }
    for (; w.next < o->m.n_parts; w.next = next_file(&w, w.next + 1))
        chore->fail(&o->m.parts[w.next], chore->too_far);
}
