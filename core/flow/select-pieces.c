#include "flow/select-pieces.h"

#include "base/text.h"
#include "engine/audience.h"
#include "flow/phrase.h"
#include "flow/select-quotes.h"
#include "model/form.h"
#include "redact/guard-fences.h"

static const char *piece_from(const struct selecting *x, const struct piece *piece)
{
    if (piece->party == x->letter->party && piece->party != 0)
        return "you";
    for (size_t i = 0; i < x->c->n_parties; i++) {
        if (x->c->parties[i]->n == piece->party)
            return x->c->parties[i]->kind == PARTY_REPORTER ? "the reporter" : "another party";
    }
    return "the desk";
}

static bool piece_text(const struct selecting *x, const struct piece *piece, struct span *ret_text,
                       struct err *err)
{
    struct cached_message *m;

    *ret_text = span_of(NULL, 0);
    if (piece->message == 0)
        return true;
    if (!select_message(x->s, &x->rows, piece->message, &m, err))
        return false;
    if (m->message != NULL)
        *ret_text = span_str(m->message->text);
    return true;
}

static const struct party *writer_of(const struct selecting *x, const struct piece *piece)
{
    for (size_t i = 0; i < x->c->n_parties; i++) {
        if (x->c->parties[i]->n == piece->party)
            return x->c->parties[i];
    }
    return NULL;
}

/* A piece's text as this reader may get it: what its form keeps from others is cut. ret_comments
 * (may be NULL): the private ones. */
static bool piece_text_for_reader(struct selecting *x, const struct piece *piece,
                                  struct span *ret_text, struct span *ret_comments, struct err *err)
{
    const struct party *writer = writer_of(x, piece);
    struct cached_message *m;

    if (!piece_text(x, piece, ret_text, err))
        return false;
    if (piece->message == 0)
        return true;
    if (!select_message(x->s, &x->rows, piece->message, &m, err))
        return false;
    if (m->message == NULL || (writer != NULL && writer == x->party))
        return true;
    if (x->party != NULL && x->party->kind == PARTY_COORDINATOR) {
        *ret_text = span_str(message_marked_text(x->a, m->message));
        return true;
    }
    if (ret_comments != NULL)
        *ret_comments = form_comments(m->message);
    if (!form_cut_private(x->a, m->message, writer != NULL && writer->share_named, ret_text)) {
        *ret_text = span_of(NULL, 0);
        x->form_uncut = piece->n;
    }
    return true;
}

/* Its author and coordinators have all of it. */
static bool is_given_whole(const struct selecting *x, const struct piece *piece)
{
    return piece->party == x->party->n || x->party->kind == PARTY_COORDINATOR;
}

bool select_pieces(struct selecting *x, struct err *err)
{
    const struct u32s *list = &x->letter->pieces;
    struct compose_piece *pieces = ARENA_ARRAY(x->a, list->n, struct compose_piece);
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        struct piece *piece = case_piece(x->c->head, list->at[i]);
        struct span text;
        struct span whole;

        if (piece == NULL || x->party == NULL || !audience_piece(piece, x->party))
            continue;
        if (!piece_text(x, piece, &whole, err) ||
            !piece_text_for_reader(x, piece, &text, NULL, err))
            return false;
        if (x->form_uncut != 0)
            x->out->impossible = arena_printf(
                x->a, "what the form of piece %u keeps from others can't be cut from it",
                x->form_uncut);
        pieces[n] = (struct compose_piece){
            .n = piece->n,
            .from = phrase_in(x->out->job.reader.language, piece_from(x, piece)),
            .at = text_rfc3339(x->a, piece->at),
            .text = text,
            .whole = whole,
            .own = piece->party == x->letter->party};
        if (!is_given_whole(x, piece) && !select_left_out(x, piece, text, &pieces[n].quotes, err))
            return false;
        n++;
    }
    x->out->job.pieces = pieces;
    x->out->job.n_pieces = n;
    return true;
}

/* Whoever gets the cleaned copy gets nothing else: without one there is nothing to send. */
static bool part_slices(struct span opened, const struct part *part, struct compose_attachment *out)
{
    const struct cleaned *copy = &part->cleaned;

    out->facts = out->cleaned ? &copy->facts : &part->facts;
    return (!out->cleaned || copy->content.n > 0) &&
           wire_slice(opened, out->cleaned ? copy->content : part->content, &out->bytes) &&
           wire_slice(opened, out->cleaned ? copy->carried : part->carried, &out->carried);
}

static bool part_bytes(struct selecting *x, const struct piece *piece,
                       const struct piece_part *part, struct compose_attachment *out,
                       struct err *err)
{
    struct cached_message *m;

