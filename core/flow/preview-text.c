#include "flow/preview-text.h"

#include "base/text.h"

enum { LINE_SHOWN_MAX = 400, CELL_SHOWN_MAX = 40 };

static const char *field(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text == NULL ? "" : text;
}

static const char *safe(struct buf *out, const char *text, size_t max)
{
    return text_one_line(out->a, span_str(text), max);
}

static void add_label(struct buf *out, const char *label, const char *value)
{
    if (value[0] != '\0')
        buf_printf(out, "%s: %s\n", label, safe(out, value, LINE_SHOWN_MAX));
}

static void add_list(struct buf *out, const char *label, const json_t *list)
{
    size_t i;
    json_t *item;

    if (json_array_size(list) == 0)
        return;
    buf_printf(out, "%s:", label);
    json_array_foreach(list, i, item)
    {
        buf_printf(out, "%s %s", i == 0 ? "" : ",",
                   safe(out, json_string_value(item), LINE_SHOWN_MAX));
    }

    buf_add_char(out, '\n');
}

static void add_list_lines(struct buf *out, const char *label, const json_t *list)
{
    size_t i;
    json_t *item;

    if (json_array_size(list) > 0)
        buf_printf(out, "%s:\n", label);
    json_array_foreach(list, i, item)
    {
        buf_printf(out, "  %s\n", safe(out, json_string_value(item), LINE_SHOWN_MAX));
    }
}

static void add_text(struct buf *out, const char *text)
{
    struct span rest = span_str(text);
    struct span line;

    buf_add_char(out, '\n');
    while (span_line(&rest, &line))
        buf_printf(out, "| %s\n", text_one_line(out->a, line, LINE_SHOWN_MAX));
}

/* "- 12 | text  [fence]": left out; "~": cut in it, with whose name that is. */
static void add_line(struct buf *out, const json_t *line)
{
    const json_t *cuts = json_object_get(line, "cuts");
    bool left_out = json_is_true(json_object_get(line, "left_out"));
    size_t i;
    json_t *cut;

    buf_printf(out, "%c %4lld | %s",
               left_out                    ? '-'
               : json_array_size(cuts) > 0 ? '~'
                                           : ' ',
               (long long)json_integer_value(json_object_get(line, "n")),
               safe(out, field(line, "text"), LINE_SHOWN_MAX));
    if (left_out)
        buf_printf(out, "  [%s]", field(line, "why"));
    json_array_foreach(cuts, i, cut)
    {
        buf_printf(out, "  [%s: %s]", safe(out, field(cut, "written"), CELL_SHOWN_MAX),
                   field(cut, "why"));
    }

    buf_add_char(out, '\n');
}

static void add_lines(struct buf *out, const json_t *lines)
{
    size_t i;
    json_t *line;

    json_array_foreach(lines, i, line)
    {
        add_line(out, line);
    }
}

static void add_differences(struct buf *out, const json_t *o)
{
    size_t i;
    json_t *piece;

    json_array_foreach(json_object_get(o, "pieces"), i, piece)
    {
        buf_printf(out, "\npiece %lld, from %s:\n",
                   (long long)json_integer_value(json_object_get(piece, "n")),
                   field(piece, "from"));
        add_lines(out, json_object_get(piece, "lines"));
    }

    buf_add_char(out, '\n');
    add_list(out, "not shared with this reader", json_object_get(o, "not_shared"));
    add_list(out, "not released to this reader", json_object_get(o, "not_released"));
    add_list(out, "goes as a cleaned copy", json_object_get(o, "cleaned"));
}

