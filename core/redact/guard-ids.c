#include "redact/guard-ids.h"

#include "base/ascii.h"
#include "base/text.h"

enum {
    LETTERS = 16,   /* of an id: 80 bits, five in a letter */
    PLACE_MAX = 24, /* bytes of "C42" */
    REACH = 96,     /* bytes between two dashes of a mark, with line breaks and quote marks */
    STRANGE = 1,    /* stands for what is no letter, dash or blank of an id */
};

static const char opening[] = "embargod";

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

/* May stand where a line was broken. */
static bool is_break(unsigned char c)
{
    return c == '\n' || c == '\r' || c == ' ' || c == '\t' || c == '>' || c == '|';
}

static bool is_invisible(uint32_t point)
{
    return point == 0xAD || (point >= 0x200B && point <= 0x200F) || point == 0x2060 ||
           (point >= 0xFE00 && point <= 0xFE0F) || point == 0xFEFF;
}

static bool is_dash(uint32_t point)
{
    return (point >= 0x2010 && point <= 0x2015) || point == 0x2212 || point == 0xFE58 ||
           point == 0xFE63;
}

/* One byte for each character that matters, in lower case. */
static struct span plain(struct arena *a, struct span text)
{
    unsigned char *out = arena_alloc(a, text.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.n;) {
        uint32_t point = text.at[i];
        size_t step = 1;

        if (point >= 0x80) {
            step = text_utf8_next(span_from(text, i), &point);
            step = step == 0 ? 1 : step;
            if (point >= 0xFF01 && point <= 0xFF5E)
                point -= 0xFEE0; /* the full width of ASCII */
        }
        i += step;
        if (!is_invisible(point))
            out[n++] = point < 0x80     ? ascii_lower((unsigned char)point)
                       : is_dash(point) ? '-'
                                        : STRANGE;
    }
    return span_of(out, n);
}

/* Over what stands between two letters of an id: one dash if there must be one, and a line break
 * with what quoting puts around it; blanks alone only behind a dash. False: it is something else.
 */
static bool skip_gap(struct span s, size_t *i, bool dash)
{
    bool dashed = false, broken = false, blank = false;

    for (; *i < s.n && (is_break(s.at[*i]) || s.at[*i] == '-'); (*i)++) {
        if (s.at[*i] == '-' && (dashed || (blank && !broken)))
            return false;
        dashed = dashed || s.at[*i] == '-';
        broken = broken || s.at[*i] == '\n';
        blank = blank || s.at[*i] != '-';
    }
    return dashed == dash && (dash || broken || !blank);
}

/* An id from i on; a mark has a dash behind each fourth letter, a code may have dashes anywhere. */
static bool read_id(struct span s, size_t i, bool mark, char ret_letters[LETTERS + 1])
{
    size_t n = 0;

    while (i < s.n && is_letter(s.at[i])) {
        ret_letters[n++] = (char)s.at[i++];
        if (n == LETTERS)
            break;
        if (!mark && i < s.n && s.at[i] == '-' && !skip_gap(s, &i, true))
            return false;
        if ((mark || i >= s.n || !is_letter(s.at[i])) && !skip_gap(s, &i, mark && n % 4 == 0))
            return false;
    }
    ret_letters[n] = '\0';
    return n == LETTERS && (i >= s.n || !is_letter(s.at[i]));
}

/* The code behind the ':' at i. */
static bool read_code(struct span s, size_t i, char ret_letters[LETTERS + 1])
{
    size_t n = sizeof(opening) - 1, name = i, place, digits = 0;

    while (name > 0 && is_break(s.at[name - 1]))
        name--;
    if (name < n || memcmp(s.at + name - n, opening, n) != 0)
        return false;
    for (i++; i < s.n && is_break(s.at[i]);)
        i++;
    for (place = i; i < s.n && !is_break(s.at[i]) && i - place < PLACE_MAX; i++)
        digits += ascii_is_digit(s.at[i]) ? 1 : 0;
    if (digits == 0 && !(i == place + 1 && s.at[place] == '-'))
        return false;
    while (i < s.n && is_break(s.at[i]))
        i++;
    return read_id(s, i, false, ret_letters);
}

static bool is_own(const char *letters, const char *const *own, size_t n_own)
{
    for (size_t i = 0; i < n_own; i++) {
        const char *p = own[i], *q = letters;

        for (; p != NULL && *p != '\0'; p++) {
            if (*p != '-' && ascii_lower((unsigned char)*p) != (unsigned char)*q++)
                break;
        }
        if (p != NULL && *p == '\0' && *q == '\0')
            return true;
    }
    return false;
}

struct search {
    struct arena *a;
    struct span text;
    const char *const *own;
    size_t n_own;
    size_t low, high; /* bytes where one may be, not looked at yet */
    enum guard_kind kind;
    const char *found;
};

static void search_near(struct search *search)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct span near = span_first(search->text, search->high);
    struct span s = plain(scratch, span_from(near, search->low));
    char letters[LETTERS + 1];
    bool inside = search->low > 0; /* a word */

    for (size_t i = 0; i < s.n && search->found == NULL; i++) {
        bool starts = !inside && is_letter(s.at[i]);
        bool mark = starts && read_id(s, i, true, letters);

        inside = is_letter(s.at[i]) || s.at[i] == '-';
        if (!mark && (s.at[i] != ':' || !read_code(s, i, letters)))
            continue;
        if (is_own(letters, search->own, search->n_own))
            continue;
        search->kind = mark ? GUARD_MARK : GUARD_TOKEN;
        search->found = arena_strdup(search->a, letters);
    }
    search->low = search->high;
}

/* An id may stand within REACH of what lies between. */
static void may_be(struct search *search, size_t from, size_t to)
{
    size_t low = from > REACH ? from - REACH : 0;
    size_t high = to + REACH < search->text.n ? to + REACH : search->text.n;

    if (low > search->high) {
        search_near(search);
        search->low = low;
    }
    search->high = high > search->high ? high : search->high;
}

/* A ':' behind what may be the end of "Embargod". */
static bool ends_opening(struct span text, size_t i)
{
    while (i > 0 && is_break(text.at[i - 1]))
        i--;
    return i > 0 && (ascii_lower(text.at[i - 1]) == 'd' || text.at[i - 1] >= 0x80);
}

const char *guard_ids(struct arena *a, struct span text, const char *const *own, size_t n_own,
                      enum guard_kind *ret_kind)
{
    struct search search = {.a = a, .text = text, .own = own, .n_own = n_own};
    size_t dashes[2] = {0}; /* behind the last two */

    /* Most of a text has no three dashes near each other: it costs a glance. */
    for (size_t i = 0; i < text.n && search.found == NULL; i++) {
        unsigned char c = text.at[i];

        if (c != '-' && c != ':' && c < 0x80)
            continue;
        if (c == ':') {
            if (ends_opening(text, i))
                may_be(&search, i, i + REACH);
            continue;
        }
        if (dashes[0] > 0 && i - dashes[0] < 2 * (size_t)REACH)
            may_be(&search, dashes[0] - 1, i);
        dashes[0] = dashes[1];
        dashes[1] = i + 1;
    }
    if (search.found == NULL)
        search_near(&search);
    *ret_kind = search.kind;
    return search.found;
}
