#include "redact/quotes.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "redact/quote-marks.h"

/*
 * One pass over the lines, with a look ahead of a few lines where one could begin a quote. A quote
 * without marks reaches to the end of its depth, or to the next one at that depth: then a third
 * author speaks.
 */

enum {
    RULE_LEAST = 3,  /* dashes on both sides of words */
    LINE_LEAST = 20, /* of dashes or underscores alone */
    HEADS_AHEAD = 6, /* lines in which a block of From: must show what it is */
    ATTRIBUTION_LINES = 3,
    ATTRIBUTION_BYTES = 400,
};

struct finding {
    struct arena *a;
    struct span text;
    struct span rest; /* behind the line that is looked at */
    struct quote_marks marks;
    struct quote *at;
    size_t n, room;
    bool open;   /* the last quote goes on */
    bool braces; /* and it is one of {quote} */
    bool any_text;
};

/* --- words ---------------------------------------------------------------------------------- */

static bool has_any(struct span s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_has_nocase(s, words[i]))
            return true;
    }
    return false;
}

static bool starts_any(struct span s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_starts_nocase(s, words[i]))
            return true;
    }
    return false;
}

/* "10:00" somewhere. */
static bool has_time(struct span s)
{
    for (size_t i = 0; i + 3 < s.n; i++) {
        if (ascii_is_digit(s.at[i]) && s.at[i + 1] == ':' && ascii_is_digit(s.at[i + 2]) &&
            ascii_is_digit(s.at[i + 3]))
            return true;
    }
    return false;
}

/* --- lines ---------------------------------------------------------------------------------- */

