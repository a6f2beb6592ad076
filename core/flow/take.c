#include "flow/take.h"

#include "flow/outer.h"

struct admission {
    const struct desk_request *request;
    struct store *store;
    const struct options *options;
    bool reserved;
};

static bool look_for_reservation(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct admission *admission = ctx;
    struct strs ids = {.n = 0};
    struct rows rows;

    txn_rows(txn, &rows);
    outer_ids(a, span_str(admission->request->references), &ids);
    for (size_t i = 0; i < ids.n && !admission->reserved; i++) {
        struct known_id *known = NULL;

        if (!rows.known_id(rows.ctx, a, ids.at[i], &known, err))
            return false;
        admission->reserved = known != NULL;
    }
    return true;
}

static bool carries_token(const struct admission *admission)
{
    for (size_t i = 0; i < admission->request->recipients.n; i++) {
        struct span token;
        struct place place;
        uint32_t contact;
        uint32_t generation;

        if (address_look(&admission->options->addresses,
                         span_str(admission->request->recipients.at[i]), &token) == ADDRESS_TOKEN &&
            store_token_read(admission->store, token, &place, &contact, &generation))
            return true;
    }
    return false;
}

bool take_admit(struct desk *desk, const struct desk_request *request,
                struct desk_answer *ret_answer, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct admission admission = {
        .request = request, .store = desk->store, .options = desk->options};

    if (!store_read(desk->store, a, look_for_reservation, &admission, err))
        return false;
    *ret_answer = (struct desk_answer){.kind = DESK_OK,
                                       .reserved = admission.reserved || carries_token(&admission)};
    return true;
}

struct taking {
    struct mail mail;
    struct mail_digest digest;
    const struct sealed_blob *raw;
    uint64_t same;
};

static bool commit_mail(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct taking *taking = ctx;
    struct mail mail = taking->mail; /* a fresh copy each time: this may run again */

    taking->same = 0;
    if (!txn_put_blob(txn, (struct place){.kind = PLACE_NONE}, taking->raw, &mail.raw, err) ||
        !txn_take_mail(txn, a, &mail, &taking->digest, &taking->same, err))
        return false;
    if (taking->same != 0)
        return txn_delete_blob(txn, mail.raw, err);
    taking->mail.number = mail.number;
    return true;
}

static bool sound(const struct desk *desk, const struct desk_request *request)
{
    if (request->recipients.n == 0 || request->recipients.n > TAKE_RECIPIENTS_MAX)
        return false;
    for (size_t i = 0; i < request->recipients.n; i++) {
        if (address_look(&desk->options->addresses, span_str(request->recipients.at[i]), NULL) ==
            ADDRESS_FOREIGN)
            return false;
    }
    return true;
}

bool take_mail(struct desk *desk, struct arena *a, const struct desk_request *request, int mail_fd,
               struct desk_answer *ret_answer, struct err *err)
{
    SCOPED(memory_unmap) struct memory memory = {.mapped = NULL};
    struct taking taking = {.same = 0};
    struct span below;

    if (!sound(desk, request)) {
        *ret_answer = (struct desk_answer){.kind = DESK_USAGE};
        strs_add(a, &ret_answer->lines,
                 "a recipient is not one of the desk's addresses; see `addresses` in the "
                 "configuration");
        return true;
    }
    if (!memory_map(mail_fd, (size_t)desk->options->message_size_limit, &memory, err))
        return err_wrap(err, "taking a mail");
    below = outer_below_hops(memory.bytes, request->own_hops);
    store_mail_digest(desk->store, request->sender == NULL ? "" : request->sender,
                      &request->recipients, below, outer_body(below), &taking.digest);
    taking.raw = store_seal_blob(desk->store, a, memory.bytes);
    taking.mail = (struct mail){
        .state = MAIL_TAKEN,
        .received = clock_now(),
        .sender = request->sender == NULL ? "" : request->sender,
        .recipients = request->recipients,
        .size = memory.bytes.n,
    };
    if (!store_write(desk->store, commit_mail, &taking, err))
        return err_wrap(err, "taking a mail");
    *ret_answer = (struct desk_answer){
        .kind = DESK_OK,
        .number = taking.same != 0 ? taking.same : taking.mail.number,
        .same = taking.same != 0,
    };
    desk_wake(desk);
    return true;
}
