#include "open/open.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/json.h"
#include "test/openlib.h"

static const struct row rows[] = {
    {"plain", SUBJECT "\r\nhello\r\n\r\n", TRUST_CLAIMED, "", "1 text/plain", "hello", "outside",
     true},
    {"pgp encrypted", SUBJECT PGP_ENCRYPTED("enc.asc"), TRUST_CLAIMED,
     "0 openpgp encrypted valid whole -", "1 text/plain", INSIDE, "inside", true},
    {"pgp combined", SUBJECT PGP_ENCRYPTED("encsig.asc"), TRUST_VERIFIED,
     "0 openpgp encrypted valid whole -, 1 openpgp signed valid whole -", "1 text/plain", INSIDE,
     "inside", true},
    {"pgp signed", SUBJECT "%pgp-signed%", TRUST_VERIFIED, "0 openpgp signed valid whole -",
     "1 text/plain", INSIDE, "inside", true},
    {"pgp signed then encrypted", SUBJECT PGP_ENCRYPTED("nested.asc"), TRUST_VERIFIED,
     "0 openpgp encrypted valid whole -, 1 openpgp signed valid whole -", "1 text/plain", INSIDE,
     "inside", true},
    {"pgp tampered", SUBJECT "%pgp-tampered%", TRUST_BAD, "0 openpgp signed invalid whole -",
     "1 text/plain", "It reads over the end.", "outside", true},
    {"pgp signed by a stranger", SIGNED_BY("strange.asc"), TRUST_SIGNED,
     "0 openpgp signed unknown-key whole -", "1 text/plain", INSIDE, "inside", true},
    {"pgp for another key", SUBJECT PGP_ENCRYPTED("other.asc"), TRUST_CLAIMED,
     "0 openpgp encrypted no-key whole -",
     "1 application/pgp-encrypted, 2 application/octet-stream", "", "outside", true},
    {"pgp signed only in an encrypted wrapper", SUBJECT PGP_ENCRYPTED("signed.asc"), TRUST_CLAIMED,
     "0 openpgp encrypted error whole -, 1 openpgp signed valid whole -", "1 text/plain", INSIDE,
     "inside", true},
    {"signed outside an encryption",
     SUBJECT "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n" PGP_ENCRYPTED(
         "enc.asc") "--m\r\n\r\nbeside\r\n--m--\r\n",
     TRUST_CLAIMED, "0 openpgp encrypted valid part 1", "1.1 text/plain, 2 text/plain",
     INSIDE "\n\nbeside", "outside", false},
    {"a signed child beside text", SUBJECT MIXED "%pgp-signed%\r\n--m\r\n\r\nbeside\r\n--m--\r\n",
     TRUST_BAD, "0 openpgp signed valid part 1", "1.1 text/plain, 2 text/plain",
     INSIDE "\n\nbeside", "outside", true},
    {"a list's footer",
     SUBJECT MIXED "%pgp-signed%\r\n--m\r\n\r\n____________________________\r\nlist\r\n--m--\r\n",
     TRUST_VERIFIED, "0 openpgp signed valid whole 1", "1.1 text/plain, 2 text/plain", INSIDE,
     "inside", true},
    {"unsigned part beside signed",
     SUBJECT
     "Content-Type: multipart/signed; boundary=q\r\n\r\n--q\r\n%entity%\r\n--q\r\n"
     "Content-Type: application/pgp-signature\r\n\r\n%sig.asc%\r\n--q\r\n\r\nmore\r\n--q--\r\n",
     TRUST_BAD, "0 openpgp signed valid part -", "1 text/plain, 3 text/plain", INSIDE "\n\nmore",
     "outside", true},
    {"a forwarded signed mail proves nothing",
     SUBJECT MIXED "\r\nsee\r\n--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
                   "x\r\n%pgp-signed%\r\n--m--\r\n",
     TRUST_CLAIMED, "",
     "1 text/plain, 2 message/rfc822, 2.1 text/plain, 2.2 application/pgp-signature",
     "see\n\n" INSIDE, "outside", true},
    {"Exchange's mixed",
     SUBJECT MIXED "Content-Type: text/plain\r\n\r\n\r\n--m\r\n"
                   "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--m\r\n"
                   "Content-Type: application/octet-stream\r\n\r\n%encsig.asc%\r\n--m--\r\n",
     TRUST_VERIFIED, "0 openpgp encrypted valid whole -, 1 openpgp signed valid whole -",
     "1 text/plain", INSIDE, "inside", true},
    {"inline clear-signed", SUBJECT "\r\n%clear.asc%", TRUST_VERIFIED,
     "0 openpgp signed valid whole -", "1 text/plain", "Content-Type: text/plain\n\nforged",
     "outside", true},
    {"inline encrypted", SUBJECT "\r\n%enc.asc%", TRUST_CLAIMED,
     "0 openpgp encrypted valid whole -", "1 text/plain", INSIDE, "inside", true},
    {"smime enveloped", SUBJECT SMIME("enveloped.der"), TRUST_CLAIMED,
     "0 smime encrypted valid whole -", "1 text/plain", INSIDE, "inside", true},
    {"smime opaque", SUBJECT SMIME("opaque.der"), TRUST_VERIFIED, "0 smime signed valid whole -",
     "1 text/plain", INSIDE, "inside", true},
    {"smime opaque in enveloped", SUBJECT SMIME("both.der"), TRUST_VERIFIED,
     "0 smime encrypted valid whole -, 1 smime signed valid whole -", "1 text/plain", INSIDE,
     "inside", true},
    {"smime detached", SUBJECT "%smime-signed%", TRUST_VERIFIED, "0 smime signed valid whole -",
     "1 text/plain", INSIDE, "inside", true},
    {"smime without a usable type",
     SUBJECT "Content-Type: application/octet-stream; name=smime.p7m\r\n"
             "Content-Transfer-Encoding: base64\r\n\r\n%opaque.der64%",
     TRUST_VERIFIED, "0 smime signed valid whole -", "1 text/plain", INSIDE, "inside", true},
    {"rubbish for smime", SUBJECT "Content-Type: application/pkcs7-mime\r\n\r\nrubbish",
     TRUST_CLAIMED, "", "1 application/pkcs7-mime", "", "outside", true},
    {"rubbish for pgp", SUBJECT PGP_ENCRYPTED("entity"), TRUST_CLAIMED,
     "0 openpgp encrypted error whole -", "1 application/pgp-encrypted, 2 application/octet-stream",
     "", "outside", true},
    {"alternative: the plain one",
     SUBJECT "Content-Type: multipart/alternative; boundary=m\r\n\r\n--m\r\n\r\nplain\r\n--m\r\n"
             "Content-Type: text/html\r\n\r\n<p>rich\r\n--m--\r\n",
     TRUST_CLAIMED, "", "1 text/plain, 2 text/html", "plain", "outside", true},
    {"a signed child of an alternative that shows another",
     SUBJECT "Content-Type: multipart/alternative; boundary=m\r\n\r\n--m\r\n\r\nforged\r\n--m\r\n"
             "%pgp-signed%\r\n--m--\r\n",
     TRUST_BAD, "0 openpgp signed valid part 2", "1 text/plain, 2.1 text/plain", "forged",
     "outside", true},
    {"alternative: an empty plain one",
     SUBJECT "Content-Type: multipart/alternative; boundary=m\r\n\r\n--m\r\n\r\n \r\n--m\r\n"
             "Content-Type: text/html\r\n\r\n<p>rich\r\n--m--\r\n",
     TRUST_CLAIMED, "", "1 text/plain, 2 text/html", "rich", "outside", true},
    {"an attached text is no text",
     SUBJECT MIXED
     "\r\nhello\r\n--m\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nno\r\n--m--",
     TRUST_CLAIMED, "", "1 text/plain, 2 text/plain", "hello", "outside", true},
};

