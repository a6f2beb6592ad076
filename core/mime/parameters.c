#include "mime/parameters.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "base/text.h"
#include "mime/charset.h"
#include "mime/fields.h"
#include "mime/header.h"

enum { SECTIONS_MAX = 1000 };

/* One "name*2*=value" as it stands, before sections are joined. */
struct section {
    const char *name;
    uint64_t number; /* UINT64_MAX: a plain parameter, or one without a number */
    bool extended;   /* had any '*' */
    bool percent;    /* value is percent-encoded */
    struct span value;
};

struct reading {
    struct arena *a;
    struct strs *defects;
    struct span rest;
    struct section at[PARAMETERS_MAX];
    size_t n;
};

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip(struct reading *r, size_t n)
{
    r->rest = span_from(r->rest, n);
}

static void skip_comment(struct reading *r)
{
    size_t depth = 0;

    while (r->rest.n > 0) {
        unsigned char c = r->rest.at[0];

        skip(r, c == '\\' ? 2 : 1);
        depth += c == '(';
        if (depth > fields_comments_max()) {
            defect_add(r->a, r->defects, "comments-too-deep");
            skip(r, r->rest.n);
        }
        if (c == ')' && --depth == 0)
            return;
    }
}

static void skip_blanks(struct reading *r)
{
    while (r->rest.n > 0) {
        if (is_blank(r->rest.at[0]))
            skip(r, 1);
        else if (r->rest.at[0] == '(')
            skip_comment(r);
        else
            return;
    }
}

/* A quoted string with its quotes taken off; line ends inside are folding and fall away. */
static struct span read_quoted(struct reading *r)
{
    struct buf text = buf_new(r->a, r->rest.n);

    skip(r, 1);
    while (r->rest.n > 0 && r->rest.at[0] != '"') {
        size_t escaped = r->rest.at[0] == '\\' && r->rest.n > 1;
        unsigned char c = r->rest.at[escaped];

        if (c != '\r' && c != '\n')
            buf_add_char(&text, (char)c);
        skip(r, 1 + escaped);
    }
    if (r->rest.n == 0)
        defect_add(r->a, r->defects, "parameter-broken");
    skip(r, 1);
    return buf_span(&text);
}

/* Up to the ';': an unquoted value may have blanks in real mail (a file name). */
static struct span read_bare(struct reading *r)
{
    size_t n = 0;
    struct span value;

    while (n < r->rest.n && r->rest.at[n] != ';' &&
           !(r->rest.at[n] == '(' && n > 0 && is_blank(r->rest.at[n - 1])))
        n++;
    value = span_trim(span_first(r->rest, n));
    skip(r, n);
    for (size_t i = 0; i < value.n; i++) {
        if (is_blank(value.at[i]))
            defect_add(r->a, r->defects, "parameter-broken");
    }
    return value;
}

static char *lower(struct arena *a, struct span s)
{
    char *text = span_dup(a, s);

    ascii_lower_all(text);
    return text;
}

/* "filename*1*": name, number, percent encoding. False: the stars make no sense. */
static bool read_stars(struct section *s, struct span name)
{
    size_t star = span_find(name, '*');
    struct span mark = span_from(name, star);

    s->number = UINT64_MAX;
    s->extended = mark.n > 0;
    if (mark.n > 0 && mark.at[mark.n - 1] == '*') {
        s->percent = true;
        mark.n--;
    }
    if (mark.n == 0)
        return true;
    mark = span_from(mark, 1);
    s->number = 0;
    for (size_t i = 0; i < mark.n; i++) {
        if (mark.at[i] < '0' || mark.at[i] > '9' || i > 3)
            return false;
        s->number = s->number * 10 + (uint64_t)(mark.at[i] - '0');
    }
    return mark.n > 0;
}

