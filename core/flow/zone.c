#include "flow/zone.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/text.h"
#include "wire/frame.h"

#define ZONE_DIRECTORY "/usr/share/zoneinfo"

enum {
    ZONE_NAME_MAX = 64,
    ZONE_BYTES_MAX = 64 * 1024, /* the largest there is has 4 KiB */
    ZONE_SHOWN_MAX = 10,        /* bytes of an abbreviation */
    HEADER = 44,
    OFFSET = 6, /* RFC 8536 3.2: utoff 4, isdst 1, desigidx 1 */
    DAY = 86400,
};

/* Counts of a block, in the order of the header (RFC 8536 3.1). */
enum count { IS_UT, IS_STD, LEAPS, TIMES, KINDS, CHARACTERS, COUNTS };

static uint32_t be32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static int64_t be64(const unsigned char *at)
{
    return (int64_t)((uint64_t)be32(at) << 32 | be32(at + 4));
}

bool zone_name_valid(const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n > ZONE_NAME_MAX || name[0] == '/' || name[n - 1] == '/' ||
        strstr(name, "//") != NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = ascii_lower((unsigned char)name[i]);

        if (!ascii_is_digit(c) && (c < 'a' || c > 'z') && strchr("_-+/", c) == NULL)
            return false;
    }
    return true;
}

/* ---- reading a file ---- */

/* Cuts the first n bytes off *rest. */
static bool take(struct span *rest, uint64_t n, struct span *ret_taken)
{
    if (n > rest->n)
        return false;
    *ret_taken = span_first(*rest, (size_t)n);
    *rest = span_from(*rest, (size_t)n);
    return true;
}

static bool take_header(struct span *rest, uint64_t counts[COUNTS])
{
    struct span header;

    if (!take(rest, HEADER, &header) || !span_starts(header, "TZif") || header.at[4] < '2')
        return false; /* version 1 ends in 2038, and nobody makes it any more */
    for (size_t i = 0; i < COUNTS; i++)
        counts[i] = be32(header.at + 20 + 4 * i);
    return true;
}

static bool kinds_are_sound(const struct zone *z, size_t n_kinds)
{
    for (size_t i = 0; i < z->kinds.n; i++) {
        if (z->kinds.at[i] >= n_kinds)
            return false;
    }
    for (size_t i = 1; i < z->kinds.n; i++) {
        if (be64(z->times.at + 8 * (i - 1)) >= be64(z->times.at + 8 * i))
            return false;
    }
    for (size_t i = 0; i < n_kinds; i++) {
        const unsigned char *offset = z->offsets.at + OFFSET * i;
        int32_t seconds = (int32_t)be32(offset);

        if (seconds <= -2 * DAY || seconds >= 2 * DAY || offset[5] >= z->abbreviations.n)
            return false;
    }
    return z->abbreviations.n > 0 && z->abbreviations.at[z->abbreviations.n - 1] == '\0';
}

/* Behind the tables, between two line feeds, the rule for later; "JST-9" has no change in it. */
static bool goes_on(struct span footer)
{
    struct span rule;

    if (footer.n < 3 || footer.at[0] != '\n')
        return false;
    rule = span_first(span_from(footer, 1), span_find(span_from(footer, 1), '\n'));
    return rule.n > 0 && rule.n < footer.n - 1 && span_find(rule, ',') == rule.n;
}

bool zone_parse(const char *name, struct span bytes, struct zone *ret_zone)
{
    struct zone z = {.name = name};
    struct span rest = bytes;
    struct span old;
    struct span unused;
    uint64_t n[COUNTS];

    if (!take_header(&rest, n) ||
        !take(&rest,
              n[TIMES] * 5 + n[KINDS] * OFFSET + n[CHARACTERS] + n[LEAPS] * 8 + n[IS_STD] +
                  n[IS_UT],
              &old) ||
        !take_header(&rest, n) || n[LEAPS] != 0 || n[KINDS] == 0)
        return false;
    if (!take(&rest, n[TIMES] * 8, &z.times) || !take(&rest, n[TIMES], &z.kinds) ||
        !take(&rest, n[KINDS] * OFFSET, &z.offsets) ||
        !take(&rest, n[CHARACTERS], &z.abbreviations) ||
        !take(&rest, n[IS_STD] + n[IS_UT], &unused) || !kinds_are_sound(&z, (size_t)n[KINDS]))
        return false;
    z.goes_on = goes_on(rest);
    *ret_zone = z;
    return true;
}

static bool read_whole(int fd, struct buf *text)
{
    char chunk[4096];
    ssize_t n;

    while ((n = read(fd, chunk, sizeof(chunk))) > 0)
        buf_add(text, chunk, (size_t)n);
    return n == 0 && !text->full;
}

bool zone_load(struct arena *a, const char *name, const struct zone **ret_zone, struct err *err)
{
    struct zone *zone = ARENA_NEW(a, struct zone);
    SCOPED(fd_close) int fd = -1;
    struct buf text;

    *ret_zone = NULL;
    if (strcmp(name, ZONE_UTC) == 0)
        return true;
    if (!zone_name_valid(name))
        return err_set(err, ERR_OPERATOR,
                       "zone \"%s\" is no name of a time zone; write one such as Asia/Tokyo",
                       text_one_line(a, span_str(name), ZONE_NAME_MAX));
    fd = open(arena_printf(a, ZONE_DIRECTORY "/%s", name), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set(err, ERR_OPERATOR,
                       "zone \"%s\" is not in " ZONE_DIRECTORY
                       "; write one such as Asia/Tokyo, or install tzdata",
                       name);
    text = buf_new(a, ZONE_BYTES_MAX);
    if (!read_whole(fd, &text) || !zone_parse(arena_strdup(a, name), buf_span(&text), zone))
        return err_set(err, ERR_OPERATOR,
                       ZONE_DIRECTORY "/%s holds no time zone; write another, or install tzdata "
                                      "anew",
                       name);
    *ret_zone = zone;
    return true;
}

/* ---- asking ---- */

/* What holds at an instant: 6 bytes, or NULL where the table says nothing. */
static const unsigned char *offset_at(const struct zone *z, instant at)
{
    size_t low = 0;
    size_t high = z->kinds.n;

    while (low < high) { /* the changes up to at */
        size_t i = low + (high - low) / 2;

        if (be64(z->times.at + 8 * i) <= at)
            low = i + 1;
        else
            high = i;
    }
    if (low == z->kinds.n && !z->goes_on)
        return NULL;
    return z->offsets.at + OFFSET * (size_t)(low == 0 ? 0 : z->kinds.at[low - 1]);
}

/* "2026-12-24 05:00" */
static const char *minutes(struct arena *a, instant at)
{
    const char *exact = text_rfc3339(a, at);

    return arena_printf(a, "%.10s %.5s", exact, exact + 11);
}

const char *zone_instant(struct arena *a, const struct zone *zone, instant at)
{
    const unsigned char *offset = zone == NULL ? NULL : offset_at(zone, at);
    const char *word;
    bool number;

    if (at == 0)
        return "";
    if (offset == NULL)
        return arena_printf(a, "%s UTC", minutes(a, at));
    word = (const char *)zone->abbreviations.at + offset[5];
    number = word[0] == '+' || word[0] == '-'; /* a zone whose people have no word for it */
    return arena_printf(a, "%s UTC (%s %s%s)", minutes(a, at),
                        minutes(a, at + (int32_t)be32(offset)), number ? "UTC" : "",
                        text_one_line(a, span_str(word), ZONE_SHOWN_MAX));
}
