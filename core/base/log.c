#include "base/log.h"

#include <stdarg.h>
#include <syslog.h>
#include <unistd.h>

#include "base/text.h"

enum { LINE_MAX_BYTES = 1000 };

static const char *log_program = "embargod";
static bool log_syslog;

void log_open(const char *program, bool to_syslog)
{
    log_program = program;
    log_syslog = to_syslog;
    if (to_syslog)
        openlog(program, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static void write_line(enum log_level level, const char *line)
{
    static const int priority[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
    static const char *const name[] = {"error", "warning", "info", "debug"};
    char whole[LINE_MAX_BYTES + 100];
    int n;

    if (log_syslog) {
        syslog(priority[level], "%s", line);
        return;
    }
    n = snprintf(whole, sizeof(whole), "%s[%d] %s: %s\n", log_program, (int)getpid(), name[level],
                 line);
    if (n > 0 && write(STDERR_FILENO, whole, (size_t)n) < 0)
        return; /* nowhere left to say so */
}

void log_line(enum log_level level, const char *fmt, ...)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    char line[LINE_MAX_BYTES];
    va_list args;

    va_start(args, fmt);
    vsnprintf(line, sizeof(line), fmt, args);
    va_end(args);
    write_line(level, text_one_line(a, span_str(line), LINE_MAX_BYTES - 1));
}
