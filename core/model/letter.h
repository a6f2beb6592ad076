/*
 * letter.h - one mail to one reader, from plan to the MTA's answer.
 *
 * Promises: the row pins what was decided (template, pieces, texts, code); Message-ID and Date are
 * drawn at the first try; keys, membership and guard are judged at send time. States move forward:
 * planned (waits for its due time) -> waiting -> handing-over -> handed-over; held, bounced and
 * cancelled leave that way.
 */
#ifndef MODEL_LETTER_H
#define MODEL_LETTER_H

#include "model/case.h"

enum letter_state {
    LETTER_PLANNED, /* due lies ahead: Stop cancels it */
    LETTER_WAITING, /* due, or tried and to be tried again at next_try */
    LETTER_HELD,
    LETTER_HANDING_OVER,
    LETTER_HANDED_OVER,
    LETTER_BOUNCED,
    LETTER_CANCELLED,
};

/* Why it is held, as far as it says which way leads out. */
enum letter_hold {
    HOLD_OTHER,   /* no key, no reader, our own failure: to be mended, then tried again */
    HOLD_GUARD,   /* the guard found something: Send-Anyway, or another text */
    HOLD_CHANGED, /* it is no longer what was let through or confirmed */
};

struct letter {
    uint64_t number;
    struct place place;
    uint32_t send;       /* 0: an answer, a copy */
    uint32_t of_send;    /* the send whose held letters it tells of, 0 none */
    uint32_t party;      /* in a case; 0 in a report's place */
    uint32_t contact;    /* reader in the directory; 0: a reporter (address below) */
    const char *address; /* where to; set at planning, judged again at sending */
    const char *name;
    const char *template;
    enum letter_state state;
    enum letter_hold hold;
    const char *reason;    /* held, cancelled, bounced: why, for people */
    struct strs pins;      /* what it was when it was held, or confirmed: flow/pins.h */
    const char *anyway;    /* what the guard had found, who let it through, and why */
    const char *anyway_by; /* of two coordinators who must, the one who has: slug; or NULL */
    bool pinned;           /* let through, or confirmed: it goes only while its pins are the same */
    bool two_persons;      /* goes only once it is pinned: a second coordinator confirmed it */
    uint32_t attempts;
    instant planned;
    instant due;
    instant next_try;
    const char *code;        /* one-time code for the block at the end, or NULL */
    struct u32s pieces;      /* whose texts it carries */
    struct strs parts;       /* "3.2": attachments it carries */
    uint64_t about;          /* message it copies (coordinator-copy), 0 none */
    const char *text;        /* a coordinator's text (tell), or the answer (command-result) */
    struct strs lines;       /* mistakes, plan lines */
    const char *in_reply_to; /* Message-ID that this answers, or NULL: the last of the thread */
    const char *message_id;  /* drawn at the first try, without <> */
    instant date;            /* drawn with it */
    const char *verp;        /* local part token of the envelope sender, drawn with it */
    const char *subject_tag; /* short tag of the outer subject, drawn with it */
    uint64_t sealed;         /* blob of the exact bytes, until the MTA has them; 0 none */
    const char *digest;      /* hex SHA-256 of those bytes */
    const char *reply;       /* the MTA's last answer, without queue id */
    const char *queue_id;
    uint64_t
        answers_bytes; /* an automatic answer: the size of what it answers, and its own limit */
};

/* It may still go: planned, waiting, or handing over (again, after a crash). Not what is held, nor
 * what waits for a second coordinator. */
bool letter_unfinished(const struct letter *letter);

/* Not handed over yet, also where it is held: Stop cancels it. */
bool letter_waits(const struct letter *letter);

/* It waits for a second coordinator; what the guard holds needs another word. */
bool letter_unconfirmed(const struct letter *letter);

/* What a coordinator can do about a letter that is held: "Send-Anyway: L97 <reason>". */
const char *letter_way_out(struct arena *a, const struct letter *letter);

extern const char *const letter_state_words[7];
extern const char *const letter_hold_words[3];
extern const struct json_field letter_fields[];

#endif
