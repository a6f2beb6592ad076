/*
 * Which readers had these very words. The guard's own measure, runs of eight words, is used the
 * other way round: of each letter that went out, made again, how many runs of the leaked text
 * stand in it. Copies differ where names were cut and fences left something out, so often one
 * reader's have more than all others'.
 */
#include "flow/listing.h"
#include "flow/select.h"
#include "flow/trace.h"
#include "flow/wording.h"
#include "redact/firewall.h"

/* The best letter of one party so far. */
struct candidate {
    uint32_t party;
    const struct letter *letter;
    size_t runs;
};

static bool went_out(const struct letter *letter)
{
    return letter->state == LETTER_HANDING_OVER || letter->state == LETTER_HANDED_OVER ||
           letter->state == LETTER_BOUNCED;
}

/* How many runs of the leaked text stand in this one. */
static size_t common_runs(const struct trace *t, struct arena *a, struct span text)
{
    struct guard_runs *runs = guard_runs_new(a);
    const struct guard_runs *const all[] = {runs};

    return guard_runs_add(runs, text) ? guard_runs_common(t->text, all, 1) : 0;
}

/* The same of what a piece's writer wrote itself: replies quote the desk's letters, whose words
 * stand in every case. */
static bool runs_of_piece(struct trace *t, const struct piece *piece, size_t *ret_runs,
                          struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct message *message = NULL;
    struct quotes quotes;
    struct span text;

    *ret_runs = 0;
    if (piece->message == 0)
        return true;
    if (!t->rows.message(t->rows.ctx, a, piece->message, &message, err))
        return false;
    if (message == NULL || common_runs(t, a, span_str(message->text)) == 0)
        return true;
    text = span_str(message->text);
    quotes = firewall_find(a, text, t->wording);
    *ret_runs = common_runs(t, a, firewall_text(a, text, NULL, 0, &quotes, ""));
    return true;
}

/* Words of the case itself; a template's alone are everyone's. */
static bool concerns(struct trace *t, const struct case_head *head, bool *ret_does, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    *ret_does = common_runs(t, a, span_str(head->summary)) > 0;
    for (size_t i = 0; i < head->n_pieces && !*ret_does; i++) {
        size_t runs;

        if (!runs_of_piece(t, &head->pieces[i], &runs, err))
            return false;
        *ret_does = runs > 0;
    }
    return true;
}

/* What went out with the letter, made again from what the case holds today. */
static bool runs_of_letter(struct trace *t, struct select *select, const struct letter *letter,
                           size_t *ret_runs, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct selected selected;
    struct composed composed;

    *ret_runs = 0;
    if (!select_letter(select, t->txn, a, letter, &selected, err))
        return false;
    if (selected.impossible != NULL || selected.job.reader.audience == TEMPLATE_COORDINATOR)
        return true; /* coordinators saw everything: their copies tell nothing */
    selected.job.pin = true;
    if (!compose(a, &selected.job, &composed, err))
        return false;
    *ret_runs = composed.stable == NULL ? 0 : common_runs(t, a, span_str(composed.stable));
    return true;
}

/* One case on its way through several reads. */
struct looking {
    struct trace *t;
    uint64_t number;
    bool does;   /* the text has words of it */
    size_t next; /* letter */
    struct candidate *list;
    size_t n, room;
};

static void keep_best(struct looking *l, const struct letter *letter, size_t runs)
{
    struct candidate best = {letter->party, letter, runs};

    for (size_t i = 0; i < l->n; i++) {
        if (l->list[i].party != letter->party)
            continue;
        if (l->list[i].runs < runs)
            l->list[i] = best;
        return;
    }
    ARENA_GROW(l->t->a, l->list, l->n, l->room);
    l->list[l->n++] = best;
}

static struct place place_of(const struct looking *l)
{
    return (struct place){.kind = PLACE_CASE, .number = l->number};
}

static bool look_at_case(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct looking *l = ctx;
    struct case_head *head = NULL;
    bool may;

    trace_enter(l->t, txn);
    if (!l->t->rows.head(l->t->rows.ctx, a, l->number, &head, err) ||
        !trace_may_see(l->t, place_of(l), &may, err))
        return false;
    return head == NULL || !may || concerns(l->t, head, &l->does, err);
}

/* So many letters as one read may make again; next says how far it came. */
static bool look_at_letters(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct looking *l = ctx;
    struct trace *t = l->t;
    SCOPED(select_free)
    struct select *select = select_new(t->world, t->store);
    int made = 0;

    (void)a;
    trace_enter(t, txn);
    for (; l->next < t->n_letters && made < TRACE_LETTERS_A_READ; l->next++) {
        const struct letter *letter = t->letters[l->next];
        size_t runs;

        if (letter->place.kind != PLACE_CASE || letter->place.number != l->number ||
            !went_out(letter))
            continue;
        if (!runs_of_letter(t, select, letter, &runs, err))
            return false;
        made++;
        if (runs > 0)
            keep_best(l, letter, runs);
    }
    return true;
}

static void add_readers(struct looking *l)
{
    size_t most = 0, n_most = 0;

    for (size_t i = 0; i < l->n; i++)
        most = l->list[i].runs > most ? l->list[i].runs : most;
    for (size_t i = 0; i < l->n; i++)
        n_most += l->list[i].runs == most;
    for (size_t i = 0; i < l->n; i++) {
        if (l->list[i].runs == most)
            trace_add(l->t,
                      &(struct trace_finding){.sure = n_most == 1 ? TRACE_LIKELY : TRACE_POSSIBLE,
                                              .what = "wording",
                                              .letter = l->list[i].letter,
                                              .place = place_of(l),
                                              .runs = l->list[i].runs});
    }
}

/* Who wrote it had it before everyone else. */
static bool look_at_writers(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct looking *l = ctx;
    struct trace *t = l->t;
    struct case_head *head = NULL;

    trace_enter(t, txn);
    if (!t->rows.head(t->rows.ctx, a, l->number, &head, err))
        return false;
    for (size_t i = 0; head != NULL && i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];
        struct party *party = NULL;
        size_t runs;

        if (piece->party == 0)
            continue;
        if (!runs_of_piece(t, piece, &runs, err) ||
            !t->rows.party(t->rows.ctx, a, l->number, piece->party, &party, err))
            return false;
        if (runs > 0 && party != NULL)
            trace_add(t, &(struct trace_finding){
                             .sure = TRACE_POSSIBLE,
                             .what = arena_printf(t->a, "wrote piece %u", piece->n),
                             .place = place_of(l),
                             .reader = listing_party(t->a, t->world->directory, party),
                             .runs = runs});
    }
    return true;
}

bool trace_wording(struct trace *t, struct err *err)
{
    t->wording = echo_new(t->a);
    if (!wording_add(t->a, t->world, t->wording, err))
        return false;
    for (uint64_t number = 1; number <= t->n_cases; number++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct looking l = {.t = t, .number = number};

        if (!store_read(t->store, a, look_at_case, &l, err))
            return false;
        if (!l.does)
            continue;
        while (l.next < t->n_letters) {
            if (!store_read(t->store, a, look_at_letters, &l, err))
                return false;
        }
        add_readers(&l);
        if (!store_read(t->store, a, look_at_writers, &l, err))
            return false;
    }
    return true;
}
