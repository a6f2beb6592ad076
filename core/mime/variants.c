#include "mime/variants.h"

#include <strings.h>

#include "base/buf.h"
#include "mime/banner.h"
#include "mime/decode.h"
#include "mime/fields.h"
#include "mime/header.h"

static bool next_line(struct span *rest, struct span *ret_text, struct span *ret_end)
{
    size_t n = span_find(*rest, '\n');

    if (rest->n == 0)
        return false;
    *ret_text = span_first(*rest, n);
    *ret_end = span_first(span_from(*rest, n), 1);
    if (ret_end->n > 0 && ret_text->n > 0 && ret_text->at[ret_text->n - 1] == '\r') {
        ret_text->n--;
        *ret_end = span_of(ret_end->at - 1, 2);
    }
    *rest = span_from(*rest, n + 1);
    return true;
}

/* change gets each line without its end, and adds what stands for it. */
static struct span each_line(struct arena *a, struct span entity,
                             void (*change)(struct buf *out, struct span text))
{
    struct buf out = buf_new(a, 2 * VARIANTS_BYTES_MAX + 16);
    struct span rest = entity;
    struct span text;
    struct span end;

    while (next_line(&rest, &text, &end)) {
        change(&out, text);
        buf_add_span(&out, end);
    }
    return buf_span(&out);
}

static void without_trailing_space(struct buf *out, struct span text)
{
    while (text.n > 0 && (text.at[text.n - 1] == ' ' || text.at[text.n - 1] == '\t'))
        text.n--;
    buf_add_span(out, text);
}

static void with_signature_space(struct buf *out, struct span text)
{
    buf_add_span(out, text);
    if (span_eq_str(text, "--"))
        buf_add_char(out, ' ');
}

static void from_unquoted(struct buf *out, struct span text)
{
    buf_add_span(out, span_from(text, span_starts(text, ">From ") ? 1 : 0));
}

static void dots_single(struct buf *out, struct span text)
{
    buf_add_span(out, span_from(text, span_starts(text, "..") ? 1 : 0));
}

static void without_doubled_cr(struct buf *out, struct span text)
{
    while (text.n > 0 && text.at[text.n - 1] == '\r')
        text.n--;
    buf_add_span(out, text);
}

/* --- what stands around the text ------------------------------------------------------------- */

static struct span body_of(struct span entity)
{
    size_t n = span_find_span(entity, span_str("\r\n\r\n"));

    if (span_starts(entity, "\r\n"))
        return span_from(entity, 2);
    return n == entity.n ? span_from(entity, n) : span_from(entity, n + 4);
}

static struct span without_last_line_end(struct span entity)
{
    if (entity.n >= 2 && entity.at[entity.n - 1] == '\n' && entity.at[entity.n - 2] == '\r')
        entity.n -= 2;
    return entity;
}

static struct span join(struct arena *a, struct span x, struct span y)
{
    struct buf out = buf_new(a, x.n + y.n);

    buf_add_span(&out, x);
    buf_add_span(&out, y);
    return buf_span(&out);
}

static struct span without_banner(struct arena *a, struct span entity)
{
    struct span body = body_of(entity);
    size_t n = banner_length(body);

    return n == 0 ? entity : join(a, span_first(entity, entity.n - body.n), span_from(body, n));
}

static struct span without_footer(struct span entity)
{
    return span_first(entity, entity.n - body_of(entity).n + footer_start(body_of(entity)));
}

/* The entity before a server wrote its own transfer encoding over "8bit" or "7bit". */
static struct span with_encoding(struct arena *a, struct span entity, const char *encoding)
{
    struct strs defects = {0};
    struct span body = body_of(entity);
    struct header header = header_read(a, span_first(entity, entity.n - body.n), &defects);
    const struct header_field *field = header_find(&header, "Content-Transfer-Encoding");
    const char *now = field == NULL ? "" : fields_token(a, field->value);
    size_t start;
    struct buf out;

    if (strcmp(now, "quoted-printable") != 0 && strcmp(now, "base64") != 0)
        return entity;
    start = (size_t)(field->value.at - entity.at);
    out = buf_new(a, 2 * VARIANTS_BYTES_MAX + 16);
    buf_add_span(&out, span_first(entity, start));
    buf_printf(&out, " %s", encoding);
    buf_add_span(&out, span_of(entity.at + start + field->value.n,
                               entity.n - body.n - start - field->value.n));
    buf_add_span(&out, decode_transfer(a, body, now, &defects));
    return buf_span(&out);
}

/* --- all ------------------------------------------------------------------------------------- */

struct made {
    struct span entity;
    struct variant *at;
    size_t n;
};

static void add(struct made *m, const char *repair, struct span bytes)
{
    if (m->n < VARIANTS_MAX && bytes.n > 0 && !span_eq(bytes, m->entity))
        m->at[m->n++] = (struct variant){.repair = repair, .bytes = bytes};
}

size_t variants_make(struct arena *a, struct span entity, struct variant ret[VARIANTS_MAX])
{
    struct made m = {.entity = entity, .at = ret};
    struct span footless = without_footer(entity);

    if (entity.n > VARIANTS_BYTES_MAX)
        return 0;
    add(&m, "line-ends", each_line(a, entity, without_doubled_cr));
    add(&m, "from-quoted", each_line(a, entity, from_unquoted));
    add(&m, "trailing-space", each_line(a, entity, without_trailing_space));
    add(&m, "trailing-space", each_line(a, entity, with_signature_space));
    add(&m, "last-line-end", without_last_line_end(entity));
    add(&m, "last-line-end", join(a, entity, span_str("\r\n")));
    add(&m, "footer-inside", footless);
    if (footless.n < entity.n)
        add(&m, "footer-inside", without_last_line_end(footless));
    add(&m, "banner-inside", without_banner(a, entity));
    add(&m, "dots-doubled", each_line(a, entity, dots_single));
    add(&m, "reencoded", with_encoding(a, entity, "8bit"));
    add(&m, "reencoded", with_encoding(a, entity, "7bit"));
    return m.n;
}
