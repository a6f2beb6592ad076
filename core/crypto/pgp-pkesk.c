#include "crypto/pgp-pkesk.h"

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/text.h"
#include "crypto/engine.h"
#include "crypto/pgp.h"

enum {
    NUMBER_MAX = 2048, /* bytes of one number: RSA of 16384 bits */
    VALUE_MAX = 8192,  /* bytes of the agent's number */
    FRAME_MAX = 256,   /* bytes of an unwrapped ECDH session key */
    PKESK_VERSION = 3,
    RSA_PADDING_MIN = 8,
    PUBLIC_HEAD = 6, /* bytes of a public key packet before its numbers: version, time, algorithm */
};

/* --- what a PKESK holds ---------------------------------------------------------------------- */

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

bool pkesk_read(struct span wrapped, struct pkesk *ret)
{
    struct pgp_packet p;
    struct pkesk k = {0};
    struct span rest;

    if (!pgp_next(&wrapped, &p) || wrapped.n > 0 || p.tag != PGP_PKESK ||
        p.body.n < 2 + PKESK_KEY_ID_BYTES || p.body.at[0] != PKESK_VERSION)
        return false;
    k.key_id = span_first(span_from(p.body, 1), PKESK_KEY_ID_BYTES);
    k.algorithm = p.body.at[1 + PKESK_KEY_ID_BYTES];
    rest = span_from(p.body, 2 + PKESK_KEY_ID_BYTES);
    if (!take_number(&rest, &k.numbers[0]))
        return false;
    if (k.algorithm == PKESK_ELGAMAL && !take_number(&rest, &k.numbers[1]))
        return false;
    if (k.algorithm == PKESK_ECDH && !take_wrapped(&rest, &k.numbers[1]))
        return false;
    *ret = k;
    return true;
}

/* The first number of a public key packet: modulus, prime or point (RFC 4880 5.5.2, RFC 6637 9). */
static bool key_number(const struct pkesk_key *key, struct span *ret_number)
{
    struct span rest = span_from(key->packet, PUBLIC_HEAD);
    struct span curve;

    if (key->packet.n <= PUBLIC_HEAD ||
        (key->packet.at[PUBLIC_HEAD - 1] == PKESK_ECDH && !take_wrapped(&rest, &curve)))
        return false;
    return take_number(&rest, ret_number);
}

bool pkesk_fits(const struct pkesk *k, const struct pkesk_key *key)
{
    struct span own;

    if (!key_number(key, &own))
        return false;
    if (k->algorithm == PKESK_ECDH)
        return k->numbers[0].n == own.n && k->numbers[0].at[0] == own.at[0] && k->numbers[1].n > 0;
    return k->numbers[0].n <= own.n && k->numbers[1].n <= own.n;
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

struct span pkesk_expression(struct arena *a, const struct pkesk *k)
{
    struct buf b = buf_new(a, 2 * NUMBER_MAX + 256);

    buf_add_str(&b, "(7:enc-val");
    if (k->algorithm == PKESK_ECDH) {
        buf_add_str(&b, "(4:ecdh");
        add_number(&b, "s", k->numbers[1]);
        add_number(&b, "e", k->numbers[0]);
    } else if (k->algorithm == PKESK_ELGAMAL) {
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

bool pkesk_is_anonymous(const struct pkesk *k)
{
    static const unsigned char anybody[PKESK_KEY_ID_BYTES] = {0};

    return span_eq(k->key_id, span_of(anybody, sizeof(anybody)));
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
    static const unsigned char algorithm = PKESK_ECDH;
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

static bool read_agreed(struct arena *a, const struct pkesk_key *key, const struct pkesk *k,
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
    if (!text_to_u64(span_first(answer, digits), VALUE_MAX, &n))
        return (struct span){0};
    answer = span_from(answer, digits + 1);
    return n <= answer.n ? span_first(answer, n) : (struct span){0};
}

bool pkesk_finish(struct arena *a, const struct pkesk *k, const struct pkesk_key *key,
                  struct span answer, bool unpadded, struct content_key *ret_key)
{
    struct span value = value_in(answer);
    bool read =
        value.n > 0 && (k->algorithm == PKESK_ECDH ? read_agreed(a, key, k, value, ret_key)
                                                   : read_padded(a, value, unpadded, ret_key));

    if (read) {
        ret_key->status = UNWRAP_OPENED;
        ret_key->hash = session_key_hash(a, ret_key->key);
    }
    return read;
}
