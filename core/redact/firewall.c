#include "redact/firewall.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "redact/quote-marks.h"

enum {
    WRAPPED_LEAST = 50, /* letters of a line that a client could have wrapped */
    PART_WORDS = 4,     /* of a line, beside what was sent, that may be an answer */
    PART_BYTES = 30,    /* or so many without a blank, as the Japanese write */
    CITED_BYTES = 400,  /* between quotation marks */
};

/* What is quoted is a map of the text's bytes first: marks, headings and echoes overlap. */

static void map_span(bool *map, size_t at, size_t n)
{
    memset(map + at, true, n);
}

static struct span first_line(struct span text)
{
    return span_first(text, span_find(text, '\n'));
}

/* What is found: for each byte, is it quoted, and might it all the same be the writer's answer. */
struct finding {
    struct arena *a;
    struct span text;
    struct quote_marks marks;
    struct echo *given; /* or NULL */
    struct quotes unmarked;
    bool *quoted;
    bool *said; /* by the desk */
    bool *answer;
};

/* Is the line marked as a quote; *ret_content: without '>'. */
static bool is_marked(const struct finding *f, struct span line, struct span *ret_content)
{
    return quotes_depth(line, ret_content) > 0 || quote_marks_has(&f->marks, line);
}

/*
 * Clients that wrap what was wrapped put the end of a quoted line below it, without a mark: one
 * line between two marked ones, of which the upper is long and ends within a sentence. So does an
 * answer look that begins with a small letter.
 */
static bool looks_like_rest(const struct finding *f, struct span above, struct span line,
                            struct span below)
{
    struct span content;

    return above.n >= WRAPPED_LEAST && strchr(".?!:;", above.at[above.n - 1]) == NULL &&
           line.n > 0 && line.n < above.n && line.at[0] >= 'a' && line.at[0] <= 'z' &&
           is_marked(f, below, &content);
}

/* The line at that byte, below the quoted line above: is it the rest of it? What was sent knows;
 * where it does not, its looks have to do, and a person has to look. */
static bool map_rest(struct finding *f, struct span above, struct span line, struct span below)
{
    size_t at = (size_t)(line.at - f->text.at);
    struct span content = span_trim(line);
    enum echo_next next = ECHO_UNKNOWN;
    size_t n;

    if (above.n == 0 || content.n == 0)
        return false;
    if (f->given != NULL)
        next = echo_goes_on(f->a, f->given, above, line, &n);
    if (next == ECHO_FOLLOWS) {
        map_span(f->quoted, at, n);
        return n == line.n;
    }
    if (next == ECHO_UNKNOWN && looks_like_rest(f, above, content, below)) {
        map_span(f->quoted, at, line.n);
        map_span(f->answer, at, line.n);
    }
    return false;
}

/* Marked lines, and above them the lines that say whose words they are. */
static void map_marked(struct finding *f)
{
    struct span above = span_of(NULL, 0); /* the quoted line above, without its marks */
    struct span rest = f->text;

    while (rest.n > 0) {
        size_t at = f->text.n - rest.n;
        struct span line = span_first(rest, span_find(rest, '\n') + 1);
        struct span content;
        bool marked = is_marked(f, line, &content);
        size_t heading = marked ? 0 : quotes_heading(rest);
        bool goes_on;

        if (marked)
            map_span(f->quoted, at, line.n);
        if (heading > 0 && is_marked(f, first_line(span_from(rest, heading)), &content))
            map_span(f->quoted, at, heading);
        goes_on = !marked && map_rest(f, above, line, first_line(span_from(rest, line.n)));
        above = marked || goes_on ? span_trim(content) : span_of(NULL, 0);
        rest = span_from(rest, heading > 0 ? heading : line.n);
    }
}

/* Where a client marks none, it marks none of the lines: all below is somebody else's. */
static void map_unmarked(struct finding *f)
{
    f->unmarked = quotes_find(f->a, f->text);
    for (size_t i = 0; i < f->unmarked.n; i++)
        map_span(f->quoted, f->unmarked.at[i].at, f->unmarked.at[i].n);
}

