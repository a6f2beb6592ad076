#include "engine/work.h"

#include "base/text.h"
#include "engine/apply.h"

enum { CODE_BYTES = 10 };

void work_start(struct work *w, const struct view *view, const struct moment *moment,
                struct arena *a, struct changes *changes, struct err *err)
{
    *changes = (struct changes){
        .last_report = view->rows->last_report,
        .last_case = view->rows->last_case,
        .last_letter = view->rows->last_letter,
    };
    *w = (struct work){
        .view = view,
        .moment = moment,
        .a = a,
        .err = err,
        .by = "desk",
        .changes = changes,
    };
}

/* True if the answer of a getter can be used. */
static bool got(struct work *w, bool ok)
{
    if (!ok)
        w->failed = true;
    return ok;
}

bool work_finish(struct work *w)
{
    struct changes *ch = w->changes;
    if (w->failed)
        return false;
    for (size_t i = 0; i < w->n_cases; i++) {
        struct work_case *c = w->cases[i];
        if (!c->dirty)
            continue;
        ARENA_GROW(w->a, ch->heads, ch->n_heads, ch->heads_room);
        ch->heads[ch->n_heads++] = c->head;
        for (size_t j = 0; j < c->n_parties; j++) {
            if (!c->parties[j].dirty)
                continue;
            ARENA_GROW(w->a, ch->parties, ch->n_parties, ch->parties_room);
            ch->parties[ch->n_parties++] =
                (struct case_party){.number = c->head->number, .party = c->parties[j].party};
        }
    }
    return true;
}

static struct work_case *keep_case(struct work *w, struct case_head *head)
{
    struct work_case *c = ARENA_NEW(w->a, struct work_case);
    c->head = head;
    ARENA_GROW(w->a, w->cases, w->n_cases, w->cases_room);
    w->cases[w->n_cases++] = c;
    return c;
}

struct work_case *work_case(struct work *w, uint64_t number)
{
    struct case_head *head = NULL;
    for (size_t i = 0; i < w->n_cases; i++)
        if (w->cases[i]->head->number == number)
            return w->cases[i];
    const struct rows *rows = w->view->rows;
    if (number == 0 || !got(w, rows->head(rows->ctx, w->a, number, &head, w->err)) || !head)
        return NULL;
    return keep_case(w, head);
}

struct work_case *work_case_open(struct work *w, const char *title)
{
    struct case_head *head = ARENA_NEW(w->a, struct case_head);
    head->number = ++w->changes->last_case;
    struct work_case *c = keep_case(w, head);
    c->all = true;
    work_event(w, c, &(struct event){.kind = EVENT_OPENED, .text = title});
    return c;
}

static struct work_party *find_party(struct work_case *c, uint32_t n)
{
    for (size_t i = 0; i < c->n_parties; i++)
        if (c->parties[i].party->n == n)
            return &c->parties[i];
    return NULL;
}

static struct work_party *keep_party(struct work *w, struct work_case *c, struct party *party)
{
    ARENA_GROW(w->a, c->parties, c->n_parties, c->parties_room);
    c->parties[c->n_parties] = (struct work_party){.party = party};
    return &c->parties[c->n_parties++];
}

static struct work_party *load_party(struct work *w, struct work_case *c, uint32_t n)
{
    struct work_party *kept = find_party(c, n);
    struct party *party = NULL;
    const struct rows *rows = w->view->rows;
    if (kept || n == 0 || c->all)
        return kept;
    if (!got(w, rows->party(rows->ctx, w->a, c->head->number, n, &party, w->err)) || !party)
        return NULL;
    return keep_party(w, c, party);
}

struct party *work_party(struct work *w, struct work_case *c, uint32_t n)
{
    struct work_party *kept = load_party(w, c, n);
    return kept ? kept->party : NULL;
}

/* Parties that are loaded already stay the objects they are. */
void work_all_parties(struct work *w, struct work_case *c)
{
    struct party **parties = NULL;
    size_t n = 0;
    const struct rows *rows = w->view->rows;
    if (c->all)
        return;
    if (!got(w, rows->parties(rows->ctx, w->a, c->head->number, &parties, &n, w->err)))
        return;
    struct work_case loaded = {0};
    for (size_t i = 0; i < n; i++) {
        struct work_party *kept = find_party(c, parties[i]->n);
        struct work_party *now = keep_party(w, &loaded, kept ? kept->party : parties[i]);
        now->dirty = kept && kept->dirty;
    }
    for (size_t i = 0; i < c->n_parties; i++) /* those that this decision added */
        if (!find_party(&loaded, c->parties[i].party->n))
            *keep_party(w, &loaded, c->parties[i].party) = c->parties[i];
    c->parties = loaded.parties;
    c->n_parties = loaded.n_parties;
    c->parties_room = loaded.parties_room;
    c->all = true;
}

