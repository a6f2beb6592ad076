/* Two halves of one desk: an opener with public keys only, and a holder of the private ones. */
#include "test/cryptolib.h"

#include "base/buf.h"
#include "crypto/pgp.h"

enum { HEAD_BITS = 20 * 8 }; /* of a PKESK: all before its numbers, and how those begin */

static struct crypto *holder;

/* What went to the holder. */
static struct {
    struct arena *a;
    unsigned n;
    struct span last;
} asked;

static bool relay(void *held, struct arena *a, enum protocol protocol, struct span wrapped,
                  struct content_key *ret_key, struct err *err)
{
    asked.n++;
    asked.last = span_of(span_dup(asked.a, wrapped), wrapped.n);
    return crypto_unwrap(held, a, protocol, wrapped, ret_key, err);
}

/* --- setup ----------------------------------------------------------------------------------- */

static void make_keys(void)
{
    sh("gpg --batch --passphrase '' --quick-gen-key 'curve <curve@p.example>' future-default "
       "default 0");
    sh("for k in rsa:rsa2048 nist:nistp384; do n=${k%:*}; gpg --batch --passphrase '' "
       "--quick-gen-key \"$n <$n@p.example>\" ${k#*:} sign,cert 0 && "
       "f=$(gpg -k --with-colons $n | sed -n 's/^fpr:*\\([0-9A-F]*\\):.*/\\1/p') && "
       "gpg --batch --passphrase '' --quick-add-key $f ${k#*:} encrypt 0; done");
    sh("gpg --export >ours.pgp");
    sh("mkdir -m 700 others && GNUPGHOME=$PWD/others gpg --batch --passphrase '' --quick-gen-key "
       "'other <other@p.example>' future-default default 0 && GNUPGHOME=$PWD/others gpg --export "
       ">other.pgp && gpg --batch --import other.pgp");
    sh("for n in r e o; do case $n in e) a='ec -pkeyopt ec_paramgen_curve:P-256';; *) a=rsa:2048;; "
       "esac; openssl req -x509 -newkey $a -nodes -keyout $n.key -out $n.pem -days 30 "
       "-subj /CN=$n; done");
}

/* Both halves, with the S/MIME key of that name. */
static void open_halves(const char *name)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_config holds = {.open_home = path(a, "peers"),
                                  .open_key = path(a, arena_printf(a, "%s.key", name)),
                                  .open_cert = path(a, arena_printf(a, "%s.pem", name)),
                                  .scratch = path(a, "work")};
    struct crypto_config opens = {
        .open_public = path(a, "ours.pgp"), .open_cert = holds.open_cert, .scratch = holds.scratch};

    crypto_close(crypto);
    crypto_close(holder);
    crypto = NULL;
    OK(crypto_open(&holds, &holder, &err));
    opens.unwrapper = (struct crypto_unwrapper){relay, holder};
    OK(crypto_open(&opens, &crypto, &err));
}

static int make_all(void **state)
{
    (void)state;
    asked.a = arena_new();
    make_dir();
    make_keys();
    open_halves("r");
    return 0;
}

static int end_all(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    crypto_close(holder);
    crypto_end_agent(path(a, "others"));
    arena_free(asked.a);
    return remove_all(state);
}

static enum unwrap_status unwrap(enum protocol protocol, struct span wrapped)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct content_key key = {.status = UNWRAP_OPENED};

    OK(crypto_unwrap(holder, a, protocol, wrapped, &key, &err));
    assert_true((key.status == UNWRAP_OPENED) == (key.key.n > 0 && key.hash != NULL));
    return key.status;
}

/* --- OpenPGP --------------------------------------------------------------------------------- */

