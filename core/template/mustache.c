#include "template/mustache.h"

#include "base/buf.h"

enum { DELIMITER_MAX = 8 }; /* bytes of "{{" and of what replaces it */

struct open_section {
    size_t node;
    struct open_section *outer;
    size_t depth;
};

struct parser {
    struct arena *a;
    const char *file;
    struct span text;
    size_t at;      /* offset of what is not read yet */
    size_t counted; /* line and column are those of this offset */
    size_t line;
    size_t column;
    struct span open; /* the delimiters in force */
    struct span close;
    struct mustache_node *nodes;
    size_t n;
    size_t room;
    struct open_section *section;
    struct err *err;
};

/* One tag as it stands in the text: the offsets of its first byte and of the byte behind it. */
struct tag {
    size_t from;
    size_t to;
    char sigil; /* 0 for a plain variable */
    struct span name;
    size_t line;
    size_t column;
};

/* Moves line and column on to an offset at or behind the last one asked for. */
static void count_to(struct parser *p, size_t offset)
{
    for (; p->counted < offset; p->counted++) {
        if (p->text.at[p->counted] == '\n') {
            p->line++;
            p->column = 1;
        } else {
            p->column++;
        }
    }
}

static bool fault(struct parser *p, size_t line, size_t column, const char *what)
{
    return err_set(p->err, ERR_OPERATOR, "%s:%zu:%zu: %s", p->file, line, column, what);
}

static bool node_add(struct parser *p, const struct mustache_node *node)
{
    if (p->n >= MUSTACHE_NODES_MAX)
        return fault(p, p->line, p->column, "too many tags in one template; split it");
    ARENA_GROW(p->a, p->nodes, p->n, p->room);
    p->nodes[p->n++] = *node;
    return true;
}

static bool text_add(struct parser *p, size_t from, size_t to)
{
    struct mustache_node node = {.kind = MUSTACHE_TEXT};

    if (from >= to)
        return true;
    node.text = span_first(span_from(p->text, from), to - from);
    return node_add(p, &node);
}

static size_t find_from(struct parser *p, size_t from, struct span needle)
{
    return from + span_find_span(span_from(p->text, from), needle);
}

static bool is_one_of(unsigned char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_name(struct span name)
{
    if (span_eq_str(name, "."))
        return true;
    if (name.n == 0 || name.at[0] == '.' || name.at[name.n - 1] == '.')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (name.at[i] <= ' ' || is_one_of(name.at[i], "{}#^/!>=&\"'<"))
            return false;
    }
    return span_find_span(name, span_str("..")) == name.n;
}

