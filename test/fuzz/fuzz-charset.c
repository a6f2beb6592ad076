/* Text of strangers on its way to people: charsets and what contradicts them, words and names in
 * headers, HTML and its styles, flowed text, quotes, tricks. The first byte chooses. */
#include "mime/charset.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/visible.h"
#include "mime/charset-guess.h"
#include "mime/fields.h"
#include "mime/flowed.h"
#include "mime/html-style.h"
#include "mime/html.h"
#include "mime/parameters.h"
#include "redact/quotes.h"

enum { HTML_MAX = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_be_text(struct span text)
{
    must(text_is_utf8(text) && text.at[text.n] == '\0' && strlen((const char *)text.at) == text.n);
}

/* "label NUL bytes" */
static void labelled(struct arena *a, struct span input)
{
    struct strs defects = {.n = 0};
    size_t n = span_find(input, '\0');
    struct span bytes = span_from(input, n + 1);
    struct span text = charset_to_utf8(a, bytes, span_dup(a, span_first(input, n)), &defects);

    must_be_text(text);
    must(defects.n <= 3);
    must_be_text(charset_to_utf8(a, bytes, charset_guess(bytes), NULL));
}

static void header(struct arena *a, struct span input)
{
    struct strs defects = {.n = 0};
    char *text = fields_text(a, input, &defects);
    struct mailbox m = fields_mailbox(a, input, &defects);
    struct parameters p = parameters_read(a, input, &defects);

    must(text_is_utf8(span_str(text)) && strpbrk(text, "\r\n") == NULL);
    must(m.name == NULL || text_is_utf8(span_str(m.name)));
    must(m.address == NULL ||
         (text_is_utf8(span_str(m.address)) && !visible_has(span_str(m.address), VISIBLE_BIDI)));
    for (size_t i = 0; i < p.n; i++)
        must(text_is_utf8(span_str(p.at[i].value)));
}

static void html(struct arena *a, struct span input)
{
    struct strs defects = {.n = 0};
    struct span text =
        html_to_text(a, charset_to_utf8(a, input, "utf-8", NULL), HTML_MAX, &defects);

    must_be_text(text);
    must(text.n <= HTML_MAX);
}

static void css(struct arena *a, struct span input)
{
    struct html_rules rules = {.n = 0};
    struct html_style style = html_style_first();

    html_rules_read(a, &rules, input);
    must(rules.n <= HTML_RULES_MAX);
    html_style_rules(&style, &rules, "p", "a b", "c");
    html_style_declare(&style, input);
    (void)html_style_hides(&style);
}

static void flowed(struct arena *a, struct span input)
{
    struct span plain = charset_to_utf8(a, input, "utf-8", NULL);

    must(text_is_utf8(flowed_text(a, plain, false)));
    must(flowed_text(a, plain, true).n <= 2 * plain.n);
}

/* Quotes come in order, and are whole lines; without the marks of people's text nothing is lost. */
static void quotes(struct arena *a, struct span input)
{
    struct quotes found = quotes_find(a, input);
    size_t at = 0;

    for (size_t i = 0; i < found.n; i++) {
        must(found.at[i].at >= at && found.at[i].n > 0);
        must(found.at[i].at == 0 || input.at[found.at[i].at - 1] == '\n');
        at = found.at[i].at + found.at[i].n;
        must(at <= input.n && (at == input.n || input.at[at - 1] == '\n'));
    }
    must(quotes_mark(a, input).n >= input.n);
}

static void tricks(struct arena *a, struct span input)
{
    struct span shown = span_str(visible_text(a, input));

    must(text_is_utf8(shown));
    must(!visible_has(shown, VISIBLE_BIDI) && !visible_has(shown, VISIBLE_ZERO_WIDTH));
    must(text_is_utf8(span_str(text_one_line(a, input, 100))));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span input = span_from(span_of(at, n), 1);

    switch (n == 0 ? '\0' : at[0]) {
    case 'L':
        labelled(a, input);
        break;
    case 'F':
        header(a, input);
        break;
    case 'H':
        html(a, input);
        break;
    case 'S':
        css(a, input);
        break;
    case 'W':
        flowed(a, input);
        break;
    case 'Q':
        quotes(a, input);
        break;
    case 'T':
        tricks(a, input);
        break;
    default:
        break;
    }
    return 0;
}
