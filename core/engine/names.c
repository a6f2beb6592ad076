#include "engine/names.h"

#include "base/text.h"

bool is_vendor(const struct party *party)
{
    return !party->removed && (party->kind == PARTY_VENDOR || party->kind == PARTY_PARTNER);
}

void parties_add(struct arena *a, struct parties *list, struct party *party)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->at[i] == party)
            return;
    ARENA_GROW(a, list->at, list->n, list->room);
    list->at[list->n++] = party;
}

static size_t count_reporters(struct work *w, struct work_case *c)
{
    size_t n = 0;
    work_all_parties(w, c);
    for (size_t i = 0; i < c->n_parties; i++)
        if (c->parties[i].party->kind == PARTY_REPORTER && !c->parties[i].party->removed)
            n++;
    return n;
}

const char *party_name(struct work *w, struct work_case *c, const struct party *party)
{
    const struct directory *dir = w->view->directory;
    const struct org *org;
    const struct contact *contact;
    switch (party->kind) {
    case PARTY_VENDOR:
    case PARTY_PARTNER:
        org = directory_org(dir, party->org);
        return org ? org->slug : "a vendor that is gone";
    case PARTY_COORDINATOR:
        contact = directory_contact(dir, party->contact);
        return contact ? contact->slug : "a coordinator who is gone";
    case PARTY_REPORTER:
        break;
    }
    return count_reporters(w, c) > 1 ? arena_printf(w->a, "reporter-%u", party->n) : "reporter";
}

const char *parties_names(struct work *w, struct work_case *c, const struct u32s *parties)
{
    const char *text = "";
    for (size_t i = 0; i < parties->n; i++) {
        const struct party *party = work_party(w, c, parties->at[i]);
        const char *name = party ? party_name(w, c, party) : "?";
        text = i == 0 ? name : arena_printf(w->a, "%s %s", text, name);
    }
    return text;
}

static const char *word_text(struct deed *d, struct span word)
{
    return text_one_line(d->w->a, word, SLUG_MAX);
}

/* Near names from the whole directory. */
static const char *nearest_org(struct deed *d, struct span word)
{
    const struct directory *dir = d->w->view->directory;
    const char **slugs = ARENA_ARRAY(d->w->a, dir->n_orgs, const char *);
    size_t n = 0;
    for (size_t i = 0; i < dir->n_orgs; i++)
        if (!dir->orgs[i].retired && dir->orgs[i].role != ORG_DESK)
            slugs[n++] = dir->orgs[i].slug;
    return text_nearest(word_text(d, word), slugs, n);
}

