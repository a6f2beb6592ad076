#include "flow/world-guard.h"

#include "base/ascii.h"
#include "base/buf.h"

enum {
    PHONE_DIGITS = 8,  /* of the end of a telephone number */
    SHORT_NAME_MIN = 4 /* bytes; less of a name is none */
};

struct list {
    struct arena *a;
    struct guard_word *at;
    size_t n, room;
    const struct term **cut; /* by text and owner */
    size_t n_cut;
};

static int by_text(const void *x, const void *y)
{
    const struct term *p = *(const struct term *const *)x, *q = *(const struct term *const *)y;
    int order = strcmp(p->text, q->text);

    return order != 0 ? order : (p->owner > q->owner) - (p->owner < q->owner);
}

static void add(struct list *l, const char *text, uint32_t owner, enum guard_kind kind, bool common)
{
    ARENA_GROW(l->a, l->at, l->n, l->room);
    l->at[l->n++] =
        (struct guard_word){.text = text, .owner = owner, .kind = kind, .common = common};
}

/* The end of a telephone number, bare: the guard finds such a row of digits whatever stands between
 * them. */
static void add_phone(struct list *l, const char *number, uint32_t owner)
{
    struct buf digits = buf_new(l->a, strlen(number) + 1);

    for (const char *p = number; *p != '\0'; p++) {
        if (ascii_is_digit((unsigned char)*p))
            buf_add_char(&digits, *p);
    }
    if (digits.n > 0)
        add(l, digits.at + (digits.n > PHONE_DIGITS ? digits.n - PHONE_DIGITS : 0), owner,
            GUARD_PHONE, false);
}

static void add_cut(struct list *l, const struct term *cut, size_t n)
{
    l->cut = ARENA_ARRAY(l->a, n, const struct term *);
    l->n_cut = n;
    for (size_t i = 0; i < n; i++) {
        l->cut[i] = &cut[i];
        if (cut[i].kind == TERM_PHONE)
            add_phone(l, cut[i].text, cut[i].owner);
        else
            add(l, cut[i].text, cut[i].owner, GUARD_TERM, cut[i].common);
    }
    if (n > 0)
        qsort(l->cut, n, sizeof(*l->cut), by_text);
}

static bool is_cut(const struct list *l, const char *text, uint32_t owner)
{
    const struct term one = {.text = text, .owner = owner}, *key = &one;

    return l->n_cut > 0 && bsearch(&key, l->cut, l->n_cut, sizeof(*l->cut), by_text) != NULL;
}

static void add_own(struct list *l, const char *text, uint32_t owner, bool common)
{
    if (text != NULL && text[0] != '\0' && !is_cut(l, text, owner))
        add(l, text, owner, GUARD_TERM, common);
}

/* Up to a ',' or '(', behind which a legal form or a remark stands; perhaps an ordinary word. */
static void add_short(struct list *l, const char *name, uint32_t owner)
{
    size_t n = strcspn(name, ",(");

    while (n > 0 && name[n - 1] == ' ')
        n--;
    if (n >= SHORT_NAME_MIN && name[n] != '\0')
        add_own(l, arena_strndup(l->a, name, n), owner, true);
}

static void add_strs(struct list *l, const struct strs *texts, const struct org *org)
{
    for (size_t i = 0; i < texts->n; i++)
        add_own(l, texts->at[i], org->id, strs_has(&org->common, texts->at[i]));
}

static void add_org(struct list *l, const struct org *org)
{
    add_own(l, org->name, org->id, strs_has(&org->common, org->name));
    add_short(l, org->name, org->id);
    add_strs(l, &org->aliases, org);
    add_strs(l, &org->domains, org);
    add_strs(l, &org->terms, org);
    for (size_t i = 0; i < org->phones.n; i++) {
        if (!is_cut(l, org->phones.at[i], org->id))
            add_phone(l, org->phones.at[i], org->id);
    }
}

static bool is_desk(const struct directory *d, const struct contact *c)
{
    const struct org *org = c == NULL ? NULL : directory_org(d, c->org);

    return org == NULL || org->role == ORG_DESK;
}

static void add_key(struct list *l, const struct key *key, uint32_t owner)
{
    add_own(l, key->fingerprint, owner, false);
    for (size_t i = 0; i < key->addresses.n; i++)
        add_own(l, key->addresses.at[i], owner, false);
    for (size_t i = 0; i < key->key_ids.n; i++) {
        if (strlen(key->key_ids.at[i]) >= KEY_ID_MIN)
            add_own(l, key->key_ids.at[i], owner, false);
    }
}

struct guard_words *world_guard(struct arena *a, const struct directory *d, const struct term *cut,
                                size_t n)
{
    struct list l = {.a = a};

    add_cut(&l, cut, n);
    for (size_t i = 0; i < d->n_orgs; i++) {
        if (d->orgs[i].role != ORG_DESK)
            add_org(&l, &d->orgs[i]);
    }
    for (size_t i = 0; i < d->n_contacts; i++) {
        const struct contact *c = &d->contacts[i];

        if (is_desk(d, c))
            continue;
        add_own(&l, c->email, c->org, false);
        add_own(&l, c->name, c->org, true);
        add_own(&l, c->key, c->org, false);
    }
    for (size_t i = 0; i < d->n_keys; i++) {
        const struct contact *c = directory_contact(d, d->keys[i].contact);

        if (!is_desk(d, c))
            add_key(&l, &d->keys[i], c->org);
    }
    return guard_words_new(a, l.at, l.n);
}
