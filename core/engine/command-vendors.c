/* Commands about vendors: who takes part, what they say, what they were told by hand. */
#include "base/text.h"
#include "engine/commands.h"
#include "engine/names.h"
#include "engine/sends.h"
#include "model/templates.h"

enum { HOW_MAX = 60 };

static void add_vendor(struct deed *d, const struct org *org)
{
    struct work *w = d->w;
    struct party *party = work_party_of_org(w, d->c, org);
    struct event e = {
        .kind = EVENT_PARTY_ADDED,
        .party_kind = org->role == ORG_PARTNER ? PARTY_PARTNER : PARTY_VENDOR,
        .org = org->id,
    };
    if (party && !party->removed) {
        deed_answer(d, "%s is in the case already", org->slug);
        return;
    }
    if (party) {
        e.party = party->n;
        work_event(w, d->c, &e);
    } else {
        work_add_party(w, d->c, &e);
    }
    const struct contact *reader = directory_reader(w->view->directory, org->id, w->moment->now);
    const char *problem =
        reader ? contact_unusable(w->view->directory, reader, w->moment->now) : "no contact";
    deed_answer(d, "%s is added%s%s%s", org->slug, problem ? " (" : "", problem ? problem : "",
                problem ? ": will get no details)" : "");
}

static void remove_vendor(struct deed *d, struct span word)
{
    struct party *party = names_vendor(d, word);
    if (!party)
        return;
    work_event(d->w, d->c, &(struct event){.kind = EVENT_PARTY_REMOVED, .party = party->n});
    deed_answer(d, "%s is removed; letters that wait for it will not go",
                party_name(d->w, d->c, party));
}

static void add_group(struct deed *d, struct span group)
{
    const struct directory *dir = d->w->view->directory;
    const char *name = span_dup(d->w->a, group);
    bool found = false;
    for (size_t i = 0; i < dir->n_orgs; i++) {
        const struct org *org = &dir->orgs[i];
        if (org->retired || org->role == ORG_DESK || !strs_has(&org->groups, name))
            continue;
        found = true;
        add_vendor(d, org);
    }
    if (!found)
        deed_mistake(d, "@%s: no such group", text_one_line(d->w->a, group, SLUG_MAX));
}

void command_vendors(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    if (deed_closed(d))
        return;
    if (words.n == 0)
        deed_mistake(d, "write \"Vendors: +acme -globex +@group\"");
    for (size_t i = 0; i < words.n; i++) {
        struct span name = span_from(words.at[i], 1);
        if (span_starts(words.at[i], "-")) {
            remove_vendor(d, name);
        } else if (span_starts(words.at[i], "+@")) {
            add_group(d, span_from(name, 1));
        } else if (span_starts(words.at[i], "+")) {
            const struct org *org = names_org(d, name);
            if (org)
                add_vendor(d, org);
        } else {
            deed_mistake(d, "%s: write +%s to add it, -%s to remove it",
                         text_one_line(d->w->a, words.at[i], SLUG_MAX),
                         text_one_line(d->w->a, words.at[i], SLUG_MAX),
                         text_one_line(d->w->a, words.at[i], SLUG_MAX));
        }
    }
}

struct status_wish {
    struct party *party;
    enum vendor_status status;
    uint32_t vuln;
    uint32_t piece;
};

static bool read_status(struct deed *d, struct span word, enum vendor_status *ret_status)
{
    for (size_t i = 0; i < LEN(vendor_status_words); i++) {
        if (!span_eq_nocase(word, vendor_status_words[i]))
            continue;
        *ret_status = (enum vendor_status)i;
        return true;
    }
    const char *text = text_one_line(d->w->a, word, SLUG_MAX);
    const char *near = text_nearest(text, vendor_status_words, LEN(vendor_status_words));
    deed_mistake(
        d, "%s: no such status; %s%s%s", text, near ? "did you mean " : "there are unknown, ",
        near ? near : "under-investigation, affected, not-affected, fixed", near ? "?" : "");
    return false;
}

