/*
 * protocol.h - what our programs say to each other: one struct per message, one table per struct.
 *
 * Promises: every answer is checked like anything from outside (types, ranges, extents inside the
 * bytes that came with it). Descriptors go by position, as each comment says.
 */
#ifndef WIRE_PROTOCOL_H
#define WIRE_PROTOCOL_H

#include "model/limits.h"
#include "wire/frame.h"
#include "wire/memory.h"

enum {
    WIRE_MAIL_MAX = 256 * 1024 * 1024,   /* bytes of one mail */
    WIRE_OPENED_MAX = 512 * 1024 * 1024, /* opened bytes of one mail */
    WIRE_KEYS_MAX = 64 * 1024 * 1024,    /* keys that go along with one request */
};

/* A key inside the bytes of a request's second descriptor. */
struct wire_key {
    struct extent at;
};

/* ---- any program -> desk: to the desk's socket (front) or its control socket ---- */

enum desk_verb { DESK_ADMIT, DESK_TAKE, DESK_ORDER, DESK_QUERY, DESK_WAKE, DESK_VERBS };
extern const char *const desk_verb_words[DESK_VERBS];

struct desk_request {
    enum desk_verb verb;
    /* admit, take; fd 0 of take: the mail as received, CRLF */
    const char *sender; /* envelope, "" for <> */
    struct strs recipients;
    const char *references; /* admit: raw References and In-Reply-To, at most 4 KiB */
    bool headers;           /* admit: they are all there, and a stranger is asked for his budget */
    uint32_t own_hops;      /* take: Received lines of our own MTAs in these bytes */
    /* order, query (control socket only) */
    const char *as;    /* coordinator's slug, where the peer is several */
    const char *place; /* "C42", "R17", "-" */
    struct strs lines; /* "Name: value" */
    const char *text;
    const char *query; /* "report list", "case show", ... */
    struct strs words; /* its arguments */
};

enum desk_answer_kind {
    DESK_OK,
    DESK_REFUSED,   /* the decision says no; lines say why */
    DESK_LATER,     /* our failure, or no room: temporary */
    DESK_NOT_YOURS, /* the peer may not do this */
    DESK_USAGE,     /* the request makes no sense */
    DESK_OVER,      /* admit, take: strangers have used up what they may hand in for now */
    DESK_ANSWERS
};
extern const char *const desk_answer_words[DESK_ANSWERS];

struct desk_answer {
    enum desk_answer_kind kind;
    struct strs lines;
    bool reserved;   /* admit: a token or an id of ours names it; else a stranger wrote it */
    uint64_t number; /* take: the desk number */
    bool same;       /* take: it was there already */
    /* query: fd 0 holds the answer as JSON */
};

/* ---- desk -> worker-open. fd 0: the mail; fd 1: the keys' bytes ---- */

struct open_job {
    instant now;
    uint32_t own_hops;
    bool hops_trusted; /* an Authentication-Results may be believed (formats: own-hops) */
    const char *authserv_id;
    struct limits limits;
    struct wire_key *keys; /* approved keys */
    size_t n_keys;
    size_t keys_room;
    struct wire_key *cas;
    size_t n_cas;
    size_t cas_room;
};

/* fd 0: the opened bytes. Without error, message is set. */
struct open_answer {
    const char *error; /* our own failure, else NULL */
    bool retry;        /* and it may pass */
    struct message message;
    uint64_t trust_seal; /* the message's, which no record keeps */
};

/* ---- supervisor -> holder. fd 0: a socket on which a worker-open asks ---- */

struct hold_request {
    uint64_t serial; /* of the worker, for the log */
};

/* ---- worker-open -> holder, over the socket beside that to the desk ---- */

struct unwrap_request {
    enum protocol protocol;
    const char *wrapped; /* hex: a PKESK packet, or a CMS message with one RecipientInfo */
};

