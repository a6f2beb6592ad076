/*
 * The wrapped session keys of OpenPGP (RFC 4880 5.1, RFC 6637) without a run of gpg: gpg-agent does
 * the private operation, the rest (RSA's padding, the key derivation and key wrap of ECDH) is done
 * here. It costs a tenth of a gpg that starts, reads its keyring and asks the same agent.
 */
#include "crypto/engine.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/buf.h"
#include "base/text.h"
#include "crypto/pgp-run.h"

enum {
    KEYS_MAX = 1024,   /* decryption keys of one home */
    ANSWER_MAX = 8192, /* bytes of the agent's answer */
    NUMBER_MAX = 2048, /* bytes of one number: RSA of 16384 bits */
    FRAME_MAX = 256,   /* bytes of an unwrapped ECDH session key */
    KEY_ID_BYTES = 8,
    FINGERPRINT_HEX = 40,
    PKESK_VERSION = 3,
    RSA_PADDING_MIN = 8,
};

/* RFC 4880 9.1 */
enum { ALGO_RSA = 1, ALGO_RSA_ENCRYPT = 2, ALGO_ELGAMAL = 16, ALGO_ECDH = 18 };

/* A subkey that decrypts. */
struct own_key {
    const char *grip;        /* gpg-agent's name for it */
    struct span fingerprint; /* 20 bytes */
    struct span packet;      /* body of its public key packet */
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
    key.packet = packet_of(public, s->fpr);
    if (key.packet.n == 0 ||
        !text_from_hex(h->a, span_str(arena_strdup(h->a, s->fpr)), &key.fingerprint))
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
    const char *at = arena_printf(h->a, "%s/S.gpg-agent", h->home);
    gpgme_error_t error = gpgme_new(&h->agent);

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
    gpgme_error_t error = gpgme_op_assuan_transact_ext(h->agent, line, take_answer, x,
                                                       give_ciphertext, x, note_status, x, &answer);

    if (x->data != NULL)
        gpgme_data_release(x->data);
    x->data = NULL;
    if (error != 0)
        return pgp_err(err, error, "gpg-agent");
    if (answer != 0 && pgp_is_our_fault(answer))
        return pgp_err(err, answer, "gpg-agent");
    *ret_answer = answer;
    return true;
}

/* "(5:value<n>:<bytes>)", with or without what may stand behind the bytes. */
static struct span value_in(struct span answer)
{
    static const char head[] = "(5:value";
    uint64_t n = 0;
    size_t digits;

    if (!span_starts(answer, head))
        return (struct span){0};
    answer = span_from(answer, sizeof(head) - 1);
    digits = span_find(answer, ':');
    if (!text_to_u64(span_first(answer, digits), ANSWER_MAX, &n))
        return (struct span){0};
    answer = span_from(answer, digits + 1);
    return n <= answer.n ? span_first(answer, n) : (struct span){0};
}

/* The private operation; an empty value: it can't be done. */
static bool private_operation(struct pgp_holder *h, struct arena *a, const struct own_key *key,
                              struct span ciphertext, struct content_key *ret, struct span *value,
                              bool *ret_unpadded, struct err *err)
{
    struct exchange *x = ARENA_NEW(a, struct exchange); /* wiped with the arena */
    gpgme_error_t answer = 0;

    x->ciphertext = ciphertext;
    if (!ask_agent(h, arena_printf(a, "SETKEY %s", key->grip), x, &answer, err))
        return false;
    if (answer == 0 && !ask_agent(h, "PKDECRYPT", x, &answer, err))
        return false;
    if (gpgme_err_code(answer) != GPG_ERR_NO_SECKEY)
        ret->status = UNWRAP_BROKEN;
    *value = answer == 0 ? value_in(span_of(x->answer, x->n)) : (struct span){0};
    *ret_unpadded = x->unpadded;
    return true;
}

/* --- what a PKESK holds ---------------------------------------------------------------------- */

struct pkesk {
    struct span key_id;
    unsigned algorithm;
    struct span numbers[2]; /* without leading zeros; ECDH: the point, then the wrapped key */
};

