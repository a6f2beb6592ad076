/* Share and Release: a piece's text, or one attachment, for more parties; a reporter's own name. */
#include "base/text.h"
#include "engine/accepted.h"
#include "engine/audience.h"
#include "engine/commands.h"
#include "engine/filing.h"
#include "engine/given.h"
#include "engine/hits.h"
#include "engine/sends.h"
#include "model/templates.h"

enum {
    ANSWERS_LISTED = 5, /* runs of lines that may be answers in a quote */
    ANSWER_BYTES = 100,
};

/* What a command is about. */
struct shared {
    struct piece *piece;
    uint32_t part; /* 0: the piece's text */
    bool quoted;   /* with what it quotes */
    bool cleaned;  /* the part's cleaned copy */
};

/* The send with which the party will get it; 0: none that has not gone. What a letter passes on of
 * a quote is decided when it is made, so a second letter would be the same again. */
static uint32_t on_its_way(struct deed *d, const struct shared *s, const struct party *party)
{
    const struct case_head *head = d->c->head;
    const char *part = arena_printf(d->w->a, "%u.%u", s->piece->n, s->part);
    for (size_t i = 0; i < head->n_sends; i++) {
        struct letter **letters;
        size_t n = 0;
        if (head->sends[i].state != SEND_PLANNED || !u32s_has(&head->sends[i].parties, party->n))
            continue;
        work_letters_of_send(d->w, d->c, head->sends[i].n, &letters, &n);
        for (size_t k = 0; k < n; k++)
            if (letters[k]->party == party->n && letter_waits(letters[k]) &&
                (s->part ? strs_has(&letters[k]->parts, part)
                         : u32s_has(&letters[k]->pieces, s->piece->n)))
                return head->sends[i].n;
    }
    return 0;
}

/* The party has what is asked for, or more. */
static bool has_it(const struct shared *s, const struct party *party)
{
    const struct piece_part *part = s->part ? piece_part(s->piece, s->part) : NULL;
    if (part)
        return s->cleaned ? audience_part(s->piece, part, party)
                          : audience_original(s->piece, part, party);
    return s->quoted ? audience_quotes(s->piece, party) : audience_piece(s->piece, party);
}

/* It may come as it was not asked for: whole, or without something. */
static const char *comes_with(struct arena *a, const struct shared *s, const struct party *party,
                              uint32_t send)
{
    const struct piece_part *part = s->part ? piece_part(s->piece, s->part) : NULL;
    if (!part && s->quoted && !has_it(s, party))
        return arena_printf(a, "gets it with S%u already; Stop: S%u first, to pass on its quotes",
                            send, send);
    if (part && s->cleaned && audience_original(s->piece, part, party))
        return arena_printf(a, "gets the file itself with S%u; Stop: S%u first, to send it cleaned",
                            send, send);
    if (part && !has_it(s, party))
        return arena_printf(a, "gets it cleaned with S%u; Stop: S%u first, to send the file itself",
                            send, send);
    return arena_printf(a, "gets it with S%u already", send);
}

/* Why the party may not get it now, or NULL. */
static const char *not_for(struct deed *d, const struct shared *s, const struct party *party)
{
    if (party->n == s->piece->party)
        return "wrote it: gets nothing";
    uint32_t send = on_its_way(d, s, party);
    if (send)
        return comes_with(d->w->a, s, party, send);
    if (has_it(s, party))
        return "has it already: gets nothing";
    if (accepted_waits(d->w->view->policy, d->w->view->directory, d->c->head, party))
        return "has not accepted the terms: gets nothing";
    return NULL;
}

static struct parties new_readers(struct deed *d, const struct shared *s,
                                  const struct parties *named)
{
    struct parties list = {0};
    for (size_t i = 0; i < named->n; i++) {
        const char *why = not_for(d, s, named->at[i]);
        if (why)
            deed_answer(d, "%s %s", party_name(d->w, d->c, named->at[i]), why);
        else
            parties_add(d->w->a, &list, named->at[i]);
    }
    return list;
}

static void widen(struct deed *d, const struct shared *s, const struct parties *to)
{
    struct u32s numbers = {0};
    for (size_t i = 0; i < to->n; i++)
        u32s_add(d->w->a, &numbers, to->at[i]->n);
    work_event(d->w, d->c,
               &(struct event){
                   .kind = s->part ? EVENT_RELEASED : EVENT_SHARED,
                   .piece = s->piece->n,
                   .part = s->part,
                   .parties = numbers,
                   .message = s->piece->message,
                   .flag = s->part ? s->cleaned : s->quoted,
               });
}

