#include "flow/listing.h"

#include "base/text.h"

static void set_number(json_t *o, const char *key, uint64_t n)
{
    json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void set_instant(struct arena *a, json_t *o, const char *key, instant at)
{
    json_set_text(o, key, at == 0 ? NULL : text_rfc3339(a, at));
}

static json_t *texts(const struct strs *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array, json_string(list->at[i]));
    return array;
}

const char *listing_party(struct arena *a, const struct directory *d, const struct party *party)
{
    const struct contact *contact;
    const struct org *org;

    switch (party->kind) {
    case PARTY_VENDOR:
    case PARTY_PARTNER:
        org = directory_org(d, party->org);
        return org == NULL ? arena_printf(a, "org %u", party->org) : org->slug;
    case PARTY_COORDINATOR:
        contact = directory_contact(d, party->contact);
        return arena_printf(a, "coordinator %s", contact == NULL ? "?" : contact->slug);
    case PARTY_REPORTER:
        break;
    }
    return arena_printf(a, "reporter %u", party->n);
}

static const char *party_name(struct arena *a, const struct directory *d, uint32_t n,
                              struct party *const *parties, size_t n_parties)
{
    for (size_t i = 0; i < n_parties; i++) {
        if (parties[i]->n == n)
            return listing_party(a, d, parties[i]);
    }
    return n == 0 ? NULL : arena_printf(a, "party %u", n);
}

static json_t *party_names(struct arena *a, const struct directory *d, const struct u32s *list,
                           struct party *const *parties, size_t n_parties)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->n; i++)
        json_array_append_new(array,
                              json_string(party_name(a, d, list->at[i], parties, n_parties)));
    return array;
}

json_t *listing_report(struct arena *a, const struct report *report)
{
    json_t *o = json_object();
    json_t *mails = json_array();

    json_set_text(o, "number", arena_printf(a, "R%llu", (unsigned long long)report->number));
    json_set_text(o, "state", report_state_words[report->state]);
    set_instant(a, o, "received", report->received);
    json_set_text(o, "trust", trust_words[report->trust]);
    json_set_text(o, "from", report->from);
    set_number(o, "like", report->like);
    json_object_set_new(o, "registration", json_boolean(report->registration));
    json_set_text(
        o, "case",
        report->joined == 0 ? NULL : arena_printf(a, "C%llu", (unsigned long long)report->joined));
    for (size_t i = 0; i < report->n_messages; i++)
        json_array_append_new(mails, json_integer((json_int_t)report->messages[i]));
    json_object_set_new(o, "messages", mails);
    return o;
}

json_t *listing_mail(struct arena *a, const struct mail *mail)
{
    json_t *o = json_object();

    set_number(o, "message", mail->number);
    json_set_text(o, "state", mail_state_words[mail->state]);
    set_instant(a, o, "received", mail->received);
    json_set_text(o, "place", place_name(a, mail->place));
    set_number(o, "piece", mail->piece);
    set_number(o, "size", mail->size);
    json_set_text(o, "trust", trust_words[mail->trust]);
    json_set_text(o, "from", mail->from);
    json_set_text(o, "subject", mail->subject);
    set_number(o, "like", mail->like);
    set_number(o, "tries", mail->tries + mail->deaths);
    json_object_set_new(o, "contested", json_boolean(mail->contested));
    return o;
}

json_t *listing_attachments(struct arena *a, const struct message *message)
{
    json_t *array = json_array();

    for (size_t i = 0; i < message->n_parts; i++) {
        const struct part *part = &message->parts[i];
        json_t *o;

        if (part->role != PART_ATTACHMENT)
            continue;
        o = json_object();
        json_set_text(o, "n", arena_printf(a, "%zu", i + 1));
        json_set_text(o, "filename", part->filename);
        json_set_text(o, "type", part->type);
        set_number(o, "size", part->size);
        json_object_set_new(o, "facts", texts(&part->facts));
        json_set_text(o, "unread", part->unread);
        json_array_append_new(array, o);
    }
    return array;
}

