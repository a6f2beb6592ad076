#include "flow/select.h"

#include "base/text.h"
#include "engine/audience.h"
#include "flow/values.h"
#include "model/form.h"
#include "redact/mark.h"

enum {
    SELECT_MESSAGES_MAX = 400,
    ANSWER_TEXT_BYTES = 3000, /* of an automatic answer, without attached keys */
};

struct cached_message {
    uint64_t mail;
    struct message *message; /* NULL: never opened */
    struct span opened;      /* loaded when an attachment is wanted */
    bool opened_loaded;
};

struct cached_case {
    uint64_t number;
    bool for_reporter; /* reporters don't learn of each other, named or not */
    struct case_head *head;
    struct party **parties;
    size_t n_parties;
    const struct term_set *terms;
    const struct guard_words *guard_words;
};

struct select {
    struct arena *a;
    struct world *world;
    struct store *store;
    struct cached_message *messages;
    size_t n_messages;
    size_t messages_room;
    struct cached_case *cases;
    size_t n_cases;
    size_t cases_room;
};

struct select *select_new(struct world *world, struct store *store)
{
    struct arena *a = arena_new();
    struct select *s = ARENA_NEW(a, struct select);

    *s = (struct select){.a = a, .world = world, .store = store};
    return s;
}

void select_free(struct select *select)
{
    if (select != NULL)
        arena_free(select->a);
}

static bool get_message(struct select *s, const struct rows *rows, uint64_t mail,
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

static bool get_opened(struct select *s, struct txn *txn, const struct rows *rows,
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

/* Whose a party's own words are. */
static uint32_t owner_of(const struct party *party)
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
            add_word(s->a, &terms, &n_cut, &room, p->name, owner_of(p), TERM_NAME);
            add_word(s->a, &terms, &n_cut, &room, p->address, owner_of(p), TERM_ADDRESS);
            add_word(s->a, &terms, &n_cut, &room, p->key, owner_of(p), TERM_KEYID);
        }
        add_word(s->a, &terms, &n_cut, &room, p->own_reference, owner_of(p), TERM_REFERENCE);
    }
    c->terms = terms_new(s->a, terms, n_cut, NULL);
    n = n_cut;
    for (size_t i = 0; i < c->n_parties; i++) {
        for (size_t t = 0; t < c->parties[i]->thread.n; t++)
            add_word(s->a, &terms, &n, &room, c->parties[i]->thread.at[t], owner_of(c->parties[i]),
                     TERM_REFERENCE);
    }
    words = ARENA_ARRAY(s->a, n, struct guard_word);
    for (size_t i = 0; i < n; i++)
        words[i] = (struct guard_word){.text = terms[i].text,
                                       .owner = terms[i].owner,
                                       .kind = i < n_cut ? GUARD_TERM : GUARD_TOKEN};
    c->guard_words = guard_words_new(s->a, words, n);
}

static bool get_case(struct select *s, const struct rows *rows, uint64_t number, bool for_reporter,
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

/* ---- one letter ---- */

struct selecting {
    struct select *s;
    struct txn *txn;
    struct rows rows;
    struct arena *a;
    const struct letter *letter;
    const struct contact *contact;
    struct cached_case *c; /* NULL: a report's letter, or of no place */
    struct report *report;
    struct party *party;
    struct selected *out;
    uint32_t form_uncut; /* a piece whose private answers could not be cut; 0: none */
};

static enum template_audience audience_of(const struct selecting *x)
{
    const struct org *org =
        x->contact == NULL ? NULL : directory_org(x->s->world->directory, x->contact->org);

    if (x->contact == NULL)
        return TEMPLATE_REPORTER;
    if (org != NULL && org->role == ORG_DESK)
        return TEMPLATE_COORDINATOR;
    return org != NULL && org->role == ORG_PARTNER ? TEMPLATE_PARTNER : TEMPLATE_VENDOR;
}

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
    if (!get_message(x->s, &x->rows, piece->message, &m, err))
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
    if (!get_message(x->s, &x->rows, piece->message, &m, err))
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

static bool add_pieces(struct selecting *x, struct err *err)
{
    const struct u32s *list = &x->letter->pieces;
    struct compose_piece *pieces = ARENA_ARRAY(x->a, list->n, struct compose_piece);
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        struct piece *piece = case_piece(x->c->head, list->at[i]);
        struct span text;

        if (piece == NULL || x->party == NULL || !audience_piece(piece, x->party))
            continue;
        if (!piece_text_for_reader(x, piece, &text, NULL, err))
            return false;
        if (x->form_uncut != 0)
            x->out->impossible = arena_printf(
                x->a, "what the form of piece %u keeps from others can't be cut from it",
                x->form_uncut);
        pieces[n] = (struct compose_piece){.n = piece->n,
                                           .from = piece_from(x, piece),
                                           .at = text_rfc3339(x->a, piece->at),
                                           .text = text,
                                           .own = piece->party == x->letter->party};
        n++;
    }
    x->out->job.pieces = pieces;
    x->out->job.n_pieces = n;
    return true;
}

