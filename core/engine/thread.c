/* Where a mail belongs: token, block, References, the party's own reference, a named case. */
#include <string.h>

#include "base/text.h"
#include "engine/audience.h"
#include "engine/identify.h"
#include "engine/names.h"

/* One way to place a mail is looked at after the other; the best answer stays, the first of equals.
 */
static void better(struct spot *best, struct spot spot)
{
    if (spot.how > best->how)
        *best = spot;
}

/* A reporter is who holds the key that came with the report. */
static bool is_reporter(const struct author *author, const struct party *party)
{
    return author->proven && !author->contact && party->kind == PARTY_REPORTER && party->key &&
           span_eq_nocase(span_str(party->key), author->signer);
}

static bool is_party(const struct author *author, const struct party *party)
{
    if (is_reporter(author, party))
        return true;
    return author->who == FOR_VENDOR && party->org == author->org->id &&
           (party->kind == PARTY_VENDOR || party->kind == PARTY_PARTNER);
}

/* Where a coordinator acts; one who is excluded only names the case. */
static struct spot coordinators_spot(struct work *w, struct work_case *c,
                                     const struct author *author)
{
    struct spot spot = {.how = SPOT_NAMED, .c = c};
    if (!audience_coordinator(c->head, author->contact))
        return spot;
    const struct party *self = work_party_of_coordinator(w, c, author->contact);
    spot.how = SPOT_PROVEN;
    spot.party = self ? self->n : 0;
    return spot;
}

/* party: whose copy it came through, NULL unknown. through_copy: by a token, or the Message-ID of a
 * letter. */
static struct spot spot_in_case(struct work *w, struct work_case *c, const struct party *party,
                                bool through_copy, const struct author *author)
{
    struct spot spot = {.how = SPOT_NAMED, .c = c};
    if (author->who == FOR_COORDINATOR)
        return coordinators_spot(w, c, author);
    if (!party || party->kind == PARTY_COORDINATOR)
        return spot;
    bool own = is_party(author, party);
    if (!own && (!through_copy || author->who || author->trust == TRUST_BAD))
        return spot; /* another org's mail through this copy, or a broken seal: a person looks */
    spot.how = own ? SPOT_PROVEN : SPOT_TOKEN;
    spot.party = party->n;
    return spot;
}

static struct spot spot_in_report(const struct author *author, struct report *report)
{
    bool own =
        author->proven && report->key && span_eq_nocase(span_str(report->key), author->signer);
    return (struct spot){
        .how = own || author->who == FOR_COORDINATOR ? SPOT_PROVEN : SPOT_NAMED,
        .report = report,
    };
}

/* A letter about a report that is part of a case by now: the party whose thread holds it. */
static struct party *party_of_thread(struct work *w, struct work_case *c, const char *message_id)
{
    work_all_parties(w, c);
    for (size_t i = 0; i < c->n_parties; i++)
        if (strs_has(&c->parties[i].party->thread, message_id))
            return c->parties[i].party;
    return NULL;
}

static struct spot by_known_id(struct work *w, const struct author *author, const char *message_id)
{
    const struct known_id *row = work_known_id(w, message_id);
    struct spot nowhere = {0};
    if (!row)
        return nowhere;
    bool letter = row->letter != 0;
    if (row->place.kind == PLACE_REPORT) {
        struct report *report = work_report(w, row->place.number);
        struct work_case *joined = report ? work_case(w, report->joined) : NULL;
        if (joined)
            return spot_in_case(w, joined, party_of_thread(w, joined, message_id), letter, author);
        return report ? spot_in_report(author, report) : nowhere;
    }
    struct work_case *c = row->place.kind == PLACE_CASE ? work_case(w, row->place.number) : NULL;
    return c ? spot_in_case(w, c, work_party(w, c, row->party), letter, author) : nowhere;
}

/* References, newest first. */
static void by_references(struct work *w, const struct arrival *arrival,
                          const struct author *author, struct spot *best)
{
    const struct message *m = arrival->message;
    for (size_t i = m ? m->references.n : 0; i > 0; i--) {
        struct span id = span_str(m->references.at[i - 1]);
        if (span_find(id, ' ') == id.n)
            better(best, by_known_id(w, author, m->references.at[i - 1]));
    }
}

static void by_token(struct work *w, const struct arrival *arrival, const struct author *author,
                     struct spot *best)
{
    const struct contact *contact = directory_contact(w->view->directory, arrival->token_contact);
    struct work_case *c =
        arrival->token_place.kind == PLACE_CASE ? work_case(w, arrival->token_place.number) : NULL;
    const struct org *org = contact ? directory_org(w->view->directory, contact->org) : NULL;
    if (c && org)
        better(best, spot_in_case(w, c, work_party_of_org(w, c, org), true, author));
}

