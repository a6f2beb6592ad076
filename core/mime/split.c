#include "mime/split.h"

#include <assert.h>

const struct split_limits split_limits_default = {
    .bytes = SPLIT_BYTES_MAX,
    .header = SPLIT_HEADER_MAX,
    .line = SPLIT_LINE_MAX,
    .parts = SPLIT_PARTS_MAX,
    .depth = SPLIT_DEPTH_MAX,
};

enum { BOUNDARY_MAX = 200 }; /* RFC 2046: 70; some write more */

/* A multipart whose children are being read; its number in the stack is its depth. */
struct open_part {
    size_t part;
    struct span boundary;
    bool closed; /* its last boundary came: the rest is epilogue */
};

struct splitting {
    struct arena *a;
    const struct split_limits *limits;
    struct span all;
    struct split *s;
    struct open_part *stack;
    size_t n_stack;
    size_t leaf;      /* the part whose bytes are being read */
    bool in_leaf;     /* false: preamble or epilogue of the top of the stack */
    bool in_header;   /* of leaf */
    size_t header_at; /* offset where leaf's header begins */
    size_t n_fields;
};

/* One line of the input, by offsets: text without its line end, and where the next one begins. */
struct line {
    size_t at;
    size_t next;
    struct span text;
};

static void defect(struct splitting *w, const char *name)
{
    defect_add(w->a, &w->s->defects, name);
}

static size_t add_part(struct splitting *w, size_t parent, size_t at)
{
    struct split *s = w->s;
    struct split_part part = {.parent = parent};

    part.raw = span_from(w->all, at);
    if (parent != SPLIT_NO_PARENT) {
        part.child = ++s->at[parent].n_children;
        part.depth = s->at[parent].depth + 1;
    }
    ARENA_GROW(w->a, s->at, s->n, s->room);
    s->at[s->n] = part;
    return s->n++;
}

static void begin_leaf(struct splitting *w, size_t parent, size_t at)
{
    w->leaf = add_part(w, parent, at);
    w->in_leaf = true;
    w->in_header = true;
    w->header_at = at;
    w->n_fields = 0;
}

/* --- what a header block says ---------------------------------------------------------------- */

static const char *default_type(const struct splitting *w, const struct split_part *part)
{
    if (part->parent != SPLIT_NO_PARENT &&
        strcmp(w->s->at[part->parent].type.type, "multipart/digest") == 0)
        return "message/rfc822";
    return "text/plain";
}

/* "type/subtype" of token characters? Anything else means text/plain (RFC 2045 5.2). */
static bool type_valid(const char *type)
{
    const char *slash = strchr(type, '/');

    for (const char *c = type; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c > '~')
            return false;
    }
    return slash != NULL && slash != type && slash[1] != '\0' && strchr(slash + 1, '/') == NULL;
}

static void read_type(struct splitting *w, struct split_part *part)
{
    const struct header_field *field = header_find(&part->fields, "Content-Type");

    if (header_count(&part->fields, "Content-Type") > 1)
        defect(w, "content-type-doubled");
    if (header_count(&part->fields, "Content-Transfer-Encoding") > 1)
        defect(w, "encoding-doubled");
    if (field != NULL)
        part->type = parameters_read(w->a, field->value, &w->s->defects);
    part->type_given = field != NULL && type_valid(part->type.type);
    if (field != NULL && !part->type_given)
        defect(w, "content-type-broken");
    if (!part->type_given)
        part->type.type = default_type(w, part);
}

static bool is_encoded(struct splitting *w, const struct split_part *part)
{
    const char *encoding =
        header_unfold(w->a, header_value(&part->fields, "Content-Transfer-Encoding"));

    return span_eq_nocase(span_str(encoding), "base64") ||
           span_eq_nocase(span_str(encoding), "quoted-printable");
}

/* The boundary to look for, or the empty span: then the part is a leaf. */
static struct span usable_boundary(struct splitting *w, const struct split_part *part)
{
    const struct parameter *boundary = parameters_find(&part->type, "boundary");
    struct span value;

    if (boundary == NULL) {
        defect(w, "boundary-missing");
        return span_of("", 0);
    }
    if (boundary->extended)
        defect(w, "boundary-extended");
    value = span_str(boundary->value);
    while (value.n > 0 && (value.at[value.n - 1] == ' ' || value.at[value.n - 1] == '\t'))
        value.n--;
    if (value.n == 0 || value.n > BOUNDARY_MAX) {
        defect(w, "boundary-broken");
        return span_of("", 0);
    }
    return value;
}

