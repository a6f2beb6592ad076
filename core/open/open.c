#include "open/open.h"

#include "mime/banner.h"
#include "mime/dsn.h"
#include "mime/fields.h"
#include "mime/form.h"
#include "mime/repair.h"
#include "open/opener.h"

struct split_limits opener_limits(const struct opener *o)
{
    return (struct split_limits){
        .bytes = o->limits.mail,
        .header = o->limits.header,
        .line = o->limits.line,
        .parts = o->limits.parts,
        .depth = o->limits.depth,
    };
}

static void start(struct opener *o, struct arena *a, struct crypto *crypto,
                  const struct open_request *r)
{
    o->a = a;
    o->crypto = crypto;
    o->request = r;
    o->limits = *limits_or_default(r->limits);
    o->ask = (struct crypto_ask){.a = a,
                                 .keys = r->keys,
                                 .n_keys = r->n_keys,
                                 .cas = r->cas,
                                 .n_cas = r->n_cas,
                                 .now = r->now,
                                 .limits = &o->limits};
    o->opened = buf_new(a, o->limits.decoded);
    buf_reserve(&o->opened, r->mail.n);
    o->text = buf_new(a, 2 * OPEN_TEXT_MAX);
    o->text_inside = buf_new(a, 2 * OPEN_TEXT_MAX);
    o->parts_left = o->limits.parts;
    fields_limit_comments(o->limits.comments);
    o->defects = &o->m.defects;
    o->m.single_chain = true;
}

static bool is_inside_all(const struct opener *o, size_t seal)
{
    return o->notes[seal].encryptions == o->n_encryptions;
}

/* What is shown of such a mail stands in its unsigned header, or nowhere. */
static bool seals_hold_nothing(const struct opener *o)
{
    for (size_t i = 0; i < o->m.n_parts; i++) {
        const struct part *part = &o->m.parts[i];

        if (part->sealed &&
            span_trim(span_of(o->opened.at + part->content.offset, part->content.n)).n > 0)
            return false;
    }
    return true;
}

static void judge(struct opener *o)
{
    struct message *m = &o->m;
    struct verdict verdict;
    size_t *seals = ARENA_ARRAY(o->a, m->n_seals, size_t); /* by signature */
    struct verdict_signature *signatures = ARENA_ARRAY(o->a, m->n_seals, struct verdict_signature);
    enum seal_status *encryptions = ARENA_ARRAY(o->a, m->n_seals, enum seal_status);
    struct verdict_input input = {
        .signatures = signatures, .encryptions = encryptions, .now = o->request->now};
    bool nothing = seals_hold_nothing(o);

    for (size_t i = 0; i < m->n_seals; i++) {
        if (m->seals[i].kind == SEAL_ENCRYPTED && o->notes[i].of_file)
            continue; /* who signed the mail signed the file as it is */
        if (m->seals[i].kind == SEAL_ENCRYPTED)
            encryptions[input.n_encryptions++] = m->seals[i].status;
        if (o->notes[i].facts == NULL)
            continue;
        seals[input.n_signatures] = i;
        signatures[input.n_signatures++] =
            (struct verdict_signature){.facts = o->notes[i].facts,
                                       .covers_whole = m->seals[i].covers_whole,
                                       .inside_encryption = is_inside_all(o, i),
                                       .covers_nothing = nothing};
    }
    for (size_t i = 0; i < m->n_signed_objects; i++)
        m->signed_objects[i].inside_encryption = is_inside_all(o, m->signed_objects[i].seal);
    verdict = verdict_make(o->a, &input);
    m->trust = verdict.trust;
    if (verdict.trust >= TRUST_SIGNED)
        m->trust_seal = 1 + seals[verdict.signature];
}

static bool is_signed_whole(const struct message *m)
{
    for (size_t i = 0; i < m->n_seals; i++) {
        if (m->seals[i].kind == SEAL_SIGNED && m->seals[i].covers_whole &&
            m->seals[i].status == SEAL_VALID)
            return true;
    }
    return false;
}

/* What gateways write into subjects and texts; under a signature nobody could have. */
static void name_banners(struct opener *o)
{
    struct message *m = &o->m;
    const char *subject = banner_untag(o->a, m->subject);

    if (subject != m->subject)
        defect_add(o->a, &m->repairs, "subject-tag");
    m->subject = subject;
    for (size_t i = 0; i < m->n_parts && !is_signed_whole(m); i++) {
        if (m->parts[i].text != NULL && banner_length(span_str(m->parts[i].text)) > 0)
            defect_add(o->a, &m->repairs, "external-banner");
    }
}

/* RFC 5321 leaves the case of the local part to its owner; nobody's mail differs by it. */
static bool is_owner(const struct strs *addresses, const char *from)
{
    for (size_t i = 0; i < addresses->n; i++) {
        if (from != NULL && span_eq_nocase(span_str(from), addresses->at[i]))
            return true;
    }
    return false;
}

/* Shown, and no judgement: a key's owner is who wrote. */
static void look_at_owners(struct opener *o)
{
    for (size_t i = 0; i < o->m.n_seals; i++) {
        const struct seal *seal = &o->m.seals[i];

        if (seal->kind == SEAL_SIGNED && seal->covers_whole && seal->addresses.n > 0 &&
            is_inside_all(o, i) && !is_owner(&seal->addresses, o->m.from))
            defect_add(o->a, o->defects, "from-not-key-owner");
    }
}

static void read_outside(struct opener *o, struct span mail)
{
    const struct open_request *r = o->request;
    struct split_limits limits = opener_limits(o);
    struct split outer = split_mail(o->a, mail, &limits);
    struct dsn dsn = dsn_read(o->a, &outer);

    headers_read(o, &outer.at[0]);
    name_banners(o);
    o->m.automatic = dsn.automatic;
    o->m.dsn_message_id = dsn.message_id;
    o->m.dsn_recipient = dsn.recipient;
    o->m.dsn_harmless = dsn.harmless;
    if (r->authserv_id != NULL && r->hops_trusted)
        o->m.dmarc = open_dmarc(o->a, outer.at[0].header, r->authserv_id, r->own_hops);
}

bool open_message(struct arena *a, struct crypto *crypto, const struct open_request *request,
                  struct message *ret_message, struct span *ret_opened, struct err *err)
{
    struct opener o = {0};
    struct place_in root = {.base = "", .whole = true, .payload = false, .shown = true};
    const struct buf *text;
    struct span mail;
    bool bare;

    start(&o, a, crypto, request);
    mail = repair_bare_cr(a, request->mail, &bare);
    if (bare)
        defect_add(a, &o.m.repairs, "bare-cr");
    if (!open_entity(&o, mail, root, err))
        return err_wrap(err, "open");
    read_outside(&o, mail);
    judge(&o);
    look_at_owners(&o);
    if (!keys_collect(&o, err))
        return err_wrap(err, "open: offered keys");
    if (request->look_into_files) {
        carried_read(&o);
        cleaned_make(&o);
    }
    /* Who writes a footer must not speak with the voice of who signed. */
    text = o.m.trust >= TRUST_SIGNED ? &o.text_inside : &o.text;
    o.m.text = text->at;
    form_read(a, buf_span(text), &o.m);
    *ret_message = o.m;
    *ret_opened = buf_span(&o.opened);
    return true;
}
