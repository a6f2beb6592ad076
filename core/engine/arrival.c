#include "engine/arrival.h"

#include "base/text.h"
#include "engine/acknowledge.h"
#include "engine/audience.h"
#include "engine/delivery.h"
#include "engine/filing.h"
#include "engine/identify.h"
#include "engine/remarks.h"
#include "engine/tell.h"
#include "engine/warrant.h"
#include "model/form.h"
#include "model/templates.h"

enum { SUBJECT_MAX = 500 };

/* One mail on its way through. */
struct passage {
    struct work *w;
    const struct arrival *in;
    struct mail *mail; /* our copy */
    struct author author;
    struct spot spot;
    struct block block;
    struct deed deed;
    const struct strs *mistakes; /* of the first try; NULL: this is the first try */
    bool silent;                 /* its author gets no answer */
    bool noted;                  /* a coordinator's text was filed as a note */
    uint32_t piece;
};

static bool is_automatic(const struct passage *p)
{
    return p->in->message && p->in->message->automatic != AUTOMATIC_NO;
}

static bool may_command(const struct passage *p)
{
    return p->author.who != 0 && p->author.proven && p->spot.how != SPOT_NAMED &&
           p->block.present && !is_automatic(p);
}

static void read_mail(struct passage *p)
{
    const struct message *m = p->in->message;
    struct arena *a = p->w->a;
    p->mail = ARENA_NEW(a, struct mail);
    *p->mail = *p->in->mail;
    p->mail->state = m ? MAIL_FILED : MAIL_UNOPENED;
    p->mail->trust = p->author.trust;
    p->mail->contested = p->in->contested;
    p->mail->from = m ? m->from : NULL;
    p->mail->subject = m ? text_one_line(a, span_str(m->subject), SUBJECT_MAX) : "";
    work_mail_changed(p->w, p->mail);
}

/* Whoever it is, a first look says which case a block names; its author's own words come after. */
static void read_author_and_place(struct passage *p)
{
    struct work *w = p->w;
    const char *text = p->in->proof.strict_text ? p->in->proof.strict_text : "";
    struct block named;
    identify(w, p->in, &p->author);
    block_parse(w->a, text, FOR_COORDINATOR | FOR_VENDOR | FOR_REPORTER, &named);
    thread(w, p->in, &named, &p->author, &p->spot);
    block_parse(w->a, text, p->author.who, &p->block);
    if (p->author.proven && p->author.who)
        w->by = p->author.by;
}

/* The block names the case that the mail belongs to. */
static bool is_here(const struct passage *p)
{
    const struct place *place = &p->block.place;
    switch (place->kind) {
    case PLACE_CASE:
        return p->deed.c && p->deed.c->head->number == place->number;
    case PLACE_REPORT:
        return p->deed.report && p->deed.report->number == place->number;
    case PLACE_NONE:
        return !p->deed.c && !p->deed.report;
    }
    return false;
}

static bool has_left(const struct passage *p)
{
    const struct party *party = p->deed.c ? work_party(p->w, p->deed.c, p->author.party) : NULL;
    return party && party->removed;
}

static void act(struct passage *p)
{
    struct work *w = p->w;
    const char *why;
    instant received = p->mail->received ? p->mail->received : w->moment->now;
    enum warrant warrant = warrant_check(w, &p->block, &p->author, &p->in->proof, received, &why);
    p->silent = warrant == WARRANT_SILENT;
    if (p->mistakes || p->silent)
        return;
    p->deed.mistakes = p->block.mistakes;
    if (warrant == WARRANT_REFUSED)
        strs_add(w->a, &p->deed.mistakes, why);
    else if (!is_here(p) || has_left(p))
        strs_add(w->a, &p->deed.mistakes,
                 arena_printf(w->a, "%s is not yours to act on", place_name(w->a, p->block.place)));
    else
        deed_run(&p->deed); /* whatever the reader found, so that every mistake is named */
    if (p->deed.mistakes.n == 0)
        warrant_burn(w, &p->block);
}

/* ---- filing ---- */

/* Of several, the one for the address that it comes from: a report may hold others' keys too. */
static const struct offered_key *offered_key(const struct message *m)
{
    for (size_t i = 0; m->from && i < m->n_keys; i++)
        for (size_t k = 0; k < m->keys[i].addresses.n; k++)
            if (span_eq_nocase(span_str(m->from), m->keys[i].addresses.at[k]))
                return &m->keys[i];
    return &m->keys[0];
}

