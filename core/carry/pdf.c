/* PDF, by poppler's own programs: they are the only ones here that read all of its kinds. */
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

static bool spawn_on(const char *const *arguments, int in, int out, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    bool good;

    if (posix_spawn_file_actions_init(&files) != 0)
        return false;
    good =
        posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO) == 0 &&
        posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO) == 0 &&
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawnp(ret_pid, arguments[0], &files, NULL, (char *const *)arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&files);
    return good;
}

/* False: the program is not there, or did not read the file. */
static bool run_on(struct carrier *c, const char *const *arguments, struct span bytes,
                   struct span *ret_out)
{
    SCOPED(memory_close) int in = memfd_create("pdf", MFD_CLOEXEC);
    SCOPED(memory_close) int out = memfd_create("text", MFD_CLOEXEC);
    char *text = arena_alloc(c->a, CARRY_TEXT_MAX);
    int status = -1;
    ssize_t n;
    pid_t pid;

    if (in < 0 || out < 0 || write(in, bytes.at, bytes.n) != (ssize_t)bytes.n ||
        lseek(in, 0, SEEK_SET) != 0 || !spawn_on(arguments, in, out, &pid))
        return false;
    if (waitpid(pid, &status, 0) != pid || status != 0)
        return false;
    n = pread(out, text, CARRY_TEXT_MAX, 0);
    *ret_out = span_of(text, n < 0 ? 0 : (size_t)n);
    return true;
}

/* "Author:          Rhea Sandoval" */
static void info_line(struct carrier *c, struct span line)
{
    static const char *const names[][2] = {{"Author", "author"},     {"Creator", "software"},
                                           {"Producer", "software"}, {"Keywords", "keywords"},
                                           {"Subject", "subject"},   {"Title", "title"}};
    size_t colon = span_find(line, ':');
    struct span value = span_trim(span_from(line, colon + 1));

    for (size_t i = 0; i < LEN(names); i++) {
        if (span_eq_nocase(span_first(line, colon), names[i][0])) {
            carry_fact(c, names[i][1], value);
            carry_text(c, value);
        }
    }
}

void carry_pdf(struct carrier *c, struct span bytes)
{
    static const char *const info[] = {"pdfinfo", "-enc", "UTF-8", "-", NULL};
    static const char *const text[] = {"pdftotext", "-q", "-enc", "UTF-8", "-", "-", NULL};
    struct span out;
    struct span line;

    if (!c->programs || !run_on(c, info, bytes, &out)) {
        carry_words(c, bytes, true);
        carry_unread(c, "a PDF that can't be read: only its plain words were looked at");
        return;
    }
    while (span_line(&out, &line))
        info_line(c, line);
    if (run_on(c, text, bytes, &out))
        carry_text(c, out);
    else
        carry_unread(c, "a PDF whose text can't be read");
    carry_xmp(c, bytes);
    if (span_find_span(bytes, span_str("/EmbeddedFile")) < bytes.n)
        carry_unread(c, "files within the PDF");
}
