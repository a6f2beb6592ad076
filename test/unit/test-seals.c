/* Forms of seals that stand in a text or in a file, and what must never count as verified. */
#include "test/openlib.h"

#define ATTACHED(name, file)                                                                     \
    "Content-Type: application/octet-stream; name=" name "\r\nContent-Transfer-Encoding: base64" \
    "\r\n\r\n%" file "64%\r\n"
#define MAIL SUBJECT MIXED "\r\nhello\r\n--m\r\n"
#define BLOCK_TEXT "Content-Type: text/plain\n\nforged"

static void make_texts(void)
{
    sh("P='gpg -q --batch --pinentry-mode loopback --trust-model always --yes'; "
       "F='-u finder@x.example'; "
       "$P -a -f desk.asc -o encclear.asc -e clear.asc && "
       "printf -- '-dash\\nFrom me\\n caf\\351\\n' >latin && "
       "$P -a $F -o latin.asc --clearsign latin && "
       "sed 's/^ /  /; s/^From/ From/' latin.asc >stuffed.asc && "
       "printf 'int main;\\n' >poc.txt && $P $F -o poc.sig -b poc.txt && "
       "$P -u stranger@x.example -a -o poc.asc -b poc.txt && "
       "$P -f desk.asc -o poc.gpg -e poc.txt && $P $F -f desk.asc -o pocs.gpg -se poc.txt && "
       "$P $F -o pocsigned.gpg -s poc.txt && $P -f finder.pgp -o pocother.gpg -e poc.txt && "
       "$P -f desk.asc -o ent.pgp -e entity");
    sh("openssl cms -sign -binary -in poc.txt -signer peer.pem -inkey peer.key -outform DER"
       " -out poc.p7s");
    sh("{ printf 'Content-Type: multipart/mixed; "
       "boundary=i\\r\\n\\r\\n--i\\r\\n\\r\\nhello\\r\\n--i"
       "\\r\\nContent-Disposition: attachment; filename=poc.txt\\r\\n\\r\\nint "
       "main;\\n\\r\\n--i\\r\\n"
       "Content-Disposition: attachment; filename=poc.txt.asc\\r\\nContent-Type:"
       " application/octet-stream\\r\\n\\r\\n'; cat poc.asc; printf '\\r\\n--i\\r\\nContent-Type:"
       " application/octet-stream; name=poc.txt.gpg\\r\\nContent-Transfer-Encoding: base64"
       "\\r\\n\\r\\n'; base64 pocother.gpg; printf '\\r\\n--i--\\r\\n'; } | sed 's/\\r$//; "
       "s/$/\\r/'"
       " >files; gpg -q --batch --yes -u finder@x.example -a -o files.asc -b files");
}

/* Names that try to speak for gpg, and a stranger who calls himself the finder. */
static void make_liars(void)
{
    sh("sq key generate -u 'Eve <eve@x.example>\n[GNUPG:] GOODSIG 0123456789ABCDEF Finder' -e "
       "eve.key || "
       "sq key generate --userid 'Eve <eve@x.example>\n[GNUPG:] GOODSIG 0123456789ABCDEF Finder'"
       " --export eve.key");
    sh("gpg -q --batch --import eve.key && gpg -q --export eve@x.example >eve.pgp && "
       "gpg --batch -q --pinentry-mode loopback --passphrase '' --quick-gen-key"
       " 'Finder (really) <finder@x.example>' future-default default never && "
       "gpg --with-colons --list-keys really | awk -F: '/^fpr/{print $10; exit}' >really");
    sh("P='gpg -q --batch --pinentry-mode loopback --trust-model always -a --yes'; "
       "L='line\n[GNUPG:] GOODSIG 0123456789ABCDEF Finder\n[GNUPG:] VALIDSIG 0'; "
       "$P -u eve@x.example -o eve.asc -b entity && $P -u $(cat really) -o really.asc -b entity && "
       "$P --set-filename \"$L\" -f desk.asc -o name.asc -e entity");
}

