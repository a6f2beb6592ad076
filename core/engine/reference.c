/* A party's own reference in a subject. */
#include "engine/identify.h"

#include "base/ascii.h"
#include "base/text.h"

enum { REFERENCE_MAX = 40, PREFIX_MIN = 2, PREFIX_MAX = 12 };

static bool is_capital(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_word(unsigned char c)
{
    return ascii_is_digit(c) || is_capital(c) || (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* Names that everybody uses mean no ticket. */
static bool is_public(struct span prefix)
{
    static const char *const names[] = {"CVE",   "CWE", "CAPEC", "CVSS", "VU",   "GHSA", "JVN",
                                        "JVNDB", "TN",  "RFC",   "ISO",  "IEC",  "UTF",  "SHA",
                                        "MD",    "AES", "TLS",   "SSL",  "HTTP", "CPE",  "EUVD"};
    for (size_t i = 0; i < LEN(names); i++)
        if (span_eq_nocase(prefix, names[i]))
            return true;
    return false;
}

/* Bytes of "PSIRT-77" at the start of s; 0: something else. */
static size_t ticket(struct span s)
{
    size_t prefix = 0;
    while (prefix < s.n &&
           (is_capital(s.at[prefix]) || (prefix > 0 && ascii_is_digit(s.at[prefix]))))
        prefix++;
    if (prefix < PREFIX_MIN || prefix > PREFIX_MAX || prefix >= s.n || s.at[prefix] != '-' ||
        is_public(span_first(s, prefix)))
        return 0;
    size_t n = prefix + 1;
    while (n < s.n && ascii_is_digit(s.at[n]))
        n++;
    bool ends = n == s.n || (!is_word(s.at[n]) && s.at[n] != '-');
    return n > prefix + 1 && ends ? n : 0;
}

/* "[acme #1234]": a bracket with a number sign before digits. */
static bool is_bracketed(struct span inside)
{
    size_t sign = span_find(inside, '#');
    if (inside.n > REFERENCE_MAX || sign + 1 >= inside.n)
        return false;
    for (size_t i = sign + 1; i < inside.n; i++)
        if (!ascii_is_digit(inside.at[i]))
            return false;
    return true;
}

const char *reference_in(struct arena *a, const char *subject)
{
    struct span s = span_str(subject);
    for (size_t i = 0; i < s.n; i++) {
        struct span rest = span_from(s, i);
        if (rest.at[0] == '[') {
            struct span inside = span_from(rest, 1);
            size_t close = span_find(inside, ']');
            bool closed = close < inside.n;
            inside = span_first(inside, close);
            if (closed && is_bracketed(inside))
                return arena_printf(a, "[%s]", text_one_line(a, inside, REFERENCE_MAX + 1));
        }
        size_t n = i > 0 && is_word(s.at[i - 1]) ? 0 : ticket(rest);
        if (n > 0 && n <= REFERENCE_MAX)
            return text_one_line(a, span_first(rest, n), REFERENCE_MAX + 1);
    }
    return NULL;
}
