#include "flow/values.h"

#include "base/text.h"
#include "base/visible.h"
#include "engine/command.h"
#include "flow/listing.h"
#include "flow/phrase.h"
#include "flow/sentences.h"
#include "model/templates.h"

enum { FORM_VALUE_SHOWN = 100 /* bytes */, COMMANDS_LINE = 66 /* columns */ };

struct making {
    struct arena *a;
    const struct values_in *in;
    struct tvalue *o;
    const struct zone *zone; /* the reader's, or NULL */
};

static void set(struct making *m, const char *key, const char *text)
{
    tvalue_set_string(m->a, m->o, key, text);
}

static void set_instant(struct making *m, const char *key, instant at)
{
    set(m, key, zone_instant(m->a, m->zone, at));
}

/* "20261224T050000Z", RFC 5545 3.3.5 */
static const char *for_calendar(struct arena *a, instant at)
{
    const char *exact = text_rfc3339(a, at);

    return at == 0 ? ""
                   : arena_printf(a, "%.4s%.2s%.2sT%.2s%.2s%.2sZ", exact, exact + 5, exact + 8,
                                  exact + 11, exact + 14, exact + 17);
}

static void set_key(struct making *m)
{
    const struct contact *contact = m->in->contact;
    const char *problem = m->in->key_problem;
    const struct key *key = NULL;

    if (contact != NULL && contact->key != NULL)
        key = directory_key(m->in->world->directory, contact->key);
    set(m, "key_problem", phrase_in(m->in->language, problem));
    set_instant(m, "key_expires", key == NULL ? 0 : key->expires);
    tvalue_set_bool(m->a, m->o, "key_expired",
                    problem != NULL && strstr(problem, "expired") != NULL);
}

static void set_desk_and_reader(struct making *m)
{
    const struct values_in *in = m->in;
    const struct org *org =
        in->contact == NULL ? NULL : directory_org(in->world->directory, in->contact->org);

    set(m, "desk_name", in->world->options->desk_name);
    set(m, "desk_address", in->world->options->addresses.all.at[0]);
    set(m, "desk_openpgp", in->world->openpgp_fingerprint);
    set(m, "desk_smime", in->world->smime_fingerprint);
    set(m, "reader_name", in->letter->name != NULL ? in->letter->name : in->letter->address);
    set(m, "reader_address", in->letter->address);
    if (org != NULL)
        set(m, "reader_org", org->name);
    set_instant(m, "sent_at", in->letter->date);
    set(m, "letter_id", arena_printf(m->a, "L%llu", (unsigned long long)in->letter->number));
    set(m, "mark", in->mark);
    set(m, "code", in->letter->code);
    set_key(m);
}

static void set_reporter(struct making *m)
{
    for (size_t i = 0; i < m->in->n_parties; i++) {
        const struct party *p = m->in->parties[i];

        if (p->kind == PARTY_REPORTER && p->share_named && !p->removed)
            set(m, "reporter_name", p->name != NULL ? p->name : p->address);
    }
}

/* A reporter reads its own choice; a coordinator, that of who wrote the mail at hand. */
static void set_credit(struct making *m)
{
    const struct party *party = m->in->party;

    for (size_t i = 0; m->in->mail != NULL && i < m->in->n_parties; i++) {
        if (m->in->parties[i]->n == m->in->mail->party)
            party = m->in->parties[i];
    }
    if (party != NULL && party->kind == PARTY_REPORTER)
        set(m, "credit", party->credited ? "named" : "anonymous");
}

