#include "model/directory.h"

#include <strings.h>

const char *const org_role_words[3] = {"vendor", "partner", "desk"};
const char *const org_trust_words[3] = {"registered", "verified", "nda"};
const char *const key_state_words[3] = {"offered", "approved", "retired"};

const struct json_field org_fields[] = {
    JSON_FIELD(U32, struct org, id, "id"),
    JSON_FIELD(TEXT, struct org, slug, "slug"),
    JSON_FIELD(TEXT, struct org, name, "name"),
    JSON_WORD(struct org, role, "role", org_role_words),
    JSON_WORD(struct org, trust, "trust", org_trust_words),
    JSON_FIELD(STRS, struct org, aliases, "aliases"),
    JSON_FIELD(STRS, struct org, phones, "phones"),
    JSON_FIELD(STRS, struct org, domains, "domains"),
    JSON_FIELD(STRS, struct org, terms, "terms"),
    JSON_FIELD(STRS, struct org, common, "common"),
    JSON_FIELD(STRS, struct org, pending, "pending"),
    JSON_FIELD(STRS, struct org, refused, "refused"),
    JSON_FIELD(STRS, struct org, groups, "groups"),
    JSON_FIELD(BOOL, struct org, retired, "retired"),
    JSON_END,
};

const struct json_field contact_fields[] = {
    JSON_FIELD(U32, struct contact, id, "id"),
    JSON_FIELD(U32, struct contact, org, "org"),
    JSON_FIELD(TEXT, struct contact, slug, "slug"),
    JSON_FIELD(TEXT, struct contact, name, "name"),
    JSON_FIELD(TEXT, struct contact, email, "email"),
    JSON_WORD(struct contact, protocol, "protocol", protocol_words),
    JSON_FIELD(TEXT, struct contact, key, "key"),
    JSON_FIELD(TEXT, struct contact, language, "language"),
    JSON_FIELD(TEXT, struct contact, zone, "zone"),
    JSON_FIELD(BOOL, struct contact, private_reply, "private_reply"),
    JSON_FIELD(BOOL, struct contact, retired, "retired"),
    JSON_END,
};

const struct json_field key_fields[] = {
    JSON_FIELD(TEXT, struct key, fingerprint, "fingerprint"),
    JSON_WORD(struct key, protocol, "protocol", protocol_words),
    JSON_WORD(struct key, state, "state", key_state_words),
    JSON_FIELD(U32, struct key, contact, "contact"),
    JSON_FIELD(STRS, struct key, key_ids, "key_ids"),
    JSON_FIELD(STRS, struct key, addresses, "addresses"),
    JSON_FIELD(I64, struct key, created, "created"),
    JSON_FIELD(I64, struct key, expires, "expires"),
    JSON_FIELD(BOOL, struct key, revoked, "revoked"),
    JSON_FIELD(BYTES, struct key, bytes, "bytes"),
    JSON_END,
};

const struct org *directory_org(const struct directory *d, uint32_t id)
{
    size_t low = 0;
    size_t high = d->n_orgs;
    while (low < high) {
        size_t i = low + (high - low) / 2;
        if (d->orgs[i].id == id)
            return &d->orgs[i];
        if (d->orgs[i].id < id)
            low = i + 1;
        else
            high = i;
    }
    return NULL;
}

const struct org *directory_org_slug(const struct directory *d, struct span slug)
{
    for (size_t i = 0; i < d->n_orgs; i++) {
        if (d->orgs[i].slug && span_eq_nocase(slug, d->orgs[i].slug))
            return &d->orgs[i];
    }
    return NULL;
}

const struct contact *directory_contact(const struct directory *d, uint32_t id)
{
    size_t low = 0;
    size_t high = d->n_contacts;
    while (low < high) {
        size_t i = low + (high - low) / 2;
        if (d->contacts[i].id == id)
            return &d->contacts[i];
        if (d->contacts[i].id < id)
            low = i + 1;
        else
            high = i;
    }
    return NULL;
}

