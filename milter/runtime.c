#include "milter/runtime.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/tree.h"
#include "wire/frame.h"

enum {
    HOME_FILE_MAX = 16 * 1024 * 1024,
    HOME_DEPTH_MAX = 3,
    TMPFS_MAGIC_NUMBER = 0x01021994,
};

/* uid and gid may be -1: they stay. The folder above may belong to others: no link is followed. */
static bool make_directory(const char *path, mode_t mode, uid_t uid, gid_t gid, struct err *err)
{
    SCOPED(fd_close) int fd = -1;

    if (mkdir(path, mode) != 0 && errno != EEXIST)
        return err_sys(err, ERR_OPERATOR, errno, "can't make %s", path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't open %s", path);
    if (fchown(fd, uid, gid) != 0 || fchmod(fd, mode) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't set the owner and mode of %s%s", path,
                       geteuid() == 0 ? "" : "; embargod is to be started as root");
    return true;
}

int runtime_create(const char *path)
{
    unlink(path);
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
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

static bool copy_file(int from_dir, int to_dir, const char *name, const struct user *owner,
                      struct err *err)
{
    SCOPED(fd_close) int from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    SCOPED(fd_close) int to = -1;

    if (from < 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't read %s", name);
    to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0 || fchown(to, owner->uid, owner->gid) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't write %s", name);
    return copy_bytes(from, to, name, err);
}

static bool copy_tree(int from_at, const char *from, int to_at, const char *to,
                      const struct user *owner, int depth, struct err *err);

static bool copy_entry(int from, int to, const char *name, const struct user *owner, int depth,
                       struct err *err)
{
    struct stat st;

    if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't look at %s", name);
    if (S_ISREG(st.st_mode) && strstr(name, ".lock") == NULL)
        return copy_file(from, to, name, owner, err);
    if (S_ISDIR(st.st_mode) && depth > 0)
        return copy_tree(from, name, to, name, owner, depth - 1, err);
    return true; /* agent sockets, locks */
}

static bool copy_tree(int from_at, const char *from, int to_at, const char *to,
                      const struct user *owner, int depth, struct err *err)
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
    /* Its owner may be at work in the folder above: only what we made is filled. */
    if (mkdirat(to_at, to, 0700) == 0)
        to_fd = openat(to_at, to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (to_fd < 0 || fchown(to_fd, owner->uid, owner->gid) != 0)
        good = err_sys(err, ERR_OPERATOR, errno, "can't make %s", to);
    while (good && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            good = copy_entry(from_fd, to_fd, entry->d_name, owner, depth, err);
    }
    closedir(dir);
    return good;
}

/* In a child: as the home's owner, if we are root. */
static void exec_gpgconf(const char *home, const char *verb, const char *what,
                         const struct user *owner)
{
    struct err err;
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (geteuid() != 0 || user_become(owner, (gid_t)-1, &err))
        execlp("gpgconf", "gpgconf", "--homedir", home, verb, what, (char *)NULL);
    _exit(EX_UNAVAILABLE);
}

static void run_gpgconf(const char *home, const char *verb, const char *what,
                        const struct user *owner)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0)
        exec_gpgconf(home, verb, what, owner);
    if (pid < 0 || waitpid(pid, &status, 0) != pid ||
        (WIFEXITED(status) && WEXITSTATUS(status) == EX_UNAVAILABLE))
        log_warning("gpgconf %s did not run; is gnupg installed?", verb);
}

static bool start_home(struct arena *a, const struct options *o, const char *name,
                       const struct user *owner, const char **ret_home, struct err *err)
{
    const char *source = arena_printf(a, "%s/openpgp/%s", o->key_directory, name);
    const char *home = arena_printf(a, "%s/gnupg/%s", o->run_directory, name);

    if (access(source, F_OK) != 0)
        return true; /* a desk with S/MIME alone */
    if (access(home, F_OK) == 0)
        run_gpgconf(home, "--kill", "all", owner);
    tree_remove(home);
    if (!copy_tree(AT_FDCWD, source, AT_FDCWD, home, owner, HOME_DEPTH_MAX, err))
        return err_wrap(err, "%s", source);
    run_gpgconf(home, "--launch", "gpg-agent", owner);
    *ret_home = home;
    return true;
}

/* One file of the key-directory's smime folder as folder/name; *ret_path stays NULL without it. */
static bool copy_pem(struct arena *a, const struct options *o, const char *folder, const char *name,
                     const struct user *owner, const char **ret_path, struct err *err)
{
    const char *source = arena_printf(a, "%s/smime", o->key_directory);
    SCOPED(fd_close) int from = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    SCOPED(fd_close) int to = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (from < 0 || faccessat(from, name, F_OK, 0) != 0)
        return true;
    if (to < 0 || !copy_file(from, to, name, owner, err))
        return to < 0 ? err_sys(err, ERR_OPERATOR, errno, "%s", folder) : false;
    *ret_path = arena_printf(a, "%s/%s", folder, name);
    return true;
}

/* A folder for one user's copies, which nobody else can read. */
static bool make_folder(struct arena *a, const struct options *o, const char *name,
                        const struct user *owner, const char **ret_folder, struct err *err)
{
    *ret_folder = arena_printf(a, "%s/smime/%s", o->run_directory, name);
    tree_remove(*ret_folder);
    return make_directory(*ret_folder, 0700, owner->uid, owner->gid, err);
}

/* What is wrapped for us is told by public keys: whoever opens mail can read those. */
static bool publish(const char *source, const char *copy, const char **ret_path, struct err *err)
{
    SCOPED(fd_close) int from = open(source, O_RDONLY | O_CLOEXEC);
    SCOPED(fd_close) int to = -1;

    if (from < 0)
        return errno == ENOENT || err_sys(err, ERR_OPERATOR, errno, "can't read %s", source);
    to = runtime_create(copy);
    if (to < 0 || fchmod(to, 0644) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't write %s", copy);
    *ret_path = copy;
    return copy_bytes(from, to, copy, err);
}

static bool publish_all(struct arena *a, const struct options *o, struct runtime *r,
                        struct err *err)
{
    return make_directory(options_run_path(a, o, "public"), 0755, (uid_t)-1, (gid_t)-1, err) &&
           publish(arena_printf(a, "%s/openpgp/open/desk-public.pgp", o->key_directory),
                   options_run_path(a, o, "public/openpgp.pgp"), &r->open_public, err) &&
           publish(arena_printf(a, "%s/smime/open-cert.pem", o->key_directory),
                   options_run_path(a, o, "public/smime.pem"), &r->open_cert, err);
}

/* Each its own: the key that decrypts is the holder's, the one that signs worker-seal's. */
static bool copy_keys(struct arena *a, const struct options *o, struct runtime *r, struct err *err)
{
    const struct user *holds = &r->users->at[USER_KEYS];
    const struct user *seals = &r->users->at[USER_SEAL];
    const char *for_open = NULL;
    const char *for_seal = NULL;

    return start_home(a, o, "open", holds, &r->open_home, err) &&
           start_home(a, o, "seal", seals, &r->seal_home, err) &&
           make_folder(a, o, "open", holds, &for_open, err) &&
           make_folder(a, o, "seal", seals, &for_seal, err) &&
           copy_pem(a, o, for_open, "open-key.pem", holds, &r->open_key, err) &&
           copy_pem(a, o, for_seal, "sign-key.pem", seals, &r->sign_key, err) &&
           copy_pem(a, o, for_seal, "sign-cert.pem", seals, &r->sign_cert, err) &&
           publish_all(a, o, r, err);
}

static void warn_of_disk(const char *path)
{
    struct statfs fs;

    if (statfs(path, &fs) == 0 && fs.f_type != TMPFS_MAGIC_NUMBER)
        log_warning("run-directory %s is not a tmpfs: working keyrings lie on disk", path);
}

/* Root's, where it is root that starts us. The sockets have a folder that only their maker may
 * write to: Sendmail trusts none below a folder that a group may write to. */
static bool make_run_directory(struct arena *a, const struct options *o, const struct users *users,
                               struct err *err)
{
    const char *sockets = options_run_path(a, o, "sock");
    const struct user *desk = &users->at[USER_DESK];

    if (!users->apart)
        return make_directory(o->run_directory, 0755, (uid_t)-1, (gid_t)-1, err) &&
               make_directory(sockets, 0755, (uid_t)-1, (gid_t)-1, err);
    return make_directory(o->run_directory, 0755, 0, 0, err) &&
           make_directory(sockets, 0755, desk->uid, desk->gid, err);
}

/* Held until we end: a second embargod would take the first one's sockets and keys away. */
static bool lock_run_directory(struct arena *a, const struct options *o, struct err *err)
{
    const char *path = options_run_path(a, o, "lock");
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    fd_close(fd);
    return err_set(err, ERR_OPERATOR, "another embargod runs with run-directory = \"%s\"",
                   o->run_directory);
}

/* A folder of ours with folders of others below. */
static bool make_shelf(const char *path, const struct users *users, struct err *err)
{
    return make_directory(path, users->apart ? 0711 : 0700, (uid_t)-1, (gid_t)-1, err);
}

/* What an earlier run left: perhaps as another user. */
static void remove_sockets(struct arena *a, const struct options *o)
{
    unlink(options_run_path(a, o, "sock/desk.sock"));
    unlink(options_run_path(a, o, "sock/control.sock"));
}

bool runtime_start(struct arena *a, const struct options *o, const struct users *users,
                   struct runtime *ret_runtime, struct err *err)
{
    struct runtime r = {.users = users, .scratch = options_run_path(a, o, "scratch")};

    if (!make_run_directory(a, o, users, err) || !lock_run_directory(a, o, err))
        return false;
    tree_remove(r.scratch);
    if (!make_shelf(options_run_path(a, o, "gnupg"), users, err) ||
        !make_shelf(options_run_path(a, o, "smime"), users, err) ||
        !make_shelf(r.scratch, users, err))
        return false;
    remove_sockets(a, o);
    if (!copy_keys(a, o, &r, err))
        return false;
    warn_of_disk(o->run_directory);
    *ret_runtime = r;
    return true;
}

void runtime_stop(const struct runtime *runtime)
{
    const struct user *at = runtime->users->at;

    if (runtime->open_home != NULL)
        run_gpgconf(runtime->open_home, "--kill", "all", &at[USER_KEYS]);
    if (runtime->seal_home != NULL)
        run_gpgconf(runtime->seal_home, "--kill", "all", &at[USER_SEAL]);
}

bool runtime_scratch(struct arena *a, const struct runtime *runtime, enum user_kind user,
                     uint64_t serial, const char **ret_path, struct err *err)
{
    const char *path = arena_printf(a, "%s/%llu", runtime->scratch, (unsigned long long)serial);
    const struct user *owner = &runtime->users->at[user];

    tree_remove(path); /* of an earlier desk's worker of the same number */
    if (!make_directory(path, 0700, owner->uid, owner->gid, err))
        return false;
    *ret_path = path;
    return true;
}