/* A notice is planned for it, or went out: what is shared later needs a letter of its own. */
static bool has_notice(const struct case_head *head, const struct party *party)
{
    for (size_t i = 0; i < head->n_sends; i++)
        if (head->sends[i].state == SEND_PLANNED && u32s_has(&head->sends[i].parties, party->n))
            return true;
    return false;
}

/* Who was not told of the case gets the piece with its notice, not before. */
static struct parties written_to(struct deed *d, const struct parties *to)
{
    struct parties list = {0};
    for (size_t i = 0; i < to->n; i++) {
        struct party *party = to->at[i];
        bool waits = is_vendor(party) && party->contact_state == CONTACT_NOT_TOLD &&
                     !has_notice(d->c->head, party);
        if (waits)
            deed_answer(d, "%s was not told yet: gets it with its notice",
                        party_name(d->w, d->c, party));
        else
            parties_add(d->w->a, &list, party);
    }
    return list;
}

static const char *one_line(struct arena *a, const struct strs *list)
{
    const char *line = NULL;
    for (size_t i = 0; i < list->n; i++)
        line = line ? arena_printf(a, "%s; %s", line, list->at[i]) : list->at[i];
    return line;
}

static void answer_unread(struct deed *d, const char *name, const char *why)
{
    if (why)
        deed_answer(d, "%s could not be looked into, or not wholly: %s", name, why);
}

/* What its maker may not know that it tells, and the way to send it without. */
static void answer_original(struct deed *d, const struct piece_part *part, const char *name)
{
    const char *facts = one_line(d->w->a, &part->facts);
    if (facts)
        deed_answer(d, "%s carries %s", name, facts);
    answer_unread(d, name, part->unread);
    if (facts && part->copy)
        deed_answer(d, "\"Release: %.*s cleaned\" sends a copy without it%s%s",
                    (int)d->command->value.n, (const char *)d->command->value.at,
                    part->copy_facts.n > 0 ? ", but still with " : "",
                    part->copy_facts.n > 0 ? one_line(d->w->a, &part->copy_facts) : "");
    else if (facts && part->no_copy)
        deed_answer(d, "%s can't be cleaned: %s", name, part->no_copy);
}

static void answer_cleaned(struct deed *d, const struct piece_part *part, const char *name)
{
    struct strs without = {0};
    for (size_t i = 0; i < part->facts.n; i++)
        if (!strs_has(&part->copy_facts, part->facts.at[i]))
            strs_add(d->w->a, &without, part->facts.at[i]);
    if (without.n > 0)
        deed_answer(d, "%s goes cleaned, without %s", name, one_line(d->w->a, &without));
    else
        deed_answer(d, "%s goes cleaned", name);
    if (part->copy_facts.n > 0)
        deed_answer(d, "%s still carries %s", name, one_line(d->w->a, &part->copy_facts));
    answer_unread(d, name, part->copy_unread);
}

static void answer_carried(struct deed *d, const struct shared *s)
{
    const struct piece_part *part = piece_part(s->piece, s->part);
    const char *name = arena_printf(d->w->a, "%u.%u", s->piece->n, s->part);
    if (s->cleaned)
        answer_cleaned(d, part, name);
    else
        answer_original(d, part, name);
}

/* A file goes cleaned, or not at all: never as it came because there is no copy. */
static bool can_go(struct deed *d, const struct shared *s)
{
    const struct piece_part *part = s->cleaned ? piece_part(s->piece, s->part) : NULL;
    if (!part || part->copy)
        return true;
    deed_mistake(d, "%u.%u can't go cleaned: %s", s->piece->n, s->part,
                 part->no_copy ? part->no_copy
                 : part->facts.n == 0 && !part->unread
                     ? "nothing was found in it that could be taken out"
                     : "it came before files were cleaned");
    return false;
}

/* Between the lines of a quote that nothing marks stands what was not sent. */
static void answer_answers(struct deed *d, struct span text, const struct quotes *quotes)
{
    struct quotes answers = firewall_answers(d->w->a, quotes);
    size_t n = firewall_lines(text, &answers);
    if (n == 0)
        return;
    deed_answer(
        d, "%zu of them the desk had not sent: perhaps answers, which \"quoted\" passes on too", n);
    for (size_t i = 0; i < answers.n && i < ANSWERS_LISTED; i++) {
        struct span found = span_first(span_from(text, answers.at[i].at), answers.at[i].n);
        deed_answer(d, "| %s", text_one_line(d->w->a, span_trim(found), ANSWER_BYTES));
    }
}

