#include "crypto/pgp-run.h"

#include <errno.h>
#include <sys/resource.h>

#include "crypto/crypto.h"

enum { SINK_FIRST = 64 * 1024 };

bool pgp_err(struct err *err, gpgme_error_t error, const char *what)
{
    char why[160];

    gpgme_strerror_r(error, why, sizeof(why));
    return err_set(err, ERR_RETRY, "%s: gpg: %s", what, why);
}

/* Not GPG_ERR_CANCELED: nobody is there who could, and gpg's answer to some broken armor (a failure
 * without a code) comes out of gpgme as that. */
bool pgp_is_our_fault(gpgme_error_t error)
{
    switch (gpgme_err_code(error)) {
    case GPG_ERR_NO_AGENT:
    case GPG_ERR_AGENT:
    case GPG_ERR_INV_ENGINE:
    case GPG_ERR_ENOMEM:
    case GPG_ERR_ENOSPC:
    case GPG_ERR_EMFILE:
    case GPG_ERR_EAGAIN:
    case GPG_ERR_NO_PIN_ENTRY:
    case GPG_ERR_PIN_ENTRY:
        return true;
    default:
        return false;
    }
}

bool pgp_context(const char *home, const char *wrapper, gpgme_ctx_t *ret_ctx, struct err *err)
{
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    gpgme_error_t error = gpgme_new(&ctx);

    if (error == 0)
        error = gpgme_set_protocol(ctx, GPGME_PROTOCOL_OpenPGP);
    /* Told of a home, gpgme would run `gpg --version` once more for each context. */
    if (error == 0 && wrapper != NULL)
        error = gpgme_ctx_set_engine_info(ctx, GPGME_PROTOCOL_OpenPGP, wrapper, home);
    else if (error == 0 && setenv("GNUPGHOME", home, 1) != 0)
        error = gpgme_error_from_syserror();
    if (error != 0)
        return pgp_err(err, error, "context");
    gpgme_set_offline(ctx, 1);
    *ret_ctx = TAKE(ctx);
    return true;
}

bool pgp_data_in(struct span s, gpgme_data_t *ret_data, struct err *err)
{
    gpgme_error_t error =
        gpgme_data_new_from_mem(ret_data, s.n == 0 ? "" : (const char *)s.at, s.n, 0);

    return error == 0 || pgp_err(err, error, "input");
}

static ssize_t sink_write(void *held, const void *bytes, size_t n)
{
    struct pgp_sink *sink = held;

    if (n > sink->max - sink->n) {
        sink->full = true;
        errno = EFBIG;
        return -1;
    }
    if (n > sink->room - sink->n) {
        size_t room = sink->room == 0 ? SINK_FIRST : sink->room;
        char *larger;

        while (room - sink->n < n)
            room *= 2;
        larger = malloc(room);
        if (larger == NULL)
            abort();
        if (sink->n > 0) {
            memcpy(larger, sink->at, sink->n);
            wipe(sink->at, sink->n);
        }
        free(sink->at);
        sink->at = larger;
        sink->room = room;
    }
    memcpy(sink->at + sink->n, bytes, n);
    sink->n += n;
    return (ssize_t)n;
}

bool pgp_data_out(struct pgp_sink *sink, gpgme_data_t *ret_data, struct err *err)
{
    static struct gpgme_data_cbs calls = {.write = sink_write};
    gpgme_error_t error = gpgme_data_new_from_cbs(ret_data, &calls, sink);

    return error == 0 || pgp_err(err, error, "output");
}

void pgp_sink_free(struct pgp_sink *sink)
{
    if (sink->at != NULL)
        wipe(sink->at, sink->n);
    free(sink->at);
    *sink = (struct pgp_sink){.max = sink->max};
}

struct span pgp_sink_take(struct arena *a, const struct pgp_sink *sink)
{
    return span_of(arena_strndup(a, sink->at == NULL ? "" : sink->at, sink->n), sink->n);
}

unsigned pgp_cpu_seconds(size_t n)
{
    unsigned seconds = CRYPTO_CPU_FIRST_SECONDS + (unsigned)(n / CRYPTO_CPU_BYTES);

    return seconds < CRYPTO_CPU_SECONDS ? seconds : CRYPTO_CPU_SECONDS;
}

struct pgp_limit pgp_limit_cpu(unsigned seconds)
{
    struct pgp_limit old = {0};
    struct rusage used;
    struct rlimit limit;
    rlim_t wanted;

    if (getrusage(RUSAGE_SELF, &used) != 0 || getrlimit(RLIMIT_CPU, &limit) != 0)
        return old;
    /* The limit is ours too for a moment, and we have used some already; a child starts at 0. */
    wanted = (rlim_t)used.ru_utime.tv_sec + (rlim_t)used.ru_stime.tv_sec + 1 + seconds;
    if (limit.rlim_cur <= wanted)
        return old;
    old.soft = limit.rlim_cur;
    limit.rlim_cur = wanted;
    old.set = setrlimit(RLIMIT_CPU, &limit) == 0;
    return old;
}

void pgp_limit_restore(struct pgp_limit old)
{
    struct rlimit limit;

    if (!old.set || getrlimit(RLIMIT_CPU, &limit) != 0)
        return;
    limit.rlim_cur = (rlim_t)old.soft;
    (void)!setrlimit(RLIMIT_CPU, &limit);
}
