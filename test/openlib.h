/*
 * openlib.h - mails for tests of the opener, put together from pieces made by gpg and openssl.
 *
 * Each row names a mail, then what must come out: trust, seals ("0 openpgp encrypted valid whole"),
 * parts, text. "%name%" in a mail is the content of a file in the test's directory.
 */
#ifndef TEST_OPENLIB_H
#define TEST_OPENLIB_H

#include "base/text.h"
#include "open/open.h"
#include "test/cryptolib.h"

#define MIXED "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
#define SUBJECT \
    "From: Mallory <m@x.example>\r\nSubject: outside\r\nDate: Thu, 24 Dec 2026 05:00:00 +0000\r\n"

static inline void make_peers(void)
{
    sh("gpg --batch -q --pinentry-mode loopback --passphrase '' --quick-gen-key"
       " 'Finder <finder@x.example>' future-default default never");
    sh("gpg --batch -q --pinentry-mode loopback --passphrase '' --quick-gen-key"
       " 'Stranger <stranger@x.example>' future-default default never");
    sh("gpg -q --export finder@x.example >finder.pgp");
    sh("for k in desk peer; do openssl req -x509 -newkey rsa:2048 -nodes -keyout $k.key -out $k.pem"
       " -days 3000 -subj /CN=$k/emailAddress=$k@x.example -addext"
       " subjectAltName=email:$k@x.example -addext keyUsage=digitalSignature,keyEncipherment; "
       "done");
}

/* entity: what the finder writes, with protected headers, in CRLF. */
static inline void make_entities(void)
{
    sh("printf 'Content-Type: text/plain; charset=utf-8; hp=\"cipher\"\\r\\nFrom: Finder"
       " <finder@x.example>\\r\\nSubject: inside\\r\\n\\r\\nIt reads past the end.\\r\\n' >entity");
    sh("printf 'Content-Type: text/plain\\r\\n\\r\\nforged\\r\\n' >forged");
}

static inline void make_pgp(void)
{
    sh("P='gpg -q --batch --pinentry-mode loopback --trust-model always -a --yes'; "
       "F='-u finder@x.example'; S='-u stranger@x.example'; "
       "$P $F -o sig.asc -b entity && $P $S -o strange.asc -b entity && "
       "$P $F $S -o both.asc -b entity && "
       "$P -f desk.asc -o enc.asc -e entity && $P $F -f desk.asc -o encsig.asc -se entity && "
       "$P -f finder.pgp -o other.asc -e entity && "
       "$P $F -o signed.asc -s entity && $P $F -o clear.asc --clearsign forged");
    sh("{ printf 'Content-Type: multipart/signed; boundary=s; "
       "protocol=\"application/pgp-signature\"\\r\\n\\r\\n"
       "--s\\r\\n'; cat entity; printf '\\r\\n--s\\r\\nContent-Type: "
       "application/pgp-signature\\r\\n\\r\\n';"
       " cat sig.asc; printf '\\r\\n--s--\\r\\n'; } >pgp-signed");
    sh("sed 's/past/over/' pgp-signed >pgp-tampered");
    sh("gpg -q --batch --trust-model always -a --yes -f desk.asc -o nested.asc -e pgp-signed");
}

static inline void make_smime(void)
{
    sh("openssl cms -sign -binary -in entity -signer peer.pem -inkey peer.key -outform DER "
       "-nodetach"
       " -out opaque.der && openssl cms -sign -binary -in entity -signer peer.pem -inkey peer.key"
       " -outform DER -out detached.der && openssl cms -encrypt -binary -aes256 -in entity -outform"
       " DER -out enveloped.der desk.pem");
    sh("{ printf 'Content-Type: application/pkcs7-mime; smime-type=signed-data\\r\\n"
       "Content-Transfer-Encoding: base64\\r\\n\\r\\n'; base64 opaque.der; } >opaque");
    sh("openssl cms -encrypt -binary -aes256 -in opaque -outform DER -out both.der desk.pem");
    sh("{ printf 'Content-Type: multipart/signed; boundary=s; "
       "protocol=\"application/pkcs7-signature\"\\r\\n\\r\\n"
       "--s\\r\\n'; cat entity; printf '\\r\\n--s\\r\\nContent-Type: "
       "application/pkcs7-signature\\r\\n"
       "Content-Transfer-Encoding: base64\\r\\n\\r\\n'; base64 detached.der; printf "
       "'\\r\\n--s--\\r\\n'; }"
       " >smime-signed");
}

