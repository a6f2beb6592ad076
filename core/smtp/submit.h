/*
 * submit.h - hands letters to our own MTA over SMTP, on a connection that is kept.
 *
 * Promises: the bytes go out unchanged (dot-stuffing apart), for one recipient at a time; each
 * outcome is told apart: taken, refused for now, refused for good, connection lost before or after
 * the end of the data. Every wait has a limit. Does not: queue, repeat, speak TLS (it is for a
 * loopback port), or serve two threads with one struct submit.
 */
#ifndef SMTP_SUBMIT_H
#define SMTP_SUBMIT_H

#include "base/err.h"
#include "base/span.h"

enum {
    SUBMIT_CONNECT_MS = 10 * 1000,   /* until the connection stands */
    SUBMIT_TOTAL_MS = 5 * 60 * 1000, /* one letter, from MAIL to the reply to its end */
    SUBMIT_REPLY_SECONDS = 120,      /* wait for one reply (RFC 5321 4.5.3.2 asks for patience) */
};

struct submit_config {
    const char *host;
    uint16_t port;
    const char *hostname; /* for EHLO */
};

enum submit_outcome {
    SUBMIT_TAKEN,      /* 250 to the end of the data */
    SUBMIT_TEMPORARY,  /* 4xx: try again later */
    SUBMIT_PERMANENT,  /* 5xx: this letter will not go out as it is */
    SUBMIT_CONNECTION, /* no reply: not reached, or lost; may be out if the data had been sent */
};

struct submit_result {
    enum submit_outcome outcome;
    int code;             /* of the last reply, 0 without one */
    const char *reply;    /* text of the last reply, one line, or what went wrong; never NULL */
    const char *queue_id; /* out of "queued as ID", or NULL */
    bool may_be_out;      /* SUBMIT_CONNECTION: the whole message had been handed over */
};

struct submit;

MUST_USE bool submit_open(const struct submit_config *config, struct submit **ret_submit,
                          struct err *err);
void submit_close(struct submit *s); /* NULL is fine */
SCOPED_DEFINE(struct submit *, submit_close)

/* Sends one message (CRLF line ends) from sender ("" for <>) to one recipient; texts in the result
 * live in a. False only if we could not even try (out of memory, an address with a control
 * character). The connection is opened when needed and kept. */
MUST_USE bool submit_send(struct submit *s, struct arena *a, const char *sender,
                          const char *recipient, struct span message,
                          struct submit_result *ret_result, struct err *err);

#endif