static bool take_number(struct span *rest, struct span *ret_number)
{
    size_t n;

    if (rest->n < 2)
        return false;
    n = (((size_t)rest->at[0] << 8 | rest->at[1]) + 7) / 8;
    if (n == 0 || n > NUMBER_MAX || n > rest->n - 2)
        return false;
    *ret_number = span_first(span_from(*rest, 2), n);
    *rest = span_from(*rest, 2 + n);
    return true;
}

static bool take_wrapped(struct span *rest, struct span *ret_wrapped)
{
    if (rest->n < 1 || rest->at[0] > rest->n - 1)
        return false;
    *ret_wrapped = span_first(span_from(*rest, 1), rest->at[0]);
    *rest = span_from(*rest, 1U + rest->at[0]);
    return true;
}

static bool read_pkesk(struct span wrapped, struct pkesk *ret)
{
    struct pgp_packet p;
    struct pkesk k = {0};
    struct span rest;

    if (!pgp_next(&wrapped, &p) || wrapped.n > 0 || p.tag != PGP_PKESK ||
        p.body.n < 2 + KEY_ID_BYTES || p.body.at[0] != PKESK_VERSION)
        return false;
    k.key_id = span_first(span_from(p.body, 1), KEY_ID_BYTES);
    k.algorithm = p.body.at[1 + KEY_ID_BYTES];
    rest = span_from(p.body, 2 + KEY_ID_BYTES);
    if (!take_number(&rest, &k.numbers[0]))
        return false;
    if (k.algorithm == ALGO_ELGAMAL && !take_number(&rest, &k.numbers[1]))
        return false;
    if (k.algorithm == ALGO_ECDH && !take_wrapped(&rest, &k.numbers[1]))
        return false;
    *ret = k;
    return true;
}

/* One number as a canonical S-expression; it must not look negative. */
static void add_number(struct buf *b, const char *name, struct span number)
{
    bool high = number.n > 0 && (number.at[0] & 0x80) != 0;

    buf_printf(b, "(1:%s%zu:", name, number.n + high);
    if (high)
        buf_add_char(b, '\0');
    buf_add_span(b, number);
    buf_add_char(b, ')');
}

static struct span expression_of(struct arena *a, const struct pkesk *k)
{
    struct buf b = buf_new(a, 2 * NUMBER_MAX + 256);

    buf_add_str(&b, "(7:enc-val");
    if (k->algorithm == ALGO_ECDH) {
        buf_add_str(&b, "(4:ecdh");
        add_number(&b, "s", k->numbers[1]);
        add_number(&b, "e", k->numbers[0]);
    } else if (k->algorithm == ALGO_ELGAMAL) {
        buf_add_str(&b, "(3:elg");
        add_number(&b, "a", k->numbers[0]);
        add_number(&b, "b", k->numbers[1]);
    } else {
        buf_add_str(&b, "(3:rsa");
        add_number(&b, "a", k->numbers[0]);
    }
    buf_add_str(&b, "))");
    return buf_span(&b);
}

/* --- from the agent's number to the session key ---------------------------------------------- */

/* Bytes of the key of a cipher (RFC 4880 9.2), 0 for one that gpg has not. */
static size_t cipher_bytes(unsigned cipher)
{
    static const unsigned char bytes[] = {0, 0, 24, 16, 16, 0, 0, 16, 24, 32, 32, 16, 24, 32};

    return cipher < LEN(bytes) ? bytes[cipher] : 0;
}

