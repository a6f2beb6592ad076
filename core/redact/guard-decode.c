#include "redact/guard-decode.h"

#include "base/text.h"

static int hex_digit(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n hex digits at s[at]; -1 if they are not all there. */
static long hex_at(struct span s, size_t at, size_t n)
{
    long value = 0;

    if (at + n > s.n)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int digit = hex_digit(s.at[at + i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* Each of these: the bytes that the escape at the start of s takes, or 0 if it is none. */

static size_t take_byte(struct span s, size_t prefix, struct buf *b)
{
    long value = hex_at(s, prefix, 2);

    if (value < 0)
        return 0;
    buf_add_char(b, (char)value);
    return prefix + 2;
}

static size_t take_soft_break(struct span s)
{
    if (span_starts(s, "=\r\n"))
        return 3;
    return span_starts(s, "=\n") ? 2 : 0;
}

static size_t take_backslash(struct span s, struct buf *b)
{
    long high, low;

    if (s.n < 2)
        return 0;
    if (s.at[1] == 'x')
        return take_byte(s, 2, b);
    if (s.at[1] != 'u' || (high = hex_at(s, 2, 4)) < 0)
        return 0;
    low = s.n >= 12 && s.at[6] == '\\' && s.at[7] == 'u' ? hex_at(s, 8, 4) : -1;
    if (high >= 0xD800 && high < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
        text_utf8_add(b, (uint32_t)(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)));
        return 12;
    }
    text_utf8_add(b, (uint32_t)high);
    return 6;
}

static size_t take_number(struct span s, struct buf *b)
{
    bool hex = s.n > 2 && (s.at[2] | 0x20) == 'x';
    size_t start = hex ? 3 : 2, i = start;
    uint32_t value = 0;

    for (; i < s.n && i < start + 8; i++) {
        int digit = hex_digit(s.at[i]);

        if (digit < 0 || (!hex && digit > 9))
            break;
        value = value * (hex ? 16 : 10) + (uint32_t)digit;
    }
    if (i == start)
        return 0;
    text_utf8_add(b, value);
    return i < s.n && s.at[i] == ';' ? i + 1 : i;
}

static size_t take_entity(struct span s, struct buf *b)
{
    static const struct {
        const char *name, *text;
    } entities[] = {
        {"&amp;", "&"},      {"&lt;", "<"},     {"&gt;", ">"},     {"&quot;", "\""},
        {"&apos;", "'"},     {"&nbsp;", " "},   {"&shy;", ""},     {"&zwj;", ""},
        {"&zwnj;", ""},      {"&hyphen;", "-"}, {"&dash;", "-"},   {"&ndash;", "-"},
        {"&mdash;", "-"},    {"&period;", "."}, {"&commat;", "@"}, {"&lowbar;", "_"},
        {"&ensp;", " "},     {"&emsp;", " "},   {"&thinsp;", " "}, {"&Tab;", " "},
        {"&NewLine;", "\n"},
    };

    if (s.n > 2 && s.at[1] == '#')
        return take_number(s, b);
    for (size_t i = 0; i < LEN(entities); i++)
        if (span_starts(s, entities[i].name)) {
            buf_add_str(b, entities[i].text);
            return strlen(entities[i].name);
        }
    return 0;
}

/* How many bytes stand before the next that an escape may begin with. */
static size_t plain_bytes(struct span s)
{
    size_t i = 0;

    while (i < s.n && s.at[i] != '%' && s.at[i] != '=' && s.at[i] != '\\' && s.at[i] != '&')
        i++;
    return i;
}

static size_t take_escape(struct span s, struct buf *b)
{
    size_t n;

    if (s.n == 0)
        return 0;
    switch (s.at[0]) {
    case '%':
        return take_byte(s, 1, b);
    case '=':
        n = take_soft_break(s);
        return n > 0 ? n : take_byte(s, 1, b);
    case '\\':
        return take_backslash(s, b);
    case '&':
        return take_entity(s, b);
    default:
        return 0;
    }
}

bool decode_escapes(struct arena *a, struct span text, struct span *ret_text, struct near *ret_near)
{
    struct near near = {0};
    struct buf b = buf_new(a, text.n + 1);
    bool any = false;

    while (text.n > 0) {
        size_t plain = plain_bytes(text), n, from;

        if (plain == text.n && !any)
            return false;
        buf_reserve(&b, b.n + text.n);
        buf_add_span(&b, span_first(text, plain));
        text = span_from(text, plain);
        from = b.n;
        n = take_escape(text, &b);
        any = any || n > 0;
        if (n > 0)
            near_add(a, &near, from, b.n);
        if (n == 0 && text.n > 0)
            buf_add_char(&b, (char)text.at[0]);
        text = span_from(text, n == 0 ? 1 : n);
    }
    *ret_text = buf_span(&b);
    *ret_near = near;
    return any;
}

/* The values of both alphabets of RFC 4648, and one more; 0: no digit. */
static const unsigned char base64_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63,
    ['/'] = 64, ['_'] = 64,
};

static int base64_digit(unsigned char c)
{
    return base64_values[c] - 1;
}

/* A line break with quote marks and blanks behind it, if the run goes on there; else 0. */
static size_t skip_break(struct span s)
{
    size_t i = 0;

    if (i < s.n && s.at[i] == '\r')
        i++;
    if (i >= s.n || s.at[i] != '\n')
        return 0;
    for (i++; i < s.n && (s.at[i] == '>' || s.at[i] == ' ' || s.at[i] == '\t' || s.at[i] == '|');
         i++)
        continue;
    return i < s.n && base64_digit(s.at[i]) >= 0 ? i : 0;
}

/* Writes the values of the run at the start of s; returns the bytes that it takes. */
static size_t take_run(struct span s, unsigned char *ret_digits, size_t *ret_n)
{
    size_t i = 0;

    *ret_n = 0;
    while (i < s.n) {
        int digit = base64_digit(s.at[i]);
        size_t skip = digit < 0 ? skip_break(span_from(s, i)) : 0;

        if (digit < 0 && skip == 0)
            break;
        if (digit >= 0)
            ret_digits[(*ret_n)++] = (unsigned char)digit;
        i += skip == 0 ? 1 : skip;
    }
    return i;
}

static struct span decode_digits(const unsigned char *digits, size_t n, unsigned char *to)
{
    uint32_t bits = 0;
    size_t len = 0, n_bits = 0;

    for (size_t i = 0; i < n; i++) {
        bits = (bits << 6 | digits[i]) & 0xFFFF;
        n_bits += 6;
        if (n_bits < 8)
            continue;
        n_bits -= 8;
        to[len++] = (unsigned char)(bits >> n_bits);
    }
    return span_of(to, len);
}

/* UTF-8 with at most one odd byte in eight. */
static bool is_mostly_text(struct span bytes)
{
    size_t odd = 0, max = bytes.n / 8;

    for (struct span rest = bytes; rest.n > 0 && odd <= max;) {
        uint32_t p;
        size_t n = text_utf8_next(rest, &p);

        odd += n == 0 || (p < ' ' && p != '\n' && p != '\r' && p != '\t') || p == 0x7F;
        rest = span_from(rest, n == 0 ? 1 : n);
    }
    return odd <= max;
}

bool decode_base64_runs(struct span text, const struct near *near, decode_found *found, void *ctx)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    unsigned char *digits = arena_alloc(a, text.n);
    unsigned char *bytes = arena_alloc(a, text.n);
    size_t place = 0, at = 0;

    for (size_t taken; at < text.n; at += taken == 0 ? 1 : taken) {
        size_t n_digits;

        taken = take_run(span_from(text, at), digits, &n_digits);
        if (n_digits < DECODE_RUN_MIN ||
            !near_touches(near, &place, at < 1 ? 0 : at - 1, at + taken + 1))
            continue;
        for (size_t skip = 0; skip < 4; skip++) {
            struct span run = decode_digits(digits + skip, n_digits - skip, bytes);
            bool is_text = is_mostly_text(run);

            if ((is_text || run.n >= DECODE_BINARY_MIN) && !found(ctx, run, is_text))
                return false;
        }
    }
    return true;
}
