/* check: whether a desk that is set up can work, and what an admin has to mend. */
#include <errno.h>
#include <grp.h>
#include <linux/magic.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "flow/users.h"
#include "flow/world.h"
#include "template/catalogue.h"
#include "template/languages.h"

enum { CHECK_SECONDS = 5, ROOM_MAILS = 4 };

/* 2026-01-01: before this program was. */
static const instant CLOCK_OLDEST = 1767225600;

struct checking {
    struct ctl *ctl;
    unsigned problems;
};

static const char *key_path(const struct checking *c, const char *name)
{
    return arena_printf(c->ctl->a, "%s/%s", c->ctl->options->key_directory, name);
}

static void problem(struct checking *c, const char *what, const char *cure)
{
    printf("problem: %s; %s\n", what, cure);
    c->problems++;
}

static void check_templates(struct checking *c)
{
    const struct options *o = c->ctl->options;
    struct catalogue_report report = {.n_faults = 0};

    if (!catalogue_check(c->ctl->a, o->template_directory, o->site_template_directory, &report,
                         &c->ctl->err))
        problem(c, c->ctl->err.text, "set template-directory and site-template-directory");
    for (size_t i = 0; i < report.n_faults; i++)
        problem(c, report.faults[i], "mend the template");
    for (size_t i = 0; i < report.n_unused; i++)
        printf("warning: %s\n", report.unused[i]);
}

static void check_programs(struct checking *c)
{
    static const char *const programs[] = {"embargod-front", "embargod-desk",   "embargod-holder",
                                           "embargod-open",  "embargod-verify", "embargod-seal"};

    for (size_t i = 0; i < LEN(programs); i++) {
        const char *path =
            arena_printf(c->ctl->a, "%s/%s", c->ctl->options->libexec_directory, programs[i]);

        if (access(path, X_OK) != 0)
            problem(c, arena_printf(c->ctl->a, "%s can't be run", path), "set libexec-directory");
    }
}

/* A key that answers strangers' ciphertexts had better not be the one that signs. */
static void check_pairs(struct checking *c)
{
    struct span open = {NULL, 0};
    struct span sign = {NULL, 0};
    const char *path = key_path(c, "smime/open-cert.pem");

    if (access(path, R_OK) == 0 && ctl_read_file(c->ctl, path, &open) &&
        ctl_read_file(c->ctl, key_path(c, "smime/sign-cert.pem"), &sign) && span_eq(open, sign))
        printf("warning: one S/MIME key decrypts and signs; get two certificates when you renew\n");
}

static bool was_coordinator(const struct directory *d, const char *slug)
{
    const struct org *desk = directory_org_slug(d, span_str(DESK_SLUG));

    for (size_t i = 0; desk != NULL && i < d->n_contacts; i++) {
        if (d->contacts[i].org == desk->id && strcmp(d->contacts[i].slug, slug) == 0)
            return d->contacts[i].retired;
    }
    return false;
}

static void check_coordinators(struct checking *c, const struct directory *d)
{
    const struct options *o = c->ctl->options;
    instant now = clock_now();

    if (o->n_coordinators == 0)
        problem(c, "the configuration names no coordinator",
                "write coordinator \"name\" { uid = {1000} }");
    for (size_t i = 0; i < o->n_coordinators; i++) {
        const char *slug = o->coordinators[i].slug;
        const struct contact *who = directory_coordinator(d, span_str(slug));
        const char *why = who == NULL ? "is not in the directory" : contact_unusable(d, who, now);

        if (who == NULL && was_coordinator(d, slug))
            problem(c, arena_printf(c->ctl->a, "coordinator %s: is retired", slug),
                    "take this section out; who comes back gets another name");
        else if (why != NULL)
            problem(c, arena_printf(c->ctl->a, "coordinator %s: %s", slug, why),
                    arena_printf(c->ctl->a, "embargoctl contact add " DESK_SLUG "/%s --key FILE",
                                 slug));
    }
}

