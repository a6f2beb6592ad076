/* The plan as text. */
#include "test/scenario/stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/apply.h"

static const char *party_word(struct stage *s, const struct rows *rows, uint64_t number, uint32_t n)
{
    struct party *party = NULL;
    struct err err;
    if (n == 0)
        return "nobody";
    if (!rows->party(rows->ctx, s->a, number, n, &party, &err) || !party)
        return "?";
    if (party->kind == PARTY_REPORTER)
        return n == 1 ? "reporter" : arena_printf(s->a, "reporter-%u", n);
    if (party->kind == PARTY_COORDINATOR)
        return stage_reader(s, party->contact);
    return directory_org(s->directory, party->org)->slug;
}

static void print_parties(struct stage *s, const struct rows *rows, uint64_t number,
                          const struct u32s *list)
{
    for (size_t i = 0; i < list->n; i++)
        buf_printf(&s->out, " %s", party_word(s, rows, number, list->at[i]));
}

static void print_event_kind(struct stage *s, const struct event *e)
{
    switch (e->kind) {
    case EVENT_FILED:
        buf_printf(&s->out, " %s %s", piece_kind_words[e->piece_kind], trust_words[e->trust]);
        break;
    case EVENT_STATUS:
        buf_printf(&s->out, " %s", vendor_status_words[e->status]);
        break;
    case EVENT_CONTACT_STATE:
        buf_printf(&s->out, " %s", contact_state_words[e->contact_state]);
        break;
    case EVENT_SEND_CONFIRMED:
    case EVENT_LETTER_ANYWAY:
        buf_add_str(&s->out, e->flag == (e->kind == EVENT_SEND_CONFIRMED) ? "" : " first");
        break;
    case EVENT_CREDIT:
    case EVENT_SHARE_NAMED:
        buf_add_str(&s->out, e->flag ? " named" : " anonymous");
        break;
    case EVENT_SHARED:
    case EVENT_RELEASED:
    case EVENT_SEND_PLANNED:
        buf_add_str(&s->out, !e->flag ? "" : e->part ? " cleaned" : " quoted");
        buf_add_str(&s->out, e->two ? " two" : "");
        break;
    default:
        if (e->flag)
            buf_add_str(&s->out, " off");
    }
}

static void print_event(struct stage *s, const struct rows *rows, const struct case_event *ce)
{
    const struct event *e = &ce->event;
    buf_printf(&s->out, "event %s", event_kind_words[e->kind]);
    if (e->send)
        buf_printf(&s->out, " S%u", e->send);
    if (e->letter)
        buf_printf(&s->out, " L%llu", (unsigned long long)e->letter);
    if (e->piece && e->part)
        buf_printf(&s->out, " %u.%u", e->piece, e->part);
    else if (e->piece)
        buf_printf(&s->out, " piece %u", e->piece);
    if (e->party)
        buf_printf(&s->out, " %s", party_word(s, rows, ce->number, e->party));
    print_parties(s, rows, ce->number, &e->parties);
    print_event_kind(s, e);
    if (e->text)
        buf_printf(&s->out, " \"%s\"", e->text);
    if (e->kind == EVENT_LETTER_ANYWAY)
        buf_printf(&s->out, " although %s", e->list.at[0]);
    if (e->when)
        buf_printf(&s->out, " %s", text_rfc3339(s->a, e->when));
    if (strcmp(e->by, "desk") != 0)
        buf_printf(&s->out, " by %s", e->by);
    buf_add_char(&s->out, '\n');
}

