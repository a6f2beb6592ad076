#include <strings.h>

#include "mime/repair.h"
#include "open/opener.h"

/* --- into the model -------------------------------------------------------------------------- */

static size_t add_seal(struct opener *o, struct seal seal, const struct signature_facts *facts,
                       const struct place_in *place)
{
    struct message *m = &o->m;
    struct seal_note note = {.facts = facts, .encryptions = place->encryptions};

    seal.layer = place->layer;
    seal.covers_whole = place->whole;
    ARENA_GROW(o->a, o->notes, m->n_seals, o->notes_room);
    ARENA_GROW(o->a, m->seals, m->n_seals, m->seals_room);
    o->notes[m->n_seals] = note;
    m->seals[m->n_seals] = seal;
    return m->n_seals++;
}

/* One seal for each signature, or one that says that there is none to read. Returns the first. */
size_t seal_add_signatures(struct opener *o, enum protocol protocol,
                           const struct signature_facts *facts, size_t n, const char *path,
                           const struct place_in *place)
{
    struct seal seal = {
        .protocol = protocol, .kind = SEAL_SIGNED, .status = SEAL_ERROR, .path = path};
    size_t first = o->m.n_seals;

    if (n == 0)
        add_seal(o, seal, NULL, place);
    for (size_t i = 0; i < n; i++) {
        seal.status = verdict_judge(facts[i].status, &facts[i].algorithms);
        seal.signer = facts[i].signer;
        seal.algorithms = facts[i].algorithms;
        seal.addresses = facts[i].addresses;
        seal.time = facts[i].time;
        add_seal(o, seal, &facts[i], place);
    }
    return first;
}

void seal_add_object(struct opener *o, size_t seal, struct span content, struct span signature)
{
    struct message *m = &o->m;
    struct signed_object object = {.seal = (uint32_t)seal,
                                   .protocol = m->seals[seal].protocol,
                                   .covers_whole = m->seals[seal].covers_whole};

    if (content.n > 0)
        object.content = opened_add(o, content);
    object.signature = opened_add(o, signature);
    ARENA_GROW(o->a, m->signed_objects, m->n_signed_objects, m->signed_objects_room);
    m->signed_objects[m->n_signed_objects++] = object;
}

static void add_encryption(struct opener *o, enum protocol protocol,
                           const struct crypto_opened *opened, const char *path,
                           const struct place_in *place)
{
    struct seal seal = {.protocol = protocol,
                        .kind = SEAL_ENCRYPTED,
                        .status = opened->status,
                        .path = path,
                        .algorithms = opened->algorithms,
                        .session_key = opened->session_key};
    size_t at = add_seal(o, seal, NULL, place);

    o->m.encrypted = true;
    o->notes[at].of_file = place->file;
    if (!place->file)
        o->n_encryptions++;
    /* A sealed file leaves the seal around the whole mail as it is. */
    if (!place->whole && !(place->file && place->encryptions > 0))
        o->m.single_chain = false;
}

void seal_repaired(struct opener *o, const char *name)
{
    if (name != NULL)
        defect_add(o->a, &o->m.repairs, name);
}

static void note_unpacked(struct opener *o, struct span content, const char *defect)
{
    uint64_t *left = &o->limits.decompressed;

    *left -= content.n < *left ? content.n : *left;
    if (defect != NULL)
        defect_add(o->a, o->defects, defect);
    o->overran = o->overran || (defect != NULL && content.at == NULL);
}

static void note_named(struct opener *o, const struct strs *names)
{
    for (size_t i = 0; i < names->n; i++)
        defect_add(o->a, o->defects, names->at[i]);
}

bool seal_verify(struct opener *o, enum protocol protocol, struct span bytes, struct span signature,
                 struct crypto_verified *ret, struct err *err)
{
    if (!crypto_verify(o->crypto, protocol, &o->ask, bytes, signature, ret, err))
        return false;
    note_unpacked(o, ret->content, ret->defect);
    note_named(o, &ret->named);
    return true;
}

/* Each layer that is tried may start a program: past the limit, parts are read as they are. */
bool seal_may_try(struct opener *o, const struct place_in *place)
{
    if (place->depth >= OPEN_ENTITIES_DEPTH_MAX || o->tries >= OPEN_SEALS_MAX || o->overran) {
        defect_add(o->a, o->defects, "too-many-seals");
        return false;
    }
    o->tries++;
    return true;
}