/* Bytes of a mark of punctuation beyond ASCII: U+2000..203F, U+3000..301F, U+FF01..FF0F. */
static size_t wide_mark(struct span s)
{
    unsigned char last = s.n < 3 ? 0 : s.at[2];

    if ((span_starts(s, "\xE2\x80") && last != 0) || (span_starts(s, "\xE3\x80") && last < 0xA0) ||
        (span_starts(s, "\xEF\xBC") && last < 0x90))
        return 3;
    return 0;
}

static bool has_letters(struct span s)
{
    while (s.n > 0) {
        unsigned char c = ascii_lower(s.at[0]);
        size_t n = quotes_blank(s);

        n = n == 0 ? wide_mark(s) : n;
        if (n == 0 && (c >= 0x80 || ascii_is_digit(c) || (c >= 'a' && c <= 'z')))
            return true;
        s = span_from(s, n == 0 ? 1 : n);
    }
    return false;
}

static bool is_part(struct span s)
{
    size_t words = 0;

    s = span_trim(s);
    for (size_t i = 0; i < s.n; i++)
        words += s.at[i] > ' ' && (i == 0 || s.at[i - 1] <= ' ');
    return words >= PART_WORDS || s.n / (words + 1) >= PART_BYTES;
}

/* What was not sent of a line. True: some of it was. */
static bool map_new(struct finding *f, struct span line, bool known)
{
    size_t at = (size_t)(line.at - f->text.at);
    bool *said = f->said + at;
    bool some = memchr(said, 1, line.n) != NULL;

    for (size_t i = 0, end; i < line.n; i = end) {
        struct span part;

        for (end = i; end < line.n && said[end] == said[i];)
            end++;
        part = span_first(span_from(line, i), end - i);
        if (!said[i] && (some ? is_part(part) : known && has_letters(part)))
            map_span(f->answer, at + i, end - i);
    }
    return some;
}

static bool is_brace(struct span line)
{
    return span_has_nocase(line, "{quote") || span_has_nocase(line, "[quote") ||
           span_has_nocase(line, "[/quote");
}

/* Below what was sent stands what was not, and no heading says whose it is. */
static void map_answers(struct finding *f, const struct quote *quote)
{
    struct span rest = span_first(span_from(f->text, quote->at), quote->n);
    bool known = false;

    while (rest.n > 0) {
        size_t n = quotes_heading(rest);
        struct span line = span_first(rest, span_find(rest, '\n') + 1);
        struct span content;

        if (n == 0 && is_marked(f, line, &content))
            known = true;
        else if (n == 0 && !is_brace(span_trim(line)))
            known = map_new(f, line, known) || known;
        rest = span_from(rest, n > 0 ? n : line.n);
    }
}

/* The closing mark to the quotation mark at the start of s; NULL: there is none. */
static const char *closing_mark(struct span s, size_t *ret_n)
{
    static const char *const pairs[][2] = {{"\"", "\""}, {"“", "”"},   {"„", "“"},   {"«", "»"},
                                           {"»", "«"},   {"「", "」"}, {"『", "』"}, {"”", "”"}};

    for (size_t i = 0; i < LEN(pairs); i++) {
        if (span_starts(s, pairs[i][0])) {
            *ret_n = strlen(pairs[i][0]);
            return pairs[i][1];
        }
    }
    return NULL;
}

/* Half a sentence of what was sent, between quotation marks: too short to be found elsewhere. */
static void map_cited(struct finding *f)
{
    for (size_t at = 0, n; at < f->text.n; at++) {
        struct span rest = span_first(span_from(f->text, at), CITED_BYTES);
        const char *mark = closing_mark(rest, &n);
        size_t end;

        if (mark == NULL)
            continue;
        rest = span_from(rest, n);
        end = span_find_span(rest, span_str(mark));
        if (end < rest.n && echo_says(f->a, f->given, span_first(rest, end)))
            map_span(f->said, at + n, end);
    }
}

/* What was sent is quoted wherever it stands, and tells what of a quote is new. */
static void map_sent(struct finding *f)
{
    echo_find(f->a, f->given, f->text, f->said);
    map_cited(f);
    for (size_t i = 0; i < f->text.n; i++)
        f->quoted[i] = f->quoted[i] || f->said[i];
    for (size_t i = 0; i < f->unmarked.n; i++)
        map_answers(f, &f->unmarked.at[i]);
}

