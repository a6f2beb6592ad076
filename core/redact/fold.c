#include "redact/fold.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>

#include "base/text.h"

/*
 * The text is cut into segments that normalise alone (a base and what combines with it), because
 * ICU for C has no edit list that would say where a normalised letter came from. What separates
 * words is not written at once but gathered in a gap, and the letter behind it decides what the gap
 * becomes.
 */

enum {
    SEGMENT_POINTS = 32,                     /* longer runs of marks are cut; they are no names */
    SEGMENT_UNITS = SEGMENT_POINTS * 2 * 18, /* NFKC makes at most 18 of one (U+FDFA) */
    SEGMENT_DECOMPOSED = SEGMENT_UNITS * 4,  /* NFD at most 4 of one */
    REPLACEMENT = 0xFFFD,
};

struct gap {
    bool any;
    bool dash_first;   /* it begins with the dash that may be a hyphenation */
    bool blank_before; /* a blank stands before the first line break */
    size_t dashes, breaks;
    size_t from, to;
};

struct folder {
    struct arena *a;
    struct span text;
    enum fold_reading reading;
    bool keep_case;
    const UNormalizer2 *compose, *decompose;
    char *at;
    uint32_t *from, *to;
    size_t n, room;
    uint32_t last; /* the letter that was written last */
    bool line_start;
    struct gap gap;
    bool hyphens, breaks;
};

bool fold_is_cjk(uint32_t p)
{
    static const uint32_t ranges[][2] = {
        {0x0E00, 0x0EFF}, {0x1000, 0x109F}, {0x1100, 0x11FF}, {0x1780, 0x17FF},
        {0x2E80, 0x2FDF}, {0x3005, 0x3007}, {0x3041, 0x30FF}, {0x3100, 0x318F},
        {0x31A0, 0x31FF}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA960, 0xA97F},
        {0xAC00, 0xD7FF}, {0xF900, 0xFAFF}, {0xFF66, 0xFFDC}, {0x20000, 0x3FFFF},
    };

    if (p < ranges[0][0])
        return false;
    for (size_t i = 0; i < LEN(ranges); i++)
        if (p >= ranges[i][0] && p <= ranges[i][1])
            return true;
    return false;
}

static void grow(struct folder *f, size_t need)
{
    size_t room = f->room;
    char *at;
    uint32_t *from, *to;

    if (f->n + need <= room)
        return;
    room = room * 2 + need;
    at = ARENA_ARRAY(f->a, room, char);
    from = ARENA_ARRAY(f->a, room, uint32_t);
    to = ARENA_ARRAY(f->a, room, uint32_t);
    if (f->n > 0) {
        memcpy(at, f->at, f->n);
        memcpy(from, f->from, f->n * sizeof(*from));
        memcpy(to, f->to, f->n * sizeof(*to));
    }
    f->at = at;
    f->from = from;
    f->to = to;
    f->room = room;
}

static size_t utf8(uint32_t p, char ret_bytes[4])
{
    if (p < 0x80) {
        ret_bytes[0] = (char)p;
        return 1;
    }
    if (p < 0x800) {
        ret_bytes[0] = (char)(0xC0 | p >> 6);
        ret_bytes[1] = (char)(0x80 | (p & 0x3F));
        return 2;
    }
    if (p < 0x10000) {
        ret_bytes[0] = (char)(0xE0 | p >> 12);
        ret_bytes[1] = (char)(0x80 | (p >> 6 & 0x3F));
        ret_bytes[2] = (char)(0x80 | (p & 0x3F));
        return 3;
    }
    ret_bytes[0] = (char)(0xF0 | p >> 18);
    ret_bytes[1] = (char)(0x80 | (p >> 12 & 0x3F));
    ret_bytes[2] = (char)(0x80 | (p >> 6 & 0x3F));
    ret_bytes[3] = (char)(0x80 | (p & 0x3F));
    return 4;
}

static void write_point(struct folder *f, uint32_t p, size_t from, size_t to)
{
    char bytes[4];
    size_t n = utf8(p, bytes);

    grow(f, n + 1);
    for (size_t i = 0; i < n; i++) {
        f->at[f->n] = bytes[i];
        f->from[f->n] = (uint32_t)from;
        f->to[f->n] = (uint32_t)to;
        f->n++;
    }
    f->last = p;
}

/* One line break, with nothing but a hyphenation before it: a word may go on behind it. */
static bool gap_is_break(const struct gap *g)
{
    if (g->breaks != 1)
        return false;
    if (g->dashes == 0)
        return !g->blank_before;
    return g->dashes == 1 && g->dash_first;
}

static bool gap_vanishes(struct folder *f, uint32_t next)
{
    const struct gap *g = &f->gap;
    bool is_break = gap_is_break(g);
    bool hyphen = is_break && g->dashes == 1;

    if (f->n == 0)
        return true;
    f->hyphens = f->hyphens || hyphen;
    f->breaks = f->breaks || is_break;
    if (fold_is_cjk(f->last) && fold_is_cjk(next))
        return true;
    if (f->reading == FOLD_JOINED)
        return is_break;
    return f->reading == FOLD_HYPHENATED && hyphen;
}

static void put_letter(struct folder *f, uint32_t p, size_t from, size_t to)
{
    if (f->gap.any) {
        if (!gap_vanishes(f, p))
            write_point(f, ' ', f->gap.from, f->gap.to);
        f->gap = (struct gap){0};
    }
    f->line_start = false;
    write_point(f, p, from, to);
}

static void gap_grow(struct folder *f, size_t from, size_t to)
{
    if (!f->gap.any)
        f->gap.from = from;
    f->gap.any = true;
    f->gap.to = to;
}