static void read_section(struct reading *r)
{
    struct section s = {0};
    size_t n = 0;
    struct span name;

    while (n < r->rest.n && r->rest.at[n] != '=' && r->rest.at[n] != ';')
        n++;
    name = span_trim(span_first(r->rest, n));
    skip(r, n);
    if (r->rest.n == 0 || r->rest.at[0] == ';') {
        if (name.n > 0)
            defect_add(r->a, r->defects, "parameter-broken");
        return;
    }
    skip(r, 1);
    skip_blanks(r);
    if (!read_stars(&s, name))
        defect_add(r->a, r->defects, "parameter-broken");
    s.name = lower(r->a, span_first(name, span_find(name, '*')));
    s.value = r->rest.n > 0 && r->rest.at[0] == '"' ? read_quoted(r) : read_bare(r);
    if (r->n < PARAMETERS_MAX)
        r->at[r->n++] = s;
    else
        defect_add(r->a, r->defects, "parameter-broken");
}

static void add_percent(struct buf *out, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        bool escape = s.at[i] == '%' && i + 2 < s.n && ascii_hex(s.at[i + 1]) >= 0 &&
                      ascii_hex(s.at[i + 2]) >= 0;

        if (escape) {
            buf_add_char(out, (char)(ascii_hex(s.at[i + 1]) * 16 + ascii_hex(s.at[i + 2])));
            i += 2;
        } else {
            buf_add_char(out, (char)s.at[i]);
        }
    }
}

/* Cuts "charset'language'" off the first section of an extended value. */
static char *cut_charset(struct reading *r, struct span *value)
{
    size_t first = span_find(*value, '\'');
    struct span after = span_from(*value, first + 1);
    size_t second = span_find(after, '\'');
    char *charset;

    if (first == value->n || second == after.n) {
        defect_add(r->a, r->defects, "parameter-broken");
        return NULL;
    }
    charset = span_dup(r->a, span_first(*value, first));
    *value = span_from(after, second + 1);
    return charset;
}

static const struct section *find_section(const struct reading *r, const char *name,
                                          uint64_t number)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->at[i].extended && r->at[i].number == number && strcmp(r->at[i].name, name) == 0)
            return &r->at[i];
    }
    return NULL;
}

/* Only the first section has a charset; some mailers repeat it in each. */
static struct span without_charset(struct reading *r, struct span value, const char *charset)
{
    struct span again = span_str(arena_printf(r->a, "%s'", charset));
    struct span rest = span_from(value, again.n);

    if (!span_eq_nocase(span_first(value, again.n), (const char *)again.at) ||
        span_find(rest, '\'') == rest.n)
        return value;
    defect_add(r->a, r->defects, "parameter-broken");
    return span_from(rest, span_find(rest, '\'') + 1);
}

/* Adds the section's bytes. *charset: what the first one declared. */
static void add_section(struct reading *r, const struct section *s, bool first, char **charset,
                        struct buf *bytes)
{
    struct span value = s->value;

    if (s->percent && first)
        *charset = cut_charset(r, &value);
    else if (s->percent && *charset != NULL && (*charset)[0] != '\0')
        value = without_charset(r, value, *charset);
    if (s->percent)
        add_percent(bytes, value);
    else
        buf_add_span(bytes, value);
}

/* Sections of the name that no join reached, or that stand there twice. */
static void note_sections(struct reading *r, const char *name, uint64_t end)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct section *s = &r->at[i];

        if (!s->extended || strcmp(s->name, name) != 0)
            continue;
        if (s != find_section(r, name, s->number))
            defect_add(r->a, r->defects, "parameter-doubled");
        else if (s->number != UINT64_MAX && s->number >= end)
            defect_add(r->a, r->defects, "parameter-broken");
    }
}

/* RFC 2231: name*=, or name*0, name*1... in any order, until one is missing. Some count from 1, and
 * some cut an encoded word into sections. */