/* Also those that the configuration does not name: they decide by signed mail. */
static void check_two_persons(struct checking *c, const struct directory *d)
{
    const struct org *desk = directory_org_slug(d, span_str(DESK_SLUG));
    size_t n = 0;

    for (size_t i = 0; desk != NULL && i < d->n_contacts; i++) {
        const struct contact *who = &d->contacts[i];

        n += who->org == desk->id && !who->retired && !contact_unusable(d, who, clock_now());
    }
    if (c->ctl->options->two_persons && n < 2)
        problem(c, "two-persons = yes, and fewer than two coordinators can sign",
                "add another coordinator with its key, or write two-persons = no");
}

static const char *contact_label(struct checking *c, const struct directory *d,
                                 const struct contact *who)
{
    const struct org *org = directory_org(d, who->org);

    return arena_printf(c->ctl->a, "contact %s/%s", org == NULL ? "?" : org->slug, who->slug);
}

static void check_languages(struct checking *c, const struct directory *d)
{
    struct ctl *ctl = c->ctl;
    struct strs known = languages_in(ctl->a, ctl->options->template_directory,
                                     ctl->options->site_template_directory);
    const char *why = language_problem(ctl->a, &known, ctl->options->language);

    if (why != NULL)
        problem(c, arena_printf(ctl->a, "language: %s", why), "letters are in English");
    for (size_t i = 0; i < d->n_contacts; i++) {
        const struct contact *who = &d->contacts[i];

        why = who->language == NULL || who->retired
                  ? NULL
                  : language_problem(ctl->a, &known, who->language);
        if (why != NULL)
            problem(c, arena_printf(ctl->a, "%s: %s", contact_label(c, d, who), why),
                    "its letters are in English; embargoctl contact set --language");
    }
}

static void check_zones(struct checking *c, const struct directory *d)
{
    struct arena *a = c->ctl->a;
    const struct zone *zone;

    if (!zone_load(a, c->ctl->options->zone, &zone, &c->ctl->err))
        problem(c, c->ctl->err.text, "letters show UTC alone");
    for (size_t i = 0; i < d->n_contacts; i++) {
        const struct contact *who = &d->contacts[i];

        if (who->zone != NULL && !who->retired && !zone_load(a, who->zone, &zone, &c->ctl->err))
            problem(c, arena_printf(a, "%s: %s", contact_label(c, d, who), c->ctl->err.text),
                    "its letters show UTC alone");
    }
}

/* Not root: the users are not looked at, and embargod runs as one in a test mode. */
static bool check_users(struct checking *c)
{
    struct ctl *ctl = c->ctl;
    struct users users;

    if (!users_read(ctl->a, ctl->options, &users, &ctl->err)) {
        problem(c, ctl->err.text, "embargod.conf(5) says which program runs as whom");
        return false;
    }
    if (!users.apart)
        printf("warning: not root: embargod started like this runs all its programs as one user, "
               "which is a test mode\n");
    return true;
}

/* A daemon that runs already, and as whom. */
static void check_daemon(struct checking *c)
{
    const struct options *o = c->ctl->options;
    FILE *file = fopen(options_run_path(c->ctl->a, o, "embargod.pid"), "re");
    char line[32] = "";
    struct stat st;

    if (file == NULL)
        return;
    if (fgets(line, sizeof(line), file) != NULL &&
        stat(arena_printf(c->ctl->a, "/proc/%.*s", (int)strspn(line, "0123456789"), line), &st) ==
            0 &&
        st.st_uid != 0)
        problem(c,
                "embargod runs as one user, which is a test mode: nothing keeps the program that "
                "opens mail from the store and the keys",
                "start it as root");
    fclose(file);
}

static bool read_directory(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    return txn_load_directory(txn, a, ctx, err);
}

static void check_store(struct checking *c)
{
    SCOPED(store_close) struct store *store = NULL;
    struct directory *directory = NULL;

    if (!ctl_store(c->ctl, &store) ||
        !store_read(store, c->ctl->a, read_directory, &directory, &c->ctl->err)) {
        problem(c, c->ctl->err.text,
                geteuid() == 0 ? "the store and its keys must be there, and be user's"
                               : "run this as root");
        return;
    }
    check_coordinators(c, directory);
    check_two_persons(c, directory);
    check_zones(c, directory);
    check_languages(c, directory);
    /* Here, for the store is read as user, who must be able to read the list, too. */
    if (!world_vendor_list(c->ctl->a, c->ctl->options->vendor_list, &c->ctl->err))
        problem(c, c->ctl->err.text, "set vendor-list, or make it a file that user can read");
}