static void put_dash(struct folder *f, size_t from, size_t to)
{
    if (!f->gap.any)
        f->gap.dash_first = true;
    f->gap.dashes++;
    f->line_start = false;
    gap_grow(f, from, to);
}

static void put_blank(struct folder *f, uint32_t p, size_t from, size_t to)
{
    bool crlf = p == '\r' && to < f->text.n && f->text.at[to] == '\n';

    if (!crlf && (p == '\n' || p == '\r' || p == 0x0B || p == 0x0C || p == 0x85 || p == 0x2028 ||
                  p == 0x2029)) {
        f->gap.breaks++;
        f->line_start = true;
    } else if (!crlf && f->gap.breaks == 0) {
        f->gap.blank_before = true;
    }
    gap_grow(f, from, to);
}

static bool is_dash(uint32_t p)
{
    /* The middle dots stand between the words of a name in Kana. */
    return p == '-' || p == '_' || p == 0x2212 || p == 0x30FB || p == 0xB7 ||
           (p >= 0x80 && u_charType((UChar32)p) == U_DASH_PUNCTUATION);
}

static void put_point(struct folder *f, uint32_t p, size_t from, size_t to)
{
    if (p == 0x2018 || p == 0x2019 || p == 0x02BC)
        p = '\'';
    if (u_isUWhiteSpace((UChar32)p))
        put_blank(f, p, from, to);
    else if (f->line_start && (p == '>' || p == '|'))
        gap_grow(f, from, to);
    else if (is_dash(p))
        put_dash(f, from, to);
    else if (u_charType((UChar32)p) != U_CONTROL_CHAR && (p < 0x300 || p > 0x36F))
        put_letter(f, p, from, to);
}

/* A soft hyphen is nothing, but before a line break it shows there as a hyphen. */
static bool soft_hyphen_breaks(struct span rest)
{
    struct span after;

    if (!span_starts(rest, "\xC2\xAD"))
        return false;
    after = span_from(rest, 2);
    while (after.n > 0 && (after.at[0] == ' ' || after.at[0] == '\r'))
        after = span_from(after, 1);
    return after.n > 0 && after.at[0] == '\n';
}

static void put_normalised(struct folder *f, const UChar *units, int32_t n, size_t from, size_t to)
{
    UChar composed[SEGMENT_UNITS], plain[SEGMENT_DECOMPOSED];
    UErrorCode status = U_ZERO_ERROR;
    int32_t i = 0;

    n = unorm2_normalize(f->compose, units, n, composed, SEGMENT_UNITS, &status);
    n = unorm2_normalize(f->decompose, composed, n, plain, SEGMENT_DECOMPOSED, &status);
    if (U_FAILURE(status)) {
        put_point(f, REPLACEMENT, from, to);
        return;
    }
    while (i < n) {
        UChar32 p;

        U16_NEXT(plain, i, n, p);
        if (!u_hasBinaryProperty(p, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
            put_point(f, (uint32_t)p, from, to);
    }
}

/* From `at` to the next place where normalising may begin anew; returns that place. */
static size_t put_segment(struct folder *f, size_t at)
{
    UChar units[SEGMENT_POINTS * 2];
    int32_t n = 0;
    size_t i = at;

    for (size_t points = 0; points < SEGMENT_POINTS; points++) {
        uint32_t p;
        size_t len = text_utf8_next(span_from(f->text, i), &p);

        if (len == 0 || (i > at && unorm2_hasBoundaryBefore(f->compose, (UChar32)p)))
            break;
        if (p == 0xAD && soft_hyphen_breaks(span_from(f->text, i)))
            break;
        U16_APPEND_UNSAFE(units, n, (UChar32)p);
        i += len;
    }
    if (i == at) {
        put_point(f, REPLACEMENT, at, at + 1);
        return at + 1;
    }
    put_normalised(f, units, n, at, i);
    return i;
}

static void fold_all(struct folder *f)
{
    size_t i = 0;

    while (i < f->text.n) {
        unsigned char c = f->text.at[i];
        bool alone = i + 1 >= f->text.n || f->text.at[i + 1] < 0x80;

        if (c < 0x80 && alone) {
            if (!f->keep_case && c >= 'A' && c <= 'Z')
                c = (unsigned char)(c - 'A' + 'a');
            put_point(f, c, i, i + 1);
            i++;
        } else if (c == 0xC2 && soft_hyphen_breaks(span_from(f->text, i))) {
            put_dash(f, i, i + 2);
            i += 2;
        } else {
            i = put_segment(f, i);
        }
    }
}

bool fold_text(struct arena *a, struct span text, enum fold_reading reading, bool keep_case,
               struct folded *ret_folded)
{
    UErrorCode status = U_ZERO_ERROR;
    struct folder f = {
        .a = a,
        .text = text,
        .reading = reading,
        .keep_case = keep_case,
        .line_start = true,
    };

    if (text.n > FOLD_TEXT_MAX)
        return false;
    f.compose =
        keep_case ? unorm2_getNFKCInstance(&status) : unorm2_getNFKCCasefoldInstance(&status);
    f.decompose = unorm2_getNFDInstance(&status);
    if (U_FAILURE(status))
        return false;
    grow(&f, text.n + text.n / 8 + 16);
    fold_all(&f);
    grow(&f, 1);
    f.at[f.n] = '\0';
    f.from[f.n] = f.to[f.n] = (uint32_t)text.n;
    *ret_folded = (struct folded){f.at, f.n, f.from, f.to, f.hyphens, f.breaks};
    return true;
}

const char *fold_word(struct arena *a, struct span text)
{
    struct folded folded;

    return fold_text(a, text, FOLD_SPACED, false, &folded) ? folded.at : "";
}
