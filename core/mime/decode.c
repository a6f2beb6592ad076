#include "mime/decode.h"

#include "base/ascii.h"
#include "mime/header.h"

enum { NOT_BASE64 = -1, PADDING = -2, BLANK = -3 };

static int sextet(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    if (c == '/')
        return 63;
    if (c == '=')
        return PADDING;
    return c == '\r' || c == '\n' || c == ' ' || c == '\t' ? BLANK : NOT_BASE64;
}

static void note(struct arena *a, struct strs *defects, bool seen, const char *name)
{
    if (seen && defects != NULL)
        defect_add(a, defects, name);
}

struct span decode_base64(struct arena *a, struct span text, struct strs *defects)
{
    unsigned char *out = arena_alloc(a, text.n / 4 * 3 + 3);
    size_t n = 0;
    uint32_t bits = 0;
    unsigned int n_bits = 0;
    int pads = 0; /* more than there should be, or fewer */
    bool broken = false;
    bool padded = false;
    bool joined = false;

    for (size_t i = 0; i < text.n; i++) {
        int value = sextet(text.at[i]);

        if (value == PADDING) {
            pads += n_bits > 0 ? 1 - (int)n_bits / 2 : 1; /* 2 or 1 must follow on 4 or 2 bits */
            padded = true;
            n_bits = 0; /* what is left over is no whole byte */
        }
        broken = broken || value == NOT_BASE64;
        if (value < 0)
            continue;
        joined = joined || padded;
        broken = broken || pads != 0;
        pads = 0;
        bits = bits << 6 | (uint32_t)value;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[n++] = (unsigned char)(bits >> n_bits);
        }
    }
    note(a, defects, broken || pads != 0 || n_bits == 6, "base64-broken");
    note(a, defects, joined, "base64-joined");
    return span_of(out, n);
}

static size_t blanks_length(struct span rest)
{
    size_t n = 0;

    while (n < rest.n && (rest.at[n] == ' ' || rest.at[n] == '\t'))
        n++;
    return n;
}

/* Length of a line end at the start of rest; the end of all counts as one of no length. */
static bool line_ends(struct span rest, size_t *ret_n)
{
    *ret_n = 0;
    if (rest.n > 0 && rest.at[0] == '\n')
        *ret_n = 1;
    else if (rest.n > 1 && rest.at[0] == '\r' && rest.at[1] == '\n')
        *ret_n = 2;
    return rest.n == 0 || *ret_n > 0;
}

/* Length of "=", blanks and a line end at the start of rest, or 0. */
static size_t soft_break(struct span rest)
{
    size_t n = 1 + blanks_length(span_from(rest, 1));
    size_t end;

    return line_ends(span_from(rest, n), &end) ? n + end : 0;
}

/* Decodes what begins with '=' into *out; returns how much of rest that was. */
static size_t decode_equals(struct span rest, bool word, unsigned char *out, size_t *n,
                            bool *broken)
{
    size_t soft = word ? 0 : soft_break(rest);

    if (soft > 0)
        return soft;
    if (rest.n > 2 && ascii_hex(rest.at[1]) >= 0 && ascii_hex(rest.at[2]) >= 0) {
        out[(*n)++] = (unsigned char)(ascii_hex(rest.at[1]) * 16 + ascii_hex(rest.at[2]));
        return 3;
    }
    *broken = true;
    out[(*n)++] = '=';
    return 1;
}

/* A run of blanks; at a line's end it is transport padding (RFC 2045 6.7 rule 3). */
static size_t decode_blanks(struct span rest, unsigned char *out, size_t *n)
{
    size_t run = blanks_length(rest);
    size_t end;

    if (!line_ends(span_from(rest, run), &end)) {
        memcpy(out + *n, rest.at, run);
        *n += run;
    }
    return run;
}

struct span decode_quoted(struct arena *a, struct span text, bool word, struct strs *defects)
{
    unsigned char *out = arena_alloc(a, text.n + 1);
    size_t n = 0;
    bool broken = false;

    while (text.n > 0) {
        unsigned char c = text.at[0];
        size_t used = 1;

        if (c == '=')
            used = decode_equals(text, word, out, &n, &broken);
        else if (!word && (c == ' ' || c == '\t'))
            used = decode_blanks(text, out, &n);
        else
            out[n++] = word && c == '_' ? ' ' : c;
        text = span_from(text, used);
    }
    note(a, defects, broken, "quoted-printable-broken");
    return span_of(out, n);
}

static void decode_uu_line(struct span line, unsigned char *out, size_t *n)
{
    size_t want = (size_t)(line.at[0] - ' ') & 63;
    uint32_t bits = 0;
    unsigned int n_bits = 0;

    for (size_t i = 1; i < line.n && want > 0; i++) {
        bits = bits << 6 | ((uint32_t)(line.at[i] - ' ') & 63);
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[(*n)++] = (unsigned char)(bits >> n_bits);
            want--;
        }
    }
}

static struct span decode_uu(struct arena *a, struct span body, struct strs *defects)
{
    unsigned char *out = arena_alloc(a, body.n + 1);
    size_t n = 0;
    bool inside = false;
    struct span line;

    while (span_line(&body, &line)) {
        if (!inside)
            inside = span_starts(line, "begin ");
        else if (span_eq_str(line, "end"))
            return span_of(out, n);
        else if (line.n > 0)
            decode_uu_line(line, out, &n);
    }
    note(a, defects, true, "uuencode-broken");
    return span_of(out, n);
}

struct span decode_transfer(struct arena *a, struct span body, const char *encoding,
                            struct strs *defects)
{
    static const char *const same[] = {"", "7bit", "8bit", "binary", "7-bit", "8-bit"};
    static const char *const uu[] = {"x-uuencode", "uuencode", "x-uue"};

    for (size_t i = 0; i < LEN(same); i++) {
        if (strcmp(encoding, same[i]) == 0)
            return body;
    }
    if (strcmp(encoding, "base64") == 0)
        return decode_base64(a, body, defects);
    if (strcmp(encoding, "quoted-printable") == 0)
        return decode_quoted(a, body, false, defects);
    for (size_t i = 0; i < LEN(uu); i++) {
        if (strcmp(encoding, uu[i]) == 0)
            return decode_uu(a, body, defects);
    }
    note(a, defects, true, "encoding-unknown");
    return body;
}
