#include "flow/receive.h"

#include "base/log.h"
#include "flow/opening.h"
#include "flow/outer.h"

/* Mails that wait after a failure are listed too: so many that they can't hide the ones behind. */
enum { RECEIVE_LIST_MAX = 4096, RECEIVE_POLL_MS = 2000, RECEIVE_REST_MS = 10 };

/* One mail on its way. */
struct receiving {
    struct desk *desk;
    struct world *world;
    uint64_t number;
    struct mail *mail;
    struct span raw;
    struct opening opening;
    struct sealed_blob *model_blob;
    struct sealed_blob *opened_blob;
    struct strs session_keys;
    const char *verp;
    struct place token_place;
    uint32_t token_contact;
    bool known;                  /* it answers a mail that the desk knows */
    enum answer_kind recipients; /* what its recipients ask for */
};

static bool add_party_keys(struct receiving *r, const struct rows *rows, struct arena *a,
                           struct place place, struct err *err);

static bool read_mail(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct receiving *r = ctx;
    struct strs ids;
    struct rows rows;

    txn_rows(txn, &rows);
    if (!rows.mail(rows.ctx, a, r->number, &r->mail, err))
        return false;
    if (r->mail == NULL || r->mail->state != MAIL_TAKEN) {
        r->mail = NULL; /* another process was faster */
        return true;
    }
    if (!txn_get_blob(txn, a, r->mail->raw, &r->raw, err))
        return false;
    outer_references(a, r->raw, &ids);
    for (size_t i = 0; i < ids.n; i++) {
        struct known_id *known = NULL;

        if (!rows.known_id(rows.ctx, a, ids.at[i], &known, err))
            return false;
        r->known = r->known || known != NULL;
        if (known != NULL && !add_party_keys(r, &rows, a, known->place, err))
            return false;
    }
    return true;
}

static void add_key(struct receiving *r, struct arena *a, const char *fingerprint,
                    enum protocol protocol, struct span bytes)
{
    struct opening *o = &r->opening;

    if (fingerprint == NULL || bytes.n == 0)
        return;
    for (size_t i = 0; i < o->n_extra; i++) {
        if (strcmp(o->extra[i].fingerprint, fingerprint) == 0)
            return;
    }
    ARENA_GROW(a, o->extra, o->n_extra, o->extra_room);
    o->extra[o->n_extra++] = (struct opening_key){fingerprint, protocol, bytes};
}

/* The keys that speak for reporters in this place: they came inside their reports' encryption. */
static bool add_party_keys(struct receiving *r, const struct rows *rows, struct arena *a,
                           struct place place, struct err *err)
{
    struct report *report = NULL;
    struct party **parties = NULL;
    size_t n = 0;

    if (place.kind == PLACE_REPORT) {
        if (!rows->report(rows->ctx, a, place.number, &report, err))
            return false;
        if (report != NULL)
            add_key(r, a, report->key, report->protocol, report->key_bytes);
        return true;
    }
    if (place.kind != PLACE_CASE)
        return true;
    if (!rows->parties(rows->ctx, a, place.number, &parties, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (parties[i]->kind == PARTY_REPORTER && !parties[i]->removed)
            add_key(r, a, parties[i]->key, parties[i]->protocol, parties[i]->key_bytes);
    }
    return true;
}

static enum answer_kind asked_for(enum address_kind kind)
{
    switch (kind) {
    case ADDRESS_ALIAS:
        return ANSWER_RECEIVED;
    case ADDRESS_REGISTER:
        return ANSWER_REGISTRATION;
    case ADDRESS_KEY:
        return ANSWER_KEY;
    case ADDRESS_FOREIGN:
    case ADDRESS_TOKEN:
    case ADDRESS_BOUNCE:
        break;
    }
    return ANSWER_NONE;
}

/* Nothing but what the world can see of a mail decides whether it may be answered. */
static enum answer_kind answer_of(const struct receiving *r)
{
    struct span sender = span_str(r->mail->sender);
    bool own = address_look(&r->world->options->addresses, sender, NULL) != ADDRESS_FOREIGN;

    return own || r->known || r->verp != NULL || r->token_place.kind != PLACE_NONE ? ANSWER_NONE
                                                                                   : r->recipients;
}

/* What the envelope's recipients say: a private reply address, a letter's envelope sender. */
static void look_at_recipients(struct receiving *r, struct arena *a)
{
    for (size_t i = 0; i < r->mail->recipients.n; i++) {
        struct span token;
        uint32_t generation;
        enum address_kind kind = address_look(&r->world->options->addresses,
                                              span_str(r->mail->recipients.at[i]), &token);

        if (r->recipients < asked_for(kind))
            r->recipients = asked_for(kind);
        if (kind == ADDRESS_BOUNCE)
            r->verp = span_dup(a, token);
        if (kind == ADDRESS_TOKEN && r->token_place.kind == PLACE_NONE)
            store_token_read(r->desk->store, token, &r->token_place, &r->token_contact,
                             &generation);
    }
}

static bool put_blobs(struct txn *txn, const struct receiving *r, struct mail *mail,
                      struct err *err)
{
    struct place intake = {.kind = PLACE_NONE};

