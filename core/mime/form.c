#include "mime/form.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "base/text.h"
#include "mime/form-words.h"

enum {
    LINES_MAX = 5000,
    LABEL_MAX = 240, /* bytes */
    LABEL_UNITS = 500,
    ENDS_MAX = 4,     /* places where a line's label may end that are tried */
    WRAPPED_MIN = 20, /* bytes; a shorter label is not wrapped */
    RULE_MIN = 4,
    NUMBER_MAX = 16,
    BEGIN_LETTERS = 3, /* of a line, by which most are told to be no label */
};

/* A label that was found in a line, and what stands behind it. */
struct found {
    const struct form_label *label;
    struct span value;
    bool wrapped; /* the next line is part of it */
};

struct reading {
    struct arena *a;
    struct message *m;
    enum form_kind kind;
    struct span *lines;
    size_t n;
    const struct form_label *open; /* whose value is being read */
    struct buf value;
    bool table;  /* its labels end at a blank */
    size_t room; /* bytes that values may still take */
};

/* ---- a line's label ---- */

static bool is_blank(uint32_t point)
{
    return point == ' ' || point == '\t' || point == 0xa0 || point == 0x3000 || point == 0x200b;
}

static bool ends_label(uint32_t point)
{
    switch (point) {
    case ':':
    case '?':
    case ']':
    case '|':
    case '\t':
    case 0xff1a:
    case 0xff1f:
    case 0xff3d:
    case 0xff5c:
    case 0x3011:
    case 0x3015:
        return true;
    default:
        return false;
    }
}

/* Bytes of the character at s.at; a byte that is none counts as one. */
static size_t next_point(struct span s, uint32_t *ret_point)
{
    size_t n = text_utf8_next(s, ret_point);

    if (n > 0)
        return n;
    *ret_point = 0xfffd;
    return 1;
}

static struct span trim_blanks(struct span s)
{
    uint32_t point;

    while (s.n > 0) {
        size_t n = next_point(s, &point);

        if (!is_blank(point) && point != '\r')
            break;
        s = span_from(s, n);
    }
    while (s.n > 0) {
        size_t n = 1;

        while (n < 4 && n < s.n && (s.at[s.n - n] & 0xc0) == 0x80)
            n++;
        next_point(span_from(s, s.n - n), &point);
        if (!is_blank(point) && point != '\r')
            break;
        s.n -= n;
    }
    return s;
}

/* Letters and digits in NFKC and lower case; parts in parentheses left out where bare is set. */
static struct span label_key(struct arena *a, struct span label, bool bare)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkc = unorm2_getNFKCInstance(&status);
    UChar units[LABEL_UNITS];
    UChar plain[LABEL_UNITS];
    struct buf key = buf_new(a, 4 * LABEL_UNITS);
    int32_t n = 0;
    int depth = 0;

    if (label.n > LABEL_MAX)
        return span_of("", 0);
    u_strFromUTF8WithSub(units, LABEL_UNITS, &n, (const char *)label.at, (int32_t)label.n, 0xfffd,
                         NULL, &status);
    n = unorm2_normalize(nfkc, units, n, plain, LABEL_UNITS, &status);
    if (U_FAILURE(status))
        return span_of("", 0);
    for (int32_t i = 0; i < n;) {
        UChar32 point;

        U16_NEXT(plain, i, n, point);
        depth += bare && point == '(';
        if (depth == 0 && u_isalnum(point))
            text_utf8_add(&key, (uint32_t)u_tolower(point));
        depth -= depth > 0 && point == ')';
    }
    return buf_span(&key);
}

/* False: whatever label the text begins with, it is none of this kind, by its first letters. Where
 * it takes more than ASCII to say, or a part in parentheses may be left out, it is not sure. */
