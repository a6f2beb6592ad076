/* org set, contact set: what is known of them changes, with the checks of adding them. A name or an
 * address that is no longer right stays a redaction term until somebody takes it out. */
#include "ctl/directory.h"
#include "ctl/entry.h"

static void add_missing(struct ctl *ctl, struct strs *list, const char *option)
{
    struct strs more = ctl_values(ctl, option);
    struct strs all = {.n = 0};

    for (size_t i = 0; i < list->n; i++)
        strs_add(ctl->a, &all, list->at[i]);
    for (size_t i = 0; i < more.n; i++) {
        if (!strs_has(&all, more.at[i]))
            strs_add(ctl->a, &all, more.at[i]);
    }
    *list = all;
}

static bool take_out(struct ctl *ctl, struct strs *list, const char *word)
{
    struct strs rest = {.n = 0};
    bool found = strs_has(list, word);

    for (size_t i = 0; i < list->n; i++) {
        if (strcmp(list->at[i], word) != 0)
            strs_add(ctl->a, &rest, list->at[i]);
    }
    *list = rest;
    return found;
}

static bool take_out_all(struct ctl *ctl, struct org *org)
{
    struct strs *const lists[] = {&org->aliases, &org->domains, &org->terms,
                                  &org->phones,  &org->common,  &org->groups};
    struct strs words = ctl_values(ctl, "remove");

    for (size_t i = 0; i < words.n; i++) {
        bool found = false;

        for (size_t k = 0; k < LEN(lists); k++)
            found = take_out(ctl, lists[k], words.at[i]) || found;
        if (!found)
            return err_set(&ctl->err, ERR_OPERATOR,
                           "org %s has no \"%s\" to take out; see embargoctl org list --json",
                           org->slug, words.at[i]);
    }
    return true;
}

static void rename_org(struct ctl *ctl, struct org *org, const char *name)
{
    struct strs one = {.n = 0};

    if (name == NULL || name[0] == '\0' || strcmp(name, org->name) == 0)
        return;
    for (size_t i = 0; i < org->aliases.n; i++)
        strs_add(ctl->a, &one, org->aliases.at[i]);
    if (!strs_has(&one, org->name))
        strs_add(ctl->a, &one, org->name);
    fprintf(stderr, "note: \"%s\" stays an alias, and so a redaction term\n", org->name);
    org->aliases = one;
    org->name = name;
    entry_note_common(ctl, org, name);
}

static bool amend_org(struct ctl *ctl, struct org *org)
{
    const char *trust = ctl_value(ctl, "trust");
    struct strs aliases = ctl_values(ctl, "alias");
    unsigned word;

    if (!take_out_all(ctl, org))
        return false;
    if (trust != NULL) {
        if (!entry_word(ctl, "trust", trust, org_trust_words, LEN(org_trust_words), &word))
            return false;
        org->trust = (enum org_trust)word;
    }
    add_missing(ctl, &org->aliases, "alias");
    add_missing(ctl, &org->domains, "domain");
    add_missing(ctl, &org->terms, "term");
    add_missing(ctl, &org->phones, "phone");
    add_missing(ctl, &org->common, "common");
    add_missing(ctl, &org->groups, "group");
    for (size_t i = 0; i < aliases.n; i++)
        entry_note_common(ctl, org, aliases.at[i]);
    rename_org(ctl, org, ctl_value(ctl, "name"));
    return true;
}

static int run_org_set(struct ctl *ctl)
{
    struct directory_change change = {.n_orgs = 1};
    struct directory *d;
    const struct org *org;
    struct org copy;

    if (ctl->n_given == 0)
        return ctl_fail(EX_USAGE, "org set wants what to change; see embargoctl org set --help");
    if (!directory_load(ctl, &d))
        return ctl_error(ctl);
    org = directory_org_slug(d, span_str(ctl->words.at[0]));
    if (org == NULL || org->role == ORG_DESK)
        return ctl_fail(EX_DATAERR, "no org %s that can be changed; see embargoctl org list",
                        ctl->words.at[0]);
    copy = *org;
    if (!amend_org(ctl, &copy))
        return ctl_error(ctl);
    change.orgs = &copy;
    return directory_done(ctl, &change, arena_printf(ctl->a, "changed org %s", org->slug));
}

