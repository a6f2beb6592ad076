/*
 * opener.h - inside open/: what the files of the opener share while one mail is opened.
 */
#ifndef OPEN_OPENER_H
#define OPEN_OPENER_H

#include "base/buf.h"
#include "mime/split.h"
#include "open/open.h"

/* What stands beside a seal and is no part of the model. */
struct seal_note {
    const struct signature_facts *facts; /* NULL: an encryption */
    size_t encryptions;                  /* that lie outside it */
    bool of_file;                        /* an encryption of one attached file among other parts */
};

struct opener {
    struct arena *a;
    struct crypto *crypto;
    const struct open_request *request;
    struct limits limits; /* decompressed: what is left of it */
    struct crypto_ask ask;
    struct message m;
    struct seal_note *notes; /* by seal */
    size_t notes_room;
    size_t *part_encryptions; /* by part: layers around it */
    size_t part_encryptions_room;
    struct buf opened;
    struct buf text;
    struct buf text_inside; /* the same without what stands beside a seal around the whole mail */
    size_t text_cost;
    size_t words_cost; /* of types, charsets and file names, in bytes */
    size_t parts_left;
    size_t variants;       /* signatures that were tried over other texts */
    size_t tries;          /* seals that were tried */
    bool overran;          /* one of them met a limit: no other is tried */
    size_t n_encryptions;  /* of the whole mail */
    struct header payload; /* of the innermost seal around everything, if it protects headers */
    bool has_payload;
    size_t payload_encryptions; /* layers around it */
    uint32_t payload_layer;     /* its place among the seals */
    struct strs *defects;       /* m's */
};

/* Where in the layers a part stands. */
struct place_in {
    const char *base; /* its entity's paths go on below this one */
    uint32_t layer;
    size_t depth;       /* entities around this one */
    size_t encryptions; /* layers around it */
    bool whole;         /* nothing of the mail stands beside it */
    bool payload;       /* the root of what a seal around everything holds */
    bool attached;      /* inside an attached mail: signatures there are its own business */
    bool sealed;        /* inside a seal that was opened */
    bool shown;         /* its text belongs to the mail's text */
    bool beside;        /* a banner or footer beside the seal around the rest of the mail */
    bool file;          /* an attached file among other parts, not what the mail says */
};

/* open.c: for the whole mail. */
struct split_limits opener_limits(const struct opener *o);

/* layers.c: a whole entity, a part of one. */
MUST_USE bool open_entity(struct opener *o, struct span entity, struct place_in place,
                          struct err *err);
MUST_USE bool open_part(struct opener *o, const struct split *s, const struct split_part *part,
                        struct place_in place, struct err *err);

/* seals.c. *ret_opened: the part was a layer and was dealt with; else it is to be read as it is. */
MUST_USE bool seal_signed(struct opener *o, const struct split *s, const struct split_part *part,
                          const struct place_in *place, bool *ret_opened, struct err *err);
MUST_USE bool seal_encrypted(struct opener *o, const struct split *s, const struct split_part *part,
                             const struct place_in *place, bool *ret_opened, struct err *err);
MUST_USE bool seal_leaf(struct opener *o, const struct split *s, const struct split_part *part,
                        const struct place_in *place, bool *ret_opened, struct err *err);

/* seals.c, for inline.c and attached.c: what a seal leaves behind in the model. */
const char *seal_path(struct opener *o, const struct split *s, const struct split_part *part,
                      const struct place_in *place);
struct place_in seal_inside(const struct place_in *place, const char *path);
bool seal_may_try(struct opener *o, const struct place_in *place);
void seal_repaired(struct opener *o, const char *name); /* NULL: nothing was */
/* crypto_verify, with what it unpacks counted. */
MUST_USE bool seal_verify(struct opener *o, enum protocol protocol, struct span bytes,
                          struct span signature, struct crypto_verified *ret, struct err *err);
/* One seal for each signature, or one that says that there is none to read. Returns the first. */
size_t seal_add_signatures(struct opener *o, enum protocol protocol,
                           const struct signature_facts *facts, size_t n, const char *path,
                           const struct place_in *place);
void seal_add_object(struct opener *o, size_t seal, struct span content, struct span signature);
/* ret_inside: the place of what came out; released false: nothing did. */
MUST_USE bool seal_decrypt(struct opener *o, enum protocol protocol, struct span ciphertext,
                           const char *path, const struct place_in *place,
                           struct crypto_opened *ret, struct place_in *ret_inside, struct err *err);
/* CMS SignedData, or an OpenPGP message that is signed and not encrypted; holds an entity. */
MUST_USE bool seal_open_opaque(struct opener *o, enum protocol protocol, struct span object,
                               const char *path, const struct place_in *place, bool *ret_opened,
                               struct err *err);

/* inline.c: OpenPGP blocks in a text leaf. */
MUST_USE bool inline_open(struct opener *o, const struct split_part *part, const char *path,
                          const struct place_in *place, bool *ret_opened, struct err *err);
/* attached.c: a file that is encrypted or signed by itself, or the signature of its neighbour. */
MUST_USE bool attached_open(struct opener *o, const struct split *s, const struct split_part *part,
                            const char *path, const struct place_in *place, bool *ret_opened,
                            struct err *err);
/* repaired.c. Verifies *content against a detached signature; if that fails, what it may have been
 * (mime/variants.h): then *content is what was signed, and *ret_changed. */
MUST_USE bool verify_repaired(struct opener *o, enum protocol protocol, struct span signature,
                              struct span *content, bool *ret_changed, struct crypto_verified *ret,
                              struct err *err);
bool verified_any(const struct crypto_verified *v); /* a signature that is not broken */

/* leaf.c */
struct span leaf_bytes(struct opener *o, const struct split_part *part);    /* decoded */
const char *leaf_filename(struct opener *o, const struct split_part *part); /* or NULL */
bool leaf_is_text(struct opener *o, const struct split_part *part); /* to be shown in line */
/* Adds the part to the model, and its text to the mail's text. */
void leaf_add(struct opener *o, const struct split *s, const struct split_part *part,
              const struct place_in *place);
/* Adds plain text of an inline block, or beside one; charset NULL: not known. */
void leaf_add_plain(struct opener *o, struct span bytes, const char *charset, const char *path,
                    const struct place_in *place);
/* Adds what came out of an encrypted or signed file. */
void leaf_add_file(struct opener *o, struct span bytes, const char *type, const char *filename,
                   const char *path, const struct place_in *place);
/* Names what hides or reorders text. */
void leaf_note_tricks(struct opener *o, struct span text);
struct extent opened_add(struct opener *o, struct span bytes);

/* carried.c: what the files among the parts carry; after all parts are there. */
void carried_read(struct opener *o);
/* cleaned.c: copies of them without it, as far as that can be done; after carried_read. */
void cleaned_make(struct opener *o);

/* carried.c, for cleaned.c: what a file carries, told by a child and taken by its parent. */
struct carried_in {
    struct extent text;
    struct strs facts;
    const char *unread;
};

MUST_USE bool carried_tell(int fd, struct span bytes);
MUST_USE bool carried_take(struct opener *o, struct carried_in *ret, int fd);

/* headers.c */
void headers_note_payload(struct opener *o, const struct split_part *part,
                          const struct place_in *place);
void headers_read(struct opener *o, const struct split_part *root);

/* keys.c: after everything was opened. */
MUST_USE bool keys_collect(struct opener *o, struct err *err);

#endif
