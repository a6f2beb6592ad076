#include "mime/repair.h"

#include <strings.h>

#include "base/buf.h"
#include "mime/decode.h"
#include "mime/fields.h"

static bool is_type(const struct split_part *part, const char *type)
{
    return part != NULL && strcmp(part->type.type, type) == 0;
}

static bool is_empty_text(const struct split_part *part)
{
    return is_type(part, "text/plain") && part->n_children == 0 && span_trim(part->body).n == 0;
}

const struct split_part *repair_ciphertext(const struct split *s, const struct split_part *part,
                                           const char **ret_repair)
{
    bool mixed = is_type(part, "multipart/mixed");
    size_t first = 1;
    const struct split_part *version;
    const struct split_part *cipher;

    if (!mixed && !is_type(part, "multipart/encrypted"))
        return NULL;
    if (mixed && is_empty_text(split_child(s, part, 1)))
        first = 2;
    version = split_child(s, part, first);
    cipher = split_child(s, part, first + 1);
    if (part->n_children != first + 1 || !is_type(version, "application/pgp-encrypted") ||
        cipher->n_children > 0)
        return NULL;
    *ret_repair = mixed ? "mixed-encrypted" : NULL;
    return cipher;
}

static bool is_sealed(const struct split_part *part)
{
    static const char *const types[] = {"multipart/signed", "multipart/encrypted",
                                        "application/pkcs7-mime", "application/x-pkcs7-mime"};

    for (size_t i = 0; i < LEN(types); i++) {
        if (is_type(part, types[i]))
            return true;
    }
    return false;
}

/* Mailman's and others' footers begin with a rule; nothing longer than a footer passes. */
static bool is_footer(struct arena *a, const struct split_part *part)
{
    struct strs defects = {0};
    struct span text;
    size_t n = 0;

    if (!is_type(part, "text/plain") || part->n_children > 0 || part->raw.n > REPAIR_FOOTER_MAX)
        return false;
    text = decode_transfer(
        a, part->body, fields_token(a, header_value(&part->fields, "Content-Transfer-Encoding")),
        &defects);
    text = span_trim(text);
    while (n < text.n && (text.at[n] == '_' || text.at[n] == '-'))
        n++;
    return n >= 20;
}

const struct split_part *repair_footers(struct arena *a, const struct split *s,
                                        const struct split_part *part)
{
    const struct split_part *sealed = split_child(s, part, 1);

    if (!is_type(part, "multipart/mixed") || part->n_children < 2 || !is_sealed(sealed))
        return NULL;
    for (size_t i = 2; i <= part->n_children; i++) {
        if (!is_footer(a, split_child(s, part, i)))
            return NULL;
    }
    return sealed;
}

enum cms_kind repair_cms_kind(struct span der)
{
    /* 1.2.840.113549.1.7.2 and .3, and .1.9.16.1.23 (RFC 5083), as they are encoded */
    static const struct {
        const char *oid;
        size_t n;
        enum cms_kind kind;
    } kinds[] = {
        {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 11, CMS_SIGNED},
        {"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", 11, CMS_ENVELOPED},
        {"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17", 13, CMS_ENVELOPED},
    };
    struct span head = span_first(der, 32);

    if (head.n == 0 || head.at[0] != 0x30)
        return CMS_NONE;
    for (size_t i = 0; i < LEN(kinds); i++) {
        if (span_find_span(span_first(head, 24), span_of(kinds[i].oid, kinds[i].n)) < 24)
            return kinds[i].kind;
    }
    return CMS_NONE;
}

bool repair_is_smime(const struct split_part *part, const char *filename, const char **ret_repair)
{
    size_t n = filename == NULL ? 0 : strlen(filename);

    *ret_repair = NULL;
    if (part->n_children > 0)
        return false;
    if (is_type(part, "application/pkcs7-mime") || is_type(part, "application/x-pkcs7-mime"))
        return true;
    if (!is_type(part, "application/octet-stream") || n < 4 ||
        strcasecmp(filename + n - 4, ".p7m") != 0)
        return false;
    *ret_repair = "smime-type";
    return true;
}

static bool block_is(struct span text, const char *begin, const char *end)
{
    struct span tail = span_from(text, text.n - (text.n < strlen(end) ? text.n : strlen(end)));

    /* A second block would be something else than the first one says. */
    return span_starts(text, begin) && span_eq_str(tail, end) &&
           span_find_span(span_from(text, 1), span_str(begin)) == text.n - 1;
}

enum pgp_block repair_pgp_block(struct span text)
{
    text = span_trim(text);
    if (block_is(text, "-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----"))
        return PGP_BLOCK_MESSAGE;
    if (block_is(text, "-----BEGIN PGP SIGNED MESSAGE-----", "-----END PGP SIGNATURE-----"))
        return PGP_BLOCK_SIGNED;
    if (block_is(text, "-----BEGIN PGP PUBLIC KEY BLOCK-----",
                 "-----END PGP PUBLIC KEY BLOCK-----"))
        return PGP_BLOCK_KEY;
    return PGP_BLOCK_NONE;
}

static bool has_bare_lf(struct span bytes)
{
    for (size_t i = span_find(bytes, '\n'); i < bytes.n;
         i += 1 + span_find(span_from(bytes, i + 1), '\n')) {
        if (i == 0 || bytes.at[i - 1] != '\r')
            return true;
    }
    return false;
}

struct span repair_line_ends(struct arena *a, struct span bytes, bool *ret_changed)
{
    struct buf out;
    struct span rest = bytes;

    *ret_changed = has_bare_lf(bytes);
    if (!*ret_changed)
        return bytes;
    out = buf_new(a, bytes.n * 2);
    while (rest.n > 0) {
        size_t n = span_find(rest, '\n');

        buf_add_span(&out, span_first(rest, n));
        if (n < rest.n && (n == 0 || rest.at[n - 1] != '\r'))
            buf_add_char(&out, '\r');
        if (n < rest.n)
            buf_add_char(&out, '\n');
        rest = span_from(rest, n + 1);
    }
    return buf_span(&out);
}