json_t *listing_form(const struct message *message)
{
    json_t *o = json_object();

    for (size_t i = 0; i < message->n_form; i++)
        json_set_text(o, message->form[i].name, message->form[i].value);
    return o;
}

static json_t *listing_parties(struct arena *a, const struct directory *d,
                               const struct case_head *head, struct party *const *parties, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < n; i++) {
        const struct party *p = parties[i];
        json_t *o;
        json_t *statuses;

        if (p->removed)
            continue;
        o = json_object();
        statuses = json_object();
        json_set_text(o, "org", listing_party(a, d, p));
        set_number(o, "n", p->n);
        json_set_text(o, "kind", party_kind_words[p->kind]);
        json_set_text(o, "contact_state", contact_state_words[p->contact_state]);
        json_set_text(o, "status", vendor_status_words[party_status(p, 1)]);
        for (size_t v = 0; v < head->n_vulns; v++)
            json_set_text(statuses, arena_printf(a, "%u", head->vulns[v].n),
                          vendor_status_words[party_status(p, head->vulns[v].n)]);
        json_object_set_new(o, "statuses", statuses);
        json_set_text(o, "reference", p->own_reference);
        json_object_set_new(o, "accepted", json_boolean(p->accepted));
        json_object_set_new(o, "named", json_boolean(p->share_named));
        json_object_set_new(o, "credited", json_boolean(p->credited));
        set_instant(a, o, "told_at", p->told_at);
        json_array_append_new(array, o);
    }
    return array;
}

static json_t *listing_parts(struct arena *a, const struct directory *d, const struct piece *piece,
                             struct party *const *parties, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < piece->n_parts; i++) {
        const struct piece_part *part = &piece->parts[i];
        json_t *o = json_object();

        json_set_text(o, "n", arena_printf(a, "%u.%u", piece->n, part->n));
        json_set_text(o, "type", part->type);
        json_set_text(o, "filename", part->filename);
        set_number(o, "size", part->size);
        json_object_set_new(o, "facts", texts(&part->facts));
        json_set_text(o, "unread", part->unread);
        json_object_set_new(o, "copy", json_boolean(part->copy));
        json_object_set_new(o, "copy_facts", texts(&part->copy_facts));
        json_set_text(o, "no_copy", part->no_copy);
        json_object_set_new(o, "audience", party_names(a, d, &part->audience, parties, n));
        json_object_set_new(o, "cleaned", party_names(a, d, &part->cleaned, parties, n));
        json_array_append_new(array, o);
    }
    return array;
}

static json_t *listing_pieces(struct arena *a, const struct directory *d,
                              const struct case_head *head, struct party *const *parties, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];
        json_t *o = json_object();

        set_number(o, "n", piece->n);
        json_set_text(o, "type", piece_kind_words[piece->kind]);
        set_number(o, "message", piece->message);
        json_set_text(o, "from",
                      piece->party == 0 ? "desk" : party_name(a, d, piece->party, parties, n));
        set_instant(a, o, "at", piece->at);
        json_set_text(o, "trust", trust_words[piece->trust]);
        json_object_set_new(o, "moved", json_boolean(piece->moved));
        json_object_set_new(o, "audience", party_names(a, d, &piece->audience, parties, n));
        json_object_set_new(o, "quoted", party_names(a, d, &piece->quoted, parties, n));
        json_object_set_new(o, "parts", listing_parts(a, d, piece, parties, n));
        json_array_append_new(array, o);
    }
    return array;
}

static json_t *listing_sends(struct arena *a, const struct directory *d,
                             const struct case_head *head, struct party *const *parties, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; i < head->n_sends; i++) {
        const struct send *send = &head->sends[i];
        json_t *o = json_object();

        json_set_text(o, "send", arena_printf(a, "S%u", send->n));
        json_set_text(o, "template", send->template);
        json_set_text(o, "state", send_state_words[send->state]);
        json_set_text(o, "by", send->by);
        json_object_set_new(o, "two_persons", json_boolean(send->two_persons));
        json_set_text(o, "asked", send->asked);
        set_instant(a, o, "due", send->due);
        json_object_set_new(o, "to", party_names(a, d, &send->parties, parties, n));
        json_array_append_new(array, o);
    }
    return array;
}

