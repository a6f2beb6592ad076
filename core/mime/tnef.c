#include "mime/tnef.h"

#include <ctype.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "mime/charset.h"
#include "mime/header.h"
#include "mime/rtf.h"

enum {
    MAGIC = 0x223e9f78,
    ATTRIBUTES_MAX = 10000,
    NAME_MAX_BYTES = 1000,
    RTF_MAX = 4 * 1024 * 1024,
    BASE64_LINE = 76,
};

/* Attributes ([MS-OXTNEF] 2.1.3.3), with their types. */
enum {
    ATT_BODY = 0x0002800c,
    ATT_CODEPAGE = 0x00069007,
    ATT_PROPERTIES = 0x00069003,
    ATT_ATTACHMENT_BEGINS = 0x00069002,
    ATT_ATTACHMENT_TITLE = 0x00018010,
    ATT_ATTACHMENT_DATA = 0x0006800f,
    ATT_ATTACHMENT_PROPERTIES = 0x00069005,
};

/* MAPI properties, and the types of their values ([MS-OXPROPS], [MS-OXCDATA] 2.11.1). */
enum {
    PR_BODY = 0x1000,
    PR_RTF = 0x1009,
    PR_HTML = 0x1013,
    PR_CODEPAGE = 0x3fde,
    PR_ATTACH_DATA = 0x3701,
    PR_ATTACH_NAME = 0x3704,
    PR_ATTACH_LONG_NAME = 0x3707,
    PR_ATTACH_TYPE = 0x370e,
    TYPE_OBJECT = 0x0d,
    TYPE_STRING8 = 0x1e,
    TYPE_UNICODE = 0x1f,
    TYPE_BINARY = 0x102,
    TYPE_MULTIPLE = 0x1000,
};

struct reader {
    struct span rest;
    bool broken;
};

struct value {
    uint32_t type;
    struct span bytes;
};

struct file {
    struct value name;
    struct value long_name;
    struct value type;
    struct span data;
    bool is_message; /* an embedded one, as TNEF */
};

struct tnef {
    struct arena *a;
    uint32_t codepage;
    struct value body;
    struct span html;
    struct span rtf;
    struct file *files;
    size_t n_files;
    size_t files_room;
    bool broken;
    bool too_many;
};

/* --- bytes ----------------------------------------------------------------------------------- */

static struct span take(struct reader *r, size_t n)
{
    struct span s = span_first(r->rest, n);

    if (s.n < n)
        r->broken = true;
    r->rest = span_from(r->rest, n);
    return s;
}

static uint32_t number(struct reader *r, size_t bytes)
{
    struct span s = take(r, bytes);
    uint32_t n = 0;

    for (size_t i = s.n; i > 0; i--)
        n = n << 8 | s.at[i - 1];
    return n;
}

/* Values are padded to four bytes. */
static struct span take_padded(struct reader *r, size_t n)
{
    struct span s = take(r, n);

    take(r, (4 - n % 4) % 4 < r->rest.n ? (4 - n % 4) % 4 : r->rest.n);
    return s;
}

/* --- MAPI properties ------------------------------------------------------------------------- */

static size_t fixed_size(uint32_t type)
{
    switch (type) {
    case 0x02:
    case 0x03:
    case 0x04:
    case 0x0a:
    case 0x0b:
        return 4;
    case 0x05:
    case 0x06:
    case 0x07:
    case 0x14:
    case 0x40:
        return 8;
    case 0x48:
        return 16;
    default:
        return 0;
    }
}

static void skip_name(struct reader *r)
{
    take(r, 16);
    if (number(r, 4) == 0)
        take(r, 4);
    else
        take_padded(r, number(r, 4));
}

/* The first value of the next property; the others are read over. */
static bool next_property(struct reader *r, uint32_t *ret_id, struct value *ret)
{
    uint32_t type = number(r, 2);
    uint32_t n = 1;
    size_t size;
    bool multiple = (type & TYPE_MULTIPLE) != 0;

    *ret_id = number(r, 2);
    type &= ~(uint32_t)TYPE_MULTIPLE;
    size = fixed_size(type);
    if (*ret_id >= 0x8000)
        skip_name(r);
    if (multiple || size == 0)
        n = number(r, 4);
    if (size == 0 && type != TYPE_OBJECT && type != TYPE_STRING8 && type != TYPE_UNICODE &&
        type != TYPE_BINARY)
        r->broken = true; /* of a length that nobody knows */
    *ret = (struct value){.type = type};
    for (uint32_t i = 0; i < n && !r->broken; i++) {
        struct span bytes = take_padded(r, size > 0 ? size : number(r, 4));

        if (i == 0)
            ret->bytes = bytes;
    }
    return !r->broken;
}

