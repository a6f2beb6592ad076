#include "mime/strict-field.h"

#include <strings.h>

#include "base/ascii.h"
#include "base/text.h"

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* A line of the header block; false at the empty line (taken too) or the end. */
static bool block_line(struct span *rest, struct span *ret_line)
{
    return span_line(rest, ret_line) && ret_line->n > 0;
}

static bool is_field_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (name.at[i] <= ' ' || name.at[i] >= 0x7f)
            return false;
    }
    return name.n > 0;
}

static bool is_clean(struct span line)
{
    bool only_blanks = true;

    for (size_t i = 0; i < line.n; i++) {
        if ((line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] == 0x7f)
            return false;
        only_blanks = only_blanks && is_blank(line.at[i]);
    }
    return !only_blanks;
}

/* A folded value as one line: without the line breaks, the blanks behind them kept. */
static struct span unfold(struct arena *a, struct span raw)
{
    struct buf out = buf_new(a, raw.n);
    struct span line;

    while (span_line(&raw, &line))
        buf_add_span(&out, line);
    return span_trim(buf_span(&out));
}

static bool is_content(struct span name)
{
    return span_starts_nocase(name, "Content-");
}

static bool doubled(const struct strict_block *block, struct span name)
{
    for (size_t i = 0; i < block->n && is_content(name); i++) {
        struct span other = block->at[i].name;

        if (other.n == name.n &&
            strncasecmp((const char *)other.at, (const char *)name.at, name.n) == 0)
            return true;
    }
    return false;
}

static enum strict_refusal line_take(struct strict_block *block, struct span line)
{
    size_t colon = span_find(line, ':');
    struct strict_field *field;

    if (!is_clean(line))
        return STRICT_HEADER;
    if (is_blank(line.at[0])) {
        if (block->n == 0)
            return STRICT_HEADER;
        /* The raw value now reaches to the end of this line. */
        field = &block->at[block->n - 1];
        field->value.n = (size_t)(line.at + line.n - field->value.at);
        return STRICT_OK;
    }
    if (colon == line.n || !is_field_name(span_first(line, colon)))
        return STRICT_HEADER;
    if (block->n >= STRICT_FIELDS_MAX)
        return STRICT_TOO_LARGE;
    if (doubled(block, span_first(line, colon)))
        return STRICT_DOUBLED;
    field = &block->at[block->n++];
    field->name = span_first(line, colon);
    field->value = span_from(line, colon + 1);
    return STRICT_OK;
}

enum strict_refusal strict_block_read(struct arena *a, struct span entity,
                                      struct strict_block *ret_block)
{
    struct strict_block block = {.at = ARENA_ARRAY(a, STRICT_FIELDS_MAX, struct strict_field)};
    struct span rest = entity;
    struct span line;

    while (block_line(&rest, &line)) {
        enum strict_refusal no = STRICT_TOO_LARGE;

        if (entity.n - rest.n <= STRICT_HEADER_MAX)
            no = line_take(&block, line);
        if (no != STRICT_OK)
            return no;
    }
    for (size_t i = 0; i < block.n; i++)
        block.at[i].value = unfold(a, block.at[i].value);
    block.body = rest;
    *ret_block = block;
    return STRICT_OK;
}

struct span strict_block_value(const struct strict_block *block, const char *name)
{
    for (size_t i = 0; i < block->n; i++) {
        if (span_eq_nocase(block->at[i].name, name))
            return block->at[i].value;
    }
    return (struct span){NULL, 0};
}

