#include "milter/runtime.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "wire/frame.h"

enum { HOME_FILE_MAX = 16 * 1024 * 1024, HOME_DEPTH_MAX = 3, TMPFS_MAGIC_NUMBER = 0x01021994 };

static bool make_directory(const char *path, mode_t mode, struct err *err)
{
    if (mkdir(path, mode) != 0 && errno != EEXIST)
        return err_sys(err, ERR_OPERATOR, errno, "can't make %s", path);
    if (chmod(path, mode) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "chmod %s", path);
    return true;
}

static void remove_tree(int at, const char *name, int depth)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (dir == NULL) {
        fd_close(fd);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(fd, entry->d_name, 0) != 0 && depth > 0)
            remove_tree(fd, entry->d_name, depth - 1);
    }
    closedir(dir);
    unlinkat(at, name, AT_REMOVEDIR);
}

void runtime_remove(const char *path)
{
    remove_tree(AT_FDCWD, path, HOME_DEPTH_MAX);
}

static bool copy_bytes(int from, int to, const char *name, struct err *err)
{
    char chunk[16384];
    size_t total = 0;
    ssize_t n;

    while ((n = read(from, chunk, sizeof(chunk))) > 0) {
        total += (size_t)n;
        if (total > HOME_FILE_MAX)
            return err_set(err, ERR_OPERATOR, "%s is too large for a key file", name);
        if (write(to, chunk, (size_t)n) != n)
            return err_sys(err, ERR_RETRY, errno, "writing %s", name);
    }
    wipe(chunk, sizeof(chunk));
    return n == 0 || err_sys(err, ERR_RETRY, errno, "reading %s", name);
}

static bool copy_file(int from_dir, int to_dir, const char *name, struct err *err)
{
    SCOPED(fd_close) int from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    SCOPED(fd_close) int to = -1;

    if (from < 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't read %s", name);
    to = openat(to_dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't write %s", name);
    return copy_bytes(from, to, name, err);
}

static bool copy_tree(int from_at, const char *from, int to_at, const char *to, int depth,
                      struct err *err);

static bool copy_entry(int from, int to, const char *name, int depth, struct err *err)
{
    struct stat st;

    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't look at %s", name);
    if (S_ISREG(st.st_mode) && strstr(name, ".lock") == NULL)
        return copy_file(from, to, name, err);
    if (S_ISDIR(st.st_mode) && depth > 0)
        return copy_tree(from, name, to, name, depth - 1, err);
    return true; /* agent sockets, locks */
}

static bool copy_tree(int from_at, const char *from, int to_at, const char *to, int depth,
                      struct err *err)
{
    int from_fd = openat(from_at, from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SCOPED(fd_close) int to_fd = -1;
    DIR *dir = from_fd < 0 ? NULL : fdopendir(from_fd);
    struct dirent *entry;
    bool good = true;

    if (dir == NULL) {
        fd_close(from_fd);
        return err_sys(err, ERR_OPERATOR, errno, "can't read %s", from);
    }
    if (mkdirat(to_at, to, 0700) == 0 || errno == EEXIST)
        to_fd = openat(to_at, to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (to_fd < 0)
        good = err_sys(err, ERR_OPERATOR, errno, "can't make %s", to);
    while (good && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            good = copy_entry(from_fd, to_fd, entry->d_name, depth, err);
    }
    closedir(dir);
    return good;
}

static void run_gpgconf(const char *home, const char *verb, const char *what)
{
    char *argv[] = {(char[]){"gpgconf"},     (char[]){"--homedir"},   (char *)(uintptr_t)home,
                    (char *)(uintptr_t)verb, (char *)(uintptr_t)what, NULL};
    pid_t pid;

    if (posix_spawnp(&pid, "gpgconf", NULL, NULL, argv, environ) != 0 ||
        waitpid(pid, NULL, 0) != pid)
        log_warning("gpgconf %s did not run; is gnupg installed?", verb);
}

static bool start_home(struct arena *a, const struct options *o, const char *name,
                       const char **ret_home, struct err *err)
{
    const char *source = arena_printf(a, "%s/openpgp/%s", o->key_directory, name);
    const char *home = arena_printf(a, "%s/gnupg/%s", o->run_directory, name);

    if (access(source, F_OK) != 0)
        return true; /* a desk with S/MIME alone */
    run_gpgconf(home, "--kill", "all");
    runtime_remove(home);
    if (!copy_tree(AT_FDCWD, source, AT_FDCWD, home, HOME_DEPTH_MAX, err))
        return err_wrap(err, "%s", source);
    run_gpgconf(home, "--launch", "gpg-agent");
    *ret_home = home;
    return true;
}

static void warn_of_disk(const char *path)
{
    struct statfs fs;

    if (statfs(path, &fs) == 0 && fs.f_type != TMPFS_MAGIC_NUMBER)
        log_warning("run-directory %s is not a tmpfs: working keyrings lie on disk", path);
}

static const char *key_file(struct arena *a, const struct options *o, const char *name)
{
    const char *path = arena_printf(a, "%s/smime/%s", o->key_directory, name);

    return access(path, R_OK) == 0 ? path : NULL;
}

bool runtime_start(struct arena *a, const struct options *o, struct runtime *ret_runtime,
                   struct err *err)
{
    struct runtime r = {.scratch = options_run_path(a, o, "scratch")};

    if (!make_directory(o->run_directory, 0755, err) ||
        !make_directory(options_run_path(a, o, "gnupg"), 0700, err))
        return false;
    runtime_remove(r.scratch);
    if (!make_directory(r.scratch, 0700, err) || !start_home(a, o, "open", &r.open_home, err) ||
        !start_home(a, o, "seal", &r.seal_home, err))
        return false;
    r.smime_key = key_file(a, o, "key.pem");
    r.smime_cert = key_file(a, o, "cert.pem");
    warn_of_disk(o->run_directory);
    *ret_runtime = r;
    return true;
}

void runtime_stop(const struct runtime *runtime)
{
    if (runtime->open_home != NULL)
        run_gpgconf(runtime->open_home, "--kill", "all");
    if (runtime->seal_home != NULL)
        run_gpgconf(runtime->seal_home, "--kill", "all");
}

bool runtime_scratch(struct arena *a, const struct runtime *runtime, uint64_t serial,
                     const char **ret_path, struct err *err)
{
    const char *path = arena_printf(a, "%s/%llu", runtime->scratch, (unsigned long long)serial);

    if (!make_directory(path, 0700, err))
        return false;
    *ret_path = path;
    return true;
}
