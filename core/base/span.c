#include "base/span.h"

#include <strings.h>

#include "base/ascii.h"

struct span span_of(const void *at, size_t n)
{
    return (struct span){at, n};
}

struct span span_str(const char *text)
{
    return (struct span){(const unsigned char *)text, text == NULL ? 0 : strlen(text)};
}

char *span_dup(struct arena *a, struct span s)
{
    return arena_strndup(a, s.at, s.n);
}

struct span span_from(struct span s, size_t n)
{
    if (n > s.n)
        n = s.n;
    return (struct span){n == 0 ? s.at : s.at + n, s.n - n};
}

struct span span_first(struct span s, size_t n)
{
    return (struct span){s.at, n < s.n ? n : s.n};
}

bool span_eq(struct span x, struct span y)
{
    return x.n == y.n && (x.n == 0 || memcmp(x.at, y.at, x.n) == 0);
}

bool span_eq_str(struct span s, const char *text)
{
    return span_eq(s, span_str(text));
}

bool span_eq_nocase(struct span s, const char *text)
{
    return s.n == strlen(text) && span_starts_nocase(s, text);
}

bool span_starts(struct span s, const char *text)
{
    size_t n = strlen(text);

    return s.n >= n && (n == 0 || memcmp(s.at, text, n) == 0);
}

bool span_starts_nocase(struct span s, const char *text)
{
    size_t n = strlen(text);

    if (s.n < n)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (ascii_lower(s.at[i]) != ascii_lower((unsigned char)text[i]))
            return false;
    }
    return true;
}

bool span_ends(struct span s, const char *text)
{
    size_t n = strlen(text);

    return s.n >= n && span_starts(span_from(s, s.n - n), text);
}

bool span_ends_nocase(struct span s, const char *text)
{
    size_t n = strlen(text);

    return s.n >= n && span_starts_nocase(span_from(s, s.n - n), text);
}

bool span_has_nocase(struct span s, const char *text)
{
    unsigned char first = ascii_lower((unsigned char)text[0]);
    size_t n = strlen(text);

    for (size_t i = 0; i + n <= s.n; i++) {
        if (n == 0 || (ascii_lower(s.at[i]) == first && span_starts_nocase(span_from(s, i), text)))
            return true;
    }
    return false;
}

size_t span_find(struct span s, unsigned char c)
{
    const unsigned char *hit = s.n == 0 ? NULL : memchr(s.at, c, s.n);

    return hit == NULL ? s.n : (size_t)(hit - s.at);
}

size_t span_find_span(struct span s, struct span needle)
{
    const unsigned char *hit;

    if (needle.n == 0 || s.n == 0)
        return needle.n == 0 ? 0 : s.n;
    hit = memmem(s.at, s.n, needle.at, needle.n);
    return hit == NULL ? s.n : (size_t)(hit - s.at);
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
    while (s.n > 0 && is_blank(s.at[0]))
        s = span_from(s, 1);
    while (s.n > 0 && is_blank(s.at[s.n - 1]))
        s.n--;
    return s;
}

bool span_line(struct span *rest, struct span *ret_line)
{
    size_t end;

    if (rest->n == 0)
        return false;
    end = span_find(*rest, '\n');
    *ret_line = span_first(*rest, end);
    *rest = span_from(*rest, end + 1);
    if (ret_line->n > 0 && ret_line->at[ret_line->n - 1] == '\r')
        ret_line->n--;
    return true;
}

bool span_split(struct span *rest, unsigned char separator, struct span *ret_piece)
{
    size_t end;

    if (rest->at == NULL)
        return false;
    end = span_find(*rest, separator);
    *ret_piece = span_first(*rest, end);
    *rest = end == rest->n ? (struct span){NULL, 0} : span_from(*rest, end + 1);
    return true;
}
