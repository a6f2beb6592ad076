/*
 * What the holder of the keys reads from an opener; the first byte chooses. P: a PKESK packet of as
 * many bytes as the second byte says, then what gpg-agent says to it, which who made the packet
 * chooses too. S: a RecipientInfo in its small CMS message, for the RSA key of the tests.
 */
#include "crypto/pgp-pkesk.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/engine.h"
#include "crypto/pgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

#define DESK EMBARGOD_TEST_SOURCE "/test/keys/desk"

enum { KEY_FILE_MAX = 64 * 1024 };

static struct span read_key(struct arena *a)
{
    char *at = arena_alloc(a, KEY_FILE_MAX);
    FILE *f = fopen(DESK ".asc", "rb");
    size_t n = f == NULL ? 0 : fread(at, 1, KEY_FILE_MAX, f);

    if (f == NULL || n == 0)
        abort();
    fclose(f);
    return span_of(at, n);
}

/* The subkey that decrypts, of the desk of the tests. */
static struct pkesk_key curve_key(struct arena *a)
{
    static const unsigned char fingerprint[20] = {1};
    struct pkesk_key key = {.fingerprint = span_of(fingerprint, sizeof(fingerprint))};
    struct pgp_packet p;
    struct span rest;

    if (!pgp_dearmor(a, read_key(a), &rest))
        abort();
    while (pgp_next(&rest, &p)) {
        if (p.tag == PGP_PUBLIC_SUBKEY)
            key.packet = p.body;
    }
    return key;
}

static void check(const struct content_key *key)
{
    if ((key->status == UNWRAP_OPENED) != (key->hash != NULL) ||
        (key->hash != NULL && (key->key.n == 0 || key->key.n > 128)))
        abort();
}

static void try_pkesk(struct arena *a, struct span input)
{
    static struct arena *keys;
    static struct pkesk_key ours;
    struct content_key key = {.status = UNWRAP_BROKEN};
    struct span wrapped = span_first(span_from(input, 1), input.n == 0 ? 0 : input.at[0]);
    struct span answer = span_from(input, 1 + wrapped.n);
    struct pkesk k;

    if (keys == NULL) {
        keys = arena_new();
        ours = curve_key(keys);
    }
    if (!pkesk_read(wrapped, &k))
        return;
    if (pkesk_expression(a, &k).n == 0)
        abort();
    (void)pkesk_finish(a, &k, &ours, answer, false, &key);
    check(&key);
    key = (struct content_key){.status = UNWRAP_BROKEN};
    (void)pkesk_finish(a, &k, &ours, answer, true, &key);
    check(&key);
}

static void try_recipient(struct arena *a, struct span input)
{
    static struct smime_own *own;
    struct content_key key = {.status = UNWRAP_BROKEN};
    struct err err;

    if (own == NULL && !smime_own_open(DESK ".key", DESK ".pem", &own, &err))
        abort();
    smime_unwrap(own, a, input, &key);
    check(&key);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span input = span_from(span_of(at, n), 1);

    if (n > 0 && at[0] == 'P')
        try_pkesk(a, input);
    if (n > 0 && at[0] == 'S')
        try_recipient(a, input);
    return 0;
}
