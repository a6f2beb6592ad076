/* Files are made here, with the library that reads them. */
#include "carry/carry.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/text.h"

struct file {
    const char *name;
    struct span bytes;
};

#define FILE_OF(name, text)                                 \
    {                                                       \
        name,                                               \
        {                                                   \
            (const unsigned char *)(text), sizeof(text) - 1 \
        }                                                   \
    }

enum { MADE_MAX = 4 * 1024 * 1024 };

static struct span pack(struct arena *a, int format, int filter, const char *password,
                        const struct file *files, size_t n)
{
    struct archive *archive = archive_write_new();
    char *out = arena_alloc(a, MADE_MAX);
    size_t used = 0;

    archive_write_set_format(archive, format);
    archive_write_add_filter(archive, filter);
    archive_write_set_bytes_in_last_block(archive, 1);
    if (password != NULL) {
        archive_write_set_options(archive, "zip:encryption=aes256");
        archive_write_set_passphrase(archive, password);
    }
    assert_int_equal(archive_write_open_memory(archive, out, MADE_MAX, &used), ARCHIVE_OK);
    for (size_t i = 0; i < n; i++) {
        struct archive_entry *entry = archive_entry_new();

        archive_entry_set_pathname(entry, files[i].name);
        archive_entry_set_size(entry, (la_int64_t)files[i].bytes.n);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_uname(entry, "rsandoval");
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, files[i].bytes.at, files[i].bytes.n),
                         files[i].bytes.n);
        archive_entry_free(entry);
    }
    archive_write_close(archive);
    archive_write_free(archive);
    return span_of(out, used);
}

static bool has(const struct carried *c, const char *text)
{
    return span_find_span(buf_span(&c->text), span_str(text)) < c->text.n;
}

static void assert_fact(const struct carried *c, const char *fact)
{
    if (!strs_has(&c->facts, fact))
        fail_msg("no \"%s\"; text: %s", fact, c->text.at);
}

static const struct file docx[] = {
    FILE_OF("word/document.xml",
            "<?xml version='1.0'?><w:document xmlns:w='w'><w:body><w:p><w:r><w:rPr><w:b/></w:rPr>"
            "<w:t>Glo</w:t></w:r><w:r><w:t>bex is next</w:t></w:r></w:p><w:p><w:r><w:t>second"
            "</w:t></w:r></w:p><w:ins w:author='Ben Ito'/></w:body></w:document>"),
    FILE_OF("docProps/core.xml",
            "<?xml version='1.0'?><cp:p xmlns:cp='c' xmlns:dc='d'><dc:creator>Rhea Sandoval"
            "</dc:creator><cp:lastModifiedBy>Ken</cp:lastModifiedBy></cp:p>"),
    FILE_OF("docProps/app.xml",
            "<?xml version='1.0'?><Properties><Company>Initech</Company></Properties>"),
};

static void a_document_names_its_makers(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span zip = pack(a, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL, docx, LEN(docx));
    struct carried c = carry_read(a, zip, false);

    (void)state;
    assert_true(has(&c, "Globex is next\nsecond\n"));
    assert_fact(&c, "author: Rhea Sandoval");
    assert_fact(&c, "author: Ben Ito");
    assert_fact(&c, "last modified by: Ken");
    assert_fact(&c, "company: Initech");
    assert_null(c.unread);
}

static void archives_are_opened_within_each_other(void **state)
{
    static const int formats[] = {ARCHIVE_FORMAT_ZIP, ARCHIVE_FORMAT_TAR_USTAR,
                                  ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, ARCHIVE_FORMAT_7ZIP};
    static const int filters[] = {ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_BZIP2,
                                  ARCHIVE_FILTER_XZ};
    static const struct file inner[] = {
        FILE_OF("globex/readme.txt", "see C:\\Users\\rhea\\poc.pdb")};

    (void)state;
    for (size_t i = 0; i < LEN(formats); i++) {
        for (size_t j = 0; j < LEN(filters); j++) {
            if (formats[i] == ARCHIVE_FORMAT_7ZIP && filters[j] != ARCHIVE_FILTER_NONE)
                continue; /* it is read from its end, which a packed one has not yet */

            SCOPED(arena_free) struct arena *a = arena_new();
            struct file outer = {"in.bin", pack(a, formats[i], filters[j], NULL, inner, 1)};
            struct span tar =
                pack(a, ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_GZIP, NULL, &outer, 1);
            struct carried c = carry_read(a, tar, false);

            assert_true(has(&c, "in.bin"));
            assert_true(has(&c, "globex/readme.txt"));
            assert_fact(&c, "path: C:\\Users\\rhea\\poc.pdb");
            assert_fact(&c, "owner: rsandoval");
            assert_null(c.unread);
        }
    }
}

