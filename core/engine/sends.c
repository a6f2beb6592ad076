#include "engine/sends.h"

#include <string.h>

#include "base/text.h"
#include "engine/accepted.h"
#include "engine/audience.h"
#include "model/templates.h"

enum { KEY_SHOWN = 16 };

static bool is(const char *template, const char *name)
{
    return span_eq_str(span_str(template), name);
}

static const char *template_for(const struct work *w, const struct work_case *c,
                                const struct party *party, const char *template)
{
    return accepted_template(w->view->policy, w->view->directory, c->head, party, template);
}

static const char *key_shown(struct work *w, const struct reader *reader)
{
    if (reader->unusable)
        return reader->unusable;
    size_t n = strlen(reader->key);
    return arena_printf(w->a, "key %s", reader->key + (n > KEY_SHOWN ? n - KEY_SHOWN : 0));
}

static const char *outcome(const struct letter *letter, const char *wanted)
{
    if (is(letter->template, wanted))
        return "";
    if (is(letter->template, TEMPLATE_KEY_NEEDED))
        return ": gets key-needed, no details";
    return ": has not accepted the terms, gets vendor-invite, no details";
}

static void fill(struct deed *d, const struct sending *s, const struct party *party,
                 struct letter *letter)
{
    struct arena *a = d->w->a;
    if (is(letter->template, TEMPLATE_KEY_NEEDED) || is(letter->template, TEMPLATE_VENDOR_INVITE))
        return;
    letter->text = s->text;
    if (is(letter->template, TEMPLATE_VENDOR_NOTICE) ||
        is(letter->template, TEMPLATE_VENDOR_DIGEST) ||
        is(letter->template, TEMPLATE_PARTNER_REPORT)) {
        letter->pieces = audience_pieces(a, d->c->head, party);
        letter->parts = audience_parts(a, d->c->head, party);
    } else if (s->part) {
        strs_add(a, &letter->parts, arena_printf(a, "%u.%u", s->piece, s->part));
    } else if (s->piece) {
        u32s_add(a, &letter->pieces, s->piece);
    }
}

static void plan_one(struct deed *d, const struct sending *s, struct party *party, uint32_t send,
                     instant due)
{
    struct work *w = d->w;
    struct reader reader;
    const char *name = party_name(w, d->c, party);
    if (!reader_of_party(w, d->c, party, &reader)) {
        deed_answer(d, "%s: has no contact, gets nothing", name);
        return;
    }
    const char *template = template_for(w, d->c, party, s->template);
    struct letter *letter = letter_plan(w, &reader, template, due);
    letter->send = send;
    letter->two_persons = w->view->policy->two_persons;
    letter->reason = letter->two_persons ? "waits for a second coordinator" : NULL;
    fill(d, s, party, letter);
    const char *again =
        party->told_at && is(s->template, TEMPLATE_VENDOR_NOTICE)
            ? arena_printf(w->a, " (told before, on %.10s)", text_rfc3339(w->a, party->told_at))
            : "";
    deed_answer(d, "%s: %s%s<%s>, %s%s%s", name, reader.name ? reader.name : "",
                reader.name ? " " : "", reader.address, key_shown(w, &reader),
                outcome(letter, s->template), again);
}

static void answer_head(struct deed *d, const struct sending *s, uint32_t send, instant due)
{
    if (d->w->view->policy->two_persons)
        deed_answer(d, "S%u: %s to %zu, waits for %s \"Confirm: S%u\"; \"Stop: S%u\" takes it back",
                    send, s->template, s->to.n,
                    deed_person(d) ? "a second coordinator, who says"
                                   : "two coordinators, who both say",
                    send, send);
    else if (due > d->w->moment->now)
        deed_answer(d, "S%u: %s to %zu, goes out at %s; until then \"Stop: S%u\" takes it back",
                    send, s->template, s->to.n, text_rfc3339(d->w->a, due), send);
    else
        deed_answer(d, "S%u: %s to %zu, goes out now", send, s->template, s->to.n);
}