static struct party *party_of(struct work *w, struct work_case *c, enum party_kind kind,
                              uint32_t id)
{
    uint32_t n = 0;
    const struct rows *rows = w->view->rows;
    for (size_t i = 0; i < c->n_parties; i++) {
        struct party *p = c->parties[i].party;
        if (p->kind == kind && (kind == PARTY_COORDINATOR ? p->contact : p->org) == id)
            return p;
    }
    if (c->all || !got(w, rows->party_of(rows->ctx, c->head->number, kind, id, NULL, &n, w->err)))
        return NULL;
    return work_party(w, c, n);
}

struct party *work_party_of_org(struct work *w, struct work_case *c, const struct org *org)
{
    return party_of(w, c, org->role == ORG_PARTNER ? PARTY_PARTNER : PARTY_VENDOR, org->id);
}

struct party *work_party_of_coordinator(struct work *w, struct work_case *c,
                                        const struct contact *coordinator)
{
    return party_of(w, c, PARTY_COORDINATOR, coordinator->id);
}

void work_event(struct work *w, struct work_case *c, const struct event *event)
{
    struct changes *ch = w->changes;
    struct event e = *event;
    e.version = EVENT_VERSION;
    e.seq = c->head->n_events + 1;
    e.at = w->moment->now;
    if (!e.by)
        e.by = w->by;
    if (!e.message)
        e.message = w->message;
    struct work_party *party = load_party(w, c, e.party);
    apply_event(w->a, &e, c->head, party ? party->party : NULL);
    c->dirty = true;
    if (party)
        party->dirty = true;
    ARENA_GROW(w->a, ch->events, ch->n_events, ch->events_room);
    ch->events[ch->n_events++] = (struct case_event){.number = c->head->number, .event = e};
}

struct party *work_add_party(struct work *w, struct work_case *c, const struct event *event)
{
    struct event e = *event;
    struct party *party = ARENA_NEW(w->a, struct party);
    e.kind = EVENT_PARTY_ADDED;
    e.party = c->head->n_parties + 1;
    party->n = e.party;
    keep_party(w, c, party);
    work_event(w, c, &e);
    return party;
}

struct report *work_report(struct work *w, uint64_t number)
{
    struct report *report = NULL;
    const struct rows *rows = w->view->rows;
    for (size_t i = 0; i < w->n_reports; i++)
        if (w->reports[i]->number == number)
            return w->reports[i];
    if (number == 0 || !got(w, rows->report(rows->ctx, w->a, number, &report, w->err)) || !report)
        return NULL;
    ARENA_GROW(w->a, w->reports, w->n_reports, w->reports_room);
    w->reports[w->n_reports++] = report;
    return report;
}

struct report *work_report_new(struct work *w)
{
    struct report *report = ARENA_NEW(w->a, struct report);
    report->number = ++w->changes->last_report;
    ARENA_GROW(w->a, w->reports, w->n_reports, w->reports_room);
    w->reports[w->n_reports++] = report;
    work_report_changed(w, report);
    return report;
}

void work_report_changed(struct work *w, struct report *report)
{
    struct changes *ch = w->changes;
    for (size_t i = 0; i < ch->n_reports; i++)
        if (ch->reports[i] == report)
            return;
    ARENA_GROW(w->a, ch->reports, ch->n_reports, ch->reports_room);
    ch->reports[ch->n_reports++] = report;
}

struct letter *work_letter_keep(struct work *w, struct letter *letter)
{
    for (size_t i = 0; i < w->n_letters; i++)
        if (w->letters[i]->number == letter->number)
            return w->letters[i];
    ARENA_GROW(w->a, w->letters, w->n_letters, w->letters_room);
    return w->letters[w->n_letters++] = letter;
}

struct letter *work_letter(struct work *w, uint64_t number)
{
    struct letter *letter = NULL;
    const struct rows *rows = w->view->rows;
    for (size_t i = 0; i < w->n_letters; i++)
        if (w->letters[i]->number == number)
            return w->letters[i];
    if (number == 0 || !got(w, rows->letter(rows->ctx, w->a, number, &letter, w->err)) || !letter)
        return NULL;
    return work_letter_keep(w, letter);
}

