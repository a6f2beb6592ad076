/* init and check: a desk's first day, and whether all is well. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "ctl/ctl.h"
#include "flow/users.h"
#include "template/catalogue.h"

static bool make_directory(struct ctl *ctl, const char *path)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    return err_sys(&ctl->err, ERR_OPERATOR, errno, "can't make %s", path);
}

static bool write_file(struct ctl *ctl, const char *path, struct span bytes, mode_t mode)
{
    SCOPED(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    if (fd < 0 || write(fd, bytes.at, bytes.n) != (ssize_t)bytes.n || fsync(fd) != 0)
        return err_sys(&ctl->err, ERR_OPERATOR, errno, "can't write %s", path);
    return true;
}

static char *key_path(struct ctl *ctl, const char *name)
{
    return arena_printf(ctl->a, "%s/%s", ctl->options->key_directory, name);
}

static bool init_openpgp(struct ctl *ctl)
{
    const char *file = ctl_value(ctl, "openpgp-key");
    struct crypto_new_key ask = {.open_home = key_path(ctl, "openpgp/open"),
                                 .seal_home = key_path(ctl, "openpgp/seal"),
                                 .name = ctl->options->desk_name,
                                 .address = ctl->options->addresses.all.at[0]};

    if (file != NULL && !ctl_read_file(ctl, file, &ask.secret))
        return false;
    return make_directory(ctl, key_path(ctl, "openpgp")) && crypto_init_openpgp(&ask, &ctl->err);
}

static struct crypto_config desk_config(struct ctl *ctl)
{
    return (struct crypto_config){.open_home = key_path(ctl, "openpgp/open"),
                                  .open_key = key_path(ctl, "smime/open-key.pem"),
                                  .open_cert = key_path(ctl, "smime/open-cert.pem"),
                                  .seal_home = key_path(ctl, "openpgp/seal"),
                                  .sign_key = key_path(ctl, "smime/sign-key.pem"),
                                  .sign_cert = key_path(ctl, "smime/sign-cert.pem"),
                                  .scratch = ctl->options->key_directory};
}

/* One pair, from the files that two options name. */
static bool init_pair(struct ctl *ctl, enum crypto_role role, const char *key_option,
                      const char *cert_option)
{
    struct crypto_config config = desk_config(ctl);
    struct span key;
    struct span cert;

    return ctl_read_file(ctl, ctl_value(ctl, key_option), &key) &&
           ctl_read_file(ctl, ctl_value(ctl, cert_option), &cert) &&
           make_directory(ctl, key_path(ctl, "smime")) &&
           crypto_init_smime(&config, role, key, cert, &ctl->err);
}

/* How many of a pair's two options were given. */
static unsigned given(struct ctl *ctl, const char *key_option, const char *cert_option)
{
    return (ctl_value(ctl, key_option) != NULL) + (ctl_value(ctl, cert_option) != NULL);
}

/* Both pairs, or none; one pair for both only where somebody said so. */
static bool init_smime(struct ctl *ctl)
{
    unsigned open = given(ctl, "smime-open-key", "smime-open-cert");
    unsigned sign = given(ctl, "smime-sign-key", "smime-sign-cert");
    bool one = ctl_value(ctl, "smime-one-pair") != NULL;

    if (open + sign == 0 && !one)
        return true;
    if (open != 2 || sign != (one ? 0 : 2))
        return err_set(&ctl->err, ERR_OPERATOR,
                       "S/MIME needs --smime-open-key and --smime-open-cert, and beside them "
                       "--smime-sign-key and --smime-sign-cert, or --smime-one-pair");
    return init_pair(ctl, CRYPTO_DECRYPT, "smime-open-key", "smime-open-cert") &&
           (one ? init_pair(ctl, CRYPTO_SIGN, "smime-open-key", "smime-open-cert")
                : init_pair(ctl, CRYPTO_SIGN, "smime-sign-key", "smime-sign-cert"));
}

/* The desk's own fingerprints, for letters; its public keys, for people: what to encrypt to. */
static bool write_public(struct ctl *ctl, struct crypto *crypto, enum protocol protocol,
                         const char *fingerprint_file, const char *public_file)
{
    const struct crypto_handle *key = crypto_key(crypto, protocol, CRYPTO_DECRYPT);
    struct span bytes;

    if (key == NULL)
        return true;
    return crypto_export_public(crypto, protocol, ctl->a, &bytes, &ctl->err) &&
           write_file(ctl, key_path(ctl, fingerprint_file),
                      span_str(arena_printf(ctl->a, "%s\n", key->id)), 0644) &&
           write_file(ctl, key_path(ctl, public_file), bytes, 0644);
}

static bool write_publics(struct ctl *ctl)
{
    struct crypto_config config = desk_config(ctl);
    SCOPED(crypto_close) struct crypto *crypto = NULL;
    bool good = crypto_open(&config, &crypto, &ctl->err) &&
                write_public(ctl, crypto, PROTOCOL_OPENPGP, "openpgp.fpr", "openpgp.asc") &&
                write_public(ctl, crypto, PROTOCOL_SMIME, "smime.fpr", "smime.pem");

    crypto_end_agent(config.open_home);
    crypto_end_agent(config.seal_home);
    return good;
}

static bool put_desk_org(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    const struct ctl *ctl = ctx;
    struct org desk = {
        .slug = DESK_SLUG, .name = ctl->options->desk_name, .role = ORG_DESK, .trust = ORG_NDA};

    (void)a;
    return txn_put_org(txn, &desk, err);
}

