#include "test/cryptolib.h"

static void make_pgp_keys(void)
{
    sh("for n in alice mallory; do gpg --batch --passphrase '' --quick-gen-key \"$n "
       "<$n@P.example>\" "
       "future-default default 1y && gpg --armor --export $n >$n.asc; done");
    sh("gpg --batch --passphrase '' --quick-gen-key 'bob <bob@p.example>' rsa3072 sign,cert 0 && "
       "f=$(gpg -k --with-colons bob | sed -n 's/^fpr:*\\([0-9A-F]*\\):.*/\\1/p') && gpg --batch "
       "--passphrase '' --quick-add-key $f rsa3072 encrypt 0 && gpg --export bob >bob.pgp");
    sh("gpg --batch --passphrase '' --quick-gen-key 'nist <nist@p.example>' nistp256 sign,cert 0 "
       "&& "
       "f=$(gpg -k --with-colons nist | sed -n 's/^fpr:*\\([0-9A-F]*\\):.*/\\1/p') && gpg --batch "
       "--passphrase '' --quick-add-key $f nistp256 encrypt 0 && gpg --export nist >nist.pgp");
    sh("gpg --batch --passphrase '' --quick-gen-key 'short <short@p.example>' rsa1024 sign,cert 0 "
       "&& "
       "gpg --export short >short.pgp");
    sh("gpg --batch --passphrase '' --quick-gen-key 'rita <rita@p.example>' future-default default "
       "0 "
       "&& f=$(gpg -k --with-colons rita | sed -n '/^fpr/{s/^fpr:*\\([0-9A-F]*\\):.*/\\1/p;q}') && "
       "gpg --batch --armor --detach-sign -u rita -o rita.sig bob.pgp && "
       "sed 's/^:-----/-----/' peers/openpgp-revocs.d/$f.rev >rev && gpg --batch --import rev && "
       "gpg --export rita >rita.pgp");
}

static int make_all(void **state)
{
    (void)state;
    make_dir();
    make_pgp_keys();
    open_desk();
    sh("gpg --batch --import desk.asc");
    return 0;
}

static void homes_hold_what_their_role_needs(void **state)
{
    struct err err = {0};
    struct crypto_new_key again = {0};
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    sh("test $(ls open/private-keys-v1.d | wc -l) = 1 && test $(ls seal/private-keys-v1.d | wc -l) "
       "= 1");
    sh("! cmp open/private-keys-v1.d/* seal/private-keys-v1.d/*");
    sh("test $(stat -c %a open) = 700 && test $(stat -c %a seal) = 700");
    assert_string_equal(crypto_key(crypto, PROTOCOL_OPENPGP, CRYPTO_SIGN)->id,
                        crypto_key(crypto, PROTOCOL_OPENPGP, CRYPTO_DECRYPT)->id);
    assert_int_equal(strlen(crypto_key(crypto, PROTOCOL_OPENPGP, CRYPTO_SIGN)->id), 40);
    again = (struct crypto_new_key){path(a, "open"), path(a, "seal"), "D", "d@e.f", span_str("")};
    assert_false(crypto_init_openpgp(&again, &err));
    assert_int_equal(err.kind, ERR_OPERATOR);
}

