#include "milter/runtime.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tree.h"
#include "wire/frame.h"

#include <cmocka.h>

/* A run-directory in which somebody else could write, and a place outside of it. */
struct folders {
    struct arena *a;
    const char *top;
    const char *run;
    const char *outside;
    const char *kept; /* a file outside */
};

static mode_t mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode;
}

static int start(void **state)
{
    struct arena *a = arena_new();
    struct folders *f = ARENA_NEW(a, struct folders);
    char *top = arena_strdup(a, "/tmp/embargod-run-XXXXXX");

    assert_non_null(mkdtemp(top));
    f->a = a;
    f->top = top;
    f->run = arena_printf(a, "%s/run", top);
    f->outside = arena_printf(a, "%s/outside", top);
    f->kept = arena_printf(a, "%s/kept", f->outside);
    assert_int_equal(mkdir(f->run, 0755), 0);
    assert_int_equal(mkdir(f->outside, 0755), 0);
    fd_close(open(f->kept, O_WRONLY | O_CREAT, 0600));
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct folders *f = *state;

    tree_remove(f->top);
    arena_free(f->a);
    return 0;
}

static void links_are_not_followed(void **state)
{
    struct folders *f = *state;
    struct users users = {.apart = false};
    struct runtime runtime = {.users = &users, .scratch = f->run};
    const char *planted = arena_printf(f->a, "%s/7", f->run);
    const char *path = NULL;
    struct err err;

    for (size_t i = 0; i < USER_KINDS; i++)
        users.at[i] = (struct user){.uid = getuid(), .gid = getgid()};
    assert_int_equal(symlink(f->outside, planted), 0);
    assert_true(runtime_scratch(f->a, &runtime, USER_OPEN, 7, &path, &err));
    assert_string_equal(path, planted);
    assert_true(S_ISDIR(mode_of(planted)));
    assert_int_equal(mode_of(f->outside) & 07777, 0755);
    assert_true(S_ISREG(mode_of(f->kept)));
}

static void a_scratch_folder_is_empty(void **state)
{
    struct folders *f = *state;
    struct users users = {.apart = false};
    struct runtime runtime = {.users = &users, .scratch = f->run};
    const char *left = arena_printf(f->a, "%s/8/gpg.conf", f->run);
    const char *path = NULL;
    struct err err;

    for (size_t i = 0; i < USER_KINDS; i++)
        users.at[i] = (struct user){.uid = getuid(), .gid = getgid()};
    assert_int_equal(mkdir(arena_printf(f->a, "%s/8", f->run), 0700), 0);
    fd_close(open(left, O_WRONLY | O_CREAT, 0600));
    assert_true(runtime_scratch(f->a, &runtime, USER_OPEN, 8, &path, &err));
    assert_int_equal(access(left, F_OK), -1);
}

static void files_are_new(void **state)
{
    struct folders *f = *state;
    const char *path = arena_printf(f->a, "%s/ready", f->run);
    int fd;

    assert_int_equal(symlink(f->kept, path), 0);
    fd = runtime_create(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    assert_true(S_ISREG(mode_of(path)));
    fd = open(f->kept, O_RDONLY);
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(links_are_not_followed, start, end),
        cmocka_unit_test_setup_teardown(a_scratch_folder_is_empty, start, end),
        cmocka_unit_test_setup_teardown(files_are_new, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