static void every_algorithm(void **state)
{
    static const char *const rows[] = {"-r curve",        "-r rsa",           "-r nist",
                                       "-R curve",        "-R rsa",           "-R nist",
                                       "-r other -r rsa", "-R other -R curve"};

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_opened o;

        sh(arena_printf(a, "gpg --batch --yes --trust-model always %s -o m -e text", rows[i]));
        o = decrypt(a, PROTOCOL_OPENPGP, "m", NULL);
        if (!o.released)
            fail_msg("%s: %s", rows[i], o.reason);
        assert_row(rows[i], span_eq_str(o.content, TEXT) && o.session_key != NULL);
        sh("gpg --batch --show-session-key -o /dev/null --yes -d m 2>&1 | sed -n "
           "\"s/.*session key: '\\(.*\\)'/\\1/p\" | tr -d '\\n' | sha256sum | cut -c1-64 >sum");
        assert_row(rows[i], span_eq_str(span_trim(slurp(a, "sum")), o.session_key));
    }
}

static void what_is_not_ours_is_not_asked_for(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_opened o;

    (void)state;
    asked.n = 0;
    sh("gpg --batch --yes --trust-model always -r other -o m -e text");
    o = decrypt(a, PROTOCOL_OPENPGP, "m", NULL);
    assert_int_equal(o.status, SEAL_NO_KEY);
    assert_int_equal(asked.n, 0);
    assert_int_equal(unwrap(PROTOCOL_OPENPGP, slurp(a, "m")), UNWRAP_BROKEN); /* a whole message */
    sh("gpg --batch --yes --trust-model always -R other -o m -e text");
    o = decrypt(a, PROTOCOL_OPENPGP, "m", NULL);
    assert_int_equal(o.status, SEAL_NO_KEY);
    assert_int_equal(asked.n, 1);
    assert_int_equal(unwrap(PROTOCOL_OPENPGP, asked.last), UNWRAP_FOREIGN);
}

static struct pgp_packet first_packet(struct span s)
{
    struct pgp_packet p = {0};

    assert_true(pgp_next(&s, &p));
    return p;
}

static void broken_wrappings(void **state)
{
    static const char *const who[] = {"curve", "rsa", "nist"};
    SCOPED(arena_free) struct arena *a = arena_new();
    unsigned char *large = arena_alloc(a, CRYPTO_WRAPPED_MAX + 1);

    (void)state;
    for (size_t i = 0; i < LEN(who); i++) {
        struct span good;
        unsigned char *bad;

        sh(arena_printf(a, "gpg --batch --yes --trust-model always -r %s -o m -e text", who[i]));
        good = first_packet(slurp(a, "m")).whole;
        assert_row(who[i], unwrap(PROTOCOL_OPENPGP, good) == UNWRAP_OPENED);
        bad = (unsigned char *)span_dup(a, good);
        bad[good.n - 1] ^= 1;
        assert_row(who[i], unwrap(PROTOCOL_OPENPGP, span_of(bad, good.n)) == UNWRAP_BROKEN);
        for (size_t n = 0; n < good.n; n++)
            assert_row(who[i], unwrap(PROTOCOL_OPENPGP, span_first(good, n)) == UNWRAP_BROKEN);
        /* Lengths too: the agent of Debian 12 dies of a point that is a prefix alone. */
        bad[good.n - 1] ^= 1;
        for (size_t bit = 0; bit < HEAD_BITS; bit++) {
            bad[bit / 8] ^= (unsigned char)(1U << bit % 8);
            unwrap(PROTOCOL_OPENPGP, span_of(bad, good.n));
            bad[bit / 8] ^= (unsigned char)(1U << bit % 8);
        }
        assert_row(who[i], unwrap(PROTOCOL_OPENPGP, good) == UNWRAP_OPENED);
    }
    memset(large, 0xff, CRYPTO_WRAPPED_MAX + 1);
    assert_int_equal(unwrap(PROTOCOL_OPENPGP, span_of(large, CRYPTO_WRAPPED_MAX + 1)),
                     UNWRAP_REFUSED);
    assert_int_equal(unwrap(PROTOCOL_OPENPGP, span_of(large, CRYPTO_WRAPPED_MAX)), UNWRAP_BROKEN);
    assert_int_equal(unwrap(PROTOCOL_SMIME, span_of(large, CRYPTO_WRAPPED_MAX)), UNWRAP_BROKEN);
    assert_int_equal(unwrap(PROTOCOL_SMIME, span_of(NULL, 0)), UNWRAP_BROKEN);
}