/* True while neither the contact nor its org has been retired. */
static bool contact_active(const struct directory *d, const struct contact *c)
{
    const struct org *org = directory_org(d, c->org);
    return !c->retired && org && !org->retired;
}

const struct contact *directory_contact_email(const struct directory *d, const char *email)
{
    if (!email)
        return NULL;
    for (size_t i = 0; i < d->n_contacts; i++) {
        const struct contact *c = &d->contacts[i];
        if (c->email && strcasecmp(c->email, email) == 0 && contact_active(d, c))
            return c;
    }
    return NULL;
}

const struct contact *directory_coordinator(const struct directory *d, struct span slug)
{
    const struct org *desk = directory_org_slug(d, span_str(DESK_SLUG));
    if (!desk)
        return NULL;
    for (size_t i = 0; i < d->n_contacts; i++) {
        const struct contact *c = &d->contacts[i];
        if (c->org == desk->id && c->slug && span_eq_nocase(slug, c->slug) && contact_active(d, c))
            return c;
    }
    return NULL;
}

const struct key *directory_key(const struct directory *d, const char *fingerprint)
{
    if (!fingerprint)
        return NULL;
    for (size_t i = 0; i < d->n_keys; i++) {
        if (d->keys[i].fingerprint && strcasecmp(d->keys[i].fingerprint, fingerprint) == 0)
            return &d->keys[i];
    }
    return NULL;
}

const struct contact *directory_contact_key(const struct directory *d, const char *fingerprint)
{
    const struct key *key = directory_key(d, fingerprint);
    if (!key || key->state != KEY_APPROVED || key->contact == 0)
        return NULL;
    const struct contact *c = directory_contact(d, key->contact);
    return c && contact_active(d, c) ? c : NULL;
}

/* Why a key can't be encrypted to, or NULL. */
static const char *key_problem(const struct key *key, instant now)
{
    if (!key || key->protocol == PROTOCOL_NONE)
        return "no key";
    if (key->state == KEY_OFFERED)
        return "key not approved";
    if (key->state != KEY_APPROVED)
        return "key retired";
    if (key->revoked)
        return "key revoked";
    if (key->expires != 0 && key->expires <= now)
        return "key expired";
    return NULL;
}

bool key_usable(const struct key *key, instant now)
{
    return key_problem(key, now) == NULL;
}

const char *contact_unusable(const struct directory *d, const struct contact *c, instant now)
{
    if (c->retired)
        return "contact retired";
    return key_problem(directory_key(d, c->key), now);
}

const struct contact *directory_reader(const struct directory *d, uint32_t org, instant now)
{
    const struct contact *first = NULL;
    for (size_t i = 0; i < d->n_contacts; i++) {
        const struct contact *c = &d->contacts[i];
        if (c->org != org || c->retired)
            continue;
        if (!contact_unusable(d, c, now))
            return c;
        if (!first)
            first = c;
    }
    return first;
}

/* True if host is domain or lies below it. */
static bool domain_covers(const char *domain, const char *host)
{
    size_t n = strlen(domain);
    size_t n_host = strlen(host);
    if (n == 0 || n_host < n || strcasecmp(host + n_host - n, domain) != 0)
        return false;
    return n_host == n || host[n_host - n - 1] == '.';
}

bool directory_address_of(const struct directory *d, uint32_t org, const char *address)
{
    const struct org *o = directory_org(d, org);
    const char *at = address ? strrchr(address, '@') : NULL;
    if (!o || !at)
        return false;
    for (size_t i = 0; i < o->domains.n; i++) {
        if (domain_covers(o->domains.at[i], at + 1))
            return true;
    }
    for (size_t i = 0; i < d->n_contacts; i++) {
        const struct contact *c = &d->contacts[i];
        if (c->org == org && !c->retired && c->email && strcasecmp(c->email, address) == 0)
            return true;
    }
    return false;
}

bool slug_valid(struct span slug)
{
    if (slug.n == 0 || slug.n > SLUG_MAX || slug.at[0] == '-')
        return false;
    for (size_t i = 0; i < slug.n; i++) {
        unsigned char c = slug.at[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        if (!fits)
            return false;
    }
    return true;
}
