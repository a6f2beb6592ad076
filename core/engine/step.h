/*
 * step.h - the one entry of every decision: what is, what came in, when -> what to write and say.
 *
 * Promises: pure but for reading through view->rows; no clock, no randomness of its own (moment
 * brings both), no I/O; the same inputs give the same plan. May be run again after a conflict.
 * Mail, embargoctl, timers and couriers all go through here, so none can grow a path of its own.
 * Does not: render, redact or encrypt letters (compose), or know the store.
 */
#ifndef ENGINE_STEP_H
#define ENGINE_STEP_H

#include "engine/command.h"
#include "model/directory.h"
#include "model/rows.h"
#include "redact/echo.h"
#include "redact/terms.h"

/* Random bytes, from the caller: real ones in the daemon, a counter in tests. */
struct draw {
    void (*bytes)(void *ctx, void *ret_bytes, size_t n);
    void *ctx;
};

struct moment {
    instant now;
    struct draw draw;
};

struct policy {
    const char *desk_name;
    const char *desk_address;
    int64_t send_delay; /* seconds */
    bool terms_before_details;
    bool two_persons;             /* what goes to parties needs two coordinators */
    int64_t code_age_coordinator; /* seconds; 14 days */
    int64_t code_age_party;       /* 60 days */
    int64_t signature_age_max;    /* 72 hours */
    int64_t signature_ahead_max;  /* 10 minutes */
    bool dsn_by_message_id;       /* address form none: a DSN counts by the mail it returns */
    bool auto_answer;             /* automatic answers, and how many a day at most */
    uint32_t answers_per_person;
    uint32_t answers_per_domain;
    uint32_t answers_in_all;
};

/* What a letter would be if it were made now, in lines that can be compared (flow/pins.h); none
 * where it can't be made. False: our failure (err). */
struct pinning {
    bool (*pins)(void *ctx, struct arena *a, const struct letter *letter, struct strs *ret_pins,
                 struct err *err);
    void *ctx;
};

/* The desk's own words in its letters, into echo; add NULL: none. False: our failure (err). */
struct own_words {
    bool (*add)(void *ctx, struct arena *a, struct echo *echo, struct err *err);
    void *ctx;
};

struct view {
    const struct policy *policy;
    const struct directory *directory;
    const struct term_set *terms; /* the whole directory and the public list */
    const struct rows *rows;
    struct pinning pinning;     /* asked where a second coordinator confirms */
    struct own_words own_words; /* asked where a piece that quotes is shared */
};

enum input_kind { INPUT_ARRIVAL, INPUT_COMMAND, INPUT_DELIVERY, INPUT_HELD, INPUT_RETRY };

/* What worker-verify said: made again from the exact signed bytes against approved keys only. */
struct proof {
    enum trust_level trust; /* VERIFIED, BAD, or CLAIMED where there was nothing to verify */
    const char *signer;     /* fingerprint */
    instant signed_at;
    bool inside_encryption;     /* the signature lies inside all encryption, covers everything */
    const char *strict_text;    /* what commands are read from; NULL: none */
    const char *strict_problem; /* why there is none, for people; NULL */
    const char *unproven; /* why the text that the opener gave is not known to be what was signed,
                             for people; NULL: it is the very one */
};

/* What an automatic answer would be, as far as the envelope and the outer header say. */
enum answer_kind { ANSWER_NONE, ANSWER_RECEIVED, ANSWER_REGISTRATION, ANSWER_KEY };

/* A mail that was opened (or could not be). */
struct arrival {
    struct mail *mail;             /* as stored: number, envelope, like; the plan changes a copy */
    const struct message *message; /* NULL: could not be opened at all (MAIL_UNOPENED) */
    struct span opened;            /* what the extents in message point into */
    struct proof proof;
    struct place token_place; /* recipient's private reply address, already checked */
    uint32_t token_contact;
    const char *verp; /* token of the recipient address bounce+<token>, or NULL */
    bool contested;   /* a session key of it was seen in another message */
    enum answer_kind answer;
    bool registration; /* it came to the address for vendors' registrations */
};

/* A block that came over the control socket. */
struct order {
    uint32_t contact;          /* the coordinator that the peer is */
    bool shared;               /* or may be another one: it never counts as one of two persons */
    const struct block *block; /* without code */
};

/* What became of one letter at the MTA, or of its composition. */
struct delivery {
    uint64_t letter;
    bool accepted;
    bool permanent;    /* refused for good */
    const char *reply; /* code and text, without queue id */
    const char *queue_id;
};

/* Composition or sealing said no: the letter is held (guard) or has no usable key. */
struct held {
    uint64_t letter;
    const char *reason;
    bool drop; /* nobody misses it: it is cancelled */
    enum letter_hold hold;
    const struct strs *pins; /* what was held, where the guard judged it; or NULL */
};

/* A coordinator asks for a letter that is held, waits or bounced to be judged and tried anew. */
struct retry {
    uint64_t letter;
    uint32_t contact;
};

struct input {
    enum input_kind kind;
    union {
        const struct arrival *arrival;
        const struct order *order;
        const struct delivery *delivery;
        const struct held *held;
        const struct retry *retry;
    };
};

/* What the decision is. answer: one line per thing done, or per mistake with refused set; the
 * author of a mail gets it as a letter, an order's caller from here. */
struct plan {
    struct changes changes;
    bool refused;
    struct strs answer;
};

/* False: a row could not be read (err); the plan is then to be thrown away. */
MUST_USE bool step(const struct view *view, const struct input *input, const struct moment *moment,
                   struct arena *a, struct plan *ret_plan, struct err *err);

#endif