static void every_shape(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        open_row(&rows[i]);
}

/* What worker-verify gets must give the same verdict without any MIME. */
static void signed_objects_verify_again(void **state)
{
    size_t verified = 0;

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct crypto_ask ask = ask_with(a, "finder.pgp", "peer.pem");
        struct span bytes;
        struct message m = opened(a, rows[i].mail, &bytes);

        for (size_t j = 0; j < m.n_signed_objects; j++) {
            const struct signed_object *o = &m.signed_objects[j];
            struct span content = span_of(bytes.at + o->content.offset, o->content.n);
            struct span signature = span_of(bytes.at + o->signature.offset, o->signature.n);
            struct crypto_verified v = {.n_signatures = 0};

            if (content.n == 0) {
                content = signature;
                signature = span_of(NULL, 0);
            }
            OK(crypto_verify(crypto, o->protocol, &ask, content, signature, &v, &err));
            assert_row(rows[i].name, v.n_signatures > 0);
            assert_row(rows[i].name, v.signatures[0].status == m.seals[o->seal].status);
            verified++;
        }
    }
    assert_true(verified > 10);
}

static void keys_count_only_inside_one_chain(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span bytes;
    struct message m;

    (void)state;
    sh("gpg --batch --yes --armor --export finder >finder.asc");
    sh("{ printf 'Content-Type: application/pgp-keys\\r\\nContent-Disposition: attachment\\r\\n"
       "Content-Transfer-Encoding: base64\\r\\n\\r\\n'; base64 finder.pgp; } >offer");
    sh("gpg -q --batch --trust-model always -a --yes -f desk.asc -o offer.asc -e offer");
    m = opened(a, SUBJECT "%offer%", &bytes);
    assert_int_equal(m.n_keys, 0);
    m = opened(a, SUBJECT PGP_ENCRYPTED("offer.asc"), &bytes);
    assert_int_equal(m.n_keys, 1);
    assert_int_equal(strlen(m.keys[0].fingerprint), 40);
    assert_true(m.keys[0].bytes.n > 0);
    m = opened(a, SUBJECT MIXED PGP_ENCRYPTED("offer.asc") "\r\n--m\r\n\r\nbeside\r\n--m--\r\n",
               &bytes);
    assert_int_equal(m.n_keys, 0);
    m = opened(a,
               SUBJECT "Content-Type: multipart/encrypted; boundary=e\r\n\r\n--e\r\n"
                       "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--e\r\n"
                       "Content-Type: application/octet-stream\r\n\r\n%finder.asc%\r\n--e--\r\n",
               &bytes);
    assert_int_equal(m.n_keys, 0); /* a key where the encryption should be is not inside it */
}