static bool part_numbers(const char *name, uint64_t *ret_piece, uint64_t *ret_part)
{
    struct span whole = span_str(name);
    size_t dot = span_find(whole, '.');

    return text_to_u64(span_first(whole, dot), UINT32_MAX, ret_piece) &&
           text_to_u64(span_from(whole, dot + 1), UINT32_MAX, ret_part);
}

static bool part_bytes(struct selecting *x, const struct piece *piece,
                       const struct piece_part *part, struct compose_attachment *out,
                       struct err *err)
{
    struct cached_message *m;

    if (!get_message(x->s, &x->rows, piece->message, &m, err) ||
        !get_opened(x->s, x->txn, &x->rows, m, err))
        return false;
    for (size_t i = 0; m->message != NULL && i < m->message->n_parts; i++) {
        const struct part *found = &m->message->parts[i];

        if (part->path == NULL || strcmp(found->path, part->path) != 0)
            continue;
        out->filename = part->filename;
        out->type = part->type;
        out->text = span_str(found->text);
        if (wire_slice(m->opened, found->content, &out->bytes))
            return true;
    }
    return err_set(err, ERR_OPERATOR, "attachment %s of piece %u is not in its message", part->path,
                   piece->n);
}

static bool add_attachments(struct selecting *x, struct err *err)
{
    const struct strs *list = &x->letter->parts;
    struct compose_attachment *at = ARENA_ARRAY(x->a, list->n, struct compose_attachment);
    size_t n = 0;

    for (size_t i = 0; i < list->n; i++) {
        uint64_t piece_n = 0;
        uint64_t part_n = 0;
        struct piece *piece;
        struct piece_part *part;

        if (!part_numbers(list->at[i], &piece_n, &part_n))
            return err_set(err, ERR_OPERATOR, "a letter names part \"%s\"", list->at[i]);
        piece = case_piece(x->c->head, (uint32_t)piece_n);
        part = piece == NULL ? NULL : piece_part(piece, (uint32_t)part_n);
        if (part == NULL || x->party == NULL || !audience_part(piece, part, x->party))
            continue;
        at[n].n = list->at[i];
        if (!part_bytes(x, piece, part, &at[n++], err))
            return false;
    }
    x->out->job.attachments = at;
    x->out->job.n_attachments = n;
    return true;
}

/* Texts of all pieces: those the reader may see, and those it may not. */
static bool add_guard(struct selecting *x, struct err *err)
{
    const struct case_head *head = x->c->head;
    struct compose_guard *guard = &x->out->job.guard;
    struct span *outside = ARENA_ARRAY(x->a, 2 * head->n_pieces, struct span);
    struct span *inside = ARENA_ARRAY(x->a, head->n_pieces + 2, struct span);

    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];
        bool may = x->party != NULL && audience_piece(piece, x->party);
        struct span comments = span_of(NULL, 0);
        struct span text;

        if (may ? !piece_text_for_reader(x, piece, &text, &comments, err)
                : !piece_text(x, piece, &text, err))
            return false;
        if (may)
            inside[guard->n_inside++] = text;
        else
            outside[guard->n_outside++] = text;
        if (comments.n > 0)
            outside[guard->n_outside++] = comments;
    }
    inside[guard->n_inside++] = span_str(head->summary);
    inside[guard->n_inside++] = span_str(head->title);
    guard->outside = outside;
    guard->inside = inside;
    guard->of_case = x->c->guard_words;
    return true;
}

