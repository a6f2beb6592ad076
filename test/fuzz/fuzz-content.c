/* The desk's own eyes for OpenPGP's packets: messages, their recipients, keys, and an encrypted
 * packet under a session key. */
#include "crypto/pgp.h"

#include <stdlib.h>

#include "crypto/pgp-run.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static const char session_key[] =
    "9:2FCF39205849C8440638654E6F29DF982656BA5F998844AF0BE6C4AB7D0B1890";

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Packets follow each other without a gap. */
static void try_packets(struct span bytes)
{
    struct pgp_packet p;
    struct span rest = bytes;

    while (pgp_next(&rest, &p)) {
        must(p.whole.at + p.whole.n == rest.at || rest.n == 0);
        must(p.body.n <= p.whole.n && p.whole.n > 0);
    }
}

static void try_message(struct arena *a, struct span binary)
{
    struct strs names = {.n = 0};
    struct span inner;
    const char *cipher;

    (void)pgp_shape(binary);
    (void)pgp_lacks_mdc(binary);
    (void)pgp_is_newer(binary);
    (void)pgp_recipients(a, binary);
    pgp_name_forms(a, binary, &names);
    must(pgp_without_passphrases(a, binary).n <= binary.n);
    if (pgp_content_open(a, binary, span_str(session_key), &inner, &cipher))
        must(inner.n < binary.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span input = span_of(at, n);
    struct span binary;
    struct pgp_keys keys = {.n = 0};

    (void)pgp_is_clearsigned(input);
    if (pgp_keys_add(a, &keys, input)) {
        for (size_t i = 0; i < keys.n; i++)
            must(keys.at[i].owner < keys.n_blocks && strlen(keys.at[i].fingerprint) == 40);
    }
    if (pgp_dearmor(a, input, &binary)) {
        try_packets(binary);
        try_message(a, binary);
    }
    return 0;
}
