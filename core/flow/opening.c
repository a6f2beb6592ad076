#include "flow/opening.h"

#include "flow/proven.h"

/* Keys that go along: the directory's as they are, or with the reporters' behind them. */
struct keyset {
    int fd;
    bool own; /* fd is ours to close */
    struct wire_key *keys;
    size_t n_keys;
};

static bool copy_world_keys(const struct world *world, int fd, struct err *err)
{
    SCOPED(memory_unmap) struct memory memory = {.mapped = NULL};

    return memory_map(world->keys_fd, WIRE_KEYS_MAX, &memory, err) &&
           memory_write(fd, memory.bytes, err);
}

static uint64_t keys_end(const struct world *world)
{
    uint64_t end = 0;

    for (size_t i = 0; i < world->n_keys; i++)
        end += world->keys[i].at.n;
    for (size_t i = 0; i < world->n_cas; i++)
        end += world->cas[i].at.n;
    return end;
}

static bool keyset_make(const struct opening *o, struct arena *a, struct keyset *ret_set,
                        struct err *err)
{
    const struct world *world = o->world;
    uint64_t offset = keys_end(world);
    SCOPED(fd_close) int fd = -1;
    struct keyset set = {.fd = world->keys_fd, .keys = world->keys, .n_keys = world->n_keys};

    if (o->n_extra > 0) {
        if (!memory_open(&fd, err) || !copy_world_keys(world, fd, err))
            return false;
        set.keys = ARENA_ARRAY(a, world->n_keys + o->n_extra, struct wire_key);
        if (world->n_keys > 0)
            memcpy(set.keys, world->keys, world->n_keys * sizeof(*set.keys));
        for (size_t i = 0; i < o->n_extra; i++) {
            struct span bytes = o->extra[i].bytes;

            if (!memory_write(fd, bytes, err))
                return false;
            set.keys[set.n_keys++].at = (struct extent){.offset = offset, .n = bytes.n};
            offset += bytes.n;
        }
        if (!memory_finish(fd, err))
            return false;
        set.fd = fd;
        fd = -1;
        set.own = true;
    }
    *ret_set = set;
    return true;
}

static void keyset_close(struct keyset *set)
{
    if (set->own)
        fd_close(set->fd);
}

/* One question, one answer, one worker. fatal is set when its death is the mail's fault. */
static bool ask_worker(struct opening *o, struct arena *a, enum worker_kind kind,
                       const struct json_field *job_table, const void *job, const int fds[2],
                       const struct json_field *answer_table, void *answer, struct frame *ret_frame,
                       int ms, struct err *err)
{
    struct worker worker = {.sock = -1};
    bool sent;
    bool answered;
    bool counts;

    if (!workers_start(o->desk->workers, kind, &worker, err))
        return false;
    o->tried = true;
    sent = wire_send(worker.sock, job_table, job, fds, 2, ms, err);
    answered = sent && wire_receive(a, worker.sock, answer_table, answer, ret_frame, ms, err);
    counts = workers_end(o->desk->workers, &worker, sent && !answered && err->kind == ERR_RETRY);
    /* An answer that does not parse is the mail's fault as much as a crash. */
    o->fatal = sent && !answered && (counts || err->kind == ERR_OPERATOR);
    return answered || err_wrap(err, "worker-%s", worker_kind_words[kind]);
}

static bool check_opened(struct opening *o, struct open_answer *answer, struct frame *frame,
                         struct err *err)
{
    SCOPED(fd_close) int fd = frame_take_fd(frame, 0);

    if (answer->error != NULL)
        return err_set(err, answer->retry ? ERR_RETRY : ERR_OPERATOR, "worker-open: %s",
                       answer->error);
    if (!memory_map(fd, WIRE_OPENED_MAX, &o->opened, err) ||
        !wire_message_sound(&answer->message, o->opened.bytes.n)) {
        o->fatal = true;
        return err_set(err, ERR_RETRY, "worker-open gave an answer that does not hold together");
    }
    return true;
}

static void fill_gaps(struct message *m)
{
    if (m->subject == NULL)
        m->subject = "";
    if (m->outer_subject == NULL)
        m->outer_subject = "";
    if (m->text == NULL)
        m->text = "";
}

bool opening_open(struct opening *o, struct arena *a, struct err *err)
{
    const struct options *options = o->world->options;
    struct open_answer *answer = ARENA_NEW(a, struct open_answer);
    struct frame frame = {.n_fds = 0};
    SCOPED(fd_close) int raw = -1;
    struct keyset keys;
    struct open_job job;
    bool good;

    if (!memory_seal(o->raw, &raw, err) || !keyset_make(o, a, &keys, err))
        return false;
    job = (struct open_job){
        .now = clock_now(),
        .own_hops = (uint32_t)options->own_hops,
        .hops_trusted = options->own_hops > 0 || options->auth_results_stripped,
        .authserv_id = options->authserv_id,
        .limits = options->limits,
        .keys = keys.keys,
        .n_keys = keys.n_keys,
        .cas = o->world->cas,
        .n_cas = o->world->n_cas,
    };
    good = ask_worker(o, a, WORKER_OPEN, open_job_fields, &job, (const int[2]){raw, keys.fd},
                      open_answer_fields, answer, &frame,
                      (int)options->limits.seconds * OPENING_MS_PER_SECOND, err) &&
           check_opened(o, answer, &frame, err);
    frame_close(&frame);
    keyset_close(&keys);
    if (!good)
        return false;
    fill_gaps(&answer->message);
    o->message = &answer->message;
    return true;
}

