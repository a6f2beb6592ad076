#include "crypto/verdict.h"

#include <assert.h>

enum { BITS_MIN = 2048 }; /* of RSA, DSA and Elgamal keys */

/* Names as gpg and OpenSSL give them, in lower case. */
static const char *const forbidden[] = {
    "md2", "md4",   "md5",  "sha1",     "ripemd160", "no-mdc", "3des",
    "des", "cast5", "idea", "blowfish", "rc2",       "rc4",    "none",
};

static bool is_short(const char *algorithm)
{
    static const char *const sized[] = {"rsa", "dsa", "elg"};

    for (size_t i = 0; i < LEN(sized); i++) {
        size_t n = strlen(sized[i]);
        uint64_t bits;

        if (strncmp(algorithm, sized[i], n) == 0 && algorithm[n] >= '0' && algorithm[n] <= '9') {
            bits = strtoull(algorithm + n, NULL, 10);
            return bits < BITS_MIN;
        }
    }
    return false;
}

bool verdict_forbids(const char *algorithm)
{
    for (size_t i = 0; i < LEN(forbidden); i++)
        if (strcmp(algorithm, forbidden[i]) == 0)
            return true;
    return is_short(algorithm);
}

enum seal_status verdict_judge(enum seal_status status, const struct strs *algorithms)
{
    if (status != SEAL_VALID)
        return status;
    for (size_t i = 0; i < algorithms->n; i++)
        if (verdict_forbids(algorithms->at[i]))
            return SEAL_WEAK;
    return SEAL_VALID;
}

/* What one signature says for itself; the verdict is drawn from all of them. */
struct opinion {
    enum trust_level trust;
    const char *reason; /* NULL only for TRUST_VERIFIED */
    bool partial;       /* bad only for what it leaves out */
};

static struct opinion says(enum trust_level trust, const char *reason)
{
    return (struct opinion){.trust = trust, .reason = reason};
}

static struct opinion bad(const char *reason)
{
    return says(TRUST_BAD, reason);
}

static struct opinion judge_sound(const struct verdict_signature *s, enum seal_status status,
                                  instant now)
{
    if (s->facts->time > now && s->facts->time - now > VERDICT_FUTURE_SECONDS)
        return bad("signature-from-the-future");
    if (!s->inside_encryption) /* says who forwarded, never who wrote */
        return says(TRUST_CLAIMED, "signature-outside-encryption");
    if (!s->covers_whole)
        return (struct opinion){
            .trust = TRUST_BAD, .reason = "signature-covers-part", .partial = true};
    if (s->covers_nothing)
        return says(TRUST_CLAIMED, "signature-covers-nothing");
    if (status == SEAL_UNKNOWN_KEY)
        return says(TRUST_SIGNED, "key-unknown");
    if (!s->facts->approved)
        return says(TRUST_SIGNED, "key-not-approved");
    return says(TRUST_VERIFIED, NULL);
}

static struct opinion judge(const struct verdict_signature *s, instant now)
{
    enum seal_status status = verdict_judge(s->facts->status, &s->facts->algorithms);

    switch (status) {
    case SEAL_VALID:
        return judge_sound(s, status, now);
    case SEAL_UNKNOWN_KEY:
        for (size_t i = 0; i < s->facts->algorithms.n; i++)
            if (verdict_forbids(s->facts->algorithms.at[i]))
                return bad("signature-weak");
        return judge_sound(s, status, now);
    case SEAL_INVALID:
        return bad("signature-invalid");
    case SEAL_EXPIRED:
        return bad("key-expired");
    case SEAL_REVOKED:
        return bad("key-revoked");
    case SEAL_WEAK:
        return bad("signature-weak");
    case SEAL_NO_KEY:
    case SEAL_ERROR:
        break;
    }
    return says(TRUST_CLAIMED, "signature-not-checkable");
}

static void add_reason(struct arena *a, struct verdict *v, const char *reason)
{
    if (reason != NULL && !strs_has(&v->reasons, reason))
        strs_add(a, &v->reasons, reason);
}

/* The best opinion counts, unless one of them is bad. A signature over a part says nothing against
 * one over everything, which covers it too: a signed file in a signed mail. */
static void weigh_signatures(struct arena *a, const struct verdict_input *input, struct verdict *v)
{
    bool any_bad = false;
    bool any_part = false;

    for (size_t i = 0; i < input->n_signatures; i++) {
        struct opinion o = judge(&input->signatures[i], input->now);

        add_reason(a, v, o.reason);
        any_bad = any_bad || (o.trust == TRUST_BAD && !o.partial);
        any_part = any_part || o.partial;
        if (o.trust > v->trust) {
            v->trust = o.trust;
            v->signature = i;
        }
    }
    if (any_bad || (any_part && v->trust < TRUST_SIGNED))
        v->trust = TRUST_BAD;
}

/* Returns false if a layer stayed closed: then nothing inside can speak for the message. */
static bool weigh_encryptions(struct arena *a, const struct verdict_input *input, struct verdict *v)
{
    bool open = true;

    for (size_t i = 0; i < input->n_encryptions; i++) {
        if (input->encryptions[i] == SEAL_WEAK) {
            v->trust = TRUST_BAD;
            add_reason(a, v, "encryption-weak");
        } else if (input->encryptions[i] != SEAL_VALID) {
            open = false;
            add_reason(a, v, "not-decrypted");
        }
    }
    return open;
}

struct verdict verdict_make(struct arena *a, const struct verdict_input *input)
{
    struct verdict v = {.trust = TRUST_CLAIMED};
    bool open;

    weigh_signatures(a, input, &v);
    open = weigh_encryptions(a, input, &v);
    if (!open && v.trust > TRUST_CLAIMED)
        v.trust = TRUST_CLAIMED;
    if (open && v.trust == TRUST_CLAIMED && input->token)
        v.trust = TRUST_TOKEN;
    assert(v.trust < TRUST_SIGNED || v.signature < input->n_signatures);
    return v;
}