/* Reads the tag whose opening delimiter stands at from. */
static bool tag_read(struct parser *p, size_t from, struct tag *ret_tag)
{
    size_t inner = from + p->open.n;
    struct tag tag = {.from = from, .line = p->line, .column = p->column};
    struct span close = p->close;
    char triple[DELIMITER_MAX + 1];
    size_t end;

    if (inner < p->text.n && is_one_of(p->text.at[inner], "!#^/>={&"))
        tag.sigil = (char)p->text.at[inner++];
    if (tag.sigil == '{' || tag.sigil == '=') {
        triple[0] = tag.sigil == '{' ? '}' : '=';
        memcpy(triple + 1, close.at, close.n);
        close = span_of(triple, close.n + 1);
    }
    end = find_from(p, inner, close);
    if (end == p->text.n)
        return fault(p, tag.line, tag.column, "this tag is not closed; end it with }}");
    tag.to = end + close.n;
    tag.name = span_trim(span_first(span_from(p->text, inner), end - inner));
    if (tag.sigil != '!' && tag.sigil != '=' && !is_name(tag.name))
        return fault(p, tag.line, tag.column, "a tag needs a name, such as {{case_id}}");
    *ret_tag = tag;
    return true;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/*
 * A tag alone on its line takes the line away: *ret_from is the start of the line, *ret_to what
 * follows its end. A second tag on the line is no blank, so looking at the bytes is enough.
 */
static bool stands_alone(const struct parser *p, const struct tag *tag, size_t *ret_from,
                         size_t *ret_to)
{
    size_t from = tag->from;
    size_t to = tag->to;

    while (from > 0 && is_blank(p->text.at[from - 1]))
        from--;
    while (to < p->text.n && is_blank(p->text.at[to]))
        to++;
    if (from > 0 && p->text.at[from - 1] != '\n')
        return false;
    if (to + 1 < p->text.n && p->text.at[to] == '\r' && p->text.at[to + 1] == '\n')
        to++;
    if (to < p->text.n && p->text.at[to] != '\n')
        return false;
    *ret_from = from;
    *ret_to = to < p->text.n ? to + 1 : to;
    return true;
}

static bool section_open(struct parser *p, const struct tag *tag)
{
    struct mustache_node node = {.kind = tag->sigil == '#' ? MUSTACHE_SECTION : MUSTACHE_INVERTED,
                                 .name = tag->name,
                                 .line = tag->line,
                                 .column = tag->column};
    struct open_section *inner = ARENA_NEW(p->a, struct open_section);

    inner->node = p->n;
    inner->outer = p->section;
    inner->depth = p->section == NULL ? 1 : p->section->depth + 1;
    if (inner->depth > MUSTACHE_DEPTH_MAX)
        return fault(p, tag->line, tag->column, "sections too deep within each other");
    p->section = inner;
    return node_add(p, &node);
}

static bool section_close(struct parser *p, const struct tag *tag)
{
    struct open_section *inner = p->section;

    if (inner == NULL)
        return fault(p, tag->line, tag->column, "this closes a section that was not opened");
    if (!span_eq(p->nodes[inner->node].name, tag->name)) {
        struct mustache_node *opened = &p->nodes[inner->node];

        return err_set(p->err, ERR_OPERATOR,
                       "%s:%zu:%zu: this closes another section than the one opened in line %zu; "
                       "write {{/%.*s}}",
                       p->file, tag->line, tag->column, opened->line, (int)opened->name.n,
                       (const char *)opened->name.at);
    }
    p->nodes[inner->node].end = p->n;
    p->section = inner->outer;
    return true;
}

/* {{=<% %>=}}: two words without blanks or "=". */
static bool delimiters_set(struct parser *p, const struct tag *tag)
{
    struct span rest = tag->name;
    size_t n = 0;

    while (n < rest.n && rest.at[n] > ' ')
        n++;
    p->open = span_first(rest, n);
    p->close = span_trim(span_from(rest, n));
    for (size_t i = 0; i < p->close.n; i++) {
        if (p->close.at[i] <= ' ' || p->close.at[i] == '=')
            p->close.n = 0;
    }
    if (p->open.n == 0 || p->close.n == 0 || span_find(p->open, '=') < p->open.n ||
        p->open.n >= DELIMITER_MAX || p->close.n >= DELIMITER_MAX)
        return fault(p, tag->line, tag->column, "write new delimiters as {{=<% %>=}}");
    return true;
}

static bool leaf_add(struct parser *p, const struct tag *tag, struct span indent)
{
    struct mustache_node node = {.kind = tag->sigil == '>' ? MUSTACHE_PARTIAL : MUSTACHE_VARIABLE,
                                 .name = tag->name,
                                 .indent = indent,
                                 .line = tag->line,
                                 .column = tag->column};

    return node_add(p, &node);
}

static bool tag_take(struct parser *p, const struct tag *tag)
{
    bool inline_only = tag->sigil == 0 || tag->sigil == '{' || tag->sigil == '&';
    size_t from = tag->from;
    size_t to = tag->to;
    struct span indent = {NULL, 0};

    if (!inline_only && stands_alone(p, tag, &from, &to))
        indent = span_first(span_from(p->text, from), tag->from - from);
    if (!text_add(p, p->at, from))
        return false;
    p->at = to;
    switch (tag->sigil) {
    case '!':
        return true;
    case '#':
    case '^':
        return section_open(p, tag);
    case '/':
        return section_close(p, tag);
    case '=':
        return delimiters_set(p, tag);
    default:
        return leaf_add(p, tag, indent);
    }
}

bool mustache_parse(struct arena *a, const char *file, size_t first_line, struct span text,
                    const struct mustache **ret_template, struct err *err)
{
    struct parser p = {.a = a,
                       .file = file,
                       .text = text,
                       .line = first_line,
                       .column = 1,
                       .open = span_str("{{"),
                       .close = span_str("}}"),
                       .err = err};
    struct mustache *done = ARENA_NEW(a, struct mustache);
    struct tag tag;

    for (;;) {
        size_t from = find_from(&p, p.at, p.open);

        if (from == text.n)
            break;
        count_to(&p, from);
        if (!tag_read(&p, from, &tag) || !tag_take(&p, &tag))
            return false;
    }
    if (!text_add(&p, p.at, text.n))
        return false;
    if (p.section != NULL) {
        struct mustache_node *open = &p.nodes[p.section->node];

        return err_set(err, ERR_OPERATOR,
                       "%s:%zu:%zu: this section is not closed; add {{/%.*s}} behind it", file,
                       open->line, open->column, (int)open->name.n, (const char *)open->name.at);
    }
    done->at = p.nodes;
    done->n = p.n;
    *ret_template = done;
    return true;
}

/* What names are looked up in, innermost first. */
struct frame {
    const struct tvalue *value;
    const struct frame *outer;
};

/* What stands before every line of a partial: the indents of all partials around it. */
struct indent {
    struct span text;
    const struct indent *outer;
};

struct renderer {
    const struct mustache_partials *partials;
    bool strict;
    struct buf out;
    bool line_start;
    struct err *err;
};

struct place {
    const struct mustache *template;
    const struct frame *frame;
    const struct indent *indent;
    size_t depth;
};

static bool render_range(struct renderer *r, const struct place *place, size_t from, size_t to);

static bool render_fault(struct renderer *r, const struct mustache_node *node, const char *what)
{
    return err_set(r->err, ERR_OPERATOR, "line %zu column %zu: {{%.*s}} %s", node->line,
                   node->column, (int)node->name.n, (const char *)node->name.at, what);
}

static const struct tvalue *look_up(const struct frame *frame, struct span name)
{
    const struct tvalue *found = NULL;
    struct span rest = name;
    struct span part;

    if (span_eq_str(name, "."))
        return frame->value;
    if (!span_split(&rest, '.', &part))
        return NULL;
    for (; frame != NULL && found == NULL; frame = frame->outer)
        found = tvalue_get(frame->value, part);
    while (found != NULL && span_split(&rest, '.', &part))
        found = tvalue_get(found, part);
    return found;
}

static void indent_add(struct buf *out, const struct indent *indent)
{
    if (indent == NULL)
        return;
    indent_add(out, indent->outer);
    buf_add_span(out, indent->text);
}

static void render_text(struct renderer *r, const struct place *place, struct span text)
{
    while (text.n > 0) {
        size_t line = span_find(text, '\n');

        line += line < text.n ? 1 : 0;
        if (r->line_start)
            indent_add(&r->out, place->indent);
        buf_add_span(&r->out, span_first(text, line));
        r->line_start = text.at[line - 1] == '\n';
        text = span_from(text, line);
    }
}

static bool render_variable(struct renderer *r, const struct place *place,
                            const struct mustache_node *node)
{
    const struct tvalue *v = look_up(place->frame, node->name);

    if (r->line_start)
        indent_add(&r->out, place->indent);
    r->line_start = false;
    if (v != NULL && v->kind == TVALUE_STRING)
        buf_add_str(&r->out, v->string);
    else if (v != NULL && v->kind == TVALUE_BOOL)
        buf_add_str(&r->out, v->yes ? "yes" : "no");
    else if (r->strict)
        return render_fault(r, node, v == NULL ? "is not there" : "is not a text");
    return true;
}

static bool render_inside(struct renderer *r, const struct place *place, size_t i,
                          const struct tvalue *value)
{
    struct frame inner = {value, place->frame};
    struct place deeper = *place;

    deeper.frame = value == NULL ? place->frame : &inner;
    deeper.depth++;
    return render_range(r, &deeper, i + 1, place->template->at[i].end);
}

static bool render_section(struct renderer *r, const struct place *place, size_t i)
{
    const struct mustache_node *node = &place->template->at[i];
    const struct tvalue *v = look_up(place->frame, node->name);

    if (v == NULL && r->strict)
        return render_fault(r, node, "is not there");
    if (node->kind == MUSTACHE_INVERTED)
        return !tvalue_is_empty(v) || render_inside(r, place, i, NULL);
    if (v == NULL || tvalue_is_empty(v))
        return true;
    if (v->kind != TVALUE_LIST)
        return render_inside(r, place, i, v);
    for (size_t item = 0; item < v->n; item++) {
        if (!render_inside(r, place, i, v->at[item]))
            return false;
    }
    return true;
}

static bool render_partial(struct renderer *r, const struct place *place,
                           const struct mustache_node *node)
{
    struct indent indent = {node->indent, place->indent};
    struct place inner = {.frame = place->frame, .indent = &indent, .depth = place->depth + 1};

    if (r->partials != NULL)
        inner.template = r->partials->find(r->partials->ctx, node->name);
    if (inner.template == NULL)
        return !r->strict || render_fault(r, node, "is not a partial");
    return render_range(r, &inner, 0, inner.template->n);
}

static bool render_range(struct renderer *r, const struct place *place, size_t from, size_t to)
{
    bool fine = true;

    if (place->depth > MUSTACHE_DEPTH_MAX * 2)
        return err_set(r->err, ERR_OPERATOR, "partials or sections too deep within each other");
    for (size_t i = from; i < to && fine && !r->out.full;) {
        const struct mustache_node *node = &place->template->at[i];

        switch (node->kind) {
        case MUSTACHE_TEXT:
            render_text(r, place, node->text);
            break;
        case MUSTACHE_VARIABLE:
            fine = render_variable(r, place, node);
            break;
        case MUSTACHE_SECTION:
        case MUSTACHE_INVERTED:
            fine = render_section(r, place, i);
            i = node->end;
            continue;
        case MUSTACHE_PARTIAL:
            fine = render_partial(r, place, node);
            break;
        }
        i++;
    }
    return fine;
}

bool mustache_render(struct arena *a, const struct mustache *t, const struct tvalue *values,
                     const struct mustache_partials *partials, bool strict, const char **ret_text,
                     struct err *err)
{
    struct renderer r = {.partials = partials,
                         .strict = strict,
                         .out = buf_new(a, MUSTACHE_OUTPUT_MAX),
                         .line_start = true,
                         .err = err};
    struct frame frame = {values, NULL};
    struct place top = {.template = t, .frame = &frame};

    if (!render_range(&r, &top, 0, t->n))
        return false;
    if (r.out.full)
        return err_set(err, ERR_OPERATOR, "the text is larger than %d bytes", MUSTACHE_OUTPUT_MAX);
    *ret_text = r.out.at;
    return true;
}
