#include "open/open.h"

#include "mime/dsn.h"
#include "mime/fields.h"
#include "open/opener.h"

static void read_ids(struct opener *o, const struct header *h)
{
    struct strs own = {.n = 0};

    fields_ids(o->a, header_value(h, "References"), &o->m->references);
    fields_ids(o->a, header_value(h, "In-Reply-To"), &o->m->references);
    fields_ids(o->a, header_value(h, "Message-ID"), &own);
    o->m->message_id = own.n > 0 ? own.at[0] : NULL;
}

static void read_headers(struct opener *o, const struct header *outer)
{
    struct message *m = o->m;
    const struct header *best = outer;
    struct mailbox from;

    read_ids(o, outer);
    m->date = fields_date(o->a, header_value(outer, "Date"));
    m->outer_subject = fields_text(o->a, header_value(outer, "Subject"), &m->defects);
    if (o->has_payload && header_find(&o->payload, "From") != NULL &&
        header_find(&o->payload, "Subject") != NULL) {
        best = &o->payload;
        m->headers_protected = true;
    }
    if (header_count(best, "From") > 1)
        defect_add(o->a, &m->defects, "from-doubled");
    from = fields_mailbox(o->a, header_value(best, "From"), &m->defects);
    m->from = from.address;
    m->from_name = from.name;
    m->subject = fields_text(o->a, header_value(best, "Subject"), &m->defects);
}

/* One chain: every encryption covers the whole mail. */
static bool one_chain(const struct message *m)
{
    for (size_t i = 0; i < m->n_seals; i++) {
        if (m->seals[i].kind == SEAL_ENCRYPTED && !m->seals[i].covers_whole)
            return false;
    }
    return true;
}

static void judge(struct opener *o)
{
    struct message *m = o->m;
    struct verdict_signature *signatures = ARENA_ARRAY(o->a, m->n_seals, struct verdict_signature);
    enum seal_status *encryptions = ARENA_ARRAY(o->a, m->n_seals, enum seal_status);
    struct verdict_input input = {
        .signatures = signatures, .encryptions = encryptions, .now = o->request->now};

    for (size_t i = 0; i < m->n_seals; i++) {
        if (m->seals[i].kind == SEAL_ENCRYPTED)
            encryptions[input.n_encryptions++] = m->seals[i].status;
        else if (o->notes[i].facts != NULL)
            signatures[input.n_signatures++] = (struct verdict_signature){
                .facts = o->notes[i].facts,
                .covers_whole = m->seals[i].covers_whole,
                .inside_encryption = o->notes[i].encryptions == o->encryptions};
    }
    for (size_t i = 0; i < m->n_signed_objects; i++)
        m->signed_objects[i].inside_encryption =
            o->notes[m->signed_objects[i].seal].encryptions == o->encryptions;
    m->trust = verdict_make(o->a, &input).trust;
}

static void read_machine(struct opener *o, const struct split *s)
{
    struct dsn dsn = dsn_read(o->a, s);

    o->m->automatic = dsn.automatic;
    o->m->dsn_message_id = dsn.message_id;
    o->m->dsn_recipient = dsn.recipient;
}

/* The header block above its own_hops-th Received; the whole of it for 0. */
static bool above_hops(const struct header *h, size_t i, uint32_t hops)
{
    uint32_t seen = 0;

    for (size_t j = 0; j < i; j++)
        seen += span_eq_nocase(h->at[j].name, "Received");
    return hops == 0 || seen < hops;
}

/* RFC 8601 2.2: authserv-id, then results; comments and quoted strings are not read here. */
static const char *dmarc_of(struct arena *a, const char *value, const char *authserv_id)
{
    struct span rest = span_str(value);
    struct span piece;
    const char *result = NULL;

    if (!span_split(&rest, ';', &piece) || !span_eq_nocase(span_trim(piece), authserv_id))
        return NULL;
    while (span_split(&rest, ';', &piece)) {
        struct span word = span_trim(piece);

        if (!span_starts_nocase(word, "dmarc="))
            continue;
        if (result != NULL)
            return NULL;
        word = span_from(word, strlen("dmarc="));
        result = span_dup(a, span_first(word, span_find(word, ' ')));
    }
    return result;
}

const char *open_dmarc(struct arena *a, struct span header, const char *authserv_id,
                       uint32_t own_hops)
{
    struct strs ignored = {.n = 0};
    struct header h = header_read(a, header, &ignored);
    const char *found = NULL;

    for (size_t i = 0; authserv_id != NULL && i < h.n; i++) {
        const char *result;

        if (!span_eq_nocase(h.at[i].name, "Authentication-Results") || !above_hops(&h, i, own_hops))
            continue;
        result = dmarc_of(a, header_unfold(a, h.at[i].value), authserv_id);
        if (result != NULL && found != NULL)
            return NULL;
        if (result != NULL)
            found = result;
    }
    return found;
}

bool open_message(struct arena *a, struct crypto *crypto, const struct open_request *request,
                  struct message *ret_message, struct span *ret_opened, struct err *err)
{
    struct message m = {.subject = "", .outer_subject = ""};
    struct opener o = {.a = a,
                       .crypto = crypto,
                       .request = request,
                       .ask = {.a = a,
                               .keys = request->keys,
                               .n_keys = request->n_keys,
                               .cas = request->cas,
                               .n_cas = request->n_cas,
                               .now = request->now},
                       .m = &m,
                       .opened = buf_new(a, OPEN_OPENED_MAX),
                       .text = buf_new(a, OPEN_TEXT_MAX)};
    struct split s = split_mail(a, request->mail, &split_limits_default);

    if (!layers_open(&o, request->mail, (struct place_in){.base = "", .whole = true}, err))
        return false;
    read_headers(&o, &s.at[0].fields);
    read_machine(&o, &s);
    m.single_chain = one_chain(&m);
    m.text = o.text.at;
    judge(&o);
    if (request->hops_trusted)
        m.dmarc = open_dmarc(a, s.at[0].header, request->authserv_id, request->own_hops);
    if (!leaf_keys(&o, err))
        return false;
    *ret_message = m;
    *ret_opened = buf_span(&o.opened);
    return true;
}