/* How much of the text is a quote, and what becomes of it. */
static void answer_quotes(struct deed *d, const struct shared *s)
{
    struct work *w = d->w;
    const struct party *writer = work_party(w, d->c, s->piece->party);
    const struct message *message = s->piece->message ? filed_message(w, s->piece->message) : NULL;
    struct echo *given = echo_new(w->a);
    if (w->failed || !message || !message->text)
        return;
    struct giving giving = {
        .rows = w->view->rows,
        .head = d->c->head,
        .piece = s->piece,
        .to = writer,
        .owner = writer ? writer->org : 0,
        .sets = &w->view->terms,
        .n_sets = 1,
    };
    const struct own_words *own = &w->view->own_words;
    if (writer && (!given_read(&giving, given, w->err) ||
                   (own->add && !own->add(own->ctx, w->a, given, w->err)))) {
        w->failed = true;
        return;
    }
    struct span text = span_str(message->text);
    struct quotes quotes = firewall_find(w->a, text, given);
    size_t n = firewall_lines(text, &quotes);
    if (n > 0 && s->quoted)
        deed_answer(d, "%zu quoted lines go with it", n);
    else if (n > 0)
        deed_answer(d, "%zu quoted lines are left out; \"Share: %.*s quoted\" passes them on", n,
                    (int)d->command->value.n, (const char *)d->command->value.at);
    if (n > 0 && !s->quoted)
        answer_answers(d, text, &quotes);
}

static void share(struct deed *d, const struct shared *s, const struct parties *named)
{
    const struct piece *piece = s->piece;
    if (piece->kind == PIECE_NOTE || piece->kind == PIECE_UNPLACED) {
        deed_mistake(d, "piece %u is %s", piece->n,
                     piece->kind == PIECE_NOTE ? "an internal note"
                                               : "unplaced; File says whose it is");
        return;
    }
    if (!can_go(d, s))
        return;
    if (!hits_check(d, "the title", d->c->head->title, named))
        return;
    struct parties readers = new_readers(d, s, named);
    if (readers.n == 0)
        return;
    struct sending sending = {
        .template =
            piece->kind == PIECE_REPLY && !s->part ? TEMPLATE_REPLY_SHARED : TEMPLATE_CASE_UPDATE,
        .to = written_to(d, &readers),
        .piece = piece->n,
        .part = s->part,
        .quoted = s->quoted,
        .cleaned = s->cleaned,
    };
    widen(d, s, &readers);
    if (s->part)
        answer_carried(d, s);
    else
        answer_quotes(d, s);
    if (sending.to.n > 0)
        send_plan(d, &sending);
}

static void share_command(struct deed *d, bool want_part)
{
    struct words words = words_of(d->w->a, d->command->value);
    struct shared s = {.part = 0};
    struct parties named;
    if (deed_closed(d))
        return;
    if (words.n > 0 && !want_part && is_wish(words.at[0])) {
        wish_from(d, &words);
        return;
    }
    if (!want_part && words.n > 2 && span_eq_nocase(words.at[words.n - 1], "quoted")) {
        s.quoted = true;
        words.n--;
    }
    if (want_part && words.n > 2 && span_eq_nocase(words.at[words.n - 1], "cleaned")) {
        s.cleaned = true;
        words.n--;
    }
    if (words.n < 2) {
        deed_mistake(d, "write \"%s\"", want_part ? "Release: 3.2 acme" : "Share: 3 all");
        return;
    }
    if (!deed_piece(d, words.at[0], &s.piece, &s.part))
        return;
    if ((s.part != 0) != want_part)
        deed_mistake(d, "%s",
                     want_part ? "Release takes an attachment, as 3.2; Share a piece, as 3"
                               : "Share takes a piece, as 3; Release an attachment, as 3.2");
    else if (names_parties(d, words.at + 1, words.n - 1, &named))
        share(d, &s, &named);
}

void command_share(struct deed *d)
{
    if (d->author->who == FOR_REPORTER)
        wish_own(d);
    else
        share_command(d, false);
}

void command_release(struct deed *d)
{
    share_command(d, true);
}