size_t quotes_depth(struct span line, struct span *ret_rest)
{
    size_t depth = 0;
    struct span rest = line;

    /* Japanese writers' own mark, and the blanks that HTML leaves, count too. */
    for (size_t n; line.n > 0; line = span_from(line, n)) {
        bool mark = line.at[0] == '>' || span_starts(line, "＞");

        n = span_starts(line, "＞") || span_starts(line, "\u3000") ? 3
            : span_starts(line, "\xC2\xA0")                        ? 2
                                                                   : 1;
        if (mark) {
            depth++;
            rest = span_from(line, n);
        } else if (n == 1 && line.at[0] != ' ' && line.at[0] != '\t') {
            break;
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

/* "----- Original Message -----", "Begin forwarded message:" */
static bool is_rule(struct span s)
{
    static const char *const words[] = {"original message",
                                        "original appointment",
                                        "forwarded message",
                                        "ursprüngliche nachricht",
                                        "original-nachricht",
                                        "originalnachricht",
                                        "weitergeleitete nachricht",
                                        "message d'origine",
                                        "message d’origine",
                                        "message original",
                                        "message transféré",
                                        "mensaje original",
                                        "mensagem original",
                                        "messaggio originale",
                                        "messaggio inoltrato",
                                        "oorspronkelijk bericht",
                                        "元のメッセージ",
                                        "転送メッセージ",
                                        "原始邮件",
                                        "原始郵件"};
    static const char *const alone[] = {
        "begin forwarded message:", "anfang der weitergeleiteten nachricht:",
        "début du message réexpédié", "転送されたメッセージ"};

    if (starts_any(s, alone, LEN(alone)))
        return true;
    return s.n > 0 && s.at[0] == '-' && run_length(s) >= RULE_LEAST && span_ends(s, "---") &&
           has_any(s, words, LEN(words));
}

enum head {
    HEAD_NONE,
    HEAD_FROM,
    HEAD_OTHER, /* a word that also begins a sentence: To:, Date: */
    HEAD_MAIL,  /* one that stands in mails only: Sent:, Subject: */
};

static bool is_one_of(struct span name, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_eq_nocase(name, words[i]))
            return true;
    }
    return false;
}

/* "From: ", "*Sent:* ", "送信日時：" */
static enum head head_of(struct span s)
{
    static const char *const from[] = {"from", "von",    "de",     "da",     "van", "fra",
                                       "från", "差出人", "发件人", "寄件者", "От"};
    static const char *const mail[] = {"sent",     "subject",   "gesendet",  "betreff", "envoyé",
                                       "objet",    "enviado",   "asunto",    "assunto", "inviato",
                                       "oggetto",  "verzonden", "onderwerp", "skickat", "ämne",
                                       "送信日時", "件名",      "发送时间",  "主题",    "主旨",
                                       "reply-to", "importance"};
    static const char *const other[] = {"date",   "to",   "cc",   "datum", "an",    "à",    "À",
                                        "para",   "data", "a",    "aan",   "fecha", "日付", "宛先",
                                        "收件人", "日期", "时间", "cc ",   "till"};
    size_t colon;
    struct span name;

    while (s.n > 0 && s.at[0] == '*')
        s = span_from(s, 1);
    colon = span_find(s, ':');
    if (span_find_span(s, span_str("：")) < colon)
        colon = span_find_span(s, span_str("："));
    if (colon == s.n || colon > 24)
        return HEAD_NONE;
    name = span_first(s, colon);
    while (name.n > 0 && (name.at[name.n - 1] == '*' || name.at[name.n - 1] == ' '))
        name.n--;
    if (span_ends(name, "\xc2\xa0"))
        name.n -= 2;
    if (is_one_of(name, from, LEN(from)))
        return HEAD_FROM;
    if (is_one_of(name, mail, LEN(mail)))
        return HEAD_MAIL;
    return is_one_of(name, other, LEN(other)) ? HEAD_OTHER : HEAD_NONE;
}

/* From:, and two more of its kind below it. Under a rule that is enough; elsewhere one of them has
 * to be a mail's own, an address or a time: "From: 3.0", "To: 3.4" say what is affected. */
static bool is_head_block(struct span line, struct span rest, bool ruled)
{
    bool proven = ruled || span_find(line, '@') < line.n;
    size_t others = 0;
    size_t depth;

    if (head_of(line) != HEAD_FROM)
        return false;
    for (size_t i = 0; i < HEADS_AHEAD && next_line(&rest, &line, &depth); i++) {
        enum head head = head_of(line);

        others += head == HEAD_OTHER || head == HEAD_MAIL;
        proven = proven || head == HEAD_MAIL ||
                 (head == HEAD_OTHER && (span_find(line, '@') < line.n || has_time(line)));
    }
    return others >= 2 && proven;
}

/* --- "On ... wrote:" ------------------------------------------------------------------------ */

/* "Jane wrote:", which is enough where '>' lines follow. */
static bool wrote_it(struct span s)
{
    static const char *const verbs[] = {
        "wrote",      "writes",  "schrieb", "geschrieben", "a écrit", "escribió",   "escreveu",
        "ha scritto", "schreef", "skrev",   "napisał",     "写道",    "書きました", "のメール"};

    return (span_ends(s, ":") || span_ends(s, "：")) && has_any(s, verbs, LEN(verbs));
}

static bool is_attribution(struct span s)
{
    static const char *const openers[] = {"on ", "am ", "le ",  "el ",     "il ",
                                          "em ", "op ", "den ", "w dniu ", "på "};
    bool dated = s.n > 0 && ascii_is_digit(s.at[0]);

    if (dated && (span_ends(s, ">:") || span_ends(s, ">：")))
        return true; /* "2026年12月21日(月) 10:00 CERT <a@b>:" */
    return wrote_it(s) && (dated || starts_any(s, openers, LEN(openers)) ||
                           span_find(s, '@') < s.n || span_has_nocase(s, "さん"));
}

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
        if (is_attribution(span_of(joined, n)))
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

static bool begins_attributed(const struct finding *f, struct span line, size_t depth)
{
    struct span rest;
    struct span next;
    size_t next_depth;

    if (!could_be_attribution(line) || !attribution_ends(f, line, depth, &rest))
        return false;
    return next_line(&rest, &next, &next_depth) && next_depth <= depth &&
           !quote_marks_has(&f->marks, next);
}

/* --- ticket systems ------------------------------------------------------------------------- */

/* Zendesk, Jira and others: what stands above the line is new. In a mail of theirs it stands on
 * top, and is about nothing. */
static bool is_reply_line(struct span s)
{
    static const char *const words[] = {"reply above this line", "type your reply above",
                                        "reply above the line",  "respond above this line",
                                        "oberhalb dieser zeile", "au-dessus de cette ligne",
                                        "por encima de esta l",  "この行より上に"};

    return has_any(s, words, LEN(words));
}

/* ServiceNow: "2026-12-21 10:00:00 JST - Jane Doe (Additional comments)" */
static bool is_journal_line(struct span s)
{
    static const char *const words[] = {"additional comments", "work notes", "comments"};

    return s.n > 20 && ascii_is_digit(s.at[0]) && ascii_is_digit(s.at[3]) && s.at[4] == '-' &&
           s.at[7] == '-' && has_time(s) && span_has_nocase(s, " - ") &&
           has_any(s, words, LEN(words));
}

/* A rule, and below it a block of From:, or Zendesk's "Jane Doe, Dec 21, 2026, 10:00". */
static bool is_ruled(const struct finding *f, struct span line)
{
    struct span rest = f->rest;
    struct span next;
    size_t depth;

    if (!is_line(line) || !next_line(&rest, &next, &depth))
        return false;
    return is_head_block(next, rest, true) || (f->any_text && next.n < ATTRIBUTION_BYTES / 2 &&
                                               has_time(next) && span_find(next, ',') < next.n);
}

/* Something that a person could have written above a quote: no rules, and no line of a ticket
 * system. */
static bool is_text(struct span line)
{
    if (is_reply_line(line))
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

    return !is_text(line) && next_line(&rest, &next, &depth) && is_reply_line(next);
}

static bool begins_quote(const struct finding *f, struct span line, size_t depth)
{
    if (line.n == 0)
        return false;
    if (is_rule(line) || is_head_block(line, f->rest, false) || is_ruled(f, line))
        return true;
    if (f->any_text &&
        (is_reply_line(line) || is_journal_line(line) || is_above_reply_line(f, line)))
        return true;
    return begins_attributed(f, line, depth);
}

static void close_quote(struct finding *f, size_t at)
{
    if (f->open)
        f->at[f->n - 1].n = at - f->at[f->n - 1].at;
    f->open = false;
    f->braces = false;
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

    if (!f->open || head_of(line) != HEAD_FROM)
        return false;
    between = span_first(span_from(f->text, f->at[f->n - 1].at), at - f->at[f->n - 1].at);
    return span_line(&between, &first) && span_trim(between).n == 0;
}

static void read_line(struct finding *f, struct span line, size_t at)
{
    struct span rest;
    size_t depth = quotes_depth(line, &rest);

    rest = span_trim(rest);
    if (f->open && rest.n > 0 && depth < f->at[f->n - 1].depth)
        close_quote(f, at);
    if (span_eq_nocase(rest, "{quote}")) {
        bool ended = f->braces;

        if (!ended)
            open_quote(f, at, depth);
        else
            close_quote(f, (size_t)(line.at - f->text.at) + line.n);
        f->braces = !ended;
    } else if (!f->braces && begins_quote(f, rest, depth) && !is_head_of_open(f, rest, at)) {
        open_quote(f, at, depth);
    }
    f->any_text = f->any_text || (depth == 0 && is_text(rest));
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
    if (is_rule(line) || is_line(line) || is_head_block(line, f.rest, false) ||
        is_reply_line(line) || is_journal_line(line) || (above && head_of(line) != HEAD_NONE))
        return text.n - end.n;
    if (could_be_attribution(line) && attribution_ends(&f, line, depth, &end))
        return text.n - end.n;
    return wrote_it(line) ? text.n - f.rest.n : 0;
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
