#include "crypto/crypto.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/sha.h>

#include "base/text.h"
#include "crypto/engine.h"

static void set_handle(struct crypto *c, enum protocol protocol, enum crypto_role role,
                       const char *id)
{
    size_t p = protocol - PROTOCOL_OPENPGP;

    c->handles[p][role] = (struct crypto_handle){protocol, role, arena_strdup(c->a, id)};
    c->present[p][role] = true;
}

/* A file of public keys; a missing one is an answer. */
static bool read_public(struct crypto *c, const char *path, struct span *ret_key, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *at;
    ssize_t n;

    *ret_key = (struct span){0};
    if (fd < 0)
        return errno == ENOENT || err_sys(err, ERR_OPERATOR, errno, "%.200s", path);
    at = arena_alloc(c->a, CRYPTO_KEY_MAX);
    n = read(fd, at, CRYPTO_KEY_MAX);
    close(fd);
    if (n <= 0 || n == CRYPTO_KEY_MAX)
        return err_set(err, ERR_OPERATOR, "%.200s can't be read", path);
    *ret_key = span_of(at, (size_t)n);
    return true;
}

/* A role whose public keys are known by a file, or not at all. */
static bool set_openpgp(struct crypto *c, enum crypto_role role, const char *path,
                        struct pgp_keys *ret_keys, struct err *err)
{
    struct pgp_keys keys = {0};
    struct span public = {0};
    const char *id = "";

    if (path != NULL && !read_public(c, path, &public, err))
        return false;
    if (public.n > 0) {
        if (!pgp_keys_add(c->a, &keys, public))
            return err_set(err, ERR_OPERATOR, "%.200s is broken", path);
        id = keys.at[0].fingerprint;
        c->pgp_public = public;
        *ret_keys = keys;
    }
    set_handle(c, PROTOCOL_OPENPGP, role, id);
    return true;
}

static bool open_openpgp(struct crypto *c, struct err *err)
{
    const struct crypto_config *config = &c->config;
    struct pgp_keys ignored = {0};

    if ((config->open_home != NULL || config->open_public != NULL) &&
        !set_openpgp(c, CRYPTO_DECRYPT,
                     config->open_public != NULL
                         ? config->open_public
                         : arena_printf(c->a, "%s/" PGP_PUBLIC_FILE, config->open_home),
                     &c->pgp_ours, err))
        return false;
    return config->seal_home == NULL ||
           set_openpgp(c, CRYPTO_SIGN, arena_printf(c->a, "%s/" PGP_PUBLIC_FILE, config->seal_home),
                       &ignored, err);
}

static bool open_smime(struct crypto *c, struct err *err)
{
    const struct crypto_config *config = &c->config;

    if (!smime_own_open(config->open_key, config->open_cert, &c->smime_open, err) ||
        !smime_own_open(config->sign_key, config->sign_cert, &c->smime_sign, err))
        return false;
    if (c->smime_open != NULL &&
        (config->unwrapper.unwrap != NULL || smime_own_has_key(c->smime_open)))
        set_handle(c, PROTOCOL_SMIME, CRYPTO_DECRYPT, smime_own_id(c->smime_open));
    if (c->smime_sign != NULL && smime_own_has_key(c->smime_sign))
        set_handle(c, PROTOCOL_SMIME, CRYPTO_SIGN, smime_own_id(c->smime_sign));
    return true;
}

static struct crypto_config copy_config(struct arena *a, const struct crypto_config *from)
{
    return (struct crypto_config){
        .open_home = arena_strdup(a, from->open_home),
        .open_key = arena_strdup(a, from->open_key),
        .open_cert = arena_strdup(a, from->open_cert),
        .open_public = arena_strdup(a, from->open_public),
        .seal_home = arena_strdup(a, from->seal_home),
        .sign_key = arena_strdup(a, from->sign_key),
        .sign_cert = arena_strdup(a, from->sign_cert),
        .scratch = arena_strdup(a, from->scratch),
        .unwrapper = from->unwrapper,
    };
}

static bool unwrap_here(void *held, struct arena *a, enum protocol protocol, struct span wrapped,
                        struct content_key *ret_key, struct err *err)
{
    return crypto_unwrap(held, a, protocol, wrapped, ret_key, err);
}

bool crypto_open(const struct crypto_config *config, struct crypto **ret_crypto, struct err *err)
{
    struct arena *a = arena_new();
    SCOPED(crypto_close) struct crypto *c = ARENA_NEW(a, struct crypto);

    assert(config->scratch != NULL);
    c->a = a;
    c->config = copy_config(c->a, config);
    if (!pgp_engine_start(err) || !open_openpgp(c, err) || !open_smime(c, err))
        return false;
    c->unwrapper = config->unwrapper.unwrap != NULL ? config->unwrapper
                                                    : (struct crypto_unwrapper){unwrap_here, c};
    *ret_crypto = TAKE(c);
    return true;
}

void crypto_close(struct crypto *c)
{
    if (c == NULL)
        return;
    smime_own_free(c->smime_open);
    smime_own_free(c->smime_sign);
    pgp_holder_free(c->pgp_holder);
    arena_free(c->a); /* c itself lies in it */
}

