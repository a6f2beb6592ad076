#include "flow/preview.h"

#include "engine/audience.h"
#include "engine/letters.h"
#include "flow/desk.h"
#include "flow/select.h"
#include "mime/strict.h"

/* The letter that a send would plan for this org, with a number that no letter has. */
static bool imagine(const struct preview_ask *ask, struct arena *a, struct letter *letter,
                    const char **ret_no, struct err *err)
{
    const struct directory *d = ask->world->directory;
    const struct org *org = directory_org_slug(d, span_str(ask->org));
    const struct contact *reader;
    struct party *party = NULL;
    struct rows rows;
    uint32_t n = 0;

    txn_rows(ask->txn, &rows);
    if (org == NULL) {
        *ret_no = arena_printf(a, "no org \"%s\"; see embargoctl org list", ask->org);
        return true;
    }
    reader = directory_reader(d, org->id, clock_now());
    if (!rows.party_of(rows.ctx, ask->head->number, PARTY_VENDOR, org->id, NULL, &n, err) ||
        (n != 0 && !rows.party(rows.ctx, a, ask->head->number, n, &party, err)))
        return false;
    if (reader == NULL || party == NULL || party->removed) {
        *ret_no = reader == NULL ? "this org has no contact"
                                 : "this org is not in the case; see Vendors: +org";
        return true;
    }
    *letter = (struct letter){.place = {.kind = PLACE_CASE, .number = ask->head->number},
                              .party = n,
                              .contact = reader->id,
                              .address = reader->email,
                              .name = reader->name,
                              .template = ask->template,
                              .pieces = audience_pieces(a, ask->head, party),
                              .parts = audience_parts(a, ask->head, party)};
    return true;
}

static json_t *show(struct arena *a, const struct letter *letter, const struct composed *composed)
{
    json_t *o = json_object();
    json_t *files = json_array();
    struct strict_mail mail;
    struct buf text = buf_new(a, JSON_BYTES_MAX / 2);

    json_object_set_new(o, "address", json_string(letter->address));
    json_object_set_new(o, "template", json_string(letter->template));
    json_object_set_new(o, "held",
                        composed->held == NULL ? json_null() : json_string(composed->held));
    if (composed->held == NULL && strict_read_all(a, composed->bytes, &mail) == STRICT_OK) {
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
                json_object_set_new(o, "subject", json_string(mail.headers[i].value));
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
    struct moment moment = desk_moment();
    struct selected selected;
    struct composed composed = {.held = NULL};
    struct letter letter;

    *ret_no = NULL;
    if (!imagine(ask, a, &letter, ret_no, err))
        return false;
    if (*ret_no != NULL)
        return true;
    letter_draw(a, &ask->world->policy, &moment, &letter);
    if (!select_letter(select, ask->txn, a, &letter, &selected, err) ||
        !compose(a, &selected.job, &composed, err))
        return false;
    *ret_json = show(a, &letter, &composed);
    return true;
}
