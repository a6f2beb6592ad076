#include <assert.h>

#include "mime/fields.h"
#include "mime/repair.h"
#include "mime/tnef.h"
#include "open/opener.h"

static bool open_children(struct opener *o, const struct split *s, const struct split_part *part,
                          const struct place_in *place, struct err *err)
{
    struct strs ignored = {0};
    const struct split_part *sealed =
        repair_sealed_child(o->a, s, part, place->whole ? &o->m.repairs : &ignored);

    for (size_t i = 1; i <= part->n_children; i++) {
        const struct split_part *child = split_child(s, part, i);
        struct place_in at = *place;

        at.payload = false;
        at.whole = place->whole && (part->n_children == 1 || child == sealed);
        at.beside = place->beside || (sealed != NULL && child != sealed);
        if (!open_part(o, s, child, at, err))
            return false;
    }
    return true;
}

/* The child of an alternative to read: the plain text unless it is empty, else the richest. */
static const struct split_part *best_alternative(struct opener *o, const struct split *s,
                                                 const struct split_part *part)
{
    const struct split_part *best = NULL;

    for (size_t i = 1; i <= part->n_children; i++) {
        const struct split_part *child = split_child(s, part, i);
        bool plain = split_is_type(child, "text/plain") && child->n_children == 0;

        if (plain && span_trim(leaf_bytes(o, child)).n > 0)
            return child;
        if (!plain && !split_is_type(child, "text/calendar"))
            best = child;
    }
    return best;
}

static bool open_alternative(struct opener *o, const struct split *s, const struct split_part *part,
                             const struct place_in *place, struct err *err)
{
    const struct split_part *best = best_alternative(o, s, part);

    for (size_t i = 1; i <= part->n_children; i++) {
        const struct split_part *child = split_child(s, part, i);
        struct place_in at = *place;

        at.payload = false;
        at.whole = place->whole && repair_is_alone(o->a, s, part, child);
        at.shown = place->shown && child == best;
        if (!open_part(o, s, child, at, err))
            return false;
    }
    return true;
}

static bool open_multipart(struct opener *o, const struct split *s, const struct split_part *part,
                           const struct place_in *place, struct err *err)
{
    bool opened = false;

    if ((split_is_type(part, "multipart/signed") || repair_is_mixed_signed(s, part)) &&
        !seal_signed(o, s, part, place, &opened, err))
        return false;
    if (!opened && !seal_encrypted(o, s, part, place, &opened, err))
        return false;
    if (opened)
        return true;
    headers_note_payload(o, part, place);
    if (split_is_type(part, "multipart/alternative"))
        return open_alternative(o, s, part, place, err);
    return open_children(o, s, part, place, err);
}

/* A key that we know signed around it, and the address is none of its owner's. */
static bool is_anothers(const struct opener *o, const char *address)
{
    bool known = false;

    for (size_t i = 0; i < o->m.n_seals; i++) {
        const struct seal *seal = &o->m.seals[i];

        if (seal->kind != SEAL_SIGNED || seal->addresses.n == 0)
            continue;
        if (strs_has(&seal->addresses, address))
            return false;
        known = true;
    }
    return known;
}

/* True if the inner header is the one of this mail: from the same address, the signer's, and no
 * other mail's id. Who forwards another's mail, or an old one of their own, fails one of the three;
 * so does who sends such a mail again under the From that it holds. */
static bool is_same_mail(struct opener *o, struct span inner)
{
    struct split_limits limits = opener_limits(o);
    struct split in = split_mail(o->a, inner, &limits);
    struct split out = split_mail(o->a, o->request->mail, &limits);
    struct strs none = {0};
    struct strs ids = {0};
    struct mailbox from = fields_mailbox(o->a, header_value(&in.at[0].fields, "From"), &none);
    struct mailbox outer = fields_mailbox(o->a, header_value(&out.at[0].fields, "From"), &none);

    fields_ids(o->a, header_value(&in.at[0].fields, "Message-ID"), &ids);
    fields_ids(o->a, header_value(&out.at[0].fields, "Message-ID"), &ids);
    return from.address != NULL && outer.address != NULL &&
           strcmp(from.address, outer.address) == 0 && ids.n <= 1 && !is_anothers(o, from.address);
}

/* RFC 8551 3.1: a message/rfc822 that is all a seal holds may be the mail itself, headers and all.
 */
