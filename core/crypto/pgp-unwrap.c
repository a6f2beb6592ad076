/*
 * The wrapped session keys of OpenPGP (RFC 4880 5.1, RFC 6637) without a run of gpg: gpg-agent does
 * the private operation, pgp-pkesk.h the rest. It costs a tenth of a gpg that starts, reads its
 * keyring and asks the same agent.
 */
#include "crypto/engine.h"

#include "base/text.h"
#include "crypto/pgp-pkesk.h"
#include "crypto/pgp-run.h"

enum {
    KEYS_MAX = 1024,   /* decryption keys of one home */
    ANSWER_MAX = 8192, /* bytes of the agent's answer */
    FINGERPRINT_HEX = 40,
};

/* A subkey that decrypts. */
struct own_key {
    const char *grip; /* gpg-agent's name for it */
    struct pkesk_key public;
};

struct pgp_holder {
    struct arena *a; /* holds this too */
    const char *home;
    gpgme_ctx_t agent; /* a connection that stays */
    struct own_key *at;
    size_t n;
    size_t room;
};

/* --- the keys of a home ---------------------------------------------------------------------- */

void pgp_holder_free(struct pgp_holder *h)
{
    if (h == NULL)
        return;
    gpgme_release(h->agent);
    arena_free(h->a);
}
SCOPED_DEFINE(struct pgp_holder *, pgp_holder_free)

/* The public key packet of a fingerprint: its derivation parameters are told nowhere else. */
static struct span packet_of(struct span public, const char *fingerprint)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct pgp_packet p;

    while (pgp_next(&public, &p)) {
        if ((p.tag == PGP_PUBLIC_KEY || p.tag == PGP_PUBLIC_SUBKEY) &&
            pgp_is_key(a, p.body, fingerprint))
            return p.body;
    }
    return (struct span){0};
}

static void add_subkey(struct pgp_holder *h, struct span public, gpgme_subkey_t s)
{
    struct own_key key = {.grip = arena_strdup(h->a, s->keygrip)};

    if (!s->secret || !s->can_encrypt || key.grip == NULL || s->fpr == NULL || h->n >= KEYS_MAX ||
        strlen(s->fpr) != FINGERPRINT_HEX)
        return;
    key.public.packet = packet_of(public, s->fpr);
    if (key.public.packet.n == 0 ||
        !text_from_hex(h->a, span_str(arena_strdup(h->a, s->fpr)), &key.public.fingerprint))
        return;
    ARENA_GROW(h->a, h->at, h->n, h->room);
    h->at[h->n++] = key;
}

static bool list_keys(struct pgp_holder *h, struct err *err)
{
    SCOPED(gpgme_release) gpgme_ctx_t ctx = NULL;
    struct span public;
    gpgme_error_t error;

    if (!crypto_home_keys(h->home, h->a, &public, err) || !pgp_context(h->home, NULL, &ctx, err))
        return false;
    gpgme_set_keylist_mode(ctx, GPGME_KEYLIST_MODE_LOCAL | GPGME_KEYLIST_MODE_WITH_KEYGRIP);
    error = gpgme_op_keylist_start(ctx, NULL, 1);
    while (error == 0) {
        gpgme_key_t key = NULL;

        error = gpgme_op_keylist_next(ctx, &key);
        for (gpgme_subkey_t s = error == 0 ? key->subkeys : NULL; s != NULL; s = s->next)
            add_subkey(h, public, s);
        gpgme_key_unref(key);
    }
    return gpgme_err_code(error) == GPG_ERR_EOF || pgp_err(err, error, "list secret keys");
}

static bool open_agent(struct pgp_holder *h, struct err *err)
{
    const char *at = NULL;
    gpgme_error_t error;

    if (!pgp_agent_socket(h->a, h->home, &at, err))
        return false;
    error = gpgme_new(&h->agent);

    if (error == 0)
        error = gpgme_set_protocol(h->agent, GPGME_PROTOCOL_ASSUAN);
    if (error == 0)
        error = gpgme_ctx_set_engine_info(h->agent, GPGME_PROTOCOL_ASSUAN, at, NULL);
    return error == 0 || pgp_err(err, error, "gpg-agent");
}

bool pgp_holder_new(const char *home, struct pgp_holder **ret_holder, struct err *err)
{
    struct arena *a = arena_new();
    SCOPED(pgp_holder_free) struct pgp_holder *h = ARENA_NEW(a, struct pgp_holder);

    h->a = a;
    h->home = arena_strdup(a, home);
    if (!crypto_start_agent(home, err) || !list_keys(h, err) || !open_agent(h, err))
        return false;
    *ret_holder = TAKE(h);
    return true;
}

/* --- the agent ------------------------------------------------------------------------------- */

/* One PKDECRYPT: what it asks for, what it says. */
struct exchange {
    struct span ciphertext; /* canonical S-expression */
    gpgme_data_t data;
    unsigned char answer[ANSWER_MAX];
    size_t n;
    bool unpadded; /* a card took RSA's padding off */
};

