#include "redact/guard-fences.h"

#include "base/buf.h"

enum { OPEN_MAX = 64 };

struct fences {
    bool shut[OPEN_MAX]; /* of each open fence: whether it keeps the reader out */
    size_t n;
};

static bool keeps_out(const struct fences *f)
{
    for (size_t i = 0; i < f->n; i++) {
        if (f->shut[i])
            return true;
    }
    return false;
}

static bool has_name(struct span list, const char *slug)
{
    while (slug != NULL && list.n > 0) {
        size_t comma = span_find(list, ',');
        struct span name = span_trim(span_first(list, comma));

        if (span_eq_nocase(name, slug))
            return true;
        list = comma < list.n ? span_from(list, comma + 1) : span_of(NULL, 0);
    }
    return false;
}

/* What stands between "[[" and "]]" of a line that is nothing else. */
static bool fence_words(struct span line, struct span *ret_words)
{
    line = span_trim(line);
    if (line.n < 5 || !span_starts(line, "[[") || line.at[line.n - 1] != ']' ||
        line.at[line.n - 2] != ']')
        return false;
    *ret_words = span_trim(span_of(line.at + 2, line.n - 4));
    return true;
}

/* True for a line that is a fence; it counts. */
static bool take_fence(struct fences *f, struct span line, const char *slug)
{
    struct span words;
    bool only, except;

    if (!fence_words(line, &words))
        return false;
    if (span_eq_nocase(words, "end")) {
        f->n -= f->n > 0 ? 1 : 0;
        return true;
    }
    only = span_starts_nocase(words, "only ");
    except = span_starts_nocase(words, "not ");
    if (!only && !except && !span_eq_nocase(words, "internal"))
        return false;
    if (f->n < OPEN_MAX)
        f->shut[f->n++] = only     ? !has_name(span_from(words, 5), slug)
                          : except ? slug == NULL || has_name(span_from(words, 4), slug)
                                   : true;
    return true;
}

void guard_fences(struct arena *a, struct span text, const char *slug, struct span *ret_inside,
                  struct span *ret_outside)
{
    struct buf inside = buf_new(a, text.n + 1);
    struct buf outside = buf_new(a, 64);
    struct fences fences = {.n = 0};

    while (text.n > 0) {
        size_t n = span_find(text, '\n');
        struct span line = span_first(text, n < text.n ? n + 1 : text.n);

        text = span_from(text, line.n);
        if (!take_fence(&fences, line, slug))
            buf_add_span(keeps_out(&fences) ? &outside : &inside, line);
    }
    *ret_inside = span_of(inside.at, inside.n);
    *ret_outside = span_of(outside.at, outside.n);
}

struct span guard_fence_left(struct span text)
{
    while (text.n > 0) {
        size_t n = span_find(text, '\n');
        struct span line = span_first(text, n);
        struct span words;
        struct fences none = {.n = 0};

        text = n < text.n ? span_from(text, n + 1) : span_of(NULL, 0);
        while (line.n > 0 && strchr("|> ", line.at[0]) != NULL)
            line = span_from(line, 1);
        if (fence_words(line, &words) && take_fence(&none, line, NULL))
            return span_trim(line);
    }
    return span_of(NULL, 0);
}
