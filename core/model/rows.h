/*
 * rows.h - what a decision may read, and all that it may change.
 *
 * struct rows is a reader over one consistent snapshot (the open write transaction, or arrays in a
 * test); struct changes is what a decision hands back to be written in that same transaction. The
 * engine knows both and no store; the store knows both and no engine.
 */
#ifndef MODEL_ROWS_H
#define MODEL_ROWS_H

#include "model/event.h"
#include "model/letter.h"
#include "model/mail.h"

/* A one-time code: what it is bound to. Looked up by keyed hash of the code. */
struct code {
    struct place place; /* PLACE_NONE: File */
    uint32_t contact;   /* coordinator or any contact of the org; 0: the reporter of party */
    uint32_t org;       /* an org's code may be used by any of its approved signers, once */
    uint32_t party;
    instant issued;
    instant used;  /* 0: not yet */
    bool answered; /* a second use was answered once */
};

/* A Message-ID that the desk knows: one of its own letters, or a filed mail of a party. */
struct known_id {
    struct place place;
    uint32_t party;
    uint32_t contact; /* reader, for the desk's own letters */
    uint64_t letter;  /* 0: a filed mail */
    uint64_t mail;
};

/* How many automatic answers went out since then, to a person, to a domain, in all. Looked up by
 * keyed hash of the name. */
struct tally {
    instant since;
    uint32_t n;
};

extern const struct json_field tally_fields[];
extern const struct json_field code_fields[];
extern const struct json_field known_id_fields[];

/* Every getter: false is our failure (err); a row that is not there gives *ret == NULL. Rows are
 * fresh copies in a, free to be changed by the caller. Lists are NULL-free arrays. */
struct rows {
    void *ctx;
    bool (*report)(void *ctx, struct arena *a, uint64_t number, struct report **ret,
                   struct err *err);
    bool (*head)(void *ctx, struct arena *a, uint64_t number, struct case_head **ret,
                 struct err *err);
    bool (*party)(void *ctx, struct arena *a, uint64_t number, uint32_t n, struct party **ret,
                  struct err *err);
    bool (*parties)(void *ctx, struct arena *a, uint64_t number, struct party ***ret, size_t *ret_n,
                    struct err *err); /* by n, rising, removed ones too */
    /* Party number of an org / a coordinator's contact / a reporter's address in a case; 0: none.
     */
    bool (*party_of)(void *ctx, uint64_t number, enum party_kind kind, uint32_t id,
                     const char *address, uint32_t *ret_n, struct err *err);
    bool (*mail)(void *ctx, struct arena *a, uint64_t number, struct mail **ret, struct err *err);
    /* The opened message of a filed mail; NULL if it was never opened. Slow (unseals a blob). */
    bool (*message)(void *ctx, struct arena *a, uint64_t number, struct message **ret,
                    struct err *err);
    bool (*letter)(void *ctx, struct arena *a, uint64_t number, struct letter **ret,
                   struct err *err);
    bool (*letters_of_send)(void *ctx, struct arena *a, uint64_t case_number, uint32_t send,
                            struct letter ***ret, size_t *ret_n, struct err *err);
    /* The text that all letters of a send have in common (tell); NULL: none. */
    bool (*text_of_send)(void *ctx, struct arena *a, uint64_t case_number, uint32_t send,
                         const char **ret, struct err *err);
    bool (*code)(void *ctx, struct arena *a, const char *code, struct code **ret, struct err *err);
    bool (*known_id)(void *ctx, struct arena *a, const char *message_id, struct known_id **ret,
                     struct err *err);
    bool (*tally)(void *ctx, struct arena *a, const char *name, struct tally **ret,
                  struct err *err);
    /* VERP token of a letter's envelope sender -> the letter's number; 0: none. */
    bool (*verp)(void *ctx, const char *token, uint64_t *ret_letter, struct err *err);
    /* The last numbers given out. */
    uint64_t last_report;
    uint64_t last_case;
    uint64_t last_letter;
};

struct case_event {
    uint64_t number; /* of the case */
    struct event event;
};

struct case_party {
    uint64_t number;
    struct party *party;
};

struct new_code {
    const char *code;
    struct code row;
};

struct new_id {
    const char *message_id;
    struct known_id row;
};

struct new_tally {
    const char *name;
    struct tally *row;
};

/* Pointers stay the engine's; everything lives in the decision's arena. Rows here replace stored
 * ones. */
struct changes {
    struct report **reports;
    size_t n_reports;
    size_t reports_room;
    struct case_head **heads;
    size_t n_heads;
    size_t heads_room;
    struct case_party *parties;
    size_t n_parties;
    size_t parties_room;
    struct case_event *events; /* in order; seq is set */
    size_t n_events;
    size_t events_room;
    struct letter **letters;
    size_t n_letters;
    size_t letters_room;
    struct mail **mails;
    size_t n_mails;
    size_t mails_room;
    struct new_code *codes; /* new ones, and used ones again with used set */
    size_t n_codes;
    size_t codes_room;
    struct new_id *ids;
    size_t n_ids;
    size_t ids_room;
    struct new_tally *tallies;
    size_t n_tallies;
    size_t tallies_room;
    uint64_t last_report; /* the counters after the decision */
    uint64_t last_case;
    uint64_t last_letter;
};

#endif
