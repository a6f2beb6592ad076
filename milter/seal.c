/*
 * embargod-seal - signs and encrypts letters, each to one reader's key; serves until the desk is
 * done.
 *
 * It has the desk's signing key and sees the desk's own plaintext only; no hostile mail, no store,
 * no network.
 */
#include "milter/program.h"
#include "milter/worker.h"

#include <sysexits.h>

static bool seal(struct worker_job *job, const struct seal_job *ask, struct seal_answer *answer,
                 struct span *ret_bytes)
{
    struct crypto_letter letter = {
        .a = job->a,
        .protocol = ask->protocol,
        .signer = crypto_key(job->crypto, ask->protocol, CRYPTO_SIGN),
        .recipient = job->keys.bytes,
        .plaintext = job->bytes.bytes,
        .now = ask->now,
    };
    struct crypto_sealed sealed = {.sealed = false};

    if (letter.signer == NULL)
        return err_set(&job->err, ERR_OPERATOR,
                       "the desk has no %s key to sign with; see embargoctl init",
                       protocol_words[ask->protocol]);
    if (!crypto_seal(job->crypto, &letter, &sealed, &job->err))
        return false;
    if (!sealed.sealed)
        answer->unusable = sealed.reason;
    *ret_bytes = sealed.bytes;
    return true;
}

/* One letter; false: the desk is done with us, or the socket broke. */
static bool serve(struct crypto *crypto, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct worker_job job = {.a = a, .crypto = crypto};
    struct seal_job ask = {.now = 0};
    struct seal_answer answer = {.error = NULL};
    struct span bytes = {NULL, 0};
    bool good = worker_next(&job, seal_job_fields, &ask);

    if (good && !seal(&job, &ask, &answer, &bytes))
        answer = (struct seal_answer){.error = arena_strdup(a, job.err.text),
                                      .retry = job.err.kind == ERR_RETRY};
    good = good && worker_answer(&job, seal_answer_fields, &answer, bytes);
    worker_done(&job);
    if (!good)
        *err = job.err;
    return good;
}

int main(int argc, char **argv)
{
    struct worker_setup setup;
    struct crypto *crypto;
    struct err err;

    program_start("embargod-seal");
    if (!worker_setup(argc, argv, WORKER_SERVES, &setup, &err) ||
        !worker_start(&setup, &crypto, &err))
        return program_failed(&err);
    while (serve(crypto, &err))
        continue;
    crypto_close(crypto);
    return err.kind == ERR_GONE ? EX_OK : program_failed(&err);
}
