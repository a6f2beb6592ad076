/*
 * write.h - makes mail from scratch: exact bytes, CRLF, 7-bit.
 *
 * Promises: a letter is described once (struct write_letter) and written in two steps that agree:
 * write_inner makes the entity that is signed and encrypted, with the true header fields protected
 * (RFC 9788, and the older protected-headers="v1") and its size padded;
 * write_outer_openpgp and write_outer_smime put a ciphertext into the mail that the world sees. No
 * header field can be injected (control characters in text become blanks, an address that is not
 * one is an error), no line is longer than 78 characters but for words that can't be cut (998 at
 * most). mime/strict reads back all of it. Does not: encrypt, sign, draw random numbers or ask the
 * clock.
 */
#ifndef MIME_WRITE_H
#define MIME_WRITE_H

#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

enum {
    WRITE_SIZE_MAX = 192 * 1024 * 1024, /* bytes of one mail */
    WRITE_ADDRESS_MAX = 254,            /* RFC 5321 4.5.3.1.3 */
    WRITE_REFERENCES_MAX = 20,          /* ids written: the first and the last ones */
    WRITE_STEP = 8192,                  /* bytes: padded sizes are multiples of it */
    WRITE_RANDOM_BYTES = 32,
};

struct write_address {
    const char *name;    /* UTF-8, or NULL */
    const char *address; /* addr-spec, ASCII; NULL: no such field */
};

struct write_attachment {
    const char *filename;   /* UTF-8; only what stands behind the last slash is used */
    const char *type;       /* "application/pdf"; NULL or not a type: application/octet-stream */
    const char *parameters; /* further ones of the type, ours: "method=PUBLISH"; NULL: none */
    struct span bytes;
};

struct write_letter {
    /* Inside the encryption, and outside by bare address: */
    struct write_address from;
    struct write_address to;
    struct write_address reply_to;
    instant date;
    const char *message_id; /* "random@domain", without < > */
    /* Inside only: */
    const char *subject;
    const char *in_reply_to; /* without < >; NULL: none */
    const char *const *references;
    size_t n_references;
    const char *text; /* UTF-8, LF */
    const struct write_attachment *attachments;
    size_t n_attachments;
    /* Outside: */
    const char *outer_subject;
    bool outer_thread; /* In-Reply-To and References stand outside too (notmuch, neomutt) */
    const char *auto_submitted; /* RFC 3834: "auto-generated", "auto-replied"; NULL: no field */
    /* Fresh random bytes for this letter; boundaries are made of them. */
    unsigned char random[WRITE_RANDOM_BYTES];
};

/*
 * The protected entity: header fields, multipart/mixed (text first, then attachments), padded.
 * These exact bytes are signed and encrypted. ERR_OPERATOR: an address, id or subject that can't be
 * written, or a text that is not UTF-8.
 */
MUST_USE bool write_inner(struct arena *a, const struct write_letter *letter,
                          struct span *ret_entity, struct err *err);

/* PGP/MIME (RFC 3156) around an ASCII-armoured OpenPGP message. */
MUST_USE bool write_outer_openpgp(struct arena *a, const struct write_letter *letter,
                                  struct span armoured, struct span *ret_mail, struct err *err);

/* S/MIME (RFC 8551) around the DER of an EnvelopedData. */
MUST_USE bool write_outer_smime(struct arena *a, const struct write_letter *letter,
                                struct span enveloped_der, struct span *ret_mail, struct err *err);

/*
 * A letter without any protection (key-needed, report-received, desk-key): the fields of the
 * letter, its text and attachments as they are; subject is used, outer_subject is not.
 */
MUST_USE bool write_plain(struct arena *a, const struct write_letter *letter, struct span *ret_mail,
                          struct err *err);

/* The next Padmé size at or above n (Nikitin et al., 2019: at most 12 % more, log log n leaked). */
uint64_t write_padme(uint64_t n);

/* The size of an entity of n bytes: Padmé, in steps of WRITE_STEP at least. What differs between
 * the readers of one letter (names, what is cut, the language) is less than that. */
uint64_t write_padded(uint64_t n);

#endif
