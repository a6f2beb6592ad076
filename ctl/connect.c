#include "ctl/ctl.h"

#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include "flow/upgrade.h"
#include "flow/users.h"

enum { CONNECT_MS = 60 * 1000, CONNECT_ANSWER_MAX = 256 * 1024 * 1024 };

static bool read_json(struct ctl *ctl, struct frame *frame, json_t **ret_json)
{
    SCOPED(fd_close) int fd = frame_take_fd(frame, 0);
    SCOPED(memory_unmap) struct memory memory = {.mapped = NULL};

    *ret_json = NULL;
    if (fd < 0)
        return true;
    return memory_map(fd, CONNECT_ANSWER_MAX, &memory, &ctl->err) &&
           json_parse_up_to(memory.bytes, CONNECT_ANSWER_MAX, ret_json, &ctl->err);
}

bool ctl_ask(struct ctl *ctl, const struct desk_request *request, int fd,
             struct desk_answer *ret_answer, json_t **ret_json)
{
    const char *path = options_run_path(ctl->a, ctl->options, "sock/control.sock");
    SCOPED(fd_close) int sock = -1;
    struct frame frame = {.n_fds = 0};
    bool good;

    if (!frame_connect(path, &sock, &ctl->err))
        return err_set(&ctl->err, ERR_GONE, "the daemon does not run (%s); start embargod", path);
    if (!wire_send(sock, desk_request_fields, request, &fd, fd < 0 ? 0 : 1, CONNECT_MS,
                   &ctl->err) ||
        !wire_receive(ctl->a, sock, desk_answer_fields, ret_answer, &frame, CONNECT_MS, &ctl->err))
        return false;
    good = ret_json == NULL || read_json(ctl, &frame, ret_json);
    frame_close(&frame);
    return good;
}

int ctl_answer(struct ctl *ctl, const struct desk_answer *answer)
{
    static const int codes[DESK_ANSWERS] = {EX_OK,     EX_DATAERR, EX_TEMPFAIL,
                                            EX_NOPERM, EX_USAGE,   EX_TEMPFAIL};
    FILE *to = answer->kind == DESK_OK ? stdout : stderr;

    (void)ctl;
    for (size_t i = 0; i < answer->lines.n; i++)
        fprintf(to, "%s\n", answer->lines.at[i]);
    if (answer->kind == DESK_LATER && answer->lines.n == 0)
        fputs("embargoctl: the desk could not do it now; try again\n", stderr);
    return codes[answer->kind];
}

void ctl_wake(struct ctl *ctl)
{
    struct desk_request request = {.verb = DESK_WAKE};
    struct desk_answer answer = {.number = 0};

    if (!ctl_ask(ctl, &request, -1, &answer, NULL))
        ctl->err.kind = ERR_NONE; /* no daemon: it reads the directory when it starts */
}

bool ctl_store(struct ctl *ctl, struct store **ret_store)
{
    struct store_paths paths = {.state = ctl->options->state_directory,
                                .keys = ctl->options->key_directory};

    SCOPED(store_close) struct store *store = NULL;

    if (!ctl_as_desk(ctl) || !store_open(&paths, false, &store, &ctl->err) ||
        !upgrade_store(store, &paths, &ctl->err))
        return false;
    *ret_store = TAKE(store);
    return true;
}

/* The real user too, for gpg compares; root stays saved. */
static bool act_as(uid_t uid, gid_t gid)
{
    if (uid == 0)
        return setresuid(0, 0, 0) == 0 && setresgid(0, 0, 0) == 0;
    return setgroups(0, NULL) == 0 && setresgid(gid, gid, 0) == 0 && setresuid(uid, uid, 0) == 0;
}

static bool was_root(void)
{
    uid_t real;
    uid_t effective;
    uid_t saved;

    return getresuid(&real, &effective, &saved) == 0 && saved == 0;
}

bool ctl_as_desk(struct ctl *ctl)
{
    struct user desk;

    if (geteuid() != 0)
        return true;
    desk = users_find(ctl->a, ctl->options).at[USER_DESK];
    if (desk.name == NULL)
        return err_set(&ctl->err, ERR_OPERATOR,
                       "%s: user = \"%s\": there is no such user; make it with systemd-sysusers",
                       ctl->options->file, ctl->options->users[USER_DESK]);
    return act_as(desk.uid, desk.gid) ||
           err_sys(&ctl->err, ERR_OPERATOR, errno, "can't become user %s", desk.name);
}

void ctl_as_root(void)
{
    if (geteuid() != 0 && was_root() && !act_as(0, 0))
        abort();
}
