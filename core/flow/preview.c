#include "flow/preview.h"

#include "base/text.h"
#include "engine/accepted.h"
#include "engine/audience.h"
#include "engine/letters.h"
#include "flow/desk.h"
#include "flow/listing.h"
#include "flow/pins.h"
#include "flow/preview-diff.h"
#include "flow/preview-text.h"
#include "flow/sentences.h"
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

/* In place of a letter's code and mark: what is copied out of a preview must not tell of its
 * reader, nor act for it. */
static const char NO_CODE[] = "xxxxxxxxxxxxxxxx";
static const char NO_MARK[] = "xxxx-xxxx-xxxx-xxxx";

static bool can_answer(const struct preview_ask *ask, const struct contact *reader,
                       const struct party *party)
{
    return reader == NULL ? party->key != NULL && party->key_bytes.n > 0
                          : contact_unusable(ask->world->directory, reader, clock_now()) == NULL;
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
    if (can_answer(ask, reader, party))
        letter->code = NO_CODE;
    /* An invite holds nothing of the case, whatever its reader may see. */
    if (template_tells(letter->template) != TELLS_DETAILS)
        return true;
    letter->pieces = audience_pieces(a, ask->head, party);
    letter->parts = audience_parts(a, ask->head, party);
    return true;
}

/* Selected, rendered and judged, as the courier does it. */
static bool finish(const struct preview_ask *ask, struct arena *a, struct select *select,
                   struct preview_letter *made, const char **ret_no, struct err *err)
{
    struct moment moment = desk_moment();
    struct compose_job *job = &made->selected.job;
    const struct compose_reader *reader = &made->selected.job.reader;

    if (made->letter.code != NULL)
        made->letter.code = NO_CODE;
    letter_draw(a, &ask->world->policy, &moment, &made->letter);
    if (!select_letter(select, ask->txn, a, &made->letter, &made->selected, err))
        return false;
    *ret_no =
        made->selected.impossible != NULL
            ? made->selected.impossible
            : wrong_template(ask, a, reader->language, made->letter.template, reader->audience);
    job->show = true;
    tvalue_set_string(a, job->values, "mark", NO_MARK);
    job->let_through = made->letter.pinned ? pins_found(a, &made->letter.pins) : NULL;
    if (*ret_no != NULL || compose(a, job, &made->composed, err))
        return true;
    *ret_no = err->kind == ERR_OPERATOR ? arena_strdup(a, err->text) : NULL;
    return *ret_no != NULL;
}

/* The letter that would be sent, made whole. */
static bool make(const struct preview_ask *ask, struct arena *a, struct select *select,
                 const struct party *party, struct preview_letter *made, const char **ret_no,
                 struct err *err)
{
    return !imagine(ask, a, party, &made->letter, ret_no) ||
           finish(ask, a, select, made, ret_no, err);
}

/* "L97, tell, is held: name in text: Acme; Send-Anyway: L97 <reason>" */
static const char *letter_line(struct arena *a, const struct letter *letter)
{
    bool held = letter->state == LETTER_HELD;

    return arena_printf(a, "L%llu, %s of S%u, is %s%s%s%s%s", (unsigned long long)letter->number,
                        letter->template, letter->send, letter_state_words[letter->state],
                        letter->reason == NULL ? "" : ": ",
                        letter->reason == NULL ? "" : letter->reason, held ? "; " : "",
                        held ? letter_way_out(a, letter) : "");
}

static const char *letter_anyway(struct arena *a, const struct letter *letter)
{
    return arena_printf(a, "Send-Anyway: L%llu <reason>%s", (unsigned long long)letter->number,
                        letter->state == LETTER_HELD ? "" : ", once it is held");
}

