#include "mime/words.h"

#include <assert.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/text.h"
#include "mime/charset.h"
#include "mime/decode.h"
#include "mime/fields.h"
#include "mime/header.h"

struct word {
    const char *charset;
    bool base64;
    bool broken;
    struct span body; /* still encoded */
    size_t n;         /* how much of the text it was */
};

/* Words of one charset that belong together: adjacent ones may share a character. */
struct pending {
    const char *charset; /* NULL: nothing is pending */
    struct buf bytes;
    struct buf base64; /* the encoded bodies, joined */
    bool all_base64;
    size_t n;
};

struct reading {
    struct arena *a;
    struct strs *defects;
    struct pending pending;
    struct buf out;
};

/* --- one word ------------------------------------------------------------------------------- */

static bool is_token(unsigned char c)
{
    return c > ' ' && c < 127 && strchr("()<>@,;:\"/[]?.=", c) == NULL;
}

/* Length of "=?charset?B?" at the start of text, or 0. */
static size_t opening(struct span text, size_t *ret_charset)
{
    size_t n = 2;

    if (!span_starts(text, "=?"))
        return 0;
    while (n < text.n && n < 2 + CHARSET_NAME_MAX && (is_token(text.at[n]) || text.at[n] == '.'))
        n++;
    *ret_charset = n - 2;
    if (n == 2 || text.n < n + 3 || text.at[n] != '?' || text.at[n + 2] != '?')
        return 0;
    return strchr("bBqQ", text.at[n + 1]) == NULL ? 0 : n + 3;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

/* "a?=20b?=": a '?' that should have been encoded, before an encoded blank, and no end. */
static bool is_bare_question(struct span body, size_t at)
{
    struct span rest = span_from(body, at + 2);

    if (rest.n < 2 || ascii_hex(rest.at[0]) < 0 || ascii_hex(rest.at[1]) < 0)
        return false;
    for (size_t i = 2; i + 1 < rest.n && !is_blank(rest.at[i]); i++) {
        if (rest.at[i] == '?' && rest.at[i + 1] == '=')
            return true;
        if (rest.at[i] == '=' && rest.at[i + 1] == '?')
            return false;
    }
    return false;
}

/* Where the body of a word without "?=" ends: at a blank. One '?' may be left of its end. */
static struct span unterminated(struct span body)
{
    size_t n = 0;

    while (n < body.n && !is_blank(body.at[n]))
        n++;
    return span_first(body, n);
}

/* Finds the end of the word's body. A word that begins inside ends it as well. */
static void read_body(struct span body, struct word *word)
{
    for (size_t i = 0; i < body.n; i++) {
        size_t charset;
        bool end = i + 1 < body.n && body.at[i] == '?' && body.at[i + 1] == '=';

        if (end && !word->base64 && is_bare_question(body, i)) {
            word->broken = true;
            i++;
        } else if (end) {
            word->body = span_first(body, i);
            word->n += i + 2;
            return;
        } else if (opening(span_from(body, i), &charset) > 0) {
            body.n = i;
        }
    }
    word->broken = true;
    word->body = unterminated(body);
    word->n += word->body.n;
    if (word->body.n > 0 && word->body.at[word->body.n - 1] == '?')
        word->body.n--;
}

static bool read_word(struct arena *a, struct span text, struct word *ret_word)
{
    size_t charset_n = 0;
    size_t n = opening(text, &charset_n);
    struct span charset = span_first(span_from(text, 2), charset_n);
    struct word word = {.n = n};

    if (n == 0)
        return false;
    /* RFC 2231 5: "charset*language" */
    word.charset = span_dup(a, span_first(charset, span_find(charset, '*')));
    word.base64 = (text.at[n - 2] | 0x20) == 'b';
    read_body(span_from(text, n), &word);
    *ret_word = word;
    return true;
}

/* --- words in a row ------------------------------------------------------------------------- */

/* Some mailers encode the whole and cut then, in the middle of a base64 group. */
static bool joined(struct reading *r, struct span *text)
{
    struct pending *p = &r->pending;
    struct strs defects = {0};
    struct span bytes;
    struct span better;

    if (!p->all_base64 || p->n < 2)
        return false;
    bytes = decode_base64(r->a, buf_span(&p->base64), &defects);
    better = charset_to_utf8(r->a, bytes, p->charset, &defects);
    if (defects.n > 0)
        return false;
    *text = better;
    return true;
}

static void flush(struct reading *r)
{
    struct pending *p = &r->pending;
    struct strs defects = {0};
    struct span text;

    if (p->charset == NULL)
        return;
    text = charset_to_utf8(r->a, buf_span(&p->bytes), p->charset, &defects);
    if (defects.n > 0 && joined(r, &text)) {
        defects.n = 0;
        defect_add(r->a, r->defects, "encoded-word-broken");
    }
    for (size_t i = 0; i < defects.n; i++)
        defect_add(r->a, r->defects, defects.at[i]);
    buf_add_span(&r->out, text);
    p->charset = NULL;
}

static void add_word(struct reading *r, const struct word *word)
{
    struct pending *p = &r->pending;

    assert(word->charset != NULL);
    if (p->charset == NULL || strcasecmp(p->charset, word->charset) != 0) {
        flush(r);
        *p = (struct pending){.charset = word->charset,
                              .bytes = buf_new(r->a, FIELD_BYTES_MAX),
                              .base64 = buf_new(r->a, FIELD_BYTES_MAX),
                              .all_base64 = true};
    }
    p->n++;
    p->all_base64 = p->all_base64 && word->base64;
    buf_add_span(&p->base64, word->body);
    buf_add_span(&p->bytes, word->base64 ? decode_base64(r->a, word->body, r->defects)
                                         : decode_quoted(r->a, word->body, true, r->defects));
    if (word->broken)
        defect_add(r->a, r->defects, "encoded-word-broken");
}

/* Raw UTF-8 in a header is RFC 6532; anything else was never declared. */
static void add_literal(struct reading *r, struct span literal)
{
    if (text_is_utf8(literal) && span_find(literal, 0x1b) == literal.n)
        buf_add_span(&r->out, literal);
    else
        buf_add_span(&r->out, charset_to_utf8(r->a, literal, NULL, r->defects));
}

/* Line ends and tabs that came out of encoded words must not look like header structure. */
static char *one_line(struct buf *text)
{
    for (size_t i = 0; i < text->n; i++) {
        if ((unsigned char)text->at[i] < ' ' || text->at[i] == 127)
            text->at[i] = ' ';
    }
    return text->at;
}

/* Where the next word begins, or rest.n. "=?" and a token that no word follows is a defect. */
static size_t find_word(struct reading *r, struct span rest, struct word *ret_word)
{
    size_t at = span_find_span(rest, span_str("=?"));

    while (at < rest.n && !read_word(r->a, span_from(rest, at), ret_word)) {
        size_t n = at + 2;

        while (n < rest.n && is_token(rest.at[n]))
            n++;
        if (n > at + 2 && n < rest.n && rest.at[n] == '?')
            defect_add(r->a, r->defects, "encoded-word-broken");
        at += 2 + span_find_span(span_from(rest, at + 2), span_str("=?"));
    }
    return at;
}

char *words_decode(struct arena *a, struct span line, struct strs *defects)
{
    struct reading r = {.a = a, .defects = defects, .out = buf_new(a, 4 * FIELD_BYTES_MAX)};

    assert(line.n <= FIELD_BYTES_MAX);
    while (line.n > 0) {
        struct word word = {.n = 0};
        size_t at = find_word(&r, line, &word);

        if (at == line.n || r.pending.charset == NULL || span_trim(span_first(line, at)).n > 0) {
            flush(&r);
            add_literal(&r, span_first(line, at));
        }
        if (at == line.n)
            break;
        add_word(&r, &word);
        line = span_from(line, at + word.n);
    }
    flush(&r);
    return one_line(&r.out);
}
