/* init: a desk's first day. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/crypto.h"
#include "ctl/ctl.h"
#include "flow/users.h"

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
static bool check_smime_options(struct ctl *ctl)
{
    unsigned open = given(ctl, "smime-open-key", "smime-open-cert");
    unsigned sign = given(ctl, "smime-sign-key", "smime-sign-cert");
    bool one = ctl_value(ctl, "smime-one-pair") != NULL;

    if ((open + sign > 0 || one) && (open != 2 || sign != (one ? 0 : 2)))
        return err_set(&ctl->err, ERR_OPERATOR,
                       "S/MIME needs --smime-open-key and --smime-open-cert, and beside them "
                       "--smime-sign-key and --smime-sign-cert, or --smime-one-pair");
    return true;
}

static bool init_smime(struct ctl *ctl)
{
    bool one = ctl_value(ctl, "smime-one-pair") != NULL;

    if (ctl_value(ctl, "smime-open-key") == NULL)
        return true;
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

/* The store comes after what can fail over a file that was named: then init can be run again. */
static int run_init(struct ctl *ctl)
{
    struct store_paths paths = {.state = ctl->options->state_directory,
                                .keys = ctl->options->key_directory};
    bool smime = ctl_value(ctl, "smime-open-key") != NULL;

    if (!check_smime_options(ctl) || !store_absent(&paths, &ctl->err) ||
        !make_directory(ctl, paths.keys) || !make_directory(ctl, paths.state) ||
        !give_directories(ctl, &paths) || !init_smime(ctl) || !init_openpgp(ctl) ||
        !make_store(ctl, &paths) || !write_publics(ctl) || !fill_store(ctl))
        return ctl_error(ctl);
    printf("The desk is set up. Its public keys: %s%s%s\n"
           "Next: embargoctl contact add " DESK_SLUG "/NAME --name ... --email ... --key FILE\n"
           "Keep a copy of %s apart from %s: with both, everything can be read.\n",
           key_path(ctl, "openpgp.asc"), smime ? ", " : "", smime ? key_path(ctl, "smime.pem") : "",
           paths.keys, paths.state);
    return EX_OK;
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
    {"check", "", 0, 0, false, "look for what is missing or wrong", ctl_check, {{0}}},
    {.name = NULL},
};
/* clang-format on */
