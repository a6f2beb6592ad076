/* open: what the desk would make of a mail, without a desk. */
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/directory.h"
#include "ctl/show.h"
#include "open/open.h"
#include "open/record.h"

enum {
    OPEN_KEYS = 2000,
    PRIVATE_MAX = 1024 * 1024, /* bytes of all private keys, or of all certificates, of a home */
};

/* Keys that count as approved, and where private ones lie. */
struct opening {
    struct ctl *ctl;
    struct crypto_config config;
    struct crypto *crypto;
    struct span *keys;
    size_t n_keys;
    size_t keys_room;
    struct span *cas;
    size_t n_cas;
    size_t cas_room;
    const struct limits *limits;
    instant now;
    int code;
};

static void add(struct ctl *ctl, struct span **list, size_t *n, size_t *room, struct span bytes)
{
    ARENA_GROW(ctl->a, *list, *n, *room);
    (*list)[(*n)++] = bytes;
}

static char *below(struct ctl *ctl, const char *home, const char *name)
{
    return arena_printf(ctl->a, "%s/%s", home, name);
}

/* Every file of a folder that ends in .pem, as certificates or revocation lists; a folder that is
 * not there is empty. */
static bool read_pems(struct opening *o, const char *path, bool lists)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    bool good = true;

    while (good && dir != NULL && (entry = readdir(dir)) != NULL) {
        struct span name = span_str(entry->d_name);
        struct span bytes;

        if (name.n < 5 || strcmp(entry->d_name + name.n - 4, ".pem") != 0 ||
            o->n_keys + o->n_cas >= OPEN_KEYS)
            continue;
        good = ctl_read_file(o->ctl, below(o->ctl, path, entry->d_name), &bytes);
        if (good && lists)
            add(o->ctl, &o->cas, &o->n_cas, &o->cas_room, bytes);
        else if (good)
            add(o->ctl, &o->keys, &o->n_keys, &o->keys_room, bytes);
    }
    if (dir != NULL)
        closedir(dir);
    return good;
}

/* All .pem files of a folder, one after the other. */
static bool gather(struct opening *o, const char *folder, struct buf *out)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    bool good = true;

    while (good && dir != NULL && (entry = readdir(dir)) != NULL) {
        struct span name = span_str(entry->d_name);
        struct span bytes;

        if (name.n < 5 || strcmp(entry->d_name + name.n - 4, ".pem") != 0)
            continue;
        good = ctl_read_file(o->ctl, below(o->ctl, folder, entry->d_name), &bytes);
        if (!good)
            continue;
        buf_add_span(out, bytes);
        buf_add_char(out, '\n');
    }
    if (dir != NULL)
        closedir(dir);
    return good;
}

static bool write_gathered(struct opening *o, const char *folder, const char *path)
{
    struct buf pem = buf_new(o->ctl->a, PRIVATE_MAX);
    FILE *file;
    bool good;

    if (!gather(o, folder, &pem))
        return false;
    file = fopen(path, "wxe"); /* the folder is ours alone */
    good = !pem.full && file != NULL && fwrite(pem.at, 1, pem.n, file) == pem.n;
    if (file != NULL && fclose(file) != 0)
        good = false;
    wipe(pem.at, pem.n);
    return good || err_sys(&o->ctl->err, ERR_OPERATOR, errno, "%.200s", path);
}

/* The private keys of the home, whose certificates stand among the others. */
static bool find_private(struct opening *o, const char *home)
{
    const char *keys = below(o->ctl, home, "smime/keys");
    const char *key = below(o->ctl, o->config.scratch, "keys.pem");
    const char *cert = below(o->ctl, o->config.scratch, "certs.pem");

    if (home == NULL || access(keys, R_OK) != 0)
        return true;
    o->config.open_key = key;
    o->config.open_cert = cert;
    return write_gathered(o, keys, key) &&
           write_gathered(o, below(o->ctl, home, "smime/certs"), cert);
}

static void forget_private(const struct opening *o)
{
    (void)!unlink(below(o->ctl, o->config.scratch, "keys.pem"));
    (void)!unlink(below(o->ctl, o->config.scratch, "certs.pem"));
}

/* gpg-agent is reached by a path of its own making, which must not be relative. */
static const char *absolute(struct ctl *ctl, const char *path)
{
    char *whole = realpath(path, NULL);
    const char *copy = whole == NULL ? path : arena_strdup(ctl->a, whole);

    free(whole);
    return copy;
}