void opening_close(struct opening *o)
{
    memory_unmap(&o->opened);
}

/* The keys that could have made this signature, as far as the opener's word goes: the fingerprint
 * only chooses which approved key is tried; the signature must verify by it all the same. */
static struct span key_for(const struct opening *o, const char *signer)
{
    const struct key *key = directory_key(o->world->directory, signer);

    if (key != NULL && key->state == KEY_APPROVED)
        return key->bytes;
    for (size_t i = 0; i < o->n_extra; i++) {
        if (strcmp(o->extra[i].fingerprint, signer) == 0)
            return o->extra[i].bytes;
    }
    return span_of(NULL, 0);
}

/* The signature that may prove who wrote: inside all encryption, over everything, by a known key.
 */
static const struct signed_object *provable(const struct opening *o, struct span *ret_key)
{
    for (size_t i = o->message->n_signed_objects; i > 0; i--) {
        const struct signed_object *object = &o->message->signed_objects[i - 1];
        const char *signer = o->message->seals[object->seal].signer;

        if (!object->inside_encryption || !object->covers_whole || signer == NULL ||
            object->signature.n == 0)
            continue;
        *ret_key = key_for(o, signer);
        if (ret_key->n > 0)
            return object;
    }
    return NULL;
}

static bool slices_memory(const struct opening *o, const struct signed_object *object,
                          struct verify_job *job, int *ret_fd, struct err *err)
{
    struct span content;
    struct span signature;
    SCOPED(fd_close) int fd = -1;

    if (!wire_slice(o->opened.bytes, object->content, &content) ||
        !wire_slice(o->opened.bytes, object->signature, &signature))
        return err_set(err, ERR_OPERATOR, "worker-open pointed outside its own bytes");
    if (!memory_open(&fd, err) || !memory_write(fd, content, err) ||
        !memory_write(fd, signature, err) || !memory_finish(fd, err))
        return false;
    job->content = (struct extent){.offset = 0, .n = content.n};
    job->signature = (struct extent){.offset = content.n, .n = signature.n};
    *ret_fd = fd;
    fd = -1;
    return true;
}

static bool key_memory(const struct opening *o, struct arena *a, struct span key,
                       struct verify_job *job, int *ret_fd, struct err *err)
{
    const struct directory *d = o->world->directory;
    SCOPED(fd_close) int fd = -1;
    uint64_t offset = key.n;

    job->keys = ARENA_NEW(a, struct wire_key);
    job->keys[0].at = (struct extent){.offset = 0, .n = key.n};
    job->n_keys = 1;
    job->cas = ARENA_ARRAY(a, d->n_cas, struct wire_key);
    if (!memory_open(&fd, err) || !memory_write(fd, key, err))
        return false;
    for (size_t i = 0; i < d->n_cas; i++) {
        if (!memory_write(fd, d->cas[i], err))
            return false;
        job->cas[job->n_cas++].at = (struct extent){.offset = offset, .n = d->cas[i].n};
        offset += d->cas[i].n;
    }
    if (!memory_finish(fd, err))
        return false;
    *ret_fd = fd;
    fd = -1;
    return true;
}

bool opening_prove(struct opening *o, struct arena *a, struct err *err)
{
    struct verify_answer *answer = ARENA_NEW(a, struct verify_answer);
    struct verify_job job = {.now = clock_now(), .limits = o->world->options->limits};
    SCOPED(fd_close) int bytes = -1;
    SCOPED(fd_close) int keys = -1;
    struct frame frame = {.n_fds = 0};
    const struct signed_object *object;
    struct span key;

    o->proof = (struct proof){.trust = TRUST_CLAIMED};
    object = provable(o, &key);
    if (object == NULL)
        return true;
    job.protocol = object->protocol;
    if (!slices_memory(o, object, &job, &bytes, err) || !key_memory(o, a, key, &job, &keys, err) ||
        !ask_worker(o, a, WORKER_VERIFY, verify_job_fields, &job, (const int[2]){bytes, keys},
                    verify_answer_fields, answer, &frame,
                    (int)job.limits.seconds * OPENING_MS_PER_SECOND, err))
        return false;
    frame_close(&frame);
    if (answer->error != NULL)
        return err_set(err, answer->retry ? ERR_RETRY : ERR_OPERATOR, "worker-verify: %s",
                       answer->error);
    o->proof = (struct proof){
        .trust = answer->trust,
        .signer = answer->signer,
        .signed_at = answer->signed_at,
        .inside_encryption = o->message->single_chain,
        .strict_text = answer->strict_text,
        .strict_problem = answer->strict_problem,
        .unproven =
            answer->trust == TRUST_VERIFIED ? proven_problem(a, o->message, &answer->shown) : NULL,
    };
    return true;
}
