#include "crypto/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/tree.h"
#include "crypto/engine.h"
#include "crypto/pgp-run.h"
#include "crypto/scratch.h"

enum {
    HOME_PATH_MAX = 90,       /* bytes; gpg-agent's socket in it must fit into 107 */
    SECRET_MAX = 1024 * 1024, /* bytes of a secret key */
    PUBLIC_MAX = CRYPTO_KEY_MAX,
    SOCKET_LINE_MAX = 512, /* less than a pipe holds */
};

/* gpgconf --homedir HOME WORD WHAT, writing to out (-1: nowhere); its exit status, or -1. */
static int gpgconf(const char *home, const char *word, const char *what, int out)
{
    char *words[] = {"gpgconf", "--homedir", (char *)home, (char *)word, (char *)what, NULL};
    posix_spawn_file_actions_t files;
    int status = -1;
    pid_t pid;

    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (out >= 0)
        posix_spawn_file_actions_adddup2(&files, out, 1);
    else
        posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid, words[0], &files, NULL, words, environ) == 0)
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
    posix_spawn_file_actions_destroy(&files);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void crypto_end_agent(const char *home)
{
    (void)!gpgconf(home, "--kill", "gpg-agent", -1);
}

bool crypto_agent_runs(const char *home)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int n = snprintf(at.sun_path, sizeof(at.sun_path), "%s/S.gpg-agent", home);
    bool listens;
    int fd;

    if (n < 0 || (size_t)n >= sizeof(at.sun_path))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    listens = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
    if (fd >= 0)
        close(fd);
    return listens;
}

bool crypto_start_agent(const char *home, struct err *err)
{
    if (crypto_agent_runs(home) || gpgconf(home, "--launch", "gpg-agent", -1) == 0)
        return true;
    return err_set(err, ERR_RETRY, "%.200s: gpg-agent does not start", home);
}

/* What gpgconf says of a directory or socket: one line, in which %, : and more are escaped. */
static const char *list_dirs(struct arena *a, const char *home, const char *what)
{
    char line[SOCKET_LINE_MAX] = "";
    int ends[2];
    ssize_t n;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return NULL;
    if (gpgconf(home, "--list-dirs", what, ends[1]) != 0)
        line[0] = '\0';
    close(ends[1]);
    n = read(ends[0], line, sizeof(line) - 1);
    close(ends[0]);
    return n <= 0 ? NULL : arena_strndup(a, line, strcspn(line, "\n"));
}

bool pgp_agent_socket(struct arena *a, const char *home, const char **ret_path, struct err *err)
{
    const char *path;
    char *whole;

    if (crypto_agent_runs(home)) {
        whole = realpath(home, NULL);
        path = whole == NULL ? NULL : arena_printf(a, "%s/S.gpg-agent", whole);
        free(whole);
    } else {
        path = list_dirs(a, home, "agent-socket"); /* below /run/user */
    }
    if (path == NULL || path[0] != '/' || strchr(path, '%') != NULL)
        return err_set(err, ERR_RETRY, "%.200s: gpg-agent's socket is not to be found", home);
    *ret_path = path;
    return true;
}

static bool make_home(struct arena *a, const char *home, struct err *err)
{
    struct stat st;

    if (strlen(home) > HOME_PATH_MAX)
        return err_set(err, ERR_OPERATOR, "%.200s: too long for gpg-agent's socket (at most %d)",
                       home, HOME_PATH_MAX);
    if (mkdir(home, 0700) != 0 && errno != EEXIST)
        return err_sys(err, ERR_OPERATOR, errno, "%.200s", home);
    if (stat(arena_printf(a, "%s/private-keys-v1.d", home), &st) == 0 ||
        stat(arena_printf(a, "%s/gpg.conf", home), &st) == 0)
        return err_set(err, ERR_OPERATOR, "%.200s holds a key already", home);
    return chmod(home, 0700) == 0 || err_sys(err, ERR_OPERATOR, errno, "%.200s", home);
}

/* Generates the key in a home. */
static bool generate(const char *home, const char *user_id, struct err *err)
{
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    gpgme_error_t error;

    if (!pgp_context(home, NULL, &ctx, err))
        return false;
    error = gpgme_op_createkey(ctx, user_id, "future-default", 0, 0, NULL,
                               GPGME_CREATE_NOPASSWD | GPGME_CREATE_NOEXPIRE);
    return error == 0 || pgp_err(err, error, "make a key");
}

static bool export_key(const char *home, gpgme_export_mode_t mode, struct pgp_sink *sink,
                       struct err *err)
{
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    SCOPED(gpgme_data_release) gpgme_data_t out = NULL;
    gpgme_error_t error;

    if (!pgp_context(home, NULL, &ctx, err) || !pgp_data_out(sink, &out, err))
        return false;
    error = gpgme_op_export(ctx, NULL, mode, out);
    if (error != 0)
        return pgp_err(err, error, "export a key");
    return sink->n > 0 || err_set(err, ERR_OPERATOR, "%.200s: there is no key to export", home);
}

