#include "ctl/entry.h"

#include "crypto/crypto.h"
#include "flow/zone.h"
#include "model/address.h"
#include "redact/terms.h"
#include "template/languages.h"

static const struct json_field contact_entry_fields[] = {
    JSON_FIELD(TEXT, struct entry_contact, slug, "slug"),
    JSON_FIELD(TEXT, struct entry_contact, name, "name"),
    JSON_FIELD(TEXT, struct entry_contact, email, "email"),
    JSON_FIELD(TEXT, struct entry_contact, protocol, "protocol"),
    JSON_FIELD(TEXT, struct entry_contact, key, "key"),
    JSON_FIELD(BOOL, struct entry_contact, private_reply, "private_reply"),
    JSON_FIELD(TEXT, struct entry_contact, language, "language"),
    JSON_FIELD(TEXT, struct entry_contact, zone, "zone"),
    JSON_END,
};

static const struct json_field org_entry_fields[] = {
    JSON_FIELD(TEXT, struct entry_org, slug, "slug"),
    JSON_FIELD(TEXT, struct entry_org, name, "name"),
    JSON_FIELD(TEXT, struct entry_org, role, "role"),
    JSON_FIELD(TEXT, struct entry_org, trust, "trust"),
    JSON_FIELD(STRS, struct entry_org, aliases, "aliases"),
    JSON_FIELD(STRS, struct entry_org, phones, "phones"),
    JSON_FIELD(STRS, struct entry_org, domains, "domains"),
    JSON_FIELD(STRS, struct entry_org, terms, "terms"),
    JSON_FIELD(STRS, struct entry_org, common, "common"),
    JSON_FIELD(STRS, struct entry_org, pending, "pending"),
    JSON_FIELD(STRS, struct entry_org, groups, "groups"),
    JSON_LIST(struct entry_org, contacts, "contacts", struct entry_contact, contact_entry_fields),
    JSON_END,
};

struct entry_file {
    struct entry_org *orgs;
    size_t n_orgs;
    size_t orgs_room;
    struct strs cas;
};

static const struct json_field file_fields[] = {
    JSON_LIST(struct entry_file, orgs, "orgs", struct entry_org, org_entry_fields),
    JSON_FIELD(STRS, struct entry_file, cas, "cas"),
    JSON_END,
};

bool entry_word(struct ctl *ctl, const char *what, const char *word, const char *const *words,
                size_t n, unsigned *ret_index)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], word) == 0) {
            *ret_index = (unsigned)i;
            return true;
        }
    }
    return err_set(&ctl->err, ERR_OPERATOR, "%s \"%s\" is unknown; write one of: %s, %s, %s", what,
                   word, words[0], words[1], words[2]);
}

static bool check_slug(struct ctl *ctl, const char *what, const char *slug)
{
    if (slug != NULL && slug_valid(span_str(slug)))
        return true;
    return err_set(&ctl->err, ERR_OPERATOR,
                   "%s \"%s\": a short name has a-z, 0-9 and -, at most %d of them", what,
                   slug == NULL ? "" : slug, SLUG_MAX);
}

/* Names that are ordinary words are proposed as such, and the admin is told. */
void entry_note_common(struct ctl *ctl, struct org *org, const char *name)
{
    if (!terms_is_common(name) || strs_has(&org->common, name))
        return;
    strs_add(ctl->a, &org->common, name);
    fprintf(stderr, "note: \"%s\" is an ordinary word too: it is only cut where it is written so\n",
            name);
}

bool entry_add_org(struct ctl *ctl, const struct entry_org *record, struct directory_change *change)
{
    struct org org = {.slug = record->slug,
                      .name = record->name,
                      .aliases = record->aliases,
                      .phones = record->phones,
                      .domains = record->domains,
                      .terms = record->terms,
                      .common = record->common,
                      .pending = record->pending,
                      .groups = record->groups};
    unsigned role = ORG_VENDOR;
    unsigned trust = ORG_REGISTERED;

    if (!check_slug(ctl, "org", record->slug))
        return false;
    if (record->name == NULL || record->name[0] == '\0')
        return err_set(&ctl->err, ERR_OPERATOR, "org %s: --name is missing", record->slug);
    if (record->role != NULL &&
        !entry_word(ctl, "role", record->role, org_role_words, LEN(org_role_words), &role))
        return err_wrap(&ctl->err, "org %s", record->slug);
    if (record->trust != NULL &&
        !entry_word(ctl, "trust", record->trust, org_trust_words, LEN(org_trust_words), &trust))
        return err_wrap(&ctl->err, "org %s", record->slug);
    org.role = (enum org_role)role;
    org.trust = (enum org_trust)trust;
    entry_note_common(ctl, &org, org.name);
    for (size_t i = 0; i < org.aliases.n; i++)
        entry_note_common(ctl, &org, org.aliases.at[i]);
    ARENA_GROW(ctl->a, change->orgs, change->n_orgs, change->orgs_room);
    change->orgs[change->n_orgs++] = org;
    return true;
}