static void set_embargo(struct making *m, const struct case_head *head)
{
    const struct letter *letter = m->in->letter;
    instant proposed = 0;

    set_instant(m, "embargo_end", head->embargo_end);
    set(m, "calendar_end", for_calendar(m->a, head->embargo_end));
    set(m, "calendar_made", for_calendar(m->a, letter->date));
    set(m, "calendar_id", m->in->calendar_id);
    set(m, "calendar_sequence",
        arena_printf(m->a, "%llu", (unsigned long long)letter->number % INT32_MAX));
    set(m, "embargo_state", phrase_in(m->in->language, embargo_state_words[head->embargo]));
    if (strcmp(letter->template, TEMPLATE_EMBARGO_PROPOSED) == 0 && letter->text != NULL &&
        text_to_instant(span_str(letter->text), &proposed))
        set_instant(m, "proposed_end", proposed);
}

static void set_case(struct making *m)
{
    const struct case_head *head = m->in->head;

    if (head == NULL)
        return;
    set(m, "case_id", arena_printf(m->a, "C%llu", (unsigned long long)head->number));
    set(m, "case_title", head->title);
    if (m->in->contact != NULL)
        set(m, "case_summary", m->in->summary);
    set_embargo(m, head);
    tvalue_set_bool(m->a, m->o, "case_public", head->embargo == EMBARGO_EXITED);
    if (m->in->party != NULL && m->in->party->kind == PARTY_VENDOR)
        set(m, "status", vendor_status_words[party_status(m->in->party, 1)]);
    set_reporter(m);
    set_credit(m);
}

/* A list of objects with the one field "what". */
static void set_lines(struct making *m, const char *key, const struct strs *lines)
{
    struct tvalue *list = tvalue_list(m->a);

    for (size_t i = 0; i < lines->n; i++) {
        struct tvalue *item = tvalue_object(m->a);

        tvalue_set_string(m->a, item, "what", sentence_in(m->a, m->in->language, lines->at[i]));
        tvalue_push(m->a, list, item);
    }
    tvalue_set(m->a, m->o, key, list);
}

static void set_answer(struct making *m)
{
    const struct letter *letter = m->in->letter;
    bool refused = letter->reason != NULL && strcmp(letter->reason, "refused") == 0;

    tvalue_set_bool(m->a, m->o, "refused", refused);
    if (strcmp(letter->template, TEMPLATE_COMMAND_RESULT) == 0)
        set_lines(m, refused ? "problems" : "done", &letter->lines);
    else if (strcmp(letter->template, TEMPLATE_COORDINATOR_HELD) == 0 ||
             strcmp(letter->template, TEMPLATE_COORDINATOR_CONFIRM) == 0)
        set_lines(m, "lines", &letter->lines);
    else
        set_lines(m, "warnings", &letter->lines);
    if (letter->send != 0 || letter->of_send != 0)
        set(m, "send_id",
            arena_printf(m->a, "S%u", letter->send != 0 ? letter->send : letter->of_send));
}

/* What is not this reader's to see must not even be offered to its template. */
static bool for_coordinator(const struct values_in *in)
{
    const struct org *org =
        in->contact == NULL ? NULL : directory_org(in->world->directory, in->contact->org);

    return org != NULL && org->role == ORG_DESK;
}

static unsigned who_reads(const struct making *m)
{
    if (for_coordinator(m->in))
        return FOR_COORDINATOR;
    return m->in->contact == NULL ? FOR_REPORTER : FOR_VENDOR;
}

/* "Status, Embargo": the names of what this reader may write in the letter's place, in short lines.
 */
static void set_commands(struct making *m)
{
    enum place_kind place = m->in->letter->place.kind;
    unsigned who = who_reads(m);
    struct buf b = buf_new(m->a, 1000);
    size_t line = 0;

    for (size_t i = 0; i < COMMAND_KINDS; i++) {
        const struct command_spec *spec = &command_specs[i];
        size_t n = strlen(spec->name) + 2;

        if ((spec->who & who) == 0 || (place == PLACE_CASE && !spec->on_case) ||
            (place == PLACE_REPORT && !spec->on_report) ||
            (place == PLACE_NONE && i != COMMAND_FILE))
            continue;
        if (b.n > 0)
            buf_add_str(&b, line + n > COMMANDS_LINE ? ",\n" : ", ");
        line = line + n > COMMANDS_LINE ? n : line + n;
        buf_add_str(&b, spec->name);
    }
    set(m, "commands", b.at);
}

