#include "crypto/engine.h"

#include <sys/stat.h>

#include "crypto/pgp-run.h"
#include "crypto/scratch.h"

enum { CLOCK_SLACK = 2 }; /* seconds that gpg's own clock may differ from ours unnoticed */

/* gpg with our clock, where that is not the machine's (a sandbox, a test): a script in front of it,
 * since a home shared by several processes can't carry the time in its gpg.conf. */
static bool clock_wrapper(struct scratch *work, struct arena *a, instant now,
                          const char **ret_wrapper, struct err *err)
{
    instant machine = clock_now() - clock_offset();
    const char *gpg = gpgme_get_dirinfo("gpg-name");
    const char *script;

    *ret_wrapper = NULL;
    if (now - machine <= CLOCK_SLACK && machine - now <= CLOCK_SLACK)
        return true;
    script = arena_printf(a, "#!/bin/sh\nexec '%s' --faked-system-time '%lld!' \"$@\"\n",
                          gpg == NULL ? "gpg" : gpg, (long long)now);
    if (!scratch_write(work, a, "gpg", span_str(script), ret_wrapper, err))
        return false;
    return chmod(*ret_wrapper, 0700) == 0 ||
           err_set(err, ERR_RETRY, "%.200s can't be made executable", *ret_wrapper);
}

struct seal_run {
    gpgme_ctx_t ctx;
    gpgme_data_t in;
    gpgme_data_t out;
    struct pgp_sink sink;
};

static void seal_run_end(struct seal_run *run)
{
    gpgme_release(run->ctx);
    gpgme_data_release(run->in);
    gpgme_data_release(run->out);
    pgp_sink_free(&run->sink);
}

static bool seal_run_start(struct crypto *c, const struct crypto_letter *l, struct scratch *work,
                           struct seal_run *run, struct err *err)
{
    const char *home = c->config.seal_home != NULL ? c->config.seal_home : scratch_path(work);
    const char *wrapper;

    *run = (struct seal_run){.sink.max = CRYPTO_PLAIN_MAX};
    if (!clock_wrapper(work, l->a, l->now, &wrapper, err) ||
        !pgp_context(home, wrapper, &run->ctx, err) || !pgp_data_in(l->plaintext, &run->in, err) ||
        !pgp_data_out(&run->sink, &run->out, err))
        return false;
    gpgme_set_armor(run->ctx, 1);
    return true;
}

static bool refuse(const char *reason, struct crypto_sealed *ret_sealed)
{
    *ret_sealed = (struct crypto_sealed){.reason = reason};
    return true;
}

/* gpg said no: either the key is to blame, and a look at it says why, or we are. */
static bool explain(struct crypto *c, const struct crypto_letter *l, struct span key,
                    gpgme_error_t error, struct crypto_sealed *ret_sealed, struct err *err)
{
    struct crypto_key_facts facts = {0};

    if (pgp_is_our_fault(error))
        return pgp_err(err, error, "seal");
    if (!pgp_engine_inspect(c, l->a, key, l->now, &facts, err))
        return false;
    return facts.usable ? pgp_err(err, error, "seal") : refuse(facts.reason, ret_sealed);
}

/* The key goes by file: what is encrypted to is these bytes, whatever any keyring holds. No signer
 * is named: the seal home holds one key, its default-key. */
static gpgme_error_t run_seal(struct seal_run *run, struct arena *a, const char *key_file,
                              bool sign)
{
    const char *who = arena_printf(a, "--file\n%s\n", key_file);
    gpgme_encrypt_flags_t flags =
        GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO | GPGME_ENCRYPT_NO_COMPRESS;

    return sign ? gpgme_op_encrypt_sign_ext(run->ctx, NULL, who, flags, run->in, run->out)
                : gpgme_op_encrypt_ext(run->ctx, NULL, who, flags, run->in, run->out);
}

bool pgp_engine_seal(struct crypto *c, const struct crypto_letter *letter,
                     struct crypto_sealed *ret_sealed, struct err *err)
{
    SCOPED(scratch_free) struct scratch *work = NULL;
    struct seal_run run __attribute__((cleanup(seal_run_end))) = {0};
    struct pgp_keys keys = {0};
    const char *key_file;
    gpgme_error_t error;