static bool is_token_char(unsigned char c)
{
    return c > ' ' && c < 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

static void skip_blanks(struct span *s)
{
    while (s->n > 0 && is_blank(s->at[0]))
        *s = span_from(*s, 1);
}

static struct span take_token(struct span *s, const char *also)
{
    struct span token = span_first(*s, 0);

    while (token.n < s->n && (is_token_char(s->at[token.n]) ||
                              (s->at[token.n] != '\0' && strchr(also, s->at[token.n]) != NULL)))
        token.n++;
    *s = span_from(*s, token.n);
    return token;
}

static char *lower(struct arena *a, struct span s)
{
    char *copy = span_dup(a, s);

    ascii_lower_all(copy);
    return copy;
}

/* A quoted string, without its quotes and backslashes. */
static bool take_quoted(struct arena *a, struct span *s, struct span *ret_value)
{
    struct buf out = buf_new(a, s->n);

    for (size_t i = 1; i < s->n; i++) {
        if (s->at[i] == '"') {
            *s = span_from(*s, i + 1);
            *ret_value = buf_span(&out);
            return true;
        }
        if (s->at[i] == '\\' && ++i == s->n)
            return false;
        buf_add_char(&out, (char)s->at[i]);
    }
    return false;
}

static enum strict_refusal take_parameter(struct arena *a, struct span *s,
                                          struct strict_content *content)
{
    struct span name = take_token(s, "");
    const char *key = lower(a, name);
    struct span value;

    if (name.n == 0 || s->n == 0 || s->at[0] != '=')
        return STRICT_PARAMETER;
    *s = span_from(*s, 1);
    if (s->n > 0 && s->at[0] == '"') {
        if (!take_quoted(a, s, &value))
            return STRICT_PARAMETER;
    } else {
        value = take_token(s, "");
        if (value.n == 0)
            return STRICT_PARAMETER;
    }
    for (size_t i = 0; i < content->n; i++) {
        if (strcmp(content->names[i], key) == 0)
            return STRICT_DOUBLED;
    }
    if (content->n >= STRICT_PARAMETERS_MAX)
        return STRICT_TOO_LARGE;
    content->names[content->n] = key;
    content->values[content->n++] = value;
    return STRICT_OK;
}

enum strict_refusal strict_content_read(struct arena *a, struct span value,
                                        struct strict_content *ret_content)
{
    struct strict_content content = {0};
    struct span s = value;

    content.word = lower(a, take_token(&s, "/"));
    if (content.word[0] == '\0')
        return STRICT_PARAMETER;
    for (;;) {
        enum strict_refusal no;

        skip_blanks(&s);
        if (s.n == 0)
            break;
        if (s.at[0] != ';')
            return STRICT_PARAMETER;
        s = span_from(s, 1);
        skip_blanks(&s);
        if (s.n == 0)
            break; /* a last ";" with nothing behind it is common and harmless */
        no = take_parameter(a, &s, &content);
        if (no != STRICT_OK)
            return no;
    }
    *ret_content = content;
    return STRICT_OK;
}

enum strict_refusal strict_content_value(const struct strict_content *content, const char *name,
                                         struct span *ret_value)
{
    size_t n = strlen(name);

    *ret_value = (struct span){NULL, 0};
    for (size_t i = 0; i < content->n; i++) {
        if (strncmp(content->names[i], name, n) != 0)
            continue;
        if (content->names[i][n] == '*')
            return STRICT_PARAMETER;
        if (content->names[i][n] == '\0')
            *ret_value = content->values[i];
    }
    return STRICT_OK;
}

/* %XX decoded. */
static bool unescape(struct buf *out, struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        struct span byte;

        if (s.at[i] != '%') {
            buf_add_char(out, (char)s.at[i]);
            continue;
        }
        if (i + 2 >= s.n || !text_from_hex(out->a, span_first(span_from(s, i + 1), 2), &byte))
            return false;
        buf_add_span(out, byte);
        i += 2;
    }
    return true;
}

enum strict_refusal strict_content_filename(struct arena *a, const struct strict_content *content,
                                            const char *name, const char **ret_filename)
{
    struct buf out = buf_new(a, STRICT_HEADER_MAX);
    const char *prefix = "utf-8''";
    size_t section = 0;

    *ret_filename = NULL;
    for (size_t i = 0; i < content->n; i++) {
        struct span value = content->values[i];

        if (strcmp(content->names[i], name) == 0 && section == 0) {
            *ret_filename = span_dup(a, value);
            continue;
        }
        if (strncmp(content->names[i], name, strlen(name)) != 0)
            continue;
        if (*ret_filename != NULL ||
            strcmp(content->names[i], arena_printf(a, "%s*%zu*", name, section)) != 0 ||
            (section == 0 && !span_starts(value, prefix)) ||
            !unescape(&out, section == 0 ? span_from(value, strlen(prefix)) : value))
            return STRICT_PARAMETER;
        section++;
    }
    if (section > 0)
        *ret_filename = out.at;
    if (*ret_filename != NULL && !text_is_utf8(span_str(*ret_filename)))
        return STRICT_CHARSET;
    return STRICT_OK;
}

/* One "=?utf-8?B?...?=" at the start of *s, decoded into out. */
static bool take_word(struct buf *out, struct span *s)
{
    const char *begin = "=?utf-8?B?";
    struct span inner = span_from(*s, strlen(begin));
    size_t end = span_find(inner, '?');
    struct span bytes;

    if (!span_starts(*s, begin) || !span_starts(span_from(inner, end), "?=") ||
        !text_from_base64(out->a, span_first(inner, end), &bytes) || !text_is_utf8(bytes) ||
        span_find(bytes, '\0') < bytes.n)
        return false;
    buf_add_span(out, bytes);
    *s = span_from(inner, end + 2);
    return true;
}

enum strict_refusal strict_words(struct arena *a, struct span value, const char **ret_text)
{
    struct buf out = buf_new(a, value.n);
    struct span s = value;

    while (s.n > 0) {
        struct span behind;

        if (!span_starts(s, "=?")) {
            buf_add_char(&out, (char)s.at[0]);
            s = span_from(s, 1);
            continue;
        }
        if (!take_word(&out, &s))
            return STRICT_HEADER;
        /* Blanks between two encoded words are not shown. */
        behind = s;
        skip_blanks(&behind);
        if (behind.n < s.n && span_starts(behind, "=?"))
            s = behind;
    }
    if (!text_is_utf8(buf_span(&out)))
        return STRICT_HEADER;
    *ret_text = out.at;
    return STRICT_OK;
}
