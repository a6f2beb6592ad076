#include "mime/write.h"

#include "base/ascii.h"
#include "base/text.h"
#include "mime/write-field.h"

enum {
    ENCODED_LINE = 76, /* base64 and quoted-printable, RFC 2045 6.7 and 6.8 */
    PADDING_LINE = 76, /* without its CRLF */
    PADDING_MIN = 2,   /* a CRLF: less can't be written as a line */
    BOUNDARY_BYTES = 16,
};

static const char ARMOUR_BEGIN[] = "-----BEGIN PGP MESSAGE-----";

uint64_t write_padme(uint64_t n)
{
    uint64_t exponent;
    uint64_t bits;
    uint64_t mask;

    if (n < 2)
        return n;
    exponent = 63 - (uint64_t)__builtin_clzll(n);
    bits = 64 - (uint64_t)__builtin_clzll(exponent == 0 ? 1 : exponent);
    mask = exponent > bits ? (UINT64_C(1) << (exponent - bits)) - 1 : 0;
    return (n + mask) & ~mask;
}

static bool inputs_valid(const struct write_letter *l, struct err *err)
{
    const struct write_address *const ADDRESSES[] = {&l->from, &l->to, &l->reply_to};

    for (size_t i = 0; i < LEN(ADDRESSES); i++) {
        if (ADDRESSES[i]->address == NULL && i == 2)
            continue;
        if (ADDRESSES[i]->address == NULL || !write_address_valid(ADDRESSES[i]->address))
            return err_set(err, ERR_OPERATOR, "an address of the letter can't be written in mail");
        if (!text_is_utf8(span_str(ADDRESSES[i]->name)))
            return err_set(err, ERR_OPERATOR, "a name in the letter is not UTF-8");
    }
    if (l->message_id == NULL || !write_id_valid(l->message_id))
        return err_set(err, ERR_OPERATOR, "the letter has no usable Message-ID");
    if (l->subject == NULL || l->text == NULL || !text_is_utf8(span_str(l->subject)) ||
        !text_is_utf8(span_str(l->text)) || !text_is_utf8(span_str(l->outer_subject)))
        return err_set(err, ERR_OPERATOR, "the letter's text or subject is not UTF-8");
    for (size_t i = 0; i < l->n_attachments; i++) {
        if (!text_is_utf8(span_str(l->attachments[i].filename)))
            return err_set(err, ERR_OPERATOR, "a file name in the letter is not UTF-8");
    }
    return true;
}

static bool finish(const struct buf *out, struct span *ret, struct err *err)
{
    if (out->full)
        return err_set(err, ERR_OPERATOR, "the letter is larger than %d bytes", WRITE_SIZE_MAX);
    *ret = buf_span(out);
    return true;
}

/* The boundary holds "=_", which neither base64 nor quoted-printable can. */
static char *boundary_of(struct arena *a, const unsigned char *random)
{
    return arena_printf(a, "=_%s", text_hex(a, span_of(random, BOUNDARY_BYTES), false));
}

static void thread_fields(struct buf *out, const struct write_letter *l, const char *prefix)
{
    const char *const *ids = l->references;
    size_t n = l->n_references;
    const char *few[WRITE_REFERENCES_MAX];

    if (l->in_reply_to != NULL)
        write_field_ids(out, prefix, "In-Reply-To", &l->in_reply_to, 1);
    if (n > WRITE_REFERENCES_MAX) {
        few[0] = ids[0];
        for (size_t i = 1; i < WRITE_REFERENCES_MAX; i++)
            few[i] = ids[n - WRITE_REFERENCES_MAX + i];
        ids = few;
        n = WRITE_REFERENCES_MAX;
    }
    write_field_ids(out, prefix, "References", ids, n);
}

/* What the world sees; with the prefix "HP-Outer: " what RFC 9788 says about it inside. */
static void outer_fields(struct buf *out, const struct write_letter *l, const char *prefix)
{
    write_field_address(out, prefix, "From", &l->from, false);
    write_field_address(out, prefix, "To", &l->to, false);
    write_field_address(out, prefix, "Reply-To", &l->reply_to, false);
    write_field_text(out, prefix, "Subject", l->outer_subject == NULL ? "..." : l->outer_subject);
    write_field_date(out, prefix, "Date", l->date);
    write_field_ids(out, prefix, "Message-ID", &l->message_id, 1);
    if (l->outer_thread)
        thread_fields(out, l, prefix);
    if (l->auto_submitted != NULL)
        write_field_text(out, prefix, "Auto-Submitted", l->auto_submitted);
}

static void true_fields(struct buf *out, const struct write_letter *l)
{
    write_field_address(out, "", "From", &l->from, true);
    write_field_address(out, "", "To", &l->to, true);
    write_field_address(out, "", "Reply-To", &l->reply_to, true);
    write_field_text(out, "", "Subject", l->subject);
    write_field_date(out, "", "Date", l->date);
    write_field_ids(out, "", "Message-ID", &l->message_id, 1);
    thread_fields(out, l, "");
    if (l->auto_submitted != NULL)
        write_field_text(out, "", "Auto-Submitted", l->auto_submitted);
    buf_add_str(out, "MIME-Version: 1.0\r\n");
}

