/*
 * case.h - reports, cases and who takes part, as rows.
 *
 * Promises: plain data. A case is its log of events (event.h); what stands here is the fold over
 * them, kept as one head row and one row per party, so that a decision about one party reads two
 * rows.
 */
#ifndef MODEL_CASE_H
#define MODEL_CASE_H

#include "model/json.h"

enum place_kind { PLACE_NONE, PLACE_REPORT, PLACE_CASE };

/* Where a message or letter belongs: R17, C42, or nowhere. */
struct place {
    enum place_kind kind;
    uint64_t number;
};

char *place_name(struct arena *a, struct place place); /* "R17", "C42", "-" */
/* Letter case ignored; "-" gives PLACE_NONE; anything but a whole name is a no. */
bool place_from_name(struct span text, struct place *ret_place);

enum report_state { REPORT_OPEN, REPORT_ACCEPTED, REPORT_DECLINED, REPORT_JUNK };

/* The last copy of a report that went to one coordinator: the next one answers it. */
struct report_copy {
    uint32_t contact;
    const char *message_id;
};

/* A stranger's mail (and what followed it) before somebody accepted it. */
struct report {
    uint64_t number;
    enum report_state state;
    uint64_t *messages; /* desk numbers, rising */
    size_t n_messages;
    size_t messages_room;
    instant received;
    enum trust_level trust;
    const char *from; /* addr-spec or NULL */
    const char *from_name;
    const char *key;        /* fingerprint that came inside the report's encryption, or NULL */
    enum protocol protocol; /* of that key */
    struct span key_bytes;
    bool key_signed;    /* its first mail was signed by that key, and that was proven */
    struct strs thread; /* Message-IDs of the reporter's mails, for In-Reply-To, oldest first */
    const char *own_reference;
    struct report_copy *copies; /* one per coordinator */
    size_t n_copies;
    size_t copies_room;
    uint64_t like;     /* message number that this one resembles, 0 none */
    uint64_t joined;   /* case number, once accepted */
    bool registration; /* a vendor wants to be in the directory */
};

/* Who may see a piece, a part: party numbers of the case. Coordinators see all. */
struct audience {
    struct u32s parties;
};

enum piece_kind { PIECE_REPORT, PIECE_REPLY, PIECE_NOTE, PIECE_UNPLACED };

struct piece_part {
    uint32_t n; /* piece 3's second part is 3.2 */
    const char *path;
    const char *type;
    const char *filename;
    uint64_t size;
    struct strs facts;       /* what it carries: "author: Rhea Sandoval" */
    const char *unread;      /* why some of it could not be looked into; NULL: it was */
    bool copy;               /* there is a cleaned copy of it */
    struct strs copy_facts;  /* what that carries still */
    const char *copy_unread; /* why some of that could not be looked into */
    const char *no_copy;     /* it carries something, but why there is no copy */
    struct u32s audience;    /* parties it was released to */
    struct u32s cleaned;     /* of them, those that get the copy */
    struct u32s recleaned;   /* who had the copy before the file itself: a Stop leaves them that */
};

struct piece {
    uint32_t n;
    enum piece_kind kind;
    uint64_t message; /* desk number; 0: text stands in the event (a note by embargoctl) */
    uint32_t party;   /* who wrote it; 0: a coordinator, or nobody knows */
    instant at;
    enum trust_level trust;
    struct u32s audience; /* parties that may see its text; the author's own is in it */
    struct u32s quoted;   /* of them, those that get what it quotes too */
    struct u32s requoted; /* of those, who had its text before: a Stop leaves them that */
    struct piece_part *parts;
    size_t n_parts;
    size_t parts_room;
    bool moved; /* its message was filed elsewhere; the number stays taken */
};

enum vendor_status {
    STATUS_UNKNOWN,
    STATUS_UNDER_INVESTIGATION,
    STATUS_AFFECTED,
    STATUS_NOT_AFFECTED,
    STATUS_FIXED,
};

enum contact_state {
    CONTACT_NOT_TOLD,
    CONTACT_INVITED,
    CONTACT_TOLD,
    CONTACT_BOUNCED,
    CONTACT_AUTO_ACKNOWLEDGED,
    CONTACT_ACKNOWLEDGED,
    CONTACT_SILENT,
};

