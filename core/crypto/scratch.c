#include "crypto/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/tree.h"

enum {
    KEYRING_MAX = 256 * 1024 * 1024, /* bytes of all keys in one throw-away keyring */
};

/*
 * no-random-seed-file: its lock makes parallel gpgs sleep for 250 ms each. No max-output: with it
 * gpg gives truncated plaintext and success. No lock-never: it breaks readers during an import.
 */
const char scratch_gpg_conf[] = "no-random-seed-file\n"
                                "no-greeting\n"
                                "trust-model always\n"
                                "no-auto-check-trustdb\n"
                                "no-auto-key-locate\n"
                                "no-auto-key-retrieve\n"
                                "no-auto-key-import\n"
                                "compress-level 0\n"
                                "bzip2-compress-level 0\n"
                                "cipher-algo AES256\n"
                                "personal-cipher-preferences AES256 AES192 AES\n"
                                "personal-digest-preferences SHA512 SHA256\n"
                                "personal-compress-preferences Uncompressed\n"
                                "digest-algo SHA512\n"
                                "no-emit-version\n";

struct scratch {
    struct arena *a;      /* holds this too */
    char path[4096 - 64]; /* leaves room for a name in it */
};

bool scratch_new(const char *parent, struct scratch **ret_scratch, struct err *err)
{
    struct arena *a = arena_new();
    SCOPED(scratch_free) struct scratch *s = ARENA_NEW(a, struct scratch);
    size_t n;

    s->a = a;
    n = (size_t)snprintf(s->path, sizeof(s->path), "%s/c-XXXXXX", parent);
    if (n >= sizeof(s->path) || mkdtemp(s->path) == NULL) {
        int why = n >= sizeof(s->path) ? ENAMETOOLONG : errno;

        s->path[0] = '\0';
        return err_sys(err, ERR_RETRY, why, "work directory in %.200s", parent);
    }
    *ret_scratch = TAKE(s);
    return true;
}

void scratch_free(struct scratch *s)
{
    if (s == NULL)
        return;
    if (s->path[0] != '\0')
        tree_remove(s->path);
    arena_free(s->a);
}

const char *scratch_path(const struct scratch *s)
{
    return s->path;
}

static bool write_all(int fd, struct span bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.at, bytes.n);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            bytes = span_from(bytes, (size_t)n);
    }
    return true;
}

bool scratch_write_file(const char *path, struct span bytes, struct err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool written;
    int why;

    if (fd < 0)
        return err_sys(err, ERR_RETRY, errno, "%.200s", path);
    written = write_all(fd, bytes);
    why = errno;
    if (close(fd) == 0 && written)
        return true;
    why = written ? errno : why;
    unlink(path);
    return err_sys(err, ERR_RETRY, why, "%.200s", path);
}

bool scratch_write(struct scratch *s, struct arena *a, const char *name, struct span bytes,
                   const char **ret_path, struct err *err)
{
    const char *path = arena_printf(a, "%s/%s", s->path, name);

    if (!scratch_write_file(path, bytes, err))
        return false;
    if (ret_path != NULL)
        *ret_path = path;
    return true;
}

bool scratch_new_home(const char *parent, struct arena *a, const struct span *keys, size_t n_keys,
                      instant now, struct scratch **ret_scratch, struct err *err)
{
    SCOPED(scratch_free) struct scratch *s = NULL;
    struct buf ring = buf_new(a, KEYRING_MAX);
    const char *conf;

    for (size_t i = 0; i < n_keys; i++)
        buf_add_span(&ring, keys[i]);
    if (ring.full)
        return err_set(err, ERR_OPERATOR, "more than %d bytes of public keys", KEYRING_MAX);
    conf = arena_printf(a, "%sfaked-system-time %lld!\nno-autostart\n", scratch_gpg_conf,
                        (long long)now);
    if (!scratch_new(parent, &s, err) ||
        !scratch_write(s, a, "gpg.conf", span_str(conf), NULL, err) ||
        !scratch_write(s, a, "pubring.gpg", buf_span(&ring), NULL, err))
        return false;
    *ret_scratch = TAKE(s);
    return true;
}
