#include "flow/courier.h"

#include "base/log.h"
#include "engine/letters.h"
#include "flow/pins.h"
#include "flow/preview.h"
#include "flow/sealing.h"
#include "flow/select.h"
#include "smtp/submit.h"

enum item_state {
    ITEM_NEW,
    ITEM_READY,   /* mail lies here, not committed */
    ITEM_OUT,     /* committed as handing over */
    ITEM_NOTED,   /* the MTA's answer is here */
    ITEM_HELD,    /* reason says why */
    ITEM_FAILED,  /* our failure: back-off */
    ITEM_DROPPED, /* it may not go any more */
};

/* One letter in a batch. */
struct item {
    struct arena *a;
    uint64_t number;
    struct letter *letter;
    enum item_state state;
    struct span mail;
    struct sealed_blob *blob; /* of a fresh mail */
    bool to_commit;           /* it was ready: also when the transaction runs again */
    const char *key_id;
    const char *reason;
    enum letter_hold hold;
    struct strs pins; /* held by the guard: what was held */
    bool drop;        /* held, and nobody is to be told */
    struct submit_result result;
    struct err err;
};

struct courier {
    struct desk *desk;
    struct world *world;
    struct sealing sealing;
    struct submit *submit;
};

struct batch {
    struct courier *courier;
    struct select *select;
    struct item items[COURIER_BATCH];
    size_t n;
};

/* ---- claiming ---- */

struct due {
    struct letter **letters;
    size_t n;
};

static bool list_due(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct due *due = ctx;

    return txn_due_letters(txn, a, clock_now(), COURIER_LIST, &due->letters, &due->n, err);
}

static void shuffle(struct due *due)
{
    for (size_t i = due->n; i > 1; i--) {
        uint64_t r;
        size_t j;
        struct letter *held;

        store_random(&r, sizeof(r));
        j = (size_t)(r % i);
        held = due->letters[i - 1];
        due->letters[i - 1] = due->letters[j];
        due->letters[j] = held;
    }
}

static bool claim_batch(struct courier *c, struct batch *batch, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct due due = {.n = 0};

    if (!store_read(c->desk->store, a, list_due, &due, err))
        return false;
    shuffle(&due);
    for (size_t i = 0; i < due.n && batch->n < COURIER_BATCH; i++) {
        if (desk_claim(c->desk, CLAIM_LETTER, due.letters[i]->number))
            batch->items[batch->n++] =
                (struct item){.a = arena_new(), .number = due.letters[i]->number};
    }
    return true;
}

static void release_batch(struct courier *c, struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        struct item *item = &batch->items[i];

        if (item->state == ITEM_FAILED)
            log_warning("letter=%llu waits: %s", (unsigned long long)item->number, item->err.text);
        desk_release(c->desk, CLAIM_LETTER, item->number, item->state == ITEM_FAILED);
        arena_free(item->a);
    }
    batch->n = 0;
}

/* ---- making ---- */

struct making {
    struct batch *batch;
    struct item *item;
    struct selected selected;
};

/* The row as it is now: it may have been stopped since it was listed. */
static bool read_letter(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct making *m = ctx;
    struct item *item = m->item;
    struct moment moment = desk_moment();
    struct rows rows;

    txn_rows(txn, &rows);
    if (!rows.letter(rows.ctx, a, item->number, &item->letter, err))
        return false;
    if (item->letter == NULL || !letter_unfinished(item->letter)) {
        item->state = ITEM_DROPPED;
        return true;
    }
    if (item->letter->sealed != 0) {
        item->state = item->letter->state == LETTER_HANDING_OVER ? ITEM_OUT : ITEM_READY;
        return txn_get_blob(txn, a, item->letter->sealed, &item->mail, err);
    }
    letter_draw(a, &m->batch->courier->world->policy, &moment, item->letter);
    return select_letter(m->batch->select, txn, a, item->letter, &m->selected, err) &&
           preview_fill(m->batch->courier->world, txn, a, item->letter, &m->selected, err);
}

static void hold(struct item *item, const char *reason)
{
    item->state = ITEM_HELD;
    item->reason = reason;
}

/* Wraps the ciphertext into the mail that the world sees. */
static bool wrap(struct item *item, const struct making *m, const struct composed *composed,
                 struct span sealed)
{
    if (m->selected.protocol == PROTOCOL_SMIME)
        return write_outer_smime(item->a, &composed->letter, sealed, &item->mail, &item->err);
    return write_outer_openpgp(item->a, &composed->letter, sealed, &item->mail, &item->err);
}

static bool seal_composed(struct courier *c, struct making *m, const struct composed *composed)
{
    struct item *item = m->item;
    const char *unusable = NULL;
    struct span sealed;

    if (m->selected.key.n == 0) {
        hold(item, m->selected.key_problem == NULL ? "no usable key" : m->selected.key_problem);
        return true;
    }
    if (!sealing_seal(&c->sealing, item->a, m->selected.protocol, composed->bytes, m->selected.key,
                      &sealed, &unusable, &item->err))
        return false;
    if (unusable != NULL) {
        hold(item, unusable);
        return true;
    }
    item->key_id = m->selected.key_id;
    return wrap(item, m, composed, sealed);
}