static void a_single_packed_file_is_read(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    static const struct file inner[] = {FILE_OF("x", "the text of Globex")};
    struct span gz = pack(a, ARCHIVE_FORMAT_RAW, ARCHIVE_FILTER_GZIP, NULL, inner, 1);
    struct carried c = carry_read(a, gz, false);

    (void)state;
    assert_true(has(&c, "the text of Globex"));
    assert_null(c.unread);
}

static void what_is_locked_is_said_so(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span zip = pack(a, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, "secret", docx, LEN(docx));
    struct carried c = carry_read(a, zip, false);

    (void)state;
    assert_string_equal(c.unread, "an encrypted archive");
    assert_true(has(&c, "docProps/core.xml"));
    assert_false(has(&c, "Rhea"));
}

static void bombs_meet_limits(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct file zeros = {"zeros", span_of(arena_alloc(a, MADE_MAX), MADE_MAX)};
    struct span bomb = pack(a, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL, &zeros, 1);
    struct file *many = ARENA_ARRAY(a, CARRY_ENTRIES_MAX + 1, struct file);
    struct file deep = {"deep.zip", bomb};
    struct carried c = carry_read(a, bomb, false);

    (void)state;
    assert_string_equal(c.unread, "an archive that unpacks to too much");
    for (size_t i = 0; i <= CARRY_ENTRIES_MAX; i++)
        many[i] = (struct file){"n", span_str("x")};
    c = carry_read(
        a, pack(a, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL, many, CARRY_ENTRIES_MAX + 1),
        false);
    assert_string_equal(c.unread, "an archive with too many files");
    deep.bytes = pack(a, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL, docx, LEN(docx));
    for (size_t i = 0; i < CARRY_DEPTH_MAX; i++)
        deep.bytes = pack(a, ARCHIVE_FORMAT_ZIP, ARCHIVE_FILTER_NONE, NULL, &deep, 1);
    c = carry_read(a, deep.bytes, false);
    assert_string_equal(c.unread, "archives too deep within each other");
}

/* ---- pictures ---- */

#define ARTIST "\x3B\x01\x02\0\x0E\0\0\0\x26\0\0\0"
#define GPS "\x25\x88\x04\0\x01\0\0\0\0\0\0\0"
#define TIFF                                      \
    "II*\0\x08\0\0\0\x02\0" ARTIST GPS "\0\0\0\0" \
    "Rhea Sandoval\0"
#define XMP                                                                                \
    "<x:xmpmeta xmlns:x='x'><r:RDF xmlns:r='r'><r:D xmlns:m='m' m:CreatorTool='Tool 1'>"   \
    "<d:creator xmlns:d='d'><r:Seq><r:li>Ken Ito</r:li></r:Seq></d:creator></r:D></r:RDF>" \
    "</x:xmpmeta>"

static void add_block(struct buf *b, const char *begin, const char *bytes, size_t n)
{
    size_t all = strlen(begin) + 2 + n + 2;

    buf_add_char(b, (char)0xFF);
    buf_add_char(b, (char)0xE1);
    buf_add_char(b, (char)(all >> 8));
    buf_add_char(b, (char)all);
    buf_add(b, begin, strlen(begin));
    buf_add(b, "\0\0", 2);
    buf_add(b, bytes, n);
}

static void assert_picture(const struct carried *c)
{
    assert_fact(c, "artist: Rhea Sandoval");
    assert_fact(c, "position (GPS): yes");
    assert_null(c->unread);
}

static void a_photo_names_who_took_it(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf jpeg = buf_new(a, 4096);
    struct carried c;

    (void)state;
    buf_add_str(&jpeg, "\xFF\xD8");
    add_block(&jpeg, "Exif", TIFF, sizeof(TIFF) - 1);
    add_block(&jpeg, "http://ns.adobe.com/xap/1.0/", XMP, sizeof(XMP) - 1);
    buf_add(&jpeg, "\xFF\xDA\0\x02rubbish\xFF\xD9", 13);
    buf_add_str(&jpeg, "and a note for Globex behind it");
    c = carry_read(a, buf_span(&jpeg), false);
    assert_picture(&c);
    assert_fact(&c, "author: Ken Ito");
    assert_fact(&c, "software: Tool 1");
    assert_fact(&c, "hidden: bytes behind the end of the picture");
    assert_true(has(&c, "note for Globex"));
    c = carry_read(a, span_of(TIFF, sizeof(TIFF) - 1), false);
    assert_picture(&c);
}

