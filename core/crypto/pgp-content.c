/*
 * The encrypted packet of OpenPGP with its integrity protection (RFC 4880 5.13) under a known
 * session key, without a run of gpg. AES only; all else is gpg's.
 */
#include "crypto/pgp-run.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/buf.h"
#include "base/text.h"
#include "crypto/pgp.h"

enum {
    SEIPD_VERSION = 1,
    BLOCK = 16,
    PREFIX = BLOCK + 2,             /* random bytes, the last two of them twice */
    MDC = 2 + SHA_DIGEST_LENGTH,    /* a packet of its own: its header, the digest */
    PIECE_MAX = 1024 * 1024 * 1024, /* bytes of one piece; more than any mail */
};

/* RFC 4880 9.2 */
static const EVP_CIPHER *cipher_of(struct span number, const char **ret_name)
{
    static const struct {
        const char *number;
        const char *name;
        const EVP_CIPHER *(*cipher)(void);
    } ciphers[] = {
        {"7", "aes128", EVP_aes_128_cfb128},
        {"8", "aes192", EVP_aes_192_cfb128},
        {"9", "aes256", EVP_aes_256_cfb128},
    };

    for (size_t i = 0; i < LEN(ciphers); i++) {
        if (span_eq_str(number, ciphers[i].number)) {
            *ret_name = ciphers[i].name;
            return ciphers[i].cipher();
        }
    }
    return NULL;
}

/* One piece of a body: its length's own length and its length; *ret_last if none follows. */
static bool piece_length(struct span at, size_t *ret_head, size_t *ret_n, bool *ret_last)
{
    unsigned first = at.n == 0 ? 0 : at.at[0];

    *ret_last = first < 224 || first == 255;
    *ret_head = first < 192 || !*ret_last ? 1 : first < 224 ? 2 : 5;
    if (at.n < *ret_head)
        return false;
    if (!*ret_last)
        *ret_n = (size_t)1 << (first & 31);
    else if (first < 192)
        *ret_n = first;
    else if (first < 224)
        *ret_n = ((size_t)(first - 192) << 8) + at.at[1] + 192;
    else
        *ret_n = (size_t)at.at[1] << 24 | (size_t)at.at[2] << 16 | (size_t)at.at[3] << 8 | at.at[4];
    return *ret_n <= PIECE_MAX && *ret_n <= at.n - *ret_head;
}

/* The body of a packet in the new format (the old one has no such tags), its pieces joined (RFC
 * 4880 4.2.2.4). */
static bool join_body(struct arena *a, struct span whole, struct span *ret_body)
{
    struct buf body = buf_new(a, whole.n);
    bool last = false;

    for (whole = span_from(whole, 1); !last;) {
        size_t head;
        size_t n;

        if (!piece_length(whole, &head, &n, &last))
            return false;
        buf_add_span(&body, span_first(span_from(whole, head), n));
        whole = span_from(whole, head + n);
    }
    *ret_body = buf_span(&body);
    return whole.n == 0;
}

/* The body of the one packet behind the session keys. */
static bool find_body(struct arena *a, struct span binary, struct span *ret_body)
{
    struct pgp_packet p;

    while (pgp_next(&binary, &p)) {
        if (p.tag == PGP_PKESK)
            continue;
        return p.tag == PGP_ENCRYPTED_MDC && binary.n == 0 && join_body(a, p.whole, ret_body);
    }
    return false;
}

static bool decrypt_cfb(const EVP_CIPHER *cipher, const unsigned char *key, struct span in,
                        unsigned char *out)
{
    static const unsigned char zero[BLOCK];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    bool good = ctx != NULL && in.n <= INT32_MAX &&
                EVP_DecryptInit_ex(ctx, cipher, NULL, key, zero) == 1 &&
                EVP_DecryptUpdate(ctx, out, &n, in.at, (int)in.n) == 1 && (size_t)n == in.n;

    EVP_CIPHER_CTX_free(ctx);
    return good;
}

/* The digest covers all before it, its own packet's header too. */
static bool is_sound(const unsigned char *plain, size_t n)
{
    unsigned char digest[SHA_DIGEST_LENGTH];
    size_t covered = n - SHA_DIGEST_LENGTH;

    SHA1(plain, covered, digest);
    return plain[covered - 2] == 0xd3 && plain[covered - 1] == SHA_DIGEST_LENGTH &&
           CRYPTO_memcmp(digest, plain + covered, sizeof(digest)) == 0;
}

bool pgp_content_open(struct arena *a, struct span binary, struct span session_key,
                      struct span *ret_inner, const char **ret_cipher)
{
    size_t colon = span_find(session_key, ':');
    const EVP_CIPHER *cipher = cipher_of(span_first(session_key, colon), ret_cipher);
    struct span body;
    struct span key;
    unsigned char *plain;

    if (cipher == NULL || !text_from_hex(a, span_from(session_key, colon + 1), &key) ||
        key.n != (size_t)EVP_CIPHER_get_key_length(cipher) || !find_body(a, binary, &body) ||
        body.n < 1 + PREFIX + MDC || body.at[0] != SEIPD_VERSION)
        return false;
    body = span_from(body, 1);
    plain = arena_alloc(a, body.n + 1);
    if (!decrypt_cfb(cipher, key.at, body, plain) || !is_sound(plain, body.n)) {
        wipe(plain, body.n);
        return false;
    }
    *ret_inner = span_of(plain + PREFIX, body.n - PREFIX - MDC);
    return true;
}
