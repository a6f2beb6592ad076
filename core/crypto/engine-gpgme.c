#include "crypto/engine.h"

#include <assert.h>

#include "base/ascii.h"
#include "base/text.h"
#include "crypto/pgp-run.h"
#include "crypto/scratch.h"

bool pgp_engine_start(struct err *err)
{
    gpgme_error_t error;

    if (gpgme_check_version("1.18.0") == NULL)
        return err_set(err, ERR_OPERATOR, "gpgme is older than 1.18");
    error = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP);
    if (error != 0) {
        pgp_err(err, error, "is gnupg installed?");
        err->kind = ERR_OPERATOR;
        return false;
    }
    return true;
}

/* "AES256.CFB" to aes256; the part behind the point tells how it is protected. */
static const char *lower_name(struct arena *a, const char *name)
{
    char *copy = arena_strdup(a, name == NULL ? "unknown" : name);

    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '.') {
            *c = '\0';
            break;
        }
        *c = (char)ascii_lower((unsigned char)*c);
    }
    return copy;
}

/* --- verify -------------------------------------------------------------------------------- */

static enum seal_status status_of(gpgme_signature_t s)
{
    switch (gpgme_err_code(s->status)) {
    case GPG_ERR_NO_ERROR:
        return SEAL_VALID;
    case GPG_ERR_BAD_SIGNATURE:
        return SEAL_INVALID;
    case GPG_ERR_NO_PUBKEY:
        return SEAL_UNKNOWN_KEY;
    case GPG_ERR_KEY_EXPIRED:
    case GPG_ERR_SIG_EXPIRED:
        return SEAL_EXPIRED;
    case GPG_ERR_CERT_REVOKED:
        return SEAL_REVOKED;
    case GPG_ERR_DIGEST_ALGO:
        return SEAL_WEAK;
    default:
        return SEAL_ERROR;
    }
}

static const char *reason_of(struct arena *a, gpgme_signature_t s, enum seal_status status)
{
    char why[160];

    if (status == SEAL_VALID)
        return NULL;
    if (gpgme_err_code(s->status) == GPG_ERR_NO_ERROR)
        return "an algorithm that is forbidden here";
    gpgme_strerror_r(s->status, why, sizeof(why));
    return arena_strdup(a, why);
}

/* Signing keys get the name and size that stand in the key itself; gpgme only knows "RSA". */
static void add_algorithms(struct arena *a, gpgme_signature_t s, const struct pgp_key *key,
                           struct signature_facts *f)
{
    strs_add(a, &f->algorithms,
             key != NULL ? key->algorithm : lower_name(a, gpgme_pubkey_algo_name(s->pubkey_algo)));
    strs_add(a, &f->algorithms, lower_name(a, gpgme_hash_algo_name(s->hash_algo)));
}

static struct signature_facts facts_of(struct arena *a, gpgme_signature_t s,
                                       const struct pgp_keys *keys)
{
    const char *id = s->fpr == NULL ? "" : s->fpr;
    const struct pgp_key *key = pgp_keys_find(keys, id);
    struct signature_facts f = {.status = status_of(s), .time = (instant)s->timestamp};
    size_t n = strlen(id);

    f.key_id = n < 16 ? NULL : arena_strdup(a, id + n - 16);
    f.signer = key == NULL ? f.key_id : key->primary;
    f.approved = key != NULL;
    assert(key == NULL || keys->addresses != NULL);
    if (key != NULL)
        f.addresses = keys->addresses[key->owner];
    add_algorithms(a, s, key, &f);
    f.status = verdict_judge(f.status, &f.algorithms);
    if (f.status == SEAL_ERROR && verdict_forbids(f.algorithms.at[1]))
        f.status = SEAL_WEAK;
    f.reason = reason_of(a, s, f.status);
    return f;
}

static void copy_signatures(struct arena *a, gpgme_ctx_t ctx, const struct pgp_keys *keys,
                            struct crypto_verified *ret)
{
    gpgme_verify_result_t result = gpgme_op_verify_result(ctx);
    gpgme_signature_t s = result == NULL ? NULL : result->signatures;

    ret->signatures = ARENA_ARRAY(a, CRYPTO_SIGNATURES_MAX, struct signature_facts);
    for (; s != NULL && ret->n_signatures < CRYPTO_SIGNATURES_MAX; s = s->next)
        ret->signatures[ret->n_signatures++] = facts_of(a, s, keys);
    /* More than we look at: none of them may count. */
    for (size_t i = 0; s != NULL && i < ret->n_signatures; i++)
        ret->signatures[i].status = SEAL_ERROR;
    if (ret->n_signatures == 0)
        ret->reason = "there is no signature";
}

