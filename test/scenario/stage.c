#include "test/scenario/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/record.h"

enum { START = 1798761600 /* 2027-01-01 00:00 UTC */, OUT_MAX = 1 << 20 };

void stage_fail(const char *what, const char *detail)
{
    fprintf(stderr, "scenario: %s: %s\n", what, detail);
    exit(99);
}

const char *line_value(const struct line *line, const char *word)
{
    for (size_t i = 0; i + 1 < line->n; i++)
        if (strcmp(line->at[i], word) == 0)
            return line->at[i + 1];
    return NULL;
}

bool line_has(const struct line *line, const char *word)
{
    for (size_t i = 0; i < line->n; i++)
        if (strcmp(line->at[i], word) == 0)
            return true;
    return false;
}

const char *stage_reporter_key(struct arena *a, unsigned n)
{
    return arena_printf(a, "F00D%036u", n);
}

static void draw(void *ctx, void *ret_bytes, size_t n)
{
    struct stage *s = ctx;
    unsigned char *bytes = ret_bytes;
    s->drawn++;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)(i < 8 ? s->drawn >> (8 * i) : 0);
}

struct moment stage_moment(struct stage *s)
{
    return (struct moment){.now = s->now, .draw = {.bytes = draw, .ctx = s}};
}

static bool pins(void *ctx, struct arena *a, const struct letter *letter, struct strs *ret_pins,
                 struct err *err)
{
    (void)ctx;
    (void)err;
    strs_add(a, ret_pins, arena_printf(a, "address %s", letter->address));
    return true;
}

void stage_view(struct stage *s, const struct rows *rows, struct view *ret_view)
{
    *ret_view = (struct view){
        .policy = &s->policy,
        .directory = s->directory,
        .terms = s->terms,
        .rows = rows,
        .pinning = {.pins = pins},
    };
}

void stage_give(struct stage *s, const char *who, const char *place, const char *code)
{
    ARENA_GROW(s->a, s->codes, s->n_codes, s->codes_room);
    s->codes[s->n_codes++] = (struct given){arena_strdup(s->a, who), arena_strdup(s->a, place),
                                            arena_strdup(s->a, code)};
}

const char *stage_code(struct stage *s, const char *who, const char *place)
{
    for (size_t i = s->n_codes; i > 0; i--)
        if (strcmp(s->codes[i - 1].who, who) == 0 && strcmp(s->codes[i - 1].place, place) == 0)
            return s->codes[i - 1].code;
    return "aaaaaaaaaaaaaaaa";
}

const char *stage_first_code(struct stage *s, const char *who, const char *place)
{
    for (size_t i = 0; i < s->n_codes; i++)
        if (strcmp(s->codes[i].who, who) == 0 && strcmp(s->codes[i].place, place) == 0)
            return s->codes[i].code;
    return "aaaaaaaaaaaaaaaa";
}

const char *stage_reader(struct stage *s, uint32_t contact)
{
    const struct contact *one = directory_contact(s->directory, contact);
    const struct org *org = one ? directory_org(s->directory, one->org) : NULL;
    if (!org)
        return "reporter";
    return org->role == ORG_DESK ? one->slug : org->slug;
}

static bool load_directory(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct stage *s = ctx;
    return txn_load_directory(txn, a, &s->directory, err);
}

void stage_directory(struct stage *s)
{
    struct err err;
    struct term *terms;
    size_t n = 0;
    if (!store_read(s->store, s->a, load_directory, s, &err))
        stage_fail("directory", err.text);
    terms = ARENA_ARRAY(s->a, 2 * s->directory->n_orgs + s->terms_wanted.n, struct term);
    for (size_t i = 0; i < s->directory->n_orgs; i++) {
        const struct org *org = &s->directory->orgs[i];
        terms[n++] = (struct term){.text = org->name, .owner = org->id, .kind = TERM_NAME};
        if (org->domains.n > 0)
            terms[n++] =
                (struct term){.text = org->domains.at[0], .owner = org->id, .kind = TERM_DOMAIN};
    }
    for (size_t i = 0; i < s->terms_wanted.n; i++)
        terms[n++] =
            (struct term){.text = s->terms_wanted.at[i], .kind = TERM_NAME, .common = true};
    s->terms = terms_new(s->a, terms, n, NULL);
}

struct stage stage_new(struct arena *a)
{
    struct stage s = {
        .a = a,
        .store = store_open_memory(),
        .now = START,
        .policy =
            {
                .desk_name = "Example CERT",
                .desk_address = "security@cert.example",
                .send_delay = 600,
                .code_age_coordinator = 14 * 86400,
                .code_age_party = 60 * 86400,
                .signature_age_max = 72 * 3600,
                .signature_ahead_max = 600,
            },
        .out = buf_new(a, OUT_MAX),
    };
    kv_mem_conflict_every(s.store->kv, 2);
    return s;
}
