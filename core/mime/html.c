#include "mime/html.h"

#include <libxml/HTMLparser.h>
#include <strings.h>

#include "base/buf.h"
#include "mime/header.h"
#include "mime/html-style.h"

enum { QUOTE_DEPTH_MAX = 20, META_SEARCH_BYTES = 2048, LINK_BYTES_MAX = 2000, CHUNK = 64 * 1024 };

struct rendering {
    struct arena *a;
    struct strs *defects;
    struct buf out;
    size_t skipped;            /* open elements whose text is not shown */
    struct html_style *styles; /* of the open elements */
    size_t depth;
    size_t styles_room;
    struct html_rules rules;
    struct buf css;
    bool in_css;
    bool gone;   /* no browser would show a trace of the element */
    bool hidden; /* nor its text */
    size_t pre;
    size_t quotes;
    bool line_open; /* something stands in this line */
    bool blank;     /* a blank is owed before the next letter */
    const char *link;
    size_t link_text; /* offset in out where the link's text began */
};

static bool one_of(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcasecmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static bool is_skipped(const char *name)
{
    static const char *const names[] = {"script", "style", "head", "title", "noscript", "template"};

    return one_of(name, names, LEN(names));
}

static bool is_block(const char *name)
{
    static const char *const names[] = {
        "p",    "div",     "tr",      "table",   "ul",     "ol",         "li",
        "dl",   "dt",      "dd",      "h1",      "h2",     "h3",         "h4",
        "h5",   "h6",      "hr",      "pre",     "body",   "blockquote", "br",
        "form", "address", "section", "article", "header", "footer",     "center"};

    return one_of(name, names, LEN(names));
}

static bool is_paragraph(const char *name)
{
    static const char *const names[] = {"p",  "h1", "h2",         "h3", "h4",
                                        "h5", "h6", "blockquote", "pre"};

    return one_of(name, names, LEN(names));
}

static void end_line(struct rendering *r)
{
    r->blank = false;
    if (r->line_open)
        buf_add_char(&r->out, '\n');
    r->line_open = false;
}

static void end_paragraph(struct rendering *r)
{
    size_t n;

    end_line(r);
    n = r->out.n;
    if (n > 1 && r->out.at[n - 1] == '\n' && r->out.at[n - 2] != '\n')
        buf_add_char(&r->out, '\n');
}

static void begin_text(struct rendering *r)
{
    if (!r->line_open) {
        for (size_t i = 0; i < r->quotes && i < QUOTE_DEPTH_MAX; i++)
            buf_add_str(&r->out, "> ");
        r->line_open = true;
    } else if (r->blank) {
        buf_add_char(&r->out, ' ');
    }
    r->blank = false;
}

static void add_text(struct rendering *r, struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = text.at[i];

        if (r->pre > 0 && c == '\n') {
            begin_text(r);
            end_line(r);
        } else if (c == '\n' || c == '\r' || ((c == ' ' || c == '\t') && r->pre == 0)) {
            r->blank = r->line_open && r->pre == 0;
        } else {
            begin_text(r);
            buf_add_char(&r->out, (char)c);
        }
    }
}

/* Not only blanks, no-break spaces and joiners, which newsletters hide by the dozen. */
static bool has_letters(struct span text)
{
    while (text.n > 0) {
        if (text.at[0] <= ' ')
            text = span_from(text, 1);
        else if (span_starts(text, "\xc2\xa0") || span_starts(text, "\xc2\xad"))
            text = span_from(text, 2);
        else if (span_starts(text, "\xe2\x80") || span_starts(text, "\xcd\x8f"))
            text = span_from(text, text.at[0] == 0xcd ? 2 : 3);
        else
            return true;
    }
    return false;
}

static void add_visible(struct rendering *r, struct span text)
{
    if (!r->hidden)
        add_text(r, text);
    else if (has_letters(text))
        defect_add(r->a, r->defects, "hidden-text");
}

static void on_characters(void *ctx, const xmlChar *text, int n)
{
    struct rendering *r = ctx;

    if (n <= 0)
        return;
    if (r->in_css)
        buf_add(&r->css, text, (size_t)n);
    else if (r->skipped == 0)
        add_visible(r, span_of(text, (size_t)n));
}

/* "[if mso]>" and what Outlook alone shows; "[if !mso]><!" has nothing in it. */
static void on_comment(void *ctx, const xmlChar *comment)
{
    struct rendering *r = ctx;
    struct span text = span_str((const char *)comment);

    if (!span_starts_nocase(span_trim(text), "[if"))
        return;
    text = span_from(text, span_find(text, ']') + 1);
    while (text.n > 0) {
        size_t n = span_find(text, '<');
        struct span words = span_first(text, n);

        if (has_letters(span_from(words, words.n > 0 && words.at[0] == '>')))
            defect_add(r->a, r->defects, "hidden-text");
        text = span_from(text, n);
        text = span_from(text, span_find(text, '>') + 1);
    }
}