static void make_odd(void)
{
    sh("P='gpg -q --batch --pinentry-mode loopback --trust-model always --yes'; "
       "F='-u finder@x.example'; "
       "printf 'Content-Type: text/plain\\r\\n\\r\\n' >void && $P -a $F -o void.asc -b void && "
       "$P $F -o a -b entity && "
       "$P $F -o c -b forged && cat a c >ac.sig");
    sh("openssl cms -sign -binary -in entity -signer peer.pem -inkey peer.key -signer desk.pem "
       "-inkey desk.key -outform DER -nodetach -out two.der && python3 -c \"b = "
       "bytearray(open('two.der','rb').read()); b[-9] ^= 1; open('bad.der','wb').write(b)\"");
    sh("{ printf 'Content-Type: message/rfc822\\r\\n\\r\\nFrom: Mallory "
       "<m@x.example>\\r\\nSubject: "
       "inside\\r\\nDate: Thu, 24 Dec 2026 05:00:00 +0000\\r\\n\\r\\nwrapped\\r\\n'; } >wrapped && "
       "sed 's/m@x/finder@x/' wrapped >own && sed 's/^Date/Message-ID: <old@x>\\r\\nDate/' own "
       ">again && for n in wrapped own again; do gpg -q --batch --yes -u finder@x.example -a "
       "-o "
       "$n.asc -b $n; done");
}

static int make_more(void **state)
{
    make_all(state);
    make_texts();
    make_liars();
    make_odd();
    return 0;
}

static const struct row inline_rows[] = {
    {"clear-signed, with text around", SUBJECT "\r\nbefore\r\n\r\n%clear.asc%\r\nafter\r\n",
     TRUST_BAD, "0 openpgp signed valid part 2", "1 text/plain, 2.1 text/plain, 3 text/plain",
     "before\n\n" BLOCK_TEXT "\n\nafter", "outside", true},
    {"two encrypted blocks", SUBJECT "\r\n%enc.asc%\r\n%encsig.asc%", TRUST_CLAIMED,
     "0 openpgp encrypted valid part 1, 0 openpgp encrypted valid part 2, 1 openpgp signed valid "
     "part 2",
     "1.1 text/plain, 2.1 text/plain", INSIDE "\n\n" INSIDE, "outside", false},
    {"clear-signed inside encrypted", SUBJECT "\r\n%encclear.asc%", TRUST_VERIFIED,
     "0 openpgp encrypted valid whole -, 1 openpgp signed valid whole 1", "1.1 text/plain",
     BLOCK_TEXT, "outside", true},
    {"a signed message in armor", SUBJECT "\r\n%signed.asc%", TRUST_VERIFIED,
     "0 openpgp signed valid whole -", "1 text/plain", INSIDE, "inside", true},
    {"dashes, charset", SUBJECT "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n%latin.asc%",
     TRUST_VERIFIED, "0 openpgp signed valid whole -", "1 text/plain", "-dash\nFrom me\n caf\u00e9",
     "outside", true},
    {"format=flowed",
     SUBJECT "Content-Type: text/plain; charset=iso-8859-1; format=flowed\r\n\r\n%stuffed.asc%",
     TRUST_VERIFIED, "0 openpgp signed valid whole -", "1 text/plain", "-dash\nFrom me\n caf\u00e9",
     "outside", true},
    {"stuffed, but not flowed",
     SUBJECT "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n%stuffed.asc%", TRUST_BAD,
     "0 openpgp signed invalid whole -", "1 text/plain", "-dash\nFrom me\n  caf\u00e9", "outside",
     true},
    {"one that never ends", SUBJECT "\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nx", TRUST_CLAIMED,
     "", "1 text/plain", "-----BEGIN PGP SIGNED MESSAGE-----\nx", "outside", true},
};

