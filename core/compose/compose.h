/*
 * compose.h - one letter, from what its reader may know to the plaintext that is sealed.
 *
 * Promises: pure. Fences and the quote firewall, then redaction of every foreign text, then the
 * template, then mime/write, then the guard over what mime/strict reads back of the finished bytes.
 * A letter that the guard does not pass comes back held, with the reason, and without bytes. Does
 * not: select (the caller hands over only pieces inside the reader's audience), seal, or send.
 */
#ifndef COMPOSE_COMPOSE_H
#define COMPOSE_COMPOSE_H

#include "mime/write.h"
#include "model/message.h"
#include "redact/fences.h"
#include "redact/guard.h"
#include "redact/quotes.h"
#include "redact/redact.h"
#include "redact/terms.h"
#include "template/catalogue.h"

/* A foreign text inside the reader's audience. */
struct compose_piece {
    uint32_t n;        /* its number in the case; 0: none (a report that is no case yet) */
    const char *from;  /* for people: "the reporter", "a vendor", "your organisation" */
    const char *at;    /* when it came in, for people */
    struct span text;  /* UTF-8, LF, as it came */
    struct span whole; /* the same with what its form keeps from this reader; for missing.h */
    bool own;          /* the reader wrote it: not fenced, not redacted */
    const struct quotes *quotes; /* what of the text this reader does not get: firewall_find(), or
                                    less by a coordinator's yes. NULL: compose looks itself, and
                                    knows no texts that it could repeat */
};

struct compose_attachment {
    const char *n; /* "3.1" */
    const char *filename;
    const char *type;
    struct span bytes;
    struct span text;         /* what the opener read out of it, for the guard; empty: none */
    struct span carried;      /* the same of what stands in it as a file */
    const struct strs *facts; /* "author: ...", for the guard; NULL: none */
    bool cleaned;             /* all this is of its cleaned copy */
};

/* Reporters are no orgs; their words belong to an owner of their own, past all org ids. */
static inline uint32_t compose_reporter_owner(uint32_t party)
{
    return 0x80000000u | party;
}

/* What must not be in this letter beside the directory's terms. */
struct compose_guard {
    const struct guard_words *directory; /* names of the whole directory and the public list */
    const struct guard_words
        *of_case;               /* other readers' tokens, ids, marks, references; may be NULL */
    const struct span *outside; /* texts of pieces that the reader may not see */
    size_t n_outside;
    const struct span *inside; /* texts that it may see, beside the pieces (summary, own mails) */
    size_t n_inside;
    /* What the caller's second look at the rows says is not for this reader: none of them may be
     * among the job's pieces and attachments. */
    const uint32_t *not_pieces;
    size_t n_not_pieces;
    const char *const *not_parts; /* "3.1" */
    size_t n_not_parts;
};

struct compose_reader {
    enum template_audience audience;
    const char *language;
    uint32_t owner;             /* whose words it knows: its org's id, or compose_reporter_owner */
    uint32_t org;               /* for fences; 0: a reporter */
    const char *const *allowed; /* words let through for this case */
    size_t n_allowed;
};

struct compose_batch; /* compose/batch.h */

struct compose_job {
    struct compose_batch *batch; /* what its letters share; NULL: nothing */
    const struct catalogue *catalogue;
    const struct term_set *terms;      /* the directory's, the same for every case */
    const struct term_set *case_terms; /* cut too: the reporters' names and addresses, others'
                                          ticket numbers; owner of a reporter's:
                                          compose_reporter_owner; may be NULL */
    const struct fence_names *fence_names;
    const char *template;
    struct compose_reader reader;
    /* An object of variables (template/variables.h) with all that needs no redaction; compose adds
     * "pieces" and "attachments". A letter's own foreign text goes in as a piece, or as `text`. */
    struct tvalue *values;
    struct span text;  /* foreign text for the variable "text" (coordinator-copy), or empty */
    bool text_by_desk; /* the text is a coordinator's (tell): fenced as the desk's */
    const struct compose_piece *pieces;
    size_t n_pieces;
    const struct compose_attachment *attachments;
    size_t n_attachments;
    const struct compose_attachment *desk_keys; /* for templates with "Attachments: desk-key" */
    size_t n_desk_keys;
    struct compose_guard guard; /* not asked for coordinators */
    /* What the guard found in this letter before, and a coordinator let through; NULL. It passes if
     * the guard finds exactly that again; whether the letter is the same is the caller's to see. */
    const char *let_through;
    bool unjudged; /* only the stable text is wanted: the guard is not asked, no bytes come back */
    bool show;     /* for eyes that look before it goes: composed.shown, also of what is held */
    bool pin;      /* the letter's stable text is wanted though nothing holds it */
    struct write_letter letter; /* addresses, ids, date, threading, random; compose adds the rest */
    const char *own_reference;  /* "acme #1234": goes into the reader's inner subject, or NULL */
};

struct composed {
    const char *held;           /* why it may not go, for coordinators; NULL: it may */
    bool clear;                 /* a template that leaves unencrypted: bytes is the finished mail */
    struct span bytes;          /* the entity to seal, or the finished mail */
    struct span shown;          /* show: what bytes is, or would be if the guard let it pass */
    struct write_letter letter; /* as written: for write_outer_* around the ciphertext */
    const char *found;          /* what the guard found, also where it was let through; or NULL */
    const char *stable; /* pin, or found: subject and text without what each try changes (its time)
                         */
};

/* What the reader knows already, for redaction; own is the caller's room for it. */
struct redact_reader compose_redact_reader(const struct compose_job *job, uint32_t own[2]);

/* False: our failure (a template that can't be filled, an address that can't be written). */
MUST_USE bool compose(struct arena *a, const struct compose_job *job, struct composed *ret_composed,
                      struct err *err);

#endif