void send_ask_others(struct deed *d, uint32_t send, uint64_t number, size_t said)
{
    struct work *w = d->w;
    struct place place = {.kind = PLACE_CASE, .number = d->c->head->number};
    struct coordinators list = coordinators_but(w, d->c, d->author->contact);
    const char *shown = number ? arena_printf(w->a, "L%llu", (unsigned long long)number)
                               : arena_printf(w->a, "S%u", send);
    for (size_t i = 0; i < list.n; i++) {
        struct letter *letter =
            coordinator_letter(w, d->c, place, list.at[i], TEMPLATE_COORDINATOR_CONFIRM);
        letter->of_send = send;
        letter->text = shown;
        strs_add(w->a, &letter->lines, arena_printf(w->a, "by %s:", d->author->by));
        for (size_t k = said; k < d->answer.n; k++)
            strs_add(w->a, &letter->lines, d->answer.at[k]);
    }
}

/* Without those that may get nothing of it yet: each is named, with the way out. */
static struct parties may_get(struct deed *d, const struct sending *s)
{
    struct parties list = {0};
    for (size_t i = 0; i < s->to.n; i++) {
        struct party *party = s->to.at[i];
        const char *name = party_name(d->w, d->c, party);
        if (template_for(d->w, d->c, party, s->template))
            parties_add(d->w->a, &list, party);
        else
            deed_answer(d,
                        "%s has not accepted the terms: gets nothing; \"Send: vendor-invite %s\" "
                        "asks it, \"Accept: %s\" says that it has",
                        name, name, name);
    }
    return list;
}

void send_plan(struct deed *d, const struct sending *sending)
{
    struct work *w = d->w;
    struct sending own = *sending;
    const struct sending *s = &own;
    own.to = may_get(d, sending);
    if (own.to.n == 0)
        return;
    bool two = w->view->policy->two_persons;
    size_t said = d->answer.n;
    instant due = w->moment->now + w->view->policy->send_delay;
    uint32_t send = (uint32_t)d->c->head->n_sends + 1;
    struct u32s numbers = {0};
    for (size_t i = 0; i < s->to.n; i++)
        u32s_add(w->a, &numbers, s->to.at[i]->n);
    work_event(w, d->c,
               &(struct event){
                   .kind = EVENT_SEND_PLANNED,
                   .send = send,
                   .text = s->template,
                   .when = due,
                   .parties = numbers,
                   .piece = s->piece,
                   .part = s->part,
                   .flag = s->quoted || s->cleaned,
                   .two = two,
                   .name = two ? deed_person(d) : NULL,
               });
    answer_head(d, s, send, due);
    for (size_t i = 0; i < s->to.n; i++)
        plan_one(d, s, s->to.at[i], send, due);
    if (two)
        send_ask_others(d, send, 0, said);
}

bool send_waits(struct work *w, struct work_case *c, uint32_t send)
{
    struct letter **letters;
    size_t n;
    work_letters_of_send(w, c, send, &letters, &n);
    for (size_t i = 0; i < n; i++)
        if (letter_waits(letters[i]))
            return true;
    return false;
}

/* Cancels the letter if it can be; true if its reader surely got nothing. */
static bool cancel(struct work *w, struct letter *letter, bool *ret_cancelled)
{
    bool waits = letter_waits(letter);
    *ret_cancelled = waits || letter->state == LETTER_CANCELLED;
    if (waits) {
        letter->state = LETTER_CANCELLED;
        letter->reason = arena_printf(w->a, "stopped by %s", w->by);
        work_letter_changed(w, letter);
    }
    return *ret_cancelled && letter->attempts == 0;
}

const char *send_stop(struct work *w, struct work_case *c, uint32_t send)
{
    struct letter **letters;
    size_t n;
    struct u32s nothing = {0};
    struct u32s maybe = {0};
    size_t cancelled = 0;
    work_letters_of_send(w, c, send, &letters, &n);
    for (size_t i = 0; i < n; i++) {
        bool stopped;
        bool sure = cancel(w, letters[i], &stopped);
        cancelled += stopped;
        u32s_add(w->a, sure ? &nothing : &maybe, letters[i]->party);
    }
    struct strs list = {0};
    for (size_t i = 0; i < maybe.n; i++)
        strs_add(w->a, &list, party_name(w, c, work_party(w, c, maybe.at[i])));
    work_event(w, c,
               &(struct event){
                   .kind = EVENT_SEND_STOPPED, .send = send, .parties = nothing, .list = list});
    const char *out = maybe.n ? arena_printf(w->a, "; may be out: %s", parties_names(w, c, &maybe))
                              : "; nothing is out";
    return arena_printf(w->a, "S%u: %zu of %zu letters cancelled%s", send, cancelled, n, out);
}