static gpgme_error_t take_answer(void *held, const void *bytes, size_t n)
{
    struct exchange *x = held;

    if (n > sizeof(x->answer) - x->n)
        return gpgme_error(GPG_ERR_TOO_LARGE);
    memcpy(x->answer + x->n, bytes, n);
    x->n += n;
    return 0;
}

static gpgme_error_t give_ciphertext(void *held, const char *name, const char *args,
                                     gpgme_data_t *ret_data)
{
    struct exchange *x = held;

    (void)args;
    if (name == NULL) { /* it is done with what it got */
        gpgme_data_release(x->data);
        x->data = NULL;
        return 0;
    }
    if (strcmp(name, "CIPHERTEXT") != 0)
        return gpgme_error(GPG_ERR_ASS_UNKNOWN_INQUIRE);
    *ret_data = NULL;
    if (x->data == NULL &&
        gpgme_data_new_from_mem(&x->data, (const char *)x->ciphertext.at, x->ciphertext.n, 0) != 0)
        return gpgme_error(GPG_ERR_ENOMEM);
    *ret_data = x->data;
    return 0;
}

static gpgme_error_t note_status(void *held, const char *status, const char *args)
{
    struct exchange *x = held;

    x->unpadded = x->unpadded || (strcmp(status, "PADDING") == 0 && strcmp(args, "0") == 0);
    return 0;
}

/* False: the agent is out of reach. *ret_answer: what it thinks of the question. */
static bool ask_agent(struct pgp_holder *h, const char *line, struct exchange *x,
                      gpgme_error_t *ret_answer, struct err *err)
{
    gpgme_error_t answer = 0;
    gpgme_error_t error;

    if (h->agent == NULL && !open_agent(h, err))
        return false;
    error = gpgme_op_assuan_transact_ext(h->agent, line, take_answer, x, give_ciphertext, x,
                                         note_status, x, &answer);

    if (x->data != NULL)
        gpgme_data_release(x->data);
    x->data = NULL;
    if (error != 0) {
        /* The connection is lost; another one may reach the next agent. */
        gpgme_release(h->agent);
        h->agent = NULL;
        return pgp_err(err, error, "gpg-agent");
    }
    if (answer != 0 && pgp_is_our_fault(answer))
        return pgp_err(err, answer, "gpg-agent");
    *ret_answer = answer;
    return true;
}

/* --- unwrapping ------------------------------------------------------------------------------ */

static bool is_for(const struct pkesk *k, const struct own_key *key)
{
    struct span id =
        span_from(key->public.fingerprint, key->public.fingerprint.n - PKESK_KEY_ID_BYTES);
    bool rsa = k->algorithm == PKESK_RSA || k->algorithm == PKESK_RSA_ENCRYPT;
    bool same =
        rsa ? key->public.packet.at[5] == PKESK_RSA || key->public.packet.at[5] == PKESK_RSA_ENCRYPT
            : key->public.packet.at[5] == k->algorithm;

    return same && (span_eq(k->key_id, id) || pkesk_is_anonymous(k));
}

/* With one of our keys. */
static bool try_key(struct pgp_holder *h, struct arena *a, const struct own_key *key,
                    const struct pkesk *k, struct content_key *ret, struct err *err)
{
    struct exchange *x = ARENA_NEW(a, struct exchange); /* wiped with the arena */
    gpgme_error_t answer = 0;

    if (!pkesk_fits(k, &key->public)) {
        ret->status = UNWRAP_BROKEN;
        return true;
    }
    x->ciphertext = pkesk_expression(a, k);
    if (!ask_agent(h, arena_printf(a, "SETKEY %s", key->grip), x, &answer, err))
        return false;
    if (answer == 0 && !ask_agent(h, "PKDECRYPT", x, &answer, err))
        return false;
    if (gpgme_err_code(answer) != GPG_ERR_NO_SECKEY)
        ret->status = UNWRAP_BROKEN;
    if (answer == 0)
        (void)pkesk_finish(a, k, &key->public, span_of(x->answer, x->n), x->unpadded, ret);
    return true;
}

bool pgp_unwrap(struct pgp_holder *h, struct arena *a, struct span wrapped,
                struct content_key *ret_key, struct err *err)
{
    struct content_key key = {.status = UNWRAP_FOREIGN};
    struct pkesk k;

    if (!pkesk_read(wrapped, &k)) {
        *ret_key = (struct content_key){.status = UNWRAP_BROKEN};
        return true;
    }
    for (size_t i = 0; i < h->n && key.status != UNWRAP_OPENED; i++) {
        if (is_for(&k, &h->at[i]) && !try_key(h, a, &h->at[i], &k, &key, err))
            return false;
    }
    if (key.status == UNWRAP_BROKEN && pkesk_is_anonymous(&k))
        key.status = UNWRAP_FOREIGN; /* whoever it is for: not us */
    *ret_key = key;
    return true;
}
