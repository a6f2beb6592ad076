#include "flow/select-rows.h"

enum { SELECT_MESSAGES_MAX = 400 };

struct select *select_new(struct world *world, struct store *store)
{
    struct arena *a = arena_new();
    struct select *s = ARENA_NEW(a, struct select);

    *s = (struct select){.a = a, .batch = compose_batch_new(a), .world = world, .store = store};
    return s;
}

void select_free(struct select *select)
{
    if (select != NULL)
        arena_free(select->a);
}

bool select_message(struct select *s, const struct rows *rows, uint64_t mail,
                    struct cached_message **ret, struct err *err)
{
    struct message *message = NULL;

    for (size_t i = 0; i < s->n_messages; i++) {
        if (s->messages[i].mail == mail) {
            *ret = &s->messages[i];
            return true;
        }
    }
    if (s->n_messages >= SELECT_MESSAGES_MAX)
        s->n_messages = 0; /* start over: the batch met more than it can keep */
    if (!rows->message(rows->ctx, s->a, mail, &message, err))
        return false;
    ARENA_GROW(s->a, s->messages, s->n_messages, s->messages_room);
    s->messages[s->n_messages] = (struct cached_message){.mail = mail, .message = message};
    *ret = &s->messages[s->n_messages++];
    return true;
}

bool select_opened(struct select *s, struct txn *txn, const struct rows *rows,
                   struct cached_message *m, struct err *err)
{
    struct mail *mail = NULL;

    if (m->opened_loaded)
        return true;
    if (!rows->mail(rows->ctx, s->a, m->mail, &mail, err))
        return false;
    if (mail != NULL && mail->opened != 0 &&
        !txn_get_blob(txn, s->a, mail->opened, &m->opened, err))
        return false;
    m->opened_loaded = true;
    return true;
}

bool select_wording(struct select *s, struct err *err)
{
    return s->wording.n > 0 || wording_read(s->a, s->world, &s->wording, err);
}

uint32_t select_owner(const struct party *party)
{
    return party->kind == PARTY_REPORTER ? compose_reporter_owner(party->n) : party->org;
}

static void add_word(struct arena *a, struct term **terms, size_t *n, size_t *room,
                     const char *text, uint32_t owner, enum term_kind kind)
{
    if (text == NULL || text[0] == '\0')
        return;
    ARENA_GROW(a, *terms, *n, *room);
    (*terms)[(*n)++] = (struct term){.text = text, .owner = owner, .kind = kind};
}

/* What this case adds to the directory: reporters, everyone's ticket numbers and Message-IDs. */
static void make_words(struct select *s, struct cached_case *c)
{
    struct term *terms = NULL;
    struct guard_word *words;
    size_t n_cut = 0;
    size_t room = 0;
    size_t n;

    for (size_t i = 0; i < c->n_parties; i++) {
        const struct party *p = c->parties[i];

        if (p->kind == PARTY_COORDINATOR)
            continue;
        if (p->kind == PARTY_REPORTER && (!p->share_named || c->for_reporter)) {
            add_word(s->a, &terms, &n_cut, &room, p->name, select_owner(p), TERM_NAME);
            add_word(s->a, &terms, &n_cut, &room, p->address, select_owner(p), TERM_ADDRESS);
            add_word(s->a, &terms, &n_cut, &room, p->key, select_owner(p), TERM_KEYID);
        }
        add_word(s->a, &terms, &n_cut, &room, p->own_reference, select_owner(p), TERM_REFERENCE);
    }
    c->terms = terms_new(s->a, terms, n_cut, NULL);
    n = n_cut;
    for (size_t i = 0; i < c->n_parties; i++) {
        for (size_t t = 0; t < c->parties[i]->thread.n; t++)
            add_word(s->a, &terms, &n, &room, c->parties[i]->thread.at[t],
                     select_owner(c->parties[i]), TERM_REFERENCE);
    }
    words = ARENA_ARRAY(s->a, n, struct guard_word);
    for (size_t i = 0; i < n; i++)
        words[i] = (struct guard_word){.text = terms[i].text,
                                       .owner = terms[i].owner,
                                       .kind = i < n_cut ? GUARD_TERM : GUARD_TOKEN};
    c->guard_words = guard_words_new(s->a, words, n);
}

bool select_case(struct select *s, const struct rows *rows, uint64_t number, bool for_reporter,
                 struct cached_case **ret, struct err *err)
{
    struct cached_case fresh = {.number = number, .for_reporter = for_reporter};

    for (size_t i = 0; i < s->n_cases; i++) {
        if (s->cases[i].number == number && s->cases[i].for_reporter == for_reporter) {
            *ret = &s->cases[i];
            return true;
        }
    }
    if (!rows->head(rows->ctx, s->a, number, &fresh.head, err) ||
        !rows->parties(rows->ctx, s->a, number, &fresh.parties, &fresh.n_parties, err))
        return false;
    if (fresh.head == NULL)
        return err_set(err, ERR_OPERATOR, "a letter belongs to case %llu, which is not there",
                       (unsigned long long)number);
    make_words(s, &fresh);
    ARENA_GROW(s->a, s->cases, s->n_cases, s->cases_room);
    s->cases[s->n_cases] = fresh;
    *ret = &s->cases[s->n_cases++];
    return true;
}
