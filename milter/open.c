/*
 * embargod-open - a small parent that reads no mail, and forks a worker for each one: it opens one
 * hostile mail and ends.
 *
 * It has no store, no network and no configuration; what it says is a claim.
 */
#include <sysexits.h>

#include "milter/parent.h"
#include "milter/program.h"
#include "milter/wall.h"
#include "milter/worker.h"
#include "open/open.h"

static bool open_mail(struct worker_job *job, const struct open_job *ask,
                      struct open_answer *answer, struct span *ret_opened)
{
    struct open_request request = {
        .mail = job->bytes.bytes,
        .now = ask->now,
        .n_keys = ask->n_keys,
        .n_cas = ask->n_cas,
        .own_hops = ask->own_hops,
        .hops_trusted = ask->hops_trusted,
        .authserv_id = ask->authserv_id,
        .limits = &ask->limits,
        .look_into_files = true,
    };
    struct span *keys;
    struct span *cas;

    if (!wall_seconds(ask->limits.seconds, &job->err))
        return false;
    if (!worker_keys(job, ask->keys, ask->n_keys, &keys) ||
        !worker_keys(job, ask->cas, ask->n_cas, &cas))
        return false;
    request.keys = keys;
    request.cas = cas;
    if (!open_message(job->a, job->crypto, &request, &answer->message, ret_opened, &job->err))
        return false;
    answer->trust_seal = answer->message.trust_seal;
    return true;
}

/* The worker: one mail. */
static int work(struct arena *a, const struct worker_setup *setup)
{
    struct worker_job job = {.a = a};
    struct open_job ask = {.now = 0};
    struct open_answer answer = {.error = NULL};
    struct span opened = {NULL, 0};
    struct err err;
    bool sent;

    if (!worker_go_on(setup, &job.crypto, &err))
        return program_failed(&err);
    if (!worker_next(&job, open_job_fields, &ask))
        return job.err.kind == ERR_GONE ? EX_OK : program_failed(&job.err);
    if (!open_mail(&job, &ask, &answer, &opened))
        answer = (struct open_answer){.error = job.err.text, .retry = job.err.kind == ERR_RETRY};
    sent = worker_answer(&job, open_answer_fields, &answer, opened);
    worker_done(&job);
    crypto_close(job.crypto);
    return sent ? EX_OK : program_failed(&job.err);
}

/* What every worker would otherwise set up anew. */
static bool warm_up(const struct worker_setup *setup, struct err *err)
{
    SCOPED(crypto_close) struct crypto *crypto = NULL;

    return crypto_open(&setup->config, &crypto, err) && open_warm_up(crypto, err);
}

int main(int argc, char **argv)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct worker_setup setup;
    struct err err;

    program_start("embargod-open");
    if (!worker_setup(argc, argv, WORKER_ASKS_HOLDER, &setup, &err) || !warm_up(&setup, &err) ||
        !worker_begin(&setup, &err))
        return program_failed(&err);
    program_ready();
    if (parent_serve(a, &setup.config.scratch, &err))
        return work(a, &setup);
    return err.kind == ERR_GONE ? EX_OK : program_failed(&err);
}
