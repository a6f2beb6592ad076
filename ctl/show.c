#include "ctl/show.h"

#include "base/text.h"
#include "redact/quotes.h"

enum { CELL_MAX = 60, LINE_MAX_BYTES = 400 };

static const char *scalar(struct arena *a, const json_t *value, size_t max)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return text_one_line(a, span_of(json_string_value(value), json_string_length(value)), max);
    case JSON_INTEGER:
        return arena_printf(a, "%lld", (long long)json_integer_value(value));
    case JSON_TRUE:
        return "yes";
    case JSON_FALSE:
        return "no";
    case JSON_ARRAY:
        return arena_printf(a, "%zu", json_array_size(value));
    default:
        return "-";
    }
}

static void show_text(struct arena *a, const char *key, const json_t *value, int indent)
{
    struct span rest = quotes_mark(a, span_of(json_string_value(value), json_string_length(value)));
    struct span line;

    printf("%*s%s:\n", indent, "", key);
    while (span_line(&rest, &line))
        printf("%*s| %s\n", indent, "", text_one_line(a, line, LINE_MAX_BYTES));
}

static void show_object(struct arena *a, const json_t *object, int indent);

static void show_list(struct arena *a, const char *key, const json_t *list, int indent)
{
    size_t i;
    json_t *item;

    printf("%*s%s:%s\n", indent, "", key, json_array_size(list) == 0 ? " -" : "");
    json_array_foreach(list, i, item)
    {
        if (json_is_object(item)) {
            show_object(a, item, indent + 2);
            printf("\n");
        } else {
            printf("%*s%s\n", indent + 2, "", scalar(a, item, LINE_MAX_BYTES));
        }
    }
}

static bool many_lines(const json_t *value)
{
    return json_is_string(value) && strchr(json_string_value(value), '\n') != NULL;
}

static void show_object(struct arena *a, const json_t *object, int indent)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (many_lines(value)) {
            show_text(a, key, value, indent);
        } else if (json_is_array(value)) {
            show_list(a, key, value, indent);
        } else if (json_is_object(value)) {
            printf("%*s%s:\n", indent, "", key);
            show_object(a, value, indent + 2);
        } else {
            printf("%*s%s: %s\n", indent, "", key, scalar(a, value, LINE_MAX_BYTES));
        }
    }
}

/* One line per object: its plain values, in the order of the first object's keys. */
static void show_table(struct arena *a, const json_t *list)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        const char *key;
        json_t *value;

        json_object_foreach(item, key, value)
        {
            if (!json_is_object(value) && !json_is_null(value))
                printf("%s=%s  ", key, scalar(a, value, CELL_MAX));
        }
        printf("\n");
    }
}

static const char *word(struct arena *a, const json_t *o, const char *key)
{
    const json_t *value = json_object_get(o, key);

    return value == NULL || json_is_null(value) ? "" : scalar(a, value, LINE_MAX_BYTES);
}

void show_outbox(struct arena *a, const json_t *list)
{
    size_t i;
    json_t *o;

    json_array_foreach(list, i, o)
    {
        const char *why = word(a, o, "reason");

        printf("%-6s %-5s %-5s %-12s %-20s %s <%s>\n", word(a, o, "letter"), word(a, o, "place"),
               word(a, o, "send"), word(a, o, "state"), word(a, o, "template"), word(a, o, "org"),
               word(a, o, "address"));
        if (why[0] != '\0')
            printf("       %s%s%s\n", why, word(a, o, "way_out")[0] == '\0' ? "" : "; ",
                   word(a, o, "way_out"));
    }
}

void show_json(struct arena *a, const json_t *json)
{
    if (json_is_array(json))
        show_table(a, json);
    else
        show_object(a, json, 0);
}

void show_json_line(struct arena *a, const json_t *json)
{
    struct span text = json_text(a, json);

    printf("%.*s\n", (int)text.n, (const char *)text.at);
}
