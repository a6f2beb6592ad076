/* Encrypted packets that gpg wrote, their session keys, and what gpg says is inside. */
#include "test/testlib.h"

#include "base/text.h"
#include "crypto/pgp-run.h"

#define PKESK_256                                                                               \
    "845e03c6153be599b21142120107400a3075de0f767337fefb40f46aaa41f10a63bff66a5fcbe97064c537cdf" \
    "5b9733008d5699771ffa56a1a562e964a81796e7a6d8de5cb9b40c1d599f9824721251a02975bd26a0bf72c3"  \
    "fa982aae094445a"
#define KEY_256 "9:2FCF39205849C8440638654E6F29DF982656BA5F998844AF0BE6C4AB7D0B1890"
#define FIRST_256 "01eedd9763df118e93cdca7f287d5cae"
#define REST_256 "b600ddedbc50ee0e2e680bd5158407be60a47e0e2451d7c91cbfa8d1c1f43dbbeeeef7d06477"
#define BODY_256 FIRST_256 REST_256
#define KEY_128 "7:A79A5909C1C084A220D5A8EE9E7EA5B7"
#define BODY_128                                                                             \
    "01284afcd5c8fcb547795e10327e5f2f66de9a239b8e472ec6a53e9a540e51e8e72065d9b8337b277f702c" \
    "9242b7310314e578b33f75"
#define INNER "cb0b62006b05ef7f48656c6c6f"

static bool open_hex(struct arena *a, const char *hex, const char *key, struct span *ret_inner)
{
    const char *cipher;
    struct span binary;

    assert_row(hex, text_from_hex(a, span_str(hex), &binary));
    return pgp_content_open(a, binary, span_str(key), ret_inner, &cipher);
}

static void opens_and_refuses(void **state)
{
    static const struct {
        const char *what;
        const char *message;
        const char *key;
        bool opens;
    } rows[] = {
        {"AES-256", "d236" BODY_256, KEY_256, true},
        {"behind its session key", PKESK_256 "d236" BODY_256, KEY_256, true},
        {"AES-128", "d236" BODY_128, KEY_128, true},
        {"another packet", "c836" BODY_256, KEY_256, false},
        {"a packet in the old format", "8836" BODY_256, KEY_256, false},
        {"in pieces of 16 and 38", "d2e4" FIRST_256 "26" REST_256, KEY_256, true},
        {"the last piece is empty", "d2e4" FIRST_256 "26" REST_256 "00", KEY_256, false},
        {"a length of five bytes", "d2ff00000036" BODY_256, KEY_256, true},
        {"a piece is missing", "d2e4" FIRST_256, KEY_256, false},
        {"something behind it", "d236" BODY_256 "b000", KEY_256, false},
        {"a wrong version", "d23602" BODY_256, KEY_256, false},
        {"another key", "d236" BODY_256,
         "9:2FCF39205849C8440638654E6F29DF982656BA5F998844AF0BE6C4AB7D0B1891", false},
        {"a key of another length", "d236" BODY_256, "7:A79A5909C1C084A220D5A8EE9E7EA5B7", false},
        {"a cipher that is gpg's", "d236" BODY_256,
         "13:2FCF39205849C8440638654E6F29DF982656BA5F998844AF0BE6C4AB7D0B1890", false},
        {"no key", "d236" BODY_256, "9:", false},
        {"no number", "d236" BODY_256, "2FCF39", false},
        {"too short", "d20401eedd97", KEY_256, false},
        {"nothing", "", KEY_256, false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct span inner;
        bool opened = open_hex(a, rows[i].message, rows[i].key, &inner);

        assert_row(rows[i].what, opened == rows[i].opens);
        assert_row(rows[i].what, !opened || strcmp(text_hex(a, inner, false), INNER) == 0);
    }
}

/* No bit of it may change, and none of its bytes be missing. */
static void every_bit_counts(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span binary;
    struct span inner;
    const char *cipher;
    char *bytes;

    (void)state;
    assert_true(text_from_hex(a, span_str("d236" BODY_256), &binary));
    bytes = arena_strndup(a, (const char *)binary.at, binary.n);
    for (size_t i = 0; i < binary.n * 8; i++) {
        bytes[i / 8] ^= (char)(1 << i % 8);
        assert_false(
            pgp_content_open(a, span_of(bytes, binary.n), span_str(KEY_256), &inner, &cipher));
        bytes[i / 8] ^= (char)(1 << i % 8);
    }
    for (size_t n = 0; n < binary.n; n++)
        assert_false(pgp_content_open(a, span_of(bytes, n), span_str(KEY_256), &inner, &cipher));
    assert_true(pgp_content_open(a, span_of(bytes, binary.n), span_str(KEY_256), &inner, &cipher));
    assert_string_equal(cipher, "aes256");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(opens_and_refuses),
                                              cmocka_unit_test(every_bit_counts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
