/* Commands about the case itself: who looks after it, what it is called, its notes, date and end.
 */
#include <string.h>

#include "base/text.h"
#include "engine/commands.h"
#include "engine/hits.h"
#include "engine/sends.h"
#include "model/templates.h"

enum { TITLE_MAX = 200, TERM_WORD_MAX = 120 };

static const char *value_text(struct deed *d, size_t max)
{
    return text_one_line(d->w->a, d->command->value, max);
}

/* The coordinator named, or the author where none is; "-name" sets *ret_off. NULL: a mistake. */
static const struct contact *coordinator_named(struct deed *d, bool *ret_off)
{
    struct span word = d->command->value;
    *ret_off = span_starts(word, "-");
    if (*ret_off)
        word = span_trim(span_from(word, 1));
    return word.n == 0 ? d->author->contact : names_coordinator(d, word);
}

static bool excluded(struct deed *d, const struct contact *one)
{
    if (!strs_has(&d->c->head->excluded, one->slug))
        return false;
    deed_mistake(d, "%s is excluded from C%llu", one->slug, (unsigned long long)d->c->head->number);
    return true;
}

void command_owner(struct deed *d)
{
    bool off;
    const struct contact *one = coordinator_named(d, &off);
    if (!one || deed_closed(d) || excluded(d, one))
        return;
    if (off) {
        deed_mistake(d, "a case has an owner; name the next one");
        return;
    }
    work_event(d->w, d->c, &(struct event){.kind = EVENT_OWNER, .text = one->slug});
    deed_answer(d, "%s owns C%llu", one->slug, (unsigned long long)d->c->head->number);
}

void command_watch(struct deed *d)
{
    bool off;
    const struct contact *one = coordinator_named(d, &off);
    if (!one || (!off && excluded(d, one)))
        return;
    work_event(d->w, d->c, &(struct event){.kind = EVENT_WATCH, .text = one->slug, .flag = off});
    deed_answer(d, "%s %s C%llu", one->slug, off ? "no longer watches" : "watches",
                (unsigned long long)d->c->head->number);
}

void command_exclude(struct deed *d)
{
    bool off;
    if (d->command->value.n == 0) {
        deed_mistake(d, "Exclude names a coordinator");
        return;
    }
    const struct contact *one = coordinator_named(d, &off);
    if (!one)
        return;
    work_event(d->w, d->c, &(struct event){.kind = EVENT_EXCLUDE, .text = one->slug, .flag = off});
    deed_answer(d, "%s %s C%llu", one->slug, off ? "may see again" : "is excluded from",
                (unsigned long long)d->c->head->number);
}

/* Names are no mistake yet: who reads it is decided at Send. */
static void warn_of_names(struct deed *d, const char *what, const char *text)
{
    const char *names = hits_named(d->w, d->c->head, text);
    if (names)
        deed_answer(d, "%s names %s: Send will stop at that unless only its owner reads it", what,
                    names);
}

void command_title(struct deed *d)
{
    const char *title = value_text(d, TITLE_MAX);
    if (!*title) {
        deed_mistake(d, "Title is empty");
        return;
    }
    work_event(d->w, d->c, &(struct event){.kind = EVENT_TITLE, .text = title});
    deed_answer(d, "the title is \"%s\"", title);
    warn_of_names(d, "the title", title);
}

void command_summary(struct deed *d)
{
    d->text_used = true;
    const char *text = *d->block->text ? d->block->text : span_dup(d->w->a, d->command->value);
    if (!*text) {
        deed_mistake(d, "Summary needs a text: below the block, behind an empty line");
        return;
    }
    work_event(d->w, d->c, &(struct event){.kind = EVENT_SUMMARY, .text = text});
    deed_answer(d, "the summary is written (%zu characters); vendors get it with their notice",
                strlen(text));
    warn_of_names(d, "the summary", text);
}

