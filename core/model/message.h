/*
 * message.h - the message model: what a mail is once it was opened, as plain data.
 *
 * Promises: no type of libetpan, gpgme or OpenSSL; everything lives in one arena; every field is a
 * claim of the process that opened the mail until the verdict was made again (worker-verify).
 * Text is UTF-8. Does not: hold the original bytes; those lie in the store (or a memfd), and
 * extents here point into the *opened bytes*, one run of bytes that the opener hands over beside
 * this model.
 */
#ifndef MODEL_MESSAGE_H
#define MODEL_MESSAGE_H

#include "base/clock.h"
#include "base/span.h"

/* A list of strings. */
struct strs {
    const char **at;
    size_t n;
    size_t room;
};

void strs_add(struct arena *a, struct strs *list, const char *text);
bool strs_has(const struct strs *list, const char *text);

enum trust_level { TRUST_BAD, TRUST_CLAIMED, TRUST_TOKEN, TRUST_SIGNED, TRUST_VERIFIED };

enum protocol { PROTOCOL_NONE, PROTOCOL_OPENPGP, PROTOCOL_SMIME };

enum seal_kind { SEAL_ENCRYPTED, SEAL_SIGNED };

/* Encrypted layers are only VALID, NO_KEY, WEAK or ERROR. */
enum seal_status {
    SEAL_VALID,
    SEAL_INVALID,
    SEAL_EXPIRED,
    SEAL_REVOKED,
    SEAL_UNKNOWN_KEY,
    SEAL_NO_KEY,
    SEAL_WEAK,
    SEAL_ERROR,
};

/* One encryption or signature that the opener met; outermost first, siblings share a layer. */
struct seal {
    uint32_t layer;
    enum protocol protocol;
    enum seal_kind kind;
    enum seal_status status;
    const char *signer; /* primary fingerprint (40 hex), SHA-256 of the DER (64), key id, NULL */
    bool covers_whole;  /* all leaves but footers and banners named in repairs */
    const char *path;   /* of the part it seals, "" is the root */
    struct strs algorithms;  /* lower case: aes256, sha512, rsa3072 */
    struct strs addresses;   /* of the signer's key, domain in lower case */
    instant time;            /* of the signature; 0 unknown */
    const char *session_key; /* encrypted and opened: hex SHA-256 over the session key; else NULL */
};

/* Bytes inside the opened bytes. */
struct extent {
    uint64_t offset;
    uint64_t n;
};

/* What a signature covers, exactly, so that it can be verified again. */
struct signed_object {
    uint32_t seal; /* index in seals */
    enum protocol protocol;
    struct extent content;   /* the exact signed bytes; n == 0 for an opaque one */
    struct extent signature; /* the signature (PGP; CMS DER), or the whole opaque object */
    bool inside_encryption;  /* every encryption layer of the message lies outside it */
    bool covers_whole;
};

enum part_role { PART_TEXT, PART_ATTACHMENT };

/* A copy of an attached file without what its maker may not know that it tells. */
struct cleaned {
    struct extent content; /* n == 0: there is none */
    struct extent carried; /* what the copy still carries, as in struct part */
    struct strs facts;
    const char *unread;
    const char *why_not; /* there is none, although the file carries something */
};

/* A leaf that is left when all layers were opened. */
struct part {
    const char *path;      /* as in IMAP: 1, 2.1; what comes out of opening P goes on below P */
    const char *type;      /* lower case, "text/plain" */
    const char *charset;   /* as declared, or NULL */
    const char *filename;  /* decoded, or NULL */
    bool sealed;           /* stands inside a seal that was opened */
    enum part_role role;   /* PART_TEXT: an inline text leaf, its UTF-8 stands in text */
    uint64_t size;         /* decoded bytes */
    struct extent content; /* decoded bytes */
    const char
        *text; /* UTF-8, LF; NULL unless PART_TEXT, and for the unread half of an alternative */
    struct extent carried; /* UTF-8 that stands in it as a file (carry/carry.h); n == 0: none */
    struct strs facts;     /* what it says of whoever made it: "author: Rhea Sandoval" */
    const char *unread;    /* why it, or some of it, could not be looked into; NULL: it was */
    struct cleaned cleaned;
};

enum automatic { AUTOMATIC_NO, AUTOMATIC_DSN, AUTOMATIC_REPLY, AUTOMATIC_REPORT, AUTOMATIC_LIST };

/* A key that the mail offers, from inside one single chain of encryptions around the whole mail. */
struct offered_key {
    const char *fingerprint;
    enum protocol protocol;
    struct extent bytes;
    struct strs addresses; /* it is for, domain in lower case */
};

/* An answer in a form: a report's, by the names of mime/form.h. */
struct form_field {
    const char *name;
    const char *value; /* never empty; UTF-8, LF */
};

/* What worker-open says of one mail. */
struct message {
    const char *from;             /* addr-spec, domain in lower case; NULL: none or broken */
    const char *from_name;        /* display name, or NULL */
    const char *outer_from;       /* the one address of the outermost From, or NULL */
    const char *subject;          /* best known, UTF-8, unfolded; "" if none */
    const char *outer_subject;    /* "" if none */
    const char *message_id;       /* without <>; NULL if none */
    const char *outer_message_id; /* the outermost one */
    struct strs references; /* References, then In-Reply-To, without <>, oldest first, no doubles */
    instant date;           /* 0 unknown */
    bool headers_protected;
    bool encrypted;         /* at least one encryption layer was there */
    bool single_chain;      /* one chain of encryptions covers the whole mail, or there is none */
    enum trust_level trust; /* claimed by the opener */
    size_t trust_seal;      /* verified and signed: 1 + index of the seal that carries it; else 0.
                               No record has it */
    struct seal *seals;
    size_t n_seals;
    size_t seals_room;
    struct signed_object *signed_objects;
    size_t n_signed_objects;
    size_t signed_objects_room;
    struct part *parts;
    size_t n_parts;
    size_t parts_room;
    const char *text; /* all inline text leaves in order, LF, joined by an empty line */
    enum automatic automatic;
    struct strs repairs; /* kebab-case names */
    struct strs defects;
    struct offered_key *keys;
    size_t n_keys;
    size_t keys_room;
    struct form_field *form;
    size_t n_form;
    size_t form_room;
    const char *dsn_message_id; /* automatic dsn: Message-ID of the returned mail, or NULL */
    const char *dsn_recipient;  /* failed recipient, or NULL */
    bool dsn_harmless;          /* it says delayed, relayed or delivered: nothing failed */
    const char *dmarc; /* "pass", "fail"... of one trusted Authentication-Results, or NULL */
};

/* The mail's text; in a mail with seals, what no seal covers stands below a line that says so. */
const char *message_marked_text(struct arena *a, const struct message *m);

/* Names used in JSON and listings; the tables are indexed by the enum. */
extern const char *const trust_words[5];
extern const char *const protocol_words[3]; /* none, openpgp, smime */
extern const char *const seal_kind_words[2];
extern const char *const seal_status_words[8];
extern const char *const automatic_words[5]; /* no, dsn, auto-reply, report, list */

#endif
