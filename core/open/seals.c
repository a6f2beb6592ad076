#include "open/opener.h"

static struct seal *seal_add(struct opener *o, struct seal seal,
                             const struct signature_facts *facts, const struct place_in *place)
{
    struct message *m = o->m;

    ARENA_GROW(o->a, m->seals, m->n_seals, m->seals_room);
    ARENA_GROW(o->a, o->notes, m->n_seals, o->notes_room);
    seal.layer = place->layer;
    seal.covers_whole = place->whole;
    m->seals[m->n_seals] = seal;
    o->notes[m->n_seals] = (struct seal_note){.facts = facts, .encryptions = place->encryptions};
    return &m->seals[m->n_seals++];
}

/* Signatures of one object as seals; the object is kept so that it can be verified again. */
static void add_signatures(struct opener *o, enum protocol protocol, const char *path,
                           const struct signature_facts *facts, size_t n, struct span content,
                           struct span signature, const struct place_in *place)
{
    struct message *m = o->m;

    for (size_t i = 0; i < n; i++) {
        seal_add(o,
                 (struct seal){.protocol = protocol,
                               .kind = SEAL_SIGNED,
                               .status = facts[i].status,
                               .signer = facts[i].signer,
                               .path = path,
                               .algorithms = facts[i].algorithms,
                               .addresses = facts[i].addresses,
                               .time = facts[i].time},
                 &facts[i], place);
    }
    if (n == 0)
        return;
    ARENA_GROW(o->a, m->signed_objects, m->n_signed_objects, m->signed_objects_room);
    m->signed_objects[m->n_signed_objects++] =
        (struct signed_object){.seal = (uint32_t)(m->n_seals - n),
                               .protocol = protocol,
                               .content = opened_add(o, content),
                               .signature = opened_add(o, signature),
                               .covers_whole = place->whole};
}

static void add_failed(struct opener *o, enum protocol protocol, enum seal_kind kind,
                       const char *path, const struct place_in *place)
{
    seal_add(o,
             (struct seal){.protocol = protocol, .kind = kind, .status = SEAL_ERROR, .path = path},
             NULL, place);
}

static bool may_try(struct opener *o)
{
    if (o->seals_tried >= OPEN_SEALS_MAX) {
        defect_add(o->a, &o->m->defects, "too-many-seals");
        return false;
    }
    o->seals_tried++;
    return true;
}

/* RFC 3156 5, RFC 8551 3.5.3: the first child exactly as it stands, the second signs it. */
static bool open_signed(struct opener *o, const struct split *s, const struct split_part *part,
                        enum protocol protocol, struct place_in place, struct err *err)
{
    const char *path = split_path(o->a, s, part, place.base);
    const struct split_part *content = split_child(s, part, 1);
    struct span signature = leaf_bytes(o, split_child(s, part, 2));
    struct crypto_verified verified = {.n_signatures = 0};

    if (!may_try(o))
        return layers_part(o, s, content, place, err);
    if (!crypto_verify(o->crypto, protocol, &o->ask, content->raw, signature, &verified, err))
        return false;
    if (part->n_children > 2) {
        defect_add(o->a, &o->m->defects, "unsigned-part-beside-signed");
        place.whole = false;
    }
    if (verified.n_signatures == 0)
        add_failed(o, protocol, SEAL_SIGNED, path, &place);
    add_signatures(o, protocol, path, verified.signatures, verified.n_signatures, content->raw,
                   signature, &place);
    place.layer++;
    if (place.whole && (parameters_value(&content->type, "hp") != NULL ||
                        parameters_value(&content->type, "protected-headers") != NULL)) {
        o->payload = content->fields;
        o->has_payload = true;
    }
    for (size_t i = 1; i <= part->n_children; i++) {
        struct place_in at = place;

        if (i == 2)
            continue;
        if (i > 2)
            at.layer--;
        if (!layers_part(o, s, split_child(s, part, i), at, err))
            return false;
    }
    return true;
}

static void note_payload(struct opener *o, struct span entity, const struct place_in *place)
{
    struct split s;

    if (!place->whole)
        return;
    s = split_mail(o->a, entity, &split_limits_default);
    if (parameters_value(&s.at[0].type, "hp") != NULL ||
        parameters_value(&s.at[0].type, "protected-headers") != NULL) {
        o->payload = s.at[0].fields;
        o->has_payload = true;
    }
}

static bool open_inside(struct opener *o, struct span entity, const char *path,
                        struct place_in place, struct err *err)
{
    place.base = path;
    note_payload(o, entity, &place);
    return layers_open(o, entity, place, err);
}

/* *ret_opened stays false where it was no encryption, or could not be opened: then it is a leaf. */
static bool open_ciphertext(struct opener *o, enum protocol protocol, struct span ciphertext,
                            const char *path, struct place_in place, bool *ret_opened,
                            struct err *err)
{
    struct crypto_opened opened = {.status = SEAL_ERROR};
    const struct crypto_handle *key = crypto_key(o->crypto, protocol, CRYPTO_DECRYPT);
    struct seal seal = {.protocol = protocol, .kind = SEAL_ENCRYPTED, .path = path};

