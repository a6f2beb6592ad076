#include "mime/repair.h"

#include <strings.h>

#include "base/buf.h"
#include "mime/banner.h"
#include "mime/charset.h"
#include "mime/html.h"

enum { ALTERNATIVES_MAX = 10, PIECES_MAX = 4 };

static bool is_multipart(const struct split_part *part, const char *subtype)
{
    return part->n_children > 0 && strncmp(part->type.type, "multipart/", 10) == 0 &&
           strcmp(part->type.type + 10, subtype) == 0;
}

static const char *name_of(struct arena *a, const struct split_part *part)
{
    struct strs defects = {0};
    struct parameters disposition =
        parameters_read(a, header_value(&part->fields, "Content-Disposition"), &defects);
    const char *name = parameters_value(&disposition, "filename");

    return name != NULL ? name : parameters_value(&part->type, "name");
}

static bool is_attachment(struct arena *a, const struct split_part *part)
{
    struct strs defects = {0};

    return strcmp(parameters_read(a, header_value(&part->fields, "Content-Disposition"), &defects)
                      .type,
                  "attachment") == 0;
}

/* --- texts that say nothing, or are not the writer's ----------------------------------------- */

/* The text of a short leaf, as a reader sees it; false: it is none, or too long. */
static bool short_text(struct arena *a, const struct split_part *part, struct span *ret_text)
{
    struct strs defects = {0};
    struct span text;

    if (part->n_children > 0 || part->raw.n > REPAIR_LOOK_MAX)
        return false;
    if (!split_is_type(part, "text/plain") && !split_is_type(part, "text/html"))
        return false;
    text = charset_to_utf8(a, repair_look(a, part), parameters_value(&part->type, "charset"),
                           &defects);
    if (split_is_type(part, "text/html"))
        text = html_to_text(a, text, REPAIR_LOOK_MAX, &defects);
    while (text.n > 0 && span_starts(text, "\xc2\xa0")) /* a lone no-break space */
        text = span_trim(span_from(text, 2));
    *ret_text = span_trim(text);
    return true;
}

static bool is_blank_leaf(struct arena *a, const struct split_part *part)
{
    struct span text;

    return short_text(a, part, &text) && text.n == 0;
}

/* An empty text, also in two forms; one level only. */
static bool is_blank(struct arena *a, const struct split *s, const struct split_part *part)
{
    if (!is_multipart(part, "alternative") && !is_multipart(part, "related"))
        return is_blank_leaf(a, part);
    for (size_t i = 1; i <= part->n_children; i++) {
        if (!is_blank_leaf(a, split_child(s, part, i)))
            return false;
    }
    return true;
}

static struct span without_blanks(struct arena *a, struct span text)
{
    struct buf out = buf_new(a, text.n);

    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] > ' ')
            buf_add_char(&out, (char)text.at[i]);
    }
    return buf_span(&out);
}

/* Two texts of the same words: an HTML form says what the plain one says. */
static bool says_the_same(struct arena *a, const struct split_part *x, const struct split_part *y)
{
    struct span text_x;
    struct span text_y;

    return short_text(a, x, &text_x) && short_text(a, y, &text_y) &&
           span_eq(without_blanks(a, text_x), without_blanks(a, text_y));
}

bool repair_is_alone(struct arena *a, const struct split *s, const struct split_part *part,
                     const struct split_part *child)
{
    for (size_t i = 1; i <= part->n_children && i < ALTERNATIVES_MAX; i++) {
        const struct split_part *other = split_child(s, part, i);

        if (other != child && !is_blank(a, s, other) && !says_the_same(a, other, child))
            return false;
    }
    return part->n_children < ALTERNATIVES_MAX;
}

static const char *leaf_beside_name(struct arena *a, const struct split_part *part)
{
    struct span text;

    if (!short_text(a, part, &text))
        return NULL;
    if (text.n > 0 && banner_length(text) == text.n)
        return "external-banner";
    return footer_is(text) ? "list-footer" : NULL;
}

/* The name of the repair if the part, in each of its forms, is a footer or a banner, else NULL. */
static const char *beside_name(struct arena *a, const struct split *s,
                               const struct split_part *part)
{
    const char *name = NULL;

    if (!is_multipart(part, "alternative"))
        return leaf_beside_name(a, part);
    for (size_t i = part->n_children; i > 0; i--) {
        name = leaf_beside_name(a, split_child(s, part, i));
        if (name == NULL)
            return NULL;
    }
    return name;
}

/* --- OpenPGP's two parts --------------------------------------------------------------------- */

struct pieces {
    const struct split_part *version;
    const struct split_part *cipher;
    size_t n_blank;
    bool html;   /* an empty text came in HTML */
    bool others; /* there is more than that */
};

static bool is_version(struct arena *a, const struct split_part *part)
{
    if (part->n_children > 0)
        return false;
    if (split_is_type(part, "application/pgp-encrypted"))
        return !repair_is_pgp_message(repair_look(a, part));
    return part->body.n < 200 && span_eq_nocase(span_trim(repair_look(a, part)), "Version: 1");
}

static bool is_cipher(struct arena *a, const struct split_part *part)
{
    return part->n_children == 0 && repair_looks_encrypted(a, repair_look(a, part));
}