static void print_letter(struct stage *s, const struct letter *letter)
{
    buf_printf(&s->out, "letter %s %s", stage_reader(s, letter->contact), letter->template);
    if (letter->send)
        buf_printf(&s->out, " S%u", letter->send);
    if (letter->of_send)
        buf_printf(&s->out, " of S%u", letter->of_send);
    if (letter->planned != s->now || letter->attempts)
        buf_printf(&s->out, " %s", letter_state_words[letter->state]);
    else if (letter->state == LETTER_CANCELLED || letter->state == LETTER_HELD)
        buf_printf(&s->out, " %s", letter_state_words[letter->state]);
    if (letter->due > s->now)
        buf_printf(&s->out, " in %llds", (long long)(letter->due - s->now));
    for (size_t i = 0; i < letter->pieces.n; i++)
        buf_printf(&s->out, " piece %u", letter->pieces.at[i]);
    for (size_t i = 0; i < letter->parts.n; i++)
        buf_printf(&s->out, " part %s", letter->parts.at[i]);
    if (letter->text && *letter->text)
        buf_printf(&s->out, " \"%s\"", letter->text);
    if (letter->reason)
        buf_printf(&s->out, " (%s)", letter->reason);
    buf_add_char(&s->out, '\n');
    for (size_t i = 0; i < letter->lines.n; i++)
        buf_printf(&s->out, "  | %s\n", letter->lines.at[i]);
}

static void print_mail(struct stage *s, const struct rows *rows, const struct mail *mail)
{
    buf_printf(&s->out, "mail #%llu %s", (unsigned long long)mail->number,
               place_name(s->a, mail->place));
    if (mail->piece)
        buf_printf(&s->out, " piece %u", mail->piece);
    if (mail->party && mail->place.kind == PLACE_CASE)
        buf_printf(&s->out, " by %s", party_word(s, rows, mail->place.number, mail->party));
    buf_printf(&s->out, " %s%s\n", trust_words[mail->trust], mail->contested ? " contested" : "");
}

static void print_report(struct stage *s, const struct report *report)
{
    buf_printf(&s->out, "report R%llu %s, %zu messages%s%s", (unsigned long long)report->number,
               report_state_words[report->state], report->n_messages, report->key ? ", key" : "",
               report->like ? ", like another" : "");
    if (report->joined)
        buf_printf(&s->out, ", C%llu", (unsigned long long)report->joined);
    buf_add_char(&s->out, '\n');
}

/* A mail's answer stands in its letter. */
static bool answered(const struct changes *ch)
{
    for (size_t i = 0; i < ch->n_letters; i++)
        if (strcmp(ch->letters[i]->template, "command-result") == 0)
            return true;
    return false;
}

void stage_print(struct stage *s, struct txn *txn, const struct plan *plan)
{
    struct rows rows;
    const struct changes *ch = &plan->changes;
    txn_rows(txn, &rows);
    if (plan->refused)
        buf_add_str(&s->out, "refused\n");
    for (size_t i = 0; !answered(ch) && i < plan->answer.n; i++)
        buf_printf(&s->out, "answer %s\n", plan->answer.at[i]);
    for (size_t i = 0; i < ch->n_mails; i++)
        print_mail(s, &rows, ch->mails[i]);
    for (size_t i = 0; i < ch->n_reports; i++)
        print_report(s, ch->reports[i]);
    for (size_t i = 0; i < ch->n_events; i++)
        print_event(s, &rows, &ch->events[i]);
    for (size_t i = 0; i < ch->n_codes; i++)
        if (ch->codes[i].row.used)
            buf_printf(&s->out, "code used%s\n", ch->codes[i].row.answered ? ", again" : "");
    for (size_t i = 0; i < ch->n_letters; i++)
        print_letter(s, ch->letters[i]);
}

/* ---- the fold ---- */

static void compare(struct stage *s, const struct json_field *table, const void *stored,
                    const void *folded, const char *what)
{
    struct span x = json_encode(s->a, table, stored);
    struct span y = json_encode(s->a, table, folded);
    if (!span_eq(x, y))
        buf_printf(&s->out, "DIFFERS %s\n  stored %.*s\n  folded %.*s\n", what, (int)x.n,
                   (const char *)x.at, (int)y.n, (const char *)y.at);
}

