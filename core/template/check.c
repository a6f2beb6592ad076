#include "template/check.h"

/* What a section puts in front: a list's item, one line, or (NULL row) the top. */
struct scope {
    const struct variable *row;
    const struct scope *outer;
};

struct checker {
    struct arena *a;
    const struct check_source *source;
    const struct check_rules *rules;
    struct check_faults *faults;
    size_t partials; /* how deep */
};

static void check_range(struct checker *c, const struct scope *scope, size_t from, size_t to);

void check_fault(struct arena *a, struct check_faults *faults, const char *fault)
{
    for (size_t i = 0; i < faults->n; i++) {
        if (strcmp(faults->at[i], fault) == 0)
            return; /* of a partial that several letters use */
    }
    ARENA_GROW(a, faults->at, faults->n, faults->room);
    faults->at[faults->n++] = fault;
}

static void fault_at(struct checker *c, const struct mustache_node *node, const char *what)
{
    check_fault(c->a, c->faults,
                arena_printf(c->a, "%s:%zu:%zu: {{%.*s}} %s", c->source->file, node->line,
                             node->column, (int)node->name.n, (const char *)node->name.at, what));
}

static const struct variable *find_in(const struct scope *scope, struct span name)
{
    for (; scope != NULL; scope = scope->outer) {
        const struct variable *list = scope->row;
        const struct variable *row;

        if (list != NULL && list->type != VARIABLE_LIST)
            continue;
        row = variables_find(list, name);
        if (row != NULL)
            return row;
    }
    return NULL;
}

/* "TEMPLATE_VENDOR | TEMPLATE_PARTNER" for people. */
static const char *audience_words(struct arena *a, unsigned audience)
{
    static const char *const WORDS[] = {"coordinator", "reporter", "vendor", "partner"};
    const char *text = "";

    for (size_t i = 0; i < LEN(WORDS); i++) {
        if ((audience & (1U << i)) != 0)
            text = arena_printf(a, "%s%s%s", text, text[0] == '\0' ? "" : ", ", WORDS[i]);
    }
    return text;
}

/* The row behind a name, if the template may use it here; else a fault and NULL. */
static const struct variable *allowed_row(struct checker *c, const struct scope *scope,
                                          const struct mustache_node *node)
{
    const struct variable *row = find_in(scope, node->name);
    const char *near;

    if (row == NULL) {
        near = variables_nearest(c->a, node->name);
        fault_at(c, node,
                 near == NULL
                     ? "is not a variable here; the manual page lists them"
                     : arena_printf(c->a, "is not a variable here; did you mean %s?", near));
        return NULL;
    }
    if ((row->audience & c->rules->audience) != c->rules->audience) {
        fault_at(c, node,
                 arena_printf(c->a, "is only for: %s; leave it out, or narrow Audience",
                              audience_words(c->a, row->audience)));
        return NULL;
    }
    if (row->tells > c->rules->most) {
        fault_at(c, node, c->rules->why);
        return NULL;
    }
    return row;
}

static void check_variable(struct checker *c, const struct scope *scope,
                           const struct mustache_node *node)
{
    const struct variable *row;

    if (span_eq_str(node->name, ".")) {
        if (scope->row == NULL || scope->row->type == VARIABLE_LIST)
            fault_at(c, node, "stands for a line, so only within {{#text}}...{{/text}}");
        return;
    }
    row = allowed_row(c, scope, node);
    if (row == NULL || row->type == VARIABLE_LINE)
        return;
    if (row->type == VARIABLE_LINES)
        fault_at(c, node, "has several lines; go over them: {{#name}} {{.}} {{/name}}");
    else if (row->type == VARIABLE_LIST)
        fault_at(c, node, "is a list; go over it: {{#name}}...{{/name}}");
    else
        fault_at(c, node, "is yes or no; ask it: {{#name}}...{{/name}}");
}

static void check_section(struct checker *c, const struct scope *scope, size_t i)
{
    const struct mustache_node *node = &c->source->template->at[i];
    const struct variable *row = allowed_row(c, scope, node);
    struct scope inner = {row, scope};
    bool opens = node->kind == MUSTACHE_SECTION && row != NULL && row->type != VARIABLE_BOOL;

    if (opens && c->rules->one_line && row->type == VARIABLE_LINES)
        fault_at(c, node, "has several lines, and this is one; leave it to the text below");
    else if (row != NULL)
        check_range(c, opens ? &inner : scope, i + 1, node->end);
}

static void check_partial(struct checker *c, const struct scope *scope,
                          const struct mustache_node *node)
{
    struct check_source source;
    struct checker inner = *c;

    if (c->rules->one_line) {
        fault_at(c, node, "is a partial, which has lines; write its words here instead");
    } else if (c->partials >= CHECK_PARTIALS_DEPTH) {
        fault_at(c, node, "partials too deep within each other; does one use itself?");
    } else if (!c->rules->partial(c->rules->ctx, node->name, &source)) {
        fault_at(c, node, "is not a partial; it would be a .txt file beside this one");
    } else {
        inner.source = &source;
        inner.partials++;
        check_range(&inner, scope, 0, source.template->n);
    }
}

static void check_range(struct checker *c, const struct scope *scope, size_t from, size_t to)
{
    for (size_t i = from; i < to;) {
        const struct mustache_node *node = &c->source->template->at[i];

        switch (node->kind) {
        case MUSTACHE_TEXT:
            break;
        case MUSTACHE_VARIABLE:
            check_variable(c, scope, node);
            break;
        case MUSTACHE_SECTION:
        case MUSTACHE_INVERTED:
            check_section(c, scope, i);
            i = node->end;
            continue;
        case MUSTACHE_PARTIAL:
            check_partial(c, scope, node);
            break;
        }
        i++;
    }
}

void check_template(struct arena *a, const struct check_source *source,
                    const struct check_rules *rules, struct check_faults *faults)
{
    struct scope top = {NULL, NULL};
    struct checker c = {.a = a, .source = source, .rules = rules, .faults = faults};

    check_range(&c, &top, 0, source->template->n);
}
