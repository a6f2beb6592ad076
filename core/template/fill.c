#include "template/fill.h"

#include "base/text.h"

/* What a client may break a line at, or show as nothing: C0, DEL, C1, LINE and PARAGRAPH SEPARATOR.
 */
static bool is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029;
}

/* One line, safe to show: controls become blanks (a tab of a text stays). */
static struct tvalue *clean_line(struct arena *a, struct span line, bool keep_tabs)
{
    struct buf out = buf_new(a, 3 * line.n);
    struct tvalue *v;

    while (line.n > 0) {
        uint32_t point = 0;
        size_t n = text_utf8_next(line, &point);

        if (n == 0)
            text_utf8_add(&out, 0xfffd);
        else if (is_control(point) && !(keep_tabs && point == '\t'))
            buf_add_char(&out, ' ');
        else
            buf_add(&out, line.at, n);
        line = span_from(line, n == 0 ? 1 : n);
    }
    v = tvalue_string(a, NULL);
    v->string = out.at;
    return v;
}

/* A text cut at CR, LF and CRLF: a lone CR must not hide a line inside another. */
static struct tvalue *clean_lines(struct arena *a, struct span text)
{
    struct tvalue *list = tvalue_list(a);

    while (text.n > 0) {
        size_t end = 0;

        while (end < text.n && text.at[end] != '\n' && text.at[end] != '\r')
            end++;
        tvalue_push(a, list, clean_line(a, span_first(text, end), true));
        if (end + 1 < text.n && text.at[end] == '\r' && text.at[end + 1] == '\n')
            end++;
        text = span_from(text, end + 1);
    }
    return list;
}

static struct tvalue *empty_of(struct arena *a, enum variable_type type)
{
    switch (type) {
    case VARIABLE_LINE:
        return tvalue_string(a, NULL);
    case VARIABLE_BOOL:
        return tvalue_bool(a, false);
    case VARIABLE_LINES:
    case VARIABLE_LIST:
        break;
    }
    return tvalue_list(a);
}

/* The caller's value as its row wants it, or NULL: of another type. Lists are done by fill_list. */
static struct tvalue *clean(struct arena *a, const struct variable *row, const struct tvalue *given)
{
    if (row->type == VARIABLE_BOOL)
        return given->kind == TVALUE_BOOL ? tvalue_bool(a, given->yes) : NULL;
    if (given->kind != TVALUE_STRING)
        return NULL;
    if (row->type == VARIABLE_LINE)
        return clean_line(a, span_str(given->string), false);
    return clean_lines(a, span_str(given->string));
}

static bool names_known(const struct variable *list, const struct tvalue *given, struct err *err)
{
    for (size_t i = 0; i < given->n; i++) {
        if (variables_find(list, span_str(given->keys[i])) == NULL)
            return err_set(err, ERR_OPERATOR, "a template has no variable \"%s\"", given->keys[i]);
    }
    return true;
}

/* The fields of one item of a list. */
static bool fill_item(struct arena *a, const struct variable *list, const struct tvalue *given,
                      enum template_audience reader, struct tvalue **ret_item, struct err *err)
{
    size_t n;
    const struct variable *rows = variables_all(&n);
    struct tvalue *item = tvalue_object(a);

    if (given->kind != TVALUE_OBJECT)
        return err_set(err, ERR_OPERATOR, "an item of \"%s\" is not an object", list->name);
    if (!names_known(list, given, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *field = variables_field(&rows[i], list);
        const struct tvalue *v;

        if (field == NULL || (rows[i].audience & (unsigned)reader) == 0)
            continue;
        v = tvalue_get(given, span_str(field));
        v = v == NULL ? empty_of(a, rows[i].type) : clean(a, &rows[i], v);
        if (v == NULL)
            return err_set(err, ERR_OPERATOR, "\"%s\" has the wrong type", rows[i].name);
        tvalue_set(a, item, field, v);
    }
    *ret_item = item;
    return true;
}

static bool fill_list(struct arena *a, const struct variable *row, const struct tvalue *given,
                      enum template_audience reader, struct tvalue **ret_list, struct err *err)
{
    struct tvalue *list = tvalue_list(a);

    if (given->kind != TVALUE_LIST)
        return err_set(err, ERR_OPERATOR, "\"%s\" is not a list", row->name);
    for (size_t i = 0; i < given->n; i++) {
        struct tvalue *item;

        if (!fill_item(a, row, given->at[i], reader, &item, err))
            return false;
        tvalue_push(a, list, item);
    }
    *ret_list = list;
    return true;
}

bool fill_values(struct arena *a, const struct tvalue *given, enum template_audience reader,
                 struct tvalue **ret_full, struct err *err)
{
    size_t n;
    const struct variable *rows = variables_all(&n);
    struct tvalue *full = tvalue_object(a);

    if (!names_known(NULL, given, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct tvalue *v = tvalue_get(given, span_str(rows[i].name));
        struct tvalue *own;

        if (variables_field(&rows[i], NULL) == NULL || (rows[i].audience & (unsigned)reader) == 0)
            continue;
        if (v == NULL)
            own = empty_of(a, rows[i].type);
        else if (rows[i].type != VARIABLE_LIST)
            own = clean(a, &rows[i], v);
        else if (!fill_list(a, &rows[i], v, reader, &own, err))
            return false;
        if (own == NULL)
            return err_set(err, ERR_OPERATOR, "\"%s\" has the wrong type", rows[i].name);
        tvalue_set(a, full, rows[i].name, own);
    }
    *ret_full = full;
    return true;
}