static bool is_wrapped_mail(struct opener *o, const struct split_part *part,
                            const struct place_in *place)
{
    const char *forwarded = parameters_value(&part->type, "forwarded");

    if (!place->payload || place->layer == 0)
        return false;
    if (forwarded != NULL)
        return strcmp(forwarded, "no") == 0;
    return is_same_mail(o, leaf_bytes(o, part));
}

static bool open_mail(struct opener *o, const struct split *s, const struct split_part *part,
                      const struct place_in *place, struct err *err)
{
    const char *disposition = "";
    const struct header_field *field = header_find(&part->fields, "Content-Disposition");
    struct place_in at = *place;

    if (field != NULL)
        disposition = parameters_read(o->a, field->value, o->defects).type;
    at.payload = is_wrapped_mail(o, part, place);
    if (!at.payload)
        at.base = split_path(o->a, s, part, place->base);
    at.whole = place->whole && at.payload;
    at.attached = place->attached || !at.payload;
    /* What a bounce returns is not what it says. */
    at.shown = place->shown && strcmp(disposition, "attachment") != 0 &&
               !split_is_type(&s->at[0], "multipart/report");
    if (!at.payload)
        leaf_add(o, s, part, place); /* the mail as a file, beside what it holds */
    return open_entity(o, leaf_bytes(o, part), at, err);
}

/* A file that holds a whole MIME entity: what stands in it is what was sent. */
static bool open_structure(struct opener *o, const struct split *s, const struct split_part *part,
                           const struct place_in *place, bool *ret_opened, struct err *err)
{
    const char *filename = leaf_filename(o, part);
    const char *repair = repair_holds_entity(o->a, part, filename);
    struct place_in at = *place;
    struct span entity;

    if (repair_is_tnef(o->a, part, filename))
        repair = "tnef";
    if (repair == NULL || place->depth >= OPEN_ENTITIES_DEPTH_MAX || o->parts_left == 0)
        return true;
    entity = leaf_bytes(o, part);
    /* Where the mail has a text already, the one in winmail.dat is its copy. */
    if (strcmp(repair, "tnef") == 0)
        entity = tnef_to_entity(o->a, entity, o->text.n > 0, o->defects);
    if (entity.n == 0)
        return true;
    *ret_opened = true;
    defect_add(o->a, &o->m.repairs, repair);
    at.base = split_path(o->a, s, part, place->base);
    return open_entity(o, entity, at, err);
}

bool open_part(struct opener *o, const struct split *s, const struct split_part *part,
               struct place_in place, struct err *err)
{
    bool opened = false;

    assert(part != NULL);
    if (part->n_children > 0)
        return open_multipart(o, s, part, &place, err);
    if (split_is_mail(part) && place.depth < OPEN_ENTITIES_DEPTH_MAX && o->parts_left > 0)
        return open_mail(o, s, part, &place, err);
    if (split_is_mail(part))
        defect_add(o->a, o->defects, "too-many-layers");
    if (!open_structure(o, s, part, &place, &opened, err))
        return false;
    if (!opened && !seal_leaf(o, s, part, &place, &opened, err))
        return false;
    if (opened)
        return true;
    headers_note_payload(o, part, &place);
    leaf_add(o, s, part, &place);
    return true;
}

/* Past the limits an entity stays one leaf with all its bytes. */
static struct split split_within_limits(struct opener *o, struct span entity,
                                        const struct place_in *place)
{
    struct split_limits limits = opener_limits(o);

    if (place->depth > 1)
        limits.bytes = SPLIT_BYTES_MAX; /* what is inside was counted where it was unpacked */
    if (place->depth > OPEN_ENTITIES_DEPTH_MAX || o->parts_left == 0) {
        defect_add(o->a, o->defects, "too-many-layers");
        limits.bytes = 0;
        limits.header = 0;
    }
    limits.parts = o->parts_left == 0 ? 1 : o->parts_left;
    return split_mail(o->a, entity, &limits);
}

bool open_entity(struct opener *o, struct span entity, struct place_in place, struct err *err)
{
    struct split *s = ARENA_NEW(o->a, struct split);

    place.depth++;
    *s = split_within_limits(o, entity, &place);
    o->parts_left -= s->n < o->parts_left ? s->n : o->parts_left;
    for (size_t i = 0; i < s->defects.n; i++)
        defect_add(o->a, o->defects, s->defects.at[i]);
    return open_part(o, s, &s->at[0], place, err);
}
