#include "flow/users.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct options options_with(const char *open_user)
{
    return (struct options){.file = "test.conf",
                            .users = {"daemon", open_user, "sys", "nobody", "games"}};
}

/* As root the names count; as anybody else all are the caller, and that is no mistake. */
static void each_must_be_there_and_differ(void **state)
{
    static const struct {
        const char *open_user;
        const char *text;
    } rows[] = {
        {"no-such-user-here",
         "test.conf: open-user = \"no-such-user-here\": there is no such user"},
        {"root", "test.conf: open-user must not be root"},
        {"daemon", "test.conf: user and open-user must be two users"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct options o = options_with(rows[i].open_user);
        struct users users;
        struct err err;

        if (geteuid() == 0) {
            assert_false(users_read(a, &o, &users, &err));
            assert_non_null(strstr(err.text, rows[i].text));
        } else {
            assert_true(users_read(a, &o, &users, &err));
            assert_false(users.apart);
            assert_int_equal(users.at[USER_OPEN].uid, geteuid());
        }
    }
}

static void workers_are_told_from_the_desk(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct options o = options_with("bin");
    struct users users = users_find(a, &o);

    (void)state;
    assert_true(users_is_worker(&users, users.at[USER_OPEN].uid));
    assert_true(users_is_worker(&users, users.at[USER_KEYS].uid));
    assert_false(users_is_worker(&users, users.at[USER_DESK].uid));
    assert_false(users_is_worker(&users, 0));
    o.users[USER_OPEN] = "no-such-user-here";
    users = users_find(a, &o);
    assert_false(users_is_worker(&users, (uid_t)-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_must_be_there_and_differ),
        cmocka_unit_test(workers_are_told_from_the_desk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
