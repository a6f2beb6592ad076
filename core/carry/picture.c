/* Pictures: EXIF (a TIFF of its own), XMP, IPTC, comments. What the picture shows is not read. */
#include "base/text.h"
#include "carry/carrier.h"

enum {
    IFD_DEPTH_MAX = 4,
    IFD_ENTRIES_MAX = 200,
    IFDS_MAX = 32, /* of one picture */
    JPEG_SOS = 0xDA,
    JPEG_EOI = 0xD9,
    TAG_GPS = 0x8825,
    TAG_EXIF = 0x8769,
    TAG_THUMBNAIL = 0x0201,
    TYPE_ASCII = 2,
    XP_FIRST = 0x9C9B, /* Windows' own, in UTF-16 */
    XP_LAST = 0x9C9F,
    HEAD_BYTES = 64 * 1024,
};

struct tiff {
    struct carrier *c;
    struct span bytes;
    bool big; /* endian */
    size_t ifds;
};

static const struct {
    unsigned tag;
    const char *fact;
} tags[] = {
    {0x010E, "description"},
    {0x0110, "camera"},
    {0x0131, "software"},
    {0x013B, "artist"},
    {0x013C, "computer"},
    {0x8298, "copyright"},
    {0x9C9B, "title"},
    {0x9C9C, "comment"},
    {0x9C9D, "author"},
    {0x9C9E, "keywords"},
    {0x9C9F, "subject"},
    {0x9286, "comment"},
    {0xA430, "owner"},
    {0xA431, "serial number"},
    {0xA435, "serial number of the lens"},
    {0xA420, "id of the picture"},
    {0xC62F, "serial number"},
};

static uint32_t number(const struct tiff *t, size_t at, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; at + n <= t->bytes.n && i < n; i++)
        value = value << 8 | t->bytes.at[at + (t->big ? i : n - 1 - i)];
    return value;
}

/* UTF-16LE; what lies outside of the first plane is told as one that is not known. */
static struct span narrow(struct carrier *c, struct span wide)
{
    struct buf out = buf_new(c->a, 2 * wide.n + 4);

    for (size_t i = 0; i + 1 < wide.n; i += 2)
        text_utf8_add(&out, wide.at[i] | (uint32_t)wide.at[i + 1] << 8);
    return buf_span(&out);
}

static void read_value(const struct tiff *t, unsigned tag, size_t entry)
{
    static const unsigned char sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
    uint32_t type = number(t, entry + 2, 2);
    uint64_t n = number(t, entry + 4, 4) * (uint64_t)(type < sizeof(sizes) ? sizes[type] : 0);
    size_t at = n <= 4 ? entry + 8 : number(t, entry + 8, 4);
    struct span value = span_first(span_from(t->bytes, at), n);

    if (tag == 0x9286) /* its first 8 bytes say in what it is written */
        value = span_from(value, 8);
    for (size_t i = 0; i < LEN(tags); i++) {
        if (tags[i].tag != tag)
            continue;
        if (tag >= XP_FIRST && tag <= XP_LAST) {
            value = narrow(t->c, value);
            carry_text(t->c, value);
        }
        carry_fact(t->c, tags[i].fact, value);
    }
    if (type == TYPE_ASCII)
        carry_text(t->c, span_first(value, value.n > 0 && value.at[value.n - 1] == 0 ? value.n - 1
                                                                                     : value.n));
}

static void read_ifd(struct tiff *t, size_t at, size_t depth)
{
    size_t n = number(t, at, 2);

    if (at == 0 || at + 2 > t->bytes.n)
        return;
    /* They may lead to one another, each of them by every entry. */
    if (depth >= IFD_DEPTH_MAX || n > IFD_ENTRIES_MAX || t->ifds++ >= IFDS_MAX)
        carry_unread(t->c, "a picture with too many entries");
    if (depth >= IFD_DEPTH_MAX || t->ifds > IFDS_MAX)
        return;
    for (size_t i = 0; i < n && i < IFD_ENTRIES_MAX; i++) {
        size_t entry = at + 2 + 12 * i;
        unsigned tag = number(t, entry, 2);

        if (entry + 12 > t->bytes.n)
            return;
        if (tag == TAG_GPS)
            carry_fact(t->c, "position (GPS)", span_str("yes"));
        else if (tag == TAG_THUMBNAIL)
            carry_fact(t->c, "thumbnail", span_str("yes"));
        if (tag == TAG_GPS || tag == TAG_EXIF)
            read_ifd(t, number(t, entry + 8, 4), depth + 1);
        else
            read_value(t, tag, entry);
    }
    read_ifd(t, number(t, at + 2 + 12 * n, 4), depth + 1);
}

static void read_exif(struct carrier *c, struct span bytes)
{
    struct tiff t = {.c = c, .bytes = bytes, .big = span_starts(bytes, "MM")};

    if (bytes.n < 8 || (!t.big && !span_starts(bytes, "II")))
        return;
    read_ifd(&t, number(&t, 4, 4), 0);
}

/* XMP stands as it is in every kind of file (ISO 16684-1). */
void carry_xmp(struct carrier *c, struct span bytes)
{
    static const char close[] = "</x:xmpmeta>";
    size_t begin = span_find_span(bytes, span_str("<x:xmpmeta"));
    size_t end = span_find_span(bytes, span_str(close));

    if (begin < end && end < bytes.n)
        carry_xml(c, span_first(span_from(bytes, begin), end + strlen(close) - begin));
}

