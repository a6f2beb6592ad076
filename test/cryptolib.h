/*
 * cryptolib.h - what tests with the real gpg and openssl share: a temporary directory, a shell line
 * in it, a desk with keys of both protocols.
 *
 * Promises: the clock is an input; agents end with the test. A missing tool fails.
 */
#ifndef TEST_CRYPTOLIB_H
#define TEST_CRYPTOLIB_H

#include "test/testlib.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/crypto.h"

#define TEXT "Content-Type: text/plain\r\n\r\nThe parser reads past the end.\r\n"

enum { DAY = 24 * 3600 };

static char dir[] = "/tmp/embargod-XXXXXX";
static struct crypto *crypto;

/* Runs a line of shell; its exit status. */
static inline int shell(const char *line)
{
    char *words[] = {"sh", "-c", (char *)line, NULL};
    int status = -1;
    pid_t pid;

    assert_int_equal(posix_spawn(&pid, "/bin/sh", NULL, NULL, words, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A line that must succeed, in dir, with GNUPGHOME at the peers' keys. */
static inline void sh(const char *line)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *whole = arena_printf(
        a, "cd %s && export GNUPGHOME=%s/peers LC_ALL=C && { %s; } >out 2>log </dev/null", dir, dir,
        line);

    if (shell(whole) != 0) {
        shell(arena_printf(a, "cat %s/log", dir));
        fail_msg("%s", line);
    }
}

static inline const char *path(struct arena *a, const char *name)
{
    return arena_printf(a, "%s/%s", dir, name);
}

static inline struct span slurp(struct arena *a, const char *name)
{
    int fd = open(path(a, name), O_RDONLY);
    struct stat st = {0};
    char *at;

    if (fd < 0 || fstat(fd, &st) != 0)
        fail_msg("%s", name);
    at = arena_alloc(a, (size_t)st.st_size + 1);
    assert_int_equal(read(fd, at, (size_t)st.st_size), st.st_size);
    close(fd);
    return span_of(at, (size_t)st.st_size);
}

static inline void spit(const char *name, struct span bytes)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    int fd = open(path(a, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.at, bytes.n), bytes.n);
    close(fd);
}

#define OK(call)                                 \
    do {                                         \
        struct err err = {0};                    \
        if (!(call))                             \
            fail_msg("%s: %s", #call, err.text); \
    } while (0)

static inline struct crypto_ask ask_with(struct arena *a, const char *key, const char *ca)
{
    struct crypto_ask ask = {.a = a, .now = clock_now()};
    struct span *at = ARENA_ARRAY(a, 2, struct span);

    if (key != NULL) {
        at[0] = slurp(a, key);
        ask.keys = &at[0];
        ask.n_keys = 1;
    }
    if (ca != NULL) {
        at[1] = slurp(a, ca);
        ask.cas = &at[1];
        ask.n_cas = 1;
    }
    return ask;
}

static inline struct crypto_opened decrypt(struct arena *a, enum protocol protocol,
                                           const char *file, const char *key)
{
    struct crypto_ask ask = ask_with(a, key, NULL);
    struct crypto_opened o = {0};

    OK(crypto_decrypt(crypto, crypto_key(crypto, protocol, CRYPTO_DECRYPT), &ask, slurp(a, file),
                      &o, &err));
    return o;
}

static inline struct crypto_verified verify(struct crypto_ask *ask, enum protocol protocol,
                                            const char *bytes, const char *signature)
{
    struct crypto_verified v = {0};

    OK(crypto_verify(crypto, protocol, ask, slurp(ask->a, bytes),
                     signature == NULL ? (struct span){0} : slurp(ask->a, signature), &v, &err));
    return v;
}

static inline struct crypto_sealed seal(struct arena *a, enum protocol protocol, const char *key,
                                        instant now)
{
    struct crypto_letter letter = {
        .a = a,
        .protocol = protocol,
        .signer = crypto_key(crypto, protocol, CRYPTO_SIGN),
        .recipient = slurp(a, key),
        .plaintext = span_str(TEXT),
        .now = now,
    };
    struct crypto_sealed s = {0};

    OK(crypto_seal(crypto, &letter, &s, &err));
    return s;
}

/* A desk: OpenPGP generated, S/MIME from desk and sign (.key, .pem) in dir. */
static inline void open_desk(void)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_config config = {.open_home = path(a, "open"),
                                   .open_key = path(a, "open-key.pem"),
                                   .open_cert = path(a, "open-cert.pem"),
                                   .seal_home = path(a, "seal"),
                                   .sign_key = path(a, "sign-key.pem"),
                                   .sign_cert = path(a, "sign-cert.pem"),
                                   .scratch = path(a, "work")};
    struct crypto_new_key key = {config.open_home, config.seal_home, "Desk", "desk@cert.example",
                                 span_of(NULL, 0)};
    struct span desk;

    OK(crypto_init_openpgp(&key, &err));
    if (access(path(a, "desk.pem"), F_OK) == 0) {
        OK(crypto_init_smime(&config, CRYPTO_DECRYPT, slurp(a, "desk.key"), slurp(a, "desk.pem"),
                             &err));
        if (access(path(a, "sign.pem"), F_OK) == 0)
            OK(crypto_init_smime(&config, CRYPTO_SIGN, slurp(a, "sign.key"), slurp(a, "sign.pem"),
                                 &err));
    }
    OK(crypto_open(&config, &crypto, &err));
    OK(crypto_export_public(crypto, PROTOCOL_OPENPGP, a, &desk, &err));
    spit("desk.asc", desk);
}

static inline void make_dir(void)
{
    assert_non_null(mkdtemp(dir));
    sh("mkdir -m 700 peers work && printf 'no-random-seed-file\\n' >peers/gpg.conf");
    spit("text", span_str(TEXT));
    spit("other", span_str(TEXT "\r\n"));
}

static inline int remove_all(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    crypto_close(crypto);
    crypto_end_agent(path(a, "open"));
    crypto_end_agent(path(a, "seal"));
    crypto_end_agent(path(a, "peers"));
    return shell(arena_printf(a, "rm -rf %s", dir));
}

/* A key as it should look. */
struct key_row {
    const char *file;
    enum protocol protocol;
    bool usable;
    const char *algorithm;
    const char *address;
};

static inline void inspect_row(const struct key_row *row)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_key_facts f = {0};
    struct crypto_key_facts again = {0};

    OK(crypto_inspect(crypto, a, slurp(a, row->file), clock_now(), &f, &err));
    assert_row(row->file, f.protocol == row->protocol);
    assert_row(row->file, f.usable == row->usable && (f.reason == NULL) == f.usable);
    if (f.protocol == PROTOCOL_NONE)
        return;
    assert_string_equal(f.algorithm, row->algorithm);
    assert_string_equal(f.addresses.at[0], row->address);
    assert_true(f.created > 0);
    OK(crypto_inspect(crypto, a, f.bytes, clock_now(), &again, &err));
    assert_string_equal(f.fingerprint, again.fingerprint);
}

#endif
