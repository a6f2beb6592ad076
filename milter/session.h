/*
 * session.h - one SMTP transaction as front sees it: who is it for, its bytes, its answer.
 *
 * Promises: no libmilter here; the callbacks of front.c only translate. Header fields are put
 * together exactly as the MTA got them. A session counts from the end of its headers on (an MTA
 * that waits for its client costs nothing yet); the desk says then whether a stranger wrote it.
 * Named limits on recipients, bytes, sessions and bytes in flight; every failure of ours is "451"
 * with a text that says nothing of the content.
 */
#ifndef MILTER_SESSION_H
#define MILTER_SESSION_H

#include "flow/options.h"
#include "wire/protocol.h"

enum {
    SESSION_RECIPIENTS_MAX = 100,
    SESSION_HEADER_MAX = 1024 * 1024,       /* bytes of all header fields */
    SESSION_REFERENCES_MAX = 4 * 1024,      /* bytes shown to the desk before the body comes */
    SESSION_FLIGHT_MAX = 512 * 1024 * 1024, /* bytes of all sessions together */
    SESSION_FLIGHT_RESERVE = SESSION_FLIGHT_MAX / 4, /* of them, that strangers can't take */
    SESSION_ADMIT_MS = 2000,
    SESSION_TAKE_MS = 60 * 1000,
};

enum session_reply {
    SESSION_CONTINUE,
    SESSION_UNRELATED, /* nobody of ours: accept, and stop looking */
    SESSION_LATER,     /* 451: a failure of ours */
    SESSION_BUSY,      /* 451: no room for one more now */
    SESSION_OVER,      /* 451: strangers have handed in enough for now */
    SESSION_TOO_LARGE, /* 552 */
    SESSION_TOO_MANY,  /* 452: recipients */
    SESSION_TAKEN_ALL, /* taken, and nobody else wants it: discard */
    SESSION_TAKEN,     /* taken for ours: delete those recipients, accept for the others */
};

struct session {
    struct arena *a;
    const struct options *options;
    const char *sender;
    struct strs ours; /* envelope recipients of the desk, as the MTA wrote them */
    bool others;      /* there are recipients that are not ours */
    bool counted;     /* its headers are there: it counts against the session limit */
    bool stranger;    /* ... and against what strangers may take of it */
    bool too_large;
    int fd; /* memory that the mail grows in, or -1 */
    uint64_t bytes;
    uint64_t declared; /* SIZE= of MAIL FROM, 0 unknown */
    struct buf references;
    uint64_t number; /* desk number once taken */
    struct err err;  /* why it is SESSION_LATER, for the log */
};

struct session *session_new(const struct options *options);
void session_free(struct session *s); /* NULL is fine */

void session_sender(struct session *s, const char *sender, uint64_t declared);
enum session_reply session_recipient(struct session *s, const char *recipient);
/* DATA was said: is anything for us? */
enum session_reply session_data(const struct session *s);
enum session_reply session_header(struct session *s, const char *name, const char *value);
enum session_reply session_end_of_headers(struct session *s);
enum session_reply session_body(struct session *s, struct span chunk);
/* Hands the mail to the desk; returns after its commit. */
enum session_reply session_end(struct session *s);

#endif
