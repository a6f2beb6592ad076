#include "redact/mark.h"

#include "base/text.h"

enum { GROUP = 4 };

const char *mark_text(struct arena *a, const unsigned char bytes[MARK_BYTES])
{
    const char *letters = text_base32(a, span_of(bytes, MARK_BYTES));
    struct buf b = buf_new(a, MARK_LETTERS + MARK_LETTERS / GROUP);

    for (size_t i = 0; letters[i] != '\0'; i++) {
        if (i > 0 && i % GROUP == 0)
            buf_add_char(&b, '-');
        buf_add_char(&b, letters[i]);
    }
    return b.at;
}

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7');
}

/* Four groups of four with '-' and perhaps a line break and quote marks between them: the letters,
 * or 0. */
static size_t read_mark(struct span s, char ret_letters[MARK_LETTERS])
{
    size_t n = 0, i = 0;

    while (n < MARK_LETTERS) {
        if (i >= s.n || !is_letter(s.at[i]))
            return 0;
        ret_letters[n++] = (char)s.at[i++];
        if (n % GROUP != 0 || n == MARK_LETTERS)
            continue;
        if (i >= s.n || s.at[i++] != '-')
            return 0;
        while (i < s.n && strchr("\r\n> ", s.at[i]) != NULL)
            i++;
    }
    return i < s.n && (is_letter(s.at[i]) || s.at[i] == '-') ? 0 : i;
}

bool mark_find(struct span *rest, unsigned char ret_bytes[MARK_BYTES])
{
    SCOPED(arena_free) struct arena *a = arena_new();
    bool word_start = true;

    for (; rest->n > 0; *rest = span_from(*rest, 1)) {
        char letters[MARK_LETTERS];
        struct span bytes;
        size_t n = word_start ? read_mark(*rest, letters) : 0;

        if (n > 0 && text_from_base32(a, span_of(letters, MARK_LETTERS), &bytes) &&
            bytes.n == MARK_BYTES) {
            memcpy(ret_bytes, bytes.at, MARK_BYTES);
            *rest = span_from(*rest, n);
            return true;
        }
        word_start = !is_letter(rest->at[0]) && rest->at[0] != '-';
    }
    return false;
}
