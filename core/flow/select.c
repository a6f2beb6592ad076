#include "flow/select.h"

#include "base/text.h"
#include "flow/select-pieces.h"
#include "flow/values.h"
#include "redact/mark.h"

enum { ANSWER_TEXT_BYTES = 3000 /* of an automatic answer, without attached keys */ };

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

static bool find_place(struct selecting *x, struct err *err)
{
    struct place place = x->letter->place;

    if (place.kind == PLACE_REPORT)
        return x->rows.report(x->rows.ctx, x->a, place.number, &x->report, err);
    if (place.kind != PLACE_CASE)
        return true;
    if (!select_case(x->s, &x->rows, place.number, x->contact == NULL, &x->c, err))
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
    reader->owner = x->party != NULL ? select_owner(x->party) : reader->org;
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

/* A message about held letters lists those that are held now. */
static bool find_held(struct selecting *x, struct values_in *in, struct err *err)
{
    struct letter **all = NULL;
    struct letter **held;
    size_t n = 0;

    if (x->letter->of_send == 0)
        return true;
    if (!x->rows.letters_of_send(x->rows.ctx, x->a, x->letter->place.number, x->letter->of_send,
                                 &all, &n, err))
        return false;
    held = ARENA_ARRAY(x->a, n, struct letter *);
    for (size_t i = 0; i < n; i++) {
        if (all[i]->state == LETTER_HELD)
            held[in->n_held++] = all[i];
    }
    in->held = held;
    return true;
}

static bool set_values(struct selecting *x, struct err *err)
{
    struct cached_message *m = NULL;
    struct mail *mail = NULL;
    unsigned char mark[MARK_BYTES];
    unsigned char calendar[16];
    struct values_in in = {.world = x->s->world,
                           .letter = x->letter,
                           .contact = x->contact,
                           .party = x->party,
                           .report = x->report,
                           .key_problem = x->out->key_problem,
                           .language = x->out->job.reader.language};

    if (!find_held(x, &in, err))
        return false;
    if (x->letter->about != 0) {
        if (!x->rows.mail(x->rows.ctx, x->a, x->letter->about, &mail, err) ||
            !select_message(x->s, &x->rows, x->letter->about, &m, err))
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
        in.summary = x->summary;
        in.parties = x->c->parties;
        in.n_parties = x->c->n_parties;
    }
    store_mark(x->s->store, x->letter->place, x->letter->number, mark);
    in.mark = mark_text(x->a, mark);
    store_calendar_id(x->s->store, x->letter->place, x->letter->party, x->letter->contact,
                      calendar);
    in.calendar_id = text_hex(x->a, span_of(calendar, sizeof(calendar)), false);
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

/* Its fences are a coordinator's, and coordinators read all of it. */
static const char *summary_for(const struct selecting *x)
{
    const struct compose_reader *reader = &x->out->job.reader;
    struct fenced fenced;

    if (reader->audience == TEMPLATE_COORDINATOR)
        return x->c->head->summary;
    fenced = fences_read(x->a, span_str(x->c->head->summary), x->out->job.fence_names);
    return span_dup(x->a, fences_text_for(x->a, &fenced, reader->org));
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
    out.job = (struct compose_job){.batch = select->batch,
                                   .catalogue = world->catalogue,
                                   .terms = world->terms,
                                   .fence_names = names,
                                   .template = letter->template,
                                   .desk_keys = world->desk_keys,
                                   .n_desk_keys = world->n_desk_keys,
                                   .guard = {.directory = world->guard_words}};
    out.address = x.contact != NULL                             ? x.contact->email
                  : x.party != NULL && x.party->address != NULL ? x.party->address
                                                                : letter->address;
    if (!keys_fit(world, letter))
        out.job.n_desk_keys = 0;
    set_reader(&x);
    find_key(&x);
    set_envelope(&x);
    if (x.c != NULL) {
        x.summary = summary_for(&x);
        out.job.case_terms = x.c->terms;
        out.job.own_reference = x.party == NULL ? NULL : x.party->own_reference;
        if (!select_pieces(&x, err) || !select_attachments(&x, err) || !select_guard(&x, err))
            return false;
    }
    if (!set_values(&x, err))
        return false;
    *ret_selected = out;
    return true;
}