static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes != NULL && attributes[i] != NULL; i += 2) {
        if (strcasecmp((const char *)attributes[i], name) == 0)
            return (const char *)attributes[i + 1];
    }
    return NULL;
}

static void begin_link(struct rendering *r, const char *target)
{
    bool shown = target != NULL &&
                 (strncasecmp(target, "http:", 5) == 0 || strncasecmp(target, "https:", 6) == 0 ||
                  strncasecmp(target, "ftp:", 4) == 0 || strncasecmp(target, "mailto:", 7) == 0);

    r->link = shown && strlen(target) <= LINK_BYTES_MAX ? arena_strdup(r->a, target) : NULL;
    r->link_text = r->out.n;
}

/* The target stands behind the text unless it is the text. */
static void end_link(struct rendering *r)
{
    struct span text = span_from(buf_span(&r->out), r->link_text);
    const char *target = r->link;

    r->link = NULL;
    if (target == NULL || r->hidden)
        return;
    text = span_trim(text);
    if (span_eq_str(text, target) ||
        (strncasecmp(target, "mailto:", 7) == 0 && span_eq_str(text, target + 7)))
        return;
    r->blank = r->line_open;
    begin_text(r);
    buf_add_char(&r->out, '<');
    for (const char *c = target; *c != '\0'; c++)
        buf_add_char(&r->out, *c == '\n' || *c == '\r' ? ' ' : *c);
    buf_add_char(&r->out, '>');
}

static void begin_shown(struct rendering *r, const char *name, const xmlChar **attributes)
{
    const char *alt = strcasecmp(name, "img") == 0 ? attribute(attributes, "alt") : NULL;

    if (is_paragraph(name))
        end_paragraph(r);
    else if (strcasecmp(name, "br") == 0 && !r->line_open)
        buf_add_char(&r->out, '\n');
    else if (is_block(name))
        end_line(r);
    r->quotes += strcasecmp(name, "blockquote") == 0;
    r->pre += strcasecmp(name, "pre") == 0;
    if (strcasecmp(name, "li") == 0 && !r->hidden) {
        begin_text(r);
        buf_add_str(&r->out, "- ");
    } else if (strcasecmp(name, "td") == 0 || strcasecmp(name, "th") == 0) {
        r->blank = r->line_open;
    } else if (strcasecmp(name, "a") == 0) {
        begin_link(r, attribute(attributes, "href"));
    } else if (alt != NULL) {
        add_visible(r, span_str(alt));
    }
}

/* --- what is seen, and what would be fetched ------------------------------------------------ */

static void apply_style(struct rendering *r, struct html_style *style, const char *name,
                        const xmlChar **attributes)
{
    const char *ink = attribute(attributes, strcasecmp(name, "body") == 0 ? "text" : "color");
    const char *paper = attribute(attributes, "bgcolor");

    if (ink != NULL)
        html_style_ink(style, span_str(ink));
    if (paper != NULL)
        html_style_paper(style, span_str(paper));
    if (attribute(attributes, "background") != NULL)
        style->paper = HTML_COLOUR_UNKNOWN;
    for (size_t i = 0; attributes != NULL && attributes[i] != NULL; i += 2)
        style->none = style->none || strcasecmp((const char *)attributes[i], "hidden") == 0;
    html_style_rules(style, &r->rules, name, attribute(attributes, "class"),
                     attribute(attributes, "id"));
    html_style_declare(style, span_str(attribute(attributes, "style")));
}

static void look(struct rendering *r)
{
    const struct html_style *top = r->depth > 0 ? &r->styles[r->depth - 1] : NULL;

    r->hidden = top != NULL && html_style_hides(top);
    r->gone = top != NULL && html_style_inside(top).gone;
}

static void push_style(struct rendering *r, const char *name, const xmlChar **attributes)
{
    struct html_style first = html_style_first();
    struct html_style style = html_style_inside(r->depth > 0 ? &r->styles[r->depth - 1] : &first);

    apply_style(r, &style, name, attributes);
    ARENA_GROW(r->a, r->styles, r->depth, r->styles_room);
    r->styles[r->depth++] = style;
    look(r);
}

static bool is_remote(const char *target)
{
    struct span s = span_trim(span_str(target));

    return span_starts_nocase(s, "http:") || span_starts_nocase(s, "https:") ||
           span_starts_nocase(s, "ftp:") || span_starts(s, "//") || span_starts(s, "\\\\") ||
           span_starts_nocase(s, "file:");
}

/* url(http://...), @import "http://..." */
static bool css_fetches(const char *css)
{
    for (const char *c = css; c != NULL && (c = strcasestr(c, "url(")) != NULL; c++) {
        if (is_remote(c + 4 + strspn(c + 4, " \t\r\n\"'")))
            return true;
    }
    return css != NULL && strcasestr(css, "@import") != NULL;
}

