#include "mime/fields.h"
#include "open/opener.h"

/* RFC 9788 4.1: hp; the older form has protected-headers="v1" on the same part. */
static bool protects_headers(const struct split_part *part)
{
    const char *legacy = parameters_value(&part->type, "protected-headers");

    if (parameters_value(&part->type, "hp") != NULL)
        return true;
    return legacy != NULL && legacy[0] == 'v' && legacy[1] == '1';
}

/* A seal that is known to be broken protects nothing; one by an unknown key still came whole. */
static bool a_seal_holds(const struct opener *o)
{
    for (size_t i = 0; i < o->m.n_seals; i++) {
        if (o->m.seals[i].covers_whole && o->m.seals[i].status != SEAL_INVALID &&
            o->m.seals[i].status != SEAL_ERROR && o->m.seals[i].status != SEAL_NO_KEY)
            return true;
    }
    return false;
}

void headers_note_payload(struct opener *o, const struct split_part *part,
                          const struct place_in *place)
{
    /* A mail that stands wrapped in its seal (RFC 8551 3.1) is an entity with the mail's headers.
     */
    bool wrapped = header_find(&part->fields, "From") != NULL &&
                   header_find(&part->fields, "Date") != NULL && part->parent == SPLIT_NO_PARENT;

    if (!place->payload || place->layer == 0 || !(protects_headers(part) || wrapped) ||
        !a_seal_holds(o))
        return;
    o->payload = part->fields;
    o->has_payload = true;
    o->payload_encryptions = place->encryptions;
    o->payload_layer = place->layer;
}

static bool has(const struct header *h, const char *name)
{
    return header_find(h, name) != NULL;
}

static void read_from(struct opener *o, const struct header *h)
{
    struct mailbox from;

    if (header_count(h, "From") > 1)
        defect_add(o->a, o->defects, "from-doubled");
    from = fields_mailbox(o->a, header_value(h, "From"), o->defects);
    o->m.from = from.address;
    o->m.from_name = from.name;
    leaf_note_tricks(o, span_str(from.name));
    leaf_note_tricks(o, header_value(h, "From"));
}

/* Whom an answer could go to: the one mailbox of the one From. */
static void read_outer_from(struct opener *o, const struct header *outer)
{
    struct strs defects = {0};
    struct mailbox from = fields_mailbox(o->a, header_value(outer, "From"), &defects);

    if (header_count(outer, "From") == 1 && defects.n == 0)
        o->m.outer_from = from.address;
}

static void read_ids(struct opener *o, const struct header *outer)
{
    const struct header *h = outer;
    struct strs own = {0};

    if (o->has_payload && (has(&o->payload, "References") || has(&o->payload, "In-Reply-To")))
        h = &o->payload;
    fields_ids(o->a, header_value(h, "References"), &o->m.references);
    fields_ids(o->a, header_value(h, "In-Reply-To"), &o->m.references);
    fields_ids(o->a, header_value(outer, "Message-ID"), &own);
    o->m.outer_message_id = own.n == 1 ? own.at[0] : NULL;
    if (own.n == 0 && o->has_payload)
        fields_ids(o->a, header_value(&o->payload, "Message-ID"), &own);
    o->m.message_id = own.n == 0 ? NULL : own.at[0];
}

/* Who put a signed mail into an encryption of their own must not speak for who signed: a header
 * between the two is as good as the outer one. */
static void drop_unsigned_payload(struct opener *o)
{
    for (size_t i = 0; i < o->m.n_seals; i++) {
        const struct seal *seal = &o->m.seals[i];

        if (seal->kind == SEAL_SIGNED && seal->covers_whole && seal->layer >= o->payload_layer &&
            (seal->status == SEAL_VALID || seal->status == SEAL_UNKNOWN_KEY))
            o->has_payload = false;
    }
}

void headers_read(struct opener *o, const struct split_part *root)
{
    const struct header *outer = &root->fields;
    const struct header *inner;
    struct span subject = header_value(outer, "Subject");

    drop_unsigned_payload(o);
    inner = o->has_payload ? &o->payload : outer;
    if (header_count(outer, "Subject") > 1)
        defect_add(o->a, o->defects, "subject-doubled");
    o->m.outer_subject = fields_text(o->a, subject, o->defects);
    o->m.subject = o->m.outer_subject;
    if (has(inner, "Subject") && inner != outer)
        o->m.subject = fields_text(o->a, header_value(inner, "Subject"), o->defects);
    leaf_note_tricks(o, span_str(o->m.subject));
    leaf_note_tricks(o, span_str(o->m.outer_subject));
    read_from(o, has(inner, "From") ? inner : outer);
    read_outer_from(o, outer);
    o->m.headers_protected = o->has_payload && has(inner, "Subject") && has(inner, "From");
    o->m.date = fields_date(o->a, header_value(has(inner, "Date") ? inner : outer, "Date"));
    read_ids(o, outer);
    /* What a reader of the outer header alone would take for the writer. */
    if (o->m.headers_protected) {
        struct mailbox from = fields_mailbox(o->a, header_value(outer, "From"), o->defects);

        if (from.address == NULL || o->m.from == NULL || strcmp(from.address, o->m.from) != 0)
            defect_add(o->a, o->defects, "from-differs");
    }
}