    if (r->model_blob == NULL)
        return true;
    return txn_put_blob(txn, intake, r->model_blob, &mail->model, err) &&
           txn_put_blob(txn, intake, r->opened_blob, &mail->opened, err);
}

static bool file_mail(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct receiving *r = ctx;
    struct arrival arrival = {
        .message = r->opening.message,
        .opened = r->opening.opened.bytes,
        .proof = r->opening.proof,
        .token_place = r->token_place,
        .token_contact = r->token_contact,
        .verp = r->verp,
        .answer = answer_of(r),
        .registration = r->recipients == ANSWER_REGISTRATION,
    };
    struct input input = {.kind = INPUT_ARRIVAL, .arrival = &arrival};
    struct rows rows;
    struct plan plan;

    txn_rows(txn, &rows);
    if (!rows.mail(rows.ctx, a, r->number, &arrival.mail, err))
        return false;
    if (arrival.mail == NULL || arrival.mail->state != MAIL_TAKEN)
        return true;
    arrival.mail->state = r->opening.message == NULL ? MAIL_UNOPENED : MAIL_FILED;
    arrival.mail->trust = r->opening.proof.trust;
    if (!put_blobs(txn, r, arrival.mail, err) ||
        !txn_claim_session_keys(txn, r->number, &r->session_keys, &arrival.contested, err))
        return false;
    arrival.mail->contested = arrival.contested;
    return desk_decide(r->world, txn, a, &input, &plan, err);
}

static bool note_failure(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct receiving *r = ctx;
    struct rows rows;

    txn_rows(txn, &rows);
    if (!rows.mail(rows.ctx, a, r->number, &r->mail, err))
        return false;
    if (r->opening.fatal)
        r->mail->deaths++;
    else
        r->mail->tries++;
    return txn_put_mail(txn, r->mail, err);
}

static void gather(struct receiving *r, struct arena *a)
{
    const struct message *m = r->opening.message;

    for (size_t i = 0; i < m->n_seals; i++) {
        if (m->seals[i].session_key != NULL)
            strs_add(a, &r->session_keys, m->seals[i].session_key);
    }
    r->model_blob = store_seal_blob(r->desk->store, a, json_encode(a, message_fields, m));
    r->opened_blob = store_seal_blob(r->desk->store, a, r->opening.opened.bytes);
}

/* Opens and proves, or decides that this mail is filed unopened. */
static bool open_mail(struct receiving *r, struct arena *a, struct err *err)
{
    struct err why;

    if (r->mail->deaths >= OPENING_DEATHS_MAX || r->mail->tries >= r->desk->options->open_attempts)
        return true;
    if (opening_open(&r->opening, a, err) && opening_prove(&r->opening, a, err)) {
        gather(r, a);
        return true;
    }
    r->opening.message = NULL;
    if (!r->opening.tried || desk_stopping(r->desk))
        return false; /* nobody looked at it: that says nothing about the mail */
    if (!store_write(r->desk->store, note_failure, r, &why))
        log_warning("mail=%llu: %s", (unsigned long long)r->number, why.text);
    else if (r->opening.fatal)
        log_warning("mail=%llu worker lost, times=%u: %s", (unsigned long long)r->number,
                    r->mail->deaths, err->text);
    return false;
}

static bool receive_one(struct desk *desk, uint64_t number, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(world_put) struct world *world = world_get(desk->worlds);
    int64_t start = clock_monotonic_ms();
    struct receiving r = {
        .desk = desk,
        .world = world,
        .number = number,
        .opening = {.desk = desk, .world = world, .proof = {.trust = TRUST_CLAIMED}},
    };
    bool good;

    if (!store_read(desk->store, a, read_mail, &r, err))
        return false;
    if (r.mail == NULL)
        return true;
    r.opening.raw = r.raw;
    desk_remember(desk, CLAIM_MAIL, number, r.mail->tries);
    look_at_recipients(&r, a);
    good = open_mail(&r, a, err) && store_write(desk->store, file_mail, &r, err);
    if (good)
        log_info("filed mail=%llu bytes=%zu opened=%d trust=%s ms=%lld", (unsigned long long)number,
                 r.raw.n, r.opening.message != NULL, trust_words[r.opening.proof.trust],
                 (long long)(clock_monotonic_ms() - start));
    opening_close(&r.opening);
    return good;
}

struct listing {
    uint64_t *numbers;
    size_t n;
};

static bool list_taken(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct listing *l = ctx;

    return txn_list_taken(txn, a, RECEIVE_LIST_MAX, &l->numbers, &l->n, err);
}

/* Works on what is there; true if anything was done. */
static bool receive_some(struct desk *desk)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct listing l = {.n = 0};
    struct err err;
    bool worked = false;

    if (!store_read(desk->store, a, list_taken, &l, &err)) {
        log_error("listing taken mails: %s", err.text);
        return false;
    }
    for (size_t i = 0; i < l.n && !desk_stopping(desk); i++) {
        bool good;

        if (!desk_claim(desk, CLAIM_MAIL, l.numbers[i]))
            continue;
        good = receive_one(desk, l.numbers[i], &err);
        desk_release(desk, CLAIM_MAIL, l.numbers[i], !good);
        if (!good)
            log_warning("mail=%llu waits: %s", (unsigned long long)l.numbers[i], err.text);
        worked = worked || good;
    }
    return worked;
}

void *receive_run(void *arg)
{
    struct desk *desk = arg;
    uint64_t seen = 0;

    while (!desk_stopping(desk)) {
        if (receive_some(desk))
            desk_wake(desk); /* letters may have been planned */
        else
            desk_wait(desk, &seen,
                      desk_until_due(desk, CLAIM_MAIL, RECEIVE_POLL_MS) + RECEIVE_REST_MS);
    }
    return NULL;
}