static struct pgp_keys pgp_keys_of(const struct crypto_ask *ask)
{
    struct pgp_keys keys = {0};

    for (size_t i = 0; i < ask->n_keys; i++)
        (void)!pgp_keys_add(ask->a, &keys, ask->keys[i]);
    return keys;
}

/* A gpg that met its limit on processor time ends without a word; gpgme takes that for success. */
static void check_cut_short(bool detached, const struct pgp_sink *sink, struct crypto_verified *ret)
{
    if (ret->n_signatures > 0 || (!detached && sink->n > 0))
        return;
    ret->content = (struct span){0};
    ret->reason = "it takes too long to read";
    ret->defect = "decompressing-too-long";
}

/* Runs gpg over a shape that was checked before; error says whether its output may be used. */
static bool run_verify(struct crypto *c, const struct crypto_ask *ask, const struct pgp_keys *keys,
                       struct span bytes, struct span signature, struct crypto_verified *ret,
                       struct err *err)
{
    SCOPED(scratch_free) struct scratch *home = NULL;
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    SCOPED(gpgme_data_release) gpgme_data_t first = NULL;
    SCOPED(gpgme_data_release) gpgme_data_t second = NULL;
    const struct limits *limits = limits_or_default(ask->limits);
    struct pgp_sink sink __attribute__((cleanup(pgp_sink_free))) = {.max = limits->decompressed};
    bool detached = signature.n > 0;
    int64_t start = clock_monotonic_ms();
    struct pgp_limit old;
    gpgme_error_t error;

    if (!scratch_new_home(c->config.scratch, ask->a, keys->blocks, keys->n_blocks, ask->now, &home,
                          err) ||
        !pgp_context(scratch_path(home), NULL, &ctx, err) ||
        !pgp_data_in(detached ? signature : bytes, &first, err) ||
        !(detached ? pgp_data_in(bytes, &second, err) : pgp_data_out(&sink, &second, err)))
        return false;
    old = pgp_limit_cpu(pgp_cpu_seconds(bytes.n));
    error = detached ? gpgme_op_verify(ctx, first, second, NULL)
                     : gpgme_op_verify(ctx, first, NULL, second);
    pgp_limit_restore(old);
    if (error != 0 && pgp_is_our_fault(error))
        return pgp_err(err, error, "verify");
    copy_signatures(ask->a, ctx, keys, ret);
    if (!detached && error == 0 && !sink.full)
        ret->content = pgp_sink_take(ask->a, &sink);
    for (size_t i = 0; error != 0 && i < ret->n_signatures; i++)
        if (ret->signatures[i].status == SEAL_VALID)
            ret->signatures[i].status = SEAL_ERROR;
    if (error != 0 && ret->n_signatures == 0)
        ret->reason = "no signature that can be read";
    if (sink.full)
        ret->defect = "decompressed-too-large";
    else if (clock_monotonic_ms() - start > 1000 * (int64_t)pgp_cpu_seconds(bytes.n))
        check_cut_short(detached, &sink, ret);
    return true;
}

static bool no_signature(const char *reason, struct crypto_verified *ret)
{
    *ret = (struct crypto_verified){.reason = reason};
    return true;
}

bool pgp_engine_verify(struct crypto *c, const struct crypto_ask *ask, struct span bytes,
                       struct span signature, struct crypto_verified *ret_verified, struct err *err)
{
    struct pgp_keys keys = pgp_keys_of(ask);
    struct crypto_verified v = {0};
    enum pgp_shape shape;

    if (signature.n > CRYPTO_SIGNATURE_MAX)
        return no_signature("the signature is too large", ret_verified);
    if (signature.n > 0) {
        if (!pgp_dearmor(ask->a, signature, &signature) ||
            pgp_shape(signature) != PGP_SHAPE_SIGNATURES)
            return no_signature("it is no detached signature", ret_verified);
    } else if (!pgp_is_clearsigned(bytes)) {
        if (!pgp_dearmor(ask->a, bytes, &bytes))
            return no_signature("it is no OpenPGP message", ret_verified);
        shape = pgp_shape(bytes);
        if (shape != PGP_SHAPE_SIGNED && shape != PGP_SHAPE_PLAIN)
            return no_signature("it is no signed OpenPGP message", ret_verified);
    }
    pgp_name_forms(ask->a, signature.n > 0 ? signature : bytes, &v.named);
    if (!run_verify(c, ask, &keys, bytes, signature, &v, err))
        return false;
    *ret_verified = v;
    return true;
}

