#include "flow/take.h"

#include "flow/outer.h"

struct admission {
    const struct desk_request *request;
    struct store *store;
    const struct options *options;
    struct strs ids; /* that the mail refers to */
    bool reserved;
};

/* A bounce of a letter comes to the letter's own envelope sender. That of an automatic answer is
 * known to a stranger. */
static bool look_for_letter(struct admission *admission, const struct rows *rows, struct arena *a,
                            struct err *err)
{
    const struct strs *recipients = &admission->request->recipients;

    for (size_t i = 0; i < recipients->n && !admission->reserved; i++) {
        struct span token;
        struct letter *letter = NULL;
        uint64_t number = 0;

        if (address_look(&admission->options->addresses, span_str(recipients->at[i]), &token) !=
            ADDRESS_BOUNCE)
            continue;
        if (!rows->verp(rows->ctx, span_dup(a, token), &number, err) ||
            (number != 0 && !rows->letter(rows->ctx, a, number, &letter, err)))
            return false;
        admission->reserved = letter != NULL && letter->answers_bytes == 0;
    }
    return true;
}

static bool look_for_reservation(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct admission *admission = ctx;
    struct rows rows;

    txn_rows(txn, &rows);
    for (size_t i = 0; i < admission->ids.n && !admission->reserved; i++) {
        struct known_id *known = NULL;

        if (!rows.known_id(rows.ctx, a, admission->ids.at[i], &known, err))
            return false;
        admission->reserved = known != NULL;
    }
    return admission->reserved || look_for_letter(admission, &rows, a, err);
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

/* What it carries is looked up by the desk itself, each time: nobody's word for it is taken. */
static bool is_reserved(const struct desk *desk, struct arena *a,
                        const struct desk_request *request, const struct strs *ids,
                        bool *ret_reserved, struct err *err)
{
    struct admission admission = {
        .request = request, .store = desk->store, .options = desk->options, .ids = *ids};

    if (!store_read(desk->store, a, look_for_reservation, &admission, err))
        return false;
    *ret_reserved = admission.reserved || carries_token(&admission);
    return true;
}

bool take_admit(struct desk *desk, const struct desk_request *request,
                struct desk_answer *ret_answer, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs ids = {.n = 0};
    bool reserved;

    outer_ids(a, span_str(request->references), &ids);
    if (!is_reserved(desk, a, request, &ids, &reserved, err))
        return false;
    *ret_answer = (struct desk_answer){.kind = DESK_OK, .reserved = reserved};
    if (request->headers && !reserved && !budget_allows(&desk->strangers, 0, clock_monotonic_ms()))
        ret_answer->kind = DESK_OVER;
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

static bool say_no(struct arena *a, enum desk_answer_kind kind, const char *why,
                   struct desk_answer *ret_answer)
{
    *ret_answer = (struct desk_answer){.kind = kind};
    strs_add(a, &ret_answer->lines, why);
    return true;
}

static void prepare(const struct desk *desk, struct arena *a, const struct desk_request *request,
                    struct span bytes, struct taking *taking)
{
    const char *sender = request->sender == NULL ? "" : request->sender;
    struct span below = outer_below_hops(bytes, request->own_hops);

    store_mail_digest(desk->store, sender, &request->recipients, below, outer_body(below),
                      &taking->digest);
    taking->raw = store_seal_blob(desk->store, a, bytes);
    taking->mail = (struct mail){
        .state = MAIL_TAKEN,
        .received = clock_now(),
        .sender = sender,
        .recipients = request->recipients,
        .size = bytes.n,
    };
}

bool take_mail(struct desk *desk, struct arena *a, const struct desk_request *request, int mail_fd,
               struct desk_answer *ret_answer, struct err *err)
{
    SCOPED(memory_unmap) struct memory memory = {.mapped = NULL};
    struct taking taking = {.same = 0};
    struct strs ids;
    bool reserved;

    if (!sound(desk, request))
        return say_no(a, DESK_USAGE,
                      "a recipient is not one of the desk's addresses; see `addresses` in the "
                      "configuration",
                      ret_answer);
    if (!memory_map(mail_fd, (size_t)desk->options->message_size_limit, &memory, err))
        return err_wrap(err, "taking a mail");
    outer_references(a, memory.bytes, &ids);
    if (!is_reserved(desk, a, request, &ids, &reserved, err))
        return err_wrap(err, "taking a mail");
    if (!reserved && !budget_allows(&desk->strangers, memory.bytes.n, clock_monotonic_ms()))
        return say_no(a, DESK_OVER, "strangers have handed in as much as they may within an hour",
                      ret_answer);
    prepare(desk, a, request, memory.bytes, &taking);
    if (!store_write(desk->store, commit_mail, &taking, err))
        return err_wrap(err, "taking a mail");
    *ret_answer = (struct desk_answer){
        .kind = DESK_OK,
        .number = taking.same != 0 ? taking.same : taking.mail.number,
        .same = taking.same != 0,
    };
    if (!reserved && taking.same == 0)
        budget_take(&desk->strangers, memory.bytes.n, clock_monotonic_ms());
    if (taking.same == 0)
        desk_defer(desk, CLAIM_MAIL, taking.mail.number, TAKE_PAUSE_MS);
    desk_wake(desk);
    return true;
}
