#include "flow/query-pending.h"

#include "base/text.h"
#include "engine/hits.h"

enum { PENDING_MAX = 500, NAME_BYTES_MAX = 100, CASES_SHOWN_MAX = 20 };

struct name {
    const char *text;
    const char *org;  /* slug; NULL: nobody's yet */
    const char *from; /* "R17", "C42 3", or who keeps it: "directory" */
    uint64_t hits;
    struct strs cases;
    const char *around;
};

struct pending {
    struct query *q;
    const struct rows *rows;
    struct strs refused;
    struct name *at;
    size_t n;
    size_t room;
    bool more;
};

static bool has_nocase(const struct strs *list, const char *text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (span_eq_nocase(span_str(list->at[i]), text))
            return true;
    }
    return false;
}

/* One that is a term already, was refused, or is there already, is not asked for again. */
static bool is_settled(const struct pending *p, const char *text)
{
    for (size_t i = 0; i < p->n; i++) {
        if (span_eq_nocase(span_str(p->at[i].text), text))
            return true;
    }
    return has_nocase(&p->refused, text) || terms_rows(p->q->world->terms, p->q->a, text) != NULL;
}

static void add_name(struct pending *p, struct span text, const char *org, const char *from)
{
    struct span word = span_trim(text);
    const char *name;

    if (word.n == 0 || word.n > NAME_BYTES_MAX)
        return;
    name = text_one_line(p->q->a, word, NAME_BYTES_MAX);
    if (is_settled(p, name))
        return;
    p->more = p->more || p->n == PENDING_MAX;
    if (p->more)
        return;
    ARENA_GROW(p->q->a, p->at, p->n, p->room);
    p->at[p->n++] = (struct name){.text = name, .org = org, .from = from};
}

/* "Hub, Switch; Router", or one a line. */
static void add_list(struct pending *p, struct span text, const char *from)
{
    size_t start = 0;

    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && strchr(",;\n", text.at[i]) == NULL)
            continue;
        add_name(p, span_first(span_from(text, start), i - start), NULL, from);
        start = i + 1;
    }
}

static void add_form(struct pending *p, const struct message *message, const char *from)
{
    static const struct {
        const char *field;
        bool list;
    } fields[] = {
        {"company_name", false},   {"company_name_en", false}, {"company_name_kana", false},
        {"company_aliases", true}, {"company_domains", true},  {"products", true},
        {"vendor_name", false},    {"other_vendors", true},    {"product_name", false},
    };

    for (size_t i = 0; message != NULL && i < message->n_form; i++) {
        const struct form_field *field = &message->form[i];

        for (size_t k = 0; k < LEN(fields); k++) {
            if (strcmp(fields[k].field, field->name) != 0)
                continue;
            if (fields[k].list)
                add_list(p, span_str(field->value), from);
            else
                add_name(p, span_str(field->value), NULL, from);
        }
    }
}

static void add_directory(struct pending *p)
{
    const struct directory *d = p->q->world->directory;
    const struct org *desk = directory_org_slug(d, span_str(DESK_SLUG));

    if (desk != NULL)
        p->refused = desk->refused;
    for (size_t i = 0; i < d->n_orgs; i++) {
        const struct org *org = &d->orgs[i];

        for (size_t k = 0; !org->retired && k < org->pending.n; k++)
            add_name(p, span_str(org->pending.at[k]), org->slug, "directory");
    }
}

static bool add_mail(struct pending *p, uint64_t number, const char *from, struct err *err)
{
    struct message *message = NULL;

    if (number == 0)
        return true;
    if (!p->rows->message(p->rows->ctx, p->q->a, number, &message, err))
        return false;
    add_form(p, message, from);
    return true;
}