const struct crypto_handle *crypto_key(struct crypto *c, enum protocol protocol,
                                       enum crypto_role role)
{
    size_t p = protocol - PROTOCOL_OPENPGP;

    return protocol != PROTOCOL_NONE && c->present[p][role] ? &c->handles[p][role] : NULL;
}

bool crypto_decrypt(struct crypto *c, const struct crypto_handle *key, const struct crypto_ask *ask,
                    struct span ciphertext, struct crypto_opened *ret_opened, struct err *err)
{
    assert(key->role == CRYPTO_DECRYPT);
    return key->protocol == PROTOCOL_OPENPGP
               ? pgp_engine_decrypt(c, ask, ciphertext, ret_opened, err)
               : smime_engine_decrypt(c, ask, ciphertext, ret_opened, err);
}

enum crypto_form crypto_pgp_form(struct arena *a, struct span bytes)
{
    if (!pgp_dearmor(a, bytes, &bytes))
        return CRYPTO_FORM_NONE;
    switch (pgp_shape(bytes)) {
    case PGP_SHAPE_ENCRYPTED:
        return CRYPTO_FORM_ENCRYPTED;
    case PGP_SHAPE_SIGNED:
    case PGP_SHAPE_PLAIN:
        return CRYPTO_FORM_SIGNED;
    case PGP_SHAPE_SIGNATURES:
        return CRYPTO_FORM_DETACHED;
    case PGP_SHAPE_BROKEN:
        break;
    }
    return CRYPTO_FORM_NONE;
}

bool crypto_hold(struct crypto *c, struct err *err)
{
    return c->config.open_home == NULL || c->pgp_holder != NULL ||
           pgp_holder_new(c->config.open_home, &c->pgp_holder, err);
}

const char *session_key_hash(struct arena *a, struct span key)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    SHA256(key.at, key.n, digest);
    return text_hex(a, span_of(digest, sizeof(digest)), false);
}

bool crypto_unwrap(struct crypto *c, struct arena *a, enum protocol protocol, struct span wrapped,
                   struct content_key *ret_key, struct err *err)
{
    *ret_key = (struct content_key){.status = UNWRAP_FOREIGN};
    if (wrapped.n > CRYPTO_WRAPPED_MAX) {
        ret_key->status = UNWRAP_REFUSED;
        return true;
    }
    if (protocol == PROTOCOL_OPENPGP && c->config.open_home != NULL)
        return crypto_hold(c, err) && pgp_unwrap(c->pgp_holder, a, wrapped, ret_key, err);
    if (protocol == PROTOCOL_SMIME && c->smime_open != NULL && smime_own_has_key(c->smime_open))
        smime_unwrap(c->smime_open, a, wrapped, ret_key);
    return true;
}

bool crypto_verify(struct crypto *c, enum protocol protocol, const struct crypto_ask *ask,
                   struct span bytes, struct span signature, struct crypto_verified *ret_verified,
                   struct err *err)
{
    assert(protocol != PROTOCOL_NONE);
    return protocol == PROTOCOL_OPENPGP
               ? pgp_engine_verify(c, ask, bytes, signature, ret_verified, err)
               : smime_engine_verify(ask, bytes, signature, ret_verified, err);
}

static bool has_signer(const struct crypto_letter *letter)
{
    return letter->signer != NULL && letter->signer->role == CRYPTO_SIGN &&
           letter->signer->protocol == letter->protocol;
}

bool crypto_seal(struct crypto *c, const struct crypto_letter *letter,
                 struct crypto_sealed *ret_sealed, struct err *err)
{
    assert(letter->protocol != PROTOCOL_NONE);
    assert(letter->signer == NULL || has_signer(letter));
    return letter->protocol == PROTOCOL_OPENPGP ? pgp_engine_seal(c, letter, ret_sealed, err)
                                                : smime_engine_seal(c, letter, ret_sealed, err);
}

bool crypto_inspect(struct crypto *c, struct arena *a, struct span key, instant now,
                    struct crypto_key_facts *ret_facts, struct err *err)
{
    struct span binary;

    if (key.n == 0 || key.n > CRYPTO_KEY_MAX) {
        *ret_facts = (struct crypto_key_facts){.reason = "it is empty, or larger than 1 MiB"};
        return true;
    }
    if (pgp_dearmor(a, key, &binary))
        return pgp_engine_inspect(c, a, binary, now, ret_facts, err);
    if (!smime_engine_inspect(a, key, now, ret_facts))
        *ret_facts =
            (struct crypto_key_facts){.reason = "it is neither an OpenPGP key nor a certificate"};
    return true;
}

bool crypto_export_public(struct crypto *c, enum protocol protocol, struct arena *a,
                          struct span *ret_bytes, struct err *err)
{
    if (protocol == PROTOCOL_OPENPGP && c->pgp_public.n > 0) {
        *ret_bytes = pgp_armor(a, "PGP PUBLIC KEY BLOCK", c->pgp_public);
        return true;
    }
    if (protocol == PROTOCOL_SMIME && c->smime_open != NULL)
        return smime_own_export(c->smime_open, a, ret_bytes, err);
    return err_set(err, ERR_OPERATOR, "the desk has no key for this protocol");
}
