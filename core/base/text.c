#include "base/text.h"

#include <assert.h>

#include "base/ascii.h"
#include "base/visible.h"

enum {
    POINT_MAX = 0x10FFFF,
    REPLACEMENT = 0xFFFD,
    NEAREST_DISTANCE = 2,
    NEAREST_WORD_MAX = 64, /* bytes; longer words have no nearest */
};

/* --- UTF-8 ------------------------------------------------------------------------------------ */

static bool is_surrogate(uint32_t point)
{
    return point >= 0xD800 && point <= 0xDFFF;
}

size_t text_utf8_next(struct span s, uint32_t *ret_point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t point;
    size_t n;

    if (s.n == 0)
        return 0;
    if (s.at[0] < 0x80) {
        *ret_point = s.at[0];
        return 1;
    }
    n = s.at[0] >= 0xF0 ? 4 : s.at[0] >= 0xE0 ? 3 : 2;
    if (s.at[0] < 0xC2 || s.at[0] > 0xF4 || n > s.n)
        return 0;
    point = s.at[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((s.at[i] & 0xC0) != 0x80)
            return 0;
        point = point << 6 | (s.at[i] & 0x3F);
    }
    if (point < least[n] || point > POINT_MAX || is_surrogate(point))
        return 0;
    *ret_point = point;
    return n;
}

bool text_is_utf8(struct span s)
{
    while (s.n > 0) {
        uint32_t point;
        size_t n = text_utf8_next(s, &point);

        if (n == 0)
            return false;
        s = span_from(s, n);
    }
    return true;
}

void text_utf8_add(struct buf *b, uint32_t point)
{
    unsigned char bytes[4];
    size_t n;

    if (point > POINT_MAX || is_surrogate(point))
        point = REPLACEMENT;
    n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        bytes[i] = (unsigned char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    bytes[0] = (unsigned char)(n == 1 ? point : (0xF00u >> n & 0xFF) | point);
    buf_add(b, bytes, n);
}

/* --- numbers and encodings -------------------------------------------------------------------- */

bool text_to_u64(struct span s, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!ascii_is_digit(s.at[i]) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(s.at[i] - '0'), &value))
            return false;
    }
    if (value > max)
        return false;
    *ret_value = value;
    return true;
}

char *text_hex(struct arena *a, struct span bytes, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char *text = arena_array(a, bytes.n + 1, 2);

    for (size_t i = 0; i < bytes.n; i++) {
        text[2 * i] = digits[bytes.at[i] >> 4];
        text[2 * i + 1] = digits[bytes.at[i] & 15];
    }
    return text;
}