enum text_encoding { TEXT_7BIT, TEXT_QUOTED, TEXT_BASE64 };

/* 7bit only for what no server touches: short ASCII lines, no blanks at their ends, no "From ". */
static enum text_encoding encoding_for(struct span text)
{
    struct span rest = text;
    size_t foreign = 0;
    bool plain = true;

    for (size_t i = 0; i < text.n; i++)
        foreign += text.at[i] >= 0x80 ? 1 : 0;
    while (rest.n > 0) {
        size_t n = span_find(rest, '\n');
        struct span line = span_first(rest, n);

        rest = span_from(rest, n + 1);
        plain = plain && n <= WRITE_LINE && !span_starts(line, "From ") && !span_starts(line, "--");
        plain = plain && (n == 0 || (line.at[n - 1] != ' ' && line.at[n - 1] != '\t'));
        for (size_t i = 0; i < n; i++)
            plain = plain && (line.at[i] >= ' ' || line.at[i] == '\t') && line.at[i] < 0x7f;
    }
    if (plain)
        return TEXT_7BIT;
    return foreign > text.n / 5 ? TEXT_BASE64 : TEXT_QUOTED;
}

/* The text with CRLF for LF: its canonical form (RFC 2046 4.1.1). */
static struct span canonical(struct arena *a, struct span text)
{
    struct buf out = buf_new(a, 2 * text.n);

    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] == '\n')
            buf_add_char(&out, '\r');
        buf_add_char(&out, (char)text.at[i]);
    }
    return buf_span(&out);
}

/* One character of a line in quoted-printable, RFC 2045 6.7; hide: it may not stand as it is. */
static void quoted_add(struct buf *out, unsigned char c, bool hide, size_t *width)
{
    bool as_is = ((c >= ' ' && c < 0x7f && c != '=') || c == '\t') && !hide;
    size_t n;

    n = as_is ? 1 : 3;
    if (*width + n > ENCODED_LINE - 1) {
        buf_add_str(out, "=\r\n");
        *width = 0;
    }
    if (as_is)
        buf_add_char(out, (char)c);
    else
        buf_printf(out, "=%02X", c);
    *width += n;
}

static void quoted_printable(struct buf *out, struct span text)
{
    while (text.n > 0) {
        size_t n = span_find(text, '\n');
        size_t width = 0;
        /* Could be taken for an mbox line, or for a boundary. */
        bool hide = span_starts(text, "From ") || span_starts(text, "--");

        for (size_t i = 0; i < n; i++) {
            bool blank = text.at[i] == ' ' || text.at[i] == '\t';

            quoted_add(out, text.at[i], (hide && i == 0) || (blank && i + 1 == n), &width);
        }
        if (n < text.n)
            buf_add_str(out, "\r\n");
        text = span_from(text, n + 1);
    }
}

static void text_part(struct buf *out, struct span text)
{
    buf_add_str(out, "Content-Type: text/plain; charset=\"utf-8\"\r\n");
    switch (encoding_for(text)) {
    case TEXT_7BIT:
        buf_add_str(out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
        buf_add_span(out, canonical(out->a, text));
        break;
    case TEXT_QUOTED:
        buf_add_str(out, "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
        quoted_printable(out, text);
        break;
    case TEXT_BASE64:
        buf_add_str(out, "Content-Transfer-Encoding: base64\r\n\r\n");
        buf_add_str(out, text_base64(out->a, canonical(out->a, text), ENCODED_LINE));
        break;
    }
}

static bool is_token(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.at[i] <= ' ' || s.at[i] >= 0x7f || strchr("()<>@,;:\\\"/[]?=", s.at[i]) != NULL)
            return false;
    }
    return s.n > 0;
}

/* "application/pdf" out of what a stranger wrote; a type that holds other parts is none. */
static const char *attachment_type(struct arena *a, const char *type)
{
    struct span s = span_str(type);
    size_t slash;
    char *lower;

    s = span_trim(span_first(s, span_find(s, ';')));
    slash = span_find(s, '/');
    if (s.n > WRITE_LINE - 20 || !is_token(span_first(s, slash)) ||
        !is_token(span_from(s, slash + 1)) || span_starts_nocase(s, "multipart/") ||
        span_starts_nocase(s, "message/"))
        return "application/octet-stream";
    lower = span_dup(a, s);
    ascii_lower_all(lower);
    return lower;
}

static void attachment_part(struct buf *out, const struct write_attachment *attachment)
{
    buf_printf(out, "Content-Type: %s", attachment_type(out->a, attachment->type));
    if (attachment->parameters != NULL)
        buf_printf(out, ";\r\n %s", attachment->parameters);
    buf_add_str(out, "\r\n");
    buf_add_str(out, "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment");
    write_parameter_filename(out, attachment->filename == NULL ? "" : attachment->filename);
    buf_add_str(out, "\r\n\r\n");
    buf_add_str(out, text_base64(out->a, attachment->bytes, ENCODED_LINE));
}

