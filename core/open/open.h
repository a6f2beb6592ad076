/*
 * open.h - one hostile mail, through all its layers, to the message model.
 *
 * Promises: what can't be parsed, decrypted or verified is a defect or a seal's status, never an
 * error; an error means that we could not do our work (no agent, no scratch). Plaintext is used
 * only where the whole layer was opened without a fault. Everything in the result is a claim:
 * signatures are verified again (worker-verify) before anything acts. Every limit has a name; past
 * it, bytes stay together as one leaf. Does not: know contacts, cases, or who may do what.
 */
#ifndef OPEN_OPEN_H
#define OPEN_OPEN_H

#include "crypto/crypto.h"
#include "model/limits.h"

enum {
    OPEN_ENTITIES_DEPTH_MAX = 16, /* layers and attached mails within each other */
    OPEN_SEALS_MAX = 32,          /* layers that are tried in all: each may start a program */
    OPEN_VARIANTS_MAX = 4,        /* broken signatures that are tried over other texts */
    OPEN_KEYS_MAX = 20,           /* offered keys that are looked at */
    OPEN_WORDS_MAX = 512 * 1024,  /* bytes of types, charsets and file names; more: names-cut */
    OPEN_TEXT_BYTES_MAX = 4 * 1024 * 1024, /* of a part that are converted to text */
    OPEN_TEXT_MAX = 1024 * 1024,           /* bytes of text, as JSON writes them; more: text-cut */
};

struct open_request {
    struct span mail; /* as received */
    instant now;
    const struct span *keys; /* approved keys and certificates, both protocols */
    size_t n_keys;
    const struct span *cas;
    size_t n_cas;
    uint32_t own_hops;           /* Received lines of our own MTAs in this mail */
    bool hops_trusted;           /* an Authentication-Results among them may be believed */
    const char *authserv_id;     /* NULL: none is */
    const struct limits *limits; /* NULL: the default ones */
    bool look_into_files;        /* attached ones, in a process of its own */
};

/*
 * ret_opened: the opened bytes that the model's extents point into (exact signed bytes and
 * signatures, decoded contents of leaves, offered keys). Both live in a.
 */
MUST_USE bool open_message(struct arena *a, struct crypto *crypto,
                           const struct open_request *request, struct message *ret_message,
                           struct span *ret_opened, struct err *err);

/* Opens a small sample of ours, so that the libraries below are set up before the first mail (in a
 * parent that forks for each one). */
MUST_USE bool open_warm_up(struct crypto *crypto, struct err *err);

/*
 * The dmarc result ("pass", "fail", ...) of the one Authentication-Results (RFC 8601) with this
 * authserv-id above the own_hops-th Received; with own_hops 0 of the whole header, which only the
 * caller may ask for. NULL: none, or several that speak of it.
 */
const char *open_dmarc(struct arena *a, struct span header, const char *authserv_id,
                       uint32_t own_hops);

#endif
