#include "flow/world-terms.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/text.h"
#include "flow/world-guard.h"

enum { VENDOR_LIST_MAX = 4 * 1024 * 1024 };

struct words {
    struct term *terms;
    size_t n;
    size_t room;
};

static void add_term(struct arena *a, struct words *w, const char *text, uint32_t owner,
                     enum term_kind kind, bool common)
{
    if (text == NULL || text[0] == '\0')
        return;
    ARENA_GROW(a, w->terms, w->n, w->room);
    w->terms[w->n++] = (struct term){.text = text, .owner = owner, .kind = kind, .common = common};
}

/* The name without what is in `but`, if enough is left. With a digit it is no ordinary word. */
static void add_without(struct arena *a, struct words *w, const char *text, uint32_t owner,
                        const char *but)
{
    struct buf b = buf_new(a, strlen(text) + 1);
    bool digit = false;

    for (const char *p = text; *p != '\0'; p++) {
        digit = digit || ascii_is_digit((unsigned char)*p);
        if (strchr(but, *p) == NULL)
            buf_add_char(&b, *p);
    }
    if (b.n >= TERMS_JOINED_MIN && b.n < strlen(text))
        add_term(a, w, b.at, owner, TERM_ALIAS, !digit);
}

/* "RedHat" for Red Hat, "IODATA" and "I-ODATA" for I-O DATA: as in code and product names. Only as
 * written, since joined words can be an ordinary one (Check Point), but "archerax73" can't. */
static void add_joined(struct arena *a, struct words *w, const char *text, uint32_t owner)
{
    add_without(a, w, text, owner, " -");
    if (strchr(text, '-') != NULL)
        add_without(a, w, text, owner, " ");
}

/* As it is written, and in the other kana. */
static void add_kana(struct arena *a, struct words *w, const char *text, uint32_t owner,
                     enum term_kind kind, bool common)
{
    struct term_words kana = terms_kana(a, text);

    add_term(a, w, text, owner, kind, common);
    for (size_t i = 0; i < kana.n; i++)
        add_term(a, w, kana.at[i], owner, TERM_ALIAS, common);
}

static void add_name(struct arena *a, struct words *w, const char *text, uint32_t owner,
                     enum term_kind kind, bool common)
{
    add_kana(a, w, text, owner, kind, common);
    add_joined(a, w, text, owner);
}

static void add_terms(struct arena *a, struct words *w, const struct strs *list,
                      const struct org *org, enum term_kind kind)
{
    for (size_t i = 0; i < list->n; i++) {
        bool common = strs_has(&org->common, list->at[i]);

        if (kind == TERM_DOMAIN)
            add_term(a, w, list->at[i], org->id, kind, common);
        else
            add_name(a, w, list->at[i], org->id, kind, common);
    }
}

static void add_company(struct arena *a, struct words *w, const char *name, uint32_t owner,
                        bool common)
{
    struct term_words variants = terms_variants(a, name);

    add_name(a, w, name, owner, TERM_NAME, common);
    for (size_t i = 0; i < variants.n; i++)
        add_name(a, w, variants.at[i], owner, TERM_NAME, common || terms_is_common(variants.at[i]));
}

static void add_org(struct arena *a, struct words *w, const struct org *org)
{
    add_company(a, w, org->name, org->id, strs_has(&org->common, org->name));
    add_terms(a, w, &org->aliases, org, TERM_ALIAS);
    add_terms(a, w, &org->domains, org, TERM_DOMAIN);
    add_terms(a, w, &org->terms, org, TERM_HANDLE);
    add_terms(a, w, &org->phones, org, TERM_PHONE);
}

static void add_contact(struct arena *a, struct words *w, const struct contact *c)
{
    add_term(a, w, c->email, c->org, TERM_ADDRESS, false);
    add_term(a, w, c->key, c->org, TERM_KEYID, false);
    if (c->name != NULL)
        add_kana(a, w, c->name, c->org, TERM_NAME, terms_is_common(c->name));
}

/* Former keys too, and those that were only offered: they name their owner all the same. */
static void add_key(struct arena *a, struct words *w, const struct key *key, uint32_t owner)
{
    add_term(a, w, key->fingerprint, owner, TERM_KEYID, false);
    for (size_t i = 0; i < key->key_ids.n; i++) {
        if (strlen(key->key_ids.at[i]) >= KEY_ID_MIN)
            add_term(a, w, key->key_ids.at[i], owner, TERM_KEYID, false);
    }
    for (size_t i = 0; i < key->addresses.n; i++)
        add_term(a, w, key->addresses.at[i], owner, TERM_ADDRESS, false);
}

/* NULL: nobody's, or the desk's own. */
static const struct org *owner_of(const struct directory *d, const struct contact *c)
{
    const struct org *org = c == NULL ? NULL : directory_org(d, c->org);

    return org == NULL || org->role == ORG_DESK ? NULL : org;
}

static bool read_list(struct arena *a, const char *path, struct span *ret_bytes, struct err *err)
{
    SCOPED(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct buf text = buf_new(a, VENDOR_LIST_MAX);
    char chunk[65536];
    ssize_t n = -1;

    while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
        buf_add(&text, chunk, (size_t)n);
    if (n < 0)
        return err_sys(err, ERR_OPERATOR, errno, "vendor-list %s", path);
    if (text.full)
        return err_set(err, ERR_OPERATOR, "vendor-list %s is larger than %d bytes", path,
                       VENDOR_LIST_MAX);
    *ret_bytes = buf_span(&text);
    return true;
}

/* A name that the public list and an org share is the org's: a reader's own words stay. */
static bool read_vendor_list(struct arena *a, const char *path, struct words *w, struct err *err)
{
    struct span bytes;
    struct span line;

    if (path[0] == '\0')
        return true;
    if (!read_list(a, path, &bytes, err))
        return false;
    while (span_line(&bytes, &line)) {
        const char *name = span_dup(a, span_trim(line));

        if (name[0] == '\0' || name[0] == '#')
            continue;
        if (!text_is_utf8(span_str(name)))
            return err_set(err, ERR_OPERATOR, "vendor-list %s: a name is not UTF-8", path);
        add_company(a, w, name, 0, terms_is_common(name));
    }
    return true;
}

bool world_vendor_list(struct arena *a, const char *path, struct err *err)
{
    struct words w = {.n = 0};

    return read_vendor_list(a, path, &w, err);
}

/* The term list is the whole directory but the desk itself, and the public list; the same for every
 * case. */
bool world_terms(struct world *world, struct err *err)
{
    const struct directory *d = world->directory;
    struct arena *a = world->arena;
    struct words w = {.n = 0};

    for (size_t i = 0; i < d->n_orgs; i++) {
        if (d->orgs[i].role != ORG_DESK)
            add_org(a, &w, &d->orgs[i]);
    }
    for (size_t i = 0; i < d->n_contacts; i++) {
        if (owner_of(d, &d->contacts[i]) != NULL)
            add_contact(a, &w, &d->contacts[i]);
    }
    for (size_t i = 0; i < d->n_keys; i++) {
        const struct org *org = owner_of(d, directory_contact(d, d->keys[i].contact));

        if (org != NULL)
            add_key(a, &w, &d->keys[i], org->id);
    }
    if (!read_vendor_list(a, world->options->vendor_list, &w, err))
        return false;
    world->terms = terms_new(a, w.terms, w.n, NULL);
    world->guard_words = world_guard(a, d, w.terms, w.n);
    return true;
}