static bool use_home(struct opening *o, const char *home)
{
    const char *gnupg = below(o->ctl, home, "gnupg");
    const char *ca = below(o->ctl, home, "smime/ca.pem");
    struct span bytes;

    if (access(home, R_OK) != 0)
        return err_set(&o->ctl->err, ERR_OPERATOR, "--home %s: no such folder", home);
    if (access(gnupg, R_OK) == 0)
        o->config.open_home = gnupg;
    if (access(ca, R_OK) == 0) {
        if (!ctl_read_file(o->ctl, ca, &bytes))
            return false;
        add(o->ctl, &o->cas, &o->n_cas, &o->cas_room, bytes);
    }
    return read_pems(o, below(o->ctl, home, "smime/certs"), false) &&
           read_pems(o, below(o->ctl, home, "smime/crls"), true);
}

/* The desk's own keys, and its directory's. */
static bool use_desk(struct opening *o)
{
    const struct options *options = o->ctl->options;
    struct directory *d;

    if (!directory_load(o->ctl, &d))
        return false;
    ctl_as_root(); /* the private keys are root's */
    for (size_t i = 0; i < d->n_keys; i++) {
        if (d->keys[i].state == KEY_APPROVED)
            add(o->ctl, &o->keys, &o->n_keys, &o->keys_room, d->keys[i].bytes);
    }
    o->limits = &options->limits;
    o->cas = d->cas;
    o->n_cas = d->n_cas;
    o->config.open_home = below(o->ctl, options->key_directory, "openpgp/open");
    o->config.open_key = below(o->ctl, options->key_directory, "smime/open-key.pem");
    o->config.open_cert = below(o->ctl, options->key_directory, "smime/open-cert.pem");
    return true;
}

static bool add_home_keys(struct opening *o)
{
    struct span keys;

    if (ctl_value(o->ctl, "home") == NULL || o->config.open_home == NULL)
        return true;
    if (!crypto_home_keys(o->config.open_home, o->ctl->a, &keys, &o->ctl->err))
        return false;
    if (keys.n > 0)
        add(o->ctl, &o->keys, &o->n_keys, &o->keys_room, keys);
    return true;
}

static void print_record(struct ctl *ctl, json_t *record)
{
    struct span text;

    if (ctl->json) {
        text = json_text(ctl->a, record);
        printf("%.*s\n", (int)text.n, (const char *)text.at);
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

static void open_file(struct opening *o, const char *file)
{
    struct open_request request = {.now = o->now,
                                   .keys = o->keys,
                                   .n_keys = o->n_keys,
                                   .cas = o->cas,
                                   .n_cas = o->n_cas,
                                   .limits = o->limits};
    struct message *message = ARENA_NEW(o->ctl->a, struct message);
    struct span opened;

    /* One byte past the limit says that it is too large; more of it need not be in memory. */
    if (!ctl_read_start(o->ctl, file, (size_t)o->limits->mail + 1, &request.mail)) {
        print_record(o->ctl, record_make(o->ctl->a, file, o->ctl->err.text, NULL, NULL));
        o->code = EX_NOINPUT > o->code || o->code == EX_OK ? EX_NOINPUT : o->code;
        return;
    }
    if (!open_message(o->ctl->a, o->crypto, &request, message, &opened, &o->ctl->err)) {
        print_record(o->ctl, record_make(o->ctl->a, file, o->ctl->err.text, NULL, NULL));
        o->code = EX_TEMPFAIL;
        return;
    }
    print_record(o->ctl, record_make(o->ctl->a, file, NULL, owner_of(message), message));
}

static int open_all(struct opening *o)
{
    bool ready = crypto_open(&o->config, &o->crypto, &o->ctl->err) && add_home_keys(o);

    forget_private(o); /* they are read */
    if (!ready)
        return ctl_error(o->ctl);
    for (size_t i = 0; i < o->ctl->words.n; i++)
        open_file(o, o->ctl->words.at[i]);
    crypto_close(o->crypto);
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
    struct opening o = {.ctl = ctl, .limits = &limits_default, .code = EX_OK};
    char *scratch;
    int code;

    if (!set_now(&o))
        return ctl_fail(EX_USAGE, "--now wants 2026-12-24T14:00:00Z or @epoch");
    if (home == NULL && !options_read(ctl->a, ctl->config, &ctl->options, &ctl->err))
        return ctl_error(ctl);
    if (!(home != NULL ? use_home(&o, home) : use_desk(&o)) || !directory_scratch(ctl, &scratch))
        return ctl_error(ctl);
    o.config.scratch = scratch;
    code = find_private(&o, home) ? open_all(&o) : ctl_error(ctl);
    forget_private(&o);
    rmdir(scratch);
    return code;
}

/* clang-format off */
const struct verb verbs_open[] = {
    {"open", "FILE...", 1, 100000, true, "what the desk makes of a mail", run_open,
     {{"home", "DIR", "keys from DIR/gnupg and DIR/smime, and no desk; each counts as approved"},
      {"now", "TIME", "judge as of this time: RFC 3339 or @epoch"}}},
    {.name = NULL},
};
/* clang-format on */