static void open_multipart(struct splitting *w, size_t index)
{
    struct split_part *part = &w->s->at[index];
    struct span boundary = usable_boundary(w, part);

    if (boundary.n == 0)
        return;
    if (w->n_stack == w->limits->depth) {
        defect(w, "too-deep");
        return;
    }
    if (is_encoded(w, part))
        defect(w, "multipart-encoded");
    for (size_t i = 0; i < w->n_stack; i++) {
        if (!w->stack[i].closed && span_eq(w->stack[i].boundary, boundary))
            defect(w, "boundary-reused");
    }
    part->boundary = span_dup(w->a, boundary);
    w->stack[w->n_stack++] = (struct open_part){.part = index, .boundary = boundary};
    w->in_leaf = false;
}

/* The header block ends at offset end; the body begins at offset body. */
static void end_header(struct splitting *w, size_t end, size_t body)
{
    struct split_part *part = &w->s->at[w->leaf];

    w->in_header = false;
    part->header = span_first(span_from(w->all, w->header_at), end - w->header_at);
    part->body = span_from(w->all, body);
    part->fields = header_read(w->a, part->header, &w->s->defects);
    read_type(w, part);
    if (strncmp(part->type.type, "multipart/", 10) == 0)
        open_multipart(w, w->leaf);
    else if (strcmp(part->type.type, "message/rfc822") == 0 && is_encoded(w, part))
        defect(w, "mail-encoded"); /* RFC 2046 5.2.1: it must not be, and not all decode it */
}

/* --- lines ----------------------------------------------------------------------------------- */

static void header_line(struct splitting *w, const struct line *line)
{
    bool continues = line->text.n > 0 && (line->text.at[0] == ' ' || line->text.at[0] == '\t');

    if (line->text.n == 0) {
        end_header(w, line->at, line->next);
        return;
    }
    if (line->next - w->header_at > w->limits->header) {
        defect(w, "header-too-large");
        end_header(w, line->at, line->at);
        return;
    }
    if (continues && w->n_fields > 0) {
        if (span_trim(line->text).n == 0)
            defect(w, "header-blank-continuation");
        return;
    }
    if (header_line_is_field(line->text)) {
        w->n_fields++;
        return;
    }
    if (w->leaf == 0 && line->at == 0 && span_starts(line->text, "From ")) {
        defect(w, "mbox-from-line");
        w->header_at = line->next;
        return;
    }
    defect(w, "header-not-ended");
    end_header(w, line->at, line->at);
}

/* The part's bytes end at offset end, which may lie before an empty part's begin. */
static void end_part(struct splitting *w, size_t index, size_t end)
{
    struct split_part *part = &w->s->at[index];
    size_t at = (size_t)(part->raw.at - w->all.at);

    part->raw.n = end > at ? end - at : 0;
    /* Its boundary and the next share a line end; others take the second for text of the part. */
    if (end < at)
        defect(w, "part-empty");
    at = (size_t)(part->body.at - w->all.at);
    part->body.n = end > at ? end - at : 0;
}

/* Closes all that is open inside stack entry keep - 1; end is where their bytes end. */
static void close_down_to(struct splitting *w, size_t keep, size_t end)
{
    if (w->in_leaf && w->in_header) {
        size_t header_end = end > w->header_at ? end : w->header_at;

        end_header(w, header_end, header_end);
    }
    if (w->in_leaf)
        end_part(w, w->leaf, end);
    w->in_leaf = false;
    while (w->n_stack > keep) {
        struct open_part *top = &w->stack[--w->n_stack];

        if (!top->closed)
            defect(w, w->s->at[top->part].n_children == 0 ? "boundary-not-found"
                                                          : "boundary-not-closed");
        end_part(w, top->part, end);
    }
}

/* Number of the open multipart (from 1) whose boundary line this is, or 0. */
static size_t boundary_of(const struct splitting *w, struct span text, bool *ret_last)
{
    while (text.n > 0 && (text.at[text.n - 1] == ' ' || text.at[text.n - 1] == '\t'))
        text.n--;
    text = span_from(text, 2);
    for (size_t i = w->n_stack; i > 0; i--) {
        struct span boundary = w->stack[i - 1].boundary;

        if (w->stack[i - 1].closed || text.n < boundary.n ||
            !span_eq(span_first(text, boundary.n), boundary))
            continue;
        *ret_last = span_eq_str(span_from(text, boundary.n), "--");
        if (*ret_last || text.n == boundary.n)
            return i;
    }
    return 0;
}

/* The line end before the boundary belongs to it; but not the one of the boundary before. */
static size_t end_before(const struct splitting *w, size_t at)
{
    if (at > 0 && w->all.at[at - 1] == '\n')
        at--;
    if (at > 0 && w->all.at[at] == '\n' && w->all.at[at - 1] == '\r')
        at--;
    return at;
}

