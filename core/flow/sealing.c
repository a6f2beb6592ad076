#include "flow/sealing.h"

#include "base/clock.h"

static bool ask(struct sealing *s, struct arena *a, const struct seal_job *job, const int fds[2],
                struct seal_answer *answer, struct frame *ret_frame, struct err *err)
{
    return wire_send(s->worker.sock, seal_job_fields, job, fds, 2, SEALING_MS, err) &&
           wire_receive(a, s->worker.sock, seal_answer_fields, answer, ret_frame, SEALING_MS, err);
}

/* One try. *ret_died: the worker ended over it, by its own fault or late. */
static bool try_once(struct sealing *s, struct arena *a, const struct seal_job *job,
                     const int fds[2], struct seal_answer *answer, struct frame *ret_frame,
                     bool *ret_died, struct err *err)
{
    *ret_died = false;
    if (s->worker.serial == 0 && !workers_start(s->workers, WORKER_SEAL, &s->worker, err))
        return false;
    if (ask(s, a, job, fds, answer, ret_frame, err))
        return true;
    *ret_died = workers_end(s->workers, &s->worker, err->kind == ERR_RETRY);
    return err_wrap(err, "worker-seal");
}

static bool take_bytes(struct arena *a, struct frame *frame, struct span *ret_bytes,
                       struct err *err)
{
    SCOPED(fd_close) int fd = frame_take_fd(frame, 0);
    SCOPED(memory_unmap) struct memory memory = {.mapped = NULL};

    if (!memory_map(fd, WIRE_MAIL_MAX, &memory, err))
        return false;
    *ret_bytes = span_of(arena_strndup(a, memory.bytes.at, memory.bytes.n), memory.bytes.n);
    return true;
}

bool sealing_seal(struct sealing *s, struct arena *a, enum protocol protocol, struct span entity,
                  struct span key, struct span *ret_bytes, const char **ret_unusable,
                  struct err *err)
{
    struct seal_job job = {.now = clock_now(), .protocol = protocol};
    struct seal_answer *answer = ARENA_NEW(a, struct seal_answer);
    struct frame frame = {.n_fds = 0};
    SCOPED(fd_close) int entity_fd = -1;
    SCOPED(fd_close) int key_fd = -1;
    int deaths = 0;
    bool good;
    bool died;

    if (!memory_seal(entity, &entity_fd, err) || !memory_seal(key, &key_fd, err))
        return false;
    do {
        good = try_once(s, a, &job, (const int[2]){entity_fd, key_fd}, answer, &frame, &died, err);
        deaths += died;
    } while (!good && died && deaths < SEALING_DEATHS_MAX);
    if (!good && deaths >= SEALING_DEATHS_MAX) {
        *ret_unusable = "sealing it failed twice in a way that is this letter's fault";
        return true;
    }
    if (!good)
        return false;
    *ret_unusable = answer->unusable;
    if (answer->error != NULL)
        good = err_set(err, answer->retry ? ERR_RETRY : ERR_OPERATOR, "worker-seal: %s",
                       answer->error);
    else if (answer->unusable == NULL)
        good = take_bytes(a, &frame, ret_bytes, err);
    frame_close(&frame);
    return good;
}

void sealing_close(struct sealing *s)
{
    workers_end(s->workers, &s->worker, false);
}
