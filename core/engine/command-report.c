/* Accept, Decline, Junk: what becomes of a report. */
#include "engine/commands.h"
#include "engine/filing.h"
#include "engine/outgoing.h"
#include "model/form.h"
#include "model/templates.h"

static bool report_is_open(struct deed *d)
{
    if (!d->report) {
        deed_mistake(d, "%s is for reports (R17)", command_specs[d->command->kind].name);
        return false;
    }
    if (d->report->state == REPORT_OPEN)
        return true;
    deed_mistake(d, "R%llu is %s already", (unsigned long long)d->report->number,
                 report_state_words[d->report->state]);
    return false;
}

/* Anybody can attach somebody's public key: it says who wrote the report only if it signed it, or
 * if the report comes from that reporter's own address. */
static bool is_same_reporter(const struct party *party, const struct report *report)
{
    if (party->kind != PARTY_REPORTER || !party->key || !report->key ||
        !span_eq_nocase(span_str(party->key), report->key))
        return false;
    return report->key_signed || (party->address && report->from &&
                                  span_eq_nocase(span_str(party->address), report->from));
}

static struct party *same_reporter(struct work *w, struct work_case *c, const struct report *report)
{
    work_all_parties(w, c);
    for (size_t i = 0; i < c->n_parties; i++)
        if (is_same_reporter(c->parties[i].party, report))
            return c->parties[i].party;
    return NULL;
}

static struct party *reporter_party(struct work *w, struct work_case *c,
                                    const struct report *report)
{
    struct party *party = same_reporter(w, c, report);
    if (party)
        return party;
    party = work_add_party(w, c,
                           &(struct event){
                               .party_kind = PARTY_REPORTER,
                               .address = report->from,
                               .name = report->from_name,
                               .key = report->key,
                               .protocol = report->protocol,
                               .key_bytes = report->key_bytes,
                               .list = report->thread,
                           });
    if (report->own_reference)
        work_event(w, c,
                   &(struct event){
                       .kind = EVENT_REFERENCE, .party = party->n, .text = report->own_reference});
    return party;
}

/* Their copies of the report begin their thread of the case. */
static void coordinator_party(struct work *w, struct work_case *c, const struct report *report,
                              const struct contact *coordinator)
{
    struct strs thread = {0};
    if (work_party_of_coordinator(w, c, coordinator))
        return;
    for (size_t i = 0; i < report->n_copies; i++)
        if (report->copies[i].contact == coordinator->id)
            strs_add(w->a, &thread, report->copies[i].message_id);
    work_add_party(w, c,
                   &(struct event){
                       .party_kind = PARTY_COORDINATOR,
                       .contact = coordinator->id,
                       .org = coordinator->org,
                       .list = thread,
                   });
}

/* All messages of the report become pieces. Returns whether the first was written by a machine. */
static bool file_messages(struct work *w, struct work_case *c, const struct report *report,
                          struct party *reporter)
{
    bool automatic = false;
    for (size_t i = 0; i < report->n_messages; i++) {
        struct mail *mail = work_mail(w, report->messages[i]);
        if (!mail)
            continue;
        const struct message *message = filed_message(w, mail->number);
        file_in_case(w, c,
                     &(struct filing){
                         .mail = mail,
                         .message = message,
                         .party = reporter,
                         .kind = PIECE_REPORT,
                         .trust = mail->trust,
                         .moved = true,
                     });
        if (mail->contested)
            work_event(w, c, &(struct event){.kind = EVENT_CONTESTED, .message = mail->number});
        if (message && reporter->share_named && form_is_report(message) &&
            form_answer(message, "share_release") != FORM_YES)
            work_event(w, c,
                       &(struct event){.kind = EVENT_SHARE_NAMED,
                                       .party = reporter->n,
                                       .message = mail->number});
        if (message && reporter->credited && form_is_report(message) &&
            form_answer(message, "credit_release") != FORM_YES)
            work_event(w, c,
                       &(struct event){
                           .kind = EVENT_CREDIT, .party = reporter->n, .message = mail->number});
        if (i == 0)
            automatic = message && message->automatic != AUTOMATIC_NO;
    }
    return automatic;
}

static struct work_case *new_case(struct deed *d)
{
    struct work_case *c = work_case_open(d->w, "");
    work_event(d->w, c, &(struct event){.kind = EVENT_VULN_ADDED, .vuln = 1, .text = ""});
    return c;
}

/* "into C42"; NULL: a mistake was named. */
static struct work_case *joined_case(struct deed *d, const struct words *words)
{
    struct place place;
    if (words->n != 3 || !span_eq_nocase(words->at[1], "into") ||
        !place_from_name(words->at[2], &place) || place.kind != PLACE_CASE) {
        deed_mistake(d, "write \"Accept: R%llu\" or \"Accept: R%llu into C42\"",
                     (unsigned long long)d->report->number, (unsigned long long)d->report->number);
        return NULL;
    }
    struct work_case *c = work_case(d->w, place.number);
    if (!c || strs_has(&c->head->excluded, d->author->contact->slug)) {
        deed_mistake(d, "C%llu is not yours to act on", (unsigned long long)place.number);
        return NULL;
    }
    if (c->head->state == CASE_CLOSED)
        work_event(d->w, c, &(struct event){.kind = EVENT_REOPENED});
    return c;
}