/* Cipher, key, sum of the key's bytes; behind it, for ECDH only, padding (RFC 6637 8). */
static bool read_frame(struct arena *a, struct span frame, bool padded, struct content_key *ret)
{
    size_t n = frame.n == 0 ? 0 : cipher_bytes(frame.at[0]);
    unsigned sum = 0;

    if (n == 0 || frame.n < n + 3 || (!padded && frame.n != n + 3))
        return false;
    for (size_t i = 1; i <= n; i++)
        sum += frame.at[i];
    if (frame.at[n + 1] != (sum >> 8 & 0xff) || frame.at[n + 2] != (sum & 0xff))
        return false;
    for (size_t i = n + 3; i < frame.n; i++) {
        if (frame.at[i] != frame.n - n - 3)
            return false;
    }
    ret->key = span_str(
        arena_printf(a, "%u:%s", frame.at[0], text_hex(a, span_of(frame.at + 1, n), true)));
    return true;
}

/* RFC 4880 13.1.1; the leading zero of the block is none of the number's bytes. */
static bool read_padded(struct arena *a, struct span value, bool unpadded, struct content_key *ret)
{
    size_t end;

    while (value.n > 0 && value.at[0] == 0)
        value = span_from(value, 1);
    if (unpadded)
        return read_frame(a, value, false, ret);
    if (value.n == 0 || value.at[0] != 2)
        return false;
    value = span_from(value, 1);
    end = span_find(value, 0);
    return end >= RSA_PADDING_MIN && end < value.n &&
           read_frame(a, span_from(value, end + 1), false, ret);
}

/* What the packet of an ECDH key says (RFC 6637 9). */
struct derivation {
    struct span curve; /* its OID, with the length before it */
    struct span kdf;   /* 03 01 hash cipher */
    const EVP_MD *hash;
    const EVP_CIPHER *wrap;
    size_t n; /* bytes of the wrap's key */
};

static bool read_derivation(struct span packet, struct derivation *ret)
{
    struct span rest = span_from(packet, 6);
    struct derivation d = {0};
    struct span point;
    unsigned hash, wrap;

    if (rest.n < 1 || rest.at[0] > rest.n - 1)
        return false;
    d.curve = span_first(rest, 1U + rest.at[0]);
    rest = span_from(rest, d.curve.n);
    if (!take_number(&rest, &point) || rest.n < 4 || rest.at[0] != 3 || rest.at[1] != 1)
        return false;
    d.kdf = span_first(rest, 4);
    hash = rest.at[2];
    wrap = rest.at[3];
    d.hash = hash == 8 ? EVP_sha256() : hash == 9 ? EVP_sha384() : hash == 10 ? EVP_sha512() : NULL;
    d.wrap = wrap == 7   ? EVP_aes_128_wrap()
             : wrap == 8 ? EVP_aes_192_wrap()
             : wrap == 9 ? EVP_aes_256_wrap()
                         : NULL;
    d.n = cipher_bytes(wrap);
    *ret = d;
    return d.hash != NULL && d.wrap != NULL;
}

/* The x of the shared point: 04 x y, or 40 x for curves that have no y, or x alone. */
static struct span shared_x(struct span value)
{
    if (value.n > 1 && value.n % 2 == 1 && value.at[0] == 0x04)
        return span_first(span_from(value, 1), (value.n - 1) / 2);
    return value.n % 2 == 1 && value.at[0] == 0x40 ? span_from(value, 1) : value;
}

/* RFC 6637 7: hash of a counter, the shared x and what names the key. */
static bool derive(const struct derivation *d, struct span x, struct span fingerprint,
                   unsigned char kek[EVP_MAX_MD_SIZE])
{
    static const unsigned char counter[4] = {0, 0, 0, 1};
    static const unsigned char algorithm = ALGO_ECDH;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    unsigned n = 0;
    bool made;

    made = md != NULL && EVP_DigestInit_ex(md, d->hash, NULL) == 1 &&
           EVP_DigestUpdate(md, counter, sizeof(counter)) == 1 &&
           EVP_DigestUpdate(md, x.at, x.n) == 1 &&
           EVP_DigestUpdate(md, d->curve.at, d->curve.n) == 1 &&
           EVP_DigestUpdate(md, &algorithm, 1) == 1 &&
           EVP_DigestUpdate(md, d->kdf.at, d->kdf.n) == 1 &&
           EVP_DigestUpdate(md, "Anonymous Sender    ", 20) == 1 &&
           EVP_DigestUpdate(md, fingerprint.at, fingerprint.n) == 1 &&
           EVP_DigestFinal_ex(md, kek, &n) == 1 && n >= d->n;
    EVP_MD_CTX_free(md);
    return made;
}

