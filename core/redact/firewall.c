#include "redact/firewall.h"

#include "base/buf.h"

enum { WRAPPED_LEAST = 50 /* letters of a line that a client could have wrapped */ };

/* What is quoted is a map of the text's bytes first: marks, headings and echoes overlap. */

static void map_span(bool *map, size_t at, size_t n)
{
    memset(map + at, true, n);
}

static struct span first_line(struct span text)
{
    return span_first(text, span_find(text, '\n'));
}

/*
 * Clients that wrap what was wrapped put the end of a quoted line below it, without a mark: one
 * line between two marked ones, of which the upper is long and ends within a sentence.
 */
static bool is_rest_of(struct span above, struct span line, struct span below)
{
    struct span content;

    (void)quotes_depth(above, &content);
    content = span_trim(content);
    line = span_trim(line);
    return content.n >= WRAPPED_LEAST && strchr(".?!:;", content.at[content.n - 1]) == NULL &&
           line.n > 0 && line.n < content.n && line.at[0] >= 'a' && line.at[0] <= 'z' &&
           quotes_depth(below, &content) > 0;
}

/* Lines of '>', and above them the lines that say whose words they are. */
static void map_marked(struct span text, bool *map)
{
    struct span above = span_of(NULL, 0); /* the marked line above */
    struct span rest = text;

    while (rest.n > 0) {
        size_t at = text.n - rest.n;
        size_t n = span_first(rest, span_find(rest, '\n') + 1).n;
        struct span content;
        bool marked = quotes_depth(span_first(rest, n), &content) > 0;
        size_t heading = marked ? 0 : quotes_heading(rest);

        if (marked || is_rest_of(above, span_first(rest, n), first_line(span_from(rest, n))))
            map_span(map, at, n);
        if (heading > 0 && quotes_depth(first_line(span_from(rest, heading)), &content) > 0)
            map_span(map, at, heading);
        above = marked ? span_first(rest, n) : span_of(NULL, 0);
        rest = span_from(rest, heading > 0 ? heading : n);
    }
}

/* Where a client marks none, it marks none of the lines: all below is somebody else's. */
static void map_unmarked(struct arena *a, struct span text, bool *map)
{
    struct quotes quotes = quotes_find(a, text);

    for (size_t i = 0; i < quotes.n; i++)
        map_span(map, quotes.at[i].at, quotes.at[i].n);
}

static struct quotes quotes_of_map(struct arena *a, const bool *map, size_t bytes)
{
    struct quote *at = NULL;
    size_t n = 0;
    size_t room = 0;

    for (size_t i = 0; i < bytes;) {
        size_t end = i;

        while (end < bytes && map[end])
            end++;
        if (end > i) {
            ARENA_GROW(a, at, n, room);
            at[n] = (struct quote){.at = i, .n = end - i};
            n++;
        }
        i = end + 1;
    }
    return (struct quotes){at, n};
}

struct quotes firewall_find(struct arena *a, struct span text, struct echo *given)
{
    bool *map = ARENA_ARRAY(a, text.n, bool);

    map_marked(text, map);
    map_unmarked(a, text, map);
    if (given != NULL)
        echo_find(a, given, text, map);
    return quotes_of_map(a, map, text.n);
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
    return quotes_of_map(a, map, text.n);
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

/* Bytes of a mark of punctuation beyond ASCII: U+2000..203F, U+3000..301F, U+FF01..FF0F. */
static size_t wide_mark(struct span s)
{
    unsigned char last = s.n < 3 ? 0 : s.at[2];

    if ((span_starts(s, "\xE2\x80") && last != 0) || (span_starts(s, "\xE3\x80") && last < 0xA0) ||
        (span_starts(s, "\xEF\xBC") && last < 0x90))
        return 3;
    return 0;
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
