/*
 * Files that are sealed by themselves: encrypted or signed attachments, and signatures that lie
 * beside the file they are of. They cover that file and nothing else of the mail.
 */
#include "base/text.h"
#include "mime/repair.h"
#include "open/opener.h"

/* Length of the name without its suffix, or 0 if it has none of them. */
static size_t stem(const char *name, const char *const *suffixes, size_t n)
{
    for (size_t i = 0; name != NULL && i < n; i++) {
        if (span_ends_nocase(span_str(name), suffixes[i]))
            return strlen(name) - strlen(suffixes[i]);
    }
    return 0;
}

static const char *const message_suffixes[] = {".asc", ".gpg", ".pgp"};
static const char *const signature_suffixes[] = {".sig", ".asc", ".sign", ".p7s"};

/* What a file is, by how it begins. */
static const char *type_of(struct span bytes)
{
    static const struct {
        const char *begin;
        const char *type;
    } kinds[] = {
        {"%PDF-", "application/pdf"},         {"PK\003\004", "application/zip"},
        {"\037\213\010", "application/gzip"}, {"\211PNG\r\n", "image/png"},
        {"\377\330\377", "image/jpeg"},       {"GIF8", "image/gif"},
    };

    for (size_t i = 0; i < LEN(kinds); i++) {
        if (span_starts(bytes, kinds[i].begin))
            return kinds[i].type;
    }
    if (repair_is_entity(bytes))
        return "message/rfc822";
    if (text_is_utf8(bytes) && span_find(bytes, '\0') == bytes.n)
        return "text/plain";
    return "application/octet-stream";
}

/* What a file without its seal goes on as: an entity, or a file of its own name below the path. */
static bool add_inside(struct opener *o, struct span bytes, const char *filename,
                       const struct place_in *at, struct err *err)
{
    size_t n = stem(filename, message_suffixes, LEN(message_suffixes));
    const char *path = arena_printf(o->a, "%s%s1", at->base, at->base[0] == '\0' ? "" : ".");

    if (repair_is_entity(bytes) && !at->file)
        return open_entity(o, bytes, *at, err);
    if (n > 0)
        filename = span_dup(o->a, span_of(filename, n));
    leaf_add_file(o, bytes, type_of(bytes), filename, path, at);
    return true;
}

/* is_mail: PGP/MIME's second part, beside a text that somebody added. */
static bool open_encrypted(struct opener *o, struct span bytes, const char *filename,
                           const char *path, const struct place_in *place, bool is_mail,
                           bool *ret_opened, struct err *err)
{
    struct crypto_opened opened = {.released = false};
    struct place_in here = *place;
    struct place_in at;

    here.file = !place->whole && !is_mail;
    if (!seal_decrypt(o, PROTOCOL_OPENPGP, bytes, path, &here, &opened, &at, err))
        return false;
    *ret_opened = opened.released;
    seal_repaired(o, is_mail ? "encrypted-beside-text" : NULL);
    return !opened.released || add_inside(o, opened.content, filename, &at, err);
}

static bool open_signed(struct opener *o, struct span bytes, const char *filename, const char *path,
                        const struct place_in *place, bool *ret_opened, struct err *err)
{
    struct crypto_verified v = {.n_signatures = 0};
    struct place_in at = seal_inside(place, path);
    size_t seal;

    if (!seal_verify(o, PROTOCOL_OPENPGP, bytes, span_of(NULL, 0), &v, err))
        return false;
    if (v.n_signatures == 0 || v.content.n == 0)
        return true;
    seal = seal_add_signatures(o, PROTOCOL_OPENPGP, v.signatures, v.n_signatures, path, place);
    seal_add_object(o, seal, span_of(NULL, 0), bytes);
    *ret_opened = true;
    return add_inside(o, v.content, filename, &at, err);
}

/* The neighbour that has the signature's name without the suffix. */
static const struct split_part *neighbour(struct opener *o, const struct split *s,
                                          const struct split_part *part, struct span name)
{
    const struct split_part *parent = part->parent == SPLIT_NO_PARENT ? NULL : &s->at[part->parent];

    for (size_t i = 1; parent != NULL && i <= parent->n_children; i++) {
        const struct split_part *child = split_child(s, parent, i);
        const char *has = child->n_children > 0 ? NULL : leaf_filename(o, child);

        if (child != part && has != NULL && span_eq_str(name, has))
            return child;
    }
    return NULL;
}

/* The signature stays a file too; its seal stands at what it signs. */
static bool verify_neighbour(struct opener *o, const struct split *s, const struct split_part *part,
                             enum protocol protocol, struct span signature,
                             const struct place_in *place, struct err *err)
{
    const char *filename = leaf_filename(o, part);
    size_t n = stem(filename, signature_suffixes, LEN(signature_suffixes));
    const struct split_part *file = neighbour(o, s, part, span_of(filename, n));
    struct crypto_verified v = {.n_signatures = 0};
    struct place_in here = *place;
    struct span content;
    size_t seal;

    if (file == NULL || place->attached || !seal_may_try(o, place))
        return true;
    here.whole = false;
    content = leaf_bytes(o, file);
    if (!seal_verify(o, protocol, content, signature, &v, err))
        return false;
    seal = seal_add_signatures(o, protocol, v.signatures, v.n_signatures,
                               split_path(o->a, s, file, place->base), &here);
    if (v.n_signatures > 0 && content.n > 0)
        seal_add_object(o, seal, content, signature);
    return true;
}

/* The second part of multipart/encrypted was tried with it. */
static bool is_half_of_encrypted(struct opener *o, const struct split *s,
                                 const struct split_part *part)
{
    const char *repair;

    return part->parent != SPLIT_NO_PARENT &&
           repair_ciphertext(o->a, s, &s->at[part->parent], &repair) != NULL;
}

static bool may_be_sealed(const struct split_part *part, const char *filename)
{
    return stem(filename, message_suffixes, LEN(message_suffixes)) > 0 ||
           split_is_type(part, "application/octet-stream") ||
           split_is_type(part, "application/pgp-encrypted") ||
           split_is_type(part, "application/pgp");
}

bool attached_open(struct opener *o, const struct split *s, const struct split_part *part,
                   const char *path, const struct place_in *place, bool *ret_opened,
                   struct err *err)
{
    const char *filename = leaf_filename(o, part);
    bool signs = stem(filename, signature_suffixes, LEN(signature_suffixes)) > 0;
    enum crypto_form form;
    struct span bytes;

    if (!(signs || may_be_sealed(part, filename)) || is_half_of_encrypted(o, s, part))
        return true;
    bytes = leaf_bytes(o, part);
    if (signs && repair_cms_kind(bytes) == CMS_SIGNED)
        return verify_neighbour(o, s, part, PROTOCOL_SMIME, bytes, place, err);
    form = crypto_pgp_form(o->a, bytes);
    if (form == CRYPTO_FORM_DETACHED && signs)
        return verify_neighbour(o, s, part, PROTOCOL_OPENPGP, bytes, place, err);
    if (form == CRYPTO_FORM_ENCRYPTED && seal_may_try(o, place))
        return open_encrypted(o, bytes, filename, path, place,
                              repair_follows_version(o->a, s, part), ret_opened, err);
    /* Any bytes may look like a literal packet: the name must say so too. */
    if (form == CRYPTO_FORM_SIGNED && !place->attached &&
        stem(filename, message_suffixes, LEN(message_suffixes)) > 0 && seal_may_try(o, place))
        return open_signed(o, bytes, filename, path, place, ret_opened, err);
    return true;
}