/* The root of an entity is the entity: its path is the base, though as a leaf it is part 1. */
const char *seal_path(struct opener *o, const struct split *s, const struct split_part *part,
                      const struct place_in *place)
{
    return part->parent == SPLIT_NO_PARENT ? place->base : split_path(o->a, s, part, place->base);
}

struct place_in seal_inside(const struct place_in *place, const char *path)
{
    struct place_in at = *place;

    at.base = path;
    at.layer++;
    at.payload = at.whole;
    at.sealed = true;
    return at;
}

/* --- detached signatures --------------------------------------------------------------------- */

static void add_detached(struct opener *o, enum protocol protocol, const char *path,
                         const struct place_in *place, const struct crypto_verified *v,
                         struct span content, struct span signature)
{
    size_t seal = seal_add_signatures(o, protocol, v->signatures, v->n_signatures, path, place);

    if (v->n_signatures > 0 && content.n > 0)
        seal_add_object(o, seal, content, signature);
}

/* What stands behind the signature is not covered by it. */
static bool open_beside(struct opener *o, const struct split *s, const struct split_part *part,
                        struct place_in place, struct err *err)
{
    place.whole = false;
    place.payload = false;
    place.beside = true;
    for (size_t i = 3; i <= part->n_children; i++) {
        if (!open_part(o, s, split_child(s, part, i), place, err))
            return false;
    }
    return true;
}

/* A seal has two parts; footers and empty texts behind them leave it around the whole mail. */
static void note_beside(struct opener *o, const struct split *s, const struct split_part *part,
                        const char *defect, struct place_in *place)
{
    struct strs repairs = {0};

    if (part->n_children <= 2)
        return;
    if (!repair_only_footers(o->a, s, part, 3, &repairs)) {
        defect_add(o->a, o->defects, defect);
        place->whole = false;
        return;
    }
    for (size_t i = 0; place->whole && i < repairs.n; i++)
        seal_repaired(o, repairs.at[i]);
}

/* repaired: what was signed, if that is not what came; else empty. */
static bool open_signed(struct opener *o, const struct split *s, const struct split_part *content,
                        struct span repaired, const struct place_in *place, const char *path,
                        struct err *err)
{
    struct place_in at = seal_inside(place, place->base);

    if (repaired.n == 0)
        return open_part(o, s, content, at, err);
    at.base = content->n_children > 0 ? split_path(o->a, s, content, place->base) : path;
    return open_entity(o, repaired, at, err);
}

bool seal_signed(struct opener *o, const struct split *s, const struct split_part *part,
                 const struct place_in *place, bool *ret_opened, struct err *err)
{
    const struct split_part *content = split_child(s, part, 1);
    const char *repair = NULL;
    enum protocol protocol = repair_signature_protocol(o->a, split_child(s, part, 2), &repair);
    bool mixed = !split_is_type(part, "multipart/signed");
    const char *path = seal_path(o, s, part, place);
    struct crypto_verified v = {.n_signatures = 0};
    struct place_in here = *place;
    struct span bytes = content->raw;
    struct span signature;
    bool changed = false;

    if (protocol == PROTOCOL_NONE)
        defect_add(o->a, o->defects, "signed-structure");
    if (protocol == PROTOCOL_NONE || place->attached || !seal_may_try(o, place))
        return true;
    note_beside(o, s, part, "part-beside-signed", &here);
    signature = leaf_bytes(o, split_child(s, part, 2));
    if (!verify_repaired(o, protocol, signature, &bytes, &changed, &v, err))
        return false;
    if (mixed && !verified_any(&v)) {
        defect_add(o->a, o->defects, "signature-lost");
        return true;
    }
    *ret_opened = true;
    seal_repaired(o, mixed ? "mixed-signed" : repair);
    add_detached(o, protocol, path, &here, &v, bytes, signature);
    return open_signed(o, s, content, changed ? bytes : span_of(NULL, 0), &here, path, err) &&
           open_beside(o, s, part, *place, err);
}

/* --- opaque objects -------------------------------------------------------------------------- */