/* "from 7", "vuln 2" */
static bool read_status_extra(struct deed *d, struct span key, struct span value,
                              struct status_wish *wish)
{
    uint64_t n = 0;
    bool number = text_to_u64(value, UINT32_MAX, &n);
    const struct piece *piece = number ? case_piece(d->c->head, (uint32_t)n) : NULL;
    bool own = d->author->who != FOR_VENDOR || (piece && piece->party == d->author->party);
    if (span_eq_nocase(key, "from") && piece && own) {
        wish->piece = (uint32_t)n;
        return true;
    }
    for (size_t i = 0; span_eq_nocase(key, "vuln") && number && i < d->c->head->n_vulns; i++) {
        if (d->c->head->vulns[i].n != n)
            continue;
        wish->vuln = (uint32_t)n;
        return true;
    }
    deed_mistake(d, "%s %s: write \"from <piece>\" or \"vuln <number>\" of this case",
                 text_one_line(d->w->a, key, SLUG_MAX), text_one_line(d->w->a, value, SLUG_MAX));
    return false;
}

static bool read_status_wish(struct deed *d, struct status_wish *wish)
{
    struct words words = words_of(d->w->a, d->command->value);
    bool vendor = d->author->who == FOR_VENDOR;
    size_t i = vendor ? 0 : 1;
    if (words.n <= i || (words.n - i) % 2 == 0) {
        deed_mistake(d, "write \"Status: %saffected%s\"", vendor ? "" : "acme ",
                     vendor ? "" : " from 7");
        return false;
    }
    wish->party = vendor ? work_party(d->w, d->c, d->author->party) : names_vendor(d, words.at[0]);
    if (!wish->party || !read_status(d, words.at[i], &wish->status))
        return false;
    for (i++; i < words.n; i += 2)
        if (!read_status_extra(d, words.at[i], words.at[i + 1], wish))
            return false;
    return true;
}

void command_status(struct deed *d)
{
    struct status_wish wish = {.vuln = 1, .piece = d->piece};
    if (!read_status_wish(d, &wish))
        return;
    const struct piece *piece = wish.piece ? case_piece(d->c->head, wish.piece) : NULL;
    work_event(d->w, d->c,
               &(struct event){
                   .kind = EVENT_STATUS,
                   .party = wish.party->n,
                   .vuln = wish.vuln,
                   .status = wish.status,
                   .piece = wish.piece,
                   .message = piece ? piece->message : 0,
               });
    deed_answer(d, "%s is recorded as %s for vulnerability %u", party_name(d->w, d->c, wish.party),
                vendor_status_words[wish.status], wish.vuln);
}

void command_told(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    instant when = 0;
    if (words.n < 3 || !deed_instant(words.at[words.n - 1], d->w->a, &when) ||
        when > d->w->moment->now) {
        deed_mistake(d,
                     "write \"Told: acme phone 2026-03-02T14:00+01:00\", a time that has passed");
        return;
    }
    struct party *party = names_vendor(d, words.at[0]);
    if (!party)
        return;
    const unsigned char *from = words.at[1].at;
    struct span last = words.at[words.n - 2];
    const char *how =
        text_one_line(d->w->a, span_of(from, (size_t)(last.at + last.n - from)), HOW_MAX);
    work_event(d->w, d->c,
               &(struct event){.kind = EVENT_TOLD, .party = party->n, .text = how, .when = when});
    deed_answer(d, "%s was told by %s at %s", party_name(d->w, d->c, party), how,
                text_rfc3339(d->w->a, when));
}

void accept_terms(struct deed *d, struct party *party)
{
    struct work *w = d->w;
    const char *name = party_name(w, d->c, party);
    bool asked = party->contact_state != CONTACT_NOT_TOLD && party->told_at == 0;
    bool waits = asked && !party->accepted && d->c->head->summary && d->c->head->state == CASE_OPEN;
    work_event(w, d->c, &(struct event){.kind = EVENT_ACCEPTED, .party = party->n});
    deed_answer(d, "%s has accepted the terms", name);
    if (!waits)
        return;
    struct sending sending = {.template = TEMPLATE_VENDOR_NOTICE};
    parties_add(w->a, &sending.to, party);
    size_t said = d->answer.n;
    send_plan(d, &sending);
    if (d->author->who != FOR_VENDOR)
        return;
    for (size_t i = said; i < d->answer.n; i++) /* names the send, which only coordinators stop */
        strs_add(w->a, &d->desk_only, d->answer.at[i]);
    d->answer.n = said;
    deed_answer(d, "the details will follow");
}