static void take_key(struct passage *p, struct report *report)
{
    const struct message *m = p->in->message;
    const struct contact *contact = p->author.contact;
    const struct key *known = contact ? directory_key(p->w->view->directory, contact->key) : NULL;
    if (known) {
        report->key = known->fingerprint;
        report->protocol = known->protocol;
        report->key_bytes = known->bytes;
        return;
    }
    if (!m || !m->encrypted || !m->single_chain || m->n_keys == 0)
        return;
    const struct offered_key *key = offered_key(m);
    struct span opened = p->in->opened;
    if (key->bytes.offset > opened.n || key->bytes.n > opened.n - key->bytes.offset)
        return;
    report->key = key->fingerprint;
    report->protocol = key->protocol;
    report->key_bytes = span_of(opened.at + key->bytes.offset, (size_t)key->bytes.n);
}

static void open_report(struct passage *p)
{
    const struct message *m = p->in->message;
    struct report *report = work_report_new(p->w);
    report->received = p->mail->received ? p->mail->received : p->w->moment->now;
    report->trust = p->author.trust;
    report->like = p->mail->like;
    report->registration = p->in->registration;
    report->from = m ? m->from : NULL;
    if (!report->from && p->mail->sender && *p->mail->sender)
        report->from = p->mail->sender;
    report->from_name = m ? m->from_name : NULL;
    report->own_reference = m ? reference_in(p->w->a, m->subject) : NULL;
    take_key(p, report);
    report->key_signed = report->key && p->author.proven && p->author.signer &&
                         span_eq_nocase(span_str(report->key), p->author.signer);
    file_in_report(p->w, report, p->mail, m);
    p->spot.report = report;
}

static void learn(struct passage *p, struct party *party)
{
    const char *reference = p->in->message ? reference_in(p->w->a, p->in->message->subject) : NULL;
    bool vendor = is_vendor(party);
    enum contact_state state = is_automatic(p) ? CONTACT_AUTO_ACKNOWLEDGED : CONTACT_ACKNOWLEDGED;
    if (reference)
        reference_learn(p->w, p->spot.c, party, reference);
    if (vendor && party->contact_state != CONTACT_ACKNOWLEDGED && party->contact_state != state)
        work_event(p->w, p->spot.c,
                   &(struct event){
                       .kind = EVENT_CONTACT_STATE,
                       .party = party->n,
                       .contact_state = state,
                       .piece = p->piece,
                   });
}

static void file_for_party(struct passage *p)
{
    struct party *party =
        p->spot.how == SPOT_NAMED ? NULL : work_party(p->w, p->spot.c, p->spot.party);
    p->piece = file_in_case(p->w, p->spot.c,
                            &(struct filing){
                                .mail = p->mail,
                                .message = p->in->message,
                                .party = party,
                                .kind = party ? PIECE_REPLY : PIECE_UNPLACED,
                                .trust = p->author.trust,
                            });
    if (p->in->contested)
        work_event(p->w, p->spot.c, &(struct event){.kind = EVENT_CONTESTED, .piece = p->piece});
    if (party)
        learn(p, party);
}

/* Not a command, or more than one: text that no command took is a note. */
static bool is_note(const struct passage *p)
{
    if (!p->block.present)
        return true;
    if (p->mistakes || p->silent)
        return false;
    for (size_t i = 0; i < p->block.n_commands; i++)
        if (p->block.commands[i].kind == COMMAND_NOTE)
            return true;
    return *p->block.text && !p->deed.text_used;
}

static void file_for_coordinator(struct passage *p)
{
    struct work *w = p->w;
    struct work_case *c = p->deed.c;
    struct party *self = work_party_of_coordinator(w, c, p->author.contact);
    if (!self)
        self = work_add_party(w, c,
                              &(struct event){
                                  .party_kind = PARTY_COORDINATOR,
                                  .contact = p->author.contact->id,
                                  .org = p->author.contact->org,
                              });
    p->noted = is_note(p);
    p->piece = file_in_case(w, c,
                            &(struct filing){
                                .mail = p->mail,
                                .message = p->in->message,
                                .party = self,
                                .kind = PIECE_NOTE,
                                .trust = p->author.trust,
                                .no_piece = !p->noted,
                            });
    p->spot.c = c;
    p->spot.party = self->n;
}

