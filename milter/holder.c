/*
 * embargod-holder - holds the keys that decrypt; a wrapped session key in, a content key out.
 *
 * It parses no MIME and sees no message: one PKESK packet, or one RecipientInfo, at a time. The
 * supervisor hands it a socket for each worker that opens a mail; what may be asked over it is
 * counted, and who dawdles on it is dropped, so that one worker that was taken over can neither use
 * the keys at will nor keep them from the others.
 */
#include <errno.h>
#include <poll.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/text.h"
#include "milter/program.h"
#include "milter/worker.h"

enum {
    ASKERS_MAX = 128, /* workers at a time */
    ASKER_MS = 1000,  /* for one request to arrive once it began, and for its answer to be read */
    WRAPPED_HEX_MAX = 2 * CRYPTO_WRAPPED_MAX,
};

/* A worker that asks. */
struct asker {
    int sock;
    uint64_t serial;
    uint64_t left; /* wrapped keys that it may still ask for */
};

struct holder {
    struct crypto *crypto;
    struct asker askers[ASKERS_MAX];
    size_t n;
    uint64_t wrapped_keys; /* for one message */
    bool failed;
};

/* ---- one question ---- */

static bool unwrap(struct holder *h, struct asker *asker, struct arena *a,
                   const struct unwrap_request *request, struct unwrap_answer *answer,
                   struct err *err)
{
    struct content_key key = {.status = UNWRAP_REFUSED};
    struct span wrapped = {NULL, 0};

    if (request->wrapped == NULL || request->protocol == PROTOCOL_NONE ||
        strlen(request->wrapped) > WRAPPED_HEX_MAX || asker->left == 0) {
        answer->refused = true;
        return true;
    }
    asker->left--;
    if (!text_from_hex(a, span_str(request->wrapped), &wrapped))
        return true;
    if (!crypto_unwrap(h->crypto, a, request->protocol, wrapped, &key, err))
        return false;
    answer->opened = key.status == UNWRAP_OPENED;
    answer->foreign = key.status == UNWRAP_FOREIGN;
    answer->refused = key.status == UNWRAP_REFUSED;
    answer->key = answer->opened ? text_hex(a, key.key, false) : NULL;
    answer->hash = key.hash;
    return true;
}

/* False: this asker is done, or lost. */
static bool serve_asker(struct holder *h, struct asker *asker)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct unwrap_request request = {.wrapped = NULL};
    struct unwrap_answer answer = {.error = NULL};
    struct frame frame = {.n_fds = 0};
    struct err err;

    if (!wire_receive(a, asker->sock, unwrap_request_fields, &request, &frame, ASKER_MS, &err)) {
        if (err.kind != ERR_GONE)
            log_warning("worker serial=%llu asks wrongly: %s", (unsigned long long)asker->serial,
                        err.text);
        return false;
    }
    frame_close(&frame);
    if (!unwrap(h, asker, a, &request, &answer, &err)) {
        log_error("unwrapping: %s", err.text);
        answer = (struct unwrap_answer){.error = arena_strdup(a, err.text)};
        h->failed = true;
    }
    return wire_send(asker->sock, unwrap_answer_fields, &answer, NULL, 0, ASKER_MS, &err);
}

/* ---- who asks ---- */

static void drop_asker(struct holder *h, size_t i)
{
    fd_close(h->askers[i].sock);
    h->askers[i] = h->askers[--h->n];
}

/* False: the supervisor is gone, or done with us. */
static bool take_asker(struct holder *h, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct hold_request request = {.serial = 0};
    struct frame frame = {.n_fds = 0};
    int sock;

    if (!wire_receive(a, PROGRAM_SOCKET, hold_request_fields, &request, &frame, FRAME_FOREVER, err))
        return false;
    sock = frame_take_fd(&frame, 0);
    frame_close(&frame);
    if (sock < 0 || h->n == ASKERS_MAX) {
        log_warning("worker serial=%llu can't be served", (unsigned long long)request.serial);
        fd_close(sock);
        return true;
    }
    h->askers[h->n++] = (struct asker){sock, request.serial, h->wrapped_keys};
    return true;
}

/* One turn of each that has something to say. */
static bool turn(struct holder *h, struct err *err)
{
    struct pollfd at[ASKERS_MAX + 1] = {{.fd = PROGRAM_SOCKET, .events = POLLIN}};

    for (size_t i = 0; i < h->n; i++)
        at[i + 1] = (struct pollfd){.fd = h->askers[i].sock, .events = POLLIN};
    if (poll(at, h->n + 1, -1) < 0)
        return errno == EINTR || err_sys(err, ERR_RETRY, errno, "poll");
    for (size_t i = h->n; i > 0; i--) {
        if (at[i].revents != 0 && !serve_asker(h, &h->askers[i - 1]))
            drop_asker(h, i - 1);
    }
    if (h->failed)
        return err_set(err, ERR_RETRY, "the keys are out of reach");
    return at[0].revents == 0 || take_asker(h, err);
}

int main(int argc, char **argv)
{
    struct holder h = {.wrapped_keys = limits_default.wrapped_keys};
    const char *most = program_argument(argc, argv, "wrapped-keys");
    struct worker_setup setup;
    struct err err;

    program_start("embargod-holder");
    if (most != NULL && !text_to_u64(span_str(most), UINT32_MAX, &h.wrapped_keys))
        return EX_USAGE;
    if (!worker_setup(argc, argv, WORKER_SERVES, &setup, &err) ||
        !worker_start(&setup, &h.crypto, &err))
        return program_failed(&err);
    program_ready();
    while (turn(&h, &err))
        continue;
    crypto_close(h.crypto);
    return err.kind == ERR_GONE ? EX_OK : program_failed(&err);
}