static const struct row file_rows[] = {
    {"encrypted", MAIL ATTACHED("poc.txt.gpg", "poc.gpg") "--m--", TRUST_CLAIMED,
     "0 openpgp encrypted valid part 2", "1 text/plain, 2.1 text/plain", "hello", "outside", false},
    {"encrypted and signed", MAIL ATTACHED("poc.txt.gpg", "pocs.gpg") "--m--", TRUST_CLAIMED,
     "0 openpgp encrypted valid part 2, 1 openpgp signed valid part 2",
     "1 text/plain, 2.1 text/plain", "hello", "outside", false},
    {"signed", MAIL ATTACHED("poc.txt.pgp", "pocsigned.gpg") "--m--", TRUST_BAD,
     "0 openpgp signed valid part 2", "1 text/plain, 2.1 text/plain", "hello", "outside", true},
    {"armored, and all there is",
     SUBJECT "Content-Type: application/octet-stream; name=msg.asc\r\n\r\n%enc.asc%", TRUST_CLAIMED,
     "0 openpgp encrypted valid whole -", "1 text/plain", INSIDE, "inside", true},
    {"binary, and all there is",
     SUBJECT "Content-Type: application/octet-stream; name=msg.pgp\r\n"
             "Content-Transfer-Encoding: base64\r\n\r\n%ent.pgp64%",
     TRUST_CLAIMED, "0 openpgp encrypted valid whole -", "1 text/plain", INSIDE, "inside", true},
    {"a signature beside",
     MAIL ATTACHED("poc.txt", "poc.txt") "--m\r\n" ATTACHED("poc.txt.sig", "poc.sig") "--m--",
     TRUST_BAD, "0 openpgp signed valid part 2",
     "1 text/plain, 2 application/octet-stream, 3 application/octet-stream", "hello", "outside",
     true},
    {"S/MIME beside",
     MAIL ATTACHED("poc.txt", "poc.txt") "--m\r\n" ATTACHED("poc.txt.p7s", "poc.p7s") "--m--",
     TRUST_BAD, "0 smime signed valid part 2",
     "1 text/plain, 2 application/octet-stream, 3 application/octet-stream", "hello", "outside",
     true},
    {"of another file",
     MAIL ATTACHED("poc.txt", "entity") "--m\r\n" ATTACHED("poc.txt.sig", "poc.sig") "--m--",
     TRUST_BAD, "0 openpgp signed invalid part 2",
     "1 text/plain, 2 application/octet-stream, 3 application/octet-stream", "hello", "outside",
     true},
    {"of nothing", MAIL ATTACHED("poc.txt.sig", "poc.sig") "--m--", TRUST_CLAIMED, "",
     "1 text/plain, 2 application/octet-stream", "hello", "outside", true},
    {"sealed files in a signed mail",
     SUBJECT "Content-Type: multipart/signed; boundary=q\r\n\r\n--q\r\n%files%\r\n--q\r\n"
             "Content-Type: application/pgp-signature\r\n\r\n%files.asc%\r\n--q--\r\n",
     TRUST_VERIFIED,
     "0 openpgp signed valid whole -, 1 openpgp signed unknown-key part 1.2, "
     "1 openpgp encrypted no-key part 1.4",
     "1.1 text/plain, 1.2 text/plain, 1.3 application/octet-stream, "
     "1.4 application/octet-stream",
     "hello", "outside", false},
};

#define SIGNED(what, sig)                                                            \
    "Content-Type: multipart/signed; boundary=q\r\n\r\n--q\r\n%" what "%\r\n--q\r\n" \
    "Content-Type: application/pgp-signature\r\n\r\n%" sig "%\r\n--q--\r\n"
#define SIGNED64(what, sig)                                                          \
    "Content-Type: multipart/signed; boundary=q\r\n\r\n--q\r\n%" what "%\r\n--q\r\n" \
    "Content-Type: application/pgp-signature\r\nContent-Transfer-Encoding: base64"   \
    "\r\n\r\n%" sig "64%\r\n--q--\r\n"

/* None of these is verified; further ones stand in test-open.c and in the corpus. */
static const struct row forged_rows[] = {
    {"two signatures of one signer, one bad", SUBJECT SIGNED64("entity", "ac.sig"), TRUST_BAD,
     "0 openpgp signed valid whole -, 0 openpgp signed invalid whole -", "1 text/plain", INSIDE,
     "inside", true},
    {"a detached signature with a text of its own",
     SUBJECT "Content-Type: multipart/signed; boundary=q\r\n\r\n--q\r\n%forged%\r\n--q\r\n"
             "Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64"
             "\r\n\r\n%opaque.der64%\r\n--q--\r\n",
     TRUST_BAD, "0 smime signed invalid whole -", "1 text/plain", "forged", "outside", true},
    {"an empty signed part", SUBJECT SIGNED("void", "void.asc"), TRUST_CLAIMED,
     "0 openpgp signed valid whole -", "1 text/plain", "", "outside", true},
    {"an empty signed part beside a text",
     SUBJECT MIXED SIGNED("void", "void.asc") "\r\n--m\r\n\r\npay me\r\n--m--", TRUST_BAD,
     "0 openpgp signed valid part 1", "1.1 text/plain, 2 text/plain", "pay me", "outside", true},
    {"a name with a status line", SUBJECT SIGNED("entity", "eve.asc"), TRUST_SIGNED,
     "0 openpgp signed unknown-key whole -", "1 text/plain", INSIDE, "inside", true},
    {"a file name with a status line", SUBJECT PGP_ENCRYPTED("name.asc"), TRUST_CLAIMED,
     "0 openpgp encrypted valid whole -", "1 text/plain", INSIDE, "inside", true},
    {"another's address", SUBJECT SIGNED("entity", "really.asc"), TRUST_SIGNED,
     "0 openpgp signed unknown-key whole -", "1 text/plain", INSIDE, "inside", true},
};

#define OWNER                                                                        \
    "From: Finder <finder@x.example>\r\nSubject: outside\r\nDate: Thu, 24 Dec 2026 " \
    "05:00:00 +0000\r\n"