/* A letter's envelope sender is as good as its Message-ID: automatic answers come back to it. */
static void by_verp(struct work *w, const struct arrival *arrival, const struct author *author,
                    struct spot *best)
{
    uint64_t number = 0;
    const struct rows *rows = w->view->rows;
    if (!arrival->verp)
        return;
    if (!rows->verp(rows->ctx, arrival->verp, &number, w->err)) {
        w->failed = true;
        return;
    }
    const struct letter *letter = work_letter(w, number);
    if (letter && letter->message_id)
        better(best, by_known_id(w, author, letter->message_id));
}

/* The block of a proven author says where it acts; whether it may is the code's business. */
static void by_block(struct work *w, const struct author *author, const struct block *block,
                     struct spot *best)
{
    if (!author->proven || !block->present)
        return;
    if (block->place.kind == PLACE_REPORT && author->who == FOR_COORDINATOR) {
        struct report *report = work_report(w, block->place.number);
        struct work_case *joined = report ? work_case(w, report->joined) : NULL;
        if (joined && !audience_coordinator(joined->head, author->contact))
            better(best, coordinators_spot(w, joined, author));
        else if (report)
            better(best, spot_in_report(author, report));
        return;
    }
    struct work_case *c =
        block->place.kind == PLACE_CASE ? work_case(w, block->place.number) : NULL;
    if (!c)
        return;
    if (author->who == FOR_VENDOR)
        better(best, spot_in_case(w, c, work_party_of_org(w, c, author->org), false, author));
    else if (author->who == FOR_COORDINATOR)
        better(best, coordinators_spot(w, c, author));
    else
        work_all_parties(w, c);
    for (size_t i = 0; !author->contact && i < c->n_parties; i++)
        if (is_reporter(author, c->parties[i].party))
            better(best, spot_in_case(w, c, c->parties[i].party, false, author));
}

/* References have no blanks, so no mail can name this key as a Message-ID. */
static const char *reference_key(struct arena *a, uint32_t org, const char *reference)
{
    char *key = arena_printf(a, "reference %u %s", org, reference);
    for (char *c = key; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return key;
}

static void by_own_reference(struct work *w, const struct arrival *arrival,
                             const struct author *author, struct spot *best)
{
    const char *reference = arrival->message ? reference_in(w->a, arrival->message->subject) : NULL;
    if (reference && author->who == FOR_VENDOR)
        better(best, by_known_id(w, author, reference_key(w->a, author->org->id, reference)));
}

void reference_learn(struct work *w, struct work_case *c, const struct party *party,
                     const char *reference)
{
    if (party->own_reference && span_eq_str(span_str(reference), party->own_reference))
        return;
    work_event(w, c,
               &(struct event){.kind = EVENT_REFERENCE, .party = party->n, .text = reference});
    if (party->org)
        work_id(w, reference_key(w->a, party->org, reference),
                &(struct known_id){
                    .place = {.kind = PLACE_CASE, .number = c->head->number},
                    .party = party->n,
                });
}

/* "[C42]" as our own subjects write it. */
static void by_subject(struct work *w, const struct arrival *arrival, struct spot *best)
{
    struct span rest = span_str(arrival->message ? arrival->message->subject : NULL);
    size_t open;
    while (best->how == SPOT_NOWHERE && (open = span_find(rest, '[')) < rest.n) {
        rest = span_from(rest, open + 1);
        struct place place = {0};
        struct span tag = span_first(rest, span_find(rest, ']'));
        if (!place_from_name(tag, &place) || place.kind != PLACE_CASE)
            continue;
        struct work_case *c = work_case(w, place.number);
        if (c)
            better(best, (struct spot){.how = SPOT_NAMED, .c = c});
    }
}

static void complete(struct work *w, const struct arrival *arrival, const struct spot *spot,
                     struct author *author)
{
    const struct party *party = spot->c ? work_party(w, spot->c, spot->party) : NULL;
    author->party = spot->party;
    if (spot->how == SPOT_PROVEN && !author->who) {
        author->trust = arrival->proof.unproven ? TRUST_CLAIMED : TRUST_VERIFIED;
        if (party) {
            author->who = FOR_REPORTER;
            author->by = party_name(w, spot->c, party);
        }
    }
    if (spot->how == SPOT_TOKEN)
        author->trust = TRUST_TOKEN;
}

/* A coordinator's block acts where it says, whatever mail it came as an answer to. */
void thread(struct work *w, const struct arrival *arrival, const struct block *block,
            struct author *author, struct spot *ret_spot)
{
    struct spot spot = {0};
    by_block(w, author, block, &spot);
    if (author->who != FOR_COORDINATOR || !block->present) {
        by_token(w, arrival, author, &spot);
        by_verp(w, arrival, author, &spot);
        by_references(w, arrival, author, &spot);
        by_own_reference(w, arrival, author, &spot);
        by_subject(w, arrival, &spot);
    }
    complete(w, arrival, &spot, author);
    *ret_spot = spot;
}