static bool boundary_line(struct splitting *w, const struct line *line)
{
    bool last = false;
    size_t open;

    if (w->n_stack == 0 || !span_starts(line->text, "--"))
        return false;
    open = boundary_of(w, line->text, &last);
    if (open == 0)
        return false;
    if (!last && w->s->n >= w->limits->parts) {
        defect(w, "too-many-parts");
        return false;
    }
    close_down_to(w, open, end_before(w, line->at));
    /* Others read on behind an end that comes first. */
    if (last && w->s->at[w->stack[open - 1].part].n_children == 0)
        defect(w, "boundary-not-found");
    if (last)
        w->stack[open - 1].closed = true;
    else
        begin_leaf(w, w->stack[open - 1].part, line->next);
    return true;
}

static bool next_line(const struct splitting *w, size_t at, struct line *ret_line)
{
    struct span rest = span_from(w->all, at);
    struct span text;

    if (!span_line(&rest, &text))
        return false;
    *ret_line = (struct line){.at = at, .text = text};
    ret_line->next = w->all.n - rest.n;
    return true;
}

static void read_lines(struct splitting *w)
{
    struct line line;
    bool lf = false;
    bool crlf = false;

    for (size_t at = 0; next_line(w, at, &line); at = line.next) {
        bool has_cr = line.next - line.at == line.text.n + 2;

        crlf = crlf || has_cr;
        lf = lf || line.next - line.at == line.text.n + 1;
        if (line.text.n > w->limits->line)
            defect(w, "line-too-long");
        if (boundary_line(w, &line) || !w->in_leaf || !w->in_header)
            continue;
        header_line(w, &line);
        if (!w->in_header)
            (void)boundary_line(w, &line); /* the header's own, without an empty line before */
    }
    if (lf && crlf)
        defect(w, "line-ends-mixed");
}

/* --- the whole ------------------------------------------------------------------------------- */

static void one_leaf(struct splitting *w, const char *why)
{
    size_t root = add_part(w, SPLIT_NO_PARENT, 0);

    defect(w, why);
    w->s->at[root].header = span_first(w->all, 0);
    w->s->at[root].body = w->all;
    w->s->at[root].type.type = "application/octet-stream";
}

/* Who wrote it and what about can be said of a mail of any size. */
static void read_first_header(struct splitting *w)
{
    struct split_part *root = &w->s->at[0];
    struct span rest = span_first(w->all, w->limits->header);
    struct span line;
    size_t n = 0;

    while (span_line(&rest, &line) && line.n > 0)
        n = (size_t)(rest.at - w->all.at);
    root->header = span_first(w->all, n);
    root->fields = header_read(w->a, root->header, &w->s->defects);
}

struct split split_mail(struct arena *a, struct span bytes, const struct split_limits *limits)
{
    struct split s = {0};
    struct splitting w = {.a = a, .limits = limits, .all = bytes, .s = &s};

    assert(limits->parts > 0);
    if (bytes.at == NULL)
        w.all = span_of("", 0);
    if (bytes.n > limits->bytes) {
        one_leaf(&w, "too-large");
        read_first_header(&w);
        return s;
    }
    w.stack = ARENA_ARRAY(a, limits->depth + 1, struct open_part);
    begin_leaf(&w, SPLIT_NO_PARENT, 0);
    read_lines(&w);
    close_down_to(&w, 0, w.all.n);
    if (span_find(w.all, '\0') < w.all.n)
        defect(&w, "nul");
    return s;
}

const struct split_part *split_child(const struct split *s, const struct split_part *part,
                                     size_t nth)
{
    size_t parent = (size_t)(part - s->at);

    for (size_t i = parent + 1; i < s->n; i++) {
        if (s->at[i].parent == parent && s->at[i].child == nth)
            return &s->at[i];
    }
    return NULL;
}

char *split_path(struct arena *a, const struct split *s, const struct split_part *part,
                 const char *base)
{
    const char *path = part->n_children == 0 && part->parent == SPLIT_NO_PARENT ? "1" : "";

    while (part->parent != SPLIT_NO_PARENT) {
        path = arena_printf(a, "%zu%s%s", part->child, path[0] == '\0' ? "" : ".", path);
        part = &s->at[part->parent];
    }
    if (base[0] == '\0' || path[0] == '\0')
        return arena_printf(a, "%s%s", base, path);
    return arena_printf(a, "%s.%s", base, path);
}

bool split_is_type(const struct split_part *part, const char *type)
{
    return part != NULL && strcmp(part->type.type, type) == 0;
}

bool split_is_mail(const struct split_part *part)
{
    return part->n_children == 0 &&
           (split_is_type(part, "message/rfc822") || split_is_type(part, "message/global"));
}
