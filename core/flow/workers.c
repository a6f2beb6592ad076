#include "flow/workers.h"

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

enum { WORKERS_MAX = 256 };

enum slot_state { SLOT_FREE, SLOT_ASKED, SLOT_STARTED, SLOT_FAILED, SLOT_ENDED };

struct slot {
    enum slot_state state;
    uint64_t serial;
    int sock;
    bool counts;
};

struct workers {
    int supervisor;
    pthread_t reader;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t last_serial;
    bool gone;
    struct slot slots[WORKERS_MAX];
};

static struct slot *slot_of(struct workers *w, uint64_t serial)
{
    for (size_t i = 0; i < LEN(w->slots); i++) {
        if (w->slots[i].state != SLOT_FREE && w->slots[i].serial == serial)
            return &w->slots[i];
    }
    return NULL;
}

/* Under the lock. */
static void note_answer(struct workers *w, const struct spawn_answer *answer, struct frame *frame)
{
    struct slot *slot = slot_of(w, answer->serial);

    if (slot == NULL)
        return;
    if (answer->ended) {
        slot->counts = answer->counts;
        slot->state = slot->state == SLOT_ASKED ? SLOT_FAILED : SLOT_ENDED;
    } else if (answer->started && frame->n_fds == 1) {
        slot->sock = frame_take_fd(frame, 0);
        slot->state = SLOT_STARTED;
    } else {
        slot->state = SLOT_FAILED;
    }
    pthread_cond_broadcast(&w->changed);
}

static void *read_answers(void *ctx)
{
    struct workers *w = ctx;

    for (;;) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct spawn_answer answer = {.serial = 0};
        struct frame frame = {.n_fds = 0};
        struct err err;

        if (!wire_receive(a, w->supervisor, spawn_answer_fields, &answer, &frame, FRAME_FOREVER,
                          &err))
            break;
        pthread_mutex_lock(&w->lock);
        note_answer(w, &answer, &frame);
        pthread_mutex_unlock(&w->lock);
        frame_close(&frame);
    }
    pthread_mutex_lock(&w->lock);
    w->gone = true;
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct workers *workers_new(int supervisor)
{
    struct workers *w = calloc(1, sizeof(*w));
    pthread_condattr_t attr;

    if (w == NULL)
        abort();
    w->supervisor = supervisor;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&w->reader, NULL, read_answers, w) != 0)
        abort();
    return w;
}

void workers_free(struct workers *w)
{
    if (w == NULL)
        return;
    shutdown(w->supervisor, SHUT_RDWR);
    pthread_join(w->reader, NULL);
    fd_close(w->supervisor);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

bool workers_alive(struct workers *w)
{
    bool alive;

    pthread_mutex_lock(&w->lock);
    alive = !w->gone;
    pthread_mutex_unlock(&w->lock);
    return alive;
}

/* Under the lock: waits until the slot leaves the state, the supervisor is gone, or time is up. */
static void wait_while(struct workers *w, const struct slot *slot, enum slot_state state, int ms)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    while (slot->state == state && !w->gone) {
        if (pthread_cond_timedwait(&w->changed, &w->lock, &until) != 0)
            return;
    }
}

static struct slot *slot_new(struct workers *w)
{
    for (size_t i = 0; i < LEN(w->slots); i++) {
        if (w->slots[i].state == SLOT_FREE) {
            w->slots[i] =
                (struct slot){.state = SLOT_ASKED, .serial = ++w->last_serial, .sock = -1};
            return &w->slots[i];
        }
    }
    return NULL;
}

/* Under the lock; the frames are small and the supervisor reads all the time. */
static bool ask(struct workers *w, const struct spawn_request *request, struct err *err)
{
    return wire_send(w->supervisor, spawn_request_fields, request, NULL, 0, WORKER_START_MS, err);
}

bool workers_start(struct workers *w, enum worker_kind kind, struct worker *ret_worker,
                   struct err *err)
{
    struct slot *slot;
    bool good = false;

    pthread_mutex_lock(&w->lock);
    slot = slot_new(w);
    if (slot == NULL) {
        err_set(err, ERR_RETRY, "too many workers at once");
    } else if (ask(w, &(struct spawn_request){.kind = kind, .serial = slot->serial}, err)) {
        wait_while(w, slot, SLOT_ASKED, WORKER_START_MS);
        good = slot->state == SLOT_STARTED;
        if (!good)
            err_set(err, w->gone ? ERR_GONE : ERR_RETRY, "the %s worker did not start",
                    worker_kind_words[kind]);
    }
    if (good)
        *ret_worker = (struct worker){.serial = slot->serial, .sock = slot->sock};
    else if (slot != NULL)
        slot->state = SLOT_FREE;
    pthread_mutex_unlock(&w->lock);
    return good;
}

bool workers_end(struct workers *w, struct worker *worker, bool late)
{
    struct slot *slot;
    struct err err;
    bool counts = late;

    if (worker->serial == 0)
        return false;
    fd_close(worker->sock);
    pthread_mutex_lock(&w->lock);
    slot = slot_of(w, worker->serial);
    if (slot != NULL) {
        if (late && !ask(w, &(struct spawn_request){.end = slot->serial}, &err))
            w->gone = true;
        wait_while(w, slot, SLOT_STARTED, WORKER_END_MS);
        if (slot->state == SLOT_STARTED &&
            !ask(w, &(struct spawn_request){.end = slot->serial}, &err))
            w->gone = true;
        counts = late || (slot->state == SLOT_ENDED && slot->counts);
        slot->state = SLOT_FREE;
    }
    pthread_mutex_unlock(&w->lock);
    *worker = (struct worker){.sock = -1};
    return counts;
}