/* Reports that wait, and registrations that were taken on; what became of a case is read there. */
static bool add_reports(struct pending *p, struct txn *txn, struct err *err)
{
    struct report **reports = NULL;
    size_t n = 0;

    if (!txn_list_reports(txn, p->q->a, &reports, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct report *r = reports[i];
        struct place place = {.kind = PLACE_REPORT, .number = r->number};

        if (r->joined != 0 ||
            (r->state != REPORT_OPEN && (r->state != REPORT_ACCEPTED || !r->registration)))
            continue;
        for (size_t k = 0; k < r->n_messages; k++) {
            if (!add_mail(p, r->messages[k], place_name(p->q->a, place), err))
                return false;
        }
    }
    return true;
}

static bool is_looked_at(const struct query *q, const struct case_head *head)
{
    return head->state == CASE_OPEN && !query_hidden(q, head);
}

static bool add_case(struct pending *p, const struct case_head *head, struct err *err)
{
    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];
        const char *from =
            arena_printf(p->q->a, "C%llu %u", (unsigned long long)head->number, piece->n);

        if (piece->kind == PIECE_REPORT && !piece->moved && !add_mail(p, piece->message, from, err))
            return false;
    }
    return true;
}

/* ---- what each would cut ---- */

static const struct term_set *set_of(struct pending *p)
{
    struct term *terms = ARENA_ARRAY(p->q->a, p->n, struct term);

    for (size_t i = 0; i < p->n; i++)
        terms[i] = (struct term){.text = p->at[i].text,
                                 .owner = (uint32_t)i + 1,
                                 .kind = TERM_ALIAS,
                                 .common = terms_is_common(p->at[i].text)};
    return terms_new(p->q->a, terms, p->n, NULL);
}

static void count(struct pending *p, const struct term_set *set, const struct case_head *head,
                  struct span text)
{
    struct arena *a = p->q->a;
    struct term_hits hits = {.n = 0};
    const char *place = place_name(a, (struct place){PLACE_CASE, head->number});

    if (!terms_find_all(set, a, text, &hits))
        return;
    for (size_t i = 0; i < hits.n; i++) {
        for (size_t k = 0; k < hits.at[i].n_terms; k++) {
            struct name *name = &p->at[hits.at[i].terms[k]->owner - 1];

            if (name->hits++ == 0)
                name->around = hits_around(a, text, &hits.at[i]);
            if (!strs_has(&name->cases, place) && name->cases.n < CASES_SHOWN_MAX)
                strs_add(a, &name->cases, place);
        }
    }
}

static bool count_case(struct pending *p, const struct term_set *set, const struct case_head *head,
                       struct err *err)
{
    count(p, set, head, span_str(head->summary));
    for (size_t i = 0; i < head->n_pieces; i++) {
        struct message *message = NULL;

        if (head->pieces[i].message == 0 || head->pieces[i].moved)
            continue;
        if (!p->rows->message(p->rows->ctx, p->q->a, head->pieces[i].message, &message, err))
            return false;
        if (message != NULL)
            count(p, set, head, span_str(message->text));
    }
    return true;
}

static json_t *list_names(const struct pending *p)
{
    json_t *list = json_array();

    for (size_t i = 0; i < p->n; i++) {
        const struct name *name = &p->at[i];
        json_t *o = json_object();
        json_t *cases = json_array();

        for (size_t k = 0; k < name->cases.n; k++)
            json_array_append_new(cases, json_string(name->cases.at[k]));
        json_set_text(o, "name", name->text);
        json_set_text(o, "org", name->org);
        json_set_text(o, "from", name->from);
        json_object_set_new(o, "common", json_boolean(terms_is_common(name->text)));
        json_object_set_new(o, "hits", json_integer((json_int_t)name->hits));
        json_object_set_new(o, "cases", cases);
        json_set_text(o, "around", name->around);
        json_array_append_new(list, o);
    }
    return list;
}

bool query_term_pending(struct query *q, struct txn *txn, struct err *err)
{
    struct case_head **heads = NULL;
    struct rows rows;
    struct pending p = {.q = q, .rows = &rows};
    const struct term_set *set;
    size_t n = 0;

    txn_rows(txn, &rows);
    add_directory(&p);
    if (!add_reports(&p, txn, err) || !txn_list_cases(txn, q->a, &heads, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (is_looked_at(q, heads[i]) && !add_case(&p, heads[i], err))
            return false;
    }
    set = set_of(&p);
    for (size_t i = 0; p.n > 0 && i < n; i++) {
        if (is_looked_at(q, heads[i]) && !count_case(&p, set, heads[i], err))
            return false;
    }
    q->json = list_names(&p);
    if (p.more)
        strs_add(q->a, &q->answer->lines, "there are more than fit here; settle these first");
    return true;
}
