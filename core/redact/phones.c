#include "redact/phones.h"

struct phone {
    char tail[PHONE_DIGITS_MIN + 1];
    size_t index;
};

struct phones {
    struct phone *at; /* by tail */
    size_t n;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What may stand between two digits of one number; in folded text dashes are blanks. */
static bool is_separator(char c)
{
    return c == ' ' || c == '.' || c == '(' || c == ')' || c == '/' || c == '-';
}

static int by_tail(const void *x, const void *y)
{
    const struct phone *p = x, *q = y;

    return memcmp(p->tail, q->tail, PHONE_DIGITS_MIN);
}

struct phones *phones_new(struct arena *a, const char *const *numbers, size_t n)
{
    struct phones *p = ARENA_NEW(a, struct phones);

    p->at = ARENA_ARRAY(a, n, struct phone);
    for (size_t i = 0; i < n; i++) {
        char digits[PHONE_DIGITS_MAX];
        size_t d = 0;

        for (const char *c = numbers[i]; *c != '\0' && d <= PHONE_DIGITS_MAX; c++) {
            if (is_digit(*c) && d++ < PHONE_DIGITS_MAX)
                digits[d - 1] = *c;
        }
        if (d < PHONE_DIGITS_MIN || d > PHONE_DIGITS_MAX)
            continue;
        p->at[p->n].index = i;
        memcpy(p->at[p->n++].tail, digits + d - PHONE_DIGITS_MIN, PHONE_DIGITS_MIN);
    }
    if (p->n > 0)
        qsort(p->at, p->n, sizeof(*p->at), by_tail);
    return p;
}

/* The last digits read, with where each stood. */
struct window {
    char digits[PHONE_DIGITS_MIN];
    size_t at[PHONE_DIGITS_MIN + PHONE_PREFIX_MAX]; /* a ring, by number of the digit */
    size_t n;                                       /* digits of this run */
};

static size_t where(const struct window *w, size_t digit)
{
    return w->at[digit % LEN(w->at)];
}

static void push(struct window *w, char digit, size_t at)
{
    memmove(w->digits, w->digits + 1, PHONE_DIGITS_MIN - 1);
    w->digits[PHONE_DIGITS_MIN - 1] = digit;
    w->at[w->n++ % LEN(w->at)] = at;
}

static bool look_up(const struct phones *phones, const struct window *w, size_t end,
                    phones_found *found, void *ctx)
{
    struct phone key = {.index = 0};
    size_t before = w->n < LEN(w->at) ? w->n - PHONE_DIGITS_MIN : PHONE_PREFIX_MAX;
    const struct phone *hit;

    memcpy(key.tail, w->digits, PHONE_DIGITS_MIN);
    hit = bsearch(&key, phones->at, phones->n, sizeof(*phones->at), by_tail);
    while (hit != NULL && hit > phones->at && by_tail(hit - 1, &key) == 0)
        hit--;
    for (; hit != NULL && hit < phones->at + phones->n && by_tail(hit, &key) == 0; hit++) {
        if (!found(ctx, hit->index, where(w, w->n - PHONE_DIGITS_MIN - before), end))
            return false;
    }
    return true;
}

bool phones_scan(const struct phones *phones, const struct folded *folded, phones_found *found,
                 void *ctx)
{
    struct window w = {.n = 0};
    size_t gap = 0;

    for (size_t i = 0; phones->n > 0 && i < folded->n; i++) {
        char c = folded->at[i];

        if (!is_digit(c)) {
            gap++;
            if (!is_separator(c) || gap > 2) /* ") " is the widest */
                w.n = 0;
            continue;
        }
        gap = 0;
        push(&w, c, i);
        if (w.n >= PHONE_DIGITS_MIN && !look_up(phones, &w, i + 1, found, ctx))
            return false;
    }
    return true;
}
