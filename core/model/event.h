/*
 * event.h - what happened in a case: the log that a case is.
 *
 * Promises: one flat record; fields that a kind does not use stay zero. Stored bytes are never
 * rewritten: version says which shape they have, and reading upcasts.
 */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include "model/case.h"

enum event_kind {
    EVENT_OPENED,          /* case opened; text title, list: reports' names */
    EVENT_PARTY_ADDED,     /* party, party_kind, org/contact/address/name/key..., list: thread */
    EVENT_PARTY_REMOVED,   /* party */
    EVENT_FILED,           /* message became piece; party, piece_kind, trust, parts, message_id */
    EVENT_MOVED,           /* piece's message was filed elsewhere */
    EVENT_NOTE,            /* text, becomes piece */
    EVENT_OWNER,           /* text: coordinator's slug */
    EVENT_WATCH,           /* text: slug */
    EVENT_EXCLUDE,         /* text: slug */
    EVENT_TITLE,           /* text */
    EVENT_SUMMARY,         /* text */
    EVENT_VULN_ADDED,      /* vuln, text: title */
    EVENT_SEND_PLANNED,    /* send, text: template, when: due, parties; piece, part: what it shares;
                                 flag: with its quotes, a part's cleaned copy; two: it needs two
                              coordinators, name: the    first of them */
    EVENT_SEND_CONFIRMED,  /* send, name: who; flag: the second of two, letters may go */
    EVENT_SEND_STOPPED,    /* send; parties: who surely got nothing; list: who may have */
    EVENT_SEND_HOLD_TOLD,  /* send, when: the message about it goes then */
    EVENT_LETTER_OUT,      /* exposure: letter, party, contact, text: template, address, key,
                              list: pieces and parts, digest, message_id */
    EVENT_LETTER_ANSWERED, /* the MTA's answer: letter, text: code and reply without queue id */
    EVENT_LETTER_HELD,     /* letter, party, text: why */
    EVENT_LETTER_BOUNCED,  /* letter, party */
    EVENT_LETTER_ANYWAY,   /* letter, party, text: the reason, list: what the guard had found;
                              flag: it waits for a second coordinator's word */
    EVENT_LETTER_RETRIED,  /* letter, party */
    EVENT_STATUS,          /* party, vuln, status, piece: evidence */
    EVENT_CONTACT_STATE,   /* party, contact_state */
    EVENT_ACCEPTED,        /* party accepted the terms */
    EVENT_SHARED,          /* piece, parties (a stored list, "all" is resolved); flag: and what
                              the piece quotes */
    EVENT_RELEASED,        /* piece, part, parties; flag: its cleaned copy */
    EVENT_SHARE_NAMED,     /* party (a reporter), flag */
    EVENT_CREDIT,          /* party (a reporter), flag: is named in public */
    EVENT_TOLD,            /* recorded by hand: party, text: how, when */
    EVENT_EMBARGO_PROPOSED, /* party, when */
    EVENT_EMBARGO_ACTIVE,   /* when */
    EVENT_EMBARGO_EXITED,
    EVENT_ALLOW_TERM, /* text */
    EVENT_REFERENCE,  /* party, text: its own ticket number */
    EVENT_CONTESTED,  /* message: session key seen before in another */
    EVENT_CLOSED,
    EVENT_REOPENED,
    EVENT_KINDS
};

/* 2: the parts of a filed mail say what they carry, or why nobody looked. */
enum { EVENT_VERSION = 2 };

struct event {
    uint32_t version; /* EVENT_VERSION; a stored one may be older: event_upcast */
    uint64_t seq;     /* 1.. in its case */
    instant at;
    enum event_kind kind;
    const char *by;   /* "coordinator aiko", "acme", "reporter", "desk" */
    uint64_t message; /* evidence: desk number */
    uint32_t party;
    uint32_t org;
    uint32_t contact;
    enum party_kind party_kind;
    const char *address;
    const char *name;
    const char *key;
    enum protocol protocol;
    struct span key_bytes;
    uint32_t piece;
    enum piece_kind piece_kind;
    uint32_t part;
    struct piece_part *parts;
    size_t n_parts;
    size_t parts_room;
    enum trust_level trust;
    const char *message_id; /* joins the party's thread */
    uint32_t vuln;
    enum vendor_status status;
    enum contact_state contact_state;
    uint32_t send;
    uint64_t letter;
    struct u32s parties;
    struct strs list;
    const char *text;
    const char *digest; /* hex SHA-256 of the sealed bytes */
    instant when;
    bool flag;
    bool two; /* waits for, or needs, two coordinators */
};

/* Gives an event of an older version this program's shape; new strings go to a. False: its version
 * is none that this program knows. */
bool event_upcast(struct arena *a, struct event *event);

extern const char *const event_kind_words[EVENT_KINDS];
extern const struct json_field event_fields[];

#endif