    if (!may_try(o))
        return true;
    if (key == NULL)
        opened = (struct crypto_opened){.status = SEAL_NO_KEY, .encrypted = true};
    else if (!crypto_decrypt(o->crypto, key, &o->ask, ciphertext, &opened, err))
        return false;
    if (!opened.encrypted && opened.status == SEAL_VALID) {
        defect_add(o->a, &o->m->defects, "not-encrypted");
        return true;
    }
    o->m->encrypted = true;
    seal.status = opened.status;
    seal.algorithms = opened.algorithms;
    seal.session_key = opened.session_key;
    seal_add(o, seal, NULL, &place);
    place.encryptions++;
    if (place.encryptions > o->encryptions)
        o->encryptions = place.encryptions;
    if (!opened.released)
        return true;
    *ret_opened = true;
    place.layer++;
    if (opened.n_signatures > 0) {
        add_signatures(o, protocol, path, opened.signatures, opened.n_signatures, span_of(NULL, 0),
                       opened.inner, &place);
        place.layer++;
    }
    return open_inside(o, opened.content, path, place, err);
}

static bool open_encrypted(struct opener *o, const struct split *s, const struct split_part *part,
                           struct place_in place, bool *ret_opened, struct err *err)
{
    const char *path = split_path(o->a, s, part, place.base);

    return open_ciphertext(o, PROTOCOL_OPENPGP, leaf_bytes(o, split_child(s, part, 2)), path, place,
                           ret_opened, err);
}

static bool open_opaque(struct opener *o, struct span der, const char *path, struct place_in place,
                        bool *ret_opened, struct err *err)
{
    struct crypto_verified verified = {.n_signatures = 0};

    if (!may_try(o))
        return true;
    if (!crypto_verify(o->crypto, PROTOCOL_SMIME, &o->ask, der, span_of(NULL, 0), &verified, err))
        return false;
    if (verified.n_signatures == 0) {
        add_failed(o, PROTOCOL_SMIME, SEAL_SIGNED, path, &place);
        return true;
    }
    add_signatures(o, PROTOCOL_SMIME, path, verified.signatures, verified.n_signatures,
                   span_of(NULL, 0), der, &place);
    if (verified.content.n == 0)
        return true;
    *ret_opened = true;
    place.layer++;
    return open_inside(o, verified.content, path, place, err);
}

/* RFC 8551 3.2: smime-type says which; without it both are tried. */
static bool open_pkcs7(struct opener *o, const struct split *s, const struct split_part *part,
                       struct place_in place, bool *ret_opened, struct err *err)
{
    const char *kind = parameters_value(&part->type, "smime-type");
    const char *path = split_path(o->a, s, part, place.base);
    struct span der = leaf_bytes(o, part);

    if (kind != NULL && strcasecmp(kind, "certs-only") == 0)
        return true;
    if (kind != NULL && strcasecmp(kind, "signed-data") == 0)
        return open_opaque(o, der, path, place, ret_opened, err);
    return open_ciphertext(o, PROTOCOL_SMIME, der, path, place, ret_opened, err);
}

static enum protocol signed_protocol(const struct split *s, const struct split_part *part)
{
    const struct split_part *second = split_child(s, part, 2);

    if (strcmp(part->type.type, "multipart/signed") != 0 || second == NULL)
        return PROTOCOL_NONE;
    if (strcmp(second->type.type, "application/pgp-signature") == 0)
        return PROTOCOL_OPENPGP;
    if (strcmp(second->type.type, "application/pkcs7-signature") == 0 ||
        strcmp(second->type.type, "application/x-pkcs7-signature") == 0)
        return PROTOCOL_SMIME;
    return PROTOCOL_NONE;
}

bool seals_open(struct opener *o, const struct split *s, const struct split_part *part,
                struct place_in place, bool *ret_opened, struct err *err)
{
    enum protocol protocol = signed_protocol(s, part);
    const struct split_part *first = split_child(s, part, 1);

    if (protocol != PROTOCOL_NONE) {
        *ret_opened = true;
        return open_signed(o, s, part, protocol, place, err);
    }
    if (strcmp(part->type.type, "multipart/encrypted") == 0 && part->n_children >= 2 &&
        strcmp(first->type.type, "application/pgp-encrypted") == 0) {
        if (part->n_children > 2) {
            defect_add(o->a, &o->m->defects, "part-beside-encrypted");
            place.whole = false;
        }
        return open_encrypted(o, s, part, place, ret_opened, err);
    }
    if (strcmp(part->type.type, "application/pkcs7-mime") == 0 ||
        strcmp(part->type.type, "application/x-pkcs7-mime") == 0)
        return open_pkcs7(o, s, part, place, ret_opened, err);
    return true;
}