/* Neither opened, foreign nor refused: nothing comes out of it. */
struct unwrap_answer {
    const char *error; /* our own failure, else NULL; it may pass */
    bool opened;
    bool foreign;    /* wrapped for other keys */
    bool refused;    /* too large, or one too many for one message */
    const char *key; /* hex of the content key */
    const char *hash;
};

/* ---- desk -> worker-verify. fd 0: content, then signature; fd 1: the keys' bytes ---- */

struct verify_job {
    instant now;
    enum protocol protocol;
    struct extent content; /* n == 0: opaque, signature is the object */
    struct extent signature;
    struct limits limits; /* those that it was opened with */
    struct wire_key *keys;
    size_t n_keys;
    size_t keys_room;
    struct wire_key *cas;
    size_t n_cas;
    size_t cas_room;
};

struct verify_answer {
    const char *error;
    bool retry;
    enum trust_level trust; /* VERIFIED, SIGNED, CLAIMED or BAD */
    const char *signer;
    instant signed_at;
    const char *strict_text;    /* NULL: none */
    const char *strict_problem; /* why there is none */
    struct strs shown;          /* what a client shows of it, by each way to read it; none: HTML */
};

/* ---- desk -> worker-seal. fd 0: the entity; fd 1: the reader's key ---- */

struct seal_job {
    instant now;
    enum protocol protocol;
};

/* fd 0: OpenPGP armor or CMS DER. */
struct seal_answer {
    const char *error;
    bool retry;
    const char *unusable; /* why the reader's key can't be used, else NULL */
};

/* ---- desk -> supervisor ---- */

enum worker_kind { WORKER_OPEN, WORKER_VERIFY, WORKER_SEAL, WORKER_KINDS };
extern const char *const worker_kind_words[WORKER_KINDS];

struct spawn_request {
    enum worker_kind kind;
    uint64_t serial; /* chosen by the desk */
    uint64_t end;    /* not 0: end the worker of that serial instead */
};

/* Answers come in any order. fd 0 of a start: the worker's socket. */
struct spawn_answer {
    uint64_t serial;
    bool started;
    bool ended;
    bool counts;     /* its death is the message's fault (formats: when is a worker's death ...) */
    const char *how; /* "exit 0", "signal 11" */
};

/* ---- supervisor -> the opener's small parent. fd 0: the socket of the new worker-open ---- */

struct fork_request {
    const char *scratch; /* folder of its own */
};

struct fork_answer {
    int64_t pid;       /* the supervisor's own child */
    const char *error; /* why there is none, else NULL */
};

extern const struct json_field desk_request_fields[];
extern const struct json_field desk_answer_fields[];
extern const struct json_field open_job_fields[];
extern const struct json_field open_answer_fields[];
extern const struct json_field hold_request_fields[];
extern const struct json_field unwrap_request_fields[];
extern const struct json_field unwrap_answer_fields[];
extern const struct json_field verify_job_fields[];
extern const struct json_field verify_answer_fields[];
extern const struct json_field seal_job_fields[];
extern const struct json_field seal_answer_fields[];
extern const struct json_field spawn_request_fields[];
extern const struct json_field spawn_answer_fields[];
extern const struct json_field fork_request_fields[];
extern const struct json_field fork_answer_fields[];

/* Encodes object by table and sends it. */
MUST_USE bool wire_send(int sock, const struct json_field *table, const void *object,
                        const int *fds, size_t n_fds, int timeout_ms, struct err *err);
/* Receives one frame and decodes it into the zeroed object; descriptors stay in *ret_frame. */
MUST_USE bool wire_receive(struct arena *a, int sock, const struct json_field *table, void *object,
                           struct frame *ret_frame, int timeout_ms, struct err *err);

/* The bytes an extent names, or false where it points outside. */
MUST_USE bool wire_slice(struct span bytes, struct extent at, struct span *ret_slice);

/* Every extent of the message lies inside n opened bytes, and every index inside its list. */
bool wire_message_sound(const struct message *message, uint64_t n);

#endif
