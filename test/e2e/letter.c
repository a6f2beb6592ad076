/*
 * letter KEYS WORK openpgp|smime RECIPIENT NOW - a letter of the desk, sealed for one reader, on
 * standard output: for other programs to read.
 *
 * KEYS has desk.secret.asc, desk.key and desk.pem (test/keys); WORK is an empty directory with a
 * short name; RECIPIENT is a key or certificate; NOW is RFC 3339.
 */
#include "crypto/crypto.h"
#include "mime/write.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/text.h"

static bool read_file(struct arena *a, const char *name, struct span *ret, struct err *err)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    struct stat st = {0};
    char *at;
    ssize_t n;

    if (fd < 0 || fstat(fd, &st) != 0)
        return err_set(err, ERR_OPERATOR, "%.200s can't be read", name);
    at = arena_alloc(a, (size_t)st.st_size + 1);
    n = read(fd, at, (size_t)st.st_size);
    close(fd);
    *ret = span_of(at, n < 0 ? 0 : (size_t)n);
    return n >= 0;
}

/* The desk's keys in WORK, as `embargoctl init` puts them. */
static bool desk_open(struct arena *a, const char *keys, const char *work, struct crypto **ret,
                      struct err *err)
{
    struct crypto_config config = {.open_home = arena_printf(a, "%s/open", work),
                                   .seal_home = arena_printf(a, "%s/seal", work),
                                   .sign_key = arena_printf(a, "%s/key.pem", work),
                                   .sign_cert = arena_printf(a, "%s/cert.pem", work),
                                   .scratch = work};
    struct crypto_new_key new = {config.open_home, config.seal_home, "Desk", "desk@cert.example",
                                 span_of(NULL, 0)};
    struct span key;
    struct span cert;

    return read_file(a, arena_printf(a, "%s/desk.secret.asc", keys), &new.secret, err) &&
           read_file(a, arena_printf(a, "%s/desk.key", keys), &key, err) &&
           read_file(a, arena_printf(a, "%s/desk.pem", keys), &cert, err) &&
           crypto_init_openpgp(&new, err) &&
           crypto_init_smime(&config, CRYPTO_SIGN, key, cert, err) &&
           crypto_open(&config, ret, err);
}

static bool seal(struct arena *a, struct crypto *crypto, enum protocol protocol,
                 struct span recipient, struct span *ret_mail, struct err *err)
{
    struct write_attachment attachment = {
        .filename = "poc.c", .type = "text/x-c", .bytes = span_str("int main;\n")};
    struct write_letter w = {.from = {"Desk", "desk@cert.example"},
                             .to = {"Rhea", "rhea@finder.example"},
                             .date = clock_now(),
                             .message_id = "0123456789abcdef@cert.example",
                             .subject = "Pufferüberlauf in libfoo",
                             .text = "Frames of length 0\nare read past their end: ü.\n",
                             .attachments = &attachment,
                             .n_attachments = 1};
    struct crypto_letter letter = {.a = a,
                                   .protocol = protocol,
                                   .signer = crypto_key(crypto, protocol, CRYPTO_SIGN),
                                   .recipient = recipient,
                                   .now = clock_now()};
    struct crypto_sealed sealed = {.sealed = false};

    if (!write_inner(a, &w, &letter.plaintext, err) || !crypto_seal(crypto, &letter, &sealed, err))
        return false;
    if (!sealed.sealed)
        return err_set(err, ERR_OPERATOR, "%s", sealed.reason);
    return protocol == PROTOCOL_SMIME ? write_outer_smime(a, &w, sealed.bytes, ret_mail, err)
                                      : write_outer_openpgp(a, &w, sealed.bytes, ret_mail, err);
}

static bool run(struct arena *a, char **words, struct span *ret_mail, struct err *err)
{
    SCOPED(crypto_close) struct crypto *crypto = NULL;
    enum protocol protocol = strcmp(words[3], "smime") == 0 ? PROTOCOL_SMIME : PROTOCOL_OPENPGP;
    struct crypto_key_facts facts = {.protocol = PROTOCOL_NONE};
    struct span recipient;
    instant now;

    if (!text_to_instant(span_str(words[5]), &now))
        return err_set(err, ERR_OPERATOR, "NOW is no time");
    clock_fix(now);
    return desk_open(a, words[1], words[2], &crypto, err) &&
           read_file(a, words[4], &recipient, err) &&
           crypto_inspect(crypto, a, recipient, now, &facts, err) &&
           seal(a, crypto, protocol, facts.bytes, ret_mail, err);
}

int main(int argc, char **argv)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span mail = {.n = 0};
    struct err err = {.text = ""};
    bool good;

    if (argc != 6)
        return EX_USAGE;
    good = run(a, argv, &mail, &err);
    crypto_end_agent(arena_printf(a, "%s/open", argv[2]));
    crypto_end_agent(arena_printf(a, "%s/seal", argv[2]));
    if (!good) {
        fprintf(stderr, "letter: %s\n", err.text);
        return EX_SOFTWARE;
    }
    return fwrite(mail.at, 1, mail.n, stdout) == mail.n && fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
