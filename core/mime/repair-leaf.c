#include "mime/repair.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/text.h"
#include "mime/decode.h"
#include "mime/fields.h"
#include "mime/tnef.h"

struct span repair_look(struct arena *a, const struct split_part *part)
{
    struct strs defects = {0};

    return decode_transfer(
        a, span_first(part->body, REPAIR_LOOK_MAX),
        fields_token(a, header_value(&part->fields, "Content-Transfer-Encoding")), &defects);
}

/* --- S/MIME ---------------------------------------------------------------------------------- */

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

bool repair_is_smime(struct arena *a, const struct split_part *part, const char *filename,
                     const char **ret_repair)
{
    *ret_repair = NULL;
    if (part->n_children > 0)
        return false;
    if (split_is_type(part, "application/pkcs7-mime") ||
        split_is_type(part, "application/x-pkcs7-mime"))
        return true;
    /* A .p7s is the signature of something else. */
    if (span_ends_nocase(span_str(filename), ".p7s"))
        return false;
    if (!span_ends_nocase(span_str(filename), ".p7m") &&
        !(split_is_type(part, "application/octet-stream") &&
          repair_cms_kind(repair_look(a, part)) != CMS_NONE))
        return false;
    *ret_repair = "smime-type";
    return true;
}

enum protocol repair_signature_protocol(struct arena *a, const struct split_part *part,
                                        const char **ret_repair)
{
    struct span head;

    *ret_repair = NULL;
    if (part == NULL || part->n_children > 0)
        return PROTOCOL_NONE;
    if (split_is_type(part, "application/pgp-signature"))
        return PROTOCOL_OPENPGP;
    if (split_is_type(part, "application/pkcs7-signature") ||
        split_is_type(part, "application/x-pkcs7-signature"))
        return PROTOCOL_SMIME;
    head = span_trim(repair_look(a, part));
    *ret_repair = "signature-type";
    if (span_starts(head, "-----BEGIN PGP SIGNATURE-----"))
        return PROTOCOL_OPENPGP;
    return repair_cms_kind(head) == CMS_SIGNED ? PROTOCOL_SMIME : PROTOCOL_NONE;
}

bool repair_is_entity(struct span bytes)
{
    return span_starts_nocase(bytes, "Content-Type:") || span_starts_nocase(bytes, "MIME-Version:");
}

/* --- what is inside of what ------------------------------------------------------------------ */

const char *repair_holds_entity(struct arena *a, const struct split_part *part,
                                const char *filename)
{
    static const char *const names[] = {"GpgOL_MIME_structure.txt", "GpgOL_MIME_structure.mime",
                                        "gpgolPGP.dat"};
    const char *name = span_ends_nocase(span_str(filename), ".p7m") ? "smime-entity" : NULL;

    for (size_t i = 0; i < LEN(names); i++) {
        if (span_ends_nocase(span_str(filename), names[i]))
            name = "gpgol-structure";
    }
    return name != NULL && part->n_children == 0 && repair_is_entity(repair_look(a, part)) ? name
                                                                                           : NULL;
}

bool repair_is_tnef(struct arena *a, const struct split_part *part, const char *filename)
{
    bool named = split_is_type(part, "application/ms-tnef") ||
                 split_is_type(part, "application/vnd.ms-tnef") ||
                 span_ends_nocase(span_str(filename), "winmail.dat");

    return named && part->n_children == 0 && tnef_is(repair_look(a, part));
}

bool repair_is_pgp_message(struct span bytes)
{
    unsigned char tag = bytes.n > 2 ? bytes.at[0] : 0;

    if (span_starts(span_trim(span_first(bytes, REPAIR_LOOK_MAX)), "-----BEGIN PGP MESSAGE-----"))
        return true;
    /* A session key, wrapped for a key or a passphrase (RFC 4880 5.1, 5.3; both header forms). */
    return (tag >= 0x84 && tag <= 0x86) || (tag >= 0x8c && tag <= 0x8e) || tag == 0xc1 ||
           tag == 0xc3;
}

static bool is_object(struct span bytes)
{
    return repair_cms_kind(bytes) != CMS_NONE || repair_is_pgp_message(bytes);
}

/* "-----BEGIN PKCS7-----" or "-----BEGIN CMS-----" (RFC 7468 8, 9), with its end. */
static bool pem_inside(struct arena *a, struct span bytes, struct span *ret_der)
{
    struct span text = span_trim(bytes);
    size_t begin;
    size_t end;

    if (!span_starts(text, "-----BEGIN PKCS7-----") && !span_starts(text, "-----BEGIN CMS-----"))
        return false;
    begin = span_find(text, '\n');
    end = span_find_span(span_from(text, begin), span_str("-----END "));
    return text_from_base64(a, span_first(span_from(text, begin), end), ret_der);
}

bool repair_looks_encrypted(struct arena *a, struct span head)
{
    struct strs defects = {0};
    struct span start = span_first(head, 256);

    if (repair_is_pgp_message(head))
        return true;
    for (size_t i = 0; i < start.n; i++) {
        if (start.at[i] == '\0' || (strchr("\r\n+/", start.at[i]) == NULL && !isalnum(start.at[i])))
            return false;
    }
    return repair_is_pgp_message(decode_base64(a, start, &defects));
}

struct span repair_object(struct arena *a, struct span bytes, const char **ret_repair)
{
    struct span inside;

    *ret_repair = NULL;
    if (pem_inside(a, bytes, &inside)) {
        *ret_repair = "smime-armor";
        return inside;
    }
    if (is_object(bytes) || !text_from_base64(a, bytes, &inside) || !is_object(inside))
        return bytes;
    *ret_repair = "double-base64";
    return inside;
}

/* --- inline ---------------------------------------------------------------------------------- */

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

/* --- line ends ------------------------------------------------------------------------------- */

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

/* Where the body begins; mail.n: there is no empty line. */
static size_t body_at(struct span mail)
{
    struct span rest = mail;
    struct span line;

    while (span_line(&rest, &line)) {
        if (line.n == 0)
            return mail.n - rest.n;
    }
    return mail.n;
}

struct span repair_bare_cr(struct arena *a, struct span mail, bool *ret_changed)
{
    size_t at = body_at(mail);
    struct span head = span_first(mail, at == mail.n ? 0 : at);
    struct span body = span_trim(span_from(mail, head.n));
    struct buf out;

    *ret_changed = span_find(body, '\r') < body.n && span_find(body, '\n') == body.n;
    if (!*ret_changed)
        return mail;
    out = buf_new(a, 2 * mail.n);
    buf_add_span(&out, head);
    for (struct span rest = span_from(mail, head.n); rest.n > 0;) {
        size_t n = span_find(rest, '\r');

        buf_add_span(&out, span_first(rest, n));
        if (n < rest.n)
            buf_add_str(&out, n + 1 < rest.n && rest.at[n + 1] == '\n' ? "\r" : "\r\n");
        rest = span_from(rest, n + 1);
    }
    return buf_span(&out);
}
