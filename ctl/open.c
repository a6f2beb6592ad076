/* open: what the desk would make of a mail, without a desk. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/crypto.h"
#include "ctl/behind.h"
#include "ctl/directory.h"
#include "ctl/show.h"
#include "open/record.h"

enum {
    OPEN_KEYS = 2000,
    PRIVATE_MAX = 1024 * 1024, /* bytes of all private keys, or of all certificates, of a home */
};

struct spans {
    struct span *at;
    size_t n;
    size_t room;
};

/* Keys that count as approved, and where private ones lie. */
struct opening {
    struct ctl *ctl;
    const struct options *options;
    struct behind_keys own;
    struct behind *behind; /* NULL: it did not start; no mail is opened */
    struct open_job job;
    int keys_fd;
    struct spans keys;
    struct spans cas;
    instant now;
    int code;
};

static void add(struct ctl *ctl, struct spans *list, struct span bytes)
{
    ARENA_GROW(ctl->a, list->at, list->n, list->room);
    list->at[list->n++] = bytes;
}

static char *below(struct ctl *ctl, const char *home, const char *name)
{
    return arena_printf(ctl->a, "%s/%s", home, name);
}

/* Every file of a folder that ends in .pem; a folder that is not there is empty. */
static bool read_pems(struct opening *o, const char *folder, struct spans *list)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    bool good = true;

    while (good && dir != NULL && (entry = readdir(dir)) != NULL) {
        struct span bytes;

        if (!span_ends(span_str(entry->d_name), ".pem") || list->n >= OPEN_KEYS)
            continue;
        good = ctl_read_file(o->ctl, below(o->ctl, folder, entry->d_name), &bytes);
        if (good)
            add(o->ctl, list, bytes);
    }
    if (dir != NULL)
        closedir(dir);
    return good;
}

/* The same as one text. */
static bool join_pems(struct opening *o, const char *folder, struct buf *out)
{
    struct spans list = {.n = 0};

    if (!read_pems(o, folder, &list))
        return false;
    for (size_t i = 0; i < list.n; i++) {
        buf_add_span(out, list.at[i]);
        buf_add_char(out, '\n');
    }
    return true;
}

/* The private keys of the home as one file in the scratch folder, and the certificates, among which
 * theirs stand. */
static bool find_private(struct opening *o, const char *home, const char *scratch)
{
    const char *keys = home == NULL ? NULL : below(o->ctl, home, "smime/keys");
    const char *path = below(o->ctl, scratch, "keys.pem");
    struct buf pem = buf_new(o->ctl->a, PRIVATE_MAX);
    struct buf certs = buf_new(o->ctl->a, PRIVATE_MAX);
    SCOPED(fd_close) int fd = -1;
    bool good;

    if (home == NULL || access(keys, R_OK) != 0)
        return true;
    if (!join_pems(o, keys, &pem) || !join_pems(o, below(o->ctl, home, "smime/certs"), &certs))
        return false;
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    good = !pem.full && !certs.full && fd >= 0 && write(fd, pem.at, pem.n) == (ssize_t)pem.n;
    wipe(pem.at, pem.n);
    o->own.key = path;
    o->own.cert = buf_span(&certs);
    return good || err_sys(&o->ctl->err, ERR_OPERATOR, errno, "%.200s", path);
}

/* gpg-agent is reached by a path of its own making, which must not be relative. */
static const char *absolute(struct ctl *ctl, const char *path)
{
    char *whole = realpath(path, NULL);
    const char *copy = whole == NULL ? path : arena_strdup(ctl->a, whole);

    free(whole);
    return copy;
}

/* Without a configuration: the defaults. In a build tree the programs lie beside this one. */
static const struct options *home_options(struct ctl *ctl)
{
    struct options *o = ARENA_NEW(ctl->a, struct options);
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    char *slash = n <= 0 ? NULL : memrchr(path, '/', (size_t)n);

    options_defaults(o);
    if (slash != NULL) {
        *slash = '\0';
        if (access(below(ctl, path, "embargod-open"), X_OK) == 0)
            o->libexec_directory = arena_strdup(ctl->a, path);
    }
    return o;
}