    if (!select_message(x->s, &x->rows, piece->message, &m, err) ||
        !select_opened(x->s, x->txn, &x->rows, m, err))
        return false;
    for (size_t i = 0; m->message != NULL && i < m->message->n_parts; i++) {
        const struct part *found = &m->message->parts[i];

        if (part->path == NULL || strcmp(found->path, part->path) != 0)
            continue;
        out->filename = part->filename;
        out->type = part->type;
        out->text = span_str(found->text);
        if (part_slices(m->opened, found, out))
            return true;
    }
    return err_set(err, ERR_OPERATOR,
                   "attachment %s of piece %u, or its cleaned copy, is not in its message",
                   part->path, piece->n);
}

bool select_attachments(struct selecting *x, struct err *err)
{
    const struct strs *list = &x->letter->parts;
    struct compose_attachment *at = ARENA_ARRAY(x->a, list->n, struct compose_attachment);
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        struct piece *piece;
        struct piece_part *part = case_part(x->c->head, list->at[i], &piece);

        if (part == NULL || x->party == NULL || !audience_part(piece, part, x->party))
            continue;
        at[n].n = list->at[i];
        at[n].cleaned = !audience_original(piece, part, x->party);
        if (!part_bytes(x, piece, part, &at[n++], err))
            return false;
    }
    x->out->job.attachments = at;
    x->out->job.n_attachments = n;
    return true;
}

/* What the reader gets of a piece: without what it quotes, unless a coordinator said so. */
static bool without_quotes(struct selecting *x, const struct piece *piece, struct span *text,
                           struct err *err)
{
    const struct quotes *quotes;

    if (is_given_whole(x, piece))
        return true;
    if (!select_left_out(x, piece, *text, &quotes, err))
        return false;
    *text = firewall_text(x->a, *text, NULL, 0, quotes, "");
    return true;
}

/* The guard's own answer to who may see what, from the rows alone: it must not depend on
 * engine/audience, which chose the pieces. */
static bool guard_lets(const struct selecting *x, const struct piece *piece,
                       const struct u32s *readers)
{
    bool told = piece->kind != PIECE_NOTE && piece->kind != PIECE_UNPLACED && !piece->moved;

    if (x->party == NULL || x->party->removed || !told)
        return false;
    for (size_t i = 0; i < readers->n; i++) {
        if (readers->at[i] == x->party->n)
            return true;
    }
    return false;
}

/* By number: what must not be in the letter, even where no words could tell. */
static void keep_by_number(const struct selecting *x, struct compose_guard *guard)
{
    const struct case_head *head = x->c->head;
    uint32_t *pieces = ARENA_ARRAY(x->a, head->n_pieces, uint32_t);
    struct strs parts = {.n = 0};

    guard->not_pieces = pieces;
    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];

        if (!guard_lets(x, piece, &piece->audience))
            pieces[guard->n_not_pieces++] = piece->n;
        for (size_t j = 0; j < piece->n_parts; j++) {
            if (!guard_lets(x, piece, &piece->parts[j].audience))
                strs_add(x->a, &parts, arena_printf(x->a, "%u.%u", piece->n, piece->parts[j].n));
        }
    }
    guard->not_parts = parts.at;
    guard->n_not_parts = parts.n;
}

static const char *slug_of(const struct selecting *x)
{
    const struct org *org =
        x->contact == NULL ? NULL : directory_org(x->s->world->directory, x->contact->org);

    return org == NULL ? NULL : org->slug;
}

bool select_guard(struct selecting *x, struct err *err)
{
    const struct case_head *head = x->c->head;
    struct compose_guard *guard = &x->out->job.guard;
    struct span *outside = ARENA_ARRAY(x->a, 3 * head->n_pieces + 1, struct span);
    struct span *inside = ARENA_ARRAY(x->a, head->n_pieces + 2, struct span);

    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];
        bool may = guard_lets(x, piece, &piece->audience);
        struct span comments = span_of(NULL, 0);
        struct span text;

        if (may ? !piece_text_for_reader(x, piece, &text, &comments, err)
                : !piece_text(x, piece, &text, err))
            return false;
        if (!may || !audience_quotes(piece, x->party))
            outside[guard->n_outside++] = text;
        if (may && !without_quotes(x, piece, &text, err))
            return false;
        if (may && piece->party == x->party->n)
            inside[guard->n_inside++] = text; /* a fence is for others */
        else if (may)
            guard_fences(x->a, text, slug_of(x), &inside[guard->n_inside++],
                         &outside[guard->n_outside++]);
        if (comments.n > 0)
            outside[guard->n_outside++] = comments;
    }
    outside[guard->n_outside++] = span_str(head->summary);
    inside[guard->n_inside++] = span_str(x->summary);
    inside[guard->n_inside++] = span_str(head->title);
    guard->outside = outside;
    guard->inside = inside;
    guard->of_case = x->c->guard_words;
    keep_by_number(x, guard);
    return true;
}
