#include "mime/banner.h"

#include <strings.h>

#include "base/buf.h"

/* A banner has a word of both columns in its first paragraph. */
static const char *const warnings[] = {
    "caution",
    "warning",
    "external",
    "attention",
    "achtung",
    "vorsicht",
    "warnung",
    "hinweis",
    "extern",
    "注意",
    /* attention */ "警告", /* warning */
    "外部",
    "社外", /* from outside (the company) */
};
static const char *const reasons[] = {
    "originated from outside",
    "originated outside",
    "from outside of",
    "from outside the",
    "from outside your",
    "from an external",
    "external email",
    "external sender",
    "external source",
    "external e-mail",
    "do not click",
    "don't click",
    "you don't often get email from",
    "von außerhalb",
    "von ausserhalb",
    "von einem externen",
    "externer absender",
    "externe e-mail",
    "externen absender",
    "außerhalb der organisation",
    "外部から",
    /* from outside */ "社外から",
    "組織外", /* outside the organisation */
    "外部メール",
    /* mail from outside */ "社外メール",
};
static const char *const footer_phrases[] = {
    "unsubscribe",
    "you received this message because you are subscribed",
    "to view this discussion",
    "mailing list",
    "this email and any files transmitted with it are confidential",
    "this e-mail and any attachments",
    "this message (including any attachments)",
    "diese e-mail enthält vertrauliche",
    "diese e-mail kann vertrauliche",
    "abbestellen",
    "配信停止",           /* stop delivery */
    "このメールには機密", /* this mail holds confidential ... */
};

static bool has_any(struct span text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_has_nocase(text, words[i]))
            return true;
    }
    return false;
}

static bool is_rule(struct span line)
{
    size_t n = 0;

    line = span_trim(line);
    while (n < line.n &&
           (line.at[n] == '_' || line.at[n] == '-' || line.at[n] == '=' || line.at[n] == '*'))
        n++;
    return n >= FOOTER_RULE && n == line.n;
}

static bool is_armor(struct span line)
{
    return span_starts(span_trim(line), "-----BEGIN ");
}

/* Cuts empty lines and rules off the start. */
static void skip_empty(struct span *rest)
{
    while (rest->n > 0) {
        struct span next = *rest;
        struct span line;

        span_line(&next, &line);
        if (span_trim(line).n > 0 && !is_rule(line))
            return;
        *rest = next;
    }
}

/* Cuts the lines before the next empty line, rule or armor off; how many. */
static size_t skip_paragraph(struct span *rest)
{
    struct span next = *rest;
    struct span line;
    size_t lines = 0;

    while (span_line(&next, &line) && span_trim(line).n > 0 && !is_rule(line) && !is_armor(line)) {
        *rest = next;
        lines++;
    }
    return lines;
}

size_t banner_length(struct span text)
{
    struct span rest = text;
    struct span paragraph;
    size_t lines;

    skip_empty(&rest);
    paragraph = rest;
    lines = skip_paragraph(&rest);
    paragraph.n -= rest.n;
    if (lines == 0 || lines > BANNER_LINES_MAX || paragraph.n > BANNER_MAX)
        return 0;
    if (!has_any(paragraph, warnings, LEN(warnings)) || !has_any(paragraph, reasons, LEN(reasons)))
        return 0;
    skip_empty(&rest);
    return text.n - rest.n;
}

/* --- subjects -------------------------------------------------------------------------------- */

static const char *const tags[] = {
    "[external]",
    "[ext]",
    "[extern]",
    "[external email]",
    "[external e-mail]",
    "[external mail]",
    "[external sender]",
    "(external)",
    "{external}",
    "<external>",
    "*external*",
    "**external**",
    "***external***",
    "[ext:]",
    "external:",
    "[externe e-mail]",
    "[externer absender]",
    "[external]:",
    "[from external]",
    "[outside]",
    "[外部]",
    "【外部】",
    "[社外]",
    "【社外】",
    "[外部メール]",
    "【外部メール】",
    "【社外メール】",
};
static const char *const replies[] = {"re:", "aw:", "fw:", "fwd:", "wg:", "sv:", "antw:"};

/* Bytes of the longest of words at the start. */
static size_t starts_with(const char *text, const char *const *words, size_t n)
{
    size_t best = 0;

    for (size_t i = 0; i < n; i++) {
        if (strlen(words[i]) > best && strncasecmp(text, words[i], strlen(words[i])) == 0)
            best = strlen(words[i]);
    }
    return best;
}

static const char *skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

const char *banner_untag(struct arena *a, const char *subject)
{
    const char *rest = skip_blanks(subject);
    struct buf kept = buf_new(a, 2 * strlen(subject)); /* the "Re:"s before, a blank after each */
    bool found = false;

    for (;;) {
        size_t tag = starts_with(rest, tags, LEN(tags));
        size_t reply = starts_with(rest, replies, LEN(replies));

        if (tag == 0 && reply == 0)
            break;
        if (reply > 0)
            buf_printf(&kept, "%.*s ", (int)reply, rest);
        found = found || tag > 0;
        rest = skip_blanks(rest + (tag > 0 ? tag : reply));
    }
    return found ? arena_printf(a, "%s%s", kept.n == 0 ? "" : kept.at, rest) : subject;
}

/* --- footers --------------------------------------------------------------------------------- */

static bool begins_with_rule(struct span text)
{
    size_t n = 0;

    while (n < text.n && (text.at[n] == '_' || text.at[n] == '-'))
        n++;
    return n >= FOOTER_RULE || span_starts(text, "-- \n") || span_starts(text, "-- \r\n") ||
           span_starts(text, "--\n") || span_starts(text, "--\r\n");
}

bool footer_is(struct span text)
{
    text = span_trim(text);
    return text.n > 0 && text.n <= FOOTER_MAX &&
           (begins_with_rule(text) || has_any(text, footer_phrases, LEN(footer_phrases)));
}

size_t footer_start(struct span text)
{
    size_t at = text.n;

    while (at > 0 && text.n - at <= FOOTER_MAX) {
        size_t line = at - 1;

        while (line > 0 && text.at[line - 1] != '\n')
            line--;
        if (begins_with_rule(span_from(text, line)))
            return line;
        at = line;
    }
    return text.n;
}
