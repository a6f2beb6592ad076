#include "mime/write-field.h"

#include "base/text.h"
#include "base/visible.h"

enum {
    WORD_FRAME = 12,      /* "=?utf-8?B?" and "?=" */
    WORD_LINE = 76,       /* a line with an encoded word, RFC 2047 section 2 */
    QUOTED_NAME_MAX = 60, /* a longer display name is encoded: a quoted string is not folded */
    PLAIN_WORD_MAX = 56,  /* a longer word is encoded: those can be cut anywhere */
    LOCAL_PART_MAX = 64,  /* RFC 5321 4.5.3.1.1 */
};

static size_t column(const struct buf *out)
{
    const char *end = out->n == 0 ? NULL : memrchr(out->at, '\n', out->n);

    return end == NULL ? out->n : out->n - (size_t)(end - out->at) - 1;
}

static void field_open(struct buf *out, const char *prefix, const char *name)
{
    buf_printf(out, "%s%s:", prefix, name);
}

static void field_close(struct buf *out)
{
    buf_add_str(out, "\r\n");
}

/* A word with the blanks before it; on a new line if it would not fit. The first one never: a field
 * must not begin with an empty line. */
static void add_folded(struct buf *out, struct span word, bool first)
{
    if (!first && column(out) + word.n > WRITE_LINE)
        buf_add_str(out, "\r\n");
    buf_add_span(out, word);
}

static void add_plain(struct buf *out, struct span text)
{
    bool first = true;

    buf_add_char(out, ' ');
    while (text.n > 0) {
        size_t n = 0;

        while (n < text.n && text.at[n] == ' ')
            n++;
        while (n < text.n && text.at[n] != ' ')
            n++;
        add_folded(out, span_first(text, n), first);
        first = false;
        text = span_from(text, n);
    }
}

/* How many bytes of whole characters fit into max. */
static size_t whole_characters(struct span text, size_t max)
{
    size_t n = 0;

    while (n < text.n) {
        uint32_t point;
        size_t step = text_utf8_next(span_from(text, n), &point);

        step = step == 0 ? 1 : step;
        if (n + step > max)
            break;
        n += step;
    }
    return n;
}

/* RFC 2047: B words of whole characters, each on a line of at most 76. */
static void add_encoded(struct buf *out, struct span text)
{
    while (text.n > 0) {
        size_t used = column(out) + 1 + WORD_FRAME;
        size_t room = used < WORD_LINE ? (WORD_LINE - used) / 4 * 3 : 0;
        size_t n = whole_characters(text, room);

        if (n == 0) {
            buf_add_str(out, "\r\n");
            n = whole_characters(text, (WORD_LINE - 1 - WORD_FRAME) / 4 * 3);
        }
        buf_printf(out, " =?utf-8?B?%s?=", text_base64(out->a, span_first(text, n), 0));
        text = span_from(text, n);
    }
}

/* Control characters become blanks; blanks at the ends go. */
static struct span clean(struct arena *a, const char *text)
{
    char *copy = arena_strdup(a, text);

    for (char *c = copy; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    }
    return span_trim(span_str(copy));
}

static bool is_ascii(struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.at[i] >= 0x80)
            return false;
    }
    return true;
}

/* True if the text can stand as it is: ASCII, nothing like an encoded word, no endless word. */
static bool is_plain(struct span text)
{
    size_t word = 0;

    if (!is_ascii(text) || span_find_span(text, span_str("=?")) < text.n)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        word = text.at[i] == ' ' && i > 0 && text.at[i - 1] != ' ' ? 0 : word + 1;
        if (word > PLAIN_WORD_MAX)
            return false;
    }
    return true;
}

void write_field_text(struct buf *out, const char *prefix, const char *name, const char *value)
{
    struct span text = clean(out->a, value);

    field_open(out, prefix, name);
    if (is_plain(text))
        add_plain(out, text);
    else
        add_encoded(out, text);
    field_close(out);
}

static bool is_atom(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static bool is_dot_atom(struct span text)
{
    if (text.n == 0 || text.at[0] == '.' || text.at[text.n - 1] == '.')
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_atom(text.at[i]) && (text.at[i] != '.' || text.at[i - 1] == '.'))
            return false;
    }
    return true;
}

bool write_address_valid(const char *address)
{
    struct span whole = span_str(address);
    size_t at = span_find(whole, '@');

    return whole.n <= WRITE_ADDRESS_MAX && at <= LOCAL_PART_MAX &&
           is_dot_atom(span_first(whole, at)) && is_dot_atom(span_from(whole, at + 1));
}