static const char *org_of(struct making *m, const struct letter *letter)
{
    const struct directory *d = m->in->world->directory;

    for (size_t i = 0; i < m->in->n_parties; i++) {
        if (m->in->parties[i]->n == letter->party)
            return listing_party(m->a, d, m->in->parties[i]);
    }
    return "the reporter";
}

/* The held letters of a send, each with why and with the way out. */
static void set_held(struct making *m)
{
    const struct values_in *in = m->in;
    struct tvalue *list = tvalue_list(m->a);

    for (size_t i = 0; i < in->n_held; i++) {
        const struct letter *held = in->held[i];
        struct tvalue *item = tvalue_object(m->a);

        tvalue_set_string(m->a, item, "id",
                          arena_printf(m->a, "L%llu", (unsigned long long)held->number));
        tvalue_set_string(m->a, item, "org", org_of(m, held));
        tvalue_set_string(m->a, item, "contact", held->name);
        tvalue_set_string(m->a, item, "address", held->address);
        tvalue_set_string(m->a, item, "template", held->template);
        tvalue_set_string(m->a, item, "state", letter_state_words[held->state]);
        tvalue_set_string(m->a, item, "reason", sentence_in(m->a, m->in->language, held->reason));
        tvalue_set_string(m->a, item, "way_out",
                          sentence_in(m->a, m->in->language, letter_way_out(m->a, held)));
        tvalue_push(m->a, list, item);
    }
    tvalue_set(m->a, m->o, "letters", list);
}

static const char *sealed_words(struct arena *a, const char *language,
                                const struct message *message)
{
    struct buf b = buf_new(a, 1000);

    for (size_t i = 0; i < message->n_seals; i++)
        buf_printf(&b, "%s%s %s (%s)", b.n > 0 ? ", " : "",
                   protocol_words[message->seals[i].protocol],
                   word_in(a, language, "kind", seal_kind_words[message->seals[i].kind]),
                   word_in(a, language, "seal", seal_status_words[message->seals[i].status]));
    return b.n == 0 ? sentence_in(a, language, "not protected") : b.at;
}

/* "author: Rhea Sandoval; could not be looked into, ..."; "": nothing to say. */
static const char *carries(struct arena *a, const char *language, const struct part *part)
{
    struct buf b = buf_new(a, 4000);

    for (size_t i = 0; i < part->facts.n; i++)
        buf_printf(&b, "%s%s", b.n > 0 ? "; " : "", part->facts.at[i]);
    if (part->unread != NULL)
        buf_printf(
            &b, "%s%s", b.n > 0 ? "; " : "",
            sentence_in(a, language,
                        arena_printf(a, "not looked into, or not wholly: %s", part->unread)));
    return visible_text(a, buf_span(&b));
}

/* Numbered as filing numbers them: Release takes what stands here. */
static void set_attachments(struct making *m, const struct message *message, uint32_t piece)
{
    struct tvalue *list = tvalue_list(m->a);

    for (size_t i = 0; i < message->n_parts; i++) {
        const struct part *part = &message->parts[i];
        unsigned n = (unsigned)i + 1;
        struct tvalue *item;

        if (part->role != PART_ATTACHMENT)
            continue;
        item = tvalue_object(m->a);
        tvalue_set_string(m->a, item, "n",
                          piece == 0 ? arena_printf(m->a, "%u", n)
                                     : arena_printf(m->a, "%u.%u", piece, n));
        tvalue_set_string(m->a, item, "filename",
                          part->filename == NULL ? "(no name)"
                                                 : visible_text(m->a, span_str(part->filename)));
        tvalue_set_string(m->a, item, "type", part->type);
        tvalue_set_string(m->a, item, "size",
                          arena_printf(m->a, "%llu", (unsigned long long)part->size));
        tvalue_set_string(m->a, item, "carries", carries(m->a, m->in->language, part));
        tvalue_push(m->a, list, item);
    }
    tvalue_set(m->a, m->o, "attachments", list);
}