static void pgp_opens_and_verifies(void **state)
{
    static const char *const who[][3] = {{"alice", "alice.asc", "ed25519"},
                                         {"bob", "bob.pgp", "rsa3072"},
                                         {"nist", "nist.pgp", "nistp256"}};

    (void)state;
    for (size_t i = 0; i < LEN(who); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_opened o;
        struct crypto_ask ask = ask_with(a, who[i][1], NULL);
        struct crypto_verified v = {0};

        sh(arena_printf(
            a, "gpg --batch --yes --trust-model always --armor -u %s -r desk -o m.asc -se text",
            who[i][0]));
        o = decrypt(a, PROTOCOL_OPENPGP, "m.asc", who[i][1]);
        assert_row(who[i][0], o.status == SEAL_VALID && o.encrypted && o.released);
        assert_row(who[i][0], span_eq_str(o.content, TEXT));
        assert_row(who[i][0], strs_has(&o.algorithms, "aes256"));
        assert_int_equal(o.recipients.n, 1);
        assert_int_equal(strlen(o.session_key), 64);
        assert_int_equal(o.n_signatures, 1);
        assert_row(who[i][0], o.signatures[0].status == SEAL_VALID && o.signatures[0].approved);
        assert_row(who[i][0], strs_has(&o.signatures[0].algorithms, who[i][2]));
        assert_string_equal(o.signatures[0].addresses.at[0],
                            arena_printf(a, "%s@p.example", who[i][0]));
        OK(crypto_verify(crypto, PROTOCOL_OPENPGP, &ask, o.inner, span_of(NULL, 0), &v, &err));
        assert_int_equal(v.n_signatures, 1);
        assert_row(who[i][0], v.signatures[0].status == SEAL_VALID);
        assert_row(who[i][0], span_eq_str(v.content, TEXT));
    }
}

static void pgp_unsigned_and_unknown(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_opened o;

    (void)state;
    sh("gpg --batch --yes --trust-model always -r desk -o m -e text");
    o = decrypt(a, PROTOCOL_OPENPGP, "m", NULL);
    assert_int_equal(o.status, SEAL_VALID);
    assert_true(span_eq_str(o.content, TEXT));
    assert_int_equal(o.n_signatures, 0);

    sh("gpg --batch --yes --trust-model always -u alice -r desk -o m -se text");
    o = decrypt(a, PROTOCOL_OPENPGP, "m", "bob.pgp");
    assert_int_equal(o.status, SEAL_VALID);
    assert_int_equal(o.signatures[0].status, SEAL_UNKNOWN_KEY);
    assert_int_equal(strlen(o.signatures[0].signer), 16);
    assert_false(o.signatures[0].approved);
}

static void pgp_never_releases_what_is_not_sound(void **state)
{
    static const struct {
        const char *name;
        const char *make;
        enum seal_status status;
        bool encrypted;
    } rows[] = {
        {"tampered",
         "python3 -c \"b=bytearray(open('good','rb').read()); b[-30]^=1; "
         "open('m','wb').write(b)\"",
         SEAL_ERROR, true},
        {"newer form",
         "python3 -c \"b=bytearray(open('good','rb').read()); b[99]=2; open('m','wb').write(b)\"",
         SEAL_ERROR, true},
        {"truncated", "head -c -20 good >m", SEAL_ERROR, true},
        {"no integrity",
         "gpg --batch --yes --trust-model always --rfc2440 --cipher-algo AES256 "
         "--disable-mdc -r desk -o m -e text",
         SEAL_WEAK, true},
        {"other key", "gpg --batch --yes --trust-model always -r alice -o m -e text", SEAL_NO_KEY,
         true},
        {"signed only", "gpg --batch --yes -u alice -o m -s text", SEAL_ERROR, false},
        {"literal only", "gpg --batch --yes -o m --store text", SEAL_ERROR, false},
        {"two messages", "cat good good >m", SEAL_ERROR, true},
        {"literal behind", "gpg --batch --yes -o l --store text; cat good l >m", SEAL_ERROR, true},
        {"literal before", "cat l good >m", SEAL_ERROR, false},
        {"text", "echo hello >m", SEAL_ERROR, false},
        {"empty", ": >m", SEAL_ERROR, false},
    };

    (void)state;
    sh("gpg --batch --yes --trust-model always -u alice -r desk -o good -se text");
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_opened o;

        sh(rows[i].make);
        o = decrypt(a, PROTOCOL_OPENPGP, "m", "alice.asc");
        assert_row(rows[i].name, o.status == rows[i].status);
        assert_row(rows[i].name, o.encrypted == rows[i].encrypted);
        assert_row(rows[i].name, !o.released && o.content.n == 0 && o.inner.n == 0);
        assert_row(rows[i].name, o.n_signatures == 0 && o.reason != NULL);
        assert_row(rows[i].name, (strstr(o.reason, "newer form") != NULL) ==
                                     (strcmp(rows[i].name, "newer form") == 0));
    }
}