/* A message whose key comes after n others that are ours and broken. */
static struct crypto_opened open_behind(struct arena *a, size_t n)
{
    struct span good = slurp(a, "m");
    struct span wrapped = first_packet(good).whole;
    struct buf b = buf_new(a, 1024 * 1024);
    char *bad = span_dup(a, wrapped);

    bad[wrapped.n - 1] ^= 1;
    for (size_t i = 0; i < n; i++)
        buf_add(&b, bad, wrapped.n);
    buf_add_span(&b, good);
    spit("many", buf_span(&b));
    asked.n = 0;
    return decrypt(a, PROTOCOL_OPENPGP, "many", NULL);
}

static void keys_are_counted(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    unsigned most = (unsigned)limits_default.wrapped_keys;
    struct crypto_opened o;

    (void)state;
    sh("gpg --batch --yes --trust-model always -r curve -o m -e text");
    o = open_behind(a, most - 1);
    assert_true(o.released && o.defect == NULL);
    assert_int_equal(asked.n, most);
    o = open_behind(a, most);
    assert_true(!o.released && o.status == SEAL_NO_KEY);
    assert_string_equal(o.defect, "too-many-keys");
    assert_int_equal(asked.n, most);
    o = open_behind(a, 1000);
    assert_string_equal(o.defect, "too-many-keys");
    assert_int_equal(asked.n, most);
}

static void every_cipher_and_length(void **state)
{
    static const struct {
        const char *words; /* of gpg; its input is a file, or a pipe: then in pieces */
        const char *algorithm;
    } rows[] = {
        {"--cipher-algo AES -e text", "aes128"},
        {"--cipher-algo AES192 -e text", "aes192"},
        {"--cipher-algo AES256 -e text", "aes256"},
        {"--cipher-algo CAMELLIA256 -e text", "camellia256"},
        {"--cipher-algo AES -z 0 -e <long", "aes128"},
        {"-z 0 -e <text", "aes256"},
        {"-z 0 -e <long", "aes256"},
        {"-z 0 -e long", "aes256"},
    };

    (void)state;
    sh("head -c 100000 /dev/urandom >long");
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        bool is_long = strstr(rows[i].words, "long") != NULL;
        struct crypto_opened o;

        sh(arena_printf(a, "gpg --batch --yes --trust-model always -r curve -o m %s",
                        rows[i].words));
        o = decrypt(a, PROTOCOL_OPENPGP, "m", NULL);
        if (!o.released)
            fail_msg("%s: %s", rows[i].words, o.reason);
        assert_row(rows[i].words, span_eq(o.content, slurp(a, is_long ? "long" : "text")));
        assert_row(rows[i].words, strs_has(&o.algorithms, rows[i].algorithm));
    }
}

static void content_is_whole_or_kept(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span good;
    size_t head;

    (void)state;
    sh("gpg --batch --yes --trust-model always -z 0 -r curve -o m -e text");
    good = slurp(a, "m");
    head = first_packet(good).whole.n;
    for (size_t i = head; i < good.n; i++) {
        unsigned char *bad = (unsigned char *)span_dup(a, good);

        bad[i] ^= 1;
        spit("bad", span_of(bad, good.n));
        if (decrypt(a, PROTOCOL_OPENPGP, "bad", NULL).released)
            fail_msg("byte %zu of %zu", i, good.n);
        spit("bad", span_first(good, i));
        if (decrypt(a, PROTOCOL_OPENPGP, "bad", NULL).released)
            fail_msg("cut at %zu of %zu", i, good.n);
    }
}

