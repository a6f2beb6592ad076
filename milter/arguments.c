#include "milter/arguments.h"

char *arguments_path(struct arena *a, const struct options *o, const char *program)
{
    return arena_printf(a, "%s/%s", o->libexec_directory, program);
}

static void add_option(struct arena *a, char **argv, size_t *n, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    argv[(*n)++] = arena_strdup(a, name);
    argv[(*n)++] = arena_strdup(a, value);
}

void arguments_worker(struct arena *a, const struct options *o, const struct runtime *r,
                      enum worker_kind kind, const char *scratch, char *ret_argv[CHILD_ARGS_MAX])
{
    static const char *const programs[] = {"embargod-open", "embargod-verify", "embargod-seal"};
    size_t n = 0;

    ret_argv[n++] = arguments_path(a, o, programs[kind]);
    if (kind == WORKER_OPEN)
        add_option(a, ret_argv, &n, "--open-public", r->open_public);
    if (kind == WORKER_SEAL) {
        add_option(a, ret_argv, &n, "--seal-home", r->seal_home);
        add_option(a, ret_argv, &n, "--sign-key", r->sign_key);
        add_option(a, ret_argv, &n, "--sign-cert", r->sign_cert);
    }
    if (kind != WORKER_VERIFY)
        add_option(a, ret_argv, &n, "--open-cert", r->open_cert);
    add_option(a, ret_argv, &n, "--scratch", scratch);
    add_option(a, ret_argv, &n, "--clock-file", o->clock_file);
    ret_argv[n] = NULL;
}

void arguments_holder(struct arena *a, const struct options *o, const struct runtime *r,
                      const char *scratch, char *ret_argv[CHILD_ARGS_MAX])
{
    unsigned long long keys = o->limits.wrapped_keys;
    size_t n = 0;

    ret_argv[n++] = arguments_path(a, o, "embargod-holder");
    add_option(a, ret_argv, &n, "--open-home", r->open_home);
    add_option(a, ret_argv, &n, "--open-key", r->open_key);
    add_option(a, ret_argv, &n, "--open-cert", r->open_cert);
    add_option(a, ret_argv, &n, "--scratch", scratch);
    add_option(a, ret_argv, &n, "--clock-file", o->clock_file);
    add_option(a, ret_argv, &n, "--wrapped-keys", arena_printf(a, "%llu", keys));
    ret_argv[n] = NULL;
}
