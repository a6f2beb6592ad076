#include "engine/tell.h"

#include "base/text.h"
#include "model/templates.h"

enum { STUCK_LINE_MAX = 900 };

static const char *last_copy(const struct report *report, const struct contact *coordinator)
{
    for (size_t i = 0; report && i < report->n_copies; i++)
        if (report->copies[i].contact == coordinator->id)
            return report->copies[i].message_id;
    return NULL;
}

void tell_copy(struct work *w, const struct copying *copying)
{
    struct coordinators list = coordinators_of(w, copying->c);
    for (size_t i = 0; i < list.n; i++) {
        if (list.at[i] == copying->but)
            continue;
        struct letter *letter = coordinator_letter(w, copying->c, copying->mail->place, list.at[i],
                                                   TEMPLATE_COORDINATOR_COPY);
        letter->about = copying->mail->number;
        letter->lines = *copying->lines;
        letter->in_reply_to = last_copy(copying->report, list.at[i]);
        if (copying->piece)
            u32s_add(w->a, &letter->pieces, copying->piece);
    }
}

/* A report's letters have no case to name: the plainer template. */
static const char *stuck_template(const struct work_case *c)
{
    return c ? TEMPLATE_COORDINATOR_HELD : TEMPLATE_COMMAND_RESULT;
}

static const char *reader_name(struct work *w, struct work_case *c, const struct letter *letter)
{
    const struct party *party = c ? work_party(w, c, letter->party) : NULL;
    const struct contact *contact = directory_contact(w->view->directory, letter->contact);
    if (party)
        return party_name(w, c, party);
    return contact ? contact->slug : "the reporter";
}

void tell_stuck(struct work *w, struct work_case *c, const struct letter *letter, const char *what)
{
    struct coordinators list = coordinators_of(w, c);
    if (span_eq_str(span_str(letter->template), TEMPLATE_COORDINATOR_HELD) ||
        letter->answers_bytes > 0)
        return;
    const char *line = text_one_line(
        w->a,
        span_str(arena_printf(w->a, "L%llu, %s to %s: %s", (unsigned long long)letter->number,
                              letter->template, reader_name(w, c, letter), what)),
        STUCK_LINE_MAX);
    for (size_t i = 0; i < list.n; i++) {
        if (list.at[i]->id == letter->contact)
            continue;
        struct letter *told =
            coordinator_letter(w, c, letter->place, list.at[i], stuck_template(c));
        told->send = 0;
        strs_add(w->a, &told->lines, line);
        if (letter->state == LETTER_HELD)
            strs_add(w->a, &told->lines, letter_way_out(w->a, letter));
    }
}

void tell_send_held(struct work *w, struct work_case *c, uint32_t send, instant when)
{
    struct coordinators list = coordinators_of(w, c);
    struct place place = {.kind = PLACE_CASE, .number = c->head->number};
    for (size_t i = 0; i < list.n; i++) {
        struct letter *told =
            coordinator_letter(w, c, place, list.at[i], TEMPLATE_COORDINATOR_HELD);
        told->of_send = send;
        told->due = when;
        told->next_try = when;
        told->state = when > w->moment->now ? LETTER_PLANNED : LETTER_WAITING;
    }
}