static void add_one(struct buf *out, const json_t *o)
{
    if (field(o, "to")[0] != '\0')
        buf_printf(out, "To: %s <%s>\n", field(o, "to"),
                   safe(out, field(o, "address"), LINE_SHOWN_MAX));
    add_label(out, "Template", field(o, "template"));
    add_label(out, "No usable key, so that it would get key-needed", field(o, "key_problem"));
    add_label(out, "Letter", field(o, "state"));
    add_label(out, "It would be HELD", field(o, "held"));
    add_list_lines(out, "What you can write then", json_object_get(o, "ways_out"));
    add_list_lines(out, "Not gone yet", json_object_get(o, "waiting"));
    add_label(out, "Subject", field(o, "subject"));
    add_list(out, "Attachments", json_object_get(o, "attachments"));
    if (json_object_get(o, "pieces") != NULL)
        add_differences(out, o);
    else
        add_text(out, field(o, "text"));
}

/* The letters of one send, each whole. */
static void add_send(struct buf *out, const json_t *o)
{
    json_int_t more = json_integer_value(json_object_get(o, "more"));
    size_t i;
    json_t *one;

    json_array_foreach(json_object_get(o, "letters"), i, one)
    {
        if (i > 0)
            buf_add_char(out, '\n');
        add_one(out, one);
    }

    if (more > 0)
        buf_printf(out, "\nand %lld more; Preview: L97 shows one by its number\n", (long long)more);
}

/* ---- the matrix ---- */

struct column {
    const char *name;
    const char *of; /* "pieces", "parts", NULL: of the row itself */
    int width;
};

struct matrix {
    struct column *at;
    size_t n, room;
};

static const char *cell(struct buf *out, const json_t *row, const struct column *column)
{
    const json_t *of = column->of == NULL ? row : json_object_get(row, column->of);

    return safe(out, field(of, column->name), CELL_SHOWN_MAX);
}

static void add_column(struct buf *out, struct matrix *m, const json_t *rows, const char *name,
                       const char *of)
{
    struct column column = {.name = name, .of = of, .width = (int)strlen(name)};
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        int n = (int)strlen(cell(out, row, &column));

        column.width = n > column.width ? n : column.width;
    }

    ARENA_GROW(out->a, m->at, m->n, m->room);
    m->at[m->n++] = column;
}

/* All readers' rows have the same pieces and parts. */
static struct matrix columns_of(struct buf *out, const json_t *rows)
{
    static const char *const groups[] = {"pieces", "parts"};
    json_t *first = json_array_get(rows, 0);
    struct matrix m = {.n = 0};
    const char *key;
    json_t *value;

    add_column(out, &m, rows, "to", NULL);
    for (size_t g = 0; g < LEN(groups); g++) {
        json_object_foreach(json_object_get(first, groups[g]), key, value)
        {
            add_column(out, &m, rows, key, groups[g]);
        }
    }
    return m;
}

static void add_matrix(struct buf *out, const json_t *rows)
{
    struct matrix m = columns_of(out, rows);
    size_t i;
    json_t *row;

    for (size_t c = 0; c < m.n; c++)
        buf_printf(out, "%-*s  ", m.at[c].width, c == 0 ? "reader" : m.at[c].name);
    buf_add_char(out, '\n');
    json_array_foreach(rows, i, row)
    {
        for (size_t c = 0; c < m.n; c++)
            buf_printf(out, "%-*s  ", m.at[c].width, cell(out, row, &m.at[c]));
        if (field(row, "key_problem")[0] != '\0')
            buf_printf(out, "KEY-NEEDED: %s  ",
                       safe(out, field(row, "key_problem"), LINE_SHOWN_MAX));
        if (field(row, "held")[0] != '\0')
            buf_printf(out, "HELD: %s", safe(out, field(row, "held"), LINE_SHOWN_MAX));
        buf_add_char(out, '\n');
    }
}

const char *preview_text(struct arena *a, const json_t *json)
{
    struct buf out = buf_new(a, PREVIEW_TEXT_MAX);

    if (json_is_array(json))
        add_matrix(&out, json);
    else if (json_object_get(json, "letters") != NULL)
        add_send(&out, json);
    else
        add_one(&out, json);
    return out.full ? arena_printf(a, "%s\n(more than fits here)\n", out.at) : out.at;
}
