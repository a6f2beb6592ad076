#include "test/cryptolib.h"

static void make_certificates(void)
{
    sh("openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3650 "
       "-subj /CN=CA -addext keyUsage=critical,keyCertSign,cRLSign");
    sh("for n in desk sign carol erin; do openssl req -newkey rsa:3072 -nodes -keyout $n.key -out "
       "$n.csr "
       "-subj /CN=$n; done && openssl ecparam -name prime256v1 -genkey -noout -out dave.key && "
       "openssl req -new -key dave.key -out dave.csr -subj /CN=dave");
    sh("for n in desk sign carol dave; do printf 'subjectAltName=email:%s@S.example\\n"
       "keyUsage=digitalSignature,keyEncipherment,keyAgreement\\nextendedKeyUsage="
       "emailProtection\\n'"
       " $n >ext; openssl x509 -req -in $n.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 "
       "-extfile ext -out $n.pem; done");
    sh("openssl x509 -req -in erin.csr -signkey erin.key -days 365 -out erin.pem");
}

static int make_all(void **state)
{
    (void)state;
    make_dir();
    make_certificates();
    open_desk();
    return 0;
}

static void smime_opens(void **state)
{
    static const struct {
        const char *name;
        const char *make;
        enum seal_status status;
        const char *algorithm;
    } rows[] = {
        {"cbc", "openssl cms -encrypt -binary -aes256 -outform DER -in text -out m desk.pem",
         SEAL_VALID, "aes256"},
        {"aes128",
         "openssl cms -encrypt -binary -aes128 -outform DER -in text -out m carol.pem desk.pem",
         SEAL_VALID, "aes128"},
        {"gcm", "openssl cms -encrypt -binary -aes-256-gcm -outform DER -in text -out m desk.pem",
         SEAL_VALID, "gcm"},
        {"oaep",
         "openssl cms -encrypt -binary -aes256 -outform DER -in text -out m -recip desk.pem "
         "-keyopt rsa_padding_mode:oaep",
         SEAL_VALID, "aes256"},
        {"key id",
         "openssl cms -encrypt -binary -aes256 -keyid -outform DER -in text -out m desk.pem",
         SEAL_VALID, "aes256"},
        {"ber",
         "openssl cms -encrypt -binary -stream -aes256 -outform DER -in text -out m desk.pem",
         SEAL_VALID, "aes256"},
        {"3des", "openssl cms -encrypt -binary -des3 -outform DER -in text -out m desk.pem",
         SEAL_WEAK, "3des"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_opened o;

        sh(rows[i].make);
        o = decrypt(a, PROTOCOL_SMIME, "m", NULL);
        if (o.status != rows[i].status)
            fail_msg("%s: %s %s", rows[i].name, seal_status_words[o.status], o.reason);
        assert_row(rows[i].name, o.released && span_eq_str(o.content, TEXT));
        assert_row(rows[i].name, strs_has(&o.algorithms, rows[i].algorithm));
        assert_row(rows[i].name, o.session_key != NULL && o.recipients.n > 0);
    }
}

static void smime_session_key_is_the_content_key(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_opened one, two;

    (void)state;
    sh("openssl cms -encrypt -binary -aes256 -outform DER -in text -out m desk.pem");
    one = decrypt(a, PROTOCOL_SMIME, "m", NULL);
    two = decrypt(a, PROTOCOL_SMIME, "m", NULL);
    assert_string_equal(one.session_key, two.session_key);
    /* CBC: whoever changes the IV changes the first letters, and keeps the key. */
    sh("python3 -c \"b = bytearray(open('m','rb').read()); i = "
       "b.index(bytes.fromhex('060960864801650304012a0410')) + 13; b[i] ^= 32; "
       "open('m','wb').write(b)\"");
    two = decrypt(a, PROTOCOL_SMIME, "m", NULL);
    assert_int_equal(two.status, SEAL_VALID);
    assert_false(span_eq(one.content, two.content));
    assert_string_equal(one.session_key, two.session_key);
    sh("openssl cms -encrypt -binary -aes256 -outform DER -in text -out m desk.pem");
    two = decrypt(a, PROTOCOL_SMIME, "m", NULL);
    assert_string_not_equal(one.session_key, two.session_key);
}

static void smime_keeps_shut(void **state)
{
    static const struct {
        const char *name;
        const char *make;
        enum seal_status status;
        bool encrypted;
    } rows[] = {
        {"other key", "openssl cms -encrypt -binary -aes256 -outform DER -in text -out m carol.pem",
         SEAL_NO_KEY, true},
        {"tampered gcm",
         "openssl cms -encrypt -binary -aes-256-gcm -outform DER -in text -out g desk.pem; python3 "
         "-c "
         "\"b=bytearray(open('g','rb').read()); b[-30]^=1; open('m','wb').write(b)\"",
         SEAL_ERROR, true},
        {"truncated", "head -c -100 g >m", SEAL_ERROR, false},
        {"signed",
         "openssl cms -sign -binary -nodetach -signer carol.pem -inkey carol.key -outform DER -in "
         "text -out m",
         SEAL_ERROR, false},
        {"empty", ": >m", SEAL_ERROR, false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_opened o;

        sh(rows[i].make);
        o = decrypt(a, PROTOCOL_SMIME, "m", NULL);
        if (o.status != rows[i].status)
            fail_msg("%s: %s %s", rows[i].name, seal_status_words[o.status], o.reason);
        assert_row(rows[i].name,
                   o.encrypted == rows[i].encrypted && !o.released && o.content.n == 0);
    }
}

static const struct {
    const char *name;
    const char *make;
    const char *key;
    const char *ca;
    int days;
    enum seal_status status;
    bool approved;
} signature_rows[] = {
    {"approved",
     "openssl cms -sign -binary -signer carol.pem -inkey carol.key -outform DER -in text -out "
     "sig",
     "carol.pem", NULL, 0, SEAL_VALID, true},
    {"chained", ":", NULL, "ca.pem", 0, SEAL_VALID, false},
    {"neither", ":", "dave.pem", NULL, 0, SEAL_UNKNOWN_KEY, false},
    {"expired", ":", "carol.pem", NULL, 400, SEAL_EXPIRED, true},
    {"expired in the chain", ":", NULL, "ca.pem", 400, SEAL_EXPIRED, false},
    {"no certificate in it",
     "openssl cms -sign -binary -nocerts -signer carol.pem -inkey carol.key -outform DER -in "
     "text -out sig",
     "carol.pem", NULL, 0, SEAL_VALID, true},
    {"nor with us", ":", NULL, "ca.pem", 0, SEAL_UNKNOWN_KEY, false},
    {"p-256",
     "openssl cms -sign -binary -signer dave.pem -inkey dave.key -outform DER -in text -out "
     "sig",
     "dave.pem", NULL, 0, SEAL_VALID, true},
    {"pss",
     "openssl cms -sign -binary -signer carol.pem -inkey carol.key -keyopt "
     "rsa_padding_mode:pss -outform DER -in text -out sig",
     "carol.pem", NULL, 0, SEAL_VALID, true},
    {"no attributes",
     "openssl cms -sign -binary -noattr -signer carol.pem -inkey carol.key -outform DER -in "
     "text -out sig",
     "carol.pem", NULL, 0, SEAL_VALID, true},
    {"sha-1",
     "openssl cms -sign -binary -md sha1 -signer carol.pem -inkey carol.key -outform DER -in "
     "text -out sig",
     "carol.pem", NULL, 0, SEAL_WEAK, true},
    {"md5",
     "openssl cms -sign -binary -md md5 -signer carol.pem -inkey carol.key -outform DER -in "
     "text -out sig",
     "carol.pem", NULL, 0, SEAL_WEAK, true},
    {"own content",
     "openssl cms -sign -binary -nodetach -signer carol.pem -inkey carol.key -outform DER -in "
     "other -out sig",
     "carol.pem", NULL, 0, SEAL_INVALID, true},
    {"self-signed",
     "openssl cms -sign -binary -signer erin.pem -inkey erin.key -outform DER -in text -out "
     "sig",
     NULL, "ca.pem", 0, SEAL_UNKNOWN_KEY, false},
    {"other bytes",
     "openssl cms -sign -binary -signer carol.pem -inkey carol.key -outform DER -in other -out "
     "sig",
     "carol.pem", NULL, 0, SEAL_INVALID, true},
};

static void smime_signature_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(signature_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_ask ask = ask_with(a, signature_rows[i].key, signature_rows[i].ca);
        struct crypto_verified v;

        sh(signature_rows[i].make);
        ask.now += (instant)signature_rows[i].days * DAY;
        v = verify(&ask, PROTOCOL_SMIME, "text", "sig");
        assert_row(signature_rows[i].name, v.n_signatures == 1);
        if (v.signatures[0].status != signature_rows[i].status)
            fail_msg("%s: %s %s", signature_rows[i].name, seal_status_words[v.signatures[0].status],
                     v.signatures[0].reason);
        assert_row(signature_rows[i].name, v.signatures[0].approved == signature_rows[i].approved);
    }
}

static void smime_two_signers_and_opaque(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_ask ask = ask_with(a, "carol.pem", NULL);
    struct crypto_verified v;

    (void)state;
    sh("openssl cms -sign -binary -nodetach -signer carol.pem -inkey carol.key -signer dave.pem "
       "-inkey dave.key "
       "-outform DER -in text -out m");
    v = verify(&ask, PROTOCOL_SMIME, "m", NULL);
    assert_int_equal(v.n_signatures, 2);
    assert_true(span_eq_str(v.content, TEXT));
    assert_int_equal(v.signatures[0].status + v.signatures[1].status,
                     SEAL_VALID + SEAL_UNKNOWN_KEY);
    sh("openssl cms -encrypt -binary -outform DER -in text -out m carol.pem");
    assert_int_equal(verify(&ask, PROTOCOL_SMIME, "m", NULL).n_signatures, 0);
}

static void smime_seals(void **state)
{
    static const char *const who[] = {"carol", "dave"};

    (void)state;
    for (size_t i = 0; i < LEN(who); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_sealed s =
            seal(a, PROTOCOL_SMIME, arena_printf(a, "%s.pem", who[i]), clock_now());

        assert_row(who[i], s.sealed);
        spit("sealed", s.bytes);
        sh(arena_printf(a,
                        "openssl cms -decrypt -binary -inform DER -in sealed -recip %s.pem -inkey "
                        "%s.key -out entity",
                        who[i], who[i]));
        sh("head -1 entity | grep -q smime-type=signed-data && openssl cms -verify -binary -inform "
           "SMIME -in entity "
           "-CAfile ca.pem -signer signer -out plain && cmp plain text");
        /* To whom to answer: not to the key that signed. */
        sh("openssl x509 -in signer -noout -subject | grep -q 'CN = sign' && openssl smime -pk7out "
           "-in entity | openssl pkcs7 -print_certs -noout | grep -q 'CN = desk'");
        sh("s=$(openssl x509 -in desk.pem -noout -serial | cut -d= -f2) && openssl smime -pk7out "
           "-in "
           "entity | openssl asn1parse | grep -A12 encrypKeyPref | grep -q INTEGER.*:$s");
        sh("openssl cms -cmsout -print -inform DER -in sealed | grep -q aes-256-cbc");
    }
}

static void smime_refuses(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_sealed s;

    (void)state;
    s = seal(a, PROTOCOL_SMIME, "carol.pem", clock_now() + 400 * DAY);
    assert_string_equal(s.reason, "the certificate has expired");
    s = seal(a, PROTOCOL_SMIME, "text", clock_now());
    assert_false(s.sealed);
}

static void inspects(void **state)
{
    static const struct key_row rows[] = {
        {"carol.pem", PROTOCOL_SMIME, true, "rsa3072", "carol@s.example"},
        {"dave.pem", PROTOCOL_SMIME, true, "nistp256", "dave@s.example"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        inspect_row(&rows[i]);
}

static void make_crls(void)
{
    sh("printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index\\ndefault_md=sha256\\n' >ca.conf && : "
       ">index && "
       "C='openssl ca -config ca.conf -keyfile ca.key -cert ca.pem' && "
       "$C -gencrl -crldays 30 -out none.crl && $C -revoke carol.pem && "
       "$C -gencrl -crldays 30 -out carol.crl && cat ca.pem none.crl >ca-none.pem && "
       "cat ca.pem carol.crl >ca-carol.pem");
    sh("openssl cms -sign -binary -nodetach -signer carol.pem -inkey carol.key -outform DER -in "
       "text "
       "-out m");
}

static void smime_revocation(void **state)
{
    static const struct {
        const char *name;
        const char *approved;
        const char *ca;
        int days;
        enum seal_status status;
        const char *named;
    } rows[] = {
        {"no list", NULL, "ca.pem", 0, SEAL_VALID, "crl-not-checked"},
        {"no list, approved", "carol.pem", "ca.pem", 0, SEAL_VALID, "crl-not-checked"},
        {"approved, no root", "carol.pem", NULL, 0, SEAL_VALID, "crl-not-checked"},
        {"not in the list", NULL, "ca-none.pem", 0, SEAL_VALID, NULL},
        {"approved, not in the list", "carol.pem", "ca-none.pem", 0, SEAL_VALID, NULL},
        {"an old list", NULL, "ca-none.pem", 60, SEAL_VALID, "crl-expired"},
        {"revoked", NULL, "ca-carol.pem", 0, SEAL_REVOKED, NULL},
        {"revoked and approved", "carol.pem", "ca-carol.pem", 0, SEAL_REVOKED, NULL},
        {"revoked in an old list", "carol.pem", "ca-carol.pem", 60, SEAL_REVOKED, NULL},
    };

    (void)state;
    make_crls();
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_ask ask = ask_with(a, rows[i].approved, rows[i].ca);
        struct crypto_verified v;

        ask.now += rows[i].days * (instant)DAY;
        v = verify(&ask, PROTOCOL_SMIME, "m", NULL);
        assert_int_equal(v.n_signatures, 1);
        if (v.signatures[0].status != rows[i].status)
            fail_msg("%s: %s", rows[i].name, seal_status_words[v.signatures[0].status]);
        assert_row(rows[i].name, v.named.n == (rows[i].named == NULL ? 0 : 1));
        assert_row(rows[i].name, rows[i].named == NULL || strs_has(&v.named, rows[i].named));
        assert_true(v.signatures[0].certificate.n > 0);
    }
}

/* One file with several keys, another with their certificates in any order. */
static void smime_several_keys(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(crypto_close) struct crypto *own = NULL;
    struct crypto_config config = {.open_key = path(a, "many.key"),
                                   .open_cert = path(a, "many.pem"),
                                   .scratch = path(a, "work")};
    static const char *const readers[] = {"carol", "dave"};
    struct crypto_ask ask = ask_with(a, NULL, NULL);

    (void)state;
    sh("cat carol.key erin.key dave.key >many.key && cat ca.pem dave.pem carol.pem >many.pem");
    OK(crypto_open(&config, &own, &err));
    for (size_t i = 0; i < LEN(readers); i++) {
        struct crypto_opened o = {.status = SEAL_ERROR};

        sh(arena_printf(a,
                        "openssl cms -encrypt -binary -aes256 -outform DER -in text -out m %s.pem",
                        readers[i]));
        OK(crypto_decrypt(own, crypto_key(own, PROTOCOL_SMIME, CRYPTO_DECRYPT), &ask, slurp(a, "m"),
                          &o, &err));
        assert_row(readers[i], o.status == SEAL_VALID && span_eq_str(o.content, TEXT));
    }
}

/* OpenSSL writes neither, so other messages are made to look like them. */
static void smime_newer_curves_are_named(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_opened o;
    struct crypto_ask ask;
    struct crypto_verified v;

    (void)state;
    sh("openssl cms -encrypt -binary -aes256 -outform DER -in text -out m dave.pem && python3 -c "
       "\"b = "
       "open('m','rb').read(); new = b.replace(bytes.fromhex('300906072a8648ce3d0201'), "
       "bytes.fromhex('300906032b656e04020000')); assert new != b; "
       "open('m','wb').write(new)\"");
    o = decrypt(a, PROTOCOL_SMIME, "m", NULL);
    assert_int_equal(o.status, SEAL_NO_KEY);
    assert_true(strs_has(&o.named, "algorithm-unsupported") && strs_has(&o.algorithms, "cv25519"));
    sh("openssl req -x509 -newkey rsa:2048 -nodes -keyout r.key -out r.pem -subj /CN=ed "
       "-set_serial 77 "
       "&& openssl req -x509 -newkey ed25519 -nodes -keyout ed.key -out ed.pem -subj /CN=ed "
       "-set_serial 77 && openssl cms -sign -binary -nodetach -nocerts -signer r.pem -inkey r.key "
       "-outform DER -in text -out m");
    ask = ask_with(a, "ed.pem", NULL);
    v = verify(&ask, PROTOCOL_SMIME, "m", NULL);
    assert_int_equal(v.n_signatures, 1);
    assert_int_equal(v.signatures[0].status, SEAL_ERROR);
    assert_string_equal(v.signatures[0].algorithms.at[0], "ed25519");
    assert_true(strs_has(&v.named, "algorithm-unsupported"));
    assert_true(span_eq_str(v.content, TEXT)); /* kept, and shown */
}

static void smime_certificates_only(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_ask ask = ask_with(a, NULL, "ca.pem");
    struct crypto_verified v;
    struct span *at;

    (void)state;
    sh("openssl crl2pkcs7 -nocrl -certfile carol.pem -certfile ca.pem -certfile dave.pem -outform "
       "DER "
       "-out m");
    v = verify(&ask, PROTOCOL_SMIME, "m", NULL);
    assert_true(v.certificates_only && v.n_signatures == 0 && v.content.n == 0);
    assert_int_equal(crypto_certificates(a, slurp(a, "m"), &at), 2); /* not the authority's */
    assert_int_equal(crypto_certificates(a, slurp(a, "text"), &at), 0);
}

static void smime_what_follows_is_named(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_ask ask = ask_with(a, "carol.pem", NULL);

    (void)state;
    sh("openssl cms -sign -binary -nodetach -signer carol.pem -inkey carol.key -outform DER -in "
       "text "
       "-out s && openssl cms -encrypt -binary -aes256 -outform DER -in text -out e desk.pem && "
       "for n "
       "in s e; do cat $n $n >$n$n; { cat $n; echo; } >$n.blank; done");
    for (size_t i = 0; i < 2; i++) {
        struct crypto_verified v = verify(&ask, PROTOCOL_SMIME, i == 0 ? "ss" : "s.blank", NULL);
        struct crypto_opened o = decrypt(a, PROTOCOL_SMIME, i == 0 ? "ee" : "e.blank", NULL);

        assert_true(v.n_signatures == 1 && o.released);
        assert_int_equal(strs_has(&v.named, "smime-trailing"), i == 0);
        assert_int_equal(strs_has(&o.named, "smime-trailing"), i == 0);
    }
}

/* OpenSSL looks through all of them for each: a 3 MB mail took a minute and a half. */
static void smime_digests_are_counted(void **state)
{
    static const struct {
        const char *set; /* python: the set of digest algorithms d, each of them o */
        bool counts;
    } rows[] = {
        {"der(0x31, o * 32)", true},
        {"der(0x31, o * 33)", false},
        {"der(0x31, o * 200000)", false},
        {"bytes((0x31, 0x80)) + o * 32 + bytes(2)", true},
        {"bytes((0x31, 0x80)) + o * 33 + bytes(2)", false},
        {"der(0x31, bytes((0x30, 0x80)) + o[2:] + bytes(2))", false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_ask ask = ask_with(a, NULL, NULL);
        struct crypto_verified v;

        sh(arena_printf(
            a,
            "openssl cms -sign -binary -nodetach -signer carol.pem -inkey carol.key -outform DER "
            "-in text -out m && python3 -c \""
            "der = lambda t, b: bytes((t, 0x84)) + len(b).to_bytes(4, 'big') + b; "
            "o = bytes.fromhex('300b0609608648016503040201'); w = open('m', 'rb').read(); "
            "at = w.index(bytes.fromhex('310d') + o); "
            "v = w[at - 3:at] + %s + w[at + 15:]; "
            "oid = bytes.fromhex('06092a864886f70d010702'); "
            "open('m', 'wb').write(der(0x30, oid + der(0xa0, der(0x30, v))))\"",
            rows[i].set));
        v = verify(&ask, PROTOCOL_SMIME, "m", NULL);
        assert_row(rows[i].set, rows[i].counts ? v.n_signatures == 1 : v.n_signatures == 0);
        assert_row(rows[i].set,
                   rows[i].counts || strstr(v.reason, "too many digest algorithms") != NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smime_what_follows_is_named),
        cmocka_unit_test(smime_digests_are_counted),
        cmocka_unit_test(smime_opens),
        cmocka_unit_test(smime_session_key_is_the_content_key),
        cmocka_unit_test(smime_revocation),
        cmocka_unit_test(smime_several_keys),
        cmocka_unit_test(smime_newer_curves_are_named),
        cmocka_unit_test(smime_certificates_only),
        cmocka_unit_test(smime_keeps_shut),
        cmocka_unit_test(smime_signature_rows),
        cmocka_unit_test(smime_two_signers_and_opaque),
        cmocka_unit_test(smime_seals),
        cmocka_unit_test(smime_refuses),
        cmocka_unit_test(inspects),
    };

    return cmocka_run_group_tests(tests, make_all, remove_all);
}
