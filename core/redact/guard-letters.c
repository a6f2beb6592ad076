#include "redact/guard-letters.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include "base/text.h"

enum {
    DECOMPOSED_MAX = 40, /* units; U+FDFA gives 18 */
    PEEK_MAX = 16,       /* unseen characters between two that belong together */
};

enum between {
    BETWEEN_NOTHING,
    BETWEEN_DASH, /* one dash behind a letter, and blanks: a hyphenation if a line break follows */
    BETWEEN_HYPHEN,
    BETWEEN_BREAK,
    BETWEEN_BLANK,
    BETWEEN_OTHER,
};

struct scan {
    struct arena *a;
    const UNormalizer2 *nfkd;
    struct letters letters;
    size_t room;
    enum between between;
    uint32_t mark; /* the first punctuation in it */
};

/* Characters that clients do not show. */
static bool is_unseen(uint32_t p)
{
    static const uint32_t ranges[][2] = {
        {0x00, 0x08},       {0x0E, 0x1F},     {0x7F, 0x84},       {0x86, 0x9F},
        {0xAD, 0xAD},       {0x300, 0x36F},   {0x61C, 0x61C},     {0x115F, 0x1160},
        {0x17B4, 0x17B5},   {0x180B, 0x180F}, {0x200B, 0x200F},   {0x202A, 0x202E},
        {0x2060, 0x206F},   {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
        {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
        {0xE0000, 0xE0FFF},
    };

    if (p >= ' ' && p < 0x7F)
        return false;
    for (size_t i = 0; i < LEN(ranges); i++)
        if (p >= ranges[i][0] && p <= ranges[i][1])
            return true;
    return false;
}

static bool is_cjk(uint32_t p)
{
    UErrorCode status = U_ZERO_ERROR;

    if (p < 0x0E00)
        return false;
    if (p == 0x30FC || p == 0x3099 || p == 0x309A)
        return true;
    switch (uscript_getScript((UChar32)p, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
        return true;
    default:
        return false;
    }
}

static bool is_ascii_letter(uint32_t p)
{
    return (p >= '0' && p <= '9') || ((p | 0x20) >= 'a' && (p | 0x20) <= 'z');
}

static bool is_letter(uint32_t p)
{
    int8_t type;

    if (p < 0x80)
        return is_ascii_letter(p);
    type = u_charType((UChar32)p);
    return u_isalnum((UChar32)p) || type == U_NON_SPACING_MARK ||
           type == U_COMBINING_SPACING_MARK || type == U_LETTER_NUMBER || type == U_OTHER_NUMBER ||
           is_cjk(p);
}

static bool is_dash(uint32_t p)
{
    return p == '-' || p == '_' || p == 0x30FB || p == 0xB7 || p == 0x2212 ||
           (p >= 0x80 && u_charType((UChar32)p) == U_DASH_PUNCTUATION);
}

static bool is_break(uint32_t p)
{
    return p == '\n' || p == 0x0B || p == 0x0C || p == 0x85 || p == 0x2028 || p == 0x2029;
}

static bool is_blank(uint32_t p)
{
    return p == ' ' || p == '\t' || p == '\r' || (p >= 0x80 && u_isUWhiteSpace((UChar32)p));
}

/* What stands between two letters, after one more character that is none. */
static enum between after(enum between now, uint32_t p)
{
    bool broken = now == BETWEEN_BREAK || now == BETWEEN_HYPHEN;

    if (now == BETWEEN_OTHER)
        return now;
    if (is_break(p)) {
        if (now == BETWEEN_NOTHING)
            return BETWEEN_BREAK;
        return now == BETWEEN_DASH ? BETWEEN_HYPHEN : BETWEEN_BLANK;
    }
    if (p == '\r')
        return now;
    if (broken && (is_blank(p) || p == '>' || p == '|'))
        return now;
    if (now == BETWEEN_BLANK && (p == '>' || p == '|'))
        return now;
    if (is_blank(p))
        return now == BETWEEN_DASH ? now : BETWEEN_BLANK;
    if (is_dash(p))
        return now == BETWEEN_NOTHING ? BETWEEN_DASH : BETWEEN_BLANK;
    return BETWEEN_OTHER;
}

static enum letter_gap gap_of(enum between between)
{
    if (between == BETWEEN_NOTHING) /* nearly always */
        return GAP_NONE;
    switch (between) {
    case BETWEEN_NOTHING:
        return GAP_NONE;
    case BETWEEN_HYPHEN:
        return GAP_HYPHEN;
    case BETWEEN_BREAK:
        return GAP_BREAK;
    case BETWEEN_DASH:
    case BETWEEN_BLANK:
        return GAP_BLANK;
    case BETWEEN_OTHER:
        break;
    }
    return GAP_OTHER;
}

static void add_letter(struct scan *s, uint32_t p, enum letter_class class, size_t from)
{
    uint32_t folded = (uint32_t)u_foldCase((UChar32)p, U_FOLD_CASE_DEFAULT);
    struct letter letter = {
        .point = folded,
        .from = (uint32_t)from,
        .mark = s->between == BETWEEN_OTHER ? s->mark : 0,
        .gap = (uint8_t)gap_of(s->between),
        .class = (uint8_t) class,
        .capital = folded != p,
        .cased = folded != p || u_islower((UChar32)p),
    };

    ARENA_GROW(s->a, s->letters.at, s->letters.n, s->room);
    s->letters.at[s->letters.n++] = letter;
    s->between = BETWEEN_NOTHING;
}

/* What add_letter does, for a letter or digit of ASCII: most text is made of them. */
static void add_ascii_letter(struct scan *s, unsigned char c, size_t from)
{
    unsigned char small = c | 0x20; /* digits have this bit */

    if (s->letters.n == s->room)
        ARENA_GROW(s->a, s->letters.at, s->letters.n, s->room);
    s->letters.at[s->letters.n++] = (struct letter){
        .point = small,
        .from = (uint32_t)from,
        .mark = s->between == BETWEEN_OTHER ? s->mark : 0,
        .gap = (uint8_t)gap_of(s->between),
        .class = LETTER_WORD,
        .capital = small != c,
        .cased = c > '9',
    };
    s->between = BETWEEN_NOTHING;
}

static void add_between(struct scan *s, uint32_t p)
{
    enum between next = after(s->between, p);

    if (next == BETWEEN_OTHER && s->between != BETWEEN_OTHER)
        s->mark = p == 0x2018 || p == 0x2019 || p == 0x2BC ? '\'' : p;
    s->between = next;
}

static bool after_word(const struct scan *s)
{
    return s->between == BETWEEN_NOTHING && s->letters.n > 0 &&
           s->letters.at[s->letters.n - 1].class != LETTER_SYMBOL;
}

/* The next character that is seen, for what depends on it. */
static uint32_t peek(struct span rest)
{
    uint32_t p;

    for (size_t i = 0; i < PEEK_MAX; i++) {
        size_t n = text_utf8_next(rest, &p);

        if (n == 0)
            return 0;
        if (!is_unseen(p))
            return p;
        rest = span_from(rest, n);
    }
    return 0;
}

/* One character that has been decomposed; rest is the text behind its original. */
static void add_point(struct scan *s, uint32_t p, size_t from, struct span rest)
{
    if (is_unseen(p))
        return;
    if (p == 0xDF) {
        add_letter(s, 's', LETTER_WORD, from);
        add_letter(s, 's', LETTER_WORD, from);
    } else if (is_letter(p)) {
        add_letter(s, p, is_cjk(p) ? LETTER_CJK : LETTER_WORD, from);
    } else if (p == '+' || p == '#' || p == '@' || p == '&' ||
               (p == '.' && after_word(s) && is_letter(peek(rest)))) {
        add_letter(s, p, LETTER_SYMBOL, from);
    } else {
        add_between(s, p);
    }
}

static void add_decomposed(struct scan *s, uint32_t p, size_t from, struct span rest)
{
    UChar units[DECOMPOSED_MAX];
    UErrorCode status = U_ZERO_ERROR;
    int32_t n = -1, i = 0;

    if (p >= 0x80)
        n = unorm2_getDecomposition(s->nfkd, (UChar32)p, units, DECOMPOSED_MAX, &status);
    if (n < 0 || U_FAILURE(status)) {
        add_point(s, p, from, rest);
        return;
    }
    while (i < n) {
        UChar32 part;

        U16_NEXT(units, i, n, part);
        add_point(s, (uint32_t)part, from, rest);
    }
}

bool letters_read(struct arena *a, struct span text, bool lenient, struct letters *ret_letters)
{
    UErrorCode status = U_ZERO_ERROR;
    struct scan s = {.a = a, .nfkd = unorm2_getNFKDInstance(&status)};
    size_t i = 0;

    if (U_FAILURE(status))
        return false;
    s.letters.at = ARENA_ARRAY(a, text.n, struct letter); /* enough for nearly all */
    s.room = text.n;
    while (i < text.n) {
        uint32_t p = text.at[i];
        size_t n = 1;

        if (is_ascii_letter(p)) {
            add_ascii_letter(&s, text.at[i], i);
            i++;
            continue;
        }
        if (p >= 0x80)
            n = text_utf8_next(span_from(text, i), &p);
        if (n == 0 && !lenient)
            return false;
        if (n == 0)
            add_between(&s, 0xFFFD);
        else if (p == 0xAD && is_break(peek(span_from(text, i + n))))
            add_between(&s, '-');
        else
            add_decomposed(&s, p, i, span_from(text, i + n));
        i += n == 0 ? 1 : n;
    }
    *ret_letters = s.letters;
    return true;
}
