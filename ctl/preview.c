/* case preview: what a reader would get, what of the case it would miss, and all readers at once.
 */
#include "base/text.h"
#include "ctl/ctl.h"

enum { LINE_SHOWN_MAX = 400, CELL_SHOWN_MAX = 40 };

static const char *field(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text == NULL ? "" : text;
}

static const char *safe(struct ctl *ctl, const char *text, size_t max)
{
    return text_one_line(ctl->a, span_str(text), max);
}

static void print_list(struct ctl *ctl, const char *label, const json_t *list)
{
    size_t i;
    json_t *item;

    if (json_array_size(list) == 0)
        return;
    printf("%s:", label);
    json_array_foreach(list, i, item)
    {
        printf("%s %s", i == 0 ? "" : ",", safe(ctl, json_string_value(item), LINE_SHOWN_MAX));
    }

    printf("\n");
}

static void print_text(struct ctl *ctl, const char *text)
{
    struct span rest = span_str(text);
    struct span line;

    printf("\n");
    while (span_line(&rest, &line))
        printf("| %s\n", text_one_line(ctl->a, line, LINE_SHOWN_MAX));
}

/* "- 12 | text  [fence]": left out; "~": cut in it, with whose name that is. */
static void print_line(struct ctl *ctl, const json_t *line)
{
    const json_t *cuts = json_object_get(line, "cuts");
    bool left_out = json_is_true(json_object_get(line, "left_out"));
    size_t i;
    json_t *cut;

    printf("%c %4lld | %s",
           left_out                    ? '-'
           : json_array_size(cuts) > 0 ? '~'
                                       : ' ',
           (long long)json_integer_value(json_object_get(line, "n")),
           safe(ctl, field(line, "text"), LINE_SHOWN_MAX));
    if (left_out)
        printf("  [%s]", field(line, "why"));
    json_array_foreach(cuts, i, cut)
    {
        printf("  [%s: %s]", safe(ctl, field(cut, "written"), CELL_SHOWN_MAX), field(cut, "why"));
    }

    printf("\n");
}

static void print_pieces(struct ctl *ctl, const json_t *pieces)
{
    size_t i, k;
    json_t *piece, *line;

    json_array_foreach(pieces, i, piece)
    {
        printf("\npiece %lld, from %s:\n",
               (long long)json_integer_value(json_object_get(piece, "n")), field(piece, "from"));
        json_array_foreach(json_object_get(piece, "lines"), k, line)
        {
            print_line(ctl, line);
        }
    }
}

static void print_one(struct ctl *ctl, const json_t *o)
{
    printf("To: %s <%s>\n", field(o, "to"), safe(ctl, field(o, "address"), LINE_SHOWN_MAX));
    printf("Template: %s\n", field(o, "template"));
    if (field(o, "held")[0] != '\0')
        printf("It would be HELD: %s\n", safe(ctl, field(o, "held"), LINE_SHOWN_MAX));
    else
        printf("Subject: %s\n", safe(ctl, field(o, "subject"), LINE_SHOWN_MAX));
    print_list(ctl, "Attachments", json_object_get(o, "attachments"));
    if (json_object_get(o, "pieces") == NULL) {
        print_text(ctl, field(o, "text"));
        return;
    }
    print_pieces(ctl, json_object_get(o, "pieces"));
    print_list(ctl, "\nnot shared with this reader", json_object_get(o, "not_shared"));
    print_list(ctl, "not released to this reader", json_object_get(o, "not_released"));
}

/* The columns of the matrix: of all readers the same pieces, then parts. */
static void add_columns(struct ctl *ctl, struct strs *columns, const json_t *of)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)of, key, value)
    {
        if (!strs_has(columns, key))
            strs_add(ctl->a, columns, key);
    }
}

static const char *cell(struct ctl *ctl, const json_t *row, const char *column)
{
    const char *text = field(json_object_get(row, "pieces"), column);

    return safe(ctl, text[0] != '\0' ? text : field(json_object_get(row, "parts"), column),
                CELL_SHOWN_MAX);
}

static int width(struct ctl *ctl, const json_t *rows, const char *column)
{
    size_t most = strlen(column), i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        size_t n =
            strlen(strcmp(column, "reader") == 0 ? safe(ctl, field(row, "to"), CELL_SHOWN_MAX)
                                                 : cell(ctl, row, column));

        most = n > most ? n : most;
    }
    return (int)most + 2;
}

static void print_matrix(struct ctl *ctl, const json_t *rows)
{
    struct strs columns = {.n = 0};
    size_t i;
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        add_columns(ctl, &columns, json_object_get(row, "pieces"));
    }

    json_array_foreach(rows, i, row)
    {
        add_columns(ctl, &columns, json_object_get(row, "parts"));
    }

    printf("%-*s", width(ctl, rows, "reader"), "reader");
    for (size_t c = 0; c < columns.n; c++)
        printf("%-*s", width(ctl, rows, columns.at[c]), columns.at[c]);
    printf("\n");
    json_array_foreach(rows, i, row)
    {
        printf("%-*s", width(ctl, rows, "reader"), safe(ctl, field(row, "to"), CELL_SHOWN_MAX));
        for (size_t c = 0; c < columns.n; c++)
            printf("%-*s", width(ctl, rows, columns.at[c]), cell(ctl, row, columns.at[c]));
        if (field(row, "held")[0] != '\0')
            printf("HELD: %s", safe(ctl, field(row, "held"), LINE_SHOWN_MAX));
        printf("\n");
    }
}

static int run_preview(struct ctl *ctl)
{
    const char *to = ctl_value(ctl, "to");
    const char *template = ctl_value(ctl, "template");
    bool all = ctl_value(ctl, "all") != NULL;
    struct desk_request request = {
        .verb = DESK_QUERY, .as = ctl->as, .query = "case preview", .words = ctl->words};
    struct desk_answer answer = {.number = 0};
    SCOPED(json_decref) json_t *json = NULL;

    if ((to == NULL) != all || (all && ctl_value(ctl, "diff") != NULL))
        return ctl_fail(EX_USAGE, "case preview wants --to ORG, with --diff if you like, or --all");
    strs_add(ctl->a, &request.words, all ? "" : to);
    strs_add(ctl->a, &request.words, template == NULL ? "" : template);
    if (ctl_value(ctl, "diff") != NULL)
        strs_add(ctl->a, &request.words, "diff");
    if (!ctl_ask(ctl, &request, -1, &answer, &json))
        return ctl_error(ctl);
    if (json != NULL && ctl->json) {
        struct span text = json_text(ctl->a, json);

        printf("%.*s\n", (int)text.n, (const char *)text.at);
    } else if (json != NULL && all) {
        print_matrix(ctl, json);
    } else if (json != NULL) {
        print_one(ctl, json);
    }
    return ctl_answer(ctl, &answer);
}

/* clang-format off */
const struct verb verbs_preview[] = {
    {"case preview", "C42", 1, 1, false, "what a reader would get, before it is sent", run_preview,
     {{"to", "ORG", "that reader, or as reporter 1"},
      {"all", NULL, "a matrix: readers by pieces and attachments"},
      {"diff", NULL, "against the original: what is missing, and why"},
      {"template", "NAME", "that letter; else vendor-notice, for reporters case-update"}}},
    {.name = NULL},
};
/* clang-format on */
