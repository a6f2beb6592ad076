/* org, contact, key, ca: the verbs that change and list the directory. */
#include "base/text.h"
#include "ctl/directory.h"
#include "ctl/entry.h"
#include "ctl/show.h"

static int run_org_add(struct ctl *ctl)
{
    struct entry_org record = {.slug = ctl->words.at[0],
                               .name = ctl_value(ctl, "name"),
                               .role = ctl_value(ctl, "role"),
                               .trust = ctl_value(ctl, "trust"),
                               .aliases = ctl_values(ctl, "alias"),
                               .phones = ctl_values(ctl, "phone"),
                               .domains = ctl_values(ctl, "domain"),
                               .terms = ctl_values(ctl, "term"),
                               .common = ctl_values(ctl, "common"),
                               .groups = ctl_values(ctl, "group")};
    struct directory_change change = {.n_orgs = 0};

    if (!entry_add_org(ctl, &record, &change))
        return ctl_error(ctl);
    return directory_done(ctl, &change, arena_printf(ctl->a, "added org %s", record.slug));
}

static int run_contact_add(struct ctl *ctl)
{
    struct span whole = span_str(ctl->words.at[0]);
    size_t slash = span_find(whole, '/');
    const char *file = ctl_value(ctl, "key");
    const char *private_reply = ctl_value(ctl, "private-reply");
    struct entry_contact record = {.slug = span_dup(ctl->a, span_from(whole, slash + 1)),
                                   .name = ctl_value(ctl, "name"),
                                   .email = ctl_value(ctl, "email"),
                                   .protocol = ctl_value(ctl, "protocol"),
                                   .private_reply =
                                       private_reply != NULL && strcmp(private_reply, "yes") == 0,
                                   .language = ctl_value(ctl, "language"),
                                   .zone = ctl_value(ctl, "zone")};
    struct directory_change change = {.n_orgs = 0};
    struct span key;

    if (slash == whole.n)
        return ctl_fail(EX_USAGE, "write ORG/NAME, such as acme/psirt");
    if (file != NULL) {
        if (!ctl_read_file(ctl, file, &key))
            return ctl_error(ctl);
        record.key = span_dup(ctl->a, key);
        record.key_n = key.n;
    }
    if (!entry_add_contact(ctl, span_dup(ctl->a, span_first(whole, slash)), &record, &change))
        return ctl_error(ctl);
    return directory_done(ctl, &change, arena_printf(ctl->a, "added contact %s", ctl->words.at[0]));
}

static int run_ca_add(struct ctl *ctl)
{
    struct directory_change change = {.n_cas = 0};
    struct span pem;

    if (!ctl_read_file(ctl, ctl->words.at[0], &pem) || !entry_add_ca(ctl, pem, &change))
        return ctl_error(ctl);
    return directory_done(ctl, &change, "added to the trusted S/MIME roots");
}

static int run_import(struct ctl *ctl)
{
    struct directory_change change = {.n_orgs = 0};
    struct span text;

    if (!ctl_read_file(ctl, ctl->words.at[0], &text) || !entry_read(ctl, text, &change))
        return ctl_error(ctl);
    return directory_done(
        ctl, &change,
        arena_printf(ctl->a, "imported %zu orgs, %zu contacts", change.n_orgs, change.n_contacts));
}

/* ---- one thing changed: retire, approve ---- */

static int run_org_retire(struct ctl *ctl)
{
    struct directory_change change = {.n_orgs = 1};
    struct directory *d;
    const struct org *org;
    struct org copy;

    if (!directory_load(ctl, &d))
        return ctl_error(ctl);
    org = directory_org_slug(d, span_str(ctl->words.at[0]));
    if (org == NULL || org->role == ORG_DESK)
        return ctl_fail(EX_DATAERR, "no org %s that can be retired; see embargoctl org list",
                        ctl->words.at[0]);
    copy = *org;
    copy.retired = true;
    change.orgs = &copy;
    return directory_done(ctl, &change, "retired; its names stay redaction terms");
}

static int run_contact_retire(struct ctl *ctl)
{
    struct directory_change change = {.n_contacts = 1};
    const struct contact *contact;
    struct new_contact copy;
    struct directory *d;

    if (!directory_load(ctl, &d))
        return ctl_error(ctl);
    contact = directory_contact_named(ctl, d, ctl->words.at[0]);
    if (contact == NULL)
        return ctl_error(ctl);
    copy = (struct new_contact){.contact = *contact, .org = directory_org(d, contact->org)->slug};
    copy.contact.retired = true;
    change.contacts = &copy;
    return directory_done(ctl, &change, "retired; nothing is written to it any more");
}