static bool use_home(struct opening *o, const char *home)
{
    const char *gnupg = below(o->ctl, home, "gnupg");
    const char *ca = below(o->ctl, home, "smime/ca.pem");
    struct span bytes;

    o->options = home_options(o->ctl);
    if (access(home, R_OK) != 0)
        return err_set(&o->ctl->err, ERR_OPERATOR, "--home %s: no such folder", home);
    if (access(gnupg, R_OK) == 0)
        o->own.home = gnupg;
    if (access(ca, R_OK) == 0) {
        if (!ctl_read_file(o->ctl, ca, &bytes))
            return false;
        add(o->ctl, &o->cas, bytes);
    }
    return read_pems(o, below(o->ctl, home, "smime/certs"), &o->keys) &&
           read_pems(o, below(o->ctl, home, "smime/crls"), &o->cas);
}

/* The desk's own keys, and its directory's. */
static bool use_desk(struct opening *o)
{
    const struct options *options = o->ctl->options;
    const char *cert = below(o->ctl, options->key_directory, "smime/open-cert.pem");
    struct directory *d;

    if (!directory_load(o->ctl, &d))
        return false;
    ctl_as_root(); /* the private keys are root's */
    for (size_t i = 0; i < d->n_keys; i++) {
        if (d->keys[i].state == KEY_APPROVED)
            add(o->ctl, &o->keys, d->keys[i].bytes);
    }
    o->options = options;
    o->cas = (struct spans){.at = d->cas, .n = d->n_cas, .room = d->n_cas};
    o->own.home = below(o->ctl, options->key_directory, "openpgp/open");
    if (access(o->own.home, F_OK) != 0)
        o->own.home = NULL;
    else if (!ctl_read_file(o->ctl, below(o->ctl, o->own.home, "desk-public.pgp"), &o->own.public))
        return false;
    if (access(cert, F_OK) != 0)
        return true;
    o->own.key = below(o->ctl, options->key_directory, "smime/open-key.pem");
    return ctl_read_file(o->ctl, cert, &o->own.cert);
}

/* All keys of DIR's keyring: those that open, and those of its contacts. */
static bool add_home_keys(struct opening *o)
{
    if (ctl_value(o->ctl, "home") == NULL || o->own.home == NULL)
        return true;
    if (!crypto_home_keys(o->own.home, o->ctl->a, &o->own.public, &o->ctl->err))
        return false;
    if (o->own.public.n > 0)
        add(o->ctl, &o->keys, o->own.public);
    return true;
}

static bool put_list(struct opening *o, const struct spans *list, uint64_t *offset,
                     struct wire_key **ret_keys)
{
    struct wire_key *keys = ARENA_ARRAY(o->ctl->a, list->n, struct wire_key);

    for (size_t i = 0; i < list->n; i++) {
        keys[i].at = (struct extent){.offset = *offset, .n = list->at[i].n};
        *offset += list->at[i].n;
        if (!memory_write(o->keys_fd, list->at[i], &o->ctl->err))
            return false;
    }
    *ret_keys = keys;
    return true;
}

/* The job that every mail gets, with the keys in memory that all of them share. */
static bool make_job(struct opening *o)
{
    uint64_t offset = 0;

    o->job = (struct open_job){
        .now = o->now, .limits = o->options->limits, .n_keys = o->keys.n, .n_cas = o->cas.n};
    return memory_open(&o->keys_fd, &o->ctl->err) && put_list(o, &o->keys, &offset, &o->job.keys) &&
           put_list(o, &o->cas, &offset, &o->job.cas) && memory_finish(o->keys_fd, &o->ctl->err);
}

static void print_record(struct ctl *ctl, json_t *record)
{
    if (ctl->json) {
        show_json_line(ctl->a, record);
    } else {
        show_json(ctl->a, record);
        printf("\n");
    }
    (void)fflush(stdout); /* whoever reads along has each answer as it is there */
    json_decref(record);
}

/* The owner of the key that proves a verified mail: of its addresses the one equal to From, else
 * the first. NULL: From itself. */
