#include "mime/rtf.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "mime/charset.h"

/* --- LZFu ------------------------------------------------------------------------------------ */

enum { WINDOW = 4096, HEADER = 16 };

/* What the window holds at the start ([MS-OXRTFCP] 2.1.3.1.4). */
static const char preset[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct unpacking {
    unsigned char window[WINDOW];
    size_t at;
    struct buf out;
};

static void put(struct unpacking *u, unsigned char c)
{
    u->window[u->at] = c;
    u->at = (u->at + 1) % WINDOW;
    buf_add_char(&u->out, (char)c);
}

static uint32_t u32(struct span s, size_t at)
{
    return (uint32_t)s.at[at] | (uint32_t)s.at[at + 1] << 8 | (uint32_t)s.at[at + 2] << 16 |
           (uint32_t)s.at[at + 3] << 24;
}

/* One token of the eight that a control byte speaks of; false: the end. */
static bool unpack_token(struct unpacking *u, struct span *in, bool reference)
{
    size_t from;
    size_t n;

    if (in->n < (reference ? 2U : 1U) || u->out.full)
        return false;
    if (!reference) {
        put(u, in->at[0]);
        *in = span_from(*in, 1);
        return true;
    }
    from = (size_t)in->at[0] << 4 | in->at[1] >> 4;
    n = (in->at[1] & 15U) + 2;
    *in = span_from(*in, 2);
    if (from == u->at)
        return false;
    for (; n > 0; n--) {
        put(u, u->window[from]);
        from = (from + 1) % WINDOW;
    }
    return true;
}

struct span rtf_unpack(struct arena *a, struct span packed, size_t max)
{
    struct unpacking *u = ARENA_NEW(a, struct unpacking);
    struct span in;

    u->out = buf_new(a, max);
    _Static_assert(sizeof(preset) - 1 == 207, "the window begins at 207");
    if (packed.n < HEADER)
        return span_of("", 0);
    in = span_from(packed, HEADER);
    if (u32(packed, 8) == 0x414c454d) /* "MELA": not packed */
        return span_first(in, max);
    if (u32(packed, 8) != 0x75465a4c) /* "LZFu" */
        return span_of("", 0);
    memcpy(u->window, preset, sizeof(preset) - 1);
    u->at = sizeof(preset) - 1;
    while (in.n > 0) {
        unsigned int control = in.at[0];

        in = span_from(in, 1);
        for (int bit = 0; bit < 8; bit++) {
            if (!unpack_token(u, &in, (control >> bit & 1U) != 0))
                return buf_span(&u->out);
        }
    }
    return buf_span(&u->out);
}

const char *rtf_codepage(struct arena *a, uint32_t number)
{
    static const struct {
        uint32_t number;
        const char *name;
    } names[] = {
        {932, "shift_jis"}, {936, "gb18030"},       {949, "euc-kr"},        {950, "big5"},
        {1200, "utf-16le"}, {20127, "us-ascii"},    {20866, "koi8-r"},      {20932, "euc-jp"},
        {51932, "euc-jp"},  {50220, "iso-2022-jp"}, {50221, "iso-2022-jp"}, {50222, "iso-2022-jp"},
        {65001, "utf-8"},
    };

    for (size_t i = 0; i < LEN(names); i++) {
        if (names[i].number == number)
            return names[i].name;
    }
    if (number > 28590 && number < 28606)
        return arena_printf(a, "iso-8859-%u", number - 28590);
    if (number >= 1250 && number <= 1258)
        return arena_printf(a, "windows-%u", number);
    return "windows-1252";
}

/* --- RTF ------------------------------------------------------------------------------------- */

enum { CONVERSIONS_MAX = 10000 /* runs of foreign bytes; more: '?' */ };

struct reading {
    struct arena *a;
    struct span rest;
    struct buf out;
    struct buf bytes; /* of \'xx, in the document's codepage */
    const char *codepage;
    bool hidden[RTF_DEPTH_MAX + 1]; /* by group: its text is not shown */
    size_t depth;
    size_t skip; /* characters that stand for the last \u */
    size_t uc;   /* how many do */
    size_t conversions;
    uint32_t high; /* the first half of a pair, or 0 */
};

static bool is_hidden(const struct reading *r)
{
    return r->depth > RTF_DEPTH_MAX || r->hidden[r->depth];
}

static bool is_ascii(struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.at[i] >= 128)
            return false;
    }
    return true;
}

static void flush(struct reading *r)
{
    struct span bytes = buf_span(&r->bytes);

    if (!is_ascii(bytes) && r->conversions++ < CONVERSIONS_MAX)
        bytes = charset_to_utf8(r->a, bytes, r->codepage, NULL);
    else if (!is_ascii(bytes))
        bytes = span_str("?");
    buf_add_span(&r->out, bytes);
    r->bytes.n = 0;
}

static void show_byte(struct reading *r, unsigned char c)
{
    if (r->skip > 0)
        r->skip--;
    else if (!is_hidden(r))
        buf_add_char(&r->bytes, (char)c);
}

/* text: ASCII, which every codepage of Windows has. */
static void show_text(struct reading *r, const char *text)
{
    if (!is_hidden(r))
        buf_add_str(&r->bytes, text);
}

