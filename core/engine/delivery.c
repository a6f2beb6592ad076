#include "engine/delivery.h"

#include "base/text.h"
#include "engine/letters.h"
#include "engine/names.h"
#include "engine/tell.h"
#include "model/templates.h"

enum {
    DSN_AGE_MAX = 7 * 24 * 3600, /* seconds */
    REPLY_MAX = 200,             /* bytes */
    HELD_MAX = 600,              /* the same, of why a letter is held */
    HOLD_TOLD_MIN = 15,          /* seconds until a send's letters were tried ... */
    HOLD_TOLD_RATE = 5,          /* ... so many of them in one */
};

static struct work_case *case_of(struct work *w, const struct letter *letter)
{
    return letter->place.kind == PLACE_CASE ? work_case(w, letter->place.number) : NULL;
}

static bool is(const struct letter *letter, const char *template)
{
    return span_eq_str(span_str(letter->template), template);
}

/* The first letter with details tells a vendor, one without lets it know of the case; what came
 * back from it since says more. */
static void note_told(struct work *w, struct work_case *c, const struct letter *letter)
{
    const struct party *party = work_party(w, c, letter->party);
    if (!party || !is_vendor(party) || is(letter, TEMPLATE_COMMAND_RESULT) ||
        is(letter, TEMPLATE_KEY_EXPIRING) || template_tells(letter->template) == TELLS_NOTHING)
        return;
    enum contact_state state =
        template_tells(letter->template) == TELLS_CASE ? CONTACT_INVITED : CONTACT_TOLD;
    enum contact_state now = party->contact_state;
    bool further = now == CONTACT_NOT_TOLD || now == CONTACT_BOUNCED ||
                   (now == CONTACT_INVITED && state == CONTACT_TOLD);
    if (further)
        work_event(w, c,
                   &(struct event){
                       .kind = EVENT_CONTACT_STATE,
                       .party = party->n,
                       .letter = letter->number,
                       .contact_state = state,
                   });
}

static void accepted(struct work *w, struct work_case *c, struct letter *letter)
{
    letter->state = LETTER_HANDED_OVER;
    letter->sealed = 0; /* the courier drops the bytes; a retry after a bounce makes them anew */
    if (!c)
        return;
    work_event(w, c,
               &(struct event){
                   .kind = EVENT_LETTER_ANSWERED,
                   .letter = letter->number,
                   .party = letter->party,
                   .text = letter->reply,
               });
    note_told(w, c, letter);
}

static void refused(struct work *w, struct work_case *c, struct letter *letter)
{
    letter->state = LETTER_BOUNCED;
    letter->reason = arena_printf(w->a, "refused: %s", letter->reply);
    if (c)
        work_event(w, c,
                   &(struct event){
                       .kind = EVENT_LETTER_BOUNCED,
                       .letter = letter->number,
                       .party = letter->party,
                       .text = letter->reply,
                   });
    tell_stuck(w, c, letter, letter->reason);
}

void deliver(struct work *w, const struct delivery *delivery)
{
    struct letter *letter = work_letter(w, delivery->letter);
    if (!letter || letter->state != LETTER_HANDING_OVER)
        return;
    struct work_case *c = case_of(w, letter);
    letter->reply =
        text_one_line(w->a, span_str(delivery->reply ? delivery->reply : ""), REPLY_MAX);
    letter->queue_id = delivery->queue_id;
    work_letter_changed(w, letter);
    if (delivery->accepted) {
        accepted(w, c, letter);
    } else if (delivery->permanent) {
        refused(w, c, letter);
    } else {
        letter->state = LETTER_WAITING;
        letter->next_try = w->moment->now + letter_back_off(letter->attempts);
        letter->reason = letter->reply;
    }
}

/* How many letters of the send were not tried yet. */
static size_t untried(struct work *w, struct work_case *c, uint32_t send)
{
    struct letter **letters;
    size_t n;
    size_t left = 0;
    work_letters_of_send(w, c, send, &letters, &n);
    for (size_t i = 0; i < n; i++)
        left += letter_unfinished(letters[i]) && letters[i]->attempts == 0;
    return left;
}

/* One message for a send: it goes when the other letters were tried, and lists what is held then.
 * What is held after that needs another one. */