/* ---- answers ---- */

static void answer_lines(struct passage *p, struct letter *letter)
{
    struct arena *a = p->w->a;
    letter->in_reply_to = p->in->message ? p->in->message->message_id : NULL;
    if (p->mistakes) {
        letter->reason = "refused";
        letter->lines = *p->mistakes;
        return;
    }
    letter->lines = p->deed.answer;
    if (p->author.who != FOR_COORDINATOR)
        return;
    if (!p->block.present && p->in->proof.strict_problem)
        strs_add(a, &letter->lines,
                 arena_printf(a, "no commands could be read (%s); they go into plain text",
                              p->in->proof.strict_problem));
    if (p->noted && p->spot.c)
        strs_add(a, &letter->lines,
                 arena_printf(a, "your text is piece %u of C%llu, an internal note", p->piece,
                              (unsigned long long)p->spot.c->head->number));
    else if (!p->block.present)
        strs_add(a, &letter->lines,
                 arena_printf(a, "your mail has no commands; it is message %llu of %s",
                              (unsigned long long)p->mail->number, place_name(a, p->mail->place)));
}

static void answer_coordinator(struct passage *p)
{
    struct work *w = p->w;
    bool excluded = p->spot.how == SPOT_NAMED && p->spot.c;
    struct place nowhere = {.kind = PLACE_NONE};
    struct letter *letter =
        coordinator_letter(w, excluded ? NULL : p->spot.c, excluded ? nowhere : p->mail->place,
                           p->author.contact, TEMPLATE_COMMAND_RESULT);
    answer_lines(p, letter);
    if (!excluded)
        return;
    letter->reason = "refused";
    letter->lines = (struct strs){0};
    strs_add(w->a, &letter->lines, "this case is not yours to act on");
}

static void answer_party(struct passage *p)
{
    struct work *w = p->w;
    const struct party *party = work_party(w, p->spot.c, p->spot.party);
    struct reader reader;
    if (!party || !reader_of_party(w, p->spot.c, party, &reader))
        return;
    if (p->author.contact)
        reader = reader_of_contact(w, p->mail->place, party->n, p->author.contact);
    if (!reader.unusable)
        answer_lines(p, letter_plan(w, &reader, TEMPLATE_COMMAND_RESULT, w->moment->now));
}

static void answer(struct passage *p)
{
    if (!p->author.proven || p->silent || is_automatic(p))
        return;
    if (p->author.who == FOR_COORDINATOR)
        answer_coordinator(p);
    else if (p->block.present && p->spot.how == SPOT_PROVEN && p->spot.c)
        answer_party(p);
}

/* What coordinators read above the text: how sure it is, what is odd, what its commands did. */
static void copy(struct passage *p)
{
    struct strs lines = {0};
    bool junk = p->spot.report && p->spot.report->state == REPORT_JUNK;
    if (junk ||
        (p->author.who == FOR_COORDINATOR && !p->noted && p->mail->place.kind == PLACE_CASE))
        return;
    remarks(p->w, p->in, &p->author, &p->spot, &lines);
    if (p->mistakes)
        strs_add(p->w->a, &lines, "its commands did nothing: they hold mistakes");
    for (size_t i = 0; i < p->deed.answer.n && p->author.who != FOR_COORDINATOR; i++)
        strs_add(p->w->a, &lines, p->deed.answer.at[i]);
    for (size_t i = 0; i < p->deed.desk_only.n; i++)
        strs_add(p->w->a, &lines, p->deed.desk_only.at[i]);
    tell_copy(p->w, &(struct copying){
                        .mail = p->mail,
                        .c = p->spot.c,
                        .report = p->spot.report,
                        .piece = p->piece,
                        .but = p->author.who == FOR_COORDINATOR ? p->author.contact : NULL,
                        .lines = &lines,
                    });
}

/* ---- the ways a mail can go ---- */

static void unname(struct passage *p, const struct party *party)
{
    struct work *w = p->w;
    if (!party->share_named)
        return;
    work_event(w, p->spot.c, &(struct event){.kind = EVENT_SHARE_NAMED, .party = party->n});
    strs_add(w->a, &p->deed.desk_only, "the reporter is not to be named any more");
}