    if (letter->recipient.n > CRYPTO_KEY_MAX ||
        !pgp_keys_add(letter->a, &keys, letter->recipient) || keys.n_blocks != 1 || keys.secret)
        return refuse("it is not one public OpenPGP key", ret_sealed);
    if (!scratch_new(c->config.scratch, &work, err) ||
        !scratch_write(work, letter->a, "to", keys.blocks[0], &key_file, err) ||
        !seal_run_start(c, letter, work, &run, err))
        return false;
    error = run_seal(&run, letter->a, key_file, letter->signer != NULL);
    if (error != 0)
        return explain(c, letter, keys.blocks[0], error, ret_sealed, err);
    if (letter->signer != NULL && gpgme_op_sign_result(run.ctx)->signatures == NULL)
        return err_set(err, ERR_RETRY, "seal: gpg did not sign");
    *ret_sealed =
        (struct crypto_sealed){.sealed = true, .bytes = pgp_sink_take(letter->a, &run.sink)};
    return true;
}

/* --- inspect ------------------------------------------------------------------------------- */

/* The encryption subkey that gpg would take, or the last one that was meant for it. */
static gpgme_subkey_t encryption_subkey(gpgme_key_t key, bool *ret_good)
{
    gpgme_subkey_t best = NULL;

    *ret_good = false;
    for (gpgme_subkey_t s = key->subkeys; s != NULL; s = s->next) {
        bool good = !s->revoked && !s->expired && !s->disabled && !s->invalid;

        if (!s->can_encrypt)
            continue;
        if (best == NULL || good || !*ret_good)
            best = s;
        *ret_good = *ret_good || good;
    }
    return best;
}

static const char *unusable_because(gpgme_key_t key, gpgme_subkey_t sub, bool good)
{
    char *size = sub == NULL ? NULL : gpgme_pubkey_algo_string(sub);
    bool weak = size != NULL && verdict_forbids(size);

    gpgme_free(size);
    if (key->revoked)
        return "the key was revoked";
    if (key->expired)
        return "the key has expired";
    if (key->invalid || key->uids == NULL)
        return "the key has no valid self-signature";
    if (key->disabled)
        return "the key is disabled";
    if (sub == NULL)
        return "the key has no encryption subkey";
    if (!good && sub->revoked)
        return "the encryption subkey was revoked";
    if (!good && sub->expired)
        return "the encryption subkey has expired";
    if (!good)
        return "the encryption subkey can't be used";
    return weak ? "the encryption subkey is too short" : NULL;
}

static instant earlier(long x, long y)
{
    if (x <= 0 || y <= 0)
        return x > y ? x : y;
    return x < y ? x : y;
}

static void copy_facts(struct arena *a, gpgme_key_t key, struct crypto_key_facts *f)
{
    bool good;
    gpgme_subkey_t sub = encryption_subkey(key, &good);
    gpgme_subkey_t primary = key->subkeys;

    for (gpgme_subkey_t s = primary; s != NULL; s = s->next)
        if (s->keyid != NULL)
            strs_add(a, &f->key_ids, arena_strdup(a, s->keyid));
    f->created = primary == NULL ? 0 : (instant)primary->timestamp;
    f->expires = primary == NULL ? 0 : earlier(primary->expires, sub == NULL ? 0 : sub->expires);
    f->reason = unusable_because(key, sub, good);
    f->usable = f->reason == NULL;
    f->can_encrypt = sub != NULL;
    f->can_sign = key->can_sign != 0;
}

bool pgp_engine_inspect(struct crypto *c, struct arena *a, struct span binary, instant now,
                        struct crypto_key_facts *ret_facts, struct err *err)
{
    SCOPED(scratch_free) struct scratch *home = NULL;
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    SCOPED(gpgme_key_unref) gpgme_key_t key = NULL;
    struct crypto_key_facts f = {.protocol = PROTOCOL_OPENPGP};
    struct pgp_keys keys = {0};
    gpgme_error_t error;

    if (!pgp_keys_add(a, &keys, binary) || keys.n_blocks != 1 || keys.secret) {
        *ret_facts = (struct crypto_key_facts){.reason = "it is not one public OpenPGP key"};
        return true;
    }
    f.fingerprint = keys.at[0].fingerprint;
    f.algorithm = keys.at[0].algorithm;
    f.user_ids = keys.user_ids[0];
    f.addresses = keys.addresses[0];
    f.bytes = keys.blocks[0];
    if (!scratch_new_home(c->config.scratch, a, keys.blocks, 1, now, &home, err) ||
        !pgp_context(scratch_path(home), NULL, &ctx, err))
        return false;
    error = gpgme_get_key(ctx, f.fingerprint, &key, 0);
    if (error != 0 && pgp_is_our_fault(error))
        return pgp_err(err, error, "look at a key");
    if (error != 0)
        f.reason = "gpg can't read the key";
    else
        copy_facts(a, key, &f);
    *ret_facts = f;
    return true;
}
