#include "engine/given.h"

#include <string.h>

#include "engine/audience.h"
#include "model/templates.h"
#include "redact/redact.h"

struct reading {
    const struct giving *of;
    struct echo *echo;
    struct arena *scratch;
    struct err *err;
};

/* In both languages that names are cut in: a contact's language may have changed. */
static void add_text(struct reading *r, const char *text)
{
    static const char *const LANGUAGES[] = {"en", "ja"};
    const struct redact_scan *scan =
        redact_scan(r->scratch, span_str(text), r->of->sets, r->of->n_sets);
    for (size_t i = 0; i < LEN(LANGUAGES); i++) {
        struct redact_reader reader = {.own = &r->of->owner,
                                       .n_own = r->of->owner != 0,
                                       .allowed = r->of->head->allow_terms.at,
                                       .n_allowed = r->of->head->allow_terms.n,
                                       .mask = redact_mask(LANGUAGES[i])};
        struct redacted cut = redact_cut_for(r->scratch, scan, &reader);
        echo_add(r->echo, span_of(cut.text, cut.n));
        if (cut.n_cuts == 0)
            return;
    }
}

static bool add_pieces(struct reading *r)
{
    const struct case_head *head = r->of->head;
    const struct rows *rows = r->of->rows;
    size_t looked = 0;
    for (size_t i = head->n_pieces; i > 0 && looked < GIVEN_PIECES_MAX; i--) {
        const struct piece *piece = &head->pieces[i - 1];
        struct message *message = NULL;
        if (piece->message == 0 || piece->party == r->of->to->n || piece->at > r->of->piece->at ||
            !audience_piece(piece, r->of->to))
            continue;
        looked++;
        if (!rows->message(rows->ctx, r->scratch, piece->message, &message, r->err))
            return false;
        if (message)
            add_text(r, message->text);
    }
    return true;
}

static bool add_told(struct reading *r)
{
    const struct case_head *head = r->of->head;
    const struct rows *rows = r->of->rows;
    for (size_t i = 0; i < head->n_sends; i++) {
        const struct send *send = &head->sends[i];
        const char *text = NULL;
        if (strcmp(send->template, TEMPLATE_TELL) != 0 || send->at > r->of->piece->at ||
            !u32s_has(&send->parties, r->of->to->n))
            continue;
        if (!rows->text_of_send(rows->ctx, r->scratch, head->number, send->n, &text, r->err))
            return false;
        add_text(r, text);
    }
    return true;
}

static bool was_told(const struct giving *giving)
{
    const struct party *to = giving->to;
    instant at = giving->piece->at;
    return (to->kind == PARTY_VENDOR || to->kind == PARTY_PARTNER) && to->told_at != 0 &&
           to->told_at <= at && giving->head->worded <= at;
}

bool given_read(const struct giving *giving, struct echo *echo, struct err *err)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct reading r = {.of = giving, .echo = echo, .scratch = scratch, .err = err};
    if (was_told(giving)) {
        add_text(&r, giving->head->title);
        add_text(&r, giving->head->summary);
    }
    return add_pieces(&r) && add_told(&r);
}