struct key_change {
    struct ctl *ctl;
    const char *fingerprint;
    enum key_state state;
    bool found;
};

static bool put_key_state(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct key_change *change = ctx;
    struct directory *d = NULL;
    const struct key *key;
    struct key copy;

    if (!txn_load_directory(txn, a, &d, err))
        return false;
    key = directory_key(d, change->fingerprint);
    change->found = key != NULL;
    if (key == NULL)
        return true;
    copy = *key;
    copy.state = change->state;
    return txn_put_key(txn, &copy, err);
}

static int change_key(struct ctl *ctl, enum key_state state, const char *done)
{
    struct key_change change = {.ctl = ctl, .fingerprint = ctl->words.at[0], .state = state};
    SCOPED(store_close) struct store *store = NULL;

    if (!ctl_store(ctl, &store) || !store_write(store, put_key_state, &change, &ctl->err))
        return ctl_error(ctl);
    if (!change.found)
        return ctl_fail(EX_DATAERR, "no key %s; see embargoctl key list", ctl->words.at[0]);
    ctl_wake(ctl);
    printf("%s\n", done);
    return EX_OK;
}

static int run_key_retire(struct ctl *ctl)
{
    return change_key(ctl, KEY_RETIRED, "retired: it proves nothing and nothing is sealed to it");
}

static int run_key_approve(struct ctl *ctl)
{
    return change_key(ctl, KEY_APPROVED, "approved");
}

/* key add FILE --contact ORG/NAME: a new key for a known contact. */
static int run_key_add(struct ctl *ctl)
{
    const char *name = ctl_value(ctl, "contact");
    struct directory_change change = {.n_contacts = 1};
    struct new_contact copy = {.org = NULL};
    const struct contact *contact;
    struct directory *d;
    struct span bytes;

    if (name == NULL)
        return ctl_fail(EX_USAGE, "key add wants --contact ORG/NAME");
    if (!ctl_read_file(ctl, ctl->words.at[0], &bytes) || !directory_load(ctl, &d))
        return ctl_error(ctl);
    contact = directory_contact_named(ctl, d, name);
    if (contact == NULL || !directory_inspect(ctl, bytes, contact->email, &copy.key))
        return ctl_error(ctl);
    copy.contact = *contact;
    copy.org = directory_org(d, contact->org)->slug;
    copy.contact.protocol = copy.key.protocol;
    copy.contact.key = copy.key.fingerprint;
    change.contacts = &copy;
    return directory_done(
        ctl, &change,
        arena_printf(ctl->a, "%s is now sealed to by %s", name, copy.key.fingerprint));
}

/* ---- listings ---- */

static int print_json(struct ctl *ctl, json_t *json)
{
    show_json_line(ctl->a, json);
    json_decref(json);
    return EX_OK;
}

static int run_org_list(struct ctl *ctl)
{
    json_t *list = json_array();
    struct directory *d;

    if (!directory_load(ctl, &d)) {
        json_decref(list);
        return ctl_error(ctl);
    }
    for (size_t i = 0; i < d->n_orgs; i++) {
        const struct org *org = &d->orgs[i];

        if (ctl->json)
            json_array_append_new(list, json_write(org_fields, org));
        else
            printf("%-20s %-10s %-8s %s%s\n", org->slug, org_trust_words[org->trust],
                   org_role_words[org->role], org->name, org->retired ? " (retired)" : "");
    }
    if (ctl->json)
        return print_json(ctl, list);
    json_decref(list);
    return EX_OK;
}

static int run_contact_list(struct ctl *ctl)
{
    json_t *list = json_array();
    struct directory *d;

    if (!directory_load(ctl, &d)) {
        json_decref(list);
        return ctl_error(ctl);
    }
    for (size_t i = 0; i < d->n_contacts; i++) {
        const struct contact *c = &d->contacts[i];
        const struct org *org = directory_org(d, c->org);
        const char *why = contact_unusable(d, c, clock_now());
        json_t *o;

        if (!ctl->json) {
            printf("%s/%-14s %-30s %-8s %s%s\n", org == NULL ? "?" : org->slug, c->slug, c->email,
                   protocol_words[c->protocol], why == NULL ? "" : why,
                   c->retired ? " (retired)" : "");
            continue;
        }
        o = json_write(contact_fields, c);
        json_object_set_new(o, "org", json_string(org == NULL ? "?" : org->slug));
        json_set_text(o, "unusable", why);
        json_array_append_new(list, o);
    }
    if (ctl->json)
        return print_json(ctl, list);
    json_decref(list);
    return EX_OK;
}