static void pgp_signature_rows(void **state)
{
    static const struct {
        const char *name;
        const char *make; /* sig and opaque */
        const char *key;
        int days;
        enum seal_status status;
    } rows[] = {
        {"good", "gpg --batch --yes --armor -u alice -o sig -b text", "alice.asc", 0, SEAL_VALID},
        {"rsa", "gpg --batch --yes -u bob -o sig -b text", "bob.pgp", 0, SEAL_VALID},
        {"other bytes", "gpg --batch --yes -u alice -o sig -b other", "alice.asc", 0, SEAL_INVALID},
        {"unknown", "gpg --batch --yes -u mallory -o sig -b text", "alice.asc", 0,
         SEAL_UNKNOWN_KEY},
        {"expired", "gpg --batch --yes -u alice -o sig -b text", "alice.asc", 400, SEAL_EXPIRED},
        {"revoked", "cp text t; cp bob.pgp text; cp rita.sig sig", "rita.pgp", 0, SEAL_REVOKED},
        {"SHA-1", "mv t text; gpg --batch --yes -u bob --digest-algo SHA1 -o sig -b text",
         "bob.pgp", 0, SEAL_WEAK},
        {"short key", "gpg --batch --yes -u short -o sig -b text", "short.pgp", 0, SEAL_WEAK},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_ask ask = ask_with(a, rows[i].key, NULL);
        struct crypto_verified v;

        sh(rows[i].make);
        ask.now += (instant)rows[i].days * DAY;
        v = verify(&ask, PROTOCOL_OPENPGP, "text", "sig");
        assert_row(rows[i].name, v.n_signatures == 1);
        if (v.signatures[0].status != rows[i].status)
            fail_msg("%s: %s %s", rows[i].name, seal_status_words[v.signatures[0].status],
                     v.signatures[0].reason);
        assert_row(rows[i].name,
                   (v.signatures[0].reason == NULL) == (rows[i].status == SEAL_VALID));
    }
}

static void pgp_two_signers(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span keys[2] = {slurp(a, "alice.asc"), slurp(a, "bob.pgp")};
    struct crypto_ask ask = {.a = a, .keys = keys, .n_keys = 2, .now = clock_now()};
    struct crypto_verified v;

    (void)state;
    sh("gpg --batch --yes -u alice -o s1 -b text; gpg --batch --yes -u bob -o s2 -b other; cat s1 "
       "s2 >sig");
    v = verify(&ask, PROTOCOL_OPENPGP, "text", "sig");
    assert_int_equal(v.n_signatures, 2);
    assert_int_equal(v.signatures[0].status + v.signatures[1].status, SEAL_VALID + SEAL_INVALID);
}

static void pgp_clearsigned_alone_only(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_ask ask = ask_with(a, "alice.asc", NULL);
    struct crypto_verified v;

    (void)state;
    sh("printf 'Embargod: C1\\n- dash\\n' >t; gpg --batch --yes -u alice -o clear --clearsign t; "
       "{ echo before; cat clear; } >mixed; cat clear clear >twice");
    v = verify(&ask, PROTOCOL_OPENPGP, "clear", NULL);
    assert_int_equal(v.n_signatures, 1);
    assert_int_equal(v.signatures[0].status, SEAL_VALID);
    assert_true(span_eq_str(span_trim(v.content), "Embargod: C1\n- dash"));
    assert_int_equal(verify(&ask, PROTOCOL_OPENPGP, "mixed", NULL).n_signatures, 0);
    assert_int_equal(verify(&ask, PROTOCOL_OPENPGP, "twice", NULL).n_signatures, 0);
    assert_int_equal(verify(&ask, PROTOCOL_OPENPGP, "text", "clear").n_signatures, 0);
}