static const struct row header_rows[] = {
    {"the mail itself, wrapped", OWNER SIGNED("own", "own.asc"), TRUST_VERIFIED,
     "0 openpgp signed valid whole -", "1 text/plain", "wrapped", "inside", true},
    {"somebody's mail, forwarded", OWNER SIGNED("wrapped", "wrapped.asc"), TRUST_VERIFIED,
     "0 openpgp signed valid whole -", "1 message/rfc822, 1.1 text/plain", "wrapped", "outside",
     true},
    {"sent again under the From in it", SUBJECT SIGNED("wrapped", "wrapped.asc"), TRUST_VERIFIED,
     "0 openpgp signed valid whole -", "1 message/rfc822, 1.1 text/plain", "wrapped", "outside",
     true},
    {"an old mail, forwarded", "Message-ID: <new@x>\r\n" OWNER SIGNED("again", "again.asc"),
     TRUST_VERIFIED, "0 openpgp signed valid whole -", "1 message/rfc822, 1.1 text/plain",
     "wrapped", "outside", true},
};

static void forgeries(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span bytes;
    struct message m;

    (void)state;
    for (size_t i = 0; i < LEN(forged_rows); i++)
        open_row(&forged_rows[i]);
    /* Which of the two comes first is up to DER's order. */
    m = opened(a, SUBJECT SMIME("bad.der"), &bytes);
    assert_int_equal(m.n_seals, 2);
    assert_true((m.seals[0].status == SEAL_INVALID) != (m.seals[1].status == SEAL_INVALID));
    assert_int_equal(m.trust, TRUST_BAD);
}

static void header_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(header_rows); i++)
        open_row(&header_rows[i]);
}

/* The key's name, once it is known, is one line and no status. */
static void a_name_is_only_a_name(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct crypto_ask ask = ask_with(a, "eve.pgp", NULL);
    struct crypto_verified v = verify(&ask, PROTOCOL_OPENPGP, "entity", "eve.asc");

    (void)state;
    assert_int_equal(v.n_signatures, 1);
    assert_int_equal(v.signatures[0].status, SEAL_VALID);
    assert_int_equal(v.signatures[0].addresses.n, 0); /* an address is not followed by more */
    v = verify(&ask, PROTOCOL_OPENPGP, "entity", "sig.asc");
    assert_int_equal(v.n_signatures, 1);
    assert_int_equal(v.signatures[0].status, SEAL_UNKNOWN_KEY);
}

static void owner_against_from(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span bytes;
    struct message m = opened(a, SUBJECT "\r\n%clear.asc%", &bytes);

    (void)state;
    assert_true(strs_has(&m.defects, "from-not-key-owner"));
    m = opened(a, SUBJECT PGP_ENCRYPTED("encsig.asc"), &bytes);
    assert_string_equal(m.from, "finder@x.example");
    assert_false(strs_has(&m.defects, "from-not-key-owner"));
    assert_true(strs_has(&m.defects, "from-differs"));
}

static void what_no_seal_covers_is_marked(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span bytes;
    struct message m;

    (void)state;
    m = opened(a,
               SUBJECT MIXED "%pgp-signed%\r\n--m\r\n\r\n____________________________\r\nlist\r\n"
                             "--m--\r\n",
               &bytes);
    assert_int_equal(m.trust, TRUST_VERIFIED);
    assert_string_equal(message_marked_text(a, &m),
                        INSIDE "\n\n[not sealed, and covered by no signature:]\n\n"
                               "____________________________\nlist");
    m = opened(a, SUBJECT "\r\nplain\r\n", &bytes);
    assert_string_equal(message_marked_text(a, &m), "plain");
    m = opened(a, SUBJECT "%pgp-signed%", &bytes);
    assert_string_equal(message_marked_text(a, &m), INSIDE);
}

static void inline_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(inline_rows); i++)
        open_row(&inline_rows[i]);
}

static void files(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span bytes;
    struct message m;

    (void)state;
    for (size_t i = 0; i < LEN(file_rows); i++)
        open_row(&file_rows[i]);
    m = opened(a, file_rows[0].mail, &bytes);
    assert_string_equal(m.parts[1].filename, "poc.txt");
    assert_int_equal(m.parts[1].role, PART_ATTACHMENT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(inline_forms),
        cmocka_unit_test(files),
        cmocka_unit_test(forgeries),
        cmocka_unit_test(header_forms),
        cmocka_unit_test(a_name_is_only_a_name),
        cmocka_unit_test(owner_against_from),
        cmocka_unit_test(what_no_seal_covers_is_marked),
    };

    return cmocka_run_group_tests(tests, make_more, remove_all);
}
