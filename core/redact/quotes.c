#include "redact/quotes.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "redact/quote-marks.h"
#include "redact/quote-words.h"

/*
 * One pass over the lines, with a look ahead of a few lines where one could begin a quote. A quote
 * without marks reaches to the end of its depth, or to the next one at that depth: then a third
 * author speaks.
 */

enum {
    LINE_LEAST = 20, /* of dashes or underscores alone */
    HEADS_AHEAD = 6, /* lines in which a block of From: must show what it is */
    ATTRIBUTION_LINES = 3,
    ATTRIBUTION_BYTES = 400,
    NAME_BYTES = 60, /* of a line that names a writer and nothing else */
};

struct finding {
    struct arena *a;
    struct span text;
    struct span rest; /* behind the line that is looked at */
    struct quote_marks marks;
    struct quote *at;
    size_t n, room;
    bool open;     /* the last quote goes on */
    size_t braces; /* and it is one of {quote}, or [quote] in [quote] */
    bool any_text;
    bool blank_above;
};

/* --- lines ---------------------------------------------------------------------------------- */

size_t quotes_blank(struct span s)
{
    static const char *const wide[] = {"\u00A0", "\u00AD", "\u200B", "\u200C", "\u200D",
                                       "\u200E", "\u200F", "\u2060", "\u3000", "\uFEFF"};

    if (s.n > 0 && (s.at[0] == ' ' || s.at[0] == '\t'))
        return 1;
    for (size_t i = 0; i < LEN(wide); i++) {
        if (span_starts(s, wide[i]))
            return strlen(wide[i]);
    }
    return 0;
}

size_t quotes_depth(struct span line, struct span *ret_rest)
{
    size_t depth = 0;
    struct span rest = line;

    /* Japanese writers' own mark counts too. */
    for (size_t n; line.n > 0; line = span_from(line, n)) {
        size_t mark = line.at[0] == '>' ? 1 : span_starts(line, "＞") ? 3 : 0;

        n = mark > 0 ? mark : quotes_blank(line);
        if (n == 0)
            break;
        if (mark > 0) {
            depth++;
            rest = span_from(line, n);
        }
    }
    *ret_rest = rest;
    return depth;
}

/* The next line that is not blank, without marks; its depth in *ret_depth. */
static bool next_line(struct span *rest, struct span *ret_line, size_t *ret_depth)
{
    while (span_line(rest, ret_line)) {
        *ret_depth = quotes_depth(*ret_line, ret_line);
        *ret_line = span_trim(*ret_line);
        if (ret_line->n > 0)
            return true;
    }
    return false;
}

static size_t run_length(struct span s)
{
    size_t n = 0;

    while (n < s.n && s.at[n] == s.at[0])
        n++;
    return n;
}

/* A line of nothing but dashes, underscores or equal signs. */
static bool is_line(struct span s)
{
    return s.n >= LINE_LEAST && strchr("-_=", s.at[0]) != NULL && run_length(s) == s.n;
}

/* From:, and two more of its kind below it. Under a rule that is enough; elsewhere one of them has
 * to be a mail's own, an address or a time: "From: 3.0", "To: 3.4" say what is affected. */
static bool is_head_block(struct span line, struct span rest, bool ruled)
{
    bool proven = ruled || span_find(line, '@') < line.n;
    size_t others = 0;
    size_t depth;

    if (quote_head_of(line) != HEAD_FROM)
        return false;
    for (size_t i = 0; i < HEADS_AHEAD && next_line(&rest, &line, &depth); i++) {
        enum quote_head head = quote_head_of(line);

        others += head == HEAD_OTHER || head == HEAD_MAIL;
        proven = proven || head == HEAD_MAIL ||
                 (head == HEAD_OTHER && (span_find(line, '@') < line.n || quote_has_time(line)));
    }
    return others >= 2 && proven;
}

/* --- "On ... wrote:" ------------------------------------------------------------------------ */

/* Clients fold it; so up to three lines are read as one. *ret_rest: behind them. */
static bool attribution_ends(const struct finding *f, struct span line, size_t depth,
                             struct span *ret_rest)
{
    char joined[ATTRIBUTION_BYTES];
    struct span rest = f->rest;
    size_t n = 0;

    for (size_t i = 0; i < ATTRIBUTION_LINES && line.n > 0; i++) {
        struct span next;

        if (n + 1 + line.n > sizeof(joined))
            return false;
        if (i > 0)
            joined[n++] = ' ';
        memcpy(joined + n, line.at, line.n);
        n += line.n;
        *ret_rest = rest;
        if (quote_is_attribution(span_of(joined, n)))
            return true;
        if (joined[n - 1] == '.' || !span_line(&rest, &next) || quotes_depth(next, &line) != depth)
            return false;
        line = span_trim(line);
    }
    return false;
}