/* The old address stays a term of its org: its domain alone may be a mail provider's. */
static void keep_address(struct ctl *ctl, const struct directory *d, const struct contact *contact,
                         struct org *copy, struct directory_change *change)
{
    const struct org *org = directory_org(d, contact->org);
    struct strs terms = {.n = 0};

    if (org->role == ORG_DESK || strs_has(&org->terms, contact->email))
        return;
    for (size_t i = 0; i < org->terms.n; i++)
        strs_add(ctl->a, &terms, org->terms.at[i]);
    strs_add(ctl->a, &terms, contact->email);
    *copy = *org;
    copy->terms = terms;
    change->orgs = copy;
    change->n_orgs = 1;
    fprintf(stderr, "note: %s stays a redaction term of %s\n", contact->email, org->slug);
}

static void warn_key(const struct directory *d, const struct contact *contact)
{
    const struct key *key = contact->key == NULL ? NULL : directory_key(d, contact->key);

    if (key != NULL && !strs_has(&key->addresses, contact->email))
        fprintf(stderr, "warning: the key does not name %s; some mail clients refuse such keys\n",
                contact->email);
}

static void amend_contact(struct ctl *ctl, struct contact *contact)
{
    const char *private_reply = ctl_value(ctl, "private-reply");
    const struct {
        const char *option;
        const char **field;
    } texts[] = {{"name", &contact->name},
                 {"email", &contact->email},
                 {"language", &contact->language},
                 {"zone", &contact->zone}};

    for (size_t i = 0; i < LEN(texts); i++) {
        const char *value = ctl_value(ctl, texts[i].option);

        if (value != NULL)
            *texts[i].field = value;
    }
    if (private_reply != NULL)
        contact->private_reply = strcmp(private_reply, "yes") == 0;
}

static int run_contact_set(struct ctl *ctl)
{
    struct directory_change change = {.n_contacts = 1};
    const struct contact *contact;
    struct new_contact copy;
    struct directory *d;
    struct org org;

    if (ctl->n_given == 0)
        return ctl_fail(EX_USAGE,
                        "contact set wants what to change; see embargoctl contact set --help");
    if (!directory_load(ctl, &d))
        return ctl_error(ctl);
    contact = directory_contact_named(ctl, d, ctl->words.at[0]);
    if (contact == NULL)
        return ctl_error(ctl);
    copy = (struct new_contact){.contact = *contact, .org = directory_org(d, contact->org)->slug};
    amend_contact(ctl, &copy.contact);
    if (!entry_check_contact(ctl, &copy.contact))
        return ctl_error(ctl);
    change.contacts = &copy;
    if (strcmp(copy.contact.email, contact->email) != 0) {
        keep_address(ctl, d, contact, &org, &change);
        warn_key(d, &copy.contact);
    }
    return directory_done(ctl, &change,
                          arena_printf(ctl->a, "changed contact %s", ctl->words.at[0]));
}

/* clang-format off */
const struct verb verbs_amend[] = {
    {"org set", "SLUG", 1, 1, false, "change what is known of an organisation", run_org_set,
     {{"name", "NAME", "its full name; the old one stays an alias"},
      {"trust", "registered|verified|nda", "how well it is known"},
      {"alias", "TEXT", "one more name; may stand several times"},
      {"domain", "DOMAIN", "one more mail domain; may stand several times"},
      {"term", "TEXT", "one more word that names it; may stand several times"},
      {"phone", "NUMBER", "one more telephone number; may stand several times"},
      {"common", "TEXT", "one of these is an ordinary word too: only found as it is written"},
      {"group", "NAME", "one more group; may stand several times"},
      {"remove", "TEXT", "take this one out, whichever of these it is; may stand several times"}}},
    {"contact set", "ORG/NAME", 1, 1, false, "change what is known of a contact", run_contact_set,
     {{"name", "NAME", "the person or team"},
      {"email", "ADDRESS", "where letters go; the old address stays a redaction term"},
      {"private-reply", "yes|no", "letters carry a private reply address"},
      {"language", "LANGUAGE", "of its letters"},
      {"zone", "ZONE", "its time zone, such as Asia/Tokyo"}}},
    {.name = NULL},
};
/* clang-format on */
