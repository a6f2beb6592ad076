#include "mime/charset.h"

#include <assert.h>
#include <strings.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>

#include "base/text.h"
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

struct conversion {
    UConverter *converter;
    bool broken; /* something became U+FFFD */
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

static void add_units(struct buf *text, const UChar *units, size_t n, UChar *high)
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
        add_units(&text, units, (size_t)(unit - units), &high);
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

static bool converts_cleanly(const char *name, struct span bytes)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct conversion c = {0};
    bool clean = conversion_open(&c, name);

    if (clean) {
        conversion_run(&c, a, bytes);
        clean = !c.broken;
    }
    conversion_close(&c);
    return clean;
}

/* EUC-JP: 8-bit bytes come in pairs, and kana or a longer run is among them. */
static bool looks_like_euc_jp(struct span bytes)
{
    size_t pairs = 0;
    bool kana = false;

    for (size_t i = 0; i < bytes.n; i++) {
        if (bytes.at[i] < 0x80)
            continue;
        if (bytes.at[i] < 0xa1 || i + 1 == bytes.n || bytes.at[i + 1] < 0xa1)
            return false;
        kana = kana || bytes.at[i] == 0xa4 || bytes.at[i] == 0xa5;
        pairs++;
        i++;
    }
    return (kana || pairs > 3) && converts_cleanly("euc-jp", bytes);
}

/* CP932: has lead bytes that windows-1252 has no letters for. */
static bool looks_like_shift_jis(struct span bytes)
{
    bool lead = false;

    for (size_t i = 0; i + 1 < bytes.n; i++) {
        if (bytes.at[i] >= 0x81 && bytes.at[i] <= 0x9f && bytes.at[i + 1] >= 0x40)
            lead = true;
    }
    return lead && converts_cleanly("windows-31j", bytes);
}

const char *charset_guess(struct span bytes)
{
    struct span escape = span_str("\033$");
    struct span sample = span_first(bytes, 64 * 1024);

    if (span_find_span(bytes, escape) < bytes.n)
        return "iso-2022-jp";
    if (text_is_utf8(bytes))
        return "utf-8";
    /* The sample may end inside a character; its last line is left away. */
    while (sample.n < bytes.n && sample.n > 0 && sample.at[sample.n - 1] != '\n')
        sample.n--;
    if (looks_like_euc_jp(sample))
        return "euc-jp";
    return looks_like_shift_jis(sample) ? "shift_jis" : "windows-1252";
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

struct span charset_to_utf8(struct arena *a, struct span bytes, const char *charset,
                            struct strs *defects)
{
    const char *name = NULL;
    struct conversion c = {0};
    struct span text;

    if (!converter_name(charset, &name)) {
        if (is_ascii(bytes))
            return span_of(span_dup(a, bytes), bytes.n);
        note(a, defects, "charset-undeclared");
    } else if (!conversion_open(&c, name)) {
        conversion_close(&c);
        note(a, defects, "charset-unknown");
    }
    if (c.converter == NULL) {
        const char *guess = charset_guess(bytes);

        if (!converter_name(guess, &guess) || !conversion_open(&c, guess))
            abort(); /* our own names: ICU without its data */
    }
    if (span_find(bytes, 0x1b) < bytes.n)
        bytes = without_empty_escapes(a, bytes);
    text = conversion_run(&c, a, bytes);
    if (c.broken)
        note(a, defects, "charset-broken");
    conversion_close(&c);
    return text;
}