static bool find_place(struct selecting *x, struct err *err)
{
    struct place place = x->letter->place;

    if (place.kind == PLACE_REPORT)
        return x->rows.report(x->rows.ctx, x->a, place.number, &x->report, err);
    if (place.kind != PLACE_CASE)
        return true;
    if (!get_case(x->s, &x->rows, place.number, x->contact == NULL, &x->c, err))
        return false;
    for (size_t i = 0; i < x->c->n_parties; i++) {
        if (x->c->parties[i]->n == x->letter->party)
            x->party = x->c->parties[i];
    }
    return true;
}

/* A reporter's key came inside its report; everyone else's stands in the directory. */
static void find_key(struct selecting *x)
{
    const struct directory *d = x->s->world->directory;
    struct selected *out = x->out;

    if (x->contact != NULL) {
        const char *why = contact_unusable(d, x->contact, clock_now());
        const struct key *key = x->contact->key == NULL ? NULL : directory_key(d, x->contact->key);

        out->protocol = x->contact->protocol;
        out->key_problem = why;
        if (why == NULL && key != NULL) {
            out->key = key->bytes;
            out->key_id = key->fingerprint;
        }
        return;
    }
    if (x->party != NULL) {
        out->protocol = x->party->protocol;
        out->key = x->party->key_bytes;
        out->key_id = x->party->key;
    } else if (x->report != NULL) {
        out->protocol = x->report->protocol;
        out->key = x->report->key_bytes;
        out->key_id = x->report->key;
    }
    if (out->key.n == 0)
        out->key_problem = "no key";
}

static void set_reader(struct selecting *x)
{
    const struct world *world = x->s->world;
    struct compose_reader *reader = &x->out->job.reader;

    reader->audience = audience_of(x);
    reader->language = x->contact != NULL && x->contact->language != NULL
                           ? x->contact->language
                           : world->options->language;
    reader->org = x->contact == NULL ? 0 : x->contact->org;
    reader->owner = x->party != NULL ? owner_of(x->party) : reader->org;
    if (x->c != NULL) {
        reader->allowed = x->c->head->allow_terms.at;
        reader->n_allowed = x->c->head->allow_terms.n;
    }
}

static const struct strs *thread_of(const struct selecting *x)
{
    static const struct strs none = {.n = 0};

    if (x->party != NULL)
        return &x->party->thread;
    return x->report != NULL && x->contact == NULL ? &x->report->thread : &none;
}

static void set_envelope(struct selecting *x)
{
    const struct options *o = x->s->world->options;
    const struct letter *letter = x->letter;
    struct write_letter *w = &x->out->job.letter;
    const struct strs *thread = thread_of(x);

    w->from = (struct write_address){.name = o->desk_name, .address = o->addresses.all.at[0]};
    w->to = (struct write_address){.name = letter->name, .address = letter->address};
    w->date = letter->date;
    w->message_id = letter->message_id;
    w->in_reply_to = letter->in_reply_to;
    if (w->in_reply_to == NULL && thread->n > 0)
        w->in_reply_to = thread->at[thread->n - 1];
    w->references = thread->at;
    w->n_references = thread->n;
    w->outer_subject = arena_printf(x->a, "Message from %s [%s]", o->desk_name,
                                    letter->subject_tag == NULL ? "-" : letter->subject_tag);
    w->outer_thread = true;
    w->auto_submitted =
        x->out->job.reader.audience == TEMPLATE_COORDINATOR ? "auto-generated" : NULL;
    if (letter->answers_bytes > 0)
        w->auto_submitted = "auto-replied";
    if (x->contact != NULL && x->contact->private_reply)
        w->reply_to.address = address_for_token(
            x->a, &o->addresses, store_token(x->s->store, x->a, letter->place, x->contact->id, 1));
    store_random(w->random, sizeof(w->random));
}

