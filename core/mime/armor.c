#include "mime/armor.h"

#include "base/buf.h"

#define BEGIN_MESSAGE "-----BEGIN PGP MESSAGE-----"
#define END_MESSAGE "-----END PGP MESSAGE-----"

/* One of these words at the start of s: its length, or 0. */
static size_t starts_any(struct span s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_starts(s, words[i]))
            return strlen(words[i]);
    }
    return 0;
}

static const char *const blanks[] = {" ", "\t", "\r", "\xc2\xa0", "\xa0", "\xe2\x80\x8b"};
static const char *const dashes[] = {"-",    "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x91",
                                     "\x96", "\x97"};

static struct span without_start(struct span s, const char *const *words, size_t n)
{
    for (size_t length; (length = starts_any(s, words, n)) > 0;)
        s = span_from(s, length);
    return s;
}

/* Without blanks of any kind at both ends. */
static struct span bare(struct span line)
{
    size_t cut = 1;

    line = without_start(line, blanks, LEN(blanks));
    while (cut > 0 && line.n > 0) {
        cut = 0;
        for (size_t i = 0; i < LEN(blanks) && cut == 0; i++) {
            size_t length = strlen(blanks[i]);

            if (line.n >= length && span_starts(span_from(line, line.n - length), blanks[i]))
                cut = length;
        }
        line.n -= cut;
    }
    return line;
}

/* "-----words-----", whatever the dashes are. */
static bool is_rule(struct span line, const char *words)
{
    struct span s = bare(line);
    struct span text = without_start(s, dashes, LEN(dashes));

    return text.n < s.n && span_starts(text, words) &&
           starts_any(span_from(text, strlen(words)), dashes, LEN(dashes)) > 0 &&
           without_start(span_from(text, strlen(words)), dashes, LEN(dashes)).n == 0;
}

static bool is_field(struct span line)
{
    static const char *const names[] = {"Version:", "Comment:", "Charset:", "MessageID:", "Hash:"};

    return starts_any(line, names, LEN(names)) > 0;
}

static void add_line(struct buf *out, struct span line)
{
    buf_add_span(out, line);
    buf_add_str(out, "\r\n");
}

/* lines: between the block's rules. */
static void add_block(struct buf *out, struct span lines)
{
    struct span line;
    bool in_fields = true;

    buf_add_str(out, BEGIN_MESSAGE "\r\n");
    while (span_line(&lines, &line)) {
        line = bare(line);
        if (line.n == 0)
            continue;
        if (in_fields && !is_field(line)) {
            buf_add_str(out, "\r\n");
            in_fields = false;
        }
        if (span_starts(line, "=3D")) {
            buf_add_char(out, '=');
            line = span_from(line, 3);
        }
        add_line(out, line);
    }
    add_line(out, span_str(END_MESSAGE));
}

/* The lines with CRLF and without blanks at their ends: what every reader of armor forgives. */
static struct span forgiven(struct arena *a, struct span block)
{
    struct buf out = buf_new(a, 2 * block.n + 2);
    struct span line;

    while (span_line(&block, &line)) {
        while (line.n > 0 && (line.at[line.n - 1] == ' ' || line.at[line.n - 1] == '\t' ||
                              line.at[line.n - 1] == '\r'))
            line.n--;
        add_line(&out, line);
    }
    return buf_span(&out);
}

/* Cuts the block's lines off *rest, which begins behind its first one; false: it has no end. */
static bool cut_block(struct span *rest, struct span *ret_lines)
{
    struct span next = *rest;
    struct span line;

    while (span_line(&next, &line)) {
        if (is_rule(line, "BEGIN PGP MESSAGE"))
            return false;
        if (!is_rule(line, "END PGP MESSAGE"))
            continue;
        *ret_lines = span_of(rest->at, (size_t)(line.at - rest->at));
        *rest = next;
        return true;
    }
    return false;
}

struct span armor_mend(struct arena *a, struct span text, bool *ret_changed)
{
    struct buf out = buf_new(a, 4 * text.n + 200);
    struct span rest = text;
    struct span line;
    struct span lines;

    *ret_changed = false;
    if (span_find_span(text, span_str("PGP MESSAGE")) == text.n)
        return text;
    while (span_line(&rest, &line)) {
        struct buf block;
        struct span whole = span_of(line.at, (size_t)(rest.at - line.at));

        if (!is_rule(line, "BEGIN PGP MESSAGE") || !cut_block(&rest, &lines)) {
            buf_add_span(&out, whole);
            continue;
        }
        whole.n = (size_t)(rest.at - line.at);
        block = buf_new(a, 3 * lines.n + 200);
        add_block(&block, lines);
        if (span_eq(forgiven(a, whole), buf_span(&block))) {
            buf_add_span(&out, whole);
        } else {
            buf_add_span(&out, buf_span(&block));
            *ret_changed = true;
        }
    }
    return *ret_changed ? buf_span(&out) : text;
}
