#include "engine/letters.h"

#include <string.h>

#include "base/text.h"
#include "engine/accepted.h"
#include "engine/audience.h"
#include "engine/work.h"
#include "model/templates.h"

enum { ID_BYTES = 16, VERP_BYTES = 15, TAG_BYTES = 5 };

static const char *draw_base32(struct arena *a, const struct moment *moment, size_t n)
{
    unsigned char bytes[ID_BYTES];
    moment->draw.bytes(moment->draw.ctx, bytes, n);
    return text_base32(a, span_of(bytes, n));
}

void letter_draw(struct arena *a, const struct policy *policy, const struct moment *moment,
                 struct letter *letter)
{
    if (letter->message_id)
        return;
    const char *at = strrchr(policy->desk_address, '@');
    letter->message_id = arena_printf(a, "%s%s", draw_base32(a, moment, ID_BYTES), at ? at : "");
    letter->date = moment->now;
    letter->verp = draw_base32(a, moment, VERP_BYTES);
    letter->subject_tag = draw_base32(a, moment, TAG_BYTES);
}

int64_t letter_back_off(uint32_t attempts)
{
    static const int64_t seconds[] = {60, 300, 900, 3600, 4 * 3600};
    size_t i = attempts == 0 ? 0 : attempts - 1;
    return seconds[i < LEN(seconds) ? i : LEN(seconds) - 1];
}

/* Letters that say that it is over go to those that have left, too. */
static bool is_farewell(const char *template)
{
    struct span name = span_str(template);
    return span_eq_str(name, TEMPLATE_SENT_IN_ERROR) || span_eq_str(name, TEMPLATE_CASE_WITHDRAWN);
}

/* Why the letter may not go any more, or NULL. */
static const char *forbidden(struct work *w, struct work_case *c, const struct letter *letter)
{
    const struct directory *dir = w->view->directory;
    const struct contact *contact = NULL;
    if (letter->contact) {
        contact = directory_contact(dir, letter->contact);
        if (!contact || contact->retired)
            return "its reader has left the directory";
    }
    if (!c || !letter->party)
        return NULL;
    struct party *party = work_party(w, c, letter->party);
    if (!party || (party->removed && !is_farewell(letter->template)))
        return "its reader has left the case";
    if (party->kind == PARTY_COORDINATOR && contact && !audience_coordinator(c->head, contact))
        return "its reader is excluded from the case";
    if (template_tells(letter->template) == TELLS_DETAILS &&
        accepted_waits(w->view->policy, dir, c->head, party))
        return "its reader has not accepted the terms";
    return NULL;
}

/* "3.2", or "3.2 cleaned". */
static const char *exposed_part(struct work *w, struct work_case *c, const struct party *party,
                                const char *name)
{
    struct piece *piece;
    const struct piece_part *part = case_part(c->head, name, &piece);
    return part && party && u32s_has(&part->cleaned, party->n)
               ? arena_printf(w->a, "%s cleaned", name)
               : name;
}

static struct strs exposed(struct work *w, struct work_case *c, const struct party *party,
                           const struct letter *letter)
{
    struct strs list = {0};
    for (size_t i = 0; i < letter->pieces.n; i++)
        strs_add(w->a, &list, arena_printf(w->a, "%u", letter->pieces.at[i]));
    for (size_t i = 0; i < letter->parts.n; i++)
        strs_add(w->a, &list, exposed_part(w, c, party, letter->parts.at[i]));
    return list;
}

/* The exposure: what left, for whom, under which key. */
static void record_out(struct work *w, struct work_case *c, const struct hand_over *hand)
{
    const struct letter *l = hand->letter;
    const struct party *party = work_party(w, c, l->party);
    work_event(w, c,
               &(struct event){
                   .kind = EVENT_LETTER_OUT,
                   .letter = l->number,
                   .send = l->send,
                   .party = l->party,
                   .org = party && party->kind != PARTY_COORDINATOR ? party->org : 0,
                   .contact = l->contact,
                   .text = l->template,
                   .address = hand->address,
                   .key = hand->key,
                   .digest = hand->digest,
                   .list = exposed(w, c, party, l),
                   .message_id = l->message_id,
               });
}

/* A report has no log; its rows remember the threads. */
static void remember_in_report(struct work *w, const struct letter *l)
{
    struct report *report = work_report(w, l->place.number);
    if (!report)
        return;
    work_report_changed(w, report);
    if (!l->contact) {
        if (!strs_has(&report->thread, l->message_id))
            strs_add(w->a, &report->thread, l->message_id);
        return;
    }
    for (size_t i = 0; i < report->n_copies; i++) {
        if (report->copies[i].contact != l->contact)
            continue;
        report->copies[i].message_id = l->message_id;
        return;
    }
    ARENA_GROW(w->a, report->copies, report->n_copies, report->copies_room);
    report->copies[report->n_copies++] =
        (struct report_copy){.contact = l->contact, .message_id = l->message_id};
}

static void commit(struct work *w, struct work_case *c, const struct hand_over *hand,
                   struct letter *stored)
{
    uint32_t attempts = stored->attempts + 1;
    bool repeat =
        stored->digest && hand->digest && span_eq_str(span_str(stored->digest), hand->digest);
    *stored = *hand->letter;
    stored->state = LETTER_HANDING_OVER;
    stored->attempts = attempts;
    stored->address = hand->address;
    stored->digest = hand->digest;
    stored->sealed = hand->sealed;
    stored->reason = NULL;
    work_letter_changed(w, stored);
    if (stored->answers_bytes > 0)
        return; /* to strangers: who answers it is one still */
    work_id(w, stored->message_id,
            &(struct known_id){
                .place = stored->place,
                .party = stored->party,
                .contact = stored->contact,
                .letter = stored->number,
            });
    if (c && !repeat)
        record_out(w, c, hand);
    else if (stored->place.kind == PLACE_REPORT)
        remember_in_report(w, stored);
}

bool letter_hand_over(const struct view *view, const struct hand_over *hand,
                      const struct moment *moment, struct arena *a, struct changes *ret_changes,
                      bool *ret_go, struct err *err)
{
    struct work w;
    work_start(&w, view, moment, a, ret_changes, err);
    struct letter *stored = work_letter(&w, hand->letter->number);
    bool go = stored && letter_unfinished(stored);
    struct work_case *c =
        stored && stored->place.kind == PLACE_CASE ? work_case(&w, stored->place.number) : NULL;
    const char *why = go ? forbidden(&w, c, stored) : NULL;
    if (why) {
        stored->state = LETTER_CANCELLED;
        stored->reason = why;
        work_letter_changed(&w, stored);
        go = false;
    }
    if (go)
        commit(&w, c, hand, stored);
    *ret_go = go;
    return work_finish(&w);
}