bool text_from_hex(struct arena *a, struct span text, struct span *ret_bytes)
{
    unsigned char *bytes;

    if (text.n % 2 != 0)
        return false;
    bytes = arena_alloc(a, text.n / 2);
    for (size_t i = 0; i < text.n / 2; i++) {
        int high = ascii_hex(text.at[2 * i]);
        int low = ascii_hex(text.at[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    *ret_bytes = span_of(bytes, text.n / 2);
    return true;
}

char *text_base32(struct arena *a, struct span bytes)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    char *text = arena_array(a, bytes.n / 5 + 1, 9);
    uint32_t pool = 0;
    unsigned held = 0;
    size_t n = 0;

    for (size_t i = 0; i < bytes.n; i++) {
        pool = pool << 8 | bytes.at[i];
        for (held += 8; held >= 5; held -= 5)
            text[n++] = digits[pool >> (held - 5) & 31];
    }
    if (held > 0)
        text[n++] = digits[pool << (5 - held) & 31];
    return text;
}

static int base32_value(unsigned char c)
{
    c = ascii_lower(c);
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

/* A number of characters that no number of bytes gives, or bits that no encoder leaves, is a no:
 * one value has one spelling. */
bool text_from_base32(struct arena *a, struct span text, struct span *ret_bytes)
{
    unsigned char *bytes = arena_alloc(a, text.n);
    uint32_t pool = 0;
    unsigned held = 0;
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        int value = base32_value(text.at[i]);

        if (text.at[i] == '-')
            continue;
        if (value < 0)
            return false;
        pool = pool << 5 | (uint32_t)value;
        held += 5;
        if (held >= 8) {
            held -= 8;
            bytes[n++] = (unsigned char)(pool >> held);
        }
    }
    if (held >= 5 || (pool & ((1u << held) - 1)) != 0)
        return false;
    *ret_bytes = span_of(bytes, n);
    return true;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void base64_group(struct span bytes, char *ret_text)
{
    uint32_t pool = (uint32_t)bytes.at[0] << 16;

    if (bytes.n > 1)
        pool |= (uint32_t)bytes.at[1] << 8;
    if (bytes.n > 2)
        pool |= bytes.at[2];
    for (size_t i = 0; i < 4; i++)
        ret_text[i] = i <= bytes.n ? base64_digits[pool >> (18 - 6 * i) & 63] : '=';
}

char *text_base64(struct arena *a, struct span bytes, size_t line)
{
    size_t plain = (bytes.n / 3 + 1) * 4;
    size_t room = line == 0 ? plain : plain + (plain / line + 1) * 2;
    char *text;
    size_t column = 0;
    size_t n = 0;

    assert(bytes.n < SIZE_MAX / 16);
    text = arena_alloc(a, room + 1);
    for (size_t done = 0; done < bytes.n; done += 3) {
        char group[4];

        base64_group(span_first(span_from(bytes, done), 3), group);
        for (size_t i = 0; i < sizeof(group); i++) {
            text[n++] = group[i];
            if (line > 0 && ++column == line) {
                text[n++] = '\r';
                text[n++] = '\n';
                column = 0;
            }
        }
    }
    if (column > 0) {
        text[n++] = '\r';
        text[n++] = '\n';
    }
    return text;
}

/* A table, not comparisons: key blocks are random, and mispredicted branches cost half the time
 * that it takes to load a directory. Values are one too high, so that 0 means no. */
static const unsigned char base64_values[256] = {
    ['A'] = 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,         12,         13,
    14,         15, 16, 17, 18, 19, 20, 21, 22, 23, 24,         25,         26,
    ['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37,         38,         39,
    40,         41, 42, 43, 44, 45, 46, 47, 48, 49, 50,         51,         52,
    ['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, ['+'] = 63, ['/'] = 64,
};

static int base64_value(unsigned char c)
{
    return base64_values[c] - 1;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool text_from_base64(struct arena *a, struct span text, struct span *ret_bytes)
{
    unsigned char *bytes = arena_alloc(a, text.n / 4 * 3 + 3);
    uint32_t pool = 0;
    size_t characters = 0;
    size_t pads = 0;
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        int value = base64_value(text.at[i]);

        if (is_blank(text.at[i]))
            continue;
        if (text.at[i] == '=') {
            pads++;
            continue;
        }
        if (value < 0 || pads > 0)
            return false;
        pool = pool << 6 | (uint32_t)value;
        if (characters++ % 4 != 0)
            bytes[n++] = (unsigned char)(pool >> (6 - 2 * ((characters - 1) % 4)));
    }
    if ((characters + pads) % 4 != 0 || pads > 2)
        return false;
    if ((pads == 1 && (pool & 3) != 0) || (pads == 2 && (pool & 15) != 0))
        return false;
    *ret_bytes = span_of(bytes, n);
    return true;
}

/* --- instants --------------------------------------------------------------------------------- */

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar (Hinnant's days_from_civil):
 * years begin in March, so that the leap day is the last of its year. */
static int64_t days_from_date(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

char *text_rfc3339(struct arena *a, instant at)
{
    time_t seconds = at;
    struct tm tm = {0};

    if (gmtime_r(&seconds, &tm) == NULL)
        return arena_strdup(a, "0000-00-00T00:00:00Z"); /* a year that has no name */
    return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                        tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool cut_number(struct span *s, size_t digits, int max, int *ret_value)
{
    uint64_t value;

    if (s->n < digits || !text_to_u64(span_first(*s, digits), (uint64_t)max, &value))
        return false;
    *s = span_from(*s, digits);
    *ret_value = (int)value;
    return true;
}

static bool cut_char(struct span *s, char c)
{
    if (s->n == 0 || ascii_lower(s->at[0]) != ascii_lower((unsigned char)c))
        return false;
    *s = span_from(*s, 1);
    return true;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

bool text_to_date(struct span s, int *ret_year, int *ret_month, int *ret_day)
{
    int year, month, day;

    if (!cut_number(&s, 4, 9999, &year) || !cut_char(&s, '-') || !cut_number(&s, 2, 12, &month) ||
        !cut_char(&s, '-') || !cut_number(&s, 2, 31, &day) || s.n != 0)
        return false;
    if (month < 1 || day < 1 || day > days_in_month(year, month))
        return false;
    *ret_year = year;
    *ret_month = month;
    *ret_day = day;
    return true;
}

static bool cut_time(struct span *s, int *ret_seconds)
{
    int hour, minute;
    int second = 0;

    if (!cut_number(s, 2, 23, &hour) || !cut_char(s, ':') || !cut_number(s, 2, 59, &minute))
        return false;
    if (cut_char(s, ':') && !cut_number(s, 2, 60, &second)) /* 60: a leap second is the next one */
        return false;
    *ret_seconds = hour * 3600 + minute * 60 + second;
    return true;
}

static bool cut_zone(struct span *s, int *ret_seconds)
{
    int hour, minute;
    int sign;

    if (cut_char(s, 'Z')) {
        *ret_seconds = 0;
        return true;
    }
    sign = cut_char(s, '+') ? 1 : cut_char(s, '-') ? -1 : 0;
    if (sign == 0 || !cut_number(s, 2, 23, &hour) || !cut_char(s, ':') ||
        !cut_number(s, 2, 59, &minute))
        return false;
    *ret_seconds = sign * (hour * 3600 + minute * 60);
    return true;
}

bool text_to_instant(struct span s, instant *ret_at)
{
    enum { DATE_BYTES = 10 };
    int year, month, day, seconds, zone;
    struct span rest = span_from(s, DATE_BYTES);
    uint64_t epoch;

    if (s.n > 0 && s.at[0] == '@') {
        if (!text_to_u64(span_from(s, 1), INT64_MAX, &epoch))
            return false;
        *ret_at = (instant)epoch;
        return true;
    }
    if (!text_to_date(span_first(s, DATE_BYTES), &year, &month, &day) || !cut_char(&rest, 'T') ||
        !cut_time(&rest, &seconds) || !cut_zone(&rest, &zone) || rest.n != 0)
        return false;
    *ret_at = days_from_date(year, month, day) * 86400 + seconds - zone;
    return true;
}

bool text_to_duration(struct span s, int64_t *ret_seconds)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    int64_t unit = 1;
    uint64_t value;

    if (s.n > 0 && !ascii_is_digit(s.at[s.n - 1])) {
        unit = 0;
        for (size_t i = 0; i < LEN(units); i++) {
            if (units[i].letter == (char)s.at[s.n - 1])
                unit = units[i].seconds;
        }
        if (unit == 0)
            return false;
        s.n--;
    }
    if (!text_to_u64(s, INT64_MAX, &value))
        return false;
    return !__builtin_mul_overflow((int64_t)value, unit, ret_seconds);
}

/* --- safe lines and near words ---------------------------------------------------------------- */

char *text_one_line(struct arena *a, struct span s, size_t max)
{
    struct buf b = buf_new(a, max);
    uint32_t before = 0;

    while (s.n > 0 && !b.full) {
        struct visible_char c = visible_next(s, before);

        if (c.kind == VISIBLE_PLAIN)
            buf_add(&b, s.at, c.n);
        else if (c.kind == VISIBLE_CONTROL || c.kind == VISIBLE_INVALID)
            buf_add_char(&b, '?');
        else
            buf_add_str(&b, visible_name(a, c.point));
        before = c.point;
        s = span_from(s, c.n);
    }
    return b.at;
}

static size_t least_of(size_t x, size_t y, size_t z)
{
    size_t least = x < y ? x : y;

    return least < z ? least : z;
}

/* Optimal string alignment distance: insert, delete, replace, and swap of neighbours ("Sedn"). */
static size_t distance(const char *x, size_t x_n, const char *y, size_t y_n)
{
    size_t row[3][NEAREST_WORD_MAX + 1] = {{0}};

    for (size_t j = 0; j <= y_n; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= x_n; i++) {
        size_t *now = row[i % 3];
        const size_t *above = row[(i + 2) % 3];
        const size_t *above_that = row[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= y_n; j++) {
            unsigned char c = ascii_lower((unsigned char)x[i - 1]);
            unsigned char d = ascii_lower((unsigned char)y[j - 1]);

            now[j] = least_of(above[j] + 1, now[j - 1] + 1, above[j - 1] + (c != d));
            if (i > 1 && j > 1 && c == ascii_lower((unsigned char)y[j - 2]) &&
                d == ascii_lower((unsigned char)x[i - 2]) && above_that[j - 2] + 1 < now[j])
                now[j] = above_that[j - 2] + 1;
        }
    }
    return row[x_n % 3][y_n];
}

const char *text_nearest(const char *word, const char *const *candidates, size_t n)
{
    size_t word_n = strlen(word);
    size_t best = NEAREST_DISTANCE + 1;
    const char *nearest = NULL;

    for (size_t i = 0; i < n; i++) {
        size_t candidate_n = strlen(candidates[i]);
        size_t d;

        if (word_n > NEAREST_WORD_MAX || candidate_n > NEAREST_WORD_MAX)
            continue;
        d = distance(word, word_n, candidates[i], candidate_n);
        if (d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}
