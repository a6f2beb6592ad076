/* term propose, approve, refuse: names from outside wait in the directory, as nobody's term, until
 * a coordinator has seen what they would cut (term pending). */
#include "base/text.h"
#include "ctl/directory.h"
#include "ctl/entry.h"

enum { NAME_BYTES_MAX = 100 };

static struct strs with(struct ctl *ctl, const struct strs *list, const char *word)
{
    struct strs all = {.n = 0};

    for (size_t i = 0; i < list->n; i++)
        strs_add(ctl->a, &all, list->at[i]);
    if (!strs_has(&all, word))
        strs_add(ctl->a, &all, word);
    return all;
}

static struct strs without(struct ctl *ctl, const struct strs *list, const char *word)
{
    struct strs rest = {.n = 0};

    for (size_t i = 0; i < list->n; i++) {
        if (!span_eq_nocase(span_str(list->at[i]), word))
            strs_add(ctl->a, &rest, list->at[i]);
    }
    return rest;
}

static struct org *changed(struct ctl *ctl, struct directory_change *change, const struct org *org)
{
    for (size_t i = 0; i < change->n_orgs; i++) {
        if (change->orgs[i].id == org->id)
            return &change->orgs[i];
    }
    ARENA_GROW(ctl->a, change->orgs, change->n_orgs, change->orgs_room);
    change->orgs[change->n_orgs] = *org;
    return &change->orgs[change->n_orgs++];
}

static const struct org *org_named(struct ctl *ctl, const struct directory *d, const char *slug)
{
    const struct org *org = directory_org_slug(d, span_str(slug));

    if (org == NULL || org->role == ORG_DESK) {
        err_set(&ctl->err, ERR_OPERATOR, "no org %s that has names; see embargoctl org list", slug);
        return NULL;
    }
    return org;
}

static bool check_name(struct ctl *ctl, const char *name)
{
    size_t n = strlen(name);

    if (n > 0 && n <= NAME_BYTES_MAX && text_is_utf8(span_str(name)) && strchr(name, '\n') == NULL)
        return true;
    return err_set(&ctl->err, ERR_OPERATOR, "a name has one line of at most %d bytes of UTF-8",
                   NAME_BYTES_MAX);
}

/* The name waits nowhere any more; *ret_org: where it did, if that was one org alone. */
static void take_from_pending(struct ctl *ctl, const struct directory *d, const char *name,
                              struct directory_change *change, const struct org **ret_org)
{
    size_t n = 0;

    *ret_org = NULL;
    for (size_t i = 0; i < d->n_orgs; i++) {
        struct strs rest = without(ctl, &d->orgs[i].pending, name);

        if (rest.n == d->orgs[i].pending.n)
            continue;
        changed(ctl, change, &d->orgs[i])->pending = rest;
        *ret_org = n++ == 0 ? &d->orgs[i] : NULL;
    }
}

static int run_propose(struct ctl *ctl)
{
    struct directory_change change = {.n_orgs = 0};
    const char *name = ctl->words.at[1];
    const struct org *org;
    struct directory *d;

    if (!check_name(ctl, name) || !directory_load(ctl, &d))
        return ctl_error(ctl);
    org = org_named(ctl, d, ctl->words.at[0]);
    if (org == NULL)
        return ctl_error(ctl);
    changed(ctl, &change, org)->pending = with(ctl, &org->pending, name);
    return directory_done(
        ctl, &change,
        arena_printf(ctl->a, "\"%s\" waits; term pending shows what it would cut", name));
}

static int run_approve(struct ctl *ctl)
{
    struct directory_change change = {.n_orgs = 0};
    const char *name = ctl->words.at[0];
    const char *slug = ctl_value(ctl, "org");
    const struct org *org = NULL;
    struct directory *d;
    struct org *copy;

    if (!check_name(ctl, name) || !directory_load(ctl, &d))
        return ctl_error(ctl);
    take_from_pending(ctl, d, name, &change, &org);
    if (slug != NULL)
        org = org_named(ctl, d, slug);
    if (slug != NULL && org == NULL)
        return ctl_error(ctl);
    if (org == NULL)
        return ctl_fail(EX_USAGE, "whose name is \"%s\"? write --org ORG; term pending lists names",
                        name);
    copy = changed(ctl, &change, org);
    copy->aliases = with(ctl, &copy->aliases, name);
    if (ctl_value(ctl, "common") != NULL)
        copy->common = with(ctl, &copy->common, name);
    else
        entry_note_common(ctl, copy, name);
    return directory_done(ctl, &change,
                          arena_printf(ctl->a, "\"%s\" is a name of %s now", name, org->slug));
}

static int run_refuse(struct ctl *ctl)
{
    struct directory_change change = {.n_orgs = 0};
    const char *name = ctl->words.at[0];
    const struct org *org;
    const struct org *desk;
    struct directory *d;
    struct org *copy;

    if (!check_name(ctl, name) || !directory_load(ctl, &d))
        return ctl_error(ctl);
    desk = directory_org_slug(d, span_str(DESK_SLUG));
    if (desk == NULL)
        return ctl_fail(EX_DATAERR, "the desk is not set up; see embargoctl init");
    take_from_pending(ctl, d, name, &change, &org);
    copy = changed(ctl, &change, desk);
    copy->refused = with(ctl, &copy->refused, name);
    return directory_done(
        ctl, &change,
        arena_printf(ctl->a, "\"%s\" is not asked for again; org set --alias can still make it one",
                     name));
}

/* clang-format off */
const struct verb verbs_terms[] = {
    {"term propose", "ORG NAME", 2, 2, false, "a name waits for approval", run_propose, {{0}}},
    {"term approve", "NAME", 1, 1, false, "a name that waits becomes one that is cut", run_approve,
     {{"org", "ORG", "whose it is, where that is not said yet"},
      {"common", NULL, "it is an ordinary word too: only found as it is written"}}},
    {"term refuse", "NAME", 1, 1, false, "a name that waits does not become one", run_refuse, {{0}}},
    {.name = NULL},
};
/* clang-format on */