/* CMS SignedData, or an OpenPGP message that is signed and not encrypted. */
bool seal_open_opaque(struct opener *o, enum protocol protocol, struct span object,
                      const char *path, const struct place_in *place, bool *ret_opened,
                      struct err *err)
{
    struct crypto_verified v = {.n_signatures = 0};
    struct place_in at = seal_inside(place, path);
    size_t seal;

    if (!seal_verify(o, protocol, object, span_of(NULL, 0), &v, err))
        return false;
    if (v.content.n == 0 && !v.certificates_only)
        defect_add(o->a, o->defects, "signed-without-content");
    if (v.n_signatures == 0 && v.content.n == 0)
        return true; /* stays a leaf */
    seal = seal_add_signatures(o, protocol, v.signatures, v.n_signatures, path, place);
    if (v.content.n == 0)
        return true;
    *ret_opened = true;
    if (v.n_signatures > 0)
        seal_add_object(o, seal, span_of(NULL, 0), object);
    return open_entity(o, v.content, at, err);
}

/* --- encryptions ----------------------------------------------------------------------------- */

/* The signatures of OpenPGP's combined form lie one layer further in. */
static void add_combined(struct opener *o, const struct crypto_opened *opened, const char *path,
                         struct place_in *at)
{
    size_t seal;

    if (opened->n_signatures == 0 || at->attached)
        return;
    seal = seal_add_signatures(o, PROTOCOL_OPENPGP, opened->signatures, opened->n_signatures, path,
                               at);
    if (opened->inner.n > 0)
        seal_add_object(o, seal, span_of(NULL, 0), opened->inner);
    at->layer++;
}

/* ret_inside: the place of what came out; released false: nothing did. */
bool seal_decrypt(struct opener *o, enum protocol protocol, struct span ciphertext,
                  const char *path, const struct place_in *place, struct crypto_opened *ret,
                  struct place_in *ret_inside, struct err *err)
{
    const struct crypto_handle *key = crypto_key(o->crypto, protocol, CRYPTO_DECRYPT);

    if (key == NULL)
        *ret = (struct crypto_opened){.status = SEAL_NO_KEY, .encrypted = true};
    else if (!crypto_decrypt(o->crypto, key, &o->ask, ciphertext, ret, err))
        return false;
    note_unpacked(o, ret->content, ret->defect);
    if (!ret->encrypted) {
        defect_add(o->a, o->defects, "not-encrypted");
        ret->released = false;
        return true;
    }
    note_named(o, &ret->named);
    if (ret->status == SEAL_NO_KEY && !strs_has(&ret->named, "pgp-symmetric"))
        defect_add(o->a, o->defects, "recipient-unknown");
    add_encryption(o, protocol, ret, path, place);
    *ret_inside = seal_inside(place, path);
    ret_inside->encryptions++;
    if (ret->released)
        add_combined(o, ret, path, ret_inside);
    return true;
}

/* What calls itself encrypted and is not: the seal is broken, and a signature in it proves nothing,
 * for the mail is not what its sender sent. */
static bool open_unencrypted(struct opener *o, struct span object, const char *path,
                             const struct place_in *place, bool *ret_opened, struct err *err)
{
    struct crypto_opened broken = {.status = SEAL_ERROR};
    struct place_in at = *place;

    add_encryption(o, PROTOCOL_OPENPGP, &broken, path, place);
    at.layer++;
    return place->attached ||
           seal_open_opaque(o, PROTOCOL_OPENPGP, object, path, &at, ret_opened, err);
}

bool seal_encrypted(struct opener *o, const struct split *s, const struct split_part *part,
                    const struct place_in *place, bool *ret_opened, struct err *err)
{
    const char *repair = NULL;
    const char *coding = NULL;
    const struct split_part *cipher = repair_ciphertext(o->a, s, part, &repair);
    bool more = cipher != NULL && repair == NULL && part->n_children > 2;
    const char *path =
        more ? split_path(o->a, s, cipher, place->base) : seal_path(o, s, part, place);
    struct crypto_opened opened = {.released = false};
    struct place_in here = *place;
    struct span object;
    struct place_in at;

    if (cipher == NULL || !seal_may_try(o, place))
        return true;
    if (more)
        note_beside(o, s, part, "part-beside-encrypted", &here);
    object = repair_object(o->a, leaf_bytes(o, cipher), &coding);
    if (!seal_decrypt(o, PROTOCOL_OPENPGP, object, path, &here, &opened, &at, err))
        return false;
    seal_repaired(o, repair);
    seal_repaired(o, coding);
    if (!opened.encrypted)
        return open_unencrypted(o, object, path, &here, ret_opened, err);
    *ret_opened = opened.released;
    if (!opened.released)
        return true;
    return open_entity(o, opened.content, at, err) &&
           (!more || open_beside(o, s, part, *place, err));
}

