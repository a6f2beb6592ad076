#include "base/visible.h"

#include "base/text.h"

enum { NAME_BYTES = 16 /* of "⟨U+10FFFF⟩" */ };

struct range {
    uint32_t first, last;
};

static const struct range controls[] = {
    {0x00, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x2029}, {0xFFF9, 0xFFFB}};

static const struct range bidi[] = {
    {0x061C, 0x061C}, {0x200E, 0x200F}, {0x202A, 0x202E}, {0x2066, 0x206F}};

static const struct range zero_width[] = {
    {0xAD, 0xAD},     {0x034F, 0x034F}, {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180E, 0x180E}, {0x200B, 0x200D}, {0x2060, 0x2065},   {0x3164, 0x3164},
    {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xE0000, 0xE0FFF},
};

/* What U+200D joins to one picture, with its selectors and skin tones. */
static const struct range pictures[] = {{0x2190, 0x2BFF}, {0xFE0F, 0xFE0F}, {0x1F000, 0x1FAFF}};

/* Scripts whose letters U+200C and U+200D shape. */
static const struct range shaped[] = {
    {0x0620, 0x08FF}, {0x0900, 0x0DFF}, {0xFB50, 0xFDFF}, {0xFE70, 0xFEFC}};

static bool within(uint32_t point, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    }
    return false;
}

static bool joins(uint32_t point, uint32_t before, struct span after)
{
    uint32_t next;

    if ((point != 0x200C && point != 0x200D) || text_utf8_next(after, &next) == 0)
        return false;
    if (within(before, shaped, LEN(shaped)) && within(next, shaped, LEN(shaped)))
        return true;
    return point == 0x200D && within(before, pictures, LEN(pictures)) &&
           within(next, pictures, LEN(pictures));
}

/* Most of most texts, and quickly told. */
static bool is_printable_ascii(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x7F;
}

struct visible_char visible_next(struct span rest, uint32_t before)
{
    struct visible_char c = {.kind = VISIBLE_PLAIN};

    if (rest.n > 0 && is_printable_ascii(rest.at[0]))
        return (struct visible_char){.n = 1, .point = rest.at[0], .kind = VISIBLE_PLAIN};

    c.n = text_utf8_next(rest, &c.point);
    if (c.n == 0)
        return (struct visible_char){.n = rest.n > 0, .point = 0xFFFD, .kind = VISIBLE_INVALID};
    if (within(c.point, controls, LEN(controls)))
        c.kind = VISIBLE_CONTROL;
    else if (within(c.point, bidi, LEN(bidi)))
        c.kind = VISIBLE_BIDI;
    else if (within(c.point, zero_width, LEN(zero_width)) &&
             !joins(c.point, before, span_from(rest, c.n)))
        c.kind = VISIBLE_ZERO_WIDTH;
    return c;
}

bool visible_has(struct span text, enum visible_kind kind)
{
    uint32_t before = 0;

    for (size_t i = 0; i < text.n;) {
        struct visible_char c;

        if (kind != VISIBLE_PLAIN && is_printable_ascii(text.at[i])) {
            before = text.at[i++];
            continue;
        }
        c = visible_next(span_from(text, i), before);
        if (c.kind == kind)
            return true;
        before = c.point;
        i += c.n;
    }
    return false;
}

const char *visible_name(struct arena *a, uint32_t point)
{
    return arena_printf(a, "⟨U+%04X⟩", (unsigned)point);
}

char *visible_text(struct arena *a, struct span text)
{
    struct buf out = buf_new(a, text.n * NAME_BYTES);
    uint32_t before = 0;

    while (text.n > 0) {
        struct visible_char c = visible_next(text, before);

        if (c.kind == VISIBLE_INVALID)
            text_utf8_add(&out, c.point);
        else if (c.kind == VISIBLE_PLAIN || c.point == '\n' || c.point == '\t')
            buf_add(&out, text.at, c.n);
        else
            buf_printf(&out, "⟨U+%04X⟩", (unsigned)c.point);
        before = c.point;
        text = span_from(text, c.n);
    }
    return out.at;
}
