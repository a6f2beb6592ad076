#include "flow/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

static const char *const option_names[USER_KINDS] = {"user", "open-user", "verify-user",
                                                     "seal-user", "keys-user"};

static struct user find(struct arena *a, const char *name)
{
    const struct passwd *entry = getpwnam(name);

    if (entry == NULL)
        return (struct user){.uid = (uid_t)-1, .gid = (gid_t)-1};
    return (struct user){.name = arena_strdup(a, name), .uid = entry->pw_uid, .gid = entry->pw_gid};
}

struct users users_find(struct arena *a, const struct options *o)
{
    struct users users = {.apart = true};

    for (size_t i = 0; i < USER_KINDS; i++)
        users.at[i] = find(a, o->users[i]);
    return users;
}

static bool check_user(const struct options *o, const struct users *users, size_t which,
                       struct err *err)
{
    const struct user *user = &users->at[which];
    const char *option = option_names[which];

    if (user->name == NULL)
        return err_set(err, ERR_OPERATOR,
                       "%s: %s = \"%s\": there is no such user; make it with systemd-sysusers, or "
                       "useradd --system %s",
                       o->file, option, o->users[which], o->users[which]);
    if (user->uid == 0)
        return err_set(err, ERR_OPERATOR, "%s: %s must not be root", o->file, option);
    for (size_t i = 0; i < which; i++) {
        if (users->at[i].uid == user->uid)
            return err_set(err, ERR_OPERATOR, "%s: %s and %s must be two users", o->file,
                           option_names[i], option);
    }
    return true;
}

bool users_read(struct arena *a, const struct options *o, struct users *ret_users, struct err *err)
{
    struct users users = users_find(a, o);

    if (geteuid() != 0) {
        for (size_t i = 0; i < USER_KINDS; i++)
            users.at[i] = (struct user){.name = "", .uid = geteuid(), .gid = getegid()};
        users.apart = false;
        *ret_users = users;
        return true;
    }
    for (size_t i = 0; i < USER_KINDS; i++) {
        if (!check_user(o, &users, i, err))
            return false;
    }
    *ret_users = users;
    return true;
}

bool users_is_worker(const struct users *users, uid_t uid)
{
    for (size_t i = USER_OPEN; i < USER_KINDS; i++) {
        if (users->at[i].name != NULL && users->at[i].uid == uid)
            return true;
    }
    return false;
}

bool user_become(const struct user *user, gid_t group, struct err *err)
{
    if (setgroups(group == (gid_t)-1 ? 0 : 1, &group) != 0 ||
        setresgid(user->gid, user->gid, user->gid) != 0 ||
        setresuid(user->uid, user->uid, user->uid) != 0)
        return err_sys(err, ERR_OPERATOR, errno, "can't become user %s", user->name);
    return true;
}