/* Not kept for look-ups: nobody asks for a letter that this decision plans. */
struct letter *work_letter_new(struct work *w)
{
    struct changes *ch = w->changes;
    struct letter *letter = ARENA_NEW(w->a, struct letter);
    letter->number = ++ch->last_letter;
    letter->planned = w->moment->now;
    ARENA_GROW(w->a, ch->letters, ch->n_letters, ch->letters_room);
    ch->letters[ch->n_letters++] = letter;
    return letter;
}

void work_letters_of_send(struct work *w, struct work_case *c, uint32_t send,
                          struct letter ***ret_at, size_t *ret_n)
{
    struct letter **stored = NULL;
    size_t n = 0;
    const struct rows *rows = w->view->rows;
    const struct changes *ch = w->changes;
    *ret_at = NULL;
    *ret_n = 0;
    if (!got(w, rows->letters_of_send(rows->ctx, w->a, c->head->number, send, &stored, &n, w->err)))
        return;
    struct letter **at = ARENA_ARRAY(w->a, n + ch->n_letters, struct letter *);
    for (size_t i = 0; i < n; i++)
        at[i] = work_letter_keep(w, stored[i]);
    for (size_t i = 0; i < ch->n_letters; i++) {
        struct letter *letter = ch->letters[i];
        if (letter->send == send && letter->place.kind == PLACE_CASE &&
            letter->place.number == c->head->number && letter->number > w->view->rows->last_letter)
            at[n++] = letter;
    }
    *ret_at = at;
    *ret_n = n;
}

void work_letter_changed(struct work *w, struct letter *letter)
{
    struct changes *ch = w->changes;
    for (size_t i = 0; i < ch->n_letters; i++)
        if (ch->letters[i] == letter)
            return;
    ARENA_GROW(w->a, ch->letters, ch->n_letters, ch->letters_room);
    ch->letters[ch->n_letters++] = letter;
}

/* A mail that this decision changed already is found among the changes. */
struct mail *work_mail(struct work *w, uint64_t number)
{
    struct mail *mail = NULL;
    const struct rows *rows = w->view->rows;
    for (size_t i = 0; i < w->changes->n_mails; i++)
        if (w->changes->mails[i]->number == number)
            return w->changes->mails[i];
    if (number == 0 || !got(w, rows->mail(rows->ctx, w->a, number, &mail, w->err)))
        return NULL;
    return mail;
}

void work_mail_changed(struct work *w, struct mail *mail)
{
    struct changes *ch = w->changes;
    for (size_t i = 0; i < ch->n_mails; i++)
        if (ch->mails[i] == mail)
            return;
    ARENA_GROW(w->a, ch->mails, ch->n_mails, ch->mails_room);
    ch->mails[ch->n_mails++] = mail;
}

struct tally *work_tally(struct work *w, const char *name)
{
    struct changes *ch = w->changes;
    struct tally *row = NULL;
    const struct rows *rows = w->view->rows;
    if (!got(w, rows->tally(rows->ctx, w->a, name, &row, w->err)) || !row)
        row = ARENA_NEW(w->a, struct tally);
    ARENA_GROW(w->a, ch->tallies, ch->n_tallies, ch->tallies_room);
    ch->tallies[ch->n_tallies++] = (struct new_tally){.name = name, .row = row};
    return row;
}

struct code *work_code(struct work *w, const char *code)
{
    struct code *row = NULL;
    const struct rows *rows = w->view->rows;
    if (!code || !got(w, rows->code(rows->ctx, w->a, code, &row, w->err)))
        return NULL;
    return row;
}

void work_code_changed(struct work *w, const char *code, const struct code *row)
{
    struct changes *ch = w->changes;
    ARENA_GROW(w->a, ch->codes, ch->n_codes, ch->codes_room);
    ch->codes[ch->n_codes++] = (struct new_code){.code = code, .row = *row};
}

const char *work_code_new(struct work *w, const struct code *row)
{
    unsigned char bytes[CODE_BYTES];
    w->moment->draw.bytes(w->moment->draw.ctx, bytes, sizeof(bytes));
    const char *code = text_base32(w->a, span_of(bytes, sizeof(bytes)));
    work_code_changed(w, code, row);
    return code;
}

struct known_id *work_known_id(struct work *w, const char *message_id)
{
    struct known_id *row = NULL;
    const struct rows *rows = w->view->rows;
    if (!got(w, rows->known_id(rows->ctx, w->a, message_id, &row, w->err)))
        return NULL;
    return row;
}

void work_id(struct work *w, const char *message_id, const struct known_id *row)
{
    struct changes *ch = w->changes;
    ARENA_GROW(w->a, ch->ids, ch->n_ids, ch->ids_room);
    ch->ids[ch->n_ids++] = (struct new_id){.message_id = message_id, .row = *row};
}