static bool set_values(struct selecting *x, struct err *err)
{
    struct cached_message *m = NULL;
    struct mail *mail = NULL;
    unsigned char mark[MARK_BYTES];
    struct values_in in = {.world = x->s->world,
                           .letter = x->letter,
                           .contact = x->contact,
                           .party = x->party,
                           .report = x->report,
                           .key_problem = x->out->key_problem};

    if (x->letter->about != 0) {
        if (!x->rows.mail(x->rows.ctx, x->a, x->letter->about, &mail, err) ||
            !get_message(x->s, &x->rows, x->letter->about, &m, err))
            return false;
        in.mail = mail;
        in.message = m->message;
        if (m->message != NULL)
            x->out->job.text = span_str(m->message->text);
    } else {
        x->out->job.text = span_str(x->letter->text);
        x->out->job.text_by_desk = true;
    }
    if (x->c != NULL) {
        in.head = x->c->head;
        in.parties = x->c->parties;
        in.n_parties = x->c->n_parties;
    }
    store_mark(x->s->store, x->letter->place, x->letter->number, mark);
    in.mark = mark_text(x->a, mark);
    x->out->job.values = values_make(x->a, &in);
    return true;
}

static bool find_names(void *ctx, struct span name, const uint32_t **ret_ids, size_t *ret_n)
{
    const struct directory *d = ctx;
    const struct org *org = directory_org_slug(d, name);

    if (org == NULL)
        return false; /* groups: a fence that names one stays with coordinators */
    *ret_ids = &org->id;
    *ret_n = 1;
    return true;
}

/* An automatic answer is not larger than what it answers: then the fingerprints must do. */
static bool keys_fit(const struct world *world, const struct letter *letter)
{
    uint64_t n = ANSWER_TEXT_BYTES;

    for (size_t i = 0; i < world->n_desk_keys; i++)
        n += world->desk_keys[i].bytes.n * 3 / 2; /* base64, and its part's header */
    return letter->answers_bytes == 0 || n <= letter->answers_bytes;
}

bool select_letter(struct select *select, struct txn *txn, struct arena *a,
                   const struct letter *letter, struct selected *ret_selected, struct err *err)
{
    const struct world *world = select->world;
    struct fence_names *names = ARENA_NEW(a, struct fence_names);
    struct selected out = {.key_problem = NULL};
    struct selecting x = {.s = select, .txn = txn, .a = a, .letter = letter, .out = &out};

    *names = (struct fence_names){.find = find_names, .ctx = (void *)(uintptr_t)world->directory};
    txn_rows(txn, &x.rows);
    x.contact = directory_contact(world->directory, letter->contact);
    if (letter->contact != 0 && (x.contact == NULL || x.contact->retired))
        out.impossible = "its reader is no longer in the directory";
    if (!find_place(&x, err))
        return false;
    out.job = (struct compose_job){.catalogue = world->catalogue,
                                   .terms = world->terms,
                                   .fence_names = names,
                                   .template = letter->template,
                                   .desk_keys = world->desk_keys,
                                   .n_desk_keys = world->n_desk_keys,
                                   .guard = {.directory = world->guard_words}};
    if (!keys_fit(world, letter))
        out.job.n_desk_keys = 0;
    set_reader(&x);
    find_key(&x);
    set_envelope(&x);
    if (x.c != NULL) {
        out.job.case_terms = x.c->terms;
        out.job.own_reference = x.party == NULL ? NULL : x.party->own_reference;
        if (!add_pieces(&x, err) || !add_attachments(&x, err) || !add_guard(&x, err))
            return false;
    }
    if (!set_values(&x, err))
        return false;
    *ret_selected = out;
    return true;
}