static const char *on_one_line(struct arena *a, const char *text)
{
    char *copy = arena_strdup(a, text);

    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '\n')
            *c = ' ';
    }
    return text_one_line(a, span_str(copy), FORM_VALUE_SHOWN);
}

/* The form's answers, each on one line: the whole of it stands in the text. */
static void set_form(struct making *m, const struct message *message)
{
    struct tvalue *list = tvalue_list(m->a);

    for (size_t i = 0; i < message->n_form; i++) {
        struct tvalue *item = tvalue_object(m->a);

        tvalue_set_string(m->a, item, "name", message->form[i].name);
        tvalue_set_string(m->a, item, "value", on_one_line(m->a, message->form[i].value));
        tvalue_push(m->a, list, item);
    }
    tvalue_set(m->a, m->o, "form", list);
}

static const char *party_of_mail(struct making *m, const struct mail *mail)
{
    for (size_t i = 0; i < m->in->n_parties; i++) {
        if (m->in->parties[i]->n == mail->party && mail->party != 0)
            return listing_party(m->a, m->in->world->directory, m->in->parties[i]);
    }
    return NULL;
}

/* What a coordinator's copy says of the mail that it copies. */
static void set_mail(struct making *m)
{
    const struct mail *mail = m->in->mail;
    const struct message *message = m->in->message;

    if (mail == NULL)
        return;
    set(m, "message_id", arena_printf(m->a, "#%llu", (unsigned long long)mail->number));
    if (mail->piece != 0)
        set(m, "piece_id", arena_printf(m->a, "%u", mail->piece));
    set(m, "from_address", mail->from != NULL ? mail->from : mail->sender);
    set(m, "from_party", party_of_mail(m, mail));
    set(m, "trust", word_in(m->a, m->in->language, "trust", trust_words[mail->trust]));
    set_instant(m, "received_at", mail->received);
    set(m, "subject", mail->subject);
    if (mail->like != 0)
        set(m, "duplicate_of", arena_printf(m->a, "#%llu", (unsigned long long)mail->like));
    tvalue_set_bool(m->a, m->o, "undecryptable", message == NULL);
    if (message == NULL)
        return;
    if (message->from_name != NULL)
        set(m, "from_name", visible_text(m->a, span_str(message->from_name)));
    set(m, "sealed", sealed_words(m->a, m->in->language, message));
    set_attachments(m, message, mail->piece);
    set_form(m, message);
}

static bool case_has_unplaced(const struct values_in *in)
{
    for (size_t i = 0; in->head != NULL && in->mail != NULL && i < in->head->n_pieces; i++) {
        if (in->head->pieces[i].n == in->mail->piece)
            return in->head->pieces[i].kind == PIECE_UNPLACED;
    }
    return false;
}

static void set_report(struct making *m)
{
    const struct report *report = m->in->report;

    if (report == NULL)
        return;
    set(m, "report_id", arena_printf(m->a, "R%llu", (unsigned long long)report->number));
    tvalue_set_bool(m->a, m->o, "is_new_report", report->state == REPORT_OPEN);
    if (m->in->contact == NULL)
        set_instant(m, "received_at", report->received);
}

struct tvalue *values_make(struct arena *a, const struct values_in *in)
{
    struct making m = {
        .a = a, .in = in, .o = tvalue_object(a), .zone = world_zone(in->world, in->contact)};

    set_desk_and_reader(&m);
    set_case(&m);
    set_report(&m);
    set_answer(&m);
    set_commands(&m);
    if (for_coordinator(in)) {
        set_mail(&m);
        set_held(&m);
        tvalue_set_bool(a, m.o, "unplaced", case_has_unplaced(in));
    }
    return m.o;
}
