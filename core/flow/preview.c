#include "flow/preview.h"

#include "base/text.h"
#include "engine/accepted.h"
#include "engine/audience.h"
#include "engine/letters.h"
#include "flow/desk.h"
#include "flow/listing.h"
#include "flow/preview-diff.h"
#include "flow/preview-text.h"
#include "mime/strict.h"
#include "model/templates.h"

static bool is_reader(const struct party *party)
{
    return !party->removed && party->kind != PARTY_COORDINATOR;
}

/* "acme", "reporter 2" (in commands "reporter-2"); "reporter" alone is the first. */
static bool is_called(const struct preview_ask *ask, struct arena *a, const struct party *party)
{
    const char *name = listing_party(a, ask->world->directory, party);

    if (party->kind == PARTY_REPORTER &&
        (strcmp(ask->to, "reporter") == 0 ||
         strcmp(ask->to, arena_printf(a, "reporter-%u", party->n)) == 0))
        return true;
    return strcmp(ask->to, name) == 0;
}

/* NULL: none of that name. */
static struct party *find_reader(const struct preview_ask *ask, struct arena *a,
                                 struct party *const *parties, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (is_reader(parties[i]) && is_called(ask, a, parties[i]))
            return parties[i];
    }
    return NULL;
}

static const char *not_there(const struct preview_ask *ask, struct arena *a)
{
    if (directory_org_slug(ask->world->directory, span_str(ask->to)) != NULL)
        return arena_printf(a, "%s is not in the case; see Vendors: +%s", ask->to, ask->to);
    return arena_printf(a,
                        "nobody in the case is called \"%s\"; see embargoctl case show, org list",
                        text_one_line(a, span_str(ask->to), 60));
}

/* Why this template can't be for this reader, or NULL. */
static const char *wrong_template(const struct preview_ask *ask, struct arena *a,
                                  const char *language, const char *name,
                                  enum template_audience reader)
{
    const struct letter_template *t = catalogue_find(ask->world->catalogue, language, name);

    if (t == NULL)
        return arena_printf(a, "there is no template \"%s\"", text_one_line(a, span_str(name), 60));
    if (!(t->audience & reader))
        return arena_printf(a, "the template %s is not for this reader", name);
    return NULL;
}

static const char *wanted(const struct preview_ask *ask, const struct party *party)
{
    if (ask->template != NULL)
        return ask->template;
    return party->kind == PARTY_REPORTER ? TEMPLATE_CASE_UPDATE : TEMPLATE_VENDOR_NOTICE;
}

/* The letter that a send would plan for this party, with a number that no letter has. */
static bool imagine(const struct preview_ask *ask, struct arena *a, const struct party *party,
                    struct letter *letter, const char **ret_no)
{
    const struct contact *reader = NULL;
    bool reporter = party->kind == PARTY_REPORTER;

    if (!reporter)
        reader = directory_reader(ask->world->directory, party->org, clock_now());
    if (!reporter && reader == NULL) {
        *ret_no = "this org has no contact";
        return false;
    }
    *letter =
        (struct letter){.place = {.kind = PLACE_CASE, .number = ask->head->number},
                        .party = party->n,
                        .contact = reporter ? 0 : reader->id,
                        .address = reporter ? party->address : reader->email,
                        .name = reporter ? party->name : reader->name,
                        .template = accepted_template(&ask->world->policy, ask->world->directory,
                                                      ask->head, party, wanted(ask, party))};
    if (letter->template == NULL) {
        *ret_no = "this org has not accepted the terms, so it would get nothing";
        return false;
    }
    /* An invite holds nothing of the case, whatever its reader may see. */
    if (template_tells(letter->template) != TELLS_DETAILS)
        return true;
    letter->pieces = audience_pieces(a, ask->head, party);
    letter->parts = audience_parts(a, ask->head, party);
    return true;
}

/* The letter, made whole. */
static bool make(const struct preview_ask *ask, struct arena *a, struct select *select,
                 const struct party *party, struct preview_letter *made, const char **ret_no,
                 struct err *err)
{
    struct moment moment = desk_moment();
    const struct compose_reader *reader = &made->selected.job.reader;

    if (!imagine(ask, a, party, &made->letter, ret_no))
        return true;
    letter_draw(a, &ask->world->policy, &moment, &made->letter);
    if (!select_letter(select, ask->txn, a, &made->letter, &made->selected, err))
        return false;
    *ret_no =
        made->selected.impossible != NULL
            ? made->selected.impossible
            : wrong_template(ask, a, reader->language, made->letter.template, reader->audience);
    if (*ret_no != NULL || compose(a, &made->selected.job, &made->composed, err))
        return true;
    *ret_no = err->kind == ERR_OPERATOR ? arena_strdup(a, err->text) : NULL;
    return *ret_no != NULL;
}