static void refold(struct stage *s, struct txn *txn, uint64_t number)
{
    struct rows rows;
    struct event **events;
    struct party **stored;
    struct case_head *head;
    struct err err;
    size_t n;
    size_t n_parties;
    txn_rows(txn, &rows);
    if (!txn_list_events(txn, s->a, number, &events, &n, &err) ||
        !rows.head(rows.ctx, s->a, number, &head, &err) ||
        !rows.parties(rows.ctx, s->a, number, &stored, &n_parties, &err))
        stage_fail("refold", err.text);
    struct case_head folded = {.number = number};
    struct party *parties = ARENA_ARRAY(s->a, n_parties + 1, struct party);
    for (size_t i = 0; i < n; i++)
        apply_event(s->a, events[i], &folded, events[i]->party ? &parties[events[i]->party] : NULL);
    compare(s, case_fields, head, &folded, "head");
    for (size_t i = 0; i < n_parties; i++)
        compare(s, party_fields, stored[i], &parties[stored[i]->n], "party");
}

void stage_refold(struct stage *s, struct txn *txn, const struct changes *changes)
{
    for (size_t i = 0; i < changes->n_heads; i++)
        refold(s, txn, changes->heads[i]->number);
}

/* ---- show ---- */

struct showing {
    struct stage *s;
    uint64_t number;
};

static void show_party(struct stage *s, const struct rows *rows, uint64_t number,
                       const struct party *party)
{
    buf_printf(&s->out, "party %s", party_word(s, rows, number, party->n));
    if (party->kind == PARTY_VENDOR || party->kind == PARTY_PARTNER)
        buf_printf(&s->out, " %s %s", contact_state_words[party->contact_state],
                   vendor_status_words[party_status(party, 1)]);
    buf_printf(&s->out, "%s%s%s", party->accepted ? " accepted" : "",
               party->removed ? " removed" : "", party->share_named ? " named" : "");
    buf_add_str(&s->out, party->credited ? " credited" : "");
    if (party->own_reference)
        buf_printf(&s->out, " reference %s", party->own_reference);
    buf_printf(&s->out, ", thread of %zu\n", party->thread.n);
}

static void show_piece(struct stage *s, const struct rows *rows, uint64_t number,
                       const struct piece *piece)
{
    buf_printf(&s->out, "piece %u %s by %s for", piece->n, piece_kind_words[piece->kind],
               party_word(s, rows, number, piece->party));
    print_parties(s, rows, number, &piece->audience);
    if (piece->quoted.n > 0)
        buf_add_str(&s->out, ", quoted for");
    print_parties(s, rows, number, &piece->quoted);
    for (size_t i = 0; i < piece->n_parts; i++) {
        if (piece->parts[i].audience.n <= 1)
            continue;
        buf_printf(&s->out, ", %u.%u for", piece->n, piece->parts[i].n);
        print_parties(s, rows, number, &piece->parts[i].audience);
        if (piece->parts[i].cleaned.n > 0)
            buf_add_str(&s->out, " cleaned for");
        print_parties(s, rows, number, &piece->parts[i].cleaned);
    }
    buf_printf(&s->out, "%s\n", piece->moved ? " (moved)" : "");
}

static bool show(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct showing *x = ctx;
    struct stage *s = x->s;
    struct rows rows;
    struct case_head *head;
    struct party **parties;
    size_t n;
    txn_rows(txn, &rows);
    if (!rows.head(rows.ctx, a, x->number, &head, err) || !head ||
        !rows.parties(rows.ctx, a, x->number, &parties, &n, err))
        return false;
    buf_printf(&s->out, "C%llu %s \"%s\" owner %s embargo %s\n", (unsigned long long)x->number,
               case_state_words[head->state], head->title, head->owner ? head->owner : "nobody",
               embargo_state_words[head->embargo]);
    for (size_t i = 0; i < n; i++)
        show_party(s, &rows, x->number, parties[i]);
    for (size_t i = 0; i < head->n_pieces; i++)
        show_piece(s, &rows, x->number, &head->pieces[i]);
    return true;
}

void stage_show(struct stage *s, const char *what)
{
    struct err err = {0};
    struct place place;
    if (!place_from_name(span_str(what), &place))
        stage_fail("show", what);
    struct showing x = {.s = s, .number = place.number};
    if (!store_read(s->store, s->a, show, &x, &err))
        stage_fail("show", err.text);
}
