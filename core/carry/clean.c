#include "carry/clean.h"

#include <string.h>

#include "base/buf.h"
#include "carry/carrier.h"

enum {
    JPEG_TEM = 0x01,
    JPEG_RST0 = 0xD0,
    JPEG_EOI = 0xD9,
    JPEG_SOS = 0xDA,
    JPEG_APP0 = 0xE0,
    JPEG_APP15 = 0xEF,
    JPEG_COM = 0xFE,
};

static bool is_jpeg(struct span s)
{
    return span_starts(s, "\xFF\xD8\xFF");
}

static bool is_png(struct span s)
{
    return span_starts(s, "\211PNG\r\n\032\n");
}

const char *clean_never(struct span bytes)
{
    if (is_jpeg(bytes) || is_png(bytes))
        return NULL;
    if (span_starts(bytes, "%PDF"))
        return "what is taken out of a PDF can be put back";
    if (span_starts(bytes, "PK"))
        return "archives and Office documents are not cleaned, only JPEG and PNG pictures";
    return "only JPEG and PNG pictures are cleaned";
}

/* ---- what is seen of a picture ---- */

/* What viewers set a picture from, in its order; all else is named in others. */
struct seen {
    struct buf bytes;
    bool whole;
    bool others; /* blocks beside it, but the orientation and what colours need */
};

static bool is_harmless_app(unsigned char marker, struct span data)
{
    return (marker == JPEG_APP0 && span_starts(data, "JFIF")) ||
           (marker == JPEG_APP0 + 1 && span_starts(data, "Exif")) ||
           (marker == JPEG_APP0 + 14 && span_starts(data, "Adobe"));
}

static void see_jpeg(struct span s, struct seen *seen)
{
    static const char end[] = "\xFF\xD9";

    s = span_from(s, 2);
    while (s.n >= 4 && s.at[0] == 0xFF) {
        unsigned char marker = s.at[1];
        size_t n = (size_t)s.at[2] << 8 | s.at[3];
        struct span block = span_first(s, n + 2);

        if (marker == 0xFF) { /* a filler */
            s = span_from(s, 1);
            continue;
        }
        if (marker == JPEG_SOS) {
            size_t behind = span_find_span(s, span_str(end)) + strlen(end);

            seen->whole = behind <= s.n;
            seen->others = seen->others || behind < s.n;
            buf_add_span(&seen->bytes, span_first(s, behind));
            return;
        }
        if (n < 2 || n + 2 > s.n || marker == JPEG_EOI || marker == JPEG_TEM ||
            (marker & 0xF8) == JPEG_RST0)
            return;
        if (marker == JPEG_COM || (marker >= JPEG_APP0 && marker <= JPEG_APP15))
            seen->others = seen->others || !is_harmless_app(marker, span_from(block, 4));
        else
            buf_add_span(&seen->bytes, block);
        s = span_from(s, n + 2);
    }
}

static bool is_type(struct span type, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_eq_str(type, names[i]))
            return true;
    }
    return false;
}

static void see_png(struct span s, struct seen *seen)
{
    static const char *const shown[] = {"IHDR", "PLTE", "IDAT", "tRNS",
                                        "acTL", "fcTL", "fdAT", "IEND"};
    static const char *const harmless[] = {"gAMA", "cHRM", "sRGB", "sBIT", "bKGD",
                                           "hIST", "pHYs", "cICP", "eXIf"};

    s = span_from(s, 8);
    while (s.n >= 12) {
        size_t n = (size_t)s.at[0] << 24 | s.at[1] << 16 | s.at[2] << 8 | s.at[3];
        struct span type = span_first(span_from(s, 4), 4);

        if (n > s.n - 12)
            return;
        if (is_type(type, shown, LEN(shown)))
            buf_add_span(&seen->bytes, span_first(s, n + 12));
        else if (!is_type(type, harmless, LEN(harmless)))
            seen->others = true;
        s = span_from(s, n + 12);
        if (span_eq_str(type, "IEND")) {
            seen->whole = true;
            seen->others = seen->others || s.n > 0;
            return;
        }
    }
}

static struct seen see(struct arena *a, struct span picture)
{
    struct seen seen = {.bytes = buf_new(a, picture.n + 1)};

    if (is_jpeg(picture))
        see_jpeg(picture, &seen);
    else if (is_png(picture))
        see_png(picture, &seen);
    return seen;
}

/* ---- the copy ---- */

/* What exiftool wrote may be anything: the file is hostile, and it is a large program. */
static const char *check(struct arena *a, struct span before, struct span copy)
{
    struct seen then = see(a, before);
    struct seen now = see(a, copy);

    if (!then.whole)
        return "a broken picture";
    if (!now.whole || !span_eq(buf_span(&then.bytes), buf_span(&now.bytes)))
        return "exiftool changed more than what is not seen";
    if (now.others)
        return "exiftool left parts in it that nobody knows";
    return span_eq(before, copy) ? "nothing in it can be taken out" : NULL;
}

const char *clean_copy(struct arena *a, struct span bytes, struct span *ret_copy)
{
    static const char *const exiftool[] = {
        "exiftool", "-config",      "",   "-q", "-q", "-all=", "-tagsfromfile",
        "@",        "-orientation", "-o", "-",  "-",  NULL};
    const char *why = clean_never(bytes);
    struct span copy;

    if (why != NULL)
        return why;
    switch (carry_run(a, exiftool, bytes, bytes.n + CLEAN_LONGER_MAX, &copy)) {
    case CARRY_RAN:
        why = check(a, bytes, copy);
        break;
    case CARRY_RAN_MISSING:
        return "exiftool is not installed";
    case CARRY_RAN_TOO_LONG:
        return "exiftool took too long";
    default:
        return "exiftool can't read it";
    }
    if (why == NULL)
        *ret_copy = copy;
    return why;
}