/* Made by root: the store is the desk's; the desk's private keys are root's, and beside them in the
 * same folder the desk has the keys of the store, which it writes anew. */
static bool give_directories(struct ctl *ctl, const struct store_paths *paths)
{
    struct users users;

    if (!users_read(ctl->a, ctl->options, &users, &ctl->err))
        return false;
    if (!users.apart)
        return true;
    if (chown(paths->state, users.at[USER_DESK].uid, users.at[USER_DESK].gid) != 0 ||
        chown(paths->keys, 0, users.at[USER_DESK].gid) != 0 || chmod(paths->keys, 01770) != 0)
        return err_sys(&ctl->err, ERR_OPERATOR, errno, "can't give %s and %s their owners",
                       paths->state, paths->keys);
    return true;
}

static bool make_store(struct ctl *ctl, const struct store_paths *paths)
{
    bool good = ctl_as_desk(ctl) && store_create(paths, &ctl->err);

    ctl_as_root();
    return good;
}

static bool fill_store(struct ctl *ctl)
{
    SCOPED(store_close) struct store *store = NULL;

    return ctl_store(ctl, &store) && store_write(store, put_desk_org, ctl, &ctl->err);
}

static int run_init(struct ctl *ctl)
{
    struct store_paths paths = {.state = ctl->options->state_directory,
                                .keys = ctl->options->key_directory};

    if (!make_directory(ctl, paths.keys) || !make_directory(ctl, paths.state) ||
        !give_directories(ctl, &paths) || !make_store(ctl, &paths) || !init_openpgp(ctl) ||
        !init_smime(ctl) || !write_publics(ctl) || !fill_store(ctl))
        return ctl_error(ctl);
    printf("The desk is set up. Its public keys: %s, %s\n"
           "Next: embargoctl contact add " DESK_SLUG "/NAME --name ... --email ... --key FILE\n"
           "Keep a copy of %s apart from %s: with both, everything can be read.\n",
           key_path(ctl, "openpgp.asc"), key_path(ctl, "smime.pem"), paths.keys, paths.state);
    return EX_OK;
}

/* ---- check ---- */

struct checking {
    struct ctl *ctl;
    unsigned problems;
};

static void problem(struct checking *c, const char *what, const char *cure)
{
    printf("problem: %s; %s\n", what, cure);
    c->problems++;
}

static void check_templates(struct checking *c)
{
    const char **faults = NULL;
    size_t n = 0;

    if (!catalogue_check(c->ctl->a, c->ctl->options->template_directory, &faults, &n, &c->ctl->err))
        problem(c, c->ctl->err.text, "set template-directory");
    for (size_t i = 0; i < n; i++)
        problem(c, faults[i], "mend the template");
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
    const char *path = key_path(c->ctl, "smime/open-cert.pem");

    if (access(path, R_OK) == 0 && ctl_read_file(c->ctl, path, &open) &&
        ctl_read_file(c->ctl, key_path(c->ctl, "smime/sign-cert.pem"), &sign) &&
        span_eq(open, sign))
        printf("warning: one S/MIME key decrypts and signs; get two certificates when you renew\n");
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

        if (why != NULL)
            problem(c, arena_printf(c->ctl->a, "coordinator %s: %s", slug, why),
                    arena_printf(c->ctl->a, "embargoctl contact add " DESK_SLUG "/%s --key FILE",
                                 slug));
    }
}

/* Not root: the users are not looked at, and embargod runs as one in a test mode. */
static void check_users(struct checking *c)
{
    struct ctl *ctl = c->ctl;
    struct users users;

    if (!users_read(ctl->a, ctl->options, &users, &ctl->err))
        problem(c, ctl->err.text, "embargod.conf(5) says which program runs as whom");
    else if (!users.apart)
        printf("warning: not root: embargod started like this runs all its programs as one user, "
               "which is a test mode\n");
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
        problem(c, c->ctl->err.text, "run embargoctl init, or run this as root");
        return;
    }
    check_coordinators(c, directory);
}

static void check_clock(struct checking *c)
{
    if (c->ctl->options->clock_file[0] != '\0')
        printf("warning: clock-file is set: time is what %s says; for tests only\n",
               c->ctl->options->clock_file);
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

static int run_check(struct ctl *ctl)
{
    struct checking c = {.ctl = ctl};

    check_clock(&c);
    check_swap(&c);
    check_users(&c);
    check_daemon(&c);
    check_programs(&c);
    check_pairs(&c);
    check_templates(&c);
    check_store(&c);
    if (c.problems == 0)
        printf("all is well\n");
    return c.problems == 0 ? EX_OK : EX_CONFIG;
}

/* clang-format off */
const struct verb verbs_setup[] = {
    {"init", "", 0, 0, false, "make the store, the keys and the desk's own org", run_init,
     {{"openpgp-key", "FILE", "the desk's secret OpenPGP key, without passphrase; else one is made"},
      {"smime-open-key", "FILE", "the desk's private key that decrypts, PEM"},
      {"smime-open-cert", "FILE", "its certificate, PEM"},
      {"smime-sign-key", "FILE", "the desk's private key that signs, PEM"},
      {"smime-sign-cert", "FILE", "its certificate and chain, PEM"},
      {"smime-one-pair", NULL, "sign with the key that decrypts"}}},
    {"check", "", 0, 0, false, "look for what is missing or wrong", run_check, {{0}}},
    {.name = NULL},
};
/* clang-format on */
