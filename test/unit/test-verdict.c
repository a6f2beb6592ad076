#include "test/testlib.h"

#include "crypto/verdict.h"

enum { NOW = 1800000000 };

/* One signature as a row: status, algorithms, approved, whole, inside, age in seconds. */
struct sig {
    enum seal_status status;
    const char *key;
    const char *hash;
    bool approved;
    bool whole;
    bool inside;
    int age;
};

#define GOOD                                                  \
    {                                                         \
        SEAL_VALID, "ed25519", "sha512", true, true, true, 60 \
    }
#define STRANGER                                               \
    {                                                          \
        SEAL_VALID, "ed25519", "sha512", false, true, true, 60 \
    }

struct row {
    const char *name;
    struct sig sigs[2];
    size_t n_sigs;
    enum seal_status layers[2];
    size_t n_layers;
    bool token;
    enum trust_level trust;
    const char *reason; /* that must be among the reasons; NULL: none at all */
};

static const struct row rows[] = {
    {"nothing", {{0}}, 0, {0}, 0, false, TRUST_CLAIMED, NULL},
    {"token", {{0}}, 0, {0}, 0, true, TRUST_TOKEN, NULL},
    {"token, encrypted", {{0}}, 0, {SEAL_VALID}, 1, true, TRUST_TOKEN, NULL},
    {"good", {GOOD}, 1, {0}, 0, false, TRUST_VERIFIED, NULL},
    {"good in encryption", {GOOD}, 1, {SEAL_VALID}, 1, false, TRUST_VERIFIED, NULL},
    {"good with token", {GOOD}, 1, {0}, 0, true, TRUST_VERIFIED, NULL},
    {"not approved", {STRANGER}, 1, {0}, 0, true, TRUST_SIGNED, "key-not-approved"},
    {"unknown key",
     {{SEAL_UNKNOWN_KEY, "rsa", "sha256", false, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_SIGNED,
     "key-unknown"},
    {"unknown key, SHA-1",
     {{SEAL_UNKNOWN_KEY, "rsa", "sha1", false, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-weak"},
    {"unknown key, part",
     {{SEAL_UNKNOWN_KEY, "rsa", "sha256", false, false, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-covers-part"},
    {"invalid",
     {{SEAL_INVALID, "ed25519", "sha512", true, true, true, 1}},
     1,
     {0},
     0,
     true,
     TRUST_BAD,
     "signature-invalid"},
    {"expired",
     {{SEAL_EXPIRED, "ed25519", "sha512", true, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "key-expired"},
    {"revoked",
     {{SEAL_REVOKED, "ed25519", "sha512", true, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "key-revoked"},
    {"weak",
     {{SEAL_WEAK, "ed25519", "sha512", true, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-weak"},
    {"SHA-1",
     {{SEAL_VALID, "rsa3072", "sha1", true, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-weak"},
    {"MD5",
     {{SEAL_VALID, "rsa3072", "md5", true, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-weak"},
    {"RSA-1024",
     {{SEAL_VALID, "rsa1024", "sha256", true, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-weak"},
    {"RSA-2048",
     {{SEAL_VALID, "rsa2048", "sha256", true, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_VERIFIED,
     NULL},
    {"ten minutes ahead",
     {{SEAL_VALID, "ed25519", "sha512", true, true, true, -600}},
     1,
     {0},
     0,
     false,
     TRUST_VERIFIED,
     NULL},
    {"more than that",
     {{SEAL_VALID, "ed25519", "sha512", true, true, true, -601}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-from-the-future"},
    {"part",
     {{SEAL_VALID, "ed25519", "sha512", true, false, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-covers-part"},
    {"part in whole",
     {{SEAL_VALID, "ed25519", "sha512", true, false, true, 1}, GOOD},
     2,
     {0},
     0,
     false,
     TRUST_VERIFIED,
     "signature-covers-part"},
    {"part in what a stranger signed",
     {STRANGER, {SEAL_UNKNOWN_KEY, "ed25519", "sha512", false, false, true, 1}},
     2,
     {0},
     0,
     false,
     TRUST_SIGNED,
     "signature-covers-part"},
    {"outside",
     {{SEAL_VALID, "ed25519", "sha512", true, true, false, 1}},
     1,
     {SEAL_VALID},
     1,
     false,
     TRUST_CLAIMED,
     "signature-outside-encryption"},
    {"outside, token",
     {{SEAL_VALID, "ed25519", "sha512", true, true, false, 1}},
     1,
     {SEAL_VALID},
     1,
     true,
     TRUST_TOKEN,
     "signature-outside-encryption"},
    {"outside and invalid",
     {{SEAL_INVALID, "ed25519", "sha512", true, true, false, 1}},
     1,
     {SEAL_VALID},
     1,
     false,
     TRUST_BAD,
     "signature-invalid"},
    {"not checkable",
     {{SEAL_ERROR, "ed25519", "sha512", false, true, true, 1}},
     1,
     {0},
     0,
     false,
     TRUST_CLAIMED,
     "signature-not-checkable"},
    {"two good", {GOOD, GOOD}, 2, {0}, 0, false, TRUST_VERIFIED, NULL},
    {"stranger first", {STRANGER, GOOD}, 2, {0}, 0, false, TRUST_VERIFIED, "key-not-approved"},
    {"one of two bad",
     {GOOD, {SEAL_INVALID, "ed25519", "sha512", true, true, true, 1}},
     2,
     {0},
     0,
     false,
     TRUST_BAD,
     "signature-invalid"},
    {"bad one first",
     {{SEAL_EXPIRED, "ed25519", "sha512", true, true, true, 1}, GOOD},
     2,
     {0},
     0,
     false,
     TRUST_BAD,
     "key-expired"},
    {"closed", {{0}}, 0, {SEAL_NO_KEY}, 1, true, TRUST_CLAIMED, "not-decrypted"},
    {"damaged", {{0}}, 0, {SEAL_ERROR}, 1, false, TRUST_CLAIMED, "not-decrypted"},
    {"inner layer closed",
     {{0}},
     0,
     {SEAL_VALID, SEAL_NO_KEY},
     2,
     false,
     TRUST_CLAIMED,
     "not-decrypted"},
    {"good, but one layer closed",
     {GOOD},
     1,
     {SEAL_VALID, SEAL_NO_KEY},
     2,
     true,
     TRUST_CLAIMED,
     "not-decrypted"},
    {"weak encryption", {{0}}, 0, {SEAL_WEAK}, 1, false, TRUST_BAD, "encryption-weak"},
    {"good in weak encryption", {GOOD}, 1, {SEAL_WEAK}, 1, false, TRUST_BAD, "encryption-weak"},
};

static struct verdict ask(struct arena *a, const struct row *row)
{
    struct signature_facts facts[2] = {0};
    struct verdict_signature signatures[2] = {0};
    struct verdict_input input = {
        .signatures = signatures,
        .n_signatures = row->n_sigs,
        .encryptions = row->layers,
        .n_encryptions = row->n_layers,
        .token = row->token,
        .now = NOW,
    };

    for (size_t i = 0; i < row->n_sigs; i++) {
        const struct sig *s = &row->sigs[i];

        facts[i].status = s->status;
        facts[i].approved = s->approved;
        facts[i].time = NOW - s->age;
        strs_add(a, &facts[i].algorithms, s->key);
        strs_add(a, &facts[i].algorithms, s->hash);
        signatures[i] = (struct verdict_signature){
            .facts = &facts[i], .covers_whole = s->whole, .inside_encryption = s->inside};
    }
    return verdict_make(a, &input);
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct verdict v = ask(a, &rows[i]);
        bool reasons =
            rows[i].reason == NULL ? v.reasons.n == 0 : strs_has(&v.reasons, rows[i].reason);

        if (v.trust != rows[i].trust || !reasons)
            fail_msg("%s: %s", rows[i].name, trust_words[v.trust]);
    }
}

static void the_signature_that_counts_is_named(void **state)
{
    static const struct row row = {
        "stranger first", {STRANGER, GOOD}, 2, {0}, 0, false, TRUST_VERIFIED, NULL};
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    assert_int_equal(ask(a, &row).signature, 1);
}

static void policy_on_algorithms(void **state)
{
    static const struct {
        const char *name;
        bool forbidden;
    } names[] = {
        {"sha1", true},     {"md5", true},      {"ripemd160", true},    {"3des", true},
        {"no-mdc", true},   {"rsa1024", true},  {"rsa2047", true},      {"dsa1024", true},
        {"sha256", false},  {"sha512", false},  {"aes128", false},      {"aes256", false},
        {"rsa2048", false}, {"rsa3072", false}, {"ed25519", false},     {"nistp256", false},
        {"rsa", false},     {"gcm", false},     {"camellia256", false}, {"elg2048", false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(names); i++)
        if (verdict_forbids(names[i].name) != names[i].forbidden)
            fail_msg("%s", names[i].name);
}

static void nothing_to_read_proves_nothing(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct signature_facts facts = {.status = SEAL_VALID, .approved = true, .time = NOW};
    struct verdict_signature s = {
        .facts = &facts, .covers_whole = true, .inside_encryption = true, .covers_nothing = true};
    struct verdict_input input = {.signatures = &s, .n_signatures = 1, .now = NOW};

    (void)state;
    assert_int_equal(verdict_make(a, &input).trust, TRUST_CLAIMED);
    s.covers_nothing = false;
    assert_int_equal(verdict_make(a, &input).trust, TRUST_VERIFIED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(the_signature_that_counts_is_named),
        cmocka_unit_test(policy_on_algorithms),
        cmocka_unit_test(nothing_to_read_proves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