/* The agent's socket is looked for from where gpg stands, not from where we do. */
static void home_by_a_relative_path(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_config holds = {.open_home = "peers", .scratch = path(a, "work")};
    SCOPED(crypto_close) struct crypto *near = NULL;
    struct content_key key = {.status = UNWRAP_BROKEN};
    char before[4096];

    (void)state;
    sh("gpg --batch --yes --trust-model always -r curve -o m -e text");
    assert_non_null(getcwd(before, sizeof(before)));
    assert_int_equal(chdir(dir), 0);
    OK(crypto_open(&holds, &near, &err));
    OK(crypto_unwrap(near, a, PROTOCOL_OPENPGP, first_packet(slurp(a, "m")).whole, &key, &err));
    assert_int_equal(chdir(before), 0);
    assert_int_equal(key.status, UNWRAP_OPENED);
}

/* --- S/MIME ---------------------------------------------------------------------------------- */

static void every_recipient(void **state)
{
    static const struct {
        const char *key;
        const char *words;
    } rows[] = {
        {"r", "-aes256 r.pem"},
        {"r", "-aes128 o.pem r.pem"},
        {"r", "-aes192 r.pem"},
        {"r", "-aes-256-gcm r.pem"},
        {"r", "-aes-128-gcm r.pem"},
        {"r", "-aes256 -keyid r.pem"},
        {"r", "-aes256 -recip r.pem -keyopt rsa_padding_mode:oaep"},
        {"r", "-aes256 -recip r.pem -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256"},
        {"e", "-aes256 e.pem"},
        {"e", "-aes128 o.pem e.pem"},
        {"e", "-aes-256-gcm -keyid e.pem"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_opened o;

        open_halves(rows[i].key);
        asked.n = 0;
        sh(arena_printf(a, "openssl cms -encrypt -binary -outform DER -in text -out m %s",
                        rows[i].words));
        o = decrypt(a, PROTOCOL_SMIME, "m", NULL);
        if (!o.released)
            fail_msg("%s: %s", rows[i].words, o.reason);
        assert_row(rows[i].words, span_eq_str(o.content, TEXT) && o.session_key != NULL);
        assert_row(rows[i].words, asked.n == 1 && asked.last.n < 1024);
        assert_row(rows[i].words, unwrap(PROTOCOL_SMIME, asked.last) == UNWRAP_OPENED);
        open_halves("o");
        assert_row(rows[i].words, unwrap(PROTOCOL_SMIME, asked.last) == UNWRAP_FOREIGN);
        open_halves("r");
        for (size_t n = 0; n < asked.last.n; n += 7)
            assert_row(rows[i].words,
                       unwrap(PROTOCOL_SMIME, span_first(asked.last, n)) == UNWRAP_BROKEN);
    }
}

#define FLIP(what)                                                                    \
    "python3 -c \"b=bytearray(open('m','rb').read()); b[" what "]^=1; open('m','wb')" \
    ".write(b)\""

static void wrong_padding_looks_like_damage(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *make = "openssl cms -encrypt -binary -aes-256-gcm -outform DER -in text -out m "
                       "r.pem";
    struct crypto_opened padding, damage;

    (void)state;
    open_halves("r");
    sh(make);
    sh(FLIP("b.index(b'\\x04\\x82\\x01\\x00')+100"));
    padding = decrypt(a, PROTOCOL_SMIME, "m", NULL);
    sh(make);
    sh(FLIP("-30"));
    damage = decrypt(a, PROTOCOL_SMIME, "m", NULL);
    assert_int_equal(padding.status, SEAL_ERROR);
    assert_int_equal(padding.status, damage.status);
    assert_string_equal(padding.reason, damage.reason);
    assert_true(!padding.released && !damage.released);
    assert_int_equal(padding.session_key != NULL, damage.session_key != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_algorithm),
        cmocka_unit_test(what_is_not_ours_is_not_asked_for),
        cmocka_unit_test(broken_wrappings),
        cmocka_unit_test(keys_are_counted),
        cmocka_unit_test(home_by_a_relative_path),
        cmocka_unit_test(every_cipher_and_length),
        cmocka_unit_test(content_is_whole_or_kept),
        cmocka_unit_test(every_recipient),
        cmocka_unit_test(wrong_padding_looks_like_damage),
    };

    return cmocka_run_group_tests(tests, make_all, end_all);
}