/* Among words, in a file that is named so, as bytes; a quoted block is somebody else's. */
static void keys_in_texts_and_files(void **state)
{
    static const struct {
        const char *make; /* of the entity */
        size_t want;
    } offers[] = {
        {"{ printf 'Content-Type: text/plain\r\n\r\nMy key:\r\n'; cat finder.asc; echo Bye; }", 1},
        {"{ printf 'Content-Type: text/plain\r\n\r\n'; sed 's/^/> /' finder.asc; }", 0},
        {"{ printf 'Content-Type: application/octet-stream; name=my.asc\r\n\r\n'; "
         "echo 'pub ed25519'; cat finder.asc; }",
         1},
        {"{ printf 'Content-Type: application/octet-stream; name=my.gpg\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\n'; base64 finder.pgp; }",
         1},
        {"{ printf 'Content-Type: application/octet-stream; name=poc.bin\r\n\r\n'; "
         "echo x; cat finder.asc; }",
         0},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    sh("gpg --batch --yes --armor --export finder >finder.asc");
    for (size_t i = 0; i < LEN(offers); i++) {
        struct span bytes;
        struct message m;

        sh(arena_printf(a, "%s >offer", offers[i].make));
        sh("gpg -q --batch --trust-model always -a --yes -f desk.asc -o offer.asc -e offer");
        m = opened(a, SUBJECT PGP_ENCRYPTED("offer.asc"), &bytes);
        assert_int_equal(m.n_keys, offers[i].want);
        if (m.n_keys == 1)
            assert_true(m.keys[0].addresses.n > 0);
    }
}

/* Whoever re-sends a sniffed ciphertext could add a footer, and in it a key of their own. */
static void a_key_in_a_footer_is_no_offer(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span bytes;
    struct message m;

    (void)state;
    sh("gpg --batch --yes --armor --export finder >finder.asc");
    sh("printf 'Content-Type: text/plain\r\n\r\na report\r\n' >bare");
    sh("gpg -q --batch --trust-model always -a --yes -f desk.asc -o bare.asc -e bare");
    m = opened(
        a,
        SUBJECT MIXED PGP_ENCRYPTED(
            "bare.asc") "\r\n--m\r\n\r\n____________________________\r\n%finder.asc%\r\n--m--\r\n",
        &bytes);
    assert_true(m.encrypted && m.single_chain);
    assert_true(strs_has(&m.repairs, "list-footer"));
    assert_int_equal(m.n_keys, 0);
}

/* Names from outside stand in the answer: all of them together have a limit. */
static void names_are_bounded_in_all(void **state)
{
    enum { PARTS = 900, NAME_BYTES = 4000 };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf mail = buf_new(a, 8 * 1024 * 1024);
    struct span bytes;
    struct message m;

    (void)state;
    buf_add_str(&mail, SUBJECT MIXED);
    for (int i = 0; i < PARTS; i++) {
        buf_add_str(&mail, "Content-Type: application/x; name=\"");
        for (int j = 0; j < NAME_BYTES; j++)
            buf_add_char(&mail, 'n');
        buf_add_str(&mail, "\"\r\n\r\nx\r\n--m\r\n");
    }
    m = opened(a, mail.at, &bytes);
    assert_true(m.n_parts >= PARTS);
    assert_true(strs_has(&m.defects, "names-cut"));
    assert_true(json_encode(a, message_fields, &m).n < 2 * 1024 * 1024);
}

static void dmarc_rows(void **state)
{
    static const struct {
        const char *header;
        uint32_t hops;
        const char *want;
    } table[] = {
        {"Authentication-Results: mx.x; dmarc=pass (p=none)\nReceived: a\n", 1, "pass"},
        {"Received: a\nAuthentication-Results: mx.x; dmarc=pass\n", 1, NULL},
        {"Received: a\nAuthentication-Results: mx.x; dmarc=pass\nReceived: b\n", 2, "pass"},
        {"Authentication-Results: mx.x; dmarc=pass\nReceived: a\n", 2, NULL},
        {"Authentication-Results: mx.x 1; spf=fail; DMARC = Fail reason=\"x\"\nReceived: a\n", 1,
         "fail"},
        {"Authentication-Results: mx.x; dmarc=pass\nAuthentication-Results: mx.x; dmarc=pass\n"
         "Received: a\n",
         1, NULL},
        {"Authentication-Results: mx.x; dkim=pass\nAuthentication-Results: mx.x; dmarc=pass\n"
         "Received: a\n",
         1, "pass"},
        {"Authentication-Results: other; dmarc=pass\nReceived: a\n", 1, NULL},
        {"Authentication-Results: mx.x (dmarc=pass; dmarc=pass); none\nReceived: a\n", 1, NULL},
        {"Authentication-Results: mx.x; spf=pass smtp.mailfrom=\"a; dmarc=pass\"@b.c\nReceived: "
         "a\n",
         1, NULL},
        {"Authentication-Results: mx.x (\\); dmarc=pass; \\(); none\nReceived: a\n", 1, NULL},
        {"Authentication-Results: mx.x;\n\tdmarc=pass\n\theader.from=b.c\nReceived: a\n", 1,
         "pass"},
        {"Authentication-Results: mx.x; xdmarc=pass\nReceived: a\n", 1, NULL},
        {"Authentication-Results: mx.x; dmarc=pass\n", 0, "pass"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(table); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const char *got = open_dmarc(a, span_str(table[i].header), "MX.x", table[i].hops);

        assert_row(table[i].header, (got == NULL) == (table[i].want == NULL));
        assert_row(table[i].header, got == NULL || strcmp(got, table[i].want) == 0);
    }
}

static void layers_and_sizes_are_bounded(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf mail = buf_new(a, 16 * 1024 * 1024);
    struct span bytes;
    struct message m;

    (void)state;
    for (int i = 0; i < 2000; i++)
        buf_add_str(&mail, "Content-Type: message/rfc822\n\n");
    m = opened(a, mail.at, &bytes);
    assert_true(m.n_parts <= OPEN_ENTITIES_DEPTH_MAX + 2);
    mail = buf_new(a, 16 * 1024 * 1024);
    buf_add_str(&mail, MIXED);
    for (int i = 0; i < 3000; i++)
        buf_add_str(&mail, "\r\n\001\001\001\r\n--m\r\n");
    m = opened(a, mail.at, &bytes);
    assert_true(strs_has(&m.defects, "too-many-parts"));
    assert_true(m.n_parts <= limits_default.parts);
    mail = buf_new(a, 16 * 1024 * 1024);
    buf_add_str(&mail, "Subject: x\r\n\r\n");
    for (int i = 0; i < 3 * OPEN_TEXT_MAX / 10; i++)
        buf_add_str(&mail, "0123456789");
    m = opened(a, mail.at, &bytes);
    assert_true(strs_has(&m.defects, "text-cut"));
    assert_int_equal(strlen(m.text), OPEN_TEXT_MAX);
    assert_int_equal(m.parts[0].size, 3 * OPEN_TEXT_MAX / 10 * 10);
}

/* Each limit is the request's, and past it the defect names it. */
static void limits_come_with_the_request(void **state)
{
    static const struct {
        struct limits limits; /* what is not 0 stands instead of the default */
        const char *mail;
        const char *defect;
    } cases[] = {
        {{.mail = 20}, "Subject: x\r\n\r\nlonger than that\r\n", "too-large"},
        {{.header = 20}, "Subject: x\r\nTo: you\r\nX: y\r\n\r\ntext\r\n", "header-too-large"},
        {{.line = 10}, "Subject: x\r\n\r\nlonger than ten\r\n", "line-too-long"},
        {{.parts = 2}, MIXED "\r\na\r\n--m\r\n\r\nb\r\n--m--\r\n", "too-many-parts"},
        {{.depth = 1},
         MIXED "Content-Type: multipart/mixed; boundary=n\r\n\r\n--n--\r\n--m--\r\n",
         "too-deep"},
        {{.comments = 1},
         "Content-Type: text/plain; ((x)) a=b\r\n\r\ntext\r\n",
         "comments-too-deep"},
        {{.decoded = 3}, "Subject: x\r\n\r\nfour\r\n", "decoded-too-large"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct limits limits = limits_default;
        const uint64_t *own = (const uint64_t *)&cases[i].limits;
        struct open_request request = {
            .mail = span_str(cases[i].mail), .now = clock_now(), .limits = &limits};
        struct message within = {.subject = NULL};
        struct message past = {.subject = NULL};
        struct span bytes;

        OK(open_message(a, crypto, &request, &within, &bytes, &err));
        assert_false(strs_has(&within.defects, cases[i].defect));
        for (size_t j = 0; j < sizeof(limits) / sizeof(*own); j++) {
            if (own[j] != 0)
                ((uint64_t *)&limits)[j] = own[j];
        }
        OK(open_message(a, crypto, &request, &past, &bytes, &err));
        assert_true(strs_has(&past.defects, cases[i].defect));
        assert_true(past.n_parts > 0);
    }
}

/* Only where it is asked for: the file's bytes stay as they are, what it tells stands behind them.
 */
static void files_are_looked_into(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct open_request request = {
        .mail = span_str("Subject: x\r\n" MIXED "\r\ntext\r\n--m\r\n"
                         "Content-Type: image/png\r\nContent-Disposition: attachment\r\n\r\n"
                         "<?xml version='1.0'?><p><creator>Rhea Sandoval</creator>more</p>\r\n"
                         "--m\r\nContent-Type: application/octet-stream\r\n\r\n"
                         "\377\376 something else\r\n--m--\r\n"),
        .now = clock_now(),
        .look_into_files = true};
    struct message m;
    struct span bytes;
    struct span text;

    (void)state;
    OK(open_message(a, crypto, &request, &m, &bytes, &err));
    assert_int_equal(m.n_parts, 3);
    assert_int_equal(m.parts[0].carried.n, 0);
    assert_int_equal(m.parts[1].facts.n, 1);
    assert_string_equal(m.parts[1].facts.at[0], "author: Rhea Sandoval");
    assert_null(m.parts[1].unread);
    text = span_first(span_from(bytes, m.parts[1].carried.offset), m.parts[1].carried.n);
    assert_true(span_eq(text, span_str("Rhea Sandoval\nmore\n")));
    assert_non_null(m.parts[2].unread);
    request.look_into_files = false;
    OK(open_message(a, crypto, &request, &m, &bytes, &err));
    assert_int_equal(m.parts[1].facts.n, 0);
}

/* Orientation 6, an artist, a position, a comment. */
#define PHOTO                                                                          \
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4QBaRXhpZgAASUkqAAgAAAADABIBAwABAAAABgAAADsBAgAO\r\n" \
    "AAAAMgAAACWIBAABAAAAQAAAAAAAAABSaGVhIFNhbmRvdmFsAAEAAQACAAIAAABOAAAAAAAAAP/+\r\n" \
    "ABJieSBSaGVhIFNhbmRvdmFs/9sAQwABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB\r\n" \
    "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB/8AACwgACAAIAQERAP/EABQAAQAAAAAAAAAA\r\n" \
    "AAAAAAAAAAD/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AD//2Q==\r\n"

/* The copy stands beside the file, with what it carries itself; the file stays as it came. */
static void cleaned_copies_stand_beside_files(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct open_request request = {
        .mail = span_str("Subject: x\r\n" MIXED "\r\ntext\r\n--m\r\n"
                         "Content-Type: image/jpeg\r\nContent-Disposition: attachment\r\n"
                         "Content-Transfer-Encoding: base64\r\n\r\n" PHOTO "--m\r\n"
                         "Content-Type: application/octet-stream\r\n\r\n"
                         "\377\376 something else\r\n--m--\r\n"),
        .now = clock_now(),
        .look_into_files = true};
    struct message m;
    struct span bytes;
    struct span file;
    struct span copy;

    (void)state;
    OK(open_message(a, crypto, &request, &m, &bytes, &err));
    assert_int_equal(m.n_parts, 3);
    assert_true(strs_has(&m.parts[1].facts, "artist: Rhea Sandoval"));
    file = span_first(span_from(bytes, m.parts[1].content.offset), m.parts[1].content.n);
    copy = span_first(span_from(bytes, m.parts[1].cleaned.content.offset),
                      m.parts[1].cleaned.content.n);
    assert_true(span_find_span(file, span_str("Sandoval")) < file.n);
    assert_true(copy.n > 0 && span_find_span(copy, span_str("Sandoval")) == copy.n);
    assert_int_equal(m.parts[1].cleaned.facts.n, 0);
    assert_null(m.parts[1].cleaned.why_not);
    assert_int_equal(m.parts[0].cleaned.content.n + m.parts[2].cleaned.content.n, 0);
    assert_null(m.parts[0].cleaned.why_not);
    assert_string_equal(m.parts[2].cleaned.why_not, "only JPEG and PNG pictures are cleaned");
}

/* Its processor time is limited like a reader's: the mail is opened all the same. */
static void a_tool_without_end_is_ended(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct open_request request = {.mail =
                                       span_str("Subject: x\r\nContent-Type: image/jpeg\r\n"
                                                "Content-Disposition: attachment\r\n"
                                                "Content-Transfer-Encoding: base64\r\n\r\n" PHOTO),
                                   .now = clock_now(),
                                   .look_into_files = true};
    static const char script[] = "#!/bin/sh\nwhile :; do :; done\n";
    char folder[] = "/tmp/test-open-XXXXXX";
    const char *path = arena_strdup(a, getenv("PATH"));
    const char *tool;
    struct message m;
    struct span bytes;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    tool = arena_printf(a, "%s/exiftool", folder);
    fd = open(tool, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
    assert_int_equal(write(fd, script, strlen(script)), strlen(script));
    close(fd);
    assert_int_equal(setenv("PATH", arena_printf(a, "%s:%s", folder, path), 1), 0);
    OK(open_message(a, crypto, &request, &m, &bytes, &err));
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_int_equal(unlink(tool) + rmdir(folder), 0);
    assert_true(strs_has(&m.parts[0].facts, "artist: Rhea Sandoval"));
    assert_int_equal(m.parts[0].cleaned.content.n, 0);
    assert_non_null(strstr(m.parts[0].cleaned.why_not, "took too long"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape),
        cmocka_unit_test(files_are_looked_into),
        cmocka_unit_test(cleaned_copies_stand_beside_files),
        cmocka_unit_test(a_tool_without_end_is_ended),
        cmocka_unit_test(signed_objects_verify_again),
        cmocka_unit_test(keys_count_only_inside_one_chain),
        cmocka_unit_test(keys_in_texts_and_files),
        cmocka_unit_test(a_key_in_a_footer_is_no_offer),
        cmocka_unit_test(names_are_bounded_in_all),
        cmocka_unit_test(dmarc_rows),
        cmocka_unit_test(layers_and_sizes_are_bounded),
        cmocka_unit_test(limits_come_with_the_request),
    };

    return cmocka_run_group_tests(tests, make_all, remove_all);
}