static bool import_secret(const char *home, struct span secret, struct err *err)
{
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    SCOPED(gpgme_data_release) gpgme_data_t in = NULL;
    gpgme_import_result_t result;
    gpgme_error_t error;

    if (!pgp_context(home, NULL, &ctx, err) || !pgp_data_in(secret, &in, err))
        return false;
    error = gpgme_op_import(ctx, in);
    if (error != 0)
        return pgp_err(err, error, "import the secret key");
    result = gpgme_op_import_result(ctx);
    if (result->secret_read != 1 || result->considered != 1)
        return err_set(err, ERR_OPERATOR, "the file must hold exactly one secret OpenPGP key");
    return true;
}

static bool has_role(gpgme_subkey_t s, enum crypto_role role)
{
    return role == CRYPTO_DECRYPT ? s->can_encrypt : s->can_sign;
}

/* Takes away what the home's role does not need. A grip is hex, so it is safe in a path. */
static bool strip_home(struct arena *a, const char *home, enum crypto_role role,
                       const char **ret_fingerprint, struct err *err)
{
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    SCOPED(gpgme_key_unref) gpgme_key_t key = NULL;
    gpgme_error_t error;
    size_t kept = 0;

    if (!pgp_context(home, NULL, &ctx, err))
        return false;
    gpgme_set_keylist_mode(ctx, GPGME_KEYLIST_MODE_LOCAL | GPGME_KEYLIST_MODE_WITH_SECRET |
                                    GPGME_KEYLIST_MODE_WITH_KEYGRIP);
    error = gpgme_op_keylist_start(ctx, NULL, 1);
    if (error == 0)
        error = gpgme_op_keylist_next(ctx, &key);
    if (error != 0)
        return pgp_err(err, error, "list the secret key");
    for (gpgme_subkey_t s = key->subkeys; s != NULL; s = s->next) {
        if (has_role(s, role))
            kept += s->secret;
        else if (s->keygrip != NULL)
            unlink(arena_printf(a, "%s/private-keys-v1.d/%s.key", home, s->keygrip));
    }
    if (kept == 0)
        return err_set(err, ERR_OPERATOR, "the desk's OpenPGP key has no secret part that can %s",
                       role == CRYPTO_DECRYPT ? "decrypt" : "sign");
    *ret_fingerprint = arena_strdup(a, key->fpr);
    return true;
}

static bool finish_home(struct arena *a, const char *home, enum crypto_role role, struct err *err)
{
    struct pgp_sink public __attribute__((cleanup(pgp_sink_free))) = {.max = PUBLIC_MAX};
    const char *fingerprint = NULL;
    const char *conf;

    if (!strip_home(a, home, role, &fingerprint, err) || !export_key(home, 0, &public, err))
        return false;
    conf = arena_printf(a, "%sdefault-key %s\n", scratch_gpg_conf, fingerprint);
    return scratch_write_file(arena_printf(a, "%s/gpg.conf", home), span_str(conf), err) &&
           scratch_write_file(arena_printf(a, "%s/%s", home, PGP_PUBLIC_FILE),
                              span_of(public.at, public.n), err);
}

static bool fill_homes(struct arena *a, const struct crypto_new_key *ask, struct err *err)
{
    struct pgp_sink made __attribute__((cleanup(pgp_sink_free))) = {.max = SECRET_MAX};
    struct span secret = ask->secret;

    if (secret.n == 0) {
        if (!generate(ask->open_home, arena_printf(a, "%s <%s>", ask->name, ask->address), err) ||
            !export_key(ask->open_home, GPGME_EXPORT_MODE_SECRET, &made, err))
            return false;
        secret = span_of(made.at, made.n);
    } else if (!import_secret(ask->open_home, secret, err)) {
        return false;
    }
    return import_secret(ask->seal_home, secret, err) &&
           finish_home(a, ask->open_home, CRYPTO_DECRYPT, err) &&
           finish_home(a, ask->seal_home, CRYPTO_SIGN, err);
}

bool crypto_init_openpgp(const struct crypto_new_key *ask, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    bool filled;

    if (!pgp_engine_start(err) || !make_home(a, ask->open_home, err) ||
        !make_home(a, ask->seal_home, err))
        return false;
    filled = fill_homes(a, ask, err);
    crypto_end_agent(ask->open_home);
    crypto_end_agent(ask->seal_home);
    if (!filled) {
        tree_remove(ask->open_home);
        tree_remove(ask->seal_home);
    }
    return filled;
}

bool crypto_home_keys(const char *home, struct arena *a, struct span *ret_keys, struct err *err)
{
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    SCOPED(gpgme_data_release) gpgme_data_t out = NULL;
    struct pgp_sink sink __attribute__((cleanup(pgp_sink_free))) = {.max = CRYPTO_PLAIN_MAX};
    gpgme_error_t error;

    if (!pgp_engine_start(err) || !pgp_context(home, NULL, &ctx, err) ||
        !pgp_data_out(&sink, &out, err))
        return false;
    error = gpgme_op_export(ctx, NULL, 0, out);
    if (error != 0)
        return pgp_err(err, error, "export public keys");
    *ret_keys = pgp_sink_take(a, &sink);
    return true;
}