struct vuln_status {
    uint32_t vuln;
    enum vendor_status status;
    uint32_t piece; /* evidence, 0 none */
    const char *by; /* who decided: "coordinator aiko", "acme" */
};

enum party_kind { PARTY_VENDOR, PARTY_PARTNER, PARTY_REPORTER, PARTY_COORDINATOR };

/* One side of a case: an org, a reporter, or a coordinator. n is its number in the case. */
struct party {
    uint32_t n;
    enum party_kind kind;
    uint32_t org;     /* vendor, partner: its org; else 0 */
    uint32_t contact; /* coordinator: its contact id; vendor: the contact written to last, else 0 */
    const char *address; /* reporter */
    const char *name;    /* reporter */
    const char *key;     /* reporter: fingerprint that speaks for it in this case */
    enum protocol protocol;
    struct span key_bytes;
    bool removed;
    bool share_named; /* reporter agreed to be named to vendors */
    bool credited;    /* reporter wants to be named in what is published */
    bool accepted;    /* vendor accepted the terms */
    enum contact_state contact_state;
    struct vuln_status *statuses;
    size_t n_statuses;
    size_t statuses_room;
    const char
        *own_reference; /* the party's ticket number, for its own subjects; a term for others */
    struct strs
        thread; /* Message-IDs of the party's letters and mails, oldest first, the last 20 */
    instant told_at;
};

enum { PARTY_THREAD_MAX = 20 };

struct vuln {
    uint32_t n;
    const char *title;
};

enum send_state { SEND_PLANNED, SEND_STOPPED };

/* One "Send:": its letters carry its number. */
struct send {
    uint32_t n;
    const char *template;
    const char *by;
    instant at;
    instant due;
    enum send_state state;
    struct u32s parties;
    uint32_t piece; /* what a Share or Release sends, 0: none; Stop takes the audience back */
    uint32_t part;
    bool quoted;        /* with what the piece quotes */
    bool cleaned;       /* the part's cleaned copy */
    bool two_persons;   /* its letters go when two coordinators have said so */
    const char *asked;  /* the first of them (slug); NULL: none yet, or both have */
    uint64_t asked_seq; /* the event of that */
    instant hold_told;  /* when the message about its held letters goes or went; 0: none is held */
};

enum case_state { CASE_OPEN, CASE_CLOSED };
enum embargo_state {
    EMBARGO_NONE,
    EMBARGO_PROPOSED,
    EMBARGO_ACTIVE,
    EMBARGO_REVISE,
    EMBARGO_EXITED,
};

struct case_head {
    uint64_t number;
    enum case_state state;
    const char *title;
    const char *summary;
    instant worded;    /* when title or summary were written last */
    const char *owner; /* coordinator's slug, or NULL */
    struct strs watchers;
    struct strs excluded;
    enum embargo_state embargo;
    instant embargo_end; /* 0 none */
    struct strs allow_terms;
    struct vuln *vulns; /* at least one */
    size_t n_vulns;
    size_t vulns_room;
    struct piece *pieces;
    size_t n_pieces;
    size_t pieces_room;
    struct send *sends;
    size_t n_sends;
    size_t sends_room;
    uint32_t n_parties; /* numbers 1..n_parties are taken */
    uint64_t n_events;
    uint64_t text_seq; /* the last event after which letters may say other things */
    instant opened;
};

extern const char *const place_kind_words[3];
extern const char *const report_state_words[4];
extern const char *const piece_kind_words[4];
extern const char *const vendor_status_words[5];
extern const char *const contact_state_words[7];
extern const char *const party_kind_words[4];
extern const char *const case_state_words[2];
extern const char *const embargo_state_words[5];
extern const char *const send_state_words[2];
extern const struct json_field place_fields[];
extern const struct json_field report_fields[];
extern const struct json_field piece_part_fields[];
extern const struct json_field party_fields[];
extern const struct json_field case_fields[];

struct piece *case_piece(struct case_head *head, uint32_t n); /* NULL: none, or moved away */
struct piece_part *piece_part(struct piece *piece, uint32_t n);
/* "3.2", and the piece that it is of; NULL: no such part. */
struct piece_part *case_part(struct case_head *head, const char *name, struct piece **ret_piece);
struct send *case_send(struct case_head *head, uint32_t n);
enum vendor_status party_status(const struct party *party, uint32_t vuln);

#endif