static inline int make_all(void **state)
{
    (void)state;
    make_dir();
    make_peers();
    open_desk();
    make_entities();
    make_pgp();
    make_smime();
    return 0;
}

/* "%name%" in a mail is the file's content, "%name64%" its base64. */
static inline struct span fill(struct arena *a, const char *mail)
{
    struct buf out = buf_new(a, 16 * 1024 * 1024);
    struct span rest = span_str(mail);

    for (bool name = false; rest.n > 0; name = !name) {
        size_t n = span_find(rest, '%');
        char *word = span_dup(a, span_first(rest, n));
        size_t length = strlen(word);

        if (name && length > 2 && strcmp(word + length - 2, "64") == 0) {
            word[length - 2] = '\0';
            buf_add_str(&out, text_base64(a, slurp(a, word), 76));
        } else if (name) {
            buf_add_span(&out, slurp(a, word));
        } else {
            buf_add_str(&out, word);
        }
        rest = span_from(rest, n + 1);
    }
    return buf_span(&out);
}

static inline struct message opened(struct arena *a, const char *mail, struct span *ret_bytes)
{
    struct span keys[2] = {slurp(a, "finder.pgp"), slurp(a, "peer.pem")};
    struct open_request request = {
        .mail = fill(a, mail), .now = clock_now(), .keys = keys, .n_keys = 2};
    struct message m = {.subject = NULL};

    OK(open_message(a, crypto, &request, &m, ret_bytes, &err));
    return m;
}

static inline char *seals_of(struct arena *a, const struct message *m)
{
    struct buf out = buf_new(a, 10000);

    for (size_t i = 0; i < m->n_seals; i++) {
        const struct seal *s = &m->seals[i];

        buf_printf(&out, "%s%u %s %s %s %s %s", i > 0 ? ", " : "", s->layer,
                   protocol_words[s->protocol], seal_kind_words[s->kind],
                   seal_status_words[s->status], s->covers_whole ? "whole" : "part",
                   s->path[0] == '\0' ? "-" : s->path);
    }
    return out.at;
}

static inline char *parts_of(struct arena *a, const struct message *m)
{
    struct buf out = buf_new(a, 10000);

    for (size_t i = 0; i < m->n_parts; i++)
        buf_printf(&out, "%s%s %s", i > 0 ? ", " : "", m->parts[i].path, m->parts[i].type);
    return out.at;
}

struct row {
    const char *name;
    const char *mail;
    enum trust_level trust;
    const char *seals;
    const char *parts;
    const char *text;
    const char *subject;
    bool single_chain;
};

#define PGP_ENCRYPTED(file)                                                                 \
    "Content-Type: multipart/encrypted; boundary=e; protocol=\"application/pgp-encrypted\"" \
    "\r\n\r\n--e\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--e\r\n"   \
    "Content-Type: application/octet-stream\r\n\r\n%" file "%\r\n--e--\r\n"
#define SMIME(file)                                                                             \
    "Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64" \
    "\r\n\r\n%" file "64%"
#define INSIDE "It reads past the end."
#define SIGNED_BY(file)                                                                    \
    SUBJECT "Content-Type: multipart/signed; boundary=q\r\n\r\n--q\r\n%entity%\r\n--q\r\n" \
            "Content-Type: application/pgp-signature\r\n\r\n%" file "%\r\n--q--\r\n"

static inline void open_row(const struct row *row)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span bytes;
    struct message m = opened(a, row->mail, &bytes);

    assert_string_equal(seals_of(a, &m), row->seals);
    assert_string_equal(parts_of(a, &m), row->parts);
    assert_string_equal(m.text, row->text);
    assert_string_equal(m.subject, row->subject);
    if (m.trust != row->trust)
        fail_msg("%s: %s", row->name, trust_words[m.trust]);
    assert_row(row->name, m.single_chain == row->single_chain);
}

#endif