static json_t *key_json(struct ctl *ctl, const struct key *key)
{
    json_t *o = json_write(key_fields, key);

    json_object_del(o, "bytes");
    json_object_set_new(o, "expires",
                        key->expires == 0 ? json_null()
                                          : json_string(text_rfc3339(ctl->a, key->expires)));
    json_object_set_new(o, "usable", json_boolean(key_usable(key, clock_now())));
    return o;
}

static int run_key_list(struct ctl *ctl)
{
    json_t *list = json_array();
    struct directory *d;

    if (!directory_load(ctl, &d)) {
        json_decref(list);
        return ctl_error(ctl);
    }
    for (size_t i = 0; i < d->n_keys; i++) {
        const struct key *key = &d->keys[i];

        if (ctl->words.n > 0 && strcmp(ctl->words.at[0], key->fingerprint) != 0)
            continue;
        if (ctl->json)
            json_array_append_new(list, key_json(ctl, key));
        else
            printf("%s %-8s %-9s %s\n", key->fingerprint, protocol_words[key->protocol],
                   key_state_words[key->state], key->addresses.n > 0 ? key->addresses.at[0] : "");
    }
    if (ctl->json)
        return print_json(ctl, list);
    json_decref(list);
    return EX_OK;
}

/* clang-format off */
const struct verb verbs_directory[] = {
    {"org add", "SLUG", 1, 1, false, "add an organisation", run_org_add,
     {{"name", "NAME", "its full name"},
      {"role", "vendor|partner", "what it is to the desk; default vendor"},
      {"trust", "registered|verified|nda", "how well it is known; default registered"},
      {"alias", "TEXT", "another name; may stand several times"},
      {"domain", "DOMAIN", "its mail domain; may stand several times"},
      {"term", "TEXT", "another word that names it; may stand several times"},
      {"phone", "NUMBER", "a telephone number of it; may stand several times"},
      {"common", "TEXT", "one of these is an ordinary word too: only found as it is written"},
      {"group", "NAME", "for Vendors: +@group; may stand several times"}}},
    {"org list", "", 0, 0, false, "list organisations", run_org_list, {{0}}},
    {"org retire", "SLUG", 1, 1, false, "write to it no more", run_org_retire, {{0}}},
    {"contact add", "ORG/NAME", 1, 1, false, "add a contact; ORG desk: a coordinator", run_contact_add,
     {{"name", "NAME", "the person or team"},
      {"email", "ADDRESS", "where letters go"},
      {"protocol", "openpgp|smime|none", "default: what the key is"},
      {"key", "FILE", "its public key or certificate; approved at once"},
      {"private-reply", "yes|no", "letters carry a private reply address; default no"},
      {"language", "LANGUAGE", "of its letters; default language"},
      {"zone", "ZONE", "its time zone, such as Asia/Tokyo; default zone"}}},
    {"contact list", "", 0, 0, false, "list contacts", run_contact_list, {{0}}},
    {"contact retire", "ORG/NAME", 1, 1, false, "write to it no more", run_contact_retire, {{0}}},
    {"key add", "FILE", 1, 1, false, "a new key for a contact, approved at once", run_key_add,
     {{"contact", "ORG/NAME", "whose"}}},
    {"key list", "", 0, 0, false, "list keys", run_key_list, {{0}}},
    {"key show", "FINGERPRINT", 1, 1, false, "one key", run_key_list, {{0}}},
    {"key approve", "FINGERPRINT", 1, 1, false, "approve an offered key", run_key_approve, {{0}}},
    {"key retire", "FINGERPRINT", 1, 1, false, "use a key no more", run_key_retire, {{0}}},
    {"ca add", "FILE", 1, 1, false, "trust an S/MIME root, or take its revocation list (PEM)", run_ca_add, {{0}}},
    {"import", "FILE", 1, 1, false, "orgs, contacts, keys and roots from a JSON file, at once", run_import, {{0}}},
    {.name = NULL},
};
/* clang-format on */