const struct org *names_org(struct deed *d, struct span word)
{
    const struct org *org = directory_org_slug(d->w->view->directory, word);
    if (org && !org->retired && org->role != ORG_DESK)
        return org;
    const char *near = nearest_org(d, word);
    deed_mistake(d, "%s: no such organisation%s%s%s", word_text(d, word),
                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return NULL;
}

struct party *names_vendor(struct deed *d, struct span word)
{
    const struct org *org = names_org(d, word);
    struct party *party = org ? work_party_of_org(d->w, d->c, org) : NULL;
    if (party && !party->removed)
        return party;
    if (org)
        deed_mistake(d, "%s is not in C%llu; Vendors: +%s adds it", org->slug,
                     (unsigned long long)d->c->head->number, org->slug);
    return NULL;
}

const struct contact *names_coordinator(struct deed *d, struct span word)
{
    const struct directory *dir = d->w->view->directory;
    const struct contact *found = directory_coordinator(dir, word);
    const char **slugs = ARENA_ARRAY(d->w->a, dir->n_contacts, const char *);
    size_t n = 0;
    if (found)
        return found;
    for (size_t i = 0; i < dir->n_contacts; i++)
        if (dir->contacts[i].slug &&
            directory_coordinator(dir, span_str(dir->contacts[i].slug)) == &dir->contacts[i])
            slugs[n++] = dir->contacts[i].slug;
    const char *near = text_nearest(word_text(d, word), slugs, n);
    deed_mistake(d, "%s: no such coordinator%s%s%s", word_text(d, word),
                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return NULL;
}

static bool add_all_vendors(struct deed *d, struct parties *list)
{
    work_all_parties(d->w, d->c);
    for (size_t i = 0; i < d->c->n_parties; i++)
        if (is_vendor(d->c->parties[i].party))
            parties_add(d->w->a, list, d->c->parties[i].party);
    if (list->n > 0)
        return true;
    deed_mistake(d, "C%llu has no vendors yet; Vendors: +acme adds one",
                 (unsigned long long)d->c->head->number);
    return false;
}

static bool add_group(struct deed *d, struct span group, struct parties *list)
{
    const struct directory *dir = d->w->view->directory;
    const char *name = span_dup(d->w->a, group);
    size_t before = list->n;
    for (size_t i = 0; i < dir->n_orgs; i++) {
        if (dir->orgs[i].retired || !strs_has(&dir->orgs[i].groups, name))
            continue;
        struct party *party = work_party_of_org(d->w, d->c, &dir->orgs[i]);
        if (party && !party->removed)
            parties_add(d->w->a, list, party);
    }
    if (list->n > before)
        return true;
    deed_mistake(d, "@%s: nobody of this group is in C%llu", word_text(d, group),
                 (unsigned long long)d->c->head->number);
    return false;
}

/* "reporter" or "reporter-3" */
static bool add_reporter(struct deed *d, struct span word, struct parties *list)
{
    static const char plain[] = "reporter";
    uint64_t n = 0;
    bool numbered = word.n > sizeof(plain) - 1;
    if (numbered && !deed_number(span_from(word, sizeof(plain) - 1), '-', UINT32_MAX, &n))
        return false;
    size_t reporters = count_reporters(d->w, d->c);
    if (!numbered && reporters > 1) {
        deed_mistake(d, "C%llu has several reporters: name them as reporter-<number>",
                     (unsigned long long)d->c->head->number);
        return false;
    }
    for (size_t i = 0; i < d->c->n_parties; i++) {
        struct party *party = d->c->parties[i].party;
        if (party->kind != PARTY_REPORTER || party->removed || (numbered && party->n != n))
            continue;
        parties_add(d->w->a, list, party);
        return true;
    }
    deed_mistake(d, "%s: no such reporter in C%llu", word_text(d, word),
                 (unsigned long long)d->c->head->number);
    return false;
}

static bool add_named(struct deed *d, struct span word, struct parties *list)
{
    if (span_eq_nocase(word, "all"))
        return add_all_vendors(d, list);
    if (span_starts(word, "@"))
        return add_group(d, span_from(word, 1), list);
    if (span_eq_nocase(word, "reporter") || span_starts_nocase(word, "reporter-"))
        return add_reporter(d, word, list);
    struct party *party = names_vendor(d, word);
    if (party)
        parties_add(d->w->a, list, party);
    return party != NULL;
}

bool names_parties(struct deed *d, const struct span *words, size_t n, struct parties *ret_parties)
{
    struct parties list = {0};
    bool ok = n > 0;
    if (n == 0)
        deed_mistake(d, "%s does not say to whom", command_specs[d->command->kind].name);
    for (size_t i = 0; i < n; i++)
        ok = add_named(d, words[i], &list) && ok;
    if (ok)
        *ret_parties = list;
    return ok;
}

/* The ids of a group, or of the one org with this slug; in the work's arena. */
static bool find_for_fences(void *ctx, struct span name, const uint32_t **ret_ids, size_t *ret_n)
{
    struct work *w = ctx;
    const struct directory *dir = w->view->directory;
    struct u32s ids = {0};
    const char *group = span_starts(name, "@") ? span_dup(w->a, span_from(name, 1)) : NULL;
    for (size_t i = 0; i < dir->n_orgs; i++) {
        const struct org *org = &dir->orgs[i];
        if (group ? strs_has(&org->groups, group) : span_eq_nocase(name, org->slug))
            u32s_add(w->a, &ids, org->id);
    }
    *ret_ids = ids.at;
    *ret_n = ids.n;
    return ids.n > 0;
}

struct fence_names names_for_fences(struct work *w)
{
    return (struct fence_names){.find = find_for_fences, .ctx = w};
}