/* --- decrypt ------------------------------------------------------------------------------- */

static const char damaged[] = "it is damaged, or was tampered with";

static bool closed(struct crypto_opened *o, enum seal_status status, const char *reason)
{
    o->status = status;
    o->reason = reason;
    o->released = false;
    o->content = o->inner = (struct span){0};
    return true;
}

/* Ours by the key id, as far as that is known; 0 is anybody's. */
static bool may_be_ours(struct crypto *c, struct arena *a, const struct pgp_packet *p)
{
    static const char anybody[] = "0000000000000000";
    const char *id;

    if (p->tag != PGP_PKESK || p->body.n < 9 || p->body.at[0] != 3)
        return false;
    id = text_hex(a, span_of(p->body.at + 1, 8), true);
    return c->pgp_ours.n == 0 || strcmp(id, anybody) == 0 ||
           pgp_keys_find(&c->pgp_ours, id) != NULL;
}

/* One that opened comes before more than would have been tried: that is named too. */
static void note_more_keys(struct crypto *c, struct arena *a, struct span rest, uint64_t left,
                           struct crypto_opened *o)
{
    struct pgp_packet p;

    while (o->defect == NULL && pgp_next(&rest, &p)) {
        if (may_be_ours(c, a, &p) && left-- == 0)
            o->defect = "too-many-keys";
    }
}

/* First part: the session key, from whoever holds the key that it is wrapped with. */
static bool find_key(struct crypto *c, const struct crypto_ask *ask, struct span binary,
                     struct crypto_opened *o, struct content_key *ret_key, struct err *err)
{
    uint64_t left = limits_or_default(ask->limits)->wrapped_keys;
    struct content_key key = {.status = UNWRAP_FOREIGN};
    struct pgp_packet p;
    bool broken = false;

    while (key.status != UNWRAP_OPENED && o->defect == NULL && pgp_next(&binary, &p)) {
        if (!may_be_ours(c, ask->a, &p))
            continue;
        if (left-- == 0) {
            o->defect = "too-many-keys";
            break;
        }
        if (!c->unwrapper.unwrap(c->unwrapper.held, ask->a, PROTOCOL_OPENPGP, p.whole, &key, err))
            return false;
        broken = broken || key.status == UNWRAP_BROKEN;
        if (key.status == UNWRAP_REFUSED)
            o->defect = "too-many-keys";
    }
    note_more_keys(c, ask->a, binary, left, o);
    *ret_key = key;
    if (key.status == UNWRAP_OPENED)
        return true;
    if (o->defect != NULL)
        return closed(o, SEAL_NO_KEY, "it has more session keys than are tried");
    return broken ? closed(o, SEAL_ERROR, damaged)
                  : closed(o, SEAL_NO_KEY, "it is encrypted to other keys");
}

static void release(struct crypto_opened *o, const struct content_key *key, struct span inner)
{
    o->session_key = key->hash;
    o->inner = inner;
    o->released = true;
}

/* By gpg, for what pgp_content_open has no answer to. No agent is asked. */
static bool unwrap_by_gpg(struct crypto *c, const struct crypto_ask *ask, struct span binary,
                          const struct content_key *key, struct crypto_opened *o, struct err *err)
{
    SCOPED(scratch_free) struct scratch *home = NULL;
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    SCOPED(gpgme_data_release) gpgme_data_t in = NULL;
    SCOPED(gpgme_data_release) gpgme_data_t out = NULL;
    struct pgp_sink sink __attribute__((cleanup(pgp_sink_free))) = {.max = CRYPTO_PLAIN_MAX};
    gpgme_decrypt_result_t result;
    struct pgp_limit old;
    gpgme_error_t error;

    if (!scratch_new_home(c->config.scratch, ask->a, NULL, 0, ask->now, &home, err) ||
        !pgp_context(scratch_path(home), NULL, &ctx, err) || !pgp_data_in(binary, &in, err) ||
        !pgp_data_out(&sink, &out, err))
        return false;
    gpgme_set_ctx_flag(ctx, "override-session-key", span_dup(ask->a, key->key));
    old = pgp_limit_cpu(pgp_cpu_seconds(binary.n));
    error = gpgme_op_decrypt_ext(ctx, GPGME_DECRYPT_UNWRAP, in, out);
    pgp_limit_restore(old);
    if (error != 0 && pgp_is_our_fault(error))
        return pgp_err(err, error, "decrypt");
    result = gpgme_op_decrypt_result(ctx);
    if (result != NULL && result->symkey_algo != NULL && result->symkey_algo[0] != '?')
        strs_add(ask->a, &o->algorithms, lower_name(ask->a, result->symkey_algo));
    if (error != 0 || sink.full || result == NULL)
        return closed(o, SEAL_ERROR,
                      result != NULL && result->unsupported_algorithm != NULL
                          ? "its algorithm is not supported"
                          : damaged);
    release(o, key, pgp_sink_take(ask->a, &sink));
    return true;
}