/* What a coordinator can write about a letter that the guard holds. */
static json_t *ways_out(struct arena *a, const struct preview_letter *made)
{
    const struct letter *letter = &made->letter;
    json_t *list = json_array();

    if (made->composed.held == NULL)
        return list;
    json_array_append_new(list, json_string("Summary: or Title:, where the words stand there"));
    json_array_append_new(list, json_string("Allow-Term: <name>, a name that the case may tell"));
    json_array_append_new(list, json_string(letter->number == 0
                                                ? "Send-Anyway: L<number> <reason>, once it is held"
                                                : letter_anyway(a, letter)));
    return list;
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
    if (strict_read_all(a, made->composed.shown, &mail) == STRICT_OK) {
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
    json_object_set_new(o, "ways_out", ways_out(a, made));
    return o;
}

/* What of this reader's has not gone, with why and what to write. */
static bool add_waiting(const struct preview_ask *ask, struct arena *a, const struct rows *rows,
                        uint32_t party, json_t *o, struct err *err)
{
    json_t *list = json_array();

    json_object_set_new(o, "waiting", list);
    for (size_t i = 0; i < ask->head->n_sends; i++) {
        const struct send *send = &ask->head->sends[i];
        struct letter **letters = NULL;
        size_t n = 0;

        if (!u32s_has(&send->parties, party))
            continue;
        if (!rows->letters_of_send(rows->ctx, a, ask->head->number, send->n, &letters, &n, err))
            return false;
        for (size_t k = 0; k < n; k++) {
            if (letters[k]->party == party && letter_waits(letters[k]))
                json_array_append_new(list, json_string(letter_line(a, letters[k])));
        }
    }
    return true;
}

/* ---- letters that are there ---- */

/* One letter of the case; json is NULL if it can't be made, with the reason in *ret_no. */
static bool show_letter(const struct preview_ask *ask, struct arena *a, struct select *select,
                        const struct letter *letter, json_t **ret_json, const char **ret_no,
                        struct err *err)
{
    struct preview_letter made = {.letter = *letter, .composed = {.held = NULL}};
    struct party **parties = NULL;
    struct rows rows;
    size_t n = 0;

    txn_rows(ask->txn, &rows);
    if (!rows.parties(rows.ctx, a, ask->head->number, &parties, &n, err) ||
        !finish(ask, a, select, &made, ret_no, err))
        return false;
    if (*ret_no != NULL)
        return true;
    *ret_json = show(a, &made);
    for (size_t i = 0; i < n; i++) {
        if (parties[i]->n == letter->party)
            json_set_text(*ret_json, "to", listing_party(a, ask->world->directory, parties[i]));
    }
    json_set_text(*ret_json, "letter",
                  arena_printf(a, "L%llu", (unsigned long long)letter->number));
    json_set_text(*ret_json, "state", letter_line(a, letter));
    return true;
}

static bool preview_one(const struct preview_ask *ask, struct arena *a, uint64_t number,
                        json_t **ret_json, const char **ret_no, struct err *err)
{
    SCOPED(select_free) struct select *select = select_new(ask->world, ask->store);
    struct letter *letter = NULL;
    struct rows rows;

    txn_rows(ask->txn, &rows);
    if (!rows.letter(rows.ctx, a, number, &letter, err))
        return false;
    if (letter == NULL || letter->place.kind != PLACE_CASE ||
        letter->place.number != ask->head->number)
        *ret_no = "no such letter in this case; see embargoctl outbox list";
    else if (!letter_waits(letter) || letter->send == 0)
        *ret_no = arena_printf(a, "that letter does not wait: it is %s",
                               letter_state_words[letter->state]);
    else
        return show_letter(ask, a, select, letter, ret_json, ret_no, err);
    return true;
}

static bool preview_send(const struct preview_ask *ask, struct arena *a, uint32_t number,
                         json_t **ret_json, const char **ret_no, struct err *err)
{
    SCOPED(select_free) struct select *select = select_new(ask->world, ask->store);
    json_t *list = json_array();
    struct letter **letters = NULL;
    struct rows rows;
    size_t shown = 0;
    size_t more = 0;
    size_t n = 0;

    *ret_json = json_pack("{s:o}", "letters", list);
    json_set_text(*ret_json, "send", arena_printf(a, "S%u", number));
    txn_rows(ask->txn, &rows);
    if (!rows.letters_of_send(rows.ctx, a, ask->head->number, number, &letters, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        json_t *one = NULL;
        const char *no = NULL;

        if (!letter_waits(letters[i]))
            continue;
        if (shown++ >= PREVIEW_SEND_MAX) {
            more++;
            continue;
        }
        if (!show_letter(ask, a, select, letters[i], &one, &no, err))
            return false;
        json_array_append_new(list, one != NULL ? one : json_pack("{s:s}", "held", no));
    }
    json_object_set_new(*ret_json, "more", json_integer((json_int_t)more));
    if (shown == 0)
        *ret_no = "no letter of that send waits";
    return true;
}

static bool preview_reader(const struct preview_ask *ask, struct arena *a, json_t **ret_json,
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
    return add_waiting(ask, a, &rows, party->n, *ret_json, err);
}

/* "L97", "S5": no org's slug has capitals. */
static bool is_number(const struct preview_ask *ask, char letter, uint64_t max,
                      uint64_t *ret_number)
{
    return ask->to[0] == letter && text_to_u64(span_str(ask->to + 1), max, ret_number);
}

bool preview_make(const struct preview_ask *ask, struct arena *a, json_t **ret_json,
                  const char **ret_no, struct err *err)
{
    uint64_t number;

    *ret_no = NULL;
    if (is_number(ask, 'L', INT64_MAX, &number))
        return preview_one(ask, a, number, ret_json, ret_no, err);
    if (is_number(ask, 'S', UINT32_MAX, &number))
        return preview_send(ask, a, (uint32_t)number, ret_json, ret_no, err);
    return preview_reader(ask, a, ret_json, ret_no, err);
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

    if (strcmp(letter->template, TEMPLATE_PREVIEW) != 0 &&
        strcmp(letter->template, TEMPLATE_COORDINATOR_CONFIRM) != 0)
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
    selected->job.text = span_str(sentences_in(a, selected->job.reader.language, text));
    return true;
}
