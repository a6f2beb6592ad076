/*
 * embargoctl - sets the desk up, looks at it, and gives its coordinators' commands.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/log.h"
#include "ctl/ctl.h"

const struct verb *const verb_tables[] = {verbs_setup, verbs_directory, verbs_query,    verbs_order,
                                          verbs_mail,  verbs_amend,     verbs_terms,    verbs_open,
                                          verbs_trace, verbs_preview,   verbs_template, NULL};

int ctl_fail(int code, const char *fmt, ...)
{
    va_list args;

    fputs("embargoctl: ", stderr);
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fputc('\n', stderr);
    return code;
}

int ctl_error(struct ctl *ctl)
{
    int code = ctl->err.kind == ERR_RETRY  ? EX_TEMPFAIL
               : ctl->err.kind == ERR_GONE ? EX_UNAVAILABLE
                                           : EX_CONFIG;

    return ctl_fail(code, "%s", ctl->err.text);
}

const char *ctl_value(const struct ctl *ctl, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < ctl->n_given; i++) {
        if (strcmp(ctl->given[i].name, name) == 0)
            value = ctl->given[i].value;
    }
    return value;
}

struct strs ctl_values(const struct ctl *ctl, const char *name)
{
    struct strs list = {.n = 0};

    for (size_t i = 0; i < ctl->n_given; i++) {
        if (strcmp(ctl->given[i].name, name) == 0)
            strs_add(ctl->a, &list, ctl->given[i].value);
    }
    return list;
}

/* A file is the caller's, also when root has become the desk's user meanwhile. */
static int open_for_caller(struct ctl *ctl, const char *path)
{
    uid_t before = geteuid();
    int why;
    int fd;

    ctl_as_root();
    fd = open(path, O_RDONLY | O_CLOEXEC);
    why = errno;
    if (geteuid() != before && !ctl_as_desk(ctl))
        abort();
    errno = why;
    return fd;
}

bool ctl_read_start(struct ctl *ctl, const char *path, size_t max, struct span *ret_bytes)
{
    bool standard = strcmp(path, "-") == 0;
    SCOPED(fd_close) int fd = standard ? dup(STDIN_FILENO) : open_for_caller(ctl, path);
    struct buf b = buf_new(ctl->a, max);
    char chunk[65536];
    ssize_t n = 0;

    if (fd < 0)
        return err_set(&ctl->err, ERR_OPERATOR, "can't read %s: %s", path, strerror(errno));
    while (b.n < max && (n = read(fd, chunk, sizeof(chunk))) > 0)
        buf_add_span(&b, span_first(span_of(chunk, (size_t)n), max - b.n));
    wipe(chunk, sizeof(chunk));
    if (n < 0)
        return err_sys(&ctl->err, ERR_RETRY, errno, "reading %s", path);
    *ret_bytes = buf_span(&b);
    return true;
}

bool ctl_read_file(struct ctl *ctl, const char *path, struct span *ret_bytes)
{
    if (!ctl_read_start(ctl, path, CTL_FILE_MAX + 1, ret_bytes))
        return false;
    return ret_bytes->n <= CTL_FILE_MAX ||
           err_set(&ctl->err, ERR_OPERATOR, "%s is larger than %d bytes", path, CTL_FILE_MAX);
}

static void print_verb(const struct verb *verb)
{
    printf("  %s %s\n        %s\n", verb->name, verb->words, verb->help);
}

static void print_options(const struct verb *verb)
{
    for (size_t i = 0; i < LEN(verb->options) && verb->options[i].name != NULL; i++) {
        const struct ctl_option *o = &verb->options[i];

        printf("  --%s%s%s\n        %s\n", o->name, o->value == NULL ? "" : " ",
               o->value == NULL ? "" : o->value, o->help);
    }
}

static int usage_all(void)
{
    printf("usage: embargoctl [-c FILE] [--as COORDINATOR] [--json] VERB ...\n\n");
    for (size_t t = 0; verb_tables[t] != NULL; t++) {
        for (const struct verb *v = verb_tables[t]; v->name != NULL; v++)
            print_verb(v);
    }
    printf("\nembargoctl VERB --help shows a verb's options. The manual: embargoctl(1).\n");
    return EX_OK;
}

static int usage_verb(const struct verb *verb)
{
    printf("usage: embargoctl %s %s\n%s\n", verb->name, verb->words, verb->help);
    print_options(verb);
    return EX_OK;
}

/* "org add" takes two words of the line, "accept" one. */
static size_t verb_match(const struct verb *verb, char **words, int n)
{
    struct span rest = span_str(verb->name);
    struct span piece;
    size_t i = 0;

    while (span_split(&rest, ' ', &piece)) {
        if ((int)i >= n || !span_eq_str(piece, words[i]))
            return 0;
        i++;
    }
    return i;
}