json_t *listing_case(struct arena *a, const struct directory *d, const struct case_head *head,
                     struct party *const *parties, size_t n_parties, bool whole)
{
    json_t *o = json_object();
    json_t *embargo = json_object();
    json_t *vulns = json_array();

    json_set_text(o, "case", arena_printf(a, "C%llu", (unsigned long long)head->number));
    json_set_text(o, "title", head->title == NULL ? "" : head->title);
    json_set_text(o, "state", case_state_words[head->state]);
    json_set_text(o, "owner", head->owner);
    json_set_text(embargo, "state", embargo_state_words[head->embargo]);
    set_instant(a, embargo, "end", head->embargo_end);
    json_object_set_new(o, "embargo", embargo);
    json_object_set_new(o, "parties", listing_parties(a, d, head, parties, n_parties));
    json_object_set_new(o, "pieces", listing_pieces(a, d, head, parties, n_parties));
    set_instant(a, o, "opened", head->opened);
    if (!whole) {
        json_decref(vulns);
        return o;
    }
    json_set_text(o, "summary", head->summary == NULL ? "" : head->summary);
    for (size_t i = 0; i < head->n_vulns; i++)
        json_array_append_new(vulns,
                              json_pack("{s:i, s:s}", "n", (int)head->vulns[i].n, "title",
                                        head->vulns[i].title == NULL ? "" : head->vulns[i].title));
    json_object_set_new(o, "vulnerabilities", vulns);
    json_object_set_new(o, "sends", listing_sends(a, d, head, parties, n_parties));
    json_object_set_new(o, "watchers", texts(&head->watchers));
    json_object_set_new(o, "excluded", texts(&head->excluded));
    json_object_set_new(o, "allow_terms", texts(&head->allow_terms));
    set_number(o, "events", head->n_events);
    return o;
}

json_t *listing_event(struct arena *a, const struct directory *d, const struct event *event,
                      struct party *const *parties, size_t n_parties)
{
    json_t *o = json_write(event_fields, event);

    json_object_del(o, "key_bytes");
    set_instant(a, o, "at", event->at);
    if (event->party != 0)
        json_set_text(o, "party", party_name(a, d, event->party, parties, n_parties));
    if (event->parties.n > 0)
        json_object_set_new(o, "parties", party_names(a, d, &event->parties, parties, n_parties));
    return o;
}

json_t *listing_letter(struct arena *a, const struct directory *d, const struct letter *letter)
{
    const struct contact *contact = directory_contact(d, letter->contact);
    const struct org *org = contact == NULL ? NULL : directory_org(d, contact->org);
    json_t *o = json_object();

    json_set_text(o, "letter", arena_printf(a, "L%llu", (unsigned long long)letter->number));
    json_set_text(o, "send", letter->send == 0 ? NULL : arena_printf(a, "S%u", letter->send));
    json_set_text(o, "place", place_name(a, letter->place));
    json_set_text(o, "org", org == NULL ? "reporter" : org->slug);
    json_set_text(o, "contact", contact == NULL ? NULL : contact->slug);
    json_set_text(o, "address", letter->address);
    json_set_text(o, "template", letter->template);
    json_set_text(o, "state", letter_state_words[letter->state]);
    json_set_text(o, "reason", letter->reason);
    json_set_text(o, "way_out", letter->state == LETTER_HELD ? letter_way_out(a, letter) : NULL);
    json_set_text(o, "anyway", letter->anyway);
    json_set_text(o, "message_id", letter->message_id);
    set_number(o, "attempts", letter->attempts);
    set_instant(a, o, "planned", letter->planned);
    set_instant(a, o, "due", letter->due);
    json_set_text(o, "reply", letter->reply);
    return o;
}