static void uncredit(struct passage *p, const struct party *party)
{
    struct work *w = p->w;
    if (!party->credited)
        return;
    work_event(w, p->spot.c, &(struct event){.kind = EVENT_CREDIT, .party = party->n});
    strs_add(w->a, &p->deed.desk_only, "the reporter is not to be credited by name any more");
}

/* A reporter's wish to stay unnamed counts without proof: it only narrows. */
static void narrow(struct passage *p)
{
    struct work *w = p->w;
    struct block block;
    const struct party *party = work_party(w, p->spot.c, p->spot.party);
    const struct message *m = p->in->message;
    if (!party || party->kind != PARTY_REPORTER || !m)
        return;
    if (form_is_report(m) && form_answer(m, "share_release") != FORM_YES)
        unname(p, party);
    if (form_is_report(m) && form_answer(m, "credit_release") != FORM_YES)
        uncredit(p, party);
    block_parse(w->a, m->text ? m->text : "", FOR_REPORTER, &block);
    for (size_t i = 0; block.present && i < block.n_commands; i++) {
        const struct command *command = &block.commands[i];
        if (!span_eq_nocase(command->value, "anonymous"))
            continue;
        if (command->kind == COMMAND_SHARE)
            unname(p, party);
        if (command->kind == COMMAND_CREDIT)
            uncredit(p, party);
    }
}

static void from_party(struct passage *p)
{
    file_for_party(p);
    p->deed.piece = p->piece;
    bool commands = may_command(p);
    if (commands)
        act(p);
    /* What is signed is worth no less than what is not: a wish in a block that is refused counts.
     */
    if ((!commands || p->mistakes) && p->spot.how != SPOT_NAMED && !is_automatic(p))
        narrow(p);
}

/* A block without a case, or for one that is not there: whatever it says, it is no report. */
static bool is_order(const struct passage *p)
{
    return p->author.who == FOR_COORDINATOR && p->block.present && !is_automatic(p);
}

static void from_coordinator(struct passage *p)
{
    p->deed.c = p->spot.how == SPOT_PROVEN ? p->spot.c : NULL;
    p->deed.report = p->spot.report;
    if (may_command(p))
        act(p);
    if (p->deed.c) {
        file_for_coordinator(p);
    } else if (p->spot.c) {
        file_for_party(p); /* excluded: unplaced there */
    } else if (p->spot.report) {
        p->mail->place = (struct place){.kind = PLACE_REPORT, .number = p->spot.report->number};
    } else if (!is_order(p)) {
        open_report(p);
    }
}

static bool is_dsn(const struct passage *p)
{
    return p->in->message && p->in->message->automatic == AUTOMATIC_DSN;
}

/* Filed beside the letter that came back; one of none of our letters is filed nowhere. False: it
 * calls itself a bounce, and an MTA's would have come from nobody (RFC 5321 4.5.5): a person looks.
 */
static bool from_mta(struct passage *p)
{
    const struct letter *letter = bounce(p->w, p->in);
    if (letter)
        p->mail->place = letter->place;
    return letter || !p->in->mail->sender || !*p->in->mail->sender;
}

void arrive(struct work *w, const struct arrival *arrival, const struct strs *mistakes,
            struct strs *ret_mistakes, struct plan *plan)
{
    struct passage p = {.w = w, .in = arrival, .mistakes = mistakes};
    w->message = arrival->mail->number;
    acknowledge(w, arrival);
    read_author_and_place(&p);
    read_mail(&p);
    p.deed.w = w;
    p.deed.author = &p.author;
    p.deed.block = &p.block;
    p.deed.c = p.spot.c;
    if (is_dsn(&p) && from_mta(&p))
        return;
    if (p.author.who == FOR_COORDINATOR)
        from_coordinator(&p);
    else if (p.spot.c)
        from_party(&p);
    else if (p.spot.report)
        file_in_report(w, p.spot.report, p.mail, arrival->message);
    else
        open_report(&p);
    *ret_mistakes = p.deed.mistakes;
    if (p.deed.mistakes.n > 0)
        return;
    copy(&p);
    answer(&p);
    plan->refused = mistakes != NULL;
    plan->answer = mistakes ? *mistakes : p.deed.answer;
}