static bool could_be_attribution(struct span line)
{
    return line.n > 3 && (ascii_is_digit(line.at[0]) || span_find(line, ' ') <= 3 ||
                          span_find(line, '@') < line.n || span_ends(line, ":"));
}

/* The next line is not marked as a quote. */
static bool is_bare(const struct finding *f, struct span rest, size_t depth)
{
    struct span next;
    size_t next_depth;

    return next_line(&rest, &next, &next_depth) && next_depth <= depth &&
           !quote_marks_has(&f->marks, next);
}

static bool begins_attributed(const struct finding *f, struct span line, size_t depth)
{
    struct span rest;

    return could_be_attribution(line) && attribution_ends(f, line, depth, &rest) &&
           is_bare(f, rest, depth);
}

/* Proton's rule stands above "On ... wrote:", and that above '>' lines, which speak for themselves.
 */
static bool begins_ruled(const struct finding *f, struct span line, size_t depth)
{
    struct finding below = *f;
    struct span rest;
    size_t next_depth;

    if (!quote_is_rule(line))
        return false;
    return !next_line(&below.rest, &line, &next_depth) || !could_be_attribution(line) ||
           !attribution_ends(&below, line, depth, &rest) || is_bare(f, rest, depth);
}

static bool is_blank_next(struct span rest)
{
    struct span next;

    return span_line(&rest, &next) && span_trim(next).n == 0;
}

/* OTRS: "Jane wrote:" and nothing else, between blank lines. */
static bool begins_named(const struct finding *f, struct span line, size_t depth)
{
    return f->any_text && f->blank_above && line.n <= NAME_BYTES && quote_is_wrote(line) &&
           !quote_is_own(line) && is_blank_next(f->rest) && is_bare(f, f->rest, depth);
}

/* --- ticket systems ------------------------------------------------------------------------- */

/* A rule, and below it a block of From:, or, apart from it, Zendesk's "Jane Doe, Dec 21, 2026,
 * 10:00". */
static bool is_ruled(const struct finding *f, struct span line)
{
    struct span rest = f->rest;
    struct span next;
    bool apart = is_blank_next(rest);
    size_t depth;

    if (!is_line(line) || !next_line(&rest, &next, &depth))
        return false;
    return is_head_block(next, rest, true) ||
           (apart && f->any_text && next.n < ATTRIBUTION_BYTES / 2 && quote_has_time(next) &&
            span_find(next, ',') < next.n);
}

/* Something that a person could have written above a quote: no rules, and no line of a ticket
 * system. */
static bool is_text(struct span line)
{
    if (quote_is_reply_line(line))
        return false;
    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = line.at[i];

        if (ascii_is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'))
            return true;
        if (c >= 0x80 && !span_starts(span_from(line, i), "—"))
            return true;
        i += c >= 0x80 ? 2 : 0; /* an em dash */
    }
    return false;
}

/* --- the pass ------------------------------------------------------------------------------- */

/* Jira's "—-—-—-—", and below it the line that says where to write. */
static bool is_above_reply_line(const struct finding *f, struct span line)
{
    struct span rest = f->rest;
    struct span next;
    size_t depth;

    return !is_text(line) && next_line(&rest, &next, &depth) && quote_is_reply_line(next);
}

static bool begins_quote(const struct finding *f, struct span line, size_t depth)
{
    if (line.n == 0)
        return false;
    if (begins_ruled(f, line, depth) || is_head_block(line, f->rest, false) || is_ruled(f, line) ||
        begins_named(f, line, depth))
        return true;
    if (f->any_text &&
        (quote_is_reply_line(line) || quote_is_journal(line) || is_above_reply_line(f, line)))
        return true;
    return begins_attributed(f, line, depth);
}

static void close_quote(struct finding *f, size_t at)
{
    if (f->open)
        f->at[f->n - 1].n = at - f->at[f->n - 1].at;
    f->open = false;
    f->braces = 0;
}

static void open_quote(struct finding *f, size_t at, size_t depth)
{
    close_quote(f, at);
    ARENA_GROW(f->a, f->at, f->n, f->room);
    f->at[f->n++] = (struct quote){.at = at, .depth = depth};
    f->open = true;
}

