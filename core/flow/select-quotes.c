#include "flow/select-quotes.h"

#include "engine/audience.h"
#include "engine/given.h"

static const struct party *writer_of(const struct selecting *x, const struct piece *piece)
{
    for (size_t i = 0; i < x->c->n_parties; i++) {
        if (x->c->parties[i]->n == piece->party)
            return x->c->parties[i];
    }
    return NULL;
}

/* Rows of which messages come from what the batch has read. */
struct cached_rows {
    struct select *s;
    const struct rows *rows;
};

static bool cached_message(void *ctx, struct arena *a, uint64_t number, struct message **ret,
                           struct err *err)
{
    struct cached_rows *c = ctx;
    struct cached_message *m;

    (void)a;
    if (!select_message(c->s, c->rows, number, &m, err))
        return false;
    *ret = m->message;
    return true;
}

static bool text_of_send(void *ctx, struct arena *a, uint64_t case_number, uint32_t send,
                         const char **ret, struct err *err)
{
    struct cached_rows *c = ctx;

    return c->rows->text_of_send(c->rows->ctx, a, case_number, send, ret, err);
}

static bool find_quotes(struct selecting *x, const struct piece *piece, struct span text,
                        struct quotes *ret_quotes, struct quotes *ret_sent, struct err *err)
{
    const struct party *writer = writer_of(x, piece);
    const struct term_set *sets[] = {x->s->world->terms, x->c->terms};
    struct cached_rows cached = {x->s, &x->rows};
    const struct rows rows = {
        .ctx = &cached, .message = cached_message, .text_of_send = text_of_send};
    const struct giving giving = {.rows = &rows,
                                  .head = x->c->head,
                                  .piece = piece,
                                  .to = writer,
                                  .owner = writer == NULL ? 0 : select_owner(writer),
                                  .sets = sets,
                                  .n_sets = LEN(sets)};
    struct echo *given = echo_new(x->a);

    if (writer != NULL && (!given_read(&giving, given, err) || !select_wording(x->s, err)))
        return false;
    for (size_t i = 0; writer != NULL && i < x->s->wording.n; i++)
        echo_add(given, x->s->wording.at[i]);
    *ret_quotes = firewall_find(x->s->a, text, given);
    *ret_sent = firewall_sent(x->s->a, text, given);
    return true;
}

/* All that it quotes. text: the piece's, or what its form lets through of it. The result lives with
 * the batch. */
static bool all_quotes(struct selecting *x, const struct piece *piece, struct span text,
                       const struct cached_quotes **ret_quotes, struct err *err)
{
    struct cached_case *c = x->c;
    struct cached_quotes *fresh;
    struct quotes quotes;
    struct quotes sent;

    for (size_t i = 0; i < c->n_quotes; i++) {
        if (c->quotes[i]->piece == piece->n && span_eq(c->quotes[i]->text, text)) {
            *ret_quotes = c->quotes[i];
            return true;
        }
    }
    if (!find_quotes(x, piece, text, &quotes, &sent, err))
        return false;
    fresh = ARENA_NEW(x->s->a, struct cached_quotes);
    *fresh = (struct cached_quotes){.piece = piece->n,
                                    .text = span_of(span_dup(x->s->a, text), text.n),
                                    .quotes = quotes,
                                    .sent = sent};
    ARENA_GROW(x->s->a, c->quotes, c->n_quotes, c->quotes_room);
    c->quotes[c->n_quotes++] = fresh;
    *ret_quotes = fresh;
    return true;
}

/* Others' own words: what they quote of what the desk had sent them may be what this reader was
 * told itself. A mark alone proves nothing: it may stand before their own lines. */
static bool add_others(struct selecting *x, struct echo *echo, struct err *err)
{
    for (size_t i = 0; i < x->c->head->n_pieces; i++) {
        const struct piece *piece = &x->c->head->pieces[i];
        const struct cached_quotes *quotes;
        struct cached_message *m;
        struct span text;

        if (piece->message == 0 || audience_piece(piece, x->party))
            continue;
        if (!select_message(x->s, &x->rows, piece->message, &m, err))
            return false;
        text = span_str(m->message == NULL ? NULL : m->message->text);
        if (!all_quotes(x, piece, text, &quotes, err))
            return false;
        echo_add(echo, firewall_text(x->a, text, NULL, 0, &quotes->sent, ""));
    }
    return true;
}

static void add_fenced(struct selecting *x, struct echo *echo)
{
    struct fenced fenced =
        fences_read(x->a, span_str(x->c->head->summary), x->out->job.fence_names);

    for (size_t i = 0; i < fenced.n_segments; i++) {
        if (!fence_visible(&fenced.segments[i].audience, x->out->job.reader.org))
            echo_add(echo, fenced.segments[i].text);
    }
}

bool select_left_out(struct selecting *x, const struct piece *piece, struct span text,
                     const struct quotes **ret_quotes, struct err *err)
{
    const struct cached_quotes *all;
    struct quotes *quotes;
    struct echo *echo;

    if (!all_quotes(x, piece, text, &all, err))
        return false;
    *ret_quotes = &all->quotes;
    if (all->quotes.n == 0 || !audience_quotes(piece, x->party))
        return true;
    quotes = ARENA_NEW(x->a, struct quotes);
    echo = echo_new(x->a);
    add_fenced(x, echo);
    if (!add_others(x, echo, err))
        return false;
    *quotes = firewall_find_among(x->a, text, &all->quotes, echo);
    *ret_quotes = quotes;
    return true;
}