/* Composes it; held if the guard finds something, or if it is not what was let through. */
static bool compose_item(struct making *m, struct composed *ret_composed)
{
    struct item *item = m->item;
    struct compose_job *job = &m->selected.job;
    const struct letter *letter = item->letter;
    struct strs pins;
    const char *changed;

    job->pin = letter->pinned;
    job->let_through = letter->pinned ? pins_found(item->a, &letter->pins) : NULL;
    if (!compose(item->a, job, ret_composed, &item->err))
        return false;
    pins = pins_make(item->a, &m->selected, ret_composed);
    changed = letter->pinned ? pins_changed(item->a, &letter->pins, &pins) : NULL;
    if (ret_composed->held == NULL && changed == NULL)
        return true;
    item->pins = pins;
    item->hold = ret_composed->found != NULL ? HOLD_GUARD : HOLD_CHANGED;
    if (changed == NULL)
        hold(item, ret_composed->held);
    else
        hold(item, arena_printf(item->a, "changed since it was %s: %s%s%s",
                                letter->anyway == NULL ? "confirmed" : "let through", changed,
                                ret_composed->found == NULL ? "" : "; ",
                                ret_composed->found == NULL ? "" : ret_composed->found));
    return true;
}

static bool make_mail(struct courier *c, struct making *m)
{
    struct item *item = m->item;
    struct composed composed = {.held = NULL};

    if (m->selected.impossible != NULL) {
        hold(item, m->selected.impossible);
        return true;
    }
    if (!compose_item(m, &composed))
        return false;
    if (item->state == ITEM_HELD)
        return true;
    if (composed.clear)
        item->mail = composed.bytes;
    else if (!seal_composed(c, m, &composed))
        return false;
    if (item->state == ITEM_NEW && item->letter->answers_bytes > 0 &&
        item->mail.n > item->letter->answers_bytes) {
        hold(item, "larger than what it answers");
        item->drop = true;
    }
    if (item->state == ITEM_NEW) {
        item->blob = store_seal_blob(c->desk->store, item->a, item->mail);
        item->state = ITEM_READY;
    }
    return true;
}

static void make_item(struct courier *c, struct batch *batch, struct item *item)
{
    struct making m = {.batch = batch, .item = item};

    if (!store_read(c->desk->store, item->a, read_letter, &m, &item->err) ||
        (item->state == ITEM_NEW && !make_mail(c, &m)))
        item->state = ITEM_FAILED;
    item->to_commit = item->state == ITEM_READY;
    /* A template or a text that can't be filled will not mend itself: a person must see it. */
    if (item->state == ITEM_FAILED && item->err.kind == ERR_OPERATOR)
        hold(item, item->err.text);
}

/* ---- committing ---- */

static bool hand_over_item(struct courier *c, struct txn *txn, struct arena *a, struct item *item,
                           struct err *err)
{
    struct moment moment = desk_moment();
    struct rows rows;
    struct view view = {.policy = &c->world->policy,
                        .directory = c->world->directory,
                        .terms = c->world->terms,
                        .rows = &rows};
    struct hand_over hand = {.letter = item->letter,
                             .address = item->letter->address,
                             .key = item->key_id,
                             .digest = store_sha256(a, item->mail),
                             .sealed = item->letter->sealed};
    struct changes changes = {.n_letters = 0};
    bool go = false;

    txn_rows(txn, &rows);
    if (item->blob != NULL &&
        !txn_put_blob(txn, item->letter->place, item->blob, &hand.sealed, err))
        return false;
    if (!letter_hand_over(&view, &hand, &moment, a, &changes, &go, err) ||
        !txn_put_changes(txn, &changes, err))
        return false;
    if (!go && item->blob != NULL && !txn_delete_blob(txn, hand.sealed, err))
        return false;
    item->state = go ? ITEM_OUT : ITEM_DROPPED;
    return true;
}

static bool hold_item(struct courier *c, struct txn *txn, struct arena *a, struct item *item,
                      struct err *err)
{
    struct held held = {.letter = item->number,
                        .reason = item->reason,
                        .drop = item->drop,
                        .hold = item->hold,
                        .pins = &item->pins};
    struct input input = {.kind = INPUT_HELD, .held = &held};
    struct plan plan;

    return desk_decide(c->world, txn, a, &input, &plan, err);
}

/* One durable commit for all that was made: what will be said to the MTA, and what is held. */
static bool commit_batch(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct batch *batch = ctx;

    for (size_t i = 0; i < batch->n; i++) {
        struct item *item = &batch->items[i];

        if (item->to_commit && !hand_over_item(batch->courier, txn, a, item, err))
            return false;
        if (item->state == ITEM_HELD && !hold_item(batch->courier, txn, a, item, err))
            return false;
    }
    return true;
}

/* ---- submitting ---- */