/* Second part: the encryption goes, what is inside stays packets. */
static bool unwrap(struct crypto *c, const struct crypto_ask *ask, struct span binary,
                   const struct content_key *key, struct crypto_opened *o, struct err *err)
{
    const char *cipher;
    struct span inner;

    if (!pgp_content_open(ask->a, binary, key->key, &inner, &cipher))
        return unwrap_by_gpg(c, ask, binary, key, o, err);
    strs_add(ask->a, &o->algorithms, cipher);
    release(o, key, inner);
    return true;
}

/* Third part: signatures and content of what was inside. */
static bool open_inner(struct crypto *c, const struct crypto_ask *ask, struct crypto_opened *o,
                       struct err *err)
{
    enum pgp_shape shape = pgp_shape(o->inner);
    struct pgp_keys keys = pgp_keys_of(ask);
    struct crypto_verified v = {0};

    if (shape != PGP_SHAPE_SIGNED && shape != PGP_SHAPE_PLAIN)
        return closed(o, SEAL_ERROR, "what was encrypted is no message");
    if (!run_verify(c, ask, &keys, o->inner, (struct span){0}, &v, err))
        return false;
    o->defect = v.defect == NULL ? o->defect : v.defect;
    if (v.content.at == NULL)
        return closed(o, SEAL_ERROR, "what was encrypted can't be read");
    o->content = v.content;
    o->signatures = v.signatures;
    o->n_signatures = v.n_signatures;
    o->status = verdict_judge(SEAL_VALID, &o->algorithms);
    o->reason = o->status == SEAL_VALID ? NULL : "an algorithm that is forbidden here";
    return true;
}

bool pgp_engine_decrypt(struct crypto *c, const struct crypto_ask *ask, struct span ciphertext,
                        struct crypto_opened *ret_opened, struct err *err)
{
    struct crypto_opened o = {.status = SEAL_ERROR};
    struct content_key key;
    struct span binary;

    if (!pgp_dearmor(ask->a, ciphertext, &binary)) {
        *ret_opened = o;
        return closed(ret_opened, SEAL_ERROR, "it is no OpenPGP message");
    }
    o.encrypted = pgp_begins_encrypted(binary);
    o.recipients = pgp_recipients(ask->a, binary);
    pgp_name_forms(ask->a, binary, &o.named);
    if (pgp_shape(binary) != PGP_SHAPE_ENCRYPTED) {
        *ret_opened = o;
        return closed(ret_opened, SEAL_ERROR, "it is not one whole encrypted message");
    }
    if (pgp_is_newer(binary)) {
        *ret_opened = o;
        return closed(ret_opened, SEAL_ERROR, "a newer form of OpenPGP, which is not supported");
    }
    binary = pgp_without_passphrases(ask->a, binary);
    if (!pgp_has_recipient(binary)) {
        *ret_opened = o;
        return closed(ret_opened, SEAL_NO_KEY, "a passphrase opens it");
    }
    if (!find_key(c, ask, binary, &o, &key, err))
        return false;
    if (key.status == UNWRAP_OPENED && !unwrap(c, ask, binary, &key, &o, err))
        return false;
    if (pgp_lacks_mdc(binary) && o.status != SEAL_NO_KEY) {
        strs_add(ask->a, &o.algorithms, "no-mdc");
        closed(&o, SEAL_WEAK, "it has no integrity protection");
    } else if (o.released && !open_inner(c, ask, &o, err)) {
        return false;
    }
    *ret_opened = o;
    return true;
}