static const struct verb *find_verb(char **words, int n, size_t *ret_used)
{
    for (size_t t = 0; verb_tables[t] != NULL; t++) {
        for (const struct verb *v = verb_tables[t]; v->name != NULL; v++) {
            size_t used = verb_match(v, words, n);

            if (used > 0) {
                *ret_used = used;
                return v;
            }
        }
    }
    return NULL;
}

static const struct ctl_option *find_option(const struct verb *verb, const char *name)
{
    for (size_t i = 0; i < LEN(verb->options) && verb->options[i].name != NULL; i++) {
        if (strcmp(verb->options[i].name, name) == 0)
            return &verb->options[i];
    }
    return NULL;
}

/* One --option behind the verb; *i moves over its value. 0: fine, else an exit code. */
static int take_option(struct ctl *ctl, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2;
    const struct ctl_option *option = find_option(ctl->verb, name);

    if (strcmp(name, "json") == 0) {
        ctl->json = true;
        return 0;
    }
    if (option == NULL)
        return ctl_fail(EX_USAGE, "%s has no option %s; see embargoctl %s --help", ctl->verb->name,
                        argv[*i], ctl->verb->name);
    if (ctl->n_given == CTL_VALUES_MAX)
        return ctl_fail(EX_USAGE, "more than %d options", CTL_VALUES_MAX);
    if (option->value != NULL && *i + 1 >= argc)
        return ctl_fail(EX_USAGE, "--%s wants %s", name, option->value);
    ctl->given[ctl->n_given].name = option->name;
    ctl->given[ctl->n_given++].value = option->value == NULL ? "" : argv[++*i];
    return 0;
}

static int take_words(struct ctl *ctl, int argc, char **argv)
{
    bool only_words = false;

    for (int i = 0; i < argc; i++) {
        int code = 0;

        if (!only_words && strcmp(argv[i], "--help") == 0)
            return usage_verb(ctl->verb) == EX_OK ? -1 : 0;
        if (!only_words && strcmp(argv[i], "--") == 0)
            only_words = true;
        else if (!only_words && strncmp(argv[i], "--", 2) == 0)
            code = take_option(ctl, argc, argv, &i);
        else
            strs_add(ctl->a, &ctl->words, argv[i]);
        if (code != 0)
            return code;
    }
    if (ctl->words.n < ctl->verb->min || ctl->words.n > ctl->verb->max)
        return ctl_fail(EX_USAGE, "usage: embargoctl %s %s", ctl->verb->name, ctl->verb->words);
    return 0;
}

/* Options before the verb. *ret_first: the verb's place in argv. 0: fine; -1: done; else a code. */
static int take_global(struct ctl *ctl, int argc, char **argv, int *ret_first)
{
    int i = 1;

    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return usage_all() == EX_OK ? -1 : 0;
        if (strcmp(argv[i], "--version") == 0)
            return printf("embargoctl %s\n", EMBARGOD_VERSION) > 0 ? -1 : EX_IOERR;
        if (strcmp(argv[i], "--json") == 0)
            ctl->json = true;
        else if (strcmp(argv[i], "-c") == 0 && i + 1 < argc)
            ctl->config = argv[++i];
        else if (strcmp(argv[i], "--as") == 0 && i + 1 < argc)
            ctl->as = argv[++i];
        else
            return ctl_fail(EX_USAGE, "%s: no such option; see embargoctl --help", argv[i]);
    }
    *ret_first = i;
    return 0;
}

static int run_verb(struct ctl *ctl)
{
    if (!ctl->verb->no_config) {
        if (!options_read(ctl->a, ctl->config, &ctl->options, &ctl->err))
            return ctl_error(ctl);
        clock_use_file(ctl->options->clock_file);
    }
    return ctl->verb->run(ctl);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
    size_t used = 0;
    int first = 1;
    int code = take_global(ctl, argc, argv, &first);

    if (code != 0)
        return code < 0 ? EX_OK : code;
    if (first >= argc || strcmp(argv[first], "help") == 0)
        return first >= argc ? usage_all(), EX_USAGE : usage_all();
    ctl->verb = find_verb(argv + first, argc - first, &used);
    if (ctl->verb == NULL)
        return ctl_fail(EX_USAGE, "no such verb: %s %s; see embargoctl help", argv[first],
                        first + 1 < argc ? argv[first + 1] : "");
    code = take_words(ctl, argc - first - (int)used, argv + first + used);
    if (code != 0)
        return code < 0 ? EX_OK : code;
    return run_verb(ctl);
}

int main(int argc, char **argv)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct ctl *ctl = ARENA_NEW(a, struct ctl);

    log_open("embargoctl", false);
    json_start();
    ctl->a = a;
    ctl->config = EMBARGOD_SYSCONF_DIR "/embargod.conf";
    return run(ctl, argc, argv);
}