static bool unwrap_frame(const EVP_CIPHER *wrap, const unsigned char *kek, struct span wrapped,
                         unsigned char frame[FRAME_MAX], int *ret_n)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool done;

    if (ctx == NULL)
        abort();
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    done = wrapped.n >= 24 && wrapped.n % 8 == 0 && wrapped.n <= FRAME_MAX &&
           EVP_DecryptInit_ex(ctx, wrap, NULL, kek, NULL) == 1 &&
           EVP_DecryptUpdate(ctx, frame, ret_n, wrapped.at, (int)wrapped.n) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return done;
}

static bool read_agreed(struct arena *a, const struct own_key *key, const struct pkesk *k,
                        struct span value, struct content_key *ret)
{
    unsigned char kek[EVP_MAX_MD_SIZE];
    unsigned char frame[FRAME_MAX];
    struct derivation d;
    bool read;
    int n = 0;

    read = read_derivation(key->packet, &d) && derive(&d, shared_x(value), key->fingerprint, kek) &&
           unwrap_frame(d.wrap, kek, k->numbers[1], frame, &n) &&
           read_frame(a, span_of(frame, (size_t)n), true, ret);
    wipe(kek, sizeof(kek));
    wipe(frame, sizeof(frame));
    return read;
}

static bool is_anonymous(const struct pkesk *k)
{
    static const unsigned char anybody[KEY_ID_BYTES] = {0};

    return span_eq(k->key_id, span_of(anybody, sizeof(anybody)));
}

static bool is_for(const struct pkesk *k, const struct own_key *key)
{
    struct span id = span_from(key->fingerprint, key->fingerprint.n - KEY_ID_BYTES);
    bool rsa = k->algorithm == ALGO_RSA || k->algorithm == ALGO_RSA_ENCRYPT;
    bool same = rsa ? key->packet.at[5] == ALGO_RSA || key->packet.at[5] == ALGO_RSA_ENCRYPT
                    : key->packet.at[5] == k->algorithm;

    return same && (span_eq(k->key_id, id) || is_anonymous(k));
}

static const char *hash_of(struct arena *a, struct span key)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    SHA256(key.at, key.n, digest);
    return text_hex(a, span_of(digest, sizeof(digest)), false);
}

/* With one of our keys. */
static bool try_key(struct pgp_holder *h, struct arena *a, const struct own_key *key,
                    const struct pkesk *k, struct content_key *ret, struct err *err)
{
    struct span value = {0};
    bool unpadded = false;
    bool read;

    if (!private_operation(h, a, key, expression_of(a, k), ret, &value, &unpadded, err))
        return false;
    read = value.n > 0 && (k->algorithm == ALGO_ECDH ? read_agreed(a, key, k, value, ret)
                                                     : read_padded(a, value, unpadded, ret));
    if (read) {
        ret->status = UNWRAP_OPENED;
        ret->hash = hash_of(a, ret->key);
    }
    return true;
}

bool pgp_unwrap(struct pgp_holder *h, struct arena *a, struct span wrapped,
                struct content_key *ret_key, struct err *err)
{
    struct content_key key = {.status = UNWRAP_FOREIGN};
    struct pkesk k;

    if (!read_pkesk(wrapped, &k)) {
        *ret_key = (struct content_key){.status = UNWRAP_BROKEN};
        return true;
    }
    for (size_t i = 0; i < h->n && key.status != UNWRAP_OPENED; i++) {
        if (is_for(&k, &h->at[i]) && !try_key(h, a, &h->at[i], &k, &key, err))
            return false;
    }
    if (key.status == UNWRAP_BROKEN && is_anonymous(&k))
        key.status = UNWRAP_FOREIGN; /* whoever it is for: not us */
    *ret_key = key;
    return true;
}