static bool may_be_label(enum form_kind kind, struct span text)
{
    char letters[BEGIN_LETTERS];
    size_t n = 0;

    for (size_t i = 0; i < text.n && n < BEGIN_LETTERS; i++) {
        unsigned char c = text.at[i];

        if (c >= 0x80 || c == '(')
            return true;
        if (c >= 'A' && c <= 'Z')
            letters[n++] = (char)(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            letters[n++] = (char)c;
    }
    return n > 0 && form_label_may_begin(kind, letters, n);
}

static const struct form_label *lookup(struct reading *r, struct span label, const char *number)
{
    struct span key = label_key(r->a, label, false);
    const struct form_label *found = key.n == 0 ? NULL : form_label_find(r->kind, key, number);

    if (found != NULL || key.n == 0)
        return found;
    key = label_key(r->a, label, true);
    return key.n == 0 ? NULL : form_label_find(r->kind, key, number);
}

/* Bullets, brackets, then "2.4)": the number's digits go to number. */
static struct span without_number(struct span line, char number[NUMBER_MAX])
{
    size_t n = 0;
    bool apart = false;

    while (line.n > 0) {
        uint32_t point;
        size_t bytes = next_point(line, &point);
        int32_t digit = u_charDigitValue((UChar32)point);

        if (digit < 0 && u_isalnum((UChar32)point))
            break;
        if (digit >= 0 && n + 2 < NUMBER_MAX) {
            if (apart && n > 0)
                number[n++] = '.';
            number[n++] = (char)('0' + digit);
        }
        apart = digit < 0;
        line = span_from(line, bytes);
    }
    number[n] = '\0';
    return line;
}

/* What stands behind a label's end: without more of such marks, and without those of a table. */
static struct span value_behind(struct span rest)
{
    while (rest.n > 0) {
        uint32_t point;
        size_t n = next_point(rest, &point);

        if (!ends_label(point) && !is_blank(point) && point != '*')
            break;
        rest = span_from(rest, n);
    }
    rest = trim_blanks(rest);
    while (rest.n > 0 && (rest.at[rest.n - 1] == '|' || rest.at[rest.n - 1] == '*'))
        rest = trim_blanks(span_first(rest, rest.n - 1));
    return rest;
}

/* The cells of a table come as "vul_public no", and so do Japanese headings: there a blank ends. */
static bool blank_may_end(const struct reading *r, struct span label)
{
    if (r->kind == FORM_NAMES)
        return r->table || span_find(label, '_') < label.n;
    return r->kind != FORM_QUESTIONS && label.n > 0 && label.at[0] >= 0x80;
}

static bool find_in(struct reading *r, struct span line, struct found *ret)
{
    char number[NUMBER_MAX];
    struct span text = without_number(line, number);
    size_t blank = text.n;
    size_t tries = 0;

    for (size_t at = 0; at < text.n && at <= LABEL_MAX && tries < ENDS_MAX;) {
        uint32_t point;
        size_t bytes = next_point(span_from(text, at), &point);

        if (ends_label(point) && at > 0) {
            tries++;
            ret->label = lookup(r, span_first(text, at), number);
            ret->value = value_behind(span_from(text, at + bytes));
            if (ret->label != NULL)
                return true;
        }
        if (blank == text.n && is_blank(point))
            blank = at;
        at += bytes;
    }
    ret->value = span_of("", 0);
    ret->label = lookup(r, text, number);
    if (ret->label != NULL || blank == text.n || !blank_may_end(r, span_first(text, blank)))
        return ret->label != NULL;
    ret->label = lookup(r, span_first(text, blank), number);
    ret->value = value_behind(span_from(text, blank));
    r->table = r->table || ret->label != NULL;
    return ret->label != NULL;
}

static bool is_quoted(struct span line)
{
    line = trim_blanks(line);
    return line.n > 0 && line.at[0] == '>';
}

/* "___ Do not release my identity to your vendor contact", with a cross before it. */
static bool find_crossed(struct reading *r, struct span line, struct found *ret)
{
    static const char wish[] = "xdonotreleasemyidentitytoyourvendorcontact";

    if (r->kind != FORM_QUESTIONS || line.n < sizeof(wish) || line.n > LABEL_MAX ||
        span_find(line, 'x') + span_find(line, 'X') == 2 * line.n ||
        !span_eq_str(label_key(r->a, line, false), wish))
        return false;
    ret->label = form_label_find(FORM_QUESTIONS, span_str("sharecontactinformation"), "");
    ret->value = span_str("no");
    return true;
}

static bool find_label(struct reading *r, size_t i, struct found *ret)
{
    struct span line = r->lines[i];
    char number[NUMBER_MAX];

    *ret = (struct found){.label = NULL};
    if (is_quoted(line) || trim_blanks(line).n == 0)
        return false;
    if (!may_be_label(r->kind, without_number(line, number)))
        return find_crossed(r, line, ret);
    if (find_in(r, line, ret) || find_crossed(r, line, ret))
        return true;
    if (i + 1 == r->n || line.n < WRAPPED_MIN || line.n > LABEL_MAX || is_quoted(r->lines[i + 1]))
        return false;
    ret->wrapped = true;
    return find_in(r,
                   span_str(arena_printf(
                       r->a, "%.*s %.*s", (int)line.n, (const char *)line.at,
                       (int)(r->lines[i + 1].n < FORM_LINE_MAX ? r->lines[i + 1].n : FORM_LINE_MAX),
                       (const char *)r->lines[i + 1].at)),
                   ret);
}

/* ---- which form ---- */

static unsigned score(struct reading *r, enum form_kind kind)
{
    struct strs seen = {0};
    unsigned sum = 0;
    struct found found;

    r->kind = kind;
    r->table = false;
    for (size_t i = 0; i < r->n; i++) {
        if (!find_label(r, i, &found) || strs_has(&seen, found.label->name))
            continue;
        strs_add(r->a, &seen, found.label->name);
        sum += found.label->weight;
    }
    return sum;
}

static bool choose_kind(struct reading *r)
{
    enum form_kind best = FORM_NAMES;
    unsigned most = 0;

    for (size_t kind = 0; kind < FORM_KINDS; kind++) {
        unsigned sum = score(r, (enum form_kind)kind);

        if (sum > most) {
            most = sum;
            best = (enum form_kind)kind;
        }
        if (kind == FORM_NAMES && sum >= FORM_WEIGHT_MIN)
            break; /* what stands in its values may look like another form */
    }
    r->kind = best;
    r->table = false;
    return most >= FORM_WEIGHT_MIN;
}

/* ---- values ---- */

static struct span cut_at_character(struct span s, size_t max)
{
    if (s.n <= max)
        return s;
    while (max > 0 && (s.at[max] & 0xc0) == 0x80)
        max--;
    return span_first(s, max);
}

static struct form_field *find_field(struct message *m, const char *name)
{
    for (size_t i = 0; i < m->n_form; i++) {
        if (strcmp(m->form[i].name, name) == 0)
            return &m->form[i];
    }
    return NULL;
}

static void add_field(struct reading *r, const struct form_label *label, struct span value)
{
    struct message *m = r->m;
    struct form_field *field = find_field(m, label->name);
    size_t max = label->shape == FORM_LINE ? FORM_LINE_MAX : FORM_VALUE_MAX;

    value = trim_blanks(cut_at_character(span_trim(value), max < r->room ? max : r->room));
    if (value.n == 0)
        return;
    r->room -= value.n;
    if (field != NULL) {
        field->value = arena_printf(r->a, "%s\n%s", field->value, span_dup(r->a, value));
        return;
    }
    if (m->n_form == FORM_FIELDS_MAX)
        return;
    ARENA_GROW(r->a, m->form, m->n_form, m->form_room);
    m->form[m->n_form++] = (struct form_field){.name = label->name, .value = span_dup(r->a, value)};
}

static void close_field(struct reading *r)
{
    if (r->open != NULL)
        add_field(r, r->open, buf_span(&r->value));
    r->open = NULL;
}

static void open_field(struct reading *r, const struct found *found)
{
    close_field(r);
    r->open = found->label;
    r->value.n = 0;
    r->value.full = false;
    buf_add_span(&r->value, found->value);
    if (r->value.n > 0)
        buf_add_char(&r->value, '\n');
}

static bool is_rule(struct span line)
{
    size_t n = 0;

    line = trim_blanks(line);
    for (size_t i = 0; i < line.n; i++) {
        if (line.at[i] == ' ')
            continue;
        if (line.at[i] != line.at[0] || span_find(span_str("=-_*~#+"), line.at[i]) == 7)
            return false;
        n++;
    }
    return n >= RULE_MIN;
}

static bool is_empty(const struct reading *r, size_t i)
{
    return trim_blanks(r->lines[i]).n == 0 || is_rule(r->lines[i]);
}

/* "TECHNICAL INFO" over a rule, with nothing above it. */
static bool is_title(const struct reading *r, size_t i)
{
    return i + 1 < r->n && is_rule(r->lines[i + 1]) && (i == 0 || is_empty(r, i - 1));
}

static void read_value_line(struct reading *r, size_t i)
{
    struct span line = r->lines[i];
    bool folded = line.n > 0 && (line.at[0] == ' ' || line.at[0] == '\t');

    if (r->open->shape == FORM_LINE) {
        struct span value = trim_blanks(line);

        if (r->value.n > 0 && !folded) {
            close_field(r);
            return;
        }
        if (r->value.n > 0)
            r->value.at[r->value.n - 1] = ' ';
        buf_add_span(&r->value, value);
        buf_add_char(&r->value, '\n');
        return;
    }
    buf_add_span(&r->value, line);
    buf_add_char(&r->value, '\n');
}

static void read_line(struct reading *r, size_t i)
{
    if (r->open == NULL || is_rule(r->lines[i]))
        return;
    if (is_title(r, i)) {
        close_field(r);
        return;
    }
    if (trim_blanks(r->lines[i]).n > 0)
        read_value_line(r, i);
    else if (r->open->shape == FORM_TEXT)
        buf_add_char(&r->value, '\n');
    else if (r->value.n > 0)
        close_field(r);
}

void form_read(struct arena *a, struct span text, struct message *m)
{
    struct reading r = {.a = a, .m = m, .room = FORM_BYTES_MAX};
    struct span rest = cut_at_character(text, FORM_TEXT_MAX);
    struct span line;
    struct found found;

    r.lines = ARENA_ARRAY(a, LINES_MAX, struct span);
    while (r.n < LINES_MAX && span_line(&rest, &line))
        r.lines[r.n++] = line;
    if (!choose_kind(&r))
        return;
    r.value = buf_new(a, FORM_TEXT_MAX + FORM_LINE_MAX);
    for (size_t i = 0; i < r.n; i++) {
        if (span_eq_str(r.lines[i], "-- "))
            break; /* a signature */
        if (find_label(&r, i, &found)) {
            open_field(&r, &found);
            i += found.wrapped;
        } else {
            read_line(&r, i);
        }
    }
    close_field(&r);
}