/* In one block of a JPEG, or of the others' kinds. */
static void read_block(struct carrier *c, struct span block)
{
    if (span_starts(block, "Exif")) {
        read_exif(c, span_from(block, 6));
        carry_words(c, block, true);
    } else if (span_has_nocase(span_first(block, 200), "ns.adobe.com/xap/") ||
               span_find_span(block, span_str("<x:xmpmeta")) < block.n) {
        carry_xmp(c, block);
    } else {
        carry_words(c, block, true);
    }
}

/* What stands behind the picture's end, which viewers never show. */
static void read_behind(struct carrier *c, struct span rest)
{
    if (span_trim(rest).n < 4 || c->depth >= CARRY_DEPTH_MAX)
        return;
    carry_fact(c, "hidden", span_str("bytes behind the end of the picture"));
    c->depth++;
    carry_file(c, rest);
    c->depth--;
}

static void read_jpeg(struct carrier *c, struct span s)
{
    static const char end[] = "\xFF\xD9";

    s = span_from(s, 2);
    while (s.n >= 4 && s.at[0] == 0xFF) {
        size_t n = (size_t)s.at[2] << 8 | s.at[3];

        if (s.at[1] == JPEG_SOS) {
            read_behind(c, span_from(s, span_find_span(s, span_str(end)) + 2));
            return;
        }
        if (s.at[1] == JPEG_EOI) {
            read_behind(c, span_from(s, 2));
            return;
        }
        if (n < 2)
            break;
        /* APP0 to APP15 and COM; the rest are the picture's own tables. */
        if ((s.at[1] >= 0xE0 && s.at[1] <= 0xEF) || s.at[1] == 0xFE)
            read_block(c, span_first(span_from(s, 4), n - 2));
        s = span_from(s, n + 2);
    }
    carry_unread(c, "a broken picture");
}

/* "keyword NUL ... NUL text", packed or not. */
static void read_png_text(struct carrier *c, const char *type, struct span data)
{
    size_t key = span_find(data, '\0');
    struct span name = span_first(data, key);
    struct span value = span_from(data, key + 1);
    bool packed = strcmp(type, "zTXt") == 0;

    if (strcmp(type, "iTXt") == 0) {
        packed = value.n > 0 && value.at[0] == 1;
        value = span_from(value, 2);
        value = span_from(value, span_find(value, '\0') + 1);
        value = span_from(value, span_find(value, '\0') + 1);
    } else if (packed) {
        value = span_from(value, 1);
    }
    if (packed)
        value = carry_inflate(c, value);
    carry_text(c, name);
    if (span_find_span(value, span_str("<x:xmpmeta")) < value.n) {
        carry_xmp(c, value);
        return;
    }
    carry_text(c, value);
    carry_fact(c, span_dup(c->a, span_first(name, 40)), value);
}

/* Blocks of editors' own hold what they like; a colour profile may name its display's owner. */
static void read_png_other(struct carrier *c, const char *type, struct span data)
{
    static const char *const shown[] = {"IHDR", "PLTE", "IDAT", "tRNS", "fdAT"};

    for (size_t i = 0; i < LEN(shown); i++) {
        if (strcmp(type, shown[i]) == 0)
            return;
    }
    if (strcmp(type, "iCCP") == 0)
        data = carry_inflate(c, span_from(data, span_find(data, '\0') + 2));
    carry_words(c, data, true);
}

static void read_png(struct carrier *c, struct span s)
{
    s = span_from(s, 8);
    while (s.n >= 12) {
        size_t n = (size_t)s.at[0] << 24 | s.at[1] << 16 | s.at[2] << 8 | s.at[3];
        const char *type = span_dup(c->a, span_first(span_from(s, 4), 4));
        struct span data = span_first(span_from(s, 8), n);

        if (strcmp(type, "IEND") == 0) {
            read_behind(c, span_from(s, 12));
            return;
        }
        if (strcmp(type, "tEXt") == 0 || strcmp(type, "zTXt") == 0 || strcmp(type, "iTXt") == 0)
            read_png_text(c, type, data);
        else if (strcmp(type, "eXIf") == 0)
            read_exif(c, data);
        else
            read_png_other(c, type, data);
        s = span_from(s, n + 12);
    }
    carry_unread(c, "a broken picture");
}

/* EXIF and XMP wherever they stand: HEIC and WebP keep both as they are. */
static void read_others(struct carrier *c, struct span s)
{
    size_t exif = span_find_span(s, span_of("Exif\0\0", 6));

    if (span_starts(s, "RIFF") && exif == s.n) {
        exif = span_find_span(s, span_str("EXIF"));
        read_exif(c, span_from(s, exif + 8));
    } else {
        read_exif(c, span_from(s, exif + 6));
    }
    carry_xmp(c, s);
    carry_words(c, span_first(s, HEAD_BYTES), false);
    if (s.n > HEAD_BYTES)
        carry_unread(c, "a picture of which only the beginning was looked at for words");
}

void carry_picture(struct carrier *c, struct span bytes)
{
    if (span_starts(bytes, "\xFF\xD8")) {
        read_jpeg(c, bytes);
    } else if (span_starts(bytes, "\211PNG")) {
        read_png(c, bytes);
    } else if (span_starts(bytes, "II") || span_starts(bytes, "MM")) {
        read_exif(c, bytes);
        carry_xmp(c, bytes);
    } else {
        read_others(c, bytes);
    }
}