static void tell_held(struct work *w, struct work_case *c, const struct letter *letter)
{
    instant now = w->moment->now;
    const struct send *send = c && letter->send ? case_send(c->head, letter->send) : NULL;
    if (!send) {
        tell_stuck(w, c, letter, arena_printf(w->a, "held: %s", letter->reason));
        return;
    }
    if (send->hold_told > now)
        return;
    size_t left = untried(w, c, send->n);
    instant when = left == 0 ? now : now + HOLD_TOLD_MIN + (instant)(left / HOLD_TOLD_RATE);
    work_event(w, c, &(struct event){.kind = EVENT_SEND_HOLD_TOLD, .send = send->n, .when = when});
    tell_send_held(w, c, send->n, when);
}

void hold(struct work *w, const struct held *held)
{
    struct letter *letter = work_letter(w, held->letter);
    if (!letter || !letter_unfinished(letter))
        return;
    struct work_case *c = case_of(w, letter);
    letter->state = held->drop ? LETTER_CANCELLED : LETTER_HELD;
    letter->reason = text_one_line(w->a, span_str(held->reason), HELD_MAX);
    letter->hold = held->hold;
    letter->pins = held->pins ? *held->pins : (struct strs){0};
    letter->pinned = false;
    letter->anyway = NULL;
    letter->anyway_by = NULL;
    work_letter_changed(w, letter);
    if (held->drop)
        return;
    if (c)
        work_event(w, c,
                   &(struct event){
                       .kind = EVENT_LETTER_HELD,
                       .letter = letter->number,
                       .party = letter->party,
                       .text = letter->reason,
                   });
    tell_held(w, c, letter);
}

const char *retry(struct work *w, uint64_t number)
{
    struct letter *letter = work_letter(w, number);
    if (!letter || (letter->state != LETTER_HELD && letter->state != LETTER_BOUNCED &&
                    letter->state != LETTER_WAITING))
        return "only a letter that is held, waits or bounced can be tried again";
    struct work_case *c = case_of(w, letter);
    if (letter->state == LETTER_HELD) {
        letter->sealed = 0;
        letter->pinned = false;
        letter->reason = letter->two_persons ? "waits for two coordinators" : NULL;
    }
    letter->state = LETTER_WAITING;
    letter->due = w->moment->now;
    letter->next_try = w->moment->now;
    work_letter_changed(w, letter);
    if (c)
        work_event(w, c,
                   &(struct event){
                       .kind = EVENT_LETTER_RETRIED,
                       .letter = letter->number,
                       .party = letter->party,
                       .send = letter->send,
                   });
    return NULL;
}

static struct letter *letter_by_verp(struct work *w, const char *verp)
{
    uint64_t number = 0;
    const struct rows *rows = w->view->rows;
    if (!rows->verp(rows->ctx, verp, &number, w->err)) {
        w->failed = true;
        return NULL;
    }
    return work_letter(w, number);
}

/* Address form none: the mail it returns is ours, young, and went to exactly who failed. */
static struct letter *letter_by_returned(struct work *w, const struct message *m)
{
    if (!w->view->policy->dsn_by_message_id || !m || !m->dsn_message_id || !m->dsn_recipient)
        return NULL;
    const struct known_id *row = work_known_id(w, m->dsn_message_id);
    struct letter *letter = row ? work_letter(w, row->letter) : NULL;
    bool match = letter && letter->address &&
                 span_eq_nocase(span_str(m->dsn_recipient), letter->address) &&
                 w->moment->now - letter->date <= DSN_AGE_MAX;
    return match ? letter : NULL;
}

struct letter *bounce(struct work *w, const struct arrival *arrival)
{
    struct letter *letter =
        arrival->verp ? letter_by_verp(w, arrival->verp) : letter_by_returned(w, arrival->message);
    if (!letter || (letter->state != LETTER_HANDED_OVER && letter->state != LETTER_HANDING_OVER))
        return NULL;
    if (arrival->message && arrival->message->dsn_harmless)
        return letter;
    struct work_case *c = case_of(w, letter);
    letter->state = LETTER_BOUNCED;
    letter->reason = "bounced; retry it when the address is mended";
    work_letter_changed(w, letter);
    if (c)
        work_event(w, c,
                   &(struct event){
                       .kind = EVENT_LETTER_BOUNCED,
                       .letter = letter->number,
                       .party = letter->party,
                   });
    tell_stuck(w, c, letter, letter->reason);
    return letter;
}