static const char *owner_of(const struct message *m)
{
    const struct seal *seal;

    if (m->trust != TRUST_VERIFIED || m->trust_seal == 0)
        return NULL;
    seal = &m->seals[m->trust_seal - 1];
    if (seal->addresses.n == 0 || (m->from != NULL && strs_has(&seal->addresses, m->from)))
        return NULL;
    return seal->addresses.at[0];
}

static void fail_file(struct opening *o, const char *file, int code)
{
    print_record(o->ctl, record_make(o->ctl->a, file, o->ctl->err.text, NULL, NULL));
    if (code > o->code)
        o->code = code; /* 75 is worse than 66: it is ours */
}

static void open_mail(struct opening *o, const char *file)
{
    struct message message;
    struct span mail;

    /* One byte past the limit says that it is too large; more of it need not be in memory. */
    if (!ctl_read_start(o->ctl, file, (size_t)o->options->limits.mail + 1, &mail))
        fail_file(o, file, EX_NOINPUT);
    else if (o->behind == NULL ||
             !behind_open(o->behind, o->ctl->a, mail, &o->job, o->keys_fd, &message, &o->ctl->err))
        fail_file(o, file, EX_TEMPFAIL);
    else
        print_record(o->ctl, record_make(o->ctl->a, file, NULL, owner_of(&message), &message));
}

/* Each in an arena of its own: there may be thousands. */
static void open_file(struct opening *o, const char *file)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct arena *outer = o->ctl->a;

    o->ctl->a = a;
    open_mail(o, file);
    o->ctl->a = outer;
}

/* "-": the names stand on standard input, one a line. */
static void open_listed(struct opening *o)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    while ((n = getline(&line, &room, stdin)) >= 0) {
        if (n > 0 && line[n - 1] == '\n')
            line[n - 1] = '\0';
        if (line[0] != '\0')
            open_file(o, line);
    }
    free(line);
}

static int open_all(struct opening *o, const char *home, const char *folder)
{
    if (!find_private(o, home, folder) || !add_home_keys(o) || !make_job(o) ||
        !behind_start(o->ctl->a, o->options, &o->own, folder, &o->behind, &o->ctl->err))
        ctl_error(o->ctl);
    for (size_t i = 0; i < o->ctl->words.n; i++) {
        if (strcmp(o->ctl->words.at[i], "-") == 0)
            open_listed(o);
        else
            open_file(o, o->ctl->words.at[i]);
    }
    behind_end(o->behind);
    return o->code;
}

static bool set_now(struct opening *o)
{
    const char *text = ctl_value(o->ctl, "now");

    if (text != NULL) {
        if (!text_to_instant(span_str(text), &o->now))
            return false;
        clock_fix(o->now);
    }
    o->now = clock_now();
    return true;
}

static int run_open(struct ctl *ctl)
{
    const char *given = ctl_value(ctl, "home");
    const char *home = given == NULL ? NULL : absolute(ctl, given);
    struct opening o = {.ctl = ctl, .keys_fd = -1, .code = EX_OK};
    char *scratch;
    int code;

    if (!set_now(&o))
        return ctl_fail(EX_USAGE, "--now wants 2026-12-24T14:00:00Z or @epoch");
    if (home == NULL && !options_read(ctl->a, ctl->config, &ctl->options, &ctl->err))
        return ctl_error(ctl);
    if (!(home != NULL ? use_home(&o, home) : use_desk(&o)) || !directory_scratch(ctl, &scratch))
        return ctl_error(ctl);
    code = open_all(&o, home, scratch);
    fd_close(o.keys_fd);
    (void)!unlink(below(ctl, scratch, "keys.pem"));
    rmdir(scratch);
    return code;
}

/* clang-format off */
const struct verb verbs_open[] = {
    {"open", "FILE...|-", 1, 100000, true, "what the desk makes of a mail; - reads names", run_open,
     {{"home", "DIR", "keys from DIR/gnupg and DIR/smime, and no desk; each counts as approved"},
      {"now", "TIME", "judge as of this time: RFC 3339 or @epoch"}}},
    {.name = NULL},
};
/* clang-format on */