/* Without room the desk says 451. */
static void check_room(struct checking *c)
{
    const struct options *o = c->ctl->options;
    struct statvfs fs;

    if (statvfs(o->state_directory, &fs) == 0 &&
        fs.f_bavail < (fsblkcnt_t)o->message_size_limit * ROOM_MAILS / fs.f_frsize)
        problem(c,
                arena_printf(c->ctl->a, "%s has less room than %d mails of message-size-limit need",
                             o->state_directory, ROOM_MAILS),
                "make room: when it is full, mail servers are told to come again later");
}

static void check_clock(struct checking *c)
{
    if (c->ctl->options->clock_file[0] != '\0')
        printf("warning: clock-file is set: time is what %s says; for tests only\n",
               c->ctl->options->clock_file);
    if (clock_now() < CLOCK_OLDEST)
        problem(c, "the clock is years behind: keys and signatures count as not yet valid",
                "set the time, and keep it by NTP");
}

/* Swap is disk: what is in memory may reach it (formats: 5). */
static void check_swap(struct checking *c)
{
    FILE *swaps = fopen("/proc/swaps", "re");
    char line[512];
    bool first = true;

    if (swaps == NULL)
        return;
    while (fgets(line, sizeof(line), swaps) != NULL) {
        if (!first && strncmp(line, "/dev/zram", 9) != 0 && strncmp(line, "/dev/dm-", 8) != 0)
            printf(
                "warning: swap on %.*s may not be encrypted: plaintext in memory can reach disk\n",
                (int)strcspn(line, " \t"), line);
        first = false;
    }
    fclose(swaps);
    (void)c;
}

static void warning(const char *what, const char *cure)
{
    printf("warning: %s; %s\n", what, cure);
}

/* ---- directories ---- */

/* Private keys are root's; the store's own stand beside them, and are the desk's. */
static void check_keys(struct checking *c)
{
    struct arena *a = c->ctl->a;
    const char *keys = c->ctl->options->key_directory;
    const char *const own[] = {arena_printf(a, "%s/openpgp", keys),
                               arena_printf(a, "%s/smime", keys)};
    struct stat st;

    if (stat(keys, &st) == 0 && (st.st_mode & 007) != 0)
        problem(c, arena_printf(a, "others may look into %s", keys),
                arena_printf(a, "chmod o-rwx %s", keys));
    if (geteuid() != 0)
        return;
    for (size_t i = 0; i < LEN(own); i++) {
        if (stat(own[i], &st) == 0 && (st.st_uid != 0 || (st.st_mode & 077) != 0))
            problem(c, arena_printf(a, "%s is not root's alone", own[i]),
                    arena_printf(a, "chown -R root:root %s; chmod -R go-rwx %s", own[i], own[i]));
    }
    for (size_t i = 0; i < LEN(own); i++) {
        if (access(own[i], F_OK) != 0 && access(arena_printf(a, "%s.fpr", own[i]), F_OK) == 0)
            problem(c, arena_printf(a, "%s is gone: the desk's private keys were there", own[i]),
                    "put the backup of this folder back");
    }
}

static void check_run_directory(struct checking *c)
{
    const char *path = c->ctl->options->run_directory;
    struct statfs fs;

    if (access(path, X_OK) != 0)
        problem(c, arena_printf(c->ctl->a, "run-directory %s: %s", path, strerror(errno)),
                "systemd-tmpfiles --create makes it");
    else if (statfs(path, &fs) == 0 && fs.f_type != TMPFS_MAGIC)
        problem(c, arena_printf(c->ctl->a, "run-directory %s is not a tmpfs", path),
                "mount one there: copies of keys must not lie on disk");
}

/* ---- the mail server ---- */

/* Connects within seconds; -1 and errno. */
static int connect_to(const struct sockaddr *address, socklen_t n)
{
    struct timeval patience = {.tv_sec = CHECK_SECONDS};
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
                    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
                    connect(fd, address, n) != 0)) {
        fd_close(fd);
        fd = -1;
    }
    return fd;
}

