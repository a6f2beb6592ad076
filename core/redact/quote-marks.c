#include "redact/quote-marks.h"

#include "base/ascii.h"

enum {
    LINES_LEAST = 2,
    WORDS_LEAST = 5,  /* in one of the lines behind bars: commands are shorter */
    LETTERS_MOST = 3, /* of initials */
    GAP = 3,          /* blanks behind a bar that draw something */
};

static struct span without_blanks(struct span s)
{
    while (s.n > 0 && (s.at[0] == ' ' || s.at[0] == '\t'))
        s = span_from(s, 1);
    return s;
}

/* --- bars ----------------------------------------------------------------------------------- */

/* Bytes of a bar at the start of s, or of what else stands for one; 0: none. */
static size_t bar_length(struct span s)
{
    static const char *const bars[] = {"|", "│", "┃", "▌", "▎", "▏", "｜", "¦", "»", "›", "&gt;"};

    for (size_t i = 0; i < LEN(bars); i++) {
        if (span_starts(s, bars[i]))
            return strlen(bars[i]);
    }
    return 0;
}

/* Without the bars at its start, of which a blank or nothing follows each. False: there are none.
 */
static bool cut_bars(struct span line, struct span *ret_rest)
{
    struct span rest = span_trim(line);
    bool any = false;

    for (size_t n; (n = bar_length(rest)) > 0; any = true) {
        struct span behind = span_from(rest, n);

        if (behind.n > 0 && behind.at[0] != ' ' && behind.at[0] != '\t' && bar_length(behind) == 0)
            break;
        *ret_rest = behind;
        rest = without_blanks(behind);
    }
    return any;
}

/* A row of a table, a part of a drawing, a command that goes on. */
static bool is_drawn(struct span behind)
{
    struct span rest = without_blanks(behind);

    if (rest.n > 0 && behind.n - rest.n >= GAP)
        return true;
    return span_find(rest, '|') < rest.n || span_find_span(rest, span_str("│")) < rest.n;
}

/* "+-----+-----+" */
static bool is_border(struct span line)
{
    line = span_trim(line);
    return span_starts(line, "+-") || span_starts(line, "+=") || span_starts(line, "|-");
}

static size_t words_in(struct span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++)
        n += s.at[i] > ' ' && (i == 0 || s.at[i - 1] <= ' ');
    return n;
}

/* Of writing without blanks between words: three bytes a letter. */
static bool has_sentence(struct span s)
{
    return words_in(s) >= WORDS_LEAST || (s.n > 0 && s.n / (words_in(s) + 1) >= 3 * WORDS_LEAST);
}

static bool find_bars(struct span text)
{
    struct span line;
    size_t plain = 0;
    size_t drawn = 0;
    bool sentence = false;

    while (span_line(&text, &line)) {
        struct span behind = span_of(NULL, 0);
        bool bars = cut_bars(line, &behind);

        if (is_border(line) || (bars && is_drawn(behind))) {
            drawn++;
        } else if (bars) {
            plain++;
            sentence = sentence || has_sentence(span_trim(behind));
        }
    }
    return plain >= LINES_LEAST && drawn < plain && sentence;
}

/* --- initials ------------------------------------------------------------------------------- */

static bool is_letter(unsigned char c, bool small_too)
{
    return (c >= 'A' && c <= 'Z') || (small_too && c >= 'a' && c <= 'z');
}

/* "JD" of "JD> When?", or empty. */
static struct span initials_of(struct span line)
{
    size_t n = 0;

    line = without_blanks(line);
    while (n < line.n && n <= LETTERS_MOST && is_letter(line.at[n], n > 0))
        n++;
    if (n == 0 || n > LETTERS_MOST || n == line.n || line.at[n] != '>' ||
        (n + 1 < line.n && strchr(" >\t\r\n", line.at[n + 1]) == NULL))
        return span_of(NULL, 0);
    return span_first(line, n);
}

static bool is_prompt(struct span initials)
{
    return span_eq_str(initials, "SQL") || span_eq_str(initials, "PS");
}

static bool has_initials(const struct quote_marks *marks, struct span initials)
{
    for (size_t i = 0; i < marks->n; i++) {
        if (span_eq(marks->initials[i], initials))
            return true;
    }
    return false;
}

/* Those that stand before two lines. */
static void find_initials(struct span text, struct quote_marks *marks)
{
    struct quote_marks once = {.n = 0};
    struct span line;

    while (span_line(&text, &line)) {
        struct span initials = initials_of(line);

        if (initials.n == 0 || is_prompt(initials) || has_initials(marks, initials))
            continue;
        if (has_initials(&once, initials))
            marks->initials[marks->n++] = initials;
        else if (once.n < QUOTE_MARKS_MAX)
            once.initials[once.n++] = initials;
    }
}

/* -------------------------------------------------------------------------------------------- */

struct quote_marks quote_marks_find(struct span text)
{
    struct quote_marks marks = {.bars = find_bars(text)};

    find_initials(text, &marks);
    return marks;
}

bool quote_marks_has(const struct quote_marks *marks, struct span line)
{
    struct span initials = initials_of(line);
    struct span rest;

    if (span_starts(without_blanks(line), "bq. ") || (marks->bars && cut_bars(line, &rest)))
        return true;
    return initials.n > 0 && has_initials(marks, initials);
}
