/*
 * directory.h - who is known: orgs, their contacts, their keys.
 *
 * Promises: plain data, loaded whole (a desk knows some thousand orgs), immutable once shared.
 * Look-ups return NULL where there is none. Ids are small numbers, never reused, 0 is nobody.
 */
#ifndef MODEL_DIRECTORY_H
#define MODEL_DIRECTORY_H

#include "model/json.h"

enum org_role { ORG_VENDOR, ORG_PARTNER, ORG_DESK };
enum org_trust { ORG_REGISTERED, ORG_VERIFIED, ORG_NDA };

#define DESK_SLUG "desk" /* the org whose contacts are the coordinators; stands after init */

enum { SLUG_MAX = 40 }; /* [a-z0-9][a-z0-9-]* */

struct org {
    uint32_t id;
    const char *slug;
    const char *name;
    enum org_role role;
    enum org_trust trust;
    struct strs aliases;
    struct strs domains;
    struct strs terms;   /* further words for redaction: handles, products */
    struct strs phones;  /* its telephone numbers, likewise */
    struct strs common;  /* of name, aliases, terms: those that are ordinary words */
    struct strs pending; /* names from outside that nobody has approved: no terms */
    struct strs refused; /* the desk's org alone: names that are not to be asked for again */
    struct strs groups;  /* for Vendors: +@group */
    bool retired;
};

struct contact {
    uint32_t id;
    uint32_t org;
    const char *slug; /* unique in its org */
    const char *name;
    const char *email; /* addr-spec, domain in lower case */
    const char *key;   /* fingerprint of the key to encrypt to, or NULL */
    const char *language;
    const char *zone; /* IANA name; NULL: the desk's */
    enum protocol protocol;
    bool private_reply; /* letters carry the private reply address */
    bool retired;
};

enum { KEY_ID_MIN = 16 /* hex digits of a key id or serial number that is nobody else's */ };

enum key_state { KEY_OFFERED, KEY_APPROVED, KEY_RETIRED };

struct key {
    const char *fingerprint; /* as struct seal's signer */
    enum protocol protocol;
    enum key_state state;
    uint32_t contact; /* 0: nobody's yet */
    bool revoked;
    struct strs key_ids;
    struct strs addresses;
    instant created;
    instant expires;   /* 0: never */
    struct span bytes; /* binary OpenPGP certificate, or DER */
};

struct directory {
    uint64_t generation;
    uint32_t last_id; /* of orgs and contacts alike */
    struct org *orgs; /* by id, rising */
    size_t n_orgs;
    size_t orgs_room;
    struct contact *contacts; /* by id, rising */
    size_t n_contacts;
    size_t contacts_room;
    struct key *keys;
    size_t n_keys;
    size_t keys_room;
    struct span *cas; /* DER, trusted S/MIME roots */
    size_t n_cas;
    size_t cas_room;
};

extern const char *const org_role_words[3];
extern const char *const org_trust_words[3];
extern const char *const key_state_words[3];
extern const struct json_field org_fields[];
extern const struct json_field contact_fields[];
extern const struct json_field key_fields[];

/* By id or slug also retired ones (history needs them); by address, key or as a coordinator only
 * contacts that are active and whose org is. */
const struct org *directory_org(const struct directory *d, uint32_t id);
const struct org *directory_org_slug(const struct directory *d,
                                     struct span slug); /* letter case ignored */
const struct contact *directory_contact(const struct directory *d, uint32_t id);
const struct contact *directory_contact_email(const struct directory *d, const char *email);
const struct contact *directory_coordinator(const struct directory *d, struct span slug);
const struct key *directory_key(const struct directory *d, const char *fingerprint);

/* The contact whose approved key this is; NULL if unknown, retired or only offered. */
const struct contact *directory_contact_key(const struct directory *d, const char *fingerprint);

/* True if the key can be encrypted to at this instant: approved, not expired, not revoked. */
bool key_usable(const struct key *key, instant now);

/* Why a contact can't get content now ("no key", "key expired", "key revoked"), or NULL if it can.
 */
const char *contact_unusable(const struct directory *d, const struct contact *c, instant now);

/* Who gets an org's letters: its first contact with a usable key, else its first; NULL: none. */
const struct contact *directory_reader(const struct directory *d, uint32_t org, instant now);

/* True if the address's domain is one of the org's domains or below one, or if the address is that
 * of one of the org's contacts (whose domain alone says nothing: it may be a mail provider's). */
bool directory_address_of(const struct directory *d, uint32_t org, const char *address);

bool slug_valid(struct span slug);

#endif