static void pgp_seals(void **state)
{
    static const char *const keys[] = {"alice.asc", "bob.pgp", "nist.pgp"};

    (void)state;
    for (size_t i = 0; i < LEN(keys); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_sealed s = seal(a, PROTOCOL_OPENPGP, keys[i], clock_now());

        assert_row(keys[i], s.sealed);
        spit("sealed", s.bytes);
        sh("gpg --batch --yes --trust-model always --status-fd 1 -o plain -d sealed | tee st && "
           "cmp plain text");
        sh("grep -q GOODSIG st && grep -q 'DECRYPTION_INFO 2 9' st && test $(grep -c ENC_TO st) = "
           "1");
        sh("gpg --list-packets --batch sealed | tee p; ! grep -q compressed p && grep -q 'digest "
           "algo 10' p");
    }
    sh("test -z \"$(ls work)\" && ! gpg --homedir seal --batch -k alice");
}

static void pgp_refuses_keys_that_cannot_be_used(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    instant now = clock_now();
    struct crypto_sealed s;

    (void)state;
    s = seal(a, PROTOCOL_OPENPGP, "alice.asc", now + 400 * DAY);
    assert_false(s.sealed);
    assert_string_equal(s.reason, "the key has expired");
    s = seal(a, PROTOCOL_OPENPGP, "rita.pgp", now);
    assert_string_equal(s.reason, "the key was revoked");
    s = seal(a, PROTOCOL_OPENPGP, "short.pgp", now);
    assert_string_equal(s.reason, "the key has no encryption subkey");
    s = seal(a, PROTOCOL_OPENPGP, "text", now);
    assert_false(s.sealed);
    sh("gpg --batch --export-secret-keys alice >secret; cat bob.pgp nist.pgp >two");
    assert_false(seal(a, PROTOCOL_OPENPGP, "secret", now).sealed);
    assert_false(seal(a, PROTOCOL_OPENPGP, "two", now).sealed);
}

static void a_bomb_ends(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_opened o;
    int64_t start;

    (void)state;
    sh("head -c 400000000 /dev/zero | gpg --batch --yes --trust-model always -r desk -z 9 "
       "--bzip2-compress-level 9 "
       "--compress-algo bzip2 -o m -e && test $(stat -c %s m) -lt 100000");
    start = clock_monotonic_ms();
    o = decrypt(a, PROTOCOL_OPENPGP, "m", NULL);
    assert_int_equal(o.status, SEAL_ERROR);
    assert_false(o.released);
    assert_true(clock_monotonic_ms() - start < 120000);
}

