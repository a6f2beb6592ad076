#include "mime/flowed.h"

#include "base/buf.h"

struct flowed_line {
    size_t depth; /* of quotes */
    bool flows;   /* the next line goes on with it */
    struct span text;
};

static struct flowed_line read_line(struct span line, bool delsp)
{
    struct flowed_line l = {.depth = 0};

    while (l.depth < line.n && line.at[l.depth] == '>')
        l.depth++;
    l.text = span_from(line, l.depth);
    if (l.text.n > 0 && l.text.at[0] == ' ')
        l.text = span_from(l.text, 1);
    l.flows = l.text.n > 0 && l.text.at[l.text.n - 1] == ' ' && !span_eq_str(l.text, "-- ");
    if (l.flows && delsp)
        l.text.n--;
    return l;
}

static void begin_line(struct buf *out, const struct flowed_line *line)
{
    for (size_t i = 0; i < line->depth; i++)
        buf_add_char(out, '>');
    if (line->depth > 0 && line->text.n > 0)
        buf_add_char(out, ' ');
}

struct span flowed_text(struct arena *a, struct span text, bool delsp)
{
    struct buf out = buf_new(a, text.n * 2);
    struct flowed_line before = {.flows = false};
    struct span rest = text;
    struct span line;

    while (span_line(&rest, &line)) {
        struct flowed_line l = read_line(line, delsp);
        bool joined = before.flows && before.depth == l.depth && !span_eq_str(l.text, "-- ");

        if (!joined) {
            if (line.at != text.at)
                buf_add_char(&out, '\n');
            begin_line(&out, &l);
        }
        buf_add_span(&out, l.text);
        before = l;
    }
    if (text.n > 0 && text.at[text.n - 1] == '\n')
        buf_add_char(&out, '\n');
    return buf_span(&out);
}