static bool is_destination(const char *word)
{
    static const char *const words[] = {
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "header",
        "footer",
        "generator",
        "listtable",
        "listoverridetable",
        "rsidtbl",
        "themedata",
        "datastore",
        "latentstyles",
        "xmlnstbl",
        "mmathPr",
    };

    for (size_t i = 0; i < LEN(words); i++) {
        if (strcmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

/* \u counts in UTF-16 units, and they are signed. */
static void do_unicode(struct reading *r, long value)
{
    uint32_t unit = value < -32768 || value > 65535 ? 0xfffd : (uint32_t)value & 0xffff;
    bool low = unit >= 0xdc00 && unit < 0xe000;

    flush(r);
    r->skip = r->uc;
    if (low && r->high != 0)
        unit = 0x10000 + ((r->high - 0xd800) << 10) + (unit - 0xdc00);
    r->high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
    if (!is_hidden(r) && r->high == 0 && unit >= ' ')
        text_utf8_add(&r->out, unit);
}

/* The text of a group of its own that is an HTML tag: only where it begins a line matters. */
static void do_html_tag(struct reading *r)
{
    static const char *const breaks[] = {"<br", "<p", "<div", "<tr", "<li", "<h"};

    for (size_t i = 0; i < LEN(breaks); i++) {
        if (span_starts_nocase(span_trim(span_first(r->rest, 16)), breaks[i])) {
            r->hidden[r->depth] = false;
            show_text(r, "\n");
        }
    }
    r->hidden[r->depth] = true;
}

static void do_word(struct reading *r, const char *word, long value)
{
    if (strcmp(word, "htmltag") == 0 && r->depth <= RTF_DEPTH_MAX)
        do_html_tag(r);
    else if (is_destination(word) && r->depth <= RTF_DEPTH_MAX)
        r->hidden[r->depth] = true;
    else if (strcmp(word, "par") == 0 || strcmp(word, "line") == 0)
        show_text(r, "\n");
    else if (strcmp(word, "tab") == 0)
        show_text(r, "\t");
    else if (strcmp(word, "u") == 0)
        do_unicode(r, value);
    else if (strcmp(word, "uc") == 0)
        r->uc = value < 0 || value > 8 ? 1 : (size_t)value;
    else if (strcmp(word, "ansicpg") == 0)
        r->codepage = rtf_codepage(r->a, value < 0 ? 0 : (uint32_t)value);
    else if (strcmp(word, "htmlrtf") == 0 && r->depth <= RTF_DEPTH_MAX)
        r->hidden[r->depth] = value != 0; /* RTF that only repeats what a tag says */
    else if (strcmp(word, "emdash") == 0 || strcmp(word, "endash") == 0)
        show_text(r, "-");
    else if (strcmp(word, "bullet") == 0)
        show_text(r, "*");
}

/* A backslash and a word, perhaps with a number, and one blank. */
static void read_word(struct reading *r)
{
    char word[32];
    char number[12];
    size_t n = 0;
    size_t digits = 0;

    while (n < r->rest.n && isalpha(r->rest.at[n]))
        n++;
    snprintf(word, sizeof(word), "%.*s", (int)n, (const char *)r->rest.at);
    r->rest = span_from(r->rest, n);
    while (digits < r->rest.n && digits < sizeof(number) - 1 &&
           (isdigit(r->rest.at[digits]) || (digits == 0 && r->rest.at[0] == '-')))
        digits++;
    memcpy(number, r->rest.at, digits);
    number[digits] = '\0';
    r->rest = span_from(r->rest, digits);
    if (r->rest.n > 0 && r->rest.at[0] == ' ')
        r->rest = span_from(r->rest, 1);
    do_word(r, word, digits == 0 ? 1 : strtol(number, NULL, 10));
}

static void read_backslash(struct reading *r)
{
    unsigned char c = r->rest.n > 0 ? r->rest.at[0] : '\\';
    struct span byte;

    if (isalpha(c)) {
        read_word(r);
        return;
    }
    r->rest = span_from(r->rest, 1);
    if (c == '\'') {
        if (text_from_hex(r->a, span_first(r->rest, 2), &byte) && byte.n == 1)
            show_byte(r, byte.at[0]);
        r->rest = span_from(r->rest, 2);
    } else if (c == '*' && r->depth <= RTF_DEPTH_MAX) {
        r->hidden[r->depth] = true; /* a destination that may be left out */
    } else if (c == '~') {
        show_byte(r, ' ');
    } else if (c == '\\' || c == '{' || c == '}') {
        show_byte(r, c);
    } else if (c == '\n' || c == '\r') {
        show_text(r, "\n");
    }
}

static void read_brace(struct reading *r, unsigned char c)
{
    bool hidden = is_hidden(r);

    r->skip = 0;
    if (c == '{') {
        r->depth++;
        if (r->depth <= RTF_DEPTH_MAX)
            r->hidden[r->depth] = hidden;
    } else if (r->depth > 0) {
        r->depth--;
    }
}

struct span rtf_to_text(struct arena *a, struct span rtf, size_t max)
{
    struct reading *r = ARENA_NEW(a, struct reading);

    *r = (struct reading){.a = a, .rest = rtf, .out = buf_new(a, max), .codepage = "windows-1252"};
    r->bytes = buf_new(a, max);
    r->uc = 1;
    while (r->rest.n > 0 && !r->out.full) {
        unsigned char c = r->rest.at[0];

        r->rest = span_from(r->rest, 1);
        if (c == '\\')
            read_backslash(r);
        else if (c == '{' || c == '}')
            read_brace(r, c);
        else if (c != '\r' && c != '\n' && c != '\0')
            show_byte(r, c);
    }
    flush(r);
    return buf_span(&r->out);
}
