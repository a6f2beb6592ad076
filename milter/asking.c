#include "milter/asking.h"

#include "base/text.h"
#include "milter/program.h"
#include "wire/protocol.h"

static enum unwrap_status status_of(const struct unwrap_answer *answer)
{
    if (answer->opened)
        return UNWRAP_OPENED;
    if (answer->refused)
        return UNWRAP_REFUSED;
    return answer->foreign ? UNWRAP_FOREIGN : UNWRAP_BROKEN;
}

static bool exchange(struct arena *a, const struct unwrap_request *request,
                     struct unwrap_answer *answer, struct err *err)
{
    struct frame frame = {.n_fds = 0};

    if (!wire_send(PROGRAM_HOLDER, unwrap_request_fields, request, NULL, 0, HOLDER_ANSWER_MS,
                   err) ||
        !wire_receive(a, PROGRAM_HOLDER, unwrap_answer_fields, answer, &frame, HOLDER_ANSWER_MS,
                      err)) {
        err->kind = ERR_RETRY; /* it is started again */
        return err_wrap(err, "the holder of the keys");
    }
    frame_close(&frame);
    return answer->error == NULL || err_set(err, ERR_RETRY, "%.400s", answer->error);
}

static bool ask(void *held, struct arena *a, enum protocol protocol, struct span wrapped,
                struct content_key *ret_key, struct err *err)
{
    struct unwrap_request request = {.protocol = protocol};
    struct unwrap_answer answer = {.error = NULL};
    struct content_key key = {.status = UNWRAP_REFUSED};

    (void)held;
    if (wrapped.n <= CRYPTO_WRAPPED_MAX) {
        request.wrapped = text_hex(a, wrapped, false);
        if (!exchange(a, &request, &answer, err))
            return false;
        key.status = status_of(&answer);
    }
    if (key.status == UNWRAP_OPENED) {
        if (answer.key == NULL || answer.hash == NULL ||
            !text_from_hex(a, span_str(answer.key), &key.key))
            return err_set(err, ERR_RETRY, "the holder of the keys: an answer without a key");
        key.hash = answer.hash;
    }
    *ret_key = key;
    return true;
}

struct crypto_unwrapper holder_unwrapper(void)
{
    return (struct crypto_unwrapper){.unwrap = ask};
}