/* Windows writes who made it in UTF-16. */
/* Neither an end that comes early nor a block of no length hides what follows. */
static void a_picture_that_is_none_hides_nothing(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct carried c;

    (void)state;
    c = carry_read(a, span_str("\xFF\xD8\xFF\xD9 a note for Globex behind it"), false);
    assert_true(has(&c, "a note for Globex behind it"));
    assert_fact(&c, "hidden: bytes behind the end of the picture");
    c = carry_read(a, span_of("\xFF\xD8\xFF\xE0\0\0 a note for Globex", 24), false);
    assert_non_null(c.unread);
}

static void of_a_long_picture_it_is_said(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const size_t n = 70 * 1000;
    char *gif = ARENA_ARRAY(a, n, char);
    struct carried c;

    (void)state;
    memcpy(gif, "GIF89a", 6);
    c = carry_read(a, span_of(gif, n / 2), false);
    assert_null(c.unread);
    c = carry_read(a, span_of(gif, n), false);
    assert_non_null(c.unread);
}

/* Each entry leads back to the first: without a count, 200 to the fourth. */
static void a_picture_that_leads_to_itself_ends(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf tiff = buf_new(a, 4096);
    struct carried c;

    (void)state;
    buf_add(&tiff, "MM\0*\0\0\0\x08\0\xC8", 10);
    for (size_t i = 0; i < 200; i++)
        buf_add(&tiff, "\x87\x69\0\x04\0\0\0\x01\0\0\0\x08", 12);
    c = carry_read(a, buf_span(&tiff), false);
    assert_string_equal(c.unread, "a picture with too many entries");
}

static void a_makers_name_may_be_in_any_script(void **state)
{
    static const char tiff[] = "II*\0\x08\0\0\0\x01\0\x9D\x9C\x01\0\x04\0\0\0\x0F\x5C\xCE\x91"
                               "\0\0\0\0";
    SCOPED(arena_free) struct arena *a = arena_new();
    struct carried c = carry_read(a, span_of(tiff, sizeof(tiff) - 1), false);

    (void)state;
    assert_fact(&c, "author: \xE5\xB0\x8F\xE9\x87\x8E");
    assert_true(has(&c, "\xE5\xB0\x8F\xE9\x87\x8E"));
}

static void add_chunk(struct buf *b, const char *type, const char *bytes, size_t n)
{
    char size[] = {0, 0, (char)(n >> 8), (char)n};

    buf_add(b, size, 4);
    buf_add_str(b, type);
    buf_add(b, bytes, n);
    buf_add(b, "crcs", 4);
}

static void a_png_says_it_in_text(void **state)
{
    static const char packed[] = "Comment\0\0\x78\x9c\x73\xcf\xc9\x4f\x4a\xad\x50\xc8\x2c\x06\0"
                                 "\x10\xbb\x03\x5e";
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf png = buf_new(a, 4096);
    struct carried c;

    (void)state;
    buf_add_str(&png, "\211PNG\r\n\032\n");
    add_chunk(&png, "tEXt", "Author\0Rhea", 11);
    add_chunk(&png, "zTXt", packed, sizeof(packed) - 1);
    add_chunk(&png, "eXIf", TIFF, sizeof(TIFF) - 1);
    add_chunk(&png, "IEND", "", 0);
    c = carry_read(a, buf_span(&png), false);
    assert_picture(&c);
    assert_fact(&c, "Author: Rhea");
    assert_fact(&c, "Comment: Globex is");
    png.n = 8;
    add_chunk(&png, "tEXt", "A\nb\xFF\0x", 6);
    c = carry_read(a, buf_span(&png), false);
    assert_fact(&c, "A b?: x");
}

static void a_png_has_blocks_of_anyones(void **state)
{
    static const char profile[] = "name\0\0"
                                  "\x78\x9c\xf3\x74\x76\x66\x60\x70\xc9\x2c\x2e\xc8\x49\xac\x54\xc8"
                                  "\x4f\x53\x08\xca\x48\x4d\x64\x60\x00\x00\x48\x25\x06\x3b";
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf png = buf_new(a, 4096);
    struct carried c;

    (void)state;
    buf_add_str(&png, "\211PNG\r\n\032\n");
    add_chunk(&png, "iCCP", profile, sizeof(profile) - 1);
    add_chunk(&png, "prVW", "\0\1Globex is next\0", 17);
    add_chunk(&png, "IDAT", "no words here", 13);
    add_chunk(&png, "IEND", "", 0);
    c = carry_read(a, buf_span(&png), false);
    assert_true(has(&c, "Display of Rhea"));
    assert_true(has(&c, "Globex is next"));
    assert_false(has(&c, "no words here"));
}