static json_t *show(struct arena *a, const struct preview_letter *made)
{
    json_t *o = json_object();
    json_t *files = json_array();
    struct strict_mail mail;
    struct buf text = buf_new(a, JSON_BYTES_MAX / 2);

    json_set_text(o, "address", made->letter.address);
    json_set_text(o, "template", made->letter.template);
    json_set_text(o, "key_problem", made->selected.key_problem);
    json_set_text(o, "held", made->composed.held);
    if (made->composed.held == NULL &&
        strict_read_all(a, made->composed.bytes, &mail) == STRICT_OK) {
        for (size_t i = 0; i < mail.n_parts; i++) {
            if (mail.parts[i].is_text && mail.parts[i].filename == NULL)
                buf_add_span(&text, mail.parts[i].bytes);
            else
                json_array_append_new(
                    files,
                    json_string(mail.parts[i].filename == NULL ? "" : mail.parts[i].filename));
        }
        for (size_t i = 0; i < mail.n_headers; i++) {
            if (strcmp(mail.headers[i].name, "Subject") == 0)
                json_set_text(o, "subject", mail.headers[i].value);
        }
    }
    json_object_set_new(o, "text", json_stringn(text.at, text.n));
    json_object_set_new(o, "attachments", files);
    return o;
}

bool preview_make(const struct preview_ask *ask, struct arena *a, json_t **ret_json,
                  const char **ret_no, struct err *err)
{
    SCOPED(select_free) struct select *select = select_new(ask->world, ask->store);
    struct preview_letter made = {.composed = {.held = NULL}};
    struct party **parties = NULL;
    struct party *party;
    struct rows rows;
    size_t n = 0;

    *ret_no = NULL;
    txn_rows(ask->txn, &rows);
    if (!rows.parties(rows.ctx, a, ask->head->number, &parties, &n, err))
        return false;
    party = find_reader(ask, a, parties, n);
    if (party == NULL) {
        *ret_no = not_there(ask, a);
        return true;
    }
    if (!make(ask, a, select, party, &made, ret_no, err))
        return false;
    if (*ret_no != NULL)
        return true;
    *ret_json = show(a, &made);
    json_set_text(*ret_json, "to", listing_party(a, ask->world->directory, party));
    if (ask->diff)
        preview_diff(a, ask->world->directory, ask->head, &made, *ret_json);
    return true;
}

/* One reader's row of the matrix. */
static bool add_row(const struct preview_ask *ask, struct select *select, const struct party *party,
                    json_t *list, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct preview_letter made = {.composed = {.held = NULL}};
    const char *no = NULL;
    json_t *o;

    if (!make(ask, a, select, party, &made, &no, err))
        return false;
    o = json_object();
    json_set_text(o, "to", listing_party(a, ask->world->directory, party));
    json_set_text(o, "template", made.letter.template);
    json_set_text(o, "key_problem", made.selected.key_problem);
    json_set_text(o, "held", no != NULL ? no : made.composed.held);
    preview_row(a, ask->head, &made, o);
    json_array_append_new(list, o);
    return true;
}

bool preview_all(const struct preview_ask *ask, struct arena *a, json_t **ret_json,
                 const char **ret_no, struct err *err)
{
    SCOPED(select_free) struct select *select = select_new(ask->world, ask->store);
    struct party **parties = NULL;
    struct rows rows;
    size_t n = 0;

    *ret_no = NULL;
    txn_rows(ask->txn, &rows);
    if (!rows.parties(rows.ctx, a, ask->head->number, &parties, &n, err))
        return false;
    *ret_json = json_array();
    for (size_t i = 0; i < n; i++) {
        if (is_reader(parties[i]) && !add_row(ask, select, parties[i], *ret_json, err))
            return false;
    }
    return true;
}

/* What the letter's text asks for: whose, and which template. */
static bool fill(const struct preview_ask *ask, struct arena *a, const char **ret_text,
                 struct err *err)
{
    bool all = strcmp(ask->to, "all") == 0;
    SCOPED(json_decref) json_t *json = NULL;
    const char *no = NULL;

    if (!(all ? preview_all : preview_make)(ask, a, &json, &no, err))
        return false;
    *ret_text = no != NULL ? no : preview_text(a, json);
    return true;
}

bool preview_fill(struct world *world, struct txn *txn, struct arena *a,
                  const struct letter *letter, struct selected *selected, struct err *err)
{
    struct preview_ask ask = {.world = world, .store = txn_store(txn), .txn = txn};
    const struct contact *reader = directory_contact(world->directory, letter->contact);
    struct span words = span_str(letter->text);
    size_t blank = span_find(words, ' ');
    struct case_head *head = NULL;
    const char *text = "";
    struct rows rows;

    if (strcmp(letter->template, TEMPLATE_PREVIEW) != 0)
        return true;
    txn_rows(txn, &rows);
    if (!rows.head(rows.ctx, a, letter->place.number, &head, err))
        return false;
    if (head == NULL || reader == NULL || !audience_coordinator(head, reader)) {
        selected->impossible = "its reader may not see the case";
        return true;
    }
    ask.head = head;
    ask.to = span_dup(a, span_first(words, blank));
    ask.template = blank < words.n ? span_dup(a, span_from(words, blank + 1)) : NULL;
    if (!fill(&ask, a, &text, err))
        return false;
    selected->job.text = span_str(text);
    return true;
}
