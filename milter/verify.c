/*
 * embargod-verify - makes the verdict that acts: one signed object, approved keys, then it ends.
 *
 * It has no private key, no store, no network, and reads no MIME but the strict text.
 */
#include "crypto/verdict.h"
#include "milter/program.h"
#include "milter/wall.h"
#include "milter/worker.h"
#include "mime/strict.h"

#include <sysexits.h>

enum { TEXT_COST_MAX = 1200 * 1024 /* three fit into an answer (JSON_BYTES_MAX) */ };

static void judge(struct worker_job *job, const struct crypto_verified *verified, instant now,
                  struct verify_answer *answer)
{
    struct verdict_signature *signatures =
        ARENA_ARRAY(job->a, verified->n_signatures, struct verdict_signature);
    struct verdict_input input = {
        .signatures = signatures, .n_signatures = verified->n_signatures, .now = now};
    struct verdict verdict;

    for (size_t i = 0; i < verified->n_signatures; i++)
        signatures[i] = (struct verdict_signature){
            .facts = &verified->signatures[i], .covers_whole = true, .inside_encryption = true};
    verdict = verdict_make(job->a, &input);
    answer->trust = verdict.trust;
    if (verdict.trust == TRUST_VERIFIED || verdict.trust == TRUST_SIGNED) {
        answer->signer = verified->signatures[verdict.signature].signer;
        answer->signed_at = verified->signatures[verdict.signature].time;
    }
}

/* Whether it leaves room for the others in one answer: JSON writes controls in six bytes. */
static bool fits(struct span text)
{
    size_t cost = 0;

    for (size_t i = 0; i < text.n; i++)
        cost += text.at[i] < ' ' ? 6 : 1;
    return cost <= TEXT_COST_MAX;
}

static void read_strict(struct worker_job *job, struct span content, struct verify_answer *answer)
{
    struct span text;
    enum strict_refusal refusal = strict_text(job->a, content, &text);

    if (refusal == STRICT_OK && !fits(text))
        refusal = STRICT_TOO_LARGE;
    if (refusal == STRICT_OK)
        answer->strict_text = span_dup(job->a, text);
    else
        answer->strict_problem = strict_reason(refusal);
}

static void read_shown(struct worker_job *job, struct span content, struct verify_answer *answer)
{
    struct strs shown = {.n = 0};

    strict_shown(job->a, content, &shown);
    for (size_t i = 0; i < shown.n; i++) {
        if (fits(span_str(shown.at[i])))
            strs_add(job->a, &answer->shown, shown.at[i]);
    }
}

static bool verify(struct worker_job *job, const struct verify_job *ask,
                   struct verify_answer *answer)
{
    struct crypto_ask keys = {.a = job->a, .now = ask->now, .limits = &ask->limits};
    struct crypto_verified verified = {.n_signatures = 0};
    struct span *approved;
    struct span *cas;
    struct span content;
    struct span signature;

    if (!wall_seconds(ask->limits.seconds, &job->err) ||
        !worker_keys(job, ask->keys, ask->n_keys, &approved) ||
        !worker_keys(job, ask->cas, ask->n_cas, &cas) ||
        !wire_slice(job->bytes.bytes, ask->content, &content) ||
        !wire_slice(job->bytes.bytes, ask->signature, &signature))
        return err_set(&job->err, ERR_OPERATOR, "a job that does not hold together");
    /* Content without a signature would be verified as an opaque object, and read as another. */
    if (signature.n == 0)
        return err_set(&job->err, ERR_OPERATOR, "a job without a signature");
    keys.keys = approved;
    keys.n_keys = ask->n_keys;
    keys.cas = cas;
    keys.n_cas = ask->n_cas;
    if (content.n > 0) {
        if (!crypto_verify(job->crypto, ask->protocol, &keys, content, signature, &verified,
                           &job->err))
            return false;
    } else {
        if (!crypto_verify(job->crypto, ask->protocol, &keys, signature, span_of(NULL, 0),
                           &verified, &job->err))
            return false;
        content = verified.content;
    }
    judge(job, &verified, ask->now, answer);
    if (answer->trust == TRUST_VERIFIED) {
        read_strict(job, content, answer);
        read_shown(job, content, answer);
    }
    return true;
}

int main(int argc, char **argv)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct worker_job job = {.a = a};
    struct verify_job ask = {.now = 0};
    struct verify_answer answer = {.trust = TRUST_CLAIMED};
    struct worker_setup setup;
    struct err err;
    bool sent;

    program_start("embargod-verify");
    if (!worker_setup(argc, argv, WORKER_ONE_JOB, &setup, &err) ||
        !worker_start(&setup, &job.crypto, &err))
        return program_failed(&err);
    if (!worker_next(&job, verify_job_fields, &ask))
        return job.err.kind == ERR_GONE ? EX_OK : program_failed(&job.err);
    if (!verify(&job, &ask, &answer)) {
        answer = (struct verify_answer){
            .error = job.err.text, .retry = job.err.kind == ERR_RETRY, .trust = TRUST_CLAIMED};
    }
    sent = worker_answer(&job, verify_answer_fields, &answer, span_of(NULL, 0));
    worker_done(&job);
    crypto_close(job.crypto);
    return sent ? EX_OK : program_failed(&job.err);
}
