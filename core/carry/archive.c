#include <archive.h>
#include <archive_entry.h>

#include "base/base.h"
#include "carry/carrier.h"

enum { READ_AT_ONCE = 64 * 1024, ZIP_END_BYTES = 22 };

static void archive_close(struct archive *archive)
{
    archive_read_free(archive);
}
SCOPED_DEFINE(struct archive *, archive_close)

/* Kinds and packings that are read without any program of somebody else's. */
static struct archive *reader(bool single)
{
    struct archive *archive = archive_read_new();

    if (archive == NULL)
        abort();
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip(archive);
    archive_read_support_format_7zip(archive);
    archive_read_support_format_ar(archive);
    if (single)
        archive_read_support_format_raw(archive);
    return archive;
}

/* What the entry holds; shorter where it can't be unpacked, or a limit comes first. */
static struct span unpack(struct carrier *c, struct archive *archive, struct archive_entry *entry)
{
    struct buf out = buf_new(c->a, CARRY_ENTRY_BYTES_MAX);

    if (c->piece == NULL) /* one for all entries: the arena keeps what it gave */
        c->piece = arena_alloc(c->a, READ_AT_ONCE);
    for (;;) {
        la_ssize_t n = archive_read_data(archive, c->piece, READ_AT_ONCE);

        if (n < 0)
            carry_unread(c, archive_entry_is_encrypted(entry) ? "an encrypted archive"
                                                              : "a broken archive");
        if (n <= 0)
            break;
        c->unpacked += (size_t)n;
        if (c->unpacked > c->unpacked_max) {
            carry_unread(c, "an archive that unpacks to too much");
            break;
        }
        buf_add(&out, c->piece, (size_t)n);
        if (out.full) {
            carry_unread(c, "a file in the archive is too large");
            break;
        }
    }
    return buf_span(&out);
}

static void carry_owner(struct carrier *c, const char *name)
{
    if (name != NULL && strcmp(name, "root") != 0)
        carry_fact(c, "owner", span_str(name));
}

static void carry_entry(struct carrier *c, struct archive *archive, struct archive_entry *entry,
                        bool single)
{
    const char *name = archive_entry_pathname_utf8(entry);

    if (name == NULL)
        name = archive_entry_pathname(entry);
    if (!single || (name != NULL && strcmp(name, "data") != 0))
        carry_text(c, span_str(name));
    carry_text(c, span_str(archive_entry_symlink(entry)));
    carry_text(c, span_str(archive_entry_hardlink(entry)));
    carry_owner(c, archive_entry_uname(entry));
    carry_owner(c, archive_entry_gname(entry));
    if (archive_entry_is_encrypted(entry))
        carry_unread(c, "an encrypted archive");
    else if (c->unpacked <= c->unpacked_max)
        carry_file(c, unpack(c, archive, entry));
}

/* The comment of a zip file stands at its end; those of its entries beside their names. */
static void carry_zip_comments(struct carrier *c, struct span bytes)
{
    static const char end[] = "PK\005\006";
    size_t back = bytes.n < ZIP_END_BYTES + UINT16_MAX ? bytes.n : ZIP_END_BYTES + UINT16_MAX;

    for (struct span tail = span_from(bytes, bytes.n - back); tail.n >= ZIP_END_BYTES;) {
        size_t at = span_find_span(tail, span_str(end));

        tail = span_from(tail, at);
        if (tail.n > ZIP_END_BYTES)
            carry_words(c, span_from(tail, ZIP_END_BYTES), false);
        tail = span_from(tail, 4);
    }
}

static bool is_zip(struct span bytes)
{
    return span_starts(bytes, "PK");
}

/* RFC 1952 2.3: the name it had, a comment. */
static void carry_gzip_name(struct carrier *c, struct span bytes)
{
    struct span rest = span_from(bytes, 10);
    unsigned flags = bytes.n > 3 ? bytes.at[3] : 0;

    if ((flags & 4) != 0 && rest.n >= 2)
        rest = span_from(rest, 2u + rest.at[0] + (size_t)rest.at[1] * 256);
    for (unsigned flag = 8; flag <= 16; flag *= 2) {
        if ((flags & flag) == 0)
            continue;
        carry_text(c, span_first(rest, span_find(rest, '\0')));
        rest = span_from(rest, span_find(rest, '\0') + 1);
    }
}

void carry_archive(struct carrier *c, struct span bytes, bool single)
{
    SCOPED(archive_close) struct archive *archive = reader(single);
    struct archive_entry *entry;
    int status;

    if (c->depth >= CARRY_DEPTH_MAX) {
        carry_unread(c, "archives too deep within each other");
        return;
    }
    c->depth++;
    if (is_zip(bytes))
        carry_zip_comments(c, bytes);
    if (span_starts(bytes, "\037\213"))
        carry_gzip_name(c, bytes);
    status = archive_read_open_memory(archive, bytes.at, bytes.n);
    while (status >= ARCHIVE_WARN) {
        status = archive_read_next_header(archive, &entry);
        if (status == ARCHIVE_EOF || status < ARCHIVE_WARN)
            break;
        if (c->entries++ >= CARRY_ENTRIES_MAX) {
            carry_unread(c, "an archive with too many files");
            break;
        }
        carry_entry(c, archive, entry, single);
        if (c->unpacked > c->unpacked_max)
            break;
    }
    /* Of one without a format the library reads through a null pointer (3.6). */
    if (status < ARCHIVE_WARN)
        carry_unread(c,
                     archive_format(archive) != 0 && archive_read_has_encrypted_entries(archive) > 0
                         ? "an encrypted archive"
                         : "a broken archive");
    c->depth--;
}

/* The library has no reader for it; but the inner stream of both is the same (RFC 1951). */
struct span carry_inflate(struct carrier *c, struct span zlib)
{
    static const char head[] = "\037\213\010\0\0\0\0\0\0\003";
    SCOPED(archive_close) struct archive *archive = NULL;
    struct buf gzip = buf_new(c->a, zlib.n + 2 * sizeof(head));
    struct archive_entry *entry;

    if (zlib.n < 6 || c->unpacked > c->unpacked_max)
        return span_of(NULL, 0);
    if (c->entries++ >= CARRY_ENTRIES_MAX) {
        carry_unread(c, "a picture with too many packed texts");
        return span_of(NULL, 0);
    }
    archive = reader(true);
    buf_add(&gzip, head, sizeof(head) - 1);
    buf_add_span(&gzip, span_from(zlib, 2));
    buf_add(&gzip, "\0\0\0\0\0\0\0", 8); /* a sum that the library does not check */
    if (archive_read_open_memory(archive, gzip.at, gzip.n) < ARCHIVE_WARN ||
        archive_read_next_header(archive, &entry) < ARCHIVE_WARN)
        return span_of(NULL, 0);
    return unpack(c, archive, entry);
}