/* The text and the attachments; parameters stand behind the boundary in the Content-Type. */
static void mixed_entity(struct buf *out, const struct write_letter *l, const char *parameters)
{
    const char *boundary = boundary_of(out->a, l->random);

    buf_printf(out, "Content-Type: multipart/mixed; boundary=\"%s\"%s\r\n\r\n--%s\r\n", boundary,
               parameters, boundary);
    text_part(out, span_str(l->text));
    for (size_t i = 0; i < l->n_attachments; i++) {
        buf_printf(out, "\r\n--%s\r\n", boundary);
        attachment_part(out, &l->attachments[i]);
    }
    buf_printf(out, "\r\n--%s--\r\n", boundary);
}

uint64_t write_padded(uint64_t n)
{
    return (write_padme(n) + WRITE_STEP - 1) / WRITE_STEP * WRITE_STEP;
}

/* Brings the entity to its padded size with lines behind the last boundary, which no client shows.
 */
static void pad(struct buf *out)
{
    uint64_t left = write_padded(out->n + PADDING_MIN) - out->n;

    while (left > 0 && !out->full) {
        uint64_t line = left < PADDING_LINE + 2 ? left : PADDING_LINE + 2;

        if (left - line == 1)
            line--;
        for (uint64_t i = 2; i < line; i++)
            buf_add_char(out, 'x');
        buf_add_str(out, "\r\n");
        left -= line;
    }
}

bool write_inner(struct arena *a, const struct write_letter *letter, struct span *ret_entity,
                 struct err *err)
{
    struct buf out = buf_new(a, WRITE_SIZE_MAX);

    if (!inputs_valid(letter, err))
        return false;
    true_fields(&out, letter);
    outer_fields(&out, letter, "HP-Outer: ");
    mixed_entity(&out, letter, ";\r\n hp=\"cipher\"; protected-headers=\"v1\"");
    pad(&out);
    return finish(&out, ret_entity, err);
}

bool write_plain(struct arena *a, const struct write_letter *letter, struct span *ret_mail,
                 struct err *err)
{
    struct buf out = buf_new(a, WRITE_SIZE_MAX);

    if (!inputs_valid(letter, err))
        return false;
    true_fields(&out, letter);
    if (letter->n_attachments > 0)
        mixed_entity(&out, letter, "");
    else
        text_part(&out, span_str(letter->text));
    if (out.at[out.n - 1] != '\n')
        buf_add_str(&out, "\r\n");
    return finish(&out, ret_mail, err);
}

/* The armour with CRLF, or false where it is none. */
static bool add_armour(struct buf *out, struct span armoured)
{
    struct span line;

    if (!span_starts(armoured, ARMOUR_BEGIN))
        return false;
    while (span_line(&armoured, &line)) {
        for (size_t i = 0; i < line.n; i++) {
            if (line.at[i] < ' ' || line.at[i] >= 0x7f)
                return false;
        }
        if (line.n > WRITE_LINE_MAX)
            return false;
        buf_add_span(out, line);
        buf_add_str(out, "\r\n");
    }
    return true;
}

bool write_outer_openpgp(struct arena *a, const struct write_letter *letter, struct span armoured,
                         struct span *ret_mail, struct err *err)
{
    struct buf out = buf_new(a, WRITE_SIZE_MAX);
    const char *boundary = boundary_of(a, letter->random + BOUNDARY_BYTES);

    if (!inputs_valid(letter, err))
        return false;
    outer_fields(&out, letter, "");
    buf_add_str(&out, "MIME-Version: 1.0\r\n");
    buf_printf(&out,
               "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n"
               " boundary=\"%s\"\r\n\r\n--%s\r\n",
               boundary, boundary);
    buf_printf(&out,
               "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--%s\r\n"
               "Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
               "Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n",
               boundary);
    if (!add_armour(&out, armoured))
        return err_set(err, ERR_OPERATOR, "what was sealed is not an armoured OpenPGP message");
    buf_printf(&out, "\r\n--%s--\r\n", boundary);
    return finish(&out, ret_mail, err);
}

bool write_outer_smime(struct arena *a, const struct write_letter *letter,
                       struct span enveloped_der, struct span *ret_mail, struct err *err)
{
    struct buf out = buf_new(a, WRITE_SIZE_MAX);

    if (!inputs_valid(letter, err))
        return false;
    outer_fields(&out, letter, "");
    buf_add_str(&out, "MIME-Version: 1.0\r\n");
    buf_add_str(&out, "Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n"
                      " name=\"smime.p7m\"\r\n"
                      "Content-Transfer-Encoding: base64\r\n"
                      "Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\r\n");
    buf_add_str(&out, text_base64(a, enveloped_der, ENCODED_LINE));
    return finish(&out, ret_mail, err);
}