static const char *join_sections(struct reading *r, const char *name)
{
    const struct section *s = find_section(r, name, UINT64_MAX);
    struct buf bytes = buf_new(r->a, PARAMETERS_VALUE_MAX);
    char *charset = NULL;
    bool percent = s != NULL;
    uint64_t from = s == NULL && find_section(r, name, 0) == NULL;
    uint64_t i = from;

    if (s != NULL) {
        add_section(r, s, true, &charset, &bytes);
        i = 0;
    }
    for (; s == NULL && i < SECTIONS_MAX; i++) {
        const struct section *next = find_section(r, name, i);

        if (next == NULL)
            break;
        percent = percent || next->percent;
        add_section(r, next, i == from, &charset, &bytes);
    }
    note_sections(r, name, i);
    if (from == 1)
        defect_add(r->a, r->defects, "parameter-broken");
    if (!percent)
        return fields_text(r->a, buf_span(&bytes), r->defects);
    return (const char *)charset_to_utf8(r->a, buf_span(&bytes), charset, r->defects).at;
}

static void add_parameter(struct reading *r, struct parameters *p, const char *name,
                          const char *value, bool extended)
{
    struct parameter parameter = {.name = name, .value = value, .extended = extended};

    ARENA_GROW(r->a, p->at, p->n, p->room);
    p->at[p->n++] = parameter;
}

/* The extended form wins over a plain one of the same name (RFC 6266 4.3 says so, mail does so). */
static void add_values(struct reading *r, struct parameters *p)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct section *s = &r->at[i];

        if (s->extended && parameters_find(p, s->name) == NULL)
            add_parameter(r, p, s->name, join_sections(r, s->name), true);
    }
    for (size_t i = 0; i < r->n; i++) {
        const struct section *s = &r->at[i];
        const struct parameter *before = parameters_find(p, s->name);

        if (s->extended)
            continue;
        if (before == NULL)
            add_parameter(r, p, s->name, fields_text(r->a, s->value, r->defects), false);
        else if (!before->extended)
            defect_add(r->a, r->defects, "parameter-doubled");
    }
}

/* "text / plain" is one token with blanks; "text plain/text" is two, of which readers make this and
 * that. */
static char *read_token(struct reading *r)
{
    struct buf token = buf_new(r->a, r->rest.n);

    skip_blanks(r);
    while (r->rest.n > 0 && r->rest.at[0] != ';') {
        size_t n = r->rest.n;
        bool slash = r->rest.at[0] == '/';

        buf_add_char(&token, (char)r->rest.at[0]);
        skip(r, 1);
        skip_blanks(r);
        if (r->rest.n > 0 && r->rest.n < n - 1 && !slash && r->rest.at[0] != '/' &&
            r->rest.at[0] != ';')
            defect_add(r->a, r->defects, "parameter-broken");
    }
    return lower(r->a, buf_span(&token));
}

struct parameters parameters_read(struct arena *a, struct span value, struct strs *defects)
{
    struct reading *r = ARENA_NEW(a, struct reading);
    struct parameters p = {0};

    r->a = a;
    r->defects = defects;
    r->rest = span_first(value, PARAMETERS_VALUE_MAX);
    if (r->rest.n < value.n)
        defect_add(a, defects, "field-too-long");
    /* Raw Shift_JIS and ISO-2022-JP have backslashes, quotes and semicolons among their bytes. */
    if (!text_is_utf8(r->rest) || span_find(r->rest, 0x1b) < r->rest.n)
        r->rest = charset_to_utf8(a, r->rest, NULL, defects);
    p.type = read_token(r);
    while (r->rest.n > 0) {
        if (r->rest.at[0] != ';')
            defect_add(a, defects, "parameter-broken");
        skip(r, r->rest.at[0] == ';' ? 1 : span_find(r->rest, ';'));
        skip_blanks(r);
        if (r->rest.n > 0 && r->rest.at[0] != ';')
            read_section(r);
        skip_blanks(r);
    }
    add_values(r, &p);
    return p;
}

const struct parameter *parameters_find(const struct parameters *p, const char *name)
{
    for (size_t i = 0; i < p->n; i++) {
        if (strcmp(p->at[i].name, name) == 0)
            return &p->at[i];
    }
    return NULL;
}

const char *parameters_value(const struct parameters *p, const char *name)
{
    const struct parameter *parameter = parameters_find(p, name);

    return parameter == NULL ? NULL : parameter->value;
}