/* answer may be NULL. */
static struct quotes quotes_of_map(struct arena *a, const bool *map, const bool *answer,
                                   size_t bytes)
{
    struct quote *at = NULL;
    size_t n = 0;
    size_t room = 0;

    for (size_t i = 0, end; i < bytes; i = end) {
        bool may_be = answer != NULL && answer[i];

        for (end = i + 1; end < bytes && map[end] == map[i];) {
            if (map[i] && answer != NULL && answer[end] != may_be)
                break;
            end++;
        }
        if (!map[i])
            continue;
        ARENA_GROW(a, at, n, room);
        at[n] = (struct quote){.at = i, .n = end - i, .answer = may_be};
        n++;
    }
    return (struct quotes){at, n};
}

struct quotes firewall_answers(struct arena *a, const struct quotes *quotes)
{
    struct quote *at = ARENA_ARRAY(a, quotes->n, struct quote);
    size_t n = 0;

    for (size_t i = 0; i < quotes->n; i++) {
        if (quotes->at[i].answer)
            at[n++] = quotes->at[i];
    }
    return (struct quotes){at, n};
}

struct quotes firewall_find(struct arena *a, struct span text, struct echo *given)
{
    struct finding f = {.a = a,
                        .text = text,
                        .marks = quote_marks_find(text),
                        .given = given,
                        .quoted = ARENA_ARRAY(a, text.n, bool),
                        .said = ARENA_ARRAY(a, text.n, bool),
                        .answer = ARENA_ARRAY(a, text.n, bool)};

    map_marked(&f);
    map_unmarked(&f);
    if (given != NULL)
        map_sent(&f);
    return quotes_of_map(a, f.quoted, f.answer, text.n);
}

struct quotes firewall_sent(struct arena *a, struct span text, struct echo *given)
{
    bool *map = ARENA_ARRAY(a, text.n, bool);

    echo_find(a, given, text, map);
    return quotes_of_map(a, map, NULL, text.n);
}

struct quotes firewall_find_among(struct arena *a, struct span text, const struct quotes *quotes,
                                  struct echo *echo)
{
    bool *map = ARENA_ARRAY(a, text.n, bool);
    size_t at = 0;

    echo_find(a, echo, text, map);
    for (size_t i = 0; i < quotes->n; i++) {
        memset(map + at, false, quotes->at[i].at - at);
        at = quotes->at[i].at + quotes->at[i].n;
    }
    if (at < text.n)
        memset(map + at, false, text.n - at);
    return quotes_of_map(a, map, NULL, text.n);
}

/* --- the text without them ------------------------------------------------------------------ */

struct leaving {
    struct span text;
    const struct quotes *quotes;
    size_t next; /* the first quote that reaches beyond what was looked at */
    const char *stand_in;
    struct buf out;
    bool left_out; /* something was, since the last line that stayed */
    bool blank;    /* and below it was a blank line */
};

/* Moves on to the first quote that ends behind at. */
static void skip_to(struct leaving *l, size_t at)
{
    while (l->next < l->quotes->n && l->quotes->at[l->next].at + l->quotes->at[l->next].n <= at)
        l->next++;
}

/* The quote at byte at, or the next one; false: none begins before end. */
static bool quote_in(struct leaving *l, size_t at, size_t end, size_t *ret_from, size_t *ret_to)
{
    const struct quote *q;

    skip_to(l, at);
    if (l->next == l->quotes->n || l->quotes->at[l->next].at >= end)
        return false;
    q = &l->quotes->at[l->next];
    *ret_from = q->at > at ? q->at : at;
    *ret_to = q->at + q->n < end ? q->at + q->n : end;
    return true;
}

/* Nothing in it that somebody wrote: blanks, marks, the dot behind the last word. */
static bool is_empty(struct span s)
{
    while (s.n > 0) {
        size_t wide = wide_mark(s);

        if (wide == 0 && (s.at[0] == '\0' || strchr(" \t\r\n>|.,;:!?*-\"'()", s.at[0]) == NULL))
            return false;
        s = span_from(s, wide == 0 ? 1 : wide);
    }
    return true;
}

