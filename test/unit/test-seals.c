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

static int make_more(void **state)
{
    make_all(state);
    make_texts();
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
    };

    return cmocka_run_group_tests(tests, make_more, remove_all);
}
