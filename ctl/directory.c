#include "ctl/directory.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "crypto/crypto.h"
#include "model/address.h"
#include "redact/terms.h"

/* ---- keys ---- */

/* A folder of our own in memory, where it can be had: foreign keys never lie on disk. */
bool directory_scratch(struct ctl *ctl, char **ret_path)
{
    static const char *const places[] = {"/dev/shm", "/run", "/tmp"};

    for (size_t i = 0; i < LEN(places) + 1; i++) {
        char *path =
            arena_printf(ctl->a, "%s/embargoctl-XXXXXX",
                         i == 0 ? ctl->options == NULL ? "/dev/shm" : ctl->options->run_directory
                                : places[i - 1]);

        if (mkdtemp(path) != NULL) {
            *ret_path = path;
            return true;
        }
    }
    return err_sys(&ctl->err, ERR_OPERATOR, errno, "can't make a folder to look at keys in");
}

static bool inspect(struct ctl *ctl, const char *scratch, struct span bytes,
                    struct crypto_key_facts *facts)
{
    struct crypto_config config = {.scratch = scratch};
    SCOPED(crypto_close) struct crypto *crypto = NULL;

    return crypto_open(&config, &crypto, &ctl->err) &&
           crypto_inspect(crypto, ctl->a, bytes, clock_now(), facts, &ctl->err);
}

bool directory_inspect(struct ctl *ctl, struct span bytes, const char *address, struct key *ret_key)
{
    struct crypto_key_facts facts = {.protocol = PROTOCOL_NONE};
    char *scratch;
    bool good;

    if (!directory_scratch(ctl, &scratch))
        return false;
    good = inspect(ctl, scratch, bytes, &facts);
    rmdir(scratch);
    if (!good)
        return false;
    if (facts.protocol == PROTOCOL_NONE)
        return err_set(&ctl->err, ERR_OPERATOR, "this is no public key or certificate: %s",
                       facts.reason == NULL ? "unknown form" : facts.reason);
    if (address != NULL && !strs_has(&facts.addresses, address))
        fprintf(stderr, "warning: the key does not name %s; some mail clients refuse such keys\n",
                address);
    if (!facts.usable)
        fprintf(stderr, "warning: the key can't be used now (%s): letters will say key-needed\n",
                facts.reason == NULL ? "unknown reason" : facts.reason);
    *ret_key = (struct key){.fingerprint = facts.fingerprint,
                            .protocol = facts.protocol,
                            .state = KEY_APPROVED,
                            .key_ids = facts.key_ids,
                            .addresses = facts.addresses,
                            .created = facts.created,
                            .expires = facts.expires,
                            .bytes = facts.bytes};
    return true;
}

/* ---- one transaction ---- */

static bool load(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    return txn_load_directory(txn, a, ctx, err);
}

bool directory_load(struct ctl *ctl, struct directory **ret_directory)
{
    SCOPED(store_close) struct store *store = NULL;

    return ctl_store(ctl, &store) && store_read(store, ctl->a, load, ret_directory, &ctl->err);
}

static bool put_orgs(struct txn *txn, const struct directory_change *change,
                     const struct directory *d, struct err *err)
{
    for (size_t i = 0; i < change->n_orgs; i++) {
        struct org org = change->orgs[i];

        if (org.id == 0 && directory_org_slug(d, span_str(org.slug)) != NULL)
            return err_set(err, ERR_OPERATOR, "org %s is there already; see embargoctl org list",
                           org.slug);
        if (!txn_put_org(txn, &org, err))
            return false;
        change->orgs[i].id = org.id;
    }
    return true;
}

static uint32_t org_id(const struct directory_change *change, const struct directory *d,
                       const char *slug)
{
    const struct org *org = directory_org_slug(d, span_str(slug));

    for (size_t i = 0; org == NULL && i < change->n_orgs; i++) {
        if (strcmp(change->orgs[i].slug, slug) == 0)
            return change->orgs[i].id;
    }
    return org == NULL ? 0 : org->id;
}

static bool contact_taken(const struct directory *d, uint32_t org, const char *slug)
{
    for (size_t i = 0; i < d->n_contacts; i++) {
        if (d->contacts[i].org == org && strcmp(d->contacts[i].slug, slug) == 0)
            return true;
    }
    return false;
}

static bool put_contact(struct txn *txn, const struct directory_change *change,
                        const struct directory *d, const struct new_contact *fresh, struct err *err)
{
    struct contact contact = fresh->contact;
    struct key key = fresh->key;

    contact.org = org_id(change, d, fresh->org);
    if (contact.org == 0)
        return err_set(err, ERR_OPERATOR,
                       "no org %s; add it first: embargoctl org add %s --name ...", fresh->org,
                       fresh->org);
    if (contact.id == 0 && contact_taken(d, contact.org, contact.slug))
        return err_set(err, ERR_OPERATOR,
                       "contact %s/%s is there already; also who is retired keeps that name",
                       fresh->org, contact.slug);
    if (!txn_put_contact(txn, &contact, err))
        return false;
    if (key.bytes.n == 0)
        return true;
    key.contact = contact.id;
    return txn_put_key(txn, &key, err);
}

static bool put_change(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    const struct directory_change *change = ctx;
    struct directory *d = NULL;

    if (!txn_load_directory(txn, a, &d, err) || !put_orgs(txn, change, d, err))
        return false;
    for (size_t i = 0; i < change->n_contacts; i++) {
        if (!put_contact(txn, change, d, &change->contacts[i], err))
            return false;
    }
    for (size_t i = 0; i < change->n_cas; i++) {
        if (!txn_put_ca(txn, change->cas[i], err))
            return false;
    }
    return true;
}

bool directory_commit(struct ctl *ctl, struct directory_change *change)
{
    SCOPED(store_close) struct store *store = NULL;

    if (!ctl_store(ctl, &store) || !store_write(store, put_change, change, &ctl->err))
        return false;
    ctl_wake(ctl);
    return true;
}

int directory_done(struct ctl *ctl, struct directory_change *change, const char *done)
{
    if (!directory_commit(ctl, change))
        return ctl_error(ctl);
    printf("%s\n", done);
    return EX_OK;
}

const struct contact *directory_contact_named(struct ctl *ctl, const struct directory *d,
                                              const char *name)
{
    struct span whole = span_str(name);
    size_t slash = span_find(whole, '/');
    const struct org *org = directory_org_slug(d, span_first(whole, slash));

    for (size_t i = 0; org != NULL && i < d->n_contacts; i++) {
        if (d->contacts[i].org == org->id &&
            span_eq_str(span_from(whole, slash + 1), d->contacts[i].slug))
            return &d->contacts[i];
    }
    err_set(&ctl->err, ERR_OPERATOR, "no contact %s; see embargoctl contact list", name);
    return NULL;
}
