#include "carry/carry.h"

#include "base/text.h"
#include "carry/carrier.h"

enum {
    RATIO_FREE_BYTES = 1024 * 1024,
    FACT_NAME_BYTES_MAX = 40,
    PATHS_MAX = 4,
    TAR_MAGIC_AT = 257
};

/* ---- what is gathered ---- */

static void add_scrubbed(struct buf *out, struct span text, bool lines)
{
    while (text.n > 0 && !out->full) {
        uint32_t point;
        size_t n = text_utf8_next(text, &point);

        if (n == 0)
            buf_add_char(out, '?');
        else if ((point < ' ' && !(lines && point == '\n')) || point == 127)
            buf_add_char(out, point == '\r' && lines ? '\n' : ' ');
        else
            buf_add(out, text.at, n);
        text = span_from(text, n == 0 ? 1 : n);
    }
}

void carry_unread(struct carrier *c, const char *why)
{
    if (c->out.unread == NULL)
        c->out.unread = why;
}

void carry_text(struct carrier *c, struct span text)
{
    if (span_trim(text).n == 0)
        return;
    if (text.n + 1 > c->out.text.max - c->out.text.n) {
        carry_unread(c, "more text than is looked at");
        text = span_first(text, c->out.text.max - c->out.text.n);
        while (text.n > 0 && (text.at[text.n - 1] & 0xC0) == 0x80)
            text.n--; /* not in the midst of a character */
    }
    add_scrubbed(&c->out.text, text, true);
    buf_add_char(&c->out.text, '\n');
}

/* At most n bytes, whole characters. */
static struct span cut(struct span s, size_t n)
{
    if (s.n <= n)
        return s;
    while (n > 0 && (s.at[n] & 0xC0) == 0x80)
        n--;
    return span_first(s, n);
}

void carry_fact(struct carrier *c, const char *name, struct span value)
{
    struct buf fact = buf_new(c->a, (size_t)8 * CARRY_FACT_BYTES_MAX);

    value = span_trim(value);
    while (value.n > 0 && value.at[value.n - 1] == '\0')
        value = span_trim(span_first(value, value.n - 1));
    if (value.n == 0 || c->out.facts.n >= CARRY_FACTS_MAX)
        return;
    add_scrubbed(&fact, cut(span_str(name), FACT_NAME_BYTES_MAX), false);
    buf_add_str(&fact, ": ");
    add_scrubbed(&fact, cut(value, CARRY_FACT_BYTES_MAX - fact.n), false);
    if (!strs_has(&c->out.facts, fact.at))
        strs_add(c->a, &c->out.facts, fact.at);
}

/* ---- what a file is ---- */

static bool begins(struct span s, const char *magic, size_t n)
{
    return s.n >= n && memcmp(s.at, magic, n) == 0;
}

#define BEGINS(s, magic) begins(s, magic, sizeof(magic) - 1)

static bool is_xml(struct span s)
{
    if (BEGINS(s, "\xEF\xBB\xBF"))
        s = span_from(s, 3);
    s = span_trim(s);
    return span_starts(s, "<?xml") || span_starts_nocase(s, "<svg") ||
           BEGINS(s, "\xFF\xFE<\0?\0") || BEGINS(s, "\xFE\xFF\0<\0?");
}

static bool is_text(struct span s)
{
    return span_find(s, '\0') == s.n && text_is_utf8(s);
}

static bool is_archive(struct span s)
{
    return BEGINS(s, "PK\003\004") || BEGINS(s, "PK\005\006") || BEGINS(s, "7z\xBC\xAF\x27\x1C") ||
           BEGINS(s, "!<arch>\n") || BEGINS(span_from(s, TAR_MAGIC_AT), "ustar");
}

static bool is_packed(struct span s)
{
    return BEGINS(s, "\037\213") || BEGINS(s, "BZh") ||
           BEGINS(s, "\xFD"
                     "7zXZ") ||
           BEGINS(s, "\x28\xB5\x2F\xFD");
}

static bool is_picture(struct span s)
{
    return BEGINS(s, "\xFF\xD8\xFF") || BEGINS(s, "\211PNG\r\n\032\n") || BEGINS(s, "GIF8") ||
           BEGINS(s, "II*\0") || BEGINS(s, "MM\0*") ||
           (BEGINS(s, "RIFF") && BEGINS(span_from(s, 8), "WEBP")) ||
           BEGINS(span_from(s, 4), "ftyphei") || BEGINS(span_from(s, 4), "ftypmif1") ||
           BEGINS(span_from(s, 4), "ftypavif");
}

static bool is_closed_archive(struct span s)
{
    return BEGINS(s, "Rar!\032\007") || BEGINS(s, "MSCF") || BEGINS(s, "\x60\xEA");
}

static void carry_unknown(struct carrier *c, struct span bytes)
{
    carry_words(c, bytes, true);
    if (BEGINS(bytes, "\xD0\xCF\x11\xE0"))
        carry_unread(c, "an old Office file: only its plain words were looked at");
    else if (BEGINS(bytes, "\177ELF") || BEGINS(bytes, "MZ"))
        carry_unread(c, "a program: only its plain words were looked at");
    else if (is_closed_archive(bytes))
        carry_unread(c, "an archive of a kind that can't be opened here");
    else
        carry_unread(c, "an unknown kind of file: only its plain words were looked at");
}

void carry_file(struct carrier *c, struct span bytes)
{
    if (bytes.n == 0)
        return;
    if (is_archive(bytes))
        carry_archive(c, bytes, false);
    else if (is_packed(bytes))
        carry_archive(c, bytes, true);
    else if (is_picture(bytes))
        carry_picture(c, bytes);
    else if (BEGINS(bytes, "%PDF-"))
        carry_pdf(c, bytes);
    else if (is_xml(bytes))
        carry_xml(c, bytes);
    else if (is_text(bytes))
        carry_text(c, bytes);
    else
        carry_unknown(c, bytes);
}

/* ---- paths that name somebody's machine ---- */

static size_t path_end(struct span text)
{
    size_t n = 0;

    while (n < text.n && text.at[n] > ' ' && memchr("\"'<>|;,)", text.at[n], 8) == NULL)
        n++;
    return n;
}

static void find_paths(struct carrier *c, const char *begin, size_t back)
{
    struct span rest = buf_span(&c->out.text);

    for (size_t i = 0; i < PATHS_MAX; i++) {
        size_t at = span_find_span(rest, span_str(begin));
        struct span path;

        if (at == rest.n)
            return;
        path = span_from(rest, at < back ? at : at - back);
        path = span_first(path, path_end(path));
        if (path.n > strlen(begin) + back)
            carry_fact(c, "path", path);
        rest = span_from(rest, at + strlen(begin));
    }
}

struct carried carry_read(struct arena *a, struct span bytes, bool programs)
{
    struct carrier c = {.a = a,
                        .out = {.text = buf_new(a, CARRY_TEXT_MAX)},
                        .unpacked_max = CARRY_UNPACKED_MAX,
                        .programs = programs};

    if (bytes.n < (CARRY_UNPACKED_MAX - RATIO_FREE_BYTES) / CARRY_RATIO_MAX)
        c.unpacked_max = RATIO_FREE_BYTES + bytes.n * CARRY_RATIO_MAX;
    carry_file(&c, bytes);
    find_paths(&c, "/home/", 0);
    find_paths(&c, "/Users/", 0);
    find_paths(&c, ":\\Users\\", 1);
    find_paths(&c, ":\\Documents and Settings\\", 1);
    return c.out;
}