/* --- leaves ---------------------------------------------------------------------------------- */

static bool seal_smime(struct opener *o, struct span der, const char *path,
                       const struct place_in *place, bool *ret_opened, struct err *err)
{
    struct crypto_opened opened = {.released = false};
    struct place_in at;

    if (repair_cms_kind(der) == CMS_SIGNED)
        return place->attached ||
               seal_open_opaque(o, PROTOCOL_SMIME, der, path, place, ret_opened, err);
    if (!seal_decrypt(o, PROTOCOL_SMIME, der, path, place, &opened, &at, err))
        return false;
    *ret_opened = opened.released;
    return !opened.released || open_entity(o, opened.content, at, err);
}

/* What says by its type that it is sealed, and can't be read. */
static void add_unreadable(struct opener *o, const struct split_part *part, const char *path,
                           const struct place_in *place)
{
    const char *type = parameters_value(&part->type, "smime-type");
    struct crypto_opened opened = {.status = SEAL_ERROR};

    if (type == NULL)
        return;
    if (strcasecmp(type, "signed-data") == 0 && !place->attached)
        seal_add_signatures(o, PROTOCOL_SMIME, NULL, 0, path, place);
    if (strcasecmp(type, "enveloped-data") == 0 || strcasecmp(type, "authEnveloped-data") == 0)
        add_encryption(o, PROTOCOL_SMIME, &opened, path, place);
}

static bool is_certificates_only(const struct split_part *part)
{
    const char *type = parameters_value(&part->type, "smime-type");

    return type != NULL && strcasecmp(type, "certs-only") == 0;
}

static bool seal_smime_leaf(struct opener *o, const struct split_part *part, const char *path,
                            const char *repair, const struct place_in *place, bool *ret_opened,
                            struct err *err)
{
    const char *coding = NULL;
    struct span bytes = repair_object(o->a, leaf_bytes(o, part), &coding);

    if (is_certificates_only(part) || !seal_may_try(o, place))
        return true;
    if (repair_cms_kind(bytes) == CMS_NONE) {
        add_unreadable(o, part, path, place);
        return true;
    }
    seal_repaired(o, repair);
    seal_repaired(o, coding);
    return seal_smime(o, bytes, path, place, ret_opened, err);
}

/* PGP/MIME's ciphertext without the multipart around it. */
static bool seal_bare(struct opener *o, const struct split_part *part, const char *path,
                      const struct place_in *place, bool *ret_opened, struct err *err)
{
    const char *coding = NULL;
    struct span object = repair_object(o->a, leaf_bytes(o, part), &coding);
    struct crypto_opened opened = {.released = false};
    struct place_in at;

    if (!repair_is_pgp_message(object) || !seal_may_try(o, place))
        return true;
    if (!seal_decrypt(o, PROTOCOL_OPENPGP, object, path, place, &opened, &at, err))
        return false;
    seal_repaired(o, "encrypted-bare");
    seal_repaired(o, coding);
    *ret_opened = opened.released;
    return !opened.released || open_entity(o, opened.content, at, err);
}

bool seal_leaf(struct opener *o, const struct split *s, const struct split_part *part,
               const struct place_in *place, bool *ret_opened, struct err *err)
{
    const char *repair = NULL;
    const char *path = seal_path(o, s, part, place);

    if (part->parent == SPLIT_NO_PARENT && split_is_type(part, "application/pgp-encrypted"))
        return seal_bare(o, part, path, place, ret_opened, err);
    if (repair_is_smime(o->a, part, leaf_filename(o, part), &repair))
        return seal_smime_leaf(o, part, path, repair, place, ret_opened, err);
    if ((split_is_type(part, "text/plain") || (split_is_type(part, "text/html") && place->shown)) &&
        leaf_is_text(o, part))
        return inline_open(o, part, path, place, ret_opened, err);
    return attached_open(o, s, part, path, place, ret_opened, err);
}
