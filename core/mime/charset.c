#include "mime/charset.h"

#include <assert.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>

#include "base/text.h"
#include "mime/charset-guess.h"
#include "mime/header.h"

enum { CHUNK_UNITS = 4096 };

/* What a label is read as, where ICU's own meaning is narrower than mail's. */
static const struct {
    const char *label;
    const char *converter; /* NULL: the label says nothing, guess */
} meanings[] = {
    {"us-ascii", NULL},
    {"ascii", NULL},
    {"ansi_x3.4-1968", NULL},
    {"unknown-8bit", NULL},
    {"x-unknown", NULL},
    {"unknown", NULL},
    {"default", NULL},
    {"_autodetect", NULL},
    {"_autodetect_all", NULL},
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"tis-620", "windows-874"},
    {"iso-8859-11", "windows-874"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"ks_c_5601-1987", "windows-949"},
    {"euc-kr", "windows-949"},
    {"big5", "windows-950"},
    {"shift_jis", "windows-31j"},
    {"shift-jis", "windows-31j"},
    {"sjis", "windows-31j"},
    {"x-sjis", "windows-31j"},
    {"ms_kanji", "windows-31j"},
    {"cp932", "windows-31j"},
    {"iso-2022-jp-ms", "iso-2022-jp"},
    {"iso-2022-jp-1", "iso-2022-jp"},
    {"iso-2022-jp-3", "iso-2022-jp"},
    {"iso-2022-jp-2004", "iso-2022-jp"},
    {"cp50220", "iso-2022-jp"},
    {"cp50221", "iso-2022-jp"},
    {"cp50222", "iso-2022-jp"},
    {"eucjp", "euc-jp"},
    {"x-euc-jp", "euc-jp"},
    {"eucjp-ms", "euc-jp"},
    {"cp51932", "euc-jp"},
    {"unicode-1-1-utf-7", "utf-7"},
    {"utf8", "utf-8"},
    {"cp65001", "utf-8"},
    {"utf16", "utf-16"},
    {"utf16le", "utf-16le"},
    {"utf16be", "utf-16be"},
    {"ucs-2", "utf-16"},
    {"iso-10646-ucs-2", "utf-16"},
    {"unicode", "utf-16"},
};

/* False: the label says nothing. */
static bool converter_name(const char *charset, const char **ret_name)
{
    if (charset == NULL || charset[0] == '\0')
        return false;
    for (size_t i = 0; i < LEN(meanings); i++) {
        if (strcasecmp(meanings[i].label, charset) == 0) {
            *ret_name = meanings[i].converter;
            return meanings[i].converter != NULL;
        }
    }
    *ret_name = charset;
    return true;
}

static bool says_ascii(const char *charset)
{
    return charset != NULL &&
           (strcasestr(charset, "ascii") != NULL || strcasestr(charset, "x3.4") != NULL);
}

struct conversion {
    UConverter *converter;
    bool broken; /* something became U+FFFD */
    size_t n_broken;
    size_t n_letters; /* characters beyond ASCII that made sense */
};

static void broken_bytes(const void *ctx, UConverterToUnicodeArgs *args, const char *units,
                         int32_t n, UConverterCallbackReason reason, UErrorCode *code)
{
    static const UChar replacement = 0xfffd;

    (void)units;
    (void)n;
    if (reason > UCNV_IRREGULAR)
        return;
    ((struct conversion *)(uintptr_t)ctx)->broken = true;
    ((struct conversion *)(uintptr_t)ctx)->n_broken++;
    *code = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(args, &replacement, 1, 0, code);
}

static bool conversion_open(struct conversion *c, const char *name)
{
    UErrorCode code = U_ZERO_ERROR;

    /* ICU takes options behind a comma; a label from outside may have none. */
    if (strlen(name) > CHARSET_NAME_MAX || strpbrk(name, ",\\/ ") != NULL)
        return false;
    c->converter = ucnv_open(name, &code);
    if (U_FAILURE(code))
        return false;
    ucnv_setToUCallBack(c->converter, broken_bytes, c, NULL, NULL, &code);
    return U_SUCCESS(code);
}

static void conversion_close(struct conversion *c)
{
    if (c->converter != NULL)
        ucnv_close(c->converter);
    c->converter = NULL;
}

static void add_units(struct conversion *c, struct buf *text, const UChar *units, size_t n,
                      UChar *high)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t point = units[i];

        if (U16_IS_LEAD(units[i])) {
            *high = units[i];
            continue;
        }
        if (U16_IS_TRAIL(units[i]) && *high != 0)
            point = U16_GET_SUPPLEMENTARY(*high, units[i]);
        *high = 0;
        c->n_letters += point >= 0x80 && point != 0xfffd;
        if (point != 0xfeff || text->n > 0) /* a byte order mark is no text */
            text_utf8_add(text, point == 0 ? 0xfffd : point);
    }
}

static struct span conversion_run(struct conversion *c, struct arena *a, struct span bytes)
{
    struct buf text = buf_new(a, bytes.n * 3 + 16);
    const char *at = (const char *)bytes.at;
    const char *end = at + bytes.n;
    UChar high = 0;
    UErrorCode code;