/* A mail with Note is filed as the note itself (arrival.c); an order's text stands in the event. */
void command_note(struct deed *d)
{
    const char *text = *d->block->text ? d->block->text : span_dup(d->w->a, d->command->value);
    if (!*text) {
        deed_mistake(d, "Note needs a text: below the block, behind an empty line");
        return;
    }
    if (d->w->message)
        return;
    if (!d->c) {
        deed_mistake(d, "Note needs a case: put Accept before it");
        return;
    }
    d->text_used = true;
    uint32_t n = (uint32_t)d->c->head->n_pieces + 1;
    const struct party *self = work_party_of_coordinator(d->w, d->c, d->author->contact);
    work_event(
        d->w, d->c,
        &(struct event){.kind = EVENT_NOTE, .piece = n, .party = self ? self->n : 0, .text = text});
    deed_answer(d, "noted as piece %u; only coordinators see it", n);
}

void command_allow_term(struct deed *d)
{
    const char *word = value_text(d, TERM_WORD_MAX);
    if (!*word) {
        deed_mistake(d, "Allow-Term names the word that is let through");
        return;
    }
    work_event(d->w, d->c, &(struct event){.kind = EVENT_ALLOW_TERM, .text = word});
    deed_answer(d, "\"%s\" is let through in C%llu", word, (unsigned long long)d->c->head->number);
}

/* Everybody who knows of the case: told vendors, reporters. */
static struct parties informed(struct deed *d)
{
    struct parties list = {0};
    work_all_parties(d->w, d->c);
    for (size_t i = 0; i < d->c->n_parties; i++) {
        struct party *party = d->c->parties[i].party;
        bool told = is_vendor(party) && party->contact_state != CONTACT_NOT_TOLD;
        if (told || (party->kind == PARTY_REPORTER && !party->removed))
            parties_add(d->w->a, &list, party);
    }
    return list;
}

static void tell_of_embargo(struct deed *d, const char *template, instant when)
{
    struct sending sending = {
        .template = template, .to = informed(d), .text = text_rfc3339(d->w->a, when)};
    if (sending.to.n > 0)
        send_plan(d, &sending);
}

static void propose(struct deed *d, instant when)
{
    const struct author *author = d->author;
    work_event(d->w, d->c,
               &(struct event){
                   .kind = EVENT_EMBARGO_PROPOSED,
                   .party = author->who == FOR_COORDINATOR ? 0 : author->party,
                   .when = when,
               });
    deed_answer(d, "%s is proposed as the end of the embargo", text_rfc3339(d->w->a, when));
    if (author->who == FOR_COORDINATOR)
        tell_of_embargo(d, TEMPLATE_EMBARGO_PROPOSED, when);
}

static void agree(struct deed *d, instant when)
{
    if (d->author->who != FOR_COORDINATOR) {
        deed_mistake(d, "only a coordinator moves the date; write \"Embargo: propose %s\"",
                     value_text(d, TERM_WORD_MAX));
        return;
    }
    work_event(d->w, d->c, &(struct event){.kind = EVENT_EMBARGO_ACTIVE, .when = when});
    deed_answer(d, "the embargo ends at %s", text_rfc3339(d->w->a, when));
    tell_of_embargo(d, TEMPLATE_EMBARGO_AGREED, when);
}

void command_embargo(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    bool proposal = words.n == 2 && span_eq_nocase(words.at[0], "propose");
    instant when = 0;
    if (deed_closed(d))
        return;
    if (words.n < 1 || words.n > 2 || (words.n == 2 && !proposal) ||
        !deed_instant(words.at[words.n - 1], d->w->a, &when)) {
        deed_mistake(d, "write a date (2026-12-24, 09:00 UTC is meant) or an instant with its zone "
                        "(2026-12-24T14:00+09:00), with \"propose\" before it for a proposal");
        return;
    }
    if (when <= d->w->moment->now)
        deed_mistake(d, "%s has passed", text_rfc3339(d->w->a, when));
    else if (proposal)
        propose(d, when);
    else
        agree(d, when);
}

void command_close(struct deed *d)
{
    if (deed_closed(d))
        return;
    for (size_t i = 0; i < d->c->head->n_sends; i++) {
        const struct send *send = &d->c->head->sends[i];
        if (send->state == SEND_PLANNED && send_waits(d->w, d->c, send->n))
            deed_answer(d, "%s", send_stop(d->w, d->c, send->n));
    }
    work_event(d->w, d->c, &(struct event){.kind = EVENT_CLOSED, .text = value_text(d, TITLE_MAX)});
    deed_answer(d, "C%llu is closed", (unsigned long long)d->c->head->number);
}