bool write_id_valid(const char *id)
{
    struct span whole = span_str(id);
    size_t at = span_find(whole, '@');

    if (whole.n > WRITE_ID_MAX || at == 0 || at + 1 >= whole.n)
        return false;
    for (size_t i = 0; i < whole.n; i++) {
        if (whole.at[i] <= ' ' || whole.at[i] >= 0x7f || strchr("<>()\\\"", whole.at[i]) != NULL ||
            (whole.at[i] == '@' && i != at))
            return false;
    }
    return true;
}

/* RFC 5322 phrase: words as they are, else a quoted string, else encoded words. */
static void add_display_name(struct buf *out, struct span name)
{
    bool words = true;

    for (size_t i = 0; i < name.n; i++)
        words = words && (is_atom(name.at[i]) || (name.at[i] == ' ' && name.at[i - 1] != ' '));
    if (!is_plain(name) || name.n > QUOTED_NAME_MAX || span_find(name, '"') < name.n ||
        span_find(name, '\\') < name.n)
        add_encoded(out, name);
    else if (words)
        add_plain(out, name);
    else
        buf_printf(out, " \"%.*s\"", (int)name.n, (const char *)name.at);
}

void write_field_address(struct buf *out, const char *prefix, const char *name,
                         const struct write_address *address, bool with_name)
{
    struct span display;

    if (address->address == NULL)
        return;
    field_open(out, prefix, name);
    display = with_name && address->name != NULL ? clean(out->a, address->name) : span_str(NULL);
    if (display.n > 0) {
        add_display_name(out, display);
        add_folded(out, span_str(arena_printf(out->a, " <%s>", address->address)), false);
    } else {
        buf_printf(out, " %s", address->address);
    }
    field_close(out);
}

void write_field_date(struct buf *out, const char *prefix, const char *name, instant at)
{
    static const char DAYS[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char MONTHS[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)at;
    struct tm tm = {0};

    (void)gmtime_r(&seconds, &tm);
    field_open(out, prefix, name);
    buf_printf(out, " %s, %d %s %04d %02d:%02d:%02d +0000", DAYS[tm.tm_wday], tm.tm_mday,
               MONTHS[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    field_close(out);
}

void write_field_ids(struct buf *out, const char *prefix, const char *name, const char *const *ids,
                     size_t n)
{
    bool first = true;

    for (size_t i = 0; i < n; i++) {
        if (!write_id_valid(ids[i]))
            continue;
        if (first)
            field_open(out, prefix, name);
        add_folded(out, span_str(arena_printf(out->a, " <%s>", ids[i])), first);
        first = false;
    }
    if (!first)
        field_close(out);
}

/* What would turn "exe.txt" around, or hide, stands as '_' in a name that people click on. */
static struct span without_tricks(struct arena *a, struct span name)
{
    struct buf out = buf_new(a, name.n);
    uint32_t before = 0;

    while (name.n > 0) {
        struct visible_char c = visible_next(name, before);

        if (c.kind == VISIBLE_PLAIN)
            buf_add(&out, name.at, c.n);
        else
            buf_add_char(&out, '_');
        before = c.point;
        name = span_from(name, c.n);
    }
    return buf_span(&out);
}

/* The last part of a path, without control characters, at most WRITE_FILENAME_MAX bytes. */
static struct span file_name(struct arena *a, const char *filename)
{
    struct span name = without_tricks(a, clean(a, filename));

    for (size_t i = name.n; i > 0; i--) {
        if (name.at[i - 1] == '/' || name.at[i - 1] == '\\') {
            name = span_from(name, i);
            break;
        }
    }
    name = span_first(name, whole_characters(name, WRITE_FILENAME_MAX));
    name = span_trim(name);
    if (name.n == 0 || span_eq_str(name, ".") || span_eq_str(name, ".."))
        return span_str("attachment");
    return name;
}

/* RFC 2231 section 4.1: attribute-char stands as it is, everything else is %XX. */
static void add_extended(struct buf *out, struct span name)
{
    size_t section = 0;

    buf_add_str(out, ";\r\n filename*0*=utf-8''");
    for (size_t i = 0; i < name.n; i++) {
        bool as_is = is_atom(name.at[i]) && strchr("*'%=?/", name.at[i]) == NULL;

        as_is = as_is || name.at[i] == '.';
        if (column(out) + 4 > WRITE_LINE)
            buf_printf(out, ";\r\n filename*%zu*=", ++section);
        if (as_is)
            buf_add_char(out, (char)name.at[i]);
        else
            buf_printf(out, "%%%02X", name.at[i]);
    }
}

void write_parameter_filename(struct buf *out, const char *filename)
{
    struct span name = file_name(out->a, filename);

    if (!is_plain(name) || name.n > QUOTED_NAME_MAX || span_find(name, '"') < name.n) {
        add_extended(out, name);
        return;
    }
    buf_printf(out, ";\r\n filename=\"%.*s\"", (int)name.n, (const char *)name.at);
}