static struct pieces sort_children(struct arena *a, const struct split *s,
                                   const struct split_part *part)
{
    struct pieces p = {.n_blank = 0};

    for (size_t i = 1; i <= part->n_children && !p.others; i++) {
        const struct split_part *child = split_child(s, part, i);

        if (p.version == NULL && is_version(a, child))
            p.version = child;
        else if (p.cipher == NULL && is_cipher(a, child))
            p.cipher = child;
        else if (is_blank(a, s, child)) {
            p.n_blank++;
            p.html = p.html || !split_is_type(child, "text/plain");
        } else
            p.others = true;
    }
    return p;
}

/* Names that GpgOL gives to what it could not hide from Exchange. */
static bool is_gpgol_name(const char *name)
{
    static const char *const names[] = {
        "msg.gpg",       "msg.asc",         "msg.pgp",
        "encrypted.asc", "encrypted.gpg",   "GpgOL_MIME_structure.txt",
        "gpgolPGP.dat",  "PGPexch.htm.pgp", "openpgp-encrypted-message.asc",
    };

    for (size_t i = 0; name != NULL && i < LEN(names); i++) {
        if (strcasecmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static const char *name_in_encrypted(const struct pieces *p)
{
    if (p->version == NULL)
        return "version-missing";
    return p->version->child > p->cipher->child ? "encrypted-order" : "version-type";
}

/* NULL: these pieces are no PGP/MIME. */
static const char *name_in_others(struct arena *a, const struct pieces *p)
{
    if (p->version == NULL)
        return is_gpgol_name(name_of(a, p->cipher)) ? "gpgol-attachment" : NULL;
    if (!split_is_type(p->version, "application/pgp-encrypted") || p->html ||
        is_attachment(a, p->version))
        return "encrypted-attachments";
    return p->n_blank > 0 ? "mixed-encrypted" : "api-mixed";
}

const struct split_part *repair_ciphertext(struct arena *a, const struct split *s,
                                           const struct split_part *part, const char **ret_repair)
{
    bool encrypted = is_multipart(part, "encrypted");
    struct pieces p;
    const char *name;

    *ret_repair = NULL;
    if (part->n_children < 1 || is_multipart(part, "signed") || is_multipart(part, "alternative"))
        return NULL;
    if (encrypted && part->n_children >= 2 &&
        split_is_type(split_child(s, part, 1), "application/pgp-encrypted") &&
        split_child(s, part, 2)->n_children == 0)
        return split_child(s, part, 2);
    if (part->n_children > PIECES_MAX)
        return NULL;
    p = sort_children(a, s, part);
    if (p.cipher == NULL || p.others)
        return NULL;
    name = encrypted ? name_in_encrypted(&p) : name_in_others(a, &p);
    if (name == NULL)
        return NULL;
    *ret_repair = name;
    return p.cipher;
}

bool repair_follows_version(struct arena *a, const struct split *s, const struct split_part *part)
{
    const struct split_part *before =
        part->child < 2 ? NULL : split_child(s, &s->at[part->parent], part->child - 1);

    return before != NULL && split_is_type(before, "application/pgp-encrypted") &&
           is_version(a, before);
}

/* --- sealed, and something beside it --------------------------------------------------------- */

bool repair_is_mixed_signed(const struct split *s, const struct split_part *part)
{
    const struct split_part *last = split_child(s, part, 2);

    return part->n_children == 2 && !is_multipart(part, "signed") && last->n_children == 0 &&
           (split_is_type(last, "application/pgp-signature") ||
            split_is_type(last, "application/pkcs7-signature") ||
            split_is_type(last, "application/x-pkcs7-signature"));
}

static bool is_sealed(struct arena *a, const struct split *s, const struct split_part *part)
{
    const char *repair;

    if (part->n_children == 0)
        return repair_is_tnef(a, part, name_of(a, part)) ||
               repair_is_smime(a, part, name_of(a, part), &repair) ||
               repair_holds_entity(a, part, name_of(a, part)) != NULL;
    return is_multipart(part, "signed") || is_multipart(part, "encrypted") ||
           repair_is_mixed_signed(s, part) || repair_ciphertext(a, s, part, &repair) != NULL;
}

bool repair_only_footers(struct arena *a, const struct split *s, const struct split_part *part,
                         size_t from, struct strs *repairs)
{
    for (size_t i = from; i <= part->n_children; i++) {
        const struct split_part *child = split_child(s, part, i);
        const char *name = beside_name(a, s, child);

        if (name == NULL && !is_blank(a, s, child))
            return false;
        if (name != NULL)
            defect_add(a, repairs, name);
    }
    return true;
}

const struct split_part *repair_sealed_child(struct arena *a, const struct split *s,
                                             const struct split_part *part, struct strs *repairs)
{
    const struct split_part *sealed = NULL;
    struct strs names = {0};

    if (!is_multipart(part, "mixed") && !is_multipart(part, "related"))
        return NULL;
    for (size_t i = 1; i <= part->n_children; i++) {
        const struct split_part *child = split_child(s, part, i);
        const char *name = is_blank(a, s, child) ? "sealed-attached" : beside_name(a, s, child);

        if (name != NULL)
            strs_add(a, &names, name);
        else if (sealed == NULL && is_sealed(a, s, child))
            sealed = child;
        else
            return NULL;
    }
    for (size_t i = 0; sealed != NULL && i < names.n; i++) {
        /* An empty text beside winmail.dat is how Outlook writes. */
        if (strcmp(names.at[i], "sealed-attached") != 0 ||
            !repair_is_tnef(a, sealed, name_of(a, sealed)))
            defect_add(a, repairs, names.at[i]);
    }
    return sealed;
}
