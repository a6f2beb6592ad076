/*
 * worker.h - the frame of worker-open, worker-verify and worker-seal: jobs in, answers out; and how
 * they and the holder are set up.
 *
 * Promises: reads jobs from the socket that was handed down, checks every extent, ends when the
 * desk closes it. A worker for hostile bytes serves one job and ends.
 */
#ifndef MILTER_WORKER_H
#define MILTER_WORKER_H

#include "crypto/crypto.h"
#include "wire/protocol.h"

enum { WORKER_ANSWER_MS = 60 * 1000 };

/* One job: fd 0 and 1 mapped. */
struct worker_job {
    struct arena *a;
    struct crypto *crypto;
    struct memory bytes;
    struct memory keys;
    struct err err;
};

enum worker_use {
    WORKER_SERVES,      /* one job after the other */
    WORKER_ONE_JOB,     /* ends after one job: its processor time is limited */
    WORKER_ASKS_HOLDER, /* the same, and another program has the keys that decrypt */
};

/* What the supervisor gives a worker, as arguments: --open-home, --open-key, --open-cert,
 * --open-public, --seal-home, --sign-key, --sign-cert, --scratch, --clock-file. */
struct worker_setup {
    struct crypto_config config;
    const char *clock_file;
    enum worker_use use;
};
MUST_USE bool worker_setup(int argc, char **argv, enum worker_use use,
                           struct worker_setup *ret_setup, struct err *err);

/* Opens crypto, gets ready for wrapped keys if it has those that open (crypto_hold), then closes
 * the wall. */
MUST_USE bool worker_start(const struct worker_setup *setup, struct crypto **ret_crypto,
                           struct err *err);

/* The same in two steps, for a parent that forks workers: first what holds for it too, then, in the
 * worker, with its own scratch folder in the setup, the rest. */
MUST_USE bool worker_begin(const struct worker_setup *setup, struct err *err);
MUST_USE bool worker_go_on(const struct worker_setup *setup, struct crypto **ret_crypto,
                           struct err *err);

/* Next job into the zeroed object; false: the desk is done with us (err.kind ERR_GONE) or sent what
 * does not hold together. */
MUST_USE bool worker_next(struct worker_job *job, const struct json_field *table, void *object);
void worker_done(struct worker_job *job);

/* Key spans inside the job's second descriptor. */
MUST_USE bool worker_keys(struct worker_job *job, const struct wire_key *keys, size_t n,
                          struct span **ret_spans);

/* Sends the answer, with bytes as fd 0 unless they are empty. */
MUST_USE bool worker_answer(struct worker_job *job, const struct json_field *table,
                            const void *answer, struct span bytes);

#endif
