#include "redact/ids.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "redact/mark.h"

enum { ID_LETTERS = MARK_LETTERS, PLACE_MAX = 24 /* bytes of "C42" */ };

static const char block_start[] = "embargod:";

struct id {
    size_t at, n;
};

static bool is_letter(unsigned char c)
{
    c = ascii_lower(c);
    return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

/* As many letters as an id has, with '-' among them and, in a mark, a line's end behind it. */
static size_t read_letters(struct span s)
{
    size_t n = 0, i = 0;

    while (i < s.n && n < ID_LETTERS) {
        if (is_letter(s.at[i]))
            n++;
        else if (n == 0 || (s.at[i] != '-' && strchr("\r\n>| ", s.at[i]) == NULL))
            break;
        i++;
    }
    return n == ID_LETTERS && (i == s.n || !is_letter(s.at[i])) ? i : 0;
}

static size_t skip_blanks(struct span s, size_t i)
{
    while (i < s.n && (s.at[i] == ' ' || s.at[i] == '\t'))
        i++;
    return i;
}

/* The code in "Embargod: C42 code" at the start of s. */
static bool read_code(struct span s, size_t offset, struct id *id)
{
    size_t i = sizeof(block_start) - 1, place, n;

    if (!span_starts_nocase(s, block_start))
        return false;
    place = skip_blanks(s, i);
    for (i = place; i < s.n && i - place < PLACE_MAX && s.at[i] > ' ';)
        i++;
    i = skip_blanks(s, i);
    n = read_letters(span_from(s, i));
    id->at = offset + i;
    id->n = n;
    return n > 0;
}

/* Four groups of four letters. */
static bool read_mark(struct span s, size_t offset, struct id *id)
{
    unsigned char bytes[MARK_BYTES];
    struct span rest = s;
    size_t n;

    if (s.n < ID_LETTERS || s.at[4] != '-')
        return false;
    n = read_letters(s);
    rest.n = n;
    if (n == 0 || !mark_find(&rest, bytes) || rest.n > 0)
        return false;
    id->at = offset;
    id->n = n;
    return true;
}

static bool next_id(struct span text, size_t from, struct id *id)
{
    bool word_start = true;

    for (size_t i = from; i < text.n; i++) {
        struct span rest = span_from(text, i);

        if (word_start && (read_code(rest, i, id) || read_mark(rest, i, id)))
            return true;
        word_start = !is_letter(text.at[i]) && text.at[i] != '-';
    }
    return false;
}

struct span ids_cut(struct arena *a, struct span text, const char *mask)
{
    struct buf out;
    struct id id;
    size_t from = 0;

    if (!next_id(text, 0, &id))
        return text;
    out = buf_new(a, text.n + 64);
    do {
        buf_add_span(&out, span_of(text.at + from, id.at - from));
        buf_add_str(&out, mask);
        from = id.at + id.n;
    } while (next_id(text, from, &id));
    buf_add_span(&out, span_from(text, from));
    return span_of(out.at, out.n);
}
