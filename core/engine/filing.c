#include "engine/filing.h"

static void add_parts(struct work *w, const struct message *message, struct event *e)
{
    for (size_t i = 0; message && i < message->n_parts; i++) {
        const struct part *from = &message->parts[i];
        ARENA_GROW(w->a, e->parts, e->n_parts, e->parts_room);
        e->parts[e->n_parts] = (struct piece_part){
            .n = (uint32_t)e->n_parts + 1,
            .path = from->path,
            .type = from->type,
            .filename = from->filename,
            .size = from->size,
            .facts = from->facts,
            .unread = from->unread,
            .copy = from->cleaned.content.n > 0,
            .copy_facts = from->cleaned.facts,
            .copy_unread = from->cleaned.unread,
            .no_copy = from->cleaned.why_not,
        };
        e->n_parts++;
    }
}

/* Ids with blanks are no Message-IDs; the desk keeps references under such keys (thread.c). */
static void know(struct work *w, const struct filing *f, const char *message_id)
{
    struct span id = span_str(message_id);
    if (id.n == 0 || span_find(id, ' ') < id.n)
        return;
    if (!f->moved && work_known_id(w, message_id))
        return;
    work_id(w, message_id,
            &(struct known_id){
                .place = f->mail->place,
                .party = f->mail->party,
                .mail = f->mail->number,
            });
}

uint32_t file_in_case(struct work *w, struct work_case *c, const struct filing *f)
{
    struct event e = {
        .kind = EVENT_FILED,
        .message = f->mail->number,
        .party = f->party ? f->party->n : 0,
        .piece = f->no_piece ? 0 : (uint32_t)c->head->n_pieces + 1,
        .piece_kind = f->kind,
        .trust = f->trust,
        .message_id = f->message ? f->message->message_id : NULL,
    };
    if (!f->no_piece)
        add_parts(w, f->message, &e);
    work_event(w, c, &e);
    f->mail->place = (struct place){.kind = PLACE_CASE, .number = c->head->number};
    f->mail->piece = e.piece;
    f->mail->party = e.party;
    work_mail_changed(w, f->mail);
    if (e.message_id)
        know(w, f, e.message_id);
    return e.piece;
}

void file_in_report(struct work *w, struct report *report, struct mail *mail,
                    const struct message *message)
{
    ARENA_GROW(w->a, report->messages, report->n_messages, report->messages_room);
    report->messages[report->n_messages++] = mail->number;
    mail->place = (struct place){.kind = PLACE_REPORT, .number = report->number};
    mail->piece = 0;
    mail->party = 0;
    work_mail_changed(w, mail);
    work_report_changed(w, report);
    if (!message || !message->message_id)
        return;
    if (!strs_has(&report->thread, message->message_id))
        strs_add(w->a, &report->thread, message->message_id);
    know(w, &(struct filing){.mail = mail}, message->message_id);
}

const struct message *filed_message(struct work *w, uint64_t mail)
{
    struct message *message = NULL;
    const struct rows *rows = w->view->rows;
    if (!rows->message(rows->ctx, w->a, mail, &message, w->err)) {
        w->failed = true;
        return NULL;
    }
    return message;
}
