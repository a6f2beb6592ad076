/*
 * What attached files carry, looked at in a process of its own: a library that crashes there, or
 * that finds no end, costs the mail nothing but that knowledge.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/text.h"
#include "carry/carry.h"
#include "open/opener.h"

enum {
    CHILDREN_MAX = 3,        /* after one died, the next begins behind the file that it died of */
    CLOCK_PER_CPU = 3,       /* seconds by the clock for one of processor time */
    FACTS_BYTES_MAX = 16384, /* of one file, as the child tells them */
};

/* Before each file's text, facts (one a line) and reason. */
struct told {
    uint32_t part;
    uint32_t n_text;
    uint32_t n_facts;
    uint32_t n_unread;
};

struct watch {
    struct opener *o;
    size_t next; /* the first part that no child has told of */
};

static struct span content_of(const struct opener *o, const struct part *part)
{
    return span_first(span_from(buf_span(&o->opened), part->content.offset), part->content.n);
}

/* What most mails have costs them no child: texts that are shown or could be, seals, keys. */
static bool is_file(const struct opener *o, const struct part *part)
{
    static const char *const ours[] = {"application/pgp-signature", "application/pgp-keys",
                                       "application/pgp-encrypted", "application/pkcs7-signature",
                                       "application/x-pkcs7-signature"};
    struct span bytes = content_of(o, part);

    if (part->role == PART_TEXT)
        return span_find(bytes, '\0') < bytes.n;
    for (size_t i = 0; i < LEN(ours); i++) {
        if (strcmp(part->type, ours[i]) == 0)
            return false;
    }
    return bytes.n > 0;
}

/* ---- the child ---- */

static bool put(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;

    while (n > 0) {
        ssize_t done = write(fd, at, n);

        if (done <= 0)
            return false;
        at += done;
        n -= (size_t)done;
    }
    return true;
}

static bool tell(int fd, uint32_t part, struct span bytes)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct carried carried = carry_read(a, bytes, true);
    struct buf facts = buf_new(a, FACTS_BYTES_MAX);
    struct span unread = span_str(carried.unread);
    struct told told;

    for (size_t i = 0; i < carried.facts.n; i++)
        buf_printf(&facts, "%s\n", carried.facts.at[i]);
    told = (struct told){part, (uint32_t)carried.text.n, (uint32_t)facts.n, (uint32_t)unread.n};
    return put(fd, &told, sizeof(told)) && put(fd, carried.text.at, carried.text.n) &&
           put(fd, facts.at, facts.n) && put(fd, unread.at, unread.n);
}

_Noreturn static void child(const struct opener *o, size_t next, int fd)
{
    const struct rlimit cpu = {CARRY_CPU_SECONDS, CARRY_CPU_SECONDS + 1};
    bool good = setrlimit(RLIMIT_CPU, &cpu) == 0;

    for (size_t i = next; good && i < o->m.n_parts; i++) {
        if (is_file(o, &o->m.parts[i]))
            good = tell(fd, (uint32_t)i, content_of(o, &o->m.parts[i]));
    }
    _exit(good ? 0 : 1);
}

/* ---- the parent, who believes no more than bytes ---- */

static bool take(int fd, void *bytes, size_t n)
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

static bool take_text(struct opener *o, int fd, size_t n, size_t max, struct span *ret_text)
{
    char *text = n > max ? NULL : arena_alloc(o->a, n + 1);

    if (text == NULL || !take(fd, text, n))
        return false;
    text[n] = '\0';
    *ret_text = span_of(text, n);
    return text_is_utf8(*ret_text) && span_find(*ret_text, '\0') == n;
}

/* Within what one answer may hold in words. */
static void add_facts(struct opener *o, struct part *part, struct span facts)
{
    struct span line;

    while (part->facts.n < CARRY_FACTS_MAX && span_line(&facts, &line)) {
        line = span_trim(line);
        if (line.n == 0 || line.n > OPEN_WORDS_MAX - o->words_cost)
            continue;
        o->words_cost += line.n;
        strs_add(o->a, &part->facts, span_dup(o->a, line));
    }
}

static bool take_one(struct watch *w, int fd)
{
    struct opener *o = w->o;
    struct told told;
    struct span text;
    struct span facts;
    struct span unread;
    struct part *part;

    if (!take(fd, &told, sizeof(told)) || told.part < w->next || told.part >= o->m.n_parts ||
        !take_text(o, fd, told.n_text, CARRY_TEXT_MAX, &text) ||
        !take_text(o, fd, told.n_facts, FACTS_BYTES_MAX, &facts) ||
        !take_text(o, fd, told.n_unread, CARRY_FACT_BYTES_MAX, &unread))
        return false;
    part = &o->m.parts[told.part];
    part->unread = unread.n > 0 ? span_dup(o->a, unread) : NULL;
    if (text.n > o->opened.max - o->opened.n)
        part->unread = "there was no room for more of its text";
    else if (text.n > 0)
        part->carried = opened_add(o, text);
    add_facts(o, part, facts);
    w->next = told.part + 1;
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
        child(w->o, w->next, ends[1]);
    close(ends[1]);
    while (pid > 0 && take_one(w, ends[0]))
        ;
    close(ends[0]);
    /* Who still runs finds nobody to write to; by its CPU limit it ends. */
    if (pid > 0)
        waitpid(pid, NULL, WNOHANG);
    return pid > 0;
}

static size_t next_file(const struct opener *o, size_t i)
{
    while (i < o->m.n_parts && !is_file(o, &o->m.parts[i]))
        i++;
    return i;
}

void carried_read(struct opener *o)
{
    struct watch w = {.o = o, .next = next_file(o, 0)};

    for (size_t i = 0; i < CHILDREN_MAX && w.next < o->m.n_parts; i++) {
        if (!watch_child(&w))
            break;
        w.next = next_file(o, w.next);
        if (w.next < o->m.n_parts)
            o->m.parts[w.next++].unread = "looking into it took too long, or failed";
        w.next = next_file(o, w.next);
    }
    for (; w.next < o->m.n_parts; w.next = next_file(o, w.next + 1))
        o->m.parts[w.next].unread = "looking into the mail's files took too long";
}