/* The head block that a rule began goes on below it. */
static bool is_head_of_open(const struct finding *f, struct span line, size_t at)
{
    struct span between;
    struct span first;

    if (!f->open || quote_head_of(line) != HEAD_FROM)
        return false;
    between = span_first(span_from(f->text, f->at[f->n - 1].at), at - f->at[f->n - 1].at);
    return span_line(&between, &first) && span_trim(between).n == 0;
}

/* Jira's "{quote}" begins and ends, "{quote:title=Jane}" begins; so do [quote] and [/quote]. */
static bool read_brace(struct finding *f, struct span line, size_t at, size_t end, size_t depth)
{
    bool either = span_eq_nocase(line, "{quote}");
    bool ends = span_eq_nocase(line, "[/quote]") || (either && f->braces > 0);
    bool begins = either || (span_starts_nocase(line, "{quote:") && span_ends(line, "}")) ||
                  span_eq_nocase(line, "[quote]") ||
                  (span_starts_nocase(line, "[quote=") && span_ends(line, "]"));

    if (ends && f->braces > 1)
        f->braces--;
    else if (ends && f->braces == 1)
        close_quote(f, end);
    else if (begins && f->braces > 0)
        f->braces++;
    else if (begins) {
        open_quote(f, at, depth);
        f->braces = 1;
    }
    return ends || begins;
}

static void read_line(struct finding *f, struct span line, size_t at)
{
    struct span rest;
    size_t depth = quotes_depth(line, &rest);

    rest = span_trim(rest);
    if (f->open && rest.n > 0 && depth < f->at[f->n - 1].depth)
        close_quote(f, at);
    if (read_brace(f, rest, at, at + line.n, depth)) {
        f->blank_above = false;
        return;
    }
    if (quote_is_groupwise(span_trim(line)) && is_bare(f, f->rest, 0))
        open_quote(f, at, 0);
    else if (f->braces == 0 && begins_quote(f, rest, depth) && !is_head_of_open(f, rest, at))
        open_quote(f, at, depth);
    f->any_text = f->any_text || (depth == 0 && is_text(rest));
    f->blank_above = rest.n == 0;
}

/* What a heading may hold below its first line; a folded line of addresses is none of it. */
static size_t heading_line(struct span text, bool above)
{
    struct finding f = {.text = text, .rest = text, .any_text = true};
    struct span line;
    struct span end;
    size_t depth;

    if (!span_line(&f.rest, &line))
        return 0;
    depth = quotes_depth(line, &line);
    line = span_trim(line);
    end = f.rest;
    if (line.n == 0)
        return above ? text.n - end.n : 0;
    if (quote_is_rule(line) || is_line(line) || is_head_block(line, f.rest, false) ||
        quote_is_reply_line(line) || quote_is_journal(line) ||
        (above && quote_head_of(line) != HEAD_NONE))
        return text.n - end.n;
    if (could_be_attribution(line) && attribution_ends(&f, line, depth, &end))
        return text.n - end.n;
    return quote_is_wrote(line) ? text.n - f.rest.n : 0;
}

size_t quotes_heading(struct span text)
{
    size_t at = 0;
    size_t n;

    while ((n = heading_line(span_from(text, at), at > 0)) > 0)
        at += n;
    return at;
}

struct quotes quotes_find(struct arena *a, struct span text)
{
    struct finding f = {.a = a, .text = text, .rest = text, .marks = quote_marks_find(text)};

    while (f.rest.n > 0) {
        struct span line = span_first(f.rest, span_find(f.rest, '\n') + 1);
        size_t at = text.n - f.rest.n;

        f.rest = span_from(f.rest, line.n);
        read_line(&f, line, at);
    }
    close_quote(&f, text.n);
    return (struct quotes){f.at, f.n};
}

struct span quotes_mark(struct arena *a, struct span text)
{
    struct quotes quotes = quotes_find(a, text);
    struct buf out = buf_new(a, text.n * 3 + 2);
    size_t at = 0;

    for (size_t i = 0; i < quotes.n; i++) {
        const struct quote *quote = &quotes.at[i];
        struct span inside = span_first(span_from(text, quote->at), quote->n);

        buf_add_span(&out, span_first(span_from(text, at), quote->at - at));
        while (inside.n > 0) {
            struct span line = span_first(inside, span_find(inside, '\n') + 1);

            buf_add_str(&out, span_trim(line).n > 0 ? "> " : ">");
            buf_add_span(&out, line);
            inside = span_from(inside, line.n);
        }
        at = quote->at + quote->n;
    }
    buf_add_span(&out, span_from(text, at));
    return buf_span(&out);
}
