/* File: a coordinator puts any mail where it belongs. */
#include "base/text.h"
#include "engine/commands.h"
#include "engine/filing.h"
#include "engine/names.h"

struct target {
    struct mail *mail;
    struct work_case *c; /* one of the two */
    struct report *report;
    struct party *party; /* NULL: unplaced */
};

static bool may_act(struct deed *d, const struct work_case *c)
{
    return c && !strs_has(&c->head->excluded, d->author->contact->slug);
}

static struct party *writer(struct deed *d, struct work_case *c, struct span word)
{
    struct parties parties;
    struct work_case *block_case = d->c;
    d->c = c;
    bool ok = names_parties(d, &word, 1, &parties);
    d->c = block_case;
    if (!ok)
        return NULL;
    if (parties.n == 1)
        return parties.at[0];
    deed_mistake(d, "a mail has one author");
    return NULL;
}

static bool read_mail(struct deed *d, struct span word, struct target *t)
{
    uint64_t number;
    if (span_starts(word, "#"))
        word = span_from(word, 1);
    t->mail = text_to_u64(word, UINT64_MAX >> 12, &number) ? work_mail(d->w, number) : NULL;
    if (t->mail && t->mail->state != MAIL_TAKEN)
        return true;
    deed_mistake(d, "%.*s: no such message", (int)word.n, (const char *)word.at);
    return false;
}

static bool read_place(struct deed *d, struct span word, struct target *t)
{
    struct place place = {0};
    if (place_from_name(word, &place) && place.kind == PLACE_CASE)
        t->c = work_case(d->w, place.number);
    else if (place.kind == PLACE_REPORT)
        t->report = work_report(d->w, place.number);
    if ((t->c && may_act(d, t->c)) || (t->report && t->report->state == REPORT_OPEN))
        return true;
    deed_mistake(d, "%.*s: no case, or open report, that is yours to act on", (int)word.n,
                 (const char *)word.at);
    return false;
}

static bool read_target(struct deed *d, struct target *t)
{
    struct words words = words_of(d->w->a, d->command->value);
    if (words.n < 2 || words.n > 3) {
        deed_mistake(d, "write \"File: 812 C42 acme\", or without a name");
        return false;
    }
    if (!read_mail(d, words.at[0], t) || !read_place(d, words.at[1], t))
        return false;
    if (words.n == 2)
        return true;
    if (!t->c) {
        deed_mistake(d, "a report has no parties");
        return false;
    }
    t->party = writer(d, t->c, words.at[2]);
    return t->party != NULL;
}

static void leave_report(struct work *w, struct report *report, uint64_t number,
                         const struct target *t)
{
    size_t kept = 0;
    for (size_t i = 0; i < report->n_messages; i++)
        if (report->messages[i] != number)
            report->messages[kept++] = report->messages[i];
    report->n_messages = kept;
    if (kept == 0 && report->state == REPORT_OPEN) {
        report->state = t->c ? REPORT_ACCEPTED : REPORT_JUNK;
        report->joined = t->c ? t->c->head->number : 0;
    }
    work_report_changed(w, report);
}

/* Leaves a mark where it stood. False: a mistake was named. */
static bool leave(struct deed *d, const struct target *t)
{
    struct work *w = d->w;
    struct mail *mail = t->mail;
    if (mail->place.kind == PLACE_REPORT) {
        struct report *report = work_report(w, mail->place.number);
        if (report)
            leave_report(w, report, mail->number, t);
        return true;
    }
    if (mail->place.kind != PLACE_CASE)
        return true;
    struct work_case *from = work_case(w, mail->place.number);
    if (!may_act(d, from)) {
        deed_mistake(d, "#%llu lies in a case that is not yours to act on",
                     (unsigned long long)mail->number);
        return false;
    }
    if (mail->piece)
        work_event(
            w, from,
            &(struct event){.kind = EVENT_MOVED, .piece = mail->piece, .message = mail->number});
    return true;
}

static void file_there(struct deed *d, const struct target *t)
{
    struct work *w = d->w;
    const struct message *message = filed_message(w, t->mail->number);
    unsigned long long number = t->mail->number;
    if (t->report) {
        file_in_report(w, t->report, t->mail, message);
        deed_answer(d, "#%llu belongs to R%llu now", number, (unsigned long long)t->report->number);
        return;
    }
    uint32_t piece = file_in_case(w, t->c,
                                  &(struct filing){
                                      .mail = t->mail,
                                      .message = message,
                                      .party = t->party,
                                      .kind = t->party ? PIECE_REPLY : PIECE_UNPLACED,
                                      .trust = t->mail->trust,
                                      .moved = true,
                                  });
    if (t->party && is_vendor(t->party) && t->party->contact_state != CONTACT_ACKNOWLEDGED)
        work_event(w, t->c,
                   &(struct event){
                       .kind = EVENT_CONTACT_STATE,
                       .party = t->party->n,
                       .contact_state = CONTACT_ACKNOWLEDGED,
                       .piece = piece,
                   });
    deed_answer(d, "#%llu is piece %u of C%llu now, %s%s", number, piece,
                (unsigned long long)t->c->head->number, t->party ? "by " : "unplaced",
                t->party ? party_name(w, t->c, t->party) : "");
}

void command_file(struct deed *d)
{
    struct target t = {0};
    if (read_target(d, &t) && leave(d, &t))
        file_there(d, &t);
}