static const char *sender_of(struct courier *c, struct item *item)
{
    const struct letter *letter = item->letter;

    if (letter->answers_bytes > 0)
        return ""; /* RFC 3834 3.3: what comes back from it is of no use */
    if (letter->verp == NULL)
        return c->world->options->addresses.all.at[0];
    return address_for_bounce(item->a, &c->world->options->addresses, letter->verp);
}

static void submit_item(struct courier *c, struct item *item)
{
    if (!submit_send(c->submit, item->a, sender_of(c, item), item->letter->address, item->mail,
                     &item->result, &item->err)) {
        item->state = ITEM_FAILED; /* stays handing over, and goes again */
        return;
    }
    item->state = ITEM_NOTED;
    log_info("submitted letter=%llu code=%d bytes=%zu queue=%s", (unsigned long long)item->number,
             item->result.code, item->mail.n,
             item->result.queue_id == NULL ? "-" : item->result.queue_id);
}

static bool note_item(struct courier *c, struct txn *txn, struct arena *a, struct item *item,
                      struct err *err)
{
    struct delivery delivery = {
        .letter = item->number,
        .accepted = item->result.outcome == SUBMIT_TAKEN,
        .permanent = item->result.outcome == SUBMIT_PERMANENT,
        .reply = arena_printf(a, "%d %s", item->result.code, item->result.reply),
        .queue_id = item->result.queue_id,
    };
    struct input input = {.kind = INPUT_DELIVERY, .delivery = &delivery};
    struct rows rows;
    struct letter *letter = NULL;
    struct plan plan;

    txn_rows(txn, &rows);
    if (!rows.letter(rows.ctx, a, item->number, &letter, err) ||
        !desk_decide(c->world, txn, a, &input, &plan, err))
        return false;
    /* The sealed bytes are kept until the MTA has them. */
    if (!delivery.accepted || letter == NULL || letter->state != LETTER_HANDING_OVER)
        return true;
    return letter->sealed == 0 || txn_delete_blob(txn, letter->sealed, err);
}

static bool note_batch(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct batch *batch = ctx;

    for (size_t i = 0; i < batch->n; i++) {
        if (batch->items[i].state == ITEM_NOTED &&
            !note_item(batch->courier, txn, a, &batch->items[i], err))
            return false;
    }
    return true;
}

/* ---- the loop ---- */

static void fail(struct item *item, const struct err *err)
{
    item->state = ITEM_FAILED;
    item->err = *err;
}

static void work_batch(struct courier *c, struct batch *batch)
{
    struct err err;

    for (size_t i = 0; i < batch->n; i++)
        make_item(c, batch, &batch->items[i]);
    if (!store_write(c->desk->store, commit_batch, batch, &err)) {
        log_error("handing over %zu letters: %s", batch->n, err.text);
        for (size_t i = 0; i < batch->n; i++)
            fail(&batch->items[i], &err);
        return;
    }
    for (size_t i = 0; i < batch->n; i++) {
        if (batch->items[i].state == ITEM_HELD && !batch->items[i].drop)
            log_warning("held letter=%llu", (unsigned long long)batch->items[i].number);
        if (batch->items[i].state == ITEM_OUT)
            submit_item(c, &batch->items[i]);
    }
    if (store_write(c->desk->store, note_batch, batch, &err))
        return;
    /* Still handing over, so they go again, as the same bytes: not at once, or a full disk would
     * send them without end. */
    log_error("noting %zu deliveries: %s", batch->n, err.text);
    for (size_t i = 0; i < batch->n; i++) {
        if (batch->items[i].state == ITEM_NOTED)
            fail(&batch->items[i], &err);
    }
}

static bool courier_some(struct courier *c)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    bool worked = false;
    struct err err;

    if (batch == NULL)
        abort();
    c->world = world_get(c->desk->worlds);
    batch->courier = c;
    batch->select = select_new(c->world, c->desk->store);
    if (!claim_batch(c, batch, &err)) {
        log_error("listing letters: %s", err.text);
    } else if (batch->n > 0) {
        work_batch(c, batch);
        worked = true;
    }
    release_batch(c, batch);
    select_free(batch->select);
    world_put(c->world);
    free(batch);
    return worked;
}

static bool open_submit(struct courier *c, struct err *err)
{
    const struct options *o = c->desk->options;
    struct submit_config config = {
        .host = o->submit_host, .port = (uint16_t)o->submit_port, .hostname = o->hostname};

    return submit_open(&config, &c->submit, err);
}

void *courier_run(void *arg)
{
    struct courier c = {.desk = arg};
    uint64_t seen = 0;
    struct err err;

    c.sealing.workers = c.desk->workers;
    if (!open_submit(&c, &err)) {
        log_error("%s", err.text);
        desk_stop(c.desk);
        return NULL;
    }
    while (!desk_stopping(c.desk)) {
        if (!courier_some(&c))
            desk_wait(c.desk, &seen, COURIER_POLL_MS);
    }
    sealing_close(&c.sealing);
    submit_close(c.submit);
    return NULL;
}