static void tell_reporter(struct deed *d, struct party *reporter)
{
    struct work *w = d->w;
    struct reader reader;
    if (!reader_of_party(w, d->c, reporter, &reader)) {
        deed_answer(d, "the report names no address: its reporter gets no answer");
        return;
    }
    struct letter *letter = letter_plan(w, &reader, TEMPLATE_CASE_UPDATE, w->moment->now);
    if (reader.unusable) {
        deed_answer(d, "the reporter has no key: gets key-needed, no details");
        return;
    }
    letter->text =
        arena_printf(w->a, "Your report R%llu was accepted; it is now case C%llu.",
                     (unsigned long long)d->report->number, (unsigned long long)d->c->head->number);
}

static void accept_report(struct deed *d, const struct words *words)
{
    struct work *w = d->w;
    struct report *report = d->report;
    bool fresh = words->n <= 1;
    struct work_case *c = fresh ? new_case(d) : joined_case(d, words);
    if (!c)
        return;
    d->c = c;
    struct party *reporter = reporter_party(w, c, report);
    coordinator_party(w, c, report, d->author->contact);
    if (fresh)
        work_event(w, c, &(struct event){.kind = EVENT_OWNER, .text = d->author->contact->slug});
    bool automatic = file_messages(w, c, report, reporter);
    report->state = REPORT_ACCEPTED;
    report->joined = c->head->number;
    work_report_changed(w, report);
    deed_answer(d, "R%llu %s C%llu; it is piece %u%s", (unsigned long long)report->number,
                fresh ? "opened" : "joined", (unsigned long long)c->head->number,
                (uint32_t)(c->head->n_pieces + 1 - report->n_messages),
                report->n_messages > 1 ? " and following" : "");
    if (!automatic)
        tell_reporter(d, reporter);
}

/* The directory is the admin's: people meet, and check keys, before an org is in it. */
static void accept_registration(struct deed *d, const struct words *words)
{
    if (words->n > 1) {
        deed_mistake(d, "R%llu is a registration; it joins no case",
                     (unsigned long long)d->report->number);
        return;
    }
    d->report->state = REPORT_ACCEPTED;
    work_report_changed(d->w, d->report);
    deed_answer(d,
                "R%llu is a registration, and done; \"embargoctl org add\" and \"contact add\" put "
                "them into the directory; \"term pending\" shows what its names would cut",
                (unsigned long long)d->report->number);
}

/* Coordinator, in a case: "Accept: acme" confirms for a vendor. */
static void accept_for(struct deed *d)
{
    struct span word;
    if (!deed_one_word(d, &word))
        return;
    struct party *party = names_vendor(d, word);
    if (party)
        accept_terms(d, party);
}

void command_accept(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    struct place place;
    if (d->author->who == FOR_VENDOR) {
        struct party *party = work_party(d->w, d->c, d->author->party);
        if (party)
            accept_terms(d, party);
        return;
    }
    if (d->c) {
        accept_for(d);
        return;
    }
    if (!report_is_open(d))
        return;
    if (words.n > 0 && (!place_from_name(words.at[0], &place) || place.kind != PLACE_REPORT ||
                        place.number != d->report->number)) {
        deed_mistake(d, "this block is for R%llu", (unsigned long long)d->report->number);
        return;
    }
    if (d->report->registration)
        accept_registration(d, &words);
    else
        accept_report(d, &words);
}

static const char *reason(struct deed *d)
{
    const char *value = span_dup(d->w->a, d->command->value);
    if (!*d->block->text)
        return value;
    return *value ? arena_printf(d->w->a, "%s\n\n%s", value, d->block->text) : d->block->text;
}

static bool written_by_a_machine(struct deed *d)
{
    const struct message *message =
        d->report->n_messages ? filed_message(d->w, d->report->messages[0]) : NULL;
    return message && message->automatic != AUTOMATIC_NO;
}

void command_decline(struct deed *d)
{
    struct work *w = d->w;
    struct reader reader;
    d->text_used = true;
    if (!report_is_open(d))
        return;
    const char *text = reason(d);
    if (!*text) {
        deed_mistake(d, "Decline needs a reason, behind it or below: the reporter gets it");
        return;
    }
    d->report->state = REPORT_DECLINED;
    work_report_changed(w, d->report);
    deed_answer(d, "R%llu is declined", (unsigned long long)d->report->number);
    if (!reader_of_report(d->report, &reader) || written_by_a_machine(d)) {
        deed_answer(d, "nobody is told: there is no address to answer to");
        return;
    }
    struct letter *letter = letter_plan(w, &reader, TEMPLATE_REPORT_DECLINED, w->moment->now);
    if (reader.unusable)
        deed_answer(d, "the reporter has no key: gets key-needed, not the reason");
    else
        letter->text = text;
}

void command_junk(struct deed *d)
{
    if (!report_is_open(d))
        return;
    d->report->state = REPORT_JUNK;
    work_report_changed(d->w, d->report);
    deed_answer(d, "R%llu is set aside; nobody is told", (unsigned long long)d->report->number);
}
