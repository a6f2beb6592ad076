#include "engine/outgoing.h"

#include "engine/audience.h"
#include "model/templates.h"

struct reader reader_of_contact(struct work *w, struct place place, uint32_t party,
                                const struct contact *contact)
{
    return (struct reader){
        .place = place,
        .party = party,
        .org = contact->org,
        .contact = contact,
        .address = contact->email,
        .name = contact->name,
        .key = contact->key,
        .unusable = contact_unusable(w->view->directory, contact, w->moment->now),
    };
}

static const char *reporter_unusable(const char *key, struct span key_bytes)
{
    return key && key_bytes.n > 0 ? NULL : "no key";
}

bool reader_of_party(struct work *w, struct work_case *c, const struct party *party,
                     struct reader *ret_reader)
{
    struct place place = {.kind = PLACE_CASE, .number = c->head->number};
    if (party->kind == PARTY_REPORTER) {
        *ret_reader = (struct reader){
            .place = place,
            .party = party->n,
            .address = party->address,
            .name = party->name,
            .key = party->key,
            .unusable = reporter_unusable(party->key, party->key_bytes),
        };
        return party->address != NULL;
    }
    const struct directory *dir = w->view->directory;
    const struct contact *contact = party->kind == PARTY_COORDINATOR
                                        ? directory_contact(dir, party->contact)
                                        : directory_reader(dir, party->org, w->moment->now);
    if (!contact)
        return false;
    *ret_reader = reader_of_contact(w, place, party->n, contact);
    return true;
}

bool reader_of_report(const struct report *report, struct reader *ret_reader)
{
    *ret_reader = (struct reader){
        .place = {.kind = PLACE_REPORT, .number = report->number},
        .address = report->from,
        .name = report->from_name,
        .key = report->key,
        .unusable = reporter_unusable(report->key, report->key_bytes),
    };
    return report->from != NULL;
}

static bool is_clear(const char *template)
{
    return template_tells(template) == TELLS_NOTHING;
}

/* A fresh one-time code for this reader's next command in the letter's place. */
static void give_code(struct work *w, struct letter *letter, const struct reader *reader)
{
    const struct org *org = directory_org(w->view->directory, reader->org);
    bool desk = org && org->role == ORG_DESK;
    letter->code = work_code_new(w, &(struct code){
                                        .place = letter->place,
                                        .contact = letter->contact,
                                        .org = desk ? 0 : reader->org,
                                        .party = desk ? 0 : reader->party,
                                        .issued = letter->due,
                                    });
}

struct letter *letter_plan(struct work *w, const struct reader *reader, const char *template,
                           instant due)
{
    struct letter *letter = work_letter_new(w);
    bool later = due > w->moment->now;
    letter->place = reader->place;
    letter->party = reader->party;
    letter->contact = reader->contact ? reader->contact->id : 0;
    letter->address = reader->address;
    letter->name = reader->name;
    letter->template = reader->unusable && !is_clear(template) ? TEMPLATE_KEY_NEEDED : template;
    letter->state = later ? LETTER_PLANNED : LETTER_WAITING;
    letter->due = due;
    letter->next_try = due;
    if (reader->party && !reader->unusable && !is_clear(letter->template))
        give_code(w, letter, reader);
    return letter;
}

static void add_coordinator(struct work *w, struct coordinators *list, const struct contact *one)
{
    if (!one)
        return;
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i] == one)
            return;
    ARENA_GROW(w->a, list->at, list->n, list->room);
    list->at[list->n++] = one;
}

static struct coordinators all_coordinators(struct work *w, struct work_case *c,
                                            const struct contact *but)
{
    const struct directory *dir = w->view->directory;
    const struct org *desk = directory_org_slug(dir, span_str(DESK_SLUG));
    struct coordinators list = {0};
    for (size_t i = 0; desk && i < dir->n_contacts; i++) {
        const struct contact *one = &dir->contacts[i];
        if (one->org == desk->id && !one->retired && (!but || one->id != but->id) &&
            (!c || audience_coordinator(c->head, one)))
            add_coordinator(w, &list, one);
    }
    return list;
}

struct coordinators coordinators_of(struct work *w, struct work_case *c)
{
    const struct directory *dir = w->view->directory;
    struct coordinators list = {0};
    if (c) {
        add_coordinator(w, &list, directory_coordinator(dir, span_str(c->head->owner)));
        for (size_t i = 0; i < c->head->watchers.n; i++)
            add_coordinator(w, &list,
                            directory_coordinator(dir, span_str(c->head->watchers.at[i])));
    }
    return list.n > 0 ? list : all_coordinators(w, c, NULL);
}

struct coordinators coordinators_but(struct work *w, struct work_case *c, const struct contact *but)
{
    struct coordinators all = coordinators_of(w, c);
    struct coordinators list = {0};
    for (size_t i = 0; i < all.n; i++)
        if (all.at[i] != but)
            add_coordinator(w, &list, all.at[i]);
    return list.n > 0 ? list : all_coordinators(w, c, but);
}

struct letter *coordinator_letter(struct work *w, struct work_case *c, struct place place,
                                  const struct contact *coordinator, const char *template)
{
    uint32_t n = 0;
    if (c) {
        struct party *party = work_party_of_coordinator(w, c, coordinator);
        if (!party)
            party = work_add_party(w, c,
                                   &(struct event){
                                       .party_kind = PARTY_COORDINATOR,
                                       .contact = coordinator->id,
                                       .org = coordinator->org,
                                   });
        n = party->n;
    }
    struct reader reader = reader_of_contact(w, place, n, coordinator);
    /* A coordinator without a usable key gets nothing in its place: the letter is held, and the
     * others are told. */
    reader.unusable = NULL;
    struct letter *letter = letter_plan(w, &reader, template, w->moment->now);
    if (!letter->code)
        give_code(w, letter, &reader);
    return letter;
}
