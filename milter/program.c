#include "milter/program.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "model/json.h"

void program_start(const char *name)
{
    const char *to = getenv("EMBARGOD_LOG");
    struct rlimit none = {0, 0};

    log_open(name, to != NULL && strcmp(to, "syslog") == 0);
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
        log_warning("core dumps could not be switched off");
    signal(SIGPIPE, SIG_IGN);
    json_start();
}

void program_ready(void)
{
    if (write(PROGRAM_READY, "r", 1) != 1)
        log_warning("the supervisor does not listen");
    close(PROGRAM_READY);
}

int program_failed(const struct err *err)
{
    log_error("%s", err->text);
    return err->kind == ERR_RETRY ? EX_TEMPFAIL : EX_CONFIG;
}

const char *program_argument(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, name) == 0)
            return argv[i + 1];
    }
    return NULL;
}
