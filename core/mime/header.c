#include "mime/header.h"

void defect_add(struct arena *a, struct strs *list, const char *name)
{
    if (!strs_has(list, name))
        strs_add(a, list, name);
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* Length of the field name at the start of the line, or 0. */
static size_t name_length(struct span line)
{
    size_t n = 0;
    size_t colon;

    while (n < line.n && line.at[n] > ' ' && line.at[n] < 127 && line.at[n] != ':')
        n++;
    colon = n;
    while (colon < line.n && is_blank(line.at[colon]))
        colon++;
    return colon < line.n && line.at[colon] == ':' ? n : 0;
}

bool header_line_is_field(struct span line)
{
    return name_length(line) > 0;
}

static void add_field(struct arena *a, struct header *h, struct span line)
{
    size_t n = name_length(line);
    struct header_field field = {.name = span_first(line, n)};

    field.value = span_from(line, span_find(line, ':') + 1);
    ARENA_GROW(a, h->at, h->n, h->room);
    h->at[h->n++] = field;
}

struct header header_read(struct arena *a, struct span block, struct strs *defects)
{
    struct header h = {0};
    struct span line;

    while (span_line(&block, &line)) {
        if (line.n > 0 && is_blank(line.at[0]) && h.n > 0) {
            struct span *value = &h.at[h.n - 1].value;

            value->n = (size_t)(line.at + line.n - value->at);
        } else if (header_line_is_field(line)) {
            add_field(a, &h, line);
            /* Old mailers wrote it so; for some readers the header ends here. */
            if (line.at[h.at[h.n - 1].name.n] != ':')
                defect_add(a, defects, "header-blank-before-colon");
        } else {
            defect_add(a, defects, "header-line-broken");
        }
    }
    return h;
}

const struct header_field *header_find(const struct header *h, const char *name)
{
    for (size_t i = 0; i < h->n; i++) {
        if (span_eq_nocase(h->at[i].name, name))
            return &h->at[i];
    }
    return NULL;
}

size_t header_count(const struct header *h, const char *name)
{
    size_t n = 0;

    for (size_t i = 0; i < h->n; i++)
        n += span_eq_nocase(h->at[i].name, name);
    return n;
}

struct span header_value(const struct header *h, const char *name)
{
    const struct header_field *field = header_find(h, name);

    return field == NULL ? span_of("", 0) : field->value;
}

char *header_unfold(struct arena *a, struct span value)
{
    char *text;
    size_t n = 0;

    value = span_trim(value);
    text = arena_alloc(a, value.n + 1);
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = value.at[i];

        if (c == '\n' || (c == '\r' && i + 1 < value.n && value.at[i + 1] == '\n'))
            continue;
        text[n++] = c == '\0' || c == '\r' ? ' ' : (char)c;
    }
    return text;
}