static void inspects(void **state)
{
    static const struct key_row rows[] = {
        {"alice.asc", PROTOCOL_OPENPGP, true, "ed25519", "alice@p.example"},
        {"bob.pgp", PROTOCOL_OPENPGP, true, "rsa3072", "bob@p.example"},
        {"rita.pgp", PROTOCOL_OPENPGP, false, "ed25519", "rita@p.example"},
        {"short.pgp", PROTOCOL_OPENPGP, false, "rsa1024", "short@p.example"},
        {"secret", PROTOCOL_NONE, false, NULL, NULL},
        {"two", PROTOCOL_NONE, false, NULL, NULL},
        {"text", PROTOCOL_NONE, false, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        inspect_row(&rows[i]);
}

/* The wrapping of a session key can be varied by anybody, the key itself can't: that is what tells
 * that somebody sent a ciphertext again. */
static void pgp_session_key_survives_other_wrapping(void **state)
{
    static const char *const varied[] = {
        "b[3:11] = bytes(8)",                                  /* the key id: hidden */
        "b[46] ^= 0x80",                                       /* Cv25519 ignores this bit */
        "b[0:0] = b[:3] + bytes(8) + b[11:b[1] + 2]",          /* another reader, hidden */
        "b[0:b[1] + 2] = bytes([0xc1, b[1]]) + b[2:b[1] + 2]", /* a new packet header */
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_opened first;
    struct crypto_opened again;

    (void)state;
    sh("gpg --batch --yes --trust-model always -f desk.asc -o m -e text");
    first = decrypt(a, PROTOCOL_OPENPGP, "m", NULL);
    assert_int_equal(first.status, SEAL_VALID);
    for (size_t i = 0; i < LEN(varied); i++) {
        sh(arena_printf(a,
                        "python3 -c \"b = bytearray(open('m','rb').read()); %s; "
                        "open('v','wb').write(b)\"",
                        varied[i]));
        again = decrypt(a, PROTOCOL_OPENPGP, "v", NULL);
        assert_row(varied[i], again.status == SEAL_VALID);
        assert_string_equal(first.session_key, again.session_key);
    }
    sh("gpg --batch --yes --trust-model always -f desk.asc -o v -e text");
    assert_string_not_equal(first.session_key, decrypt(a, PROTOCOL_OPENPGP, "v", NULL).session_key);
}

/* Packets by hand: nothing here writes the newer forms. */
static void pgp_forms_are_named(void **state)
{
    static const struct {
        const char *name;
        const char *make;
        enum seal_status status;
        const char *named;
    } rows[] = {
        {"passphrase", "gpg --batch --pinentry-mode loopback --passphrase x --yes -o m -c text",
         SEAL_NO_KEY, "pgp-symmetric"},
        {"passphrase or our key",
         "gpg --batch --pinentry-mode loopback --passphrase x --trust-model always --yes -o m -c "
         "-e "
         "-f desk.asc text",
         SEAL_VALID, NULL},
        {"no session key at all", "printf '\\322\\010\\001abcdefg' >m", SEAL_NO_KEY, NULL},
        {"SEIPD 2", "printf '\\301\\005\\006\\000\\031ab\\322\\010\\002\\011\\002\\006abcd' >m",
         SEAL_ERROR, "pgp-v6"},
        {"LibrePGP's AEAD",
         "gpg --batch --trust-model always --yes -o e -e -f desk.asc text && python3 -c \"b = "
         "open('e','rb').read(); n = (b[1] << 8 | b[2]) + 3 if b[0] == 0x85 else b[1] + 2; "
         "open('m','wb').write(b[:n] + bytes([0xd4, 40, 1, 9, 2, 16]) + bytes(36))\"",
         SEAL_ERROR, "pgp-librepgp"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_opened o;

        sh(rows[i].make);
        o = decrypt(a, PROTOCOL_OPENPGP, "m", NULL);
        if (o.status != rows[i].status)
            fail_msg("%s: %s %s", rows[i].name, seal_status_words[o.status], o.reason);
        assert_row(rows[i].name, o.encrypted);
        assert_row(rows[i].name, o.named.n == (rows[i].named == NULL ? 0 : 1));
        assert_row(rows[i].name, rows[i].named == NULL || strs_has(&o.named, rows[i].named));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(homes_hold_what_their_role_needs),
        cmocka_unit_test(pgp_opens_and_verifies),
        cmocka_unit_test(pgp_unsigned_and_unknown),
        cmocka_unit_test(pgp_never_releases_what_is_not_sound),
        cmocka_unit_test(pgp_signature_rows),
        cmocka_unit_test(pgp_two_signers),
        cmocka_unit_test(pgp_clearsigned_alone_only),
        cmocka_unit_test(pgp_seals),
        cmocka_unit_test(pgp_refuses_keys_that_cannot_be_used),
        cmocka_unit_test(a_bomb_ends),
        cmocka_unit_test(inspects),
        cmocka_unit_test(pgp_session_key_survives_other_wrapping),
        cmocka_unit_test(pgp_forms_are_named),
    };

    return cmocka_run_group_tests(tests, make_all, remove_all);
}
