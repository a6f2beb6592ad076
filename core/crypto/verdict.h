/*
 * verdict.h - from facts about seals to one trust level, with the reasons.
 *
 * Promises: pure; the same facts and the same time give the same verdict. The policy on algorithms
 * stands here and nowhere else: SHA-1, MD5, RIPEMD-160, RSA and DSA under 2048 bits, no integrity
 * protection, ciphers with 64-bit blocks (3DES, CAST5, IDEA, Blowfish, RC2) are forbidden.
 * Does not: know a key's owner, or any library.
 */
#ifndef CRYPTO_VERDICT_H
#define CRYPTO_VERDICT_H

#include "model/message.h"

enum { VERDICT_FUTURE_SECONDS = 10 * 60 }; /* a signature may be dated this far ahead of us */

/* What is known about one signature. Algorithms as in formats: "sha512", "rsa3072", "ed25519". */
struct signature_facts {
    enum seal_status status;
    const char *signer; /* primary fingerprint: 40 upper-case hex digits, X.509 SHA-256 of the DER
                           in 64; an OpenPGP key that we do not have: its key id; else NULL */
    const char
        *key_id;   /* 16 upper-case hex digits of the signing (sub)key, X.509 serial; or NULL */
    bool approved; /* the signing key is one of the approved keys that were given */
    bool chained;  /* X.509: a chain to one of the given roots, or an approved certificate */
    struct strs algorithms;
    struct strs addresses;   /* of the key's user ids or certificate, domain in lower case */
    instant time;            /* 0 unknown */
    const char *reason;      /* one line if the status is not SEAL_VALID; else NULL */
    const char *crl;         /* X.509: "crl-not-checked" or "crl-expired", else NULL */
    struct span certificate; /* X.509: the signer's, DER; else empty */
};

/* A signature where it stands in the message. */
struct verdict_signature {
    const struct signature_facts *facts;
    bool covers_whole;
    bool inside_encryption; /* every encryption of the message lies outside it */
    bool covers_nothing;    /* there is nothing to read in what it covers */
};

struct verdict_input {
    const struct verdict_signature *signatures;
    size_t n_signatures;
    const enum seal_status *encryptions; /* status of every encryption layer */
    size_t n_encryptions;
    bool token; /* carries a token, or a Message-ID of a letter of ours */
    instant now;
};

struct verdict {
    enum trust_level trust;
    size_t signature; /* TRUST_VERIFIED and TRUST_SIGNED: index of the signature that carries it */
    struct strs reasons; /* kebab-case, in the order of the signatures */
};

struct verdict verdict_make(struct arena *a, const struct verdict_input *input);

/* True if the policy forbids the algorithm ("sha1", "rsa1024", "3des", "no-mdc"). */
bool verdict_forbids(const char *algorithm);

/* SEAL_VALID becomes SEAL_WEAK if one of the algorithms is forbidden; other statuses stay. */
enum seal_status verdict_judge(enum seal_status status, const struct strs *algorithms);

#endif