static bool connects_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    SCOPED(fd_close) int fd = -1;

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    fd = connect_to((const struct sockaddr *)&address, sizeof(address));
    return fd >= 0;
}

static void check_milter(struct checking *c)
{
    const struct options *o = c->ctl->options;
    const char *colon = strchr(o->milter_socket, ':');
    bool local =
        strncmp(o->milter_socket, "unix:", 5) == 0 || strncmp(o->milter_socket, "local:", 6) == 0;

    if (o->milter_socket_group[0] != '\0' && getgrnam(o->milter_socket_group) == NULL)
        problem(c,
                arena_printf(c->ctl->a, "milter-socket-group: this host has no group %s",
                             o->milter_socket_group),
                "install the mail server first, or name its group");
    if (access(options_run_path(c->ctl->a, o, "embargod.pid"), F_OK) != 0)
        warning("embargod does not run", "start it");
    else if (access(options_run_path(c->ctl->a, o, "ready"), F_OK) != 0)
        problem(c, "embargod runs, but does not serve", "its log says what keeps it");
    else if (local && colon != NULL && !connects_unix(colon + 1))
        problem(c, arena_printf(c->ctl->a, "%s: %s", o->milter_socket, strerror(errno)),
                "nobody answers there: look into the log of embargod-front");
}

static int connect_submission(const struct options *o)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char port[16];
    int fd = -1;

    snprintf(port, sizeof(port), "%ld", o->submit_port);
    if (getaddrinfo(o->submit_host, port, &hints, &found) != 0) {
        errno = EHOSTUNREACH;
        return -1;
    }
    for (struct addrinfo *i = found; i != NULL && fd < 0; i = i->ai_next)
        fd = connect_to(i->ai_addr, i->ai_addrlen);
    freeaddrinfo(found);
    return fd;
}

static void check_submission(struct checking *c)
{
    const struct options *o = c->ctl->options;
    const char *where = arena_printf(c->ctl->a, "%s port %ld", o->submit_host, o->submit_port);
    SCOPED(fd_close) int fd = connect_submission(o);
    char greeting[4];

    if (fd < 0)
        problem(
            c,
            arena_printf(c->ctl->a, "letters can't be handed in at %s: %s", where, strerror(errno)),
            "start the mail server, or set submit-host and submit-port");
    else if (recv(fd, greeting, sizeof(greeting), MSG_WAITALL) != (ssize_t)sizeof(greeting) ||
             strncmp(greeting, "220", 3) != 0)
        problem(c, arena_printf(c->ctl->a, "%s does not greet as a mail server", where),
                "set submit-port to a port of the mail server without this milter");
    if (o->submit_port == 25 && o->own_hops == 0)
        problem(c, "submit-port is 25, which has this milter where own-hops is 0",
                "give the mail server a second port, see contrib/postfix/inline.cf");
}

/* Who is taken over must not be a person too. */
static void check_coordinator_users(struct checking *c)
{
    const struct options *o = c->ctl->options;
    struct users users = users_find(c->ctl->a, o);

    for (size_t i = 0; i < o->n_coordinators; i++) {
        for (size_t u = 0; u < o->coordinators[i].n_uids; u++) {
            uid_t uid = o->coordinators[i].uids[u];

            if (users_is_worker(&users, uid) ||
                (users.at[USER_DESK].name != NULL && users.at[USER_DESK].uid == uid))
                problem(c,
                        arena_printf(c->ctl->a, "coordinator %s: uid %u is a program's of ours",
                                     o->coordinators[i].slug, (unsigned)uid),
                        "take it out");
        }
    }
}

int ctl_check(struct ctl *ctl)
{
    struct checking c = {.ctl = ctl};
    bool users;

    check_clock(&c);
    check_room(&c);
    check_swap(&c);
    check_keys(&c);
    check_run_directory(&c);
    check_milter(&c);
    check_submission(&c);
    users = check_users(&c);
    check_coordinator_users(&c);
    check_daemon(&c);
    check_programs(&c);
    check_pairs(&c);
    check_templates(&c);
    if (users)
        check_store(&c);
    if (c.problems == 0)
        printf("all is well\n");
    return c.problems == 0 ? EX_OK : EX_CONFIG;
}