static void message_property(struct tnef *t, uint32_t id, struct value value)
{
    struct reader r = {.rest = value.bytes};

    if (id == PR_BODY)
        t->body = value;
    else if (id == PR_HTML && value.type == TYPE_BINARY)
        t->html = value.bytes;
    else if (id == PR_RTF)
        t->rtf = value.bytes;
    else if (id == PR_CODEPAGE)
        t->codepage = number(&r, 4);
}

static struct file *last_file(struct tnef *t)
{
    return t->n_files == 0 ? NULL : &t->files[t->n_files - 1];
}

static void attachment_property(struct tnef *t, uint32_t id, struct value value)
{
    struct file *file = last_file(t);

    if (file == NULL)
        return;
    if (id == PR_ATTACH_NAME)
        file->name = value;
    else if (id == PR_ATTACH_LONG_NAME)
        file->long_name = value;
    else if (id == PR_ATTACH_TYPE)
        file->type = value;
    else if (id == PR_ATTACH_DATA) {
        /* An object begins with the 16 bytes of its interface. */
        file->data = span_from(value.bytes, value.type == TYPE_OBJECT ? 16 : 0);
        file->is_message = tnef_is(file->data);
    }
}

static void read_properties(struct tnef *t, struct span bytes,
                            void (*use)(struct tnef *t, uint32_t id, struct value value))
{
    struct reader r = {.rest = bytes};
    uint32_t n = number(&r, 4);
    struct value value;
    uint32_t id;

    for (uint32_t i = 0; i < n && i < TNEF_PROPERTIES_MAX; i++) {
        if (!next_property(&r, &id, &value)) {
            t->broken = true;
            return;
        }
        use(t, id, value);
    }
}

/* --- attributes ------------------------------------------------------------------------------ */

static void add_file(struct tnef *t)
{
    if (t->n_files == TNEF_ATTACHMENTS_MAX) {
        t->too_many = true;
        return;
    }
    ARENA_GROW(t->a, t->files, t->n_files, t->files_room);
    t->files[t->n_files++] = (struct file){.data = span_of("", 0)};
}

static void use_attribute(struct tnef *t, uint32_t id, struct span bytes)
{
    struct reader r = {.rest = bytes};
    struct file *file = last_file(t);

    switch (id) {
    case ATT_BODY:
        t->body = (struct value){.type = TYPE_STRING8, .bytes = bytes};
        break;
    case ATT_CODEPAGE:
        t->codepage = number(&r, 4);
        break;
    case ATT_PROPERTIES:
        read_properties(t, bytes, message_property);
        break;
    case ATT_ATTACHMENT_BEGINS:
        add_file(t);
        break;
    case ATT_ATTACHMENT_TITLE:
        if (file != NULL)
            file->name = (struct value){.type = TYPE_STRING8, .bytes = bytes};
        break;
    case ATT_ATTACHMENT_DATA:
        if (file != NULL)
            file->data = bytes;
        break;
    case ATT_ATTACHMENT_PROPERTIES:
        read_properties(t, bytes, attachment_property);
        break;
    default:
        break;
    }
}

bool tnef_is(struct span bytes)
{
    struct reader r = {.rest = bytes};

    return number(&r, 4) == MAGIC && !r.broken;
}

/* The checksum of an attribute says nothing about who wrote it; many writers have it wrong. */
static void read_attributes(struct tnef *t, struct span bytes)
{
    struct reader r = {.rest = span_from(bytes, 6)}; /* magic, key */

    for (size_t i = 0; r.rest.n > 0 && !t->too_many && i < ATTRIBUTES_MAX; i++) {
        uint32_t id;
        struct span value;

        take(&r, 1); /* of the message, or of an attachment: the id says it too */
        id = number(&r, 4);
        value = take(&r, number(&r, 4));
        if (!r.broken)
            use_attribute(t, id, value);
        take(&r, 2);
    }
    t->broken = t->broken || r.broken || bytes.n < 6;
}

/* --- as MIME --------------------------------------------------------------------------------- */

#define BOUNDARY "=_tnef_" /* '_' is no letter of base64 */

static struct span without_nul(struct span s)
{
    while (s.n > 0 && s.at[s.n - 1] == '\0')
        s.n--;
    return s;
}