/* Each of them has a stream to unpack: they count as an archive's files do. */
static void packed_texts_of_a_png_are_counted(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    static const char packed[] = "k\0\0\x78\x9c\x4b\x04\0\0\x62\0\x62"; /* "a" */
    struct buf png = buf_new(a, 1024 * 1024);
    struct carried c;

    (void)state;
    buf_add_str(&png, "\211PNG\r\n\032\n");
    for (size_t i = 0; i < CARRY_ENTRIES_MAX + 10; i++)
        add_chunk(&png, "zTXt", packed, sizeof(packed) - 1);
    add_chunk(&png, "IEND", "", 0);
    c = carry_read(a, buf_span(&png), false);
    assert_non_null(c.unread);
    assert_non_null(strstr(c.unread, "too many"));
}

static void of_the_rest_the_words_are_read(void **state)
{
    static const char elf[] = "\177ELF\1\2\0/home/rhea/src/poc.c\0\3G\0l\0o\0b\0e\0x\0 \0a\0g\0\0";
    static const char old[] = "\xD0\xCF\x11\xE0\xA1\xB1\0Rhea Sandoval\0";
    SCOPED(arena_free) struct arena *a = arena_new();
    struct carried c = carry_read(a, span_of(elf, sizeof(elf)), false);

    (void)state;
    assert_fact(&c, "path: /home/rhea/src/poc.c");
    assert_true(has(&c, "Globex ag"));
    assert_string_equal(c.unread, "a program: only its plain words were looked at");
    c = carry_read(a, span_of(old, sizeof(old)), false);
    assert_true(has(&c, "Rhea Sandoval"));
    assert_non_null(c.unread);
    c = carry_read(a, span_str("just text\r\n"), false);
    assert_true(has(&c, "just text\n"));
    assert_null(c.unread);
}

#define PDF(more)                                                                                 \
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"                                      \
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"                                          \
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R"                       \
    "/Resources<</Font<</F 5 0 R>>>>>>endobj\n"                                                   \
    "4 0 obj<</Length 42>>stream\nBT /F 12 Tf 9 99 Td <476C6F626578> Tj ET  \nendstream endobj\n" \
    "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"                              \
    "6 0 obj<</Author(Rhea Sandoval)/Producer(Writer 7)>>endobj\n" more                           \
    "trailer<</Root 1 0 R/Info 6 0 R>>\n%%EOF\n"

/* By poppler's programs: text that is no text in the file. */
static void a_pdf_is_read_by_poppler(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct carried c = carry_read(a, span_str(PDF("")), true);

    (void)state;
    assert_fact(&c, "author: Rhea Sandoval");
    assert_fact(&c, "software: Writer 7");
    assert_true(has(&c, "Globex"));
    assert_null(c.unread);
    c = carry_read(a, span_str(PDF("7 0 obj<</Type/EmbeddedFile>>endobj\n")), true);
    assert_string_equal(c.unread, "files within the PDF");
    c = carry_read(a, span_str(PDF("")), false);
    assert_false(has(&c, "Globex"));
    assert_non_null(c.unread);
}

static void xml_takes_nothing_from_elsewhere(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct carried c = carry_read(
        a,
        span_str("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
                 "<x>&e;</x>"),
        false);

    (void)state;
    assert_false(has(&c, "root:"));
    assert_string_equal(c.unread, "text behind an XML entity");
    c = carry_read(a, span_str("<?xml version='1.0'?><x>Globex says<y></x>"), false);
    assert_true(has(&c, "Globex says"));
    assert_string_equal(c.unread, "broken XML");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_names_its_makers),
        cmocka_unit_test(archives_are_opened_within_each_other),
        cmocka_unit_test(a_single_packed_file_is_read),
        cmocka_unit_test(what_is_locked_is_said_so),
        cmocka_unit_test(bombs_meet_limits),
        cmocka_unit_test(a_photo_names_who_took_it),
        cmocka_unit_test(a_makers_name_may_be_in_any_script),
        cmocka_unit_test(a_picture_that_is_none_hides_nothing),
        cmocka_unit_test(a_picture_that_leads_to_itself_ends),
        cmocka_unit_test(of_a_long_picture_it_is_said),
        cmocka_unit_test(a_png_says_it_in_text),
        cmocka_unit_test(packed_texts_of_a_png_are_counted),
        cmocka_unit_test(a_png_has_blocks_of_anyones),
        cmocka_unit_test(of_the_rest_the_words_are_read),
        cmocka_unit_test(a_pdf_is_read_by_poppler),
        cmocka_unit_test(xml_takes_nothing_from_elsewhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
