/*
 * mail.h - a mail as it was taken: its envelope, where its bytes lie, how far it came.
 */
#ifndef MODEL_MAIL_H
#define MODEL_MAIL_H

#include "model/case.h"

enum mail_state {
    MAIL_TAKEN,    /* committed, not yet opened */
    MAIL_FILED,    /* opened, decided on, filed */
    MAIL_UNOPENED, /* cost two workers their life, or failed too often: filed whole */
};

struct mail {
    uint64_t number; /* the desk number, #812 */
    enum mail_state state;
    instant received;
    const char *sender;     /* envelope, "" for <> */
    struct strs recipients; /* the desk's own, as given */
    uint64_t size;
    uint64_t raw;    /* blob: exact bytes as received */
    uint64_t opened; /* blob: opened bytes (what extents point into), 0 none */
    uint64_t model;  /* blob: struct message as JSON, 0 none */
    struct place place;
    uint32_t piece;  /* in a case */
    uint32_t party;  /* who wrote it, in a case */
    uint64_t like;   /* an earlier mail with the same body, 0 none */
    uint32_t deaths; /* workers lost over it, of the kind that counts */
    uint32_t tries;  /* times that opening failed otherwise */
    enum trust_level trust;
    const char *from;    /* header From, addr-spec, or NULL */
    const char *subject; /* best known */
    bool contested;
};

extern const char *const mail_state_words[3];
extern const struct json_field mail_fields[];

#endif