static struct span to_utf8(const struct tnef *t, struct value value)
{
    if (value.type == TYPE_UNICODE)
        return without_nul(charset_to_utf8(t->a, value.bytes, "utf-16le", NULL));
    return charset_to_utf8(t->a, without_nul(value.bytes), rtf_codepage(t->a, t->codepage), NULL);
}

static void add_part(struct buf *out, const char *type, const char *more, struct span data)
{
    buf_printf(out,
               "--" BOUNDARY "\r\nContent-Type: %s\r\n%s"
               "Content-Transfer-Encoding: base64\r\n\r\n",
               type, more);
    buf_add_str(out, text_base64(out->a, data, BASE64_LINE));
}

static struct span body_text(const struct tnef *t, const char **ret_type)
{
    *ret_type = "text/plain; charset=utf-8";
    if (t->body.bytes.n > 0)
        return to_utf8(t, t->body);
    if (t->html.n > 0) {
        *ret_type = arena_printf(t->a, "text/html; charset=%s", rtf_codepage(t->a, t->codepage));
        return t->html;
    }
    return rtf_to_text(t->a, rtf_unpack(t->a, t->rtf, RTF_MAX), RTF_MAX);
}

/* RFC 2231: whatever the name is, it is a parameter. */
static const char *disposition(const struct tnef *t, const char *name, struct span utf8)
{
    struct buf out = buf_new(t->a, 4 * NAME_MAX_BYTES + 100);

    buf_add_str(&out, "Content-Disposition: attachment");
    if (name != NULL)
        buf_printf(&out, "; filename=%s", name);
    else if (utf8.n > 0)
        buf_add_str(&out, "; filename*=utf-8''");
    for (size_t i = 0; name == NULL && i < utf8.n && i < NAME_MAX_BYTES; i++)
        buf_printf(&out, isalnum(utf8.at[i]) ? "%c" : "%%%02X", utf8.at[i]);
    buf_add_str(&out, "\r\n");
    return out.at;
}

/* A type as it may stand in a header, and that is none of a multipart: that would not be base64. */
static const char *type_of(const struct tnef *t, const struct file *file)
{
    struct span type = span_trim(to_utf8(t, file->type));
    size_t slashes = 0;

    if (file->is_message)
        return "application/ms-tnef";
    for (size_t i = 0; i < type.n; i++) {
        slashes += type.at[i] == '/';
        if (!isalnum(type.at[i]) && strchr("/+-._", type.at[i]) == NULL)
            return "application/octet-stream";
    }
    if (slashes != 1 || type.n > 100 || span_starts_nocase(type, "multipart/"))
        return "application/octet-stream";
    return span_dup(t->a, type);
}

static void add_file_part(const struct tnef *t, const struct file *file, struct buf *out)
{
    struct value name = file->long_name.bytes.n > 0 ? file->long_name : file->name;
    struct span utf8 = to_utf8(t, name);
    bool is_signed = span_starts_nocase(to_utf8(t, file->type), "multipart/signed");

    /* What Exchange keeps of a clear-signed mail: the whole of it, in one attachment. */
    add_part(out, type_of(t, file), disposition(t, is_signed ? "smime.p7m" : NULL, utf8),
             file->data);
}

struct span tnef_to_entity(struct arena *a, struct span bytes, bool text_attached,
                           struct strs *defects)
{
    struct tnef t = {.a = a, .codepage = 1252};
    struct buf out;
    const char *type;
    struct span text;

    read_attributes(&t, bytes);
    if (t.broken)
        defect_add(a, defects, "tnef-broken");
    if (t.too_many)
        defect_add(a, defects, "tnef-too-many");
    text = body_text(&t, &type);
    out = buf_new(a, 2 * bytes.n + 2 * text.n + (t.n_files + 2) * (5 * (size_t)NAME_MAX_BYTES));
    buf_add_str(&out, "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n\r\n");
    if (text.n > 0)
        add_part(&out, type,
                 text_attached
                     ? disposition(
                           &t, t.body.bytes.n == 0 && t.html.n > 0 ? "body.html" : "body.txt", text)
                     : "",
                 text);
    for (size_t i = 0; i < t.n_files; i++)
        add_file_part(&t, &t.files[i], &out);
    buf_add_str(&out, "--" BOUNDARY "--\r\n");
    return text.n == 0 && t.n_files == 0 ? span_of("", 0) : buf_span(&out);
}