/* Is there a quote in bytes at..end; *ret_whole: and nothing else. */
static bool is_quoted(struct leaving *l, size_t at, size_t end, bool *ret_whole)
{
    size_t keep = l->next;
    size_t from;
    size_t to;
    bool any = false;

    *ret_whole = true;
    while (at < end && quote_in(l, at, end, &from, &to)) {
        any = true;
        *ret_whole = *ret_whole && is_empty(span_first(span_from(l->text, at), from - at));
        at = to;
    }
    *ret_whole = *ret_whole && is_empty(span_first(span_from(l->text, at), end - at));
    l->next = keep;
    return any;
}

static void leave_out(struct leaving *l)
{
    if (!l->left_out) {
        if (l->out.n > 0 && l->out.at[l->out.n - 1] != '\n')
            buf_add_char(&l->out, '\n');
        buf_add_str(&l->out, l->stand_in);
        buf_add_char(&l->out, '\n');
    }
    l->left_out = true;
    l->blank = false;
}

/* A line follows that stays. */
static void stay(struct leaving *l)
{
    if (l->left_out && l->blank)
        buf_add_char(&l->out, '\n');
    l->left_out = false;
    l->blank = false;
}

/* A line of which a part is quoted. */
static void add_rest(struct leaving *l, size_t at, size_t end)
{
    size_t from;
    size_t to;

    stay(l);
    while (at < end && quote_in(l, at, end, &from, &to)) {
        buf_add_span(&l->out, span_first(span_from(l->text, at), from - at));
        buf_add_str(&l->out, l->stand_in);
        at = to;
    }
    buf_add_span(&l->out, span_first(span_from(l->text, at), end - at));
}

static void add_line(struct leaving *l, size_t at, size_t n)
{
    struct span line = span_first(span_from(l->text, at), n);
    bool whole;

    skip_to(l, at);
    if (!is_quoted(l, at, at + n, &whole)) {
        if (l->left_out && span_trim(line).n == 0) {
            l->blank = true; /* blank lines between two quotes would count them */
            return;
        }
        stay(l);
        buf_add_span(&l->out, line);
    } else if (whole) {
        leave_out(l);
    } else {
        add_rest(l, at, at + n);
    }
}

size_t firewall_lines(struct span text, const struct quotes *quotes)
{
    struct leaving l = {.text = text, .quotes = quotes};
    size_t lines = 0;

    for (size_t at = 0; at < text.n;) {
        struct span line = span_from(text, at);
        bool whole;

        line = span_first(line, span_find(line, '\n') + 1);
        skip_to(&l, at);
        lines += span_trim(line).n > 0 && is_quoted(&l, at, at + line.n, &whole);
        at += line.n;
    }
    return lines;
}

struct span firewall_text(struct arena *a, struct span text, const struct fenced *fenced,
                          uint32_t org, const struct quotes *quotes, const char *stand_in)
{
    const struct fence_segment all = {.text = text};
    const struct fenced none = {.segments = &all, .n_segments = 1};
    struct leaving l = {.text = text, .quotes = quotes, .stand_in = stand_in};
    size_t max = text.n + 1 + (quotes->n + 1) * (strlen(stand_in) + 3);

    if (quotes->n == 0)
        return fenced == NULL ? text : fences_text_for(a, fenced, org);
    l.out = buf_new(a, max);
    fenced = fenced == NULL ? &none : fenced;
    for (size_t i = 0; i < fenced->n_segments; i++) {
        struct span rest = fenced->segments[i].text;

        if (!fence_visible(&fenced->segments[i].audience, org))
            continue;
        while (rest.n > 0) {
            struct span line = span_first(rest, span_find(rest, '\n') + 1);

            add_line(&l, (size_t)(line.at - text.at), line.n);
            rest = span_from(rest, line.n);
        }
    }
    return buf_span(&l.out);
}

const char *firewall_stand_in(const char *lang)
{
    return lang != NULL && strncmp(lang, "ja", 2) == 0 ? "[引用は省略しました]"
                                                       : "[quoted text left out]";
}