static void note_remote(struct rendering *r, const char *name, const xmlChar **attributes)
{
    static const char *const fetched[] = {"src", "background", "poster", "data", "srcset"};
    const char *content = attribute(attributes, "content");
    bool remote = css_fetches(attribute(attributes, "style"));

    for (size_t i = 0; i < LEN(fetched); i++)
        remote = remote || is_remote(attribute(attributes, fetched[i]));
    if (strcasecmp(name, "link") == 0)
        remote = remote || is_remote(attribute(attributes, "href"));
    if (strcasecmp(name, "meta") == 0 && content != NULL &&
        attribute(attributes, "http-equiv") != NULL)
        remote = remote || strcasestr(content, "url=") != NULL;
    if (remote)
        defect_add(r->a, r->defects, "remote-content");
}

static void begin_css(struct rendering *r)
{
    r->css = buf_new(r->a, HTML_CSS_BYTES_MAX);
    r->in_css = true;
}

static void end_css(struct rendering *r)
{
    r->in_css = false;
    if (css_fetches(r->css.at))
        defect_add(r->a, r->defects, "remote-content");
    html_rules_read(r->a, &r->rules, buf_span(&r->css));
}

/* --- the parser's events -------------------------------------------------------------------- */

static void on_start(void *ctx, const xmlChar *element, const xmlChar **attributes)
{
    struct rendering *r = ctx;
    const char *name = (const char *)element;

    note_remote(r, name, attributes);
    push_style(r, name, attributes);
    if (strcasecmp(name, "style") == 0 && !r->in_css)
        begin_css(r);
    if (is_skipped(name))
        r->skipped++;
    else if (r->skipped == 0 && !r->gone)
        begin_shown(r, name, attributes);
}

static void end_shown(struct rendering *r, const char *name)
{
    if (strcasecmp(name, "a") == 0)
        end_link(r);
    if (is_paragraph(name))
        end_paragraph(r);
    else if (is_block(name) && strcasecmp(name, "br") != 0)
        end_line(r);
    r->quotes -= strcasecmp(name, "blockquote") == 0 && r->quotes > 0;
    r->pre -= strcasecmp(name, "pre") == 0 && r->pre > 0;
}

static void on_end(void *ctx, const xmlChar *element)
{
    struct rendering *r = ctx;
    const char *name = (const char *)element;

    if (strcasecmp(name, "style") == 0 && r->in_css)
        end_css(r);
    if (is_skipped(name))
        r->skipped -= r->skipped > 0;
    else if (r->skipped == 0 && !r->gone)
        end_shown(r, name);
    r->depth -= r->depth > 0;
    look(r);
}

static void feed(struct rendering *r, htmlParserCtxtPtr parser, struct span html)
{
    while (html.n > 0 && !r->out.full) {
        struct span chunk = span_first(html, CHUNK);

        htmlParseChunk(parser, (const char *)chunk.at, (int)chunk.n, 0);
        html = span_from(html, chunk.n);
        if (r->depth > HTML_DEPTH_MAX) {
            defect_add(r->a, r->defects, "html-too-deep");
            return;
        }
    }
    htmlParseChunk(parser, NULL, 0, 1);
}

/* Without what a full buffer cut in the middle of a character, and without blanks at the end. */
static struct span finished(struct rendering *r)
{
    struct span text = buf_span(&r->out);

    while (r->out.full && text.n > 0 && (text.at[text.n - 1] & 0xc0) == 0x80)
        text.n--;
    if (r->out.full && text.n > 0 && text.at[text.n - 1] >= 0xc0)
        text.n--;
    while (text.n > 0 && (text.at[text.n - 1] == '\n' || text.at[text.n - 1] == ' '))
        text.n--;
    r->out.at[text.n] = '\0';
    return text;
}

struct span html_to_text(struct arena *a, struct span html, size_t max, struct strs *defects)
{
    struct rendering r = {.a = a, .defects = defects, .out = buf_new(a, max)};
    htmlSAXHandler sax = {0};
    htmlParserCtxtPtr parser;

    sax.startElement = on_start;
    sax.endElement = on_end;
    sax.characters = on_characters;
    sax.cdataBlock = NULL;
    sax.comment = on_comment;
    sax.ignorableWhitespace = on_characters;
    parser = htmlCreatePushParserCtxt(&sax, &r, NULL, 0, NULL, XML_CHAR_ENCODING_UTF8);
    if (parser == NULL)
        abort();
    htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
                                   HTML_PARSE_NOWARNING | HTML_PARSE_IGNORE_ENC);
    feed(&r, parser, html);
    htmlFreeParserCtxt(parser);
    if (r.out.full)
        defect_add(a, defects, "html-cut");
    return finished(&r);
}

char *html_charset(struct arena *a, struct span html)
{
    char *head = span_dup(a, span_first(html, META_SEARCH_BYTES));
    const char *at = strcasestr(head, "charset=");
    size_t n = 0;

    if (strcasestr(head, "<meta") == NULL || at == NULL)
        return NULL;
    at += strlen("charset=");
    at += strspn(at, "\"' ");
    n = strcspn(at, "\"' />;");
    return n == 0 ? NULL : arena_strndup(a, at, n);
}