    do {
        UChar units[CHUNK_UNITS] = {0};
        UChar *unit = units;

        code = U_ZERO_ERROR;
        ucnv_toUnicode(c->converter, &unit, units + CHUNK_UNITS, &at, end, NULL, true, &code);
        add_units(c, &text, units, (size_t)(unit - units), &high);
    } while (code == U_BUFFER_OVERFLOW_ERROR);
    if (U_FAILURE(code) || text.full)
        c->broken = true;
    return buf_span(&text);
}

/* Length of the ISO 2022 escape sequence at the start of s, or 0. */
static size_t escape_length(struct span s)
{
    if (s.n < 3 || s.at[0] != 0x1b || (s.at[1] != '(' && s.at[1] != '$'))
        return 0;
    return s.at[1] == '$' && s.at[2] == '(' ? (s.n < 4 ? 0 : 4) : 3;
}

/* ICU takes one escape right after another for an attack (UTR 36); in mail it is what two encoded
 * words or lines leave where they meet. The first of the two means nothing. */
static struct span without_empty_escapes(struct arena *a, struct span bytes)
{
    struct buf out = buf_new(a, bytes.n);

    while (bytes.n > 0) {
        size_t escape = escape_length(bytes);
        size_t n = escape > 0 ? escape : 1 + span_find(span_from(bytes, 1), 0x1b);

        if (escape == 0 || escape_length(span_from(bytes, escape)) == 0)
            buf_add_span(&out, span_first(bytes, n));
        bytes = span_from(bytes, n);
    }
    return buf_span(&out);
}

/* JIS X 0201's Latin set differs from ASCII in the yen sign and the overline; mail that shifts to
 * it means a backslash and a tilde. */
static struct span with_ascii(struct arena *a, struct span bytes)
{
    char *copy = span_dup(a, bytes);

    for (size_t i = 0; i + 2 < bytes.n; i++) {
        if (memcmp(copy + i, "\033(J", 3) == 0)
            copy[i + 2] = 'B';
    }
    return span_of(copy, bytes.n);
}

static bool is_iso_2022_jp(const char *name)
{
    return strncasecmp(name, "iso-2022-jp", 11) == 0;
}

static struct span prepared(struct arena *a, struct span bytes, const char *name)
{
    if (span_find(bytes, 0x1b) == bytes.n)
        return bytes;
    bytes = without_empty_escapes(a, bytes);
    return is_iso_2022_jp(name) ? with_ascii(a, bytes) : bytes;
}

/* What ICU calls ISO-2022-JP has no kana that are shifted to with SO, or stand as 8-bit bytes. */
static bool reader_open(struct conversion *c, struct span bytes, const char *name)
{
    bool eight_bit = false;

    if (!is_iso_2022_jp(name))
        return conversion_open(c, name);
    for (size_t i = 0; i < bytes.n && !eight_bit; i++)
        eight_bit = bytes.at[i] >= 0x80;
    return conversion_open(c, eight_bit ? "JIS8" : "JIS7");
}

struct charset_reading charset_reads(const char *name, struct span bytes)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct conversion c = {0};
    struct charset_reading reading = {.clean = false};

    if (reader_open(&c, bytes, name)) {
        conversion_run(&c, a, prepared(a, bytes, name));
        reading = (struct charset_reading){
            .clean = !c.broken, .n_broken = c.n_broken, .n_letters = c.n_letters};
    }
    conversion_close(&c);
    return reading;
}

bool charset_is_single_byte(const char *name)
{
    struct conversion c = {0};
    bool single = conversion_open(&c, name) && ucnv_getMaxCharSize(c.converter) == 1;

    conversion_close(&c);
    return single;
}

static bool is_ascii(struct span bytes)
{
    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.at[i] >= 0x80 || bytes.at[i] == 0 || bytes.at[i] == 0x1b)
            return false;
    }
    return true;
}

static void note(struct arena *a, struct strs *defects, const char *name)
{
    if (defects != NULL)
        defect_add(a, defects, name);
}

/* The converter for what the bytes are, and what is wrong with the label. */
static void choose(struct conversion *c, struct arena *a, struct span bytes, const char *charset,
                   const char **ret_name, struct strs *defects)
{
    bool wrong = false;
    const char *instead = NULL;

    if (converter_name(charset, ret_name)) {
        if (!reader_open(c, bytes, *ret_name))
            note(a, defects, "charset-unknown");
        else
            instead = charset_instead(bytes, *ret_name, &wrong);
    } else {
        note(a, defects, says_ascii(charset) ? "charset-wrong" : "charset-undeclared");
    }
    if (c->converter != NULL && instead == NULL)
        return;
    if (wrong)
        note(a, defects, "charset-wrong");
    conversion_close(c);
    *ret_name = instead != NULL ? instead : charset_guess(bytes);
    if (!reader_open(c, bytes, *ret_name))
        abort(); /* our own names: ICU without its data */
}

struct span charset_to_utf8(struct arena *a, struct span bytes, const char *charset,
                            struct strs *defects)
{
    const char *name = NULL;
    struct conversion c = {0};
    struct span text;

    if (!converter_name(charset, &name) && is_ascii(bytes))
        return span_of(span_dup(a, bytes), bytes.n);
    choose(&c, a, bytes, charset, &name, defects);
    text = conversion_run(&c, a, prepared(a, bytes, name));
    if (c.broken)
        note(a, defects, "charset-broken");
    conversion_close(&c);
    return text;
}