bool entry_check_contact(struct ctl *ctl, struct contact *contact)
{
    const char *email = contact->email;
    const struct zone *zone;
    struct strs known;
    const char *why;

    contact->email = email == NULL ? NULL : address_clean(ctl->a, span_str(email));
    if (contact->email == NULL)
        return err_set(&ctl->err, ERR_OPERATOR, "--email \"%s\" is no mail address",
                       email == NULL ? "" : email);
    if (contact->zone != NULL && !zone_load(ctl->a, contact->zone, &zone, &ctl->err))
        return false;
    if (contact->language == NULL)
        return true;
    known = languages_in(ctl->a, ctl->options->template_directory,
                         ctl->options->site_template_directory);
    why = language_problem(ctl->a, &known, contact->language);
    return why == NULL || err_set(&ctl->err, ERR_OPERATOR, "language: %s", why);
}

static bool fill_contact(struct ctl *ctl, const struct entry_contact *record,
                         struct new_contact *fresh)
{
    struct contact *c = &fresh->contact;
    unsigned protocol = PROTOCOL_NONE;
    struct span key = {(const unsigned char *)record->key, record->key == NULL ? 0
                                                           : record->key_n > 0
                                                               ? record->key_n
                                                               : strlen(record->key)};

    c->slug = record->slug;
    c->name = record->name;
    c->language = record->language;
    c->zone = record->zone;
    c->email = record->email;
    c->private_reply = record->private_reply;
    if (!entry_check_contact(ctl, c))
        return false;
    if (record->protocol != NULL && !entry_word(ctl, "protocol", record->protocol, protocol_words,
                                                LEN(protocol_words), &protocol))
        return false;
    c->protocol = (enum protocol)protocol;
    if (key.n == 0)
        return true;
    if (!directory_inspect(ctl, key, c->email, &fresh->key))
        return false;
    if (record->protocol != NULL && c->protocol != fresh->key.protocol)
        return err_set(&ctl->err, ERR_OPERATOR, "the key is for %s, not %s",
                       protocol_words[fresh->key.protocol], record->protocol);
    c->protocol = fresh->key.protocol;
    c->key = fresh->key.fingerprint;
    return true;
}

bool entry_add_contact(struct ctl *ctl, const char *org, const struct entry_contact *record,
                       struct directory_change *change)
{
    struct new_contact fresh = {.org = org};

    if (!check_slug(ctl, "org", org) || !check_slug(ctl, "contact", record->slug))
        return false;
    if (!fill_contact(ctl, record, &fresh))
        return err_wrap(&ctl->err, "contact %s/%s", org, record->slug);
    ARENA_GROW(ctl->a, change->contacts, change->n_contacts, change->contacts_room);
    change->contacts[change->n_contacts++] = fresh;
    return true;
}

bool entry_add_ca(struct ctl *ctl, struct span pem, struct directory_change *change)
{
    struct key key = {.bytes = pem};

    /* A revocation list proves itself: who reads it asks for its authority's signature. */
    if (!span_starts(span_trim(pem), "-----BEGIN X509 CRL-----")) {
        if (!directory_inspect(ctl, pem, NULL, &key))
            return false;
        if (key.protocol != PROTOCOL_SMIME)
            return err_set(&ctl->err, ERR_OPERATOR, "a root is an X.509 certificate in PEM");
    }
    ARENA_GROW(ctl->a, change->cas, change->n_cas, change->cas_room);
    change->cas[change->n_cas++] = key.bytes;
    return true;
}

bool entry_read(struct ctl *ctl, struct span text, struct directory_change *change)
{
    struct entry_file file = {.n_orgs = 0};
    SCOPED(json_decref) json_t *json = NULL;

    if (!json_parse(text, &json, &ctl->err) ||
        !json_read(ctl->a, file_fields, json, &file, &ctl->err))
        return false;
    for (size_t i = 0; i < file.n_orgs; i++) {
        const struct entry_org *org = &file.orgs[i];

        /* "desk" is there after init: only its contacts come in. */
        if (org->slug == NULL || strcmp(org->slug, DESK_SLUG) != 0) {
            if (!entry_add_org(ctl, org, change))
                return false;
        }
        for (size_t j = 0; j < org->n_contacts; j++) {
            if (!entry_add_contact(ctl, org->slug, &org->contacts[j], change))
                return false;
        }
    }
    for (size_t i = 0; i < file.cas.n; i++) {
        if (!entry_add_ca(ctl, span_str(file.cas.at[i]), change))
            return false;
    }
    return true;
}
