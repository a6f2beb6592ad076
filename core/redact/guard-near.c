#include "redact/guard-near.h"

enum {
    UTF8_REST = 3, /* bytes by which a character can start before the byte that completes it */
    BESIDE = 2,    /* letters whose gap or class depends on their neighbour */
};

void near_add(struct arena *a, struct near *near, size_t low, size_t high)
{
    struct near_range *last = near->n > 0 ? &near->at[near->n - 1] : NULL;

    if (last != NULL && low <= last->high) {
        last->high = high > last->high ? high : last->high;
        return;
    }
    ARENA_GROW(a, near->at, near->n, near->room);
    near->at[near->n++] = (struct near_range){low, high};
}

/* The first letter that starts at an offset or behind it, from letter i on. */
static size_t letter_at(const struct letters *letters, size_t i, size_t offset)
{
    size_t low = i, high = letters->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (letters->at[mid].from < offset)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

struct near near_letters(struct arena *a, const struct near *bytes, const struct letters *letters)
{
    struct near near = {0};
    size_t first = 0;

    for (size_t i = 0; i < bytes->n; i++) {
        const struct near_range *b = &bytes->at[i];
        size_t end;

        first = letter_at(letters, first, b->low < UTF8_REST ? 0 : b->low - UTF8_REST);
        end = letter_at(letters, first, b->high) + BESIDE;
        near_add(a, &near, first < BESIDE ? 0 : first - BESIDE, end);
    }
    return near;
}

bool near_touches(const struct near *near, size_t *place, size_t low, size_t high)
{
    if (near == NULL)
        return true;
    while (*place < near->n && near->at[*place].high <= low)
        (*place)++;
    return *place < near->n && near->at[*place].low < high;
}

size_t near_next(const struct near *near, size_t *place, size_t from, size_t width, size_t end)
{
    size_t low;

    if (near_touches(near, place, from, from + width))
        return from;
    if (*place == near->n)
        return end;
    low = near->at[*place].low;
    return low < end ? low + 1 - width : end;
}
