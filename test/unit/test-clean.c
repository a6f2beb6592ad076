/* Pictures are made here, block by block; what is no tool stands in its place on the PATH. */
#include "test/testlib.h"

#include "carry/clean.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "carry/carry.h"

/* Orientation 6, an artist. */
#define TIFF                             \
    "II*\0\x08\0\0\0\x02\0"              \
    "\x12\x01\x03\0\x01\0\0\0\x06\0\0\0" \
    "\x3B\x01\x02\0\x0E\0\0\0\x26\0\0\0" \
    "\0\0\0\0Rhea Sandoval\0"
#define ORIENTATION "\x01\x12\0\x03\0\0\0\x01\0\x06"

static void add_jpeg_block(struct buf *b, int marker, const char *bytes, size_t n)
{
    buf_add_char(b, (char)0xFF);
    buf_add_char(b, (char)marker);
    buf_add_char(b, (char)((n + 2) >> 8));
    buf_add_char(b, (char)(n + 2));
    buf_add(b, bytes, n);
}

/* Grey, 8 by 8. */
static struct span jpeg(struct arena *a, const char *behind)
{
    struct buf b = buf_new(a, 4096);
    char ones[65];

    memset(ones, 1, sizeof(ones));
    ones[0] = 0;
    buf_add_str(&b, "\xFF\xD8");
    add_jpeg_block(&b, 0xE1, "Exif\0\0" TIFF, 6 + sizeof(TIFF) - 1);
    add_jpeg_block(&b, 0xFE, "by Rhea", 7);
    add_jpeg_block(&b, 0xDB, ones, sizeof(ones));
    add_jpeg_block(&b, 0xC0, "\x08\0\x08\0\x08\x01\x01\x11\0", 9);
    add_jpeg_block(&b, 0xC4, "\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
    add_jpeg_block(&b, 0xC4, "\x10\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 18);
    add_jpeg_block(&b, 0xDA, "\x01\x01\0\0\x3F\0", 6);
    buf_add_str(&b, "\x3F\xFF\xD9");
    buf_add_str(&b, behind);
    return buf_span(&b);
}

#define PNG_BEGIN "\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3A\x7E\x9B\x55"
#define PNG_NAMES \
    "\0\0\0\x0E"  \
    "tEXtAuthor\0Ken Ito\x02\xC6\xE2\xDB"
#define PNG_OTHER \
    "\0\0\0\x04"  \
    "orIgRhea\x11\xA4\xCF\x18"
#define PNG_END \
    "\0\0\0\x0AIDAT\x78\x9C\x63\x60\0\0\0\x02\0\x01\x48\xAF\xA4\x71\0\0\0\0IEND\xAE\x42\x60\x82"

static bool holds(struct span s, const char *text)
{
    return span_find_span(s, span_str(text)) < s.n;
}

static void who_took_a_photo_is_taken_out(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span before = jpeg(a, "and a note behind it");
    struct span bare = span_from(before, 2 + 4 + 6 + sizeof(TIFF) - 1 + 4 + 7);
    struct span copy;
    struct carried c;

    (void)state;
    assert_null(clean_never(before));
    assert_null(clean_copy(a, before, &copy));
    assert_false(holds(copy, "Rhea"));
    assert_false(holds(copy, "note"));
    /* What is seen stays bit for bit, and which side is up. */
    bare = span_first(bare, bare.n - strlen("and a note behind it"));
    assert_true(span_eq(span_from(copy, copy.n - bare.n), bare));
    assert_true(span_find_span(copy, span_of(ORIENTATION, sizeof(ORIENTATION) - 1)) < copy.n ||
                span_find_span(copy, span_of("\x12\x01\x03\0\x01\0\0\0\x06", 9)) < copy.n);
    c = carry_read(a, copy, false);
    assert_int_equal(c.facts.n, 0);
    assert_null(c.unread);
    assert_string_equal(clean_copy(a, copy, &copy), "nothing in it can be taken out");
}

static void so_are_the_texts_of_a_png(void **state)
{
    static const char png[] = PNG_BEGIN PNG_NAMES PNG_END;
    static const char bare[] = PNG_BEGIN PNG_END;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span copy;

    (void)state;
    assert_null(clean_copy(a, span_of(png, sizeof(png) - 1), &copy));
    assert_true(span_eq(copy, span_of(bare, sizeof(bare) - 1)));
}

static void what_can_not_be_cleaned_is_said_so(void **state)
{
    static const char odd[] = PNG_BEGIN PNG_OTHER PNG_END;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span picture = jpeg(a, "");
    struct span copy;

    (void)state;
    assert_non_null(clean_never(span_str("%PDF-1.4")));
    assert_non_null(strstr(clean_never(span_str("PK\003\004")), "Office"));
    assert_non_null(clean_copy(a, span_str("GIF89a"), &copy));
    assert_non_null(clean_copy(a, span_first(picture, picture.n - 2), &copy));
    assert_non_null(clean_copy(a, span_str("\xFF\xD8\xFF\xD9"), &copy));
    assert_string_equal(clean_copy(a, span_of(odd, sizeof(odd) - 1), &copy),
                        "exiftool left parts in it that nobody knows");
}

/* A program of that name which does what script says. */
static void put_in_its_place(const char *folder, const char *script)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *path = arena_printf(a, "%s/exiftool", folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, script, strlen(script)), strlen(script));
    close(fd);
}

static void the_tool_is_not_believed(void **state)
{
    static const struct {
        const char *script;
        const char *why;
    } cases[] = {
        {NULL, "exiftool is not installed"},
        {"#!/bin/sh\necho rubbish\n", "exiftool changed more than what is not seen"},
        {"#!/bin/sh\n", "exiftool changed more than what is not seen"},
        {"#!/bin/sh\n/bin/cat\nexit 1\n", "exiftool can't read it"},
        {"#!/bin/sh\n/bin/cat\n", "exiftool left parts in it that nobody knows"},
        {"#!/bin/sh\n/bin/cat | /usr/bin/tr '\\077' '\\076'\n",
         "exiftool changed more than what is not seen"},
        {"#!/bin/sh\n/usr/bin/yes | /usr/bin/head -c 9999999\n",
         "exiftool changed more than what is not seen"},
        {"#!/bin/sh\nkill -XCPU $$\n", "exiftool took too long"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    char folder[] = "/tmp/test-clean-XXXXXX";
    const char *path = arena_strdup(a, getenv("PATH"));
    struct span copy;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("PATH", folder, 1), 0);
    for (size_t i = 0; i < LEN(cases); i++) {
        if (cases[i].script != NULL)
            put_in_its_place(folder, cases[i].script);
        assert_string_equal(clean_copy(a, jpeg(a, ""), &copy), cases[i].why);
    }
    assert_int_equal(setenv("PATH", path, 1), 0);
    assert_int_equal(unlink(arena_printf(a, "%s/exiftool", folder)), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_took_a_photo_is_taken_out),
        cmocka_unit_test(so_are_the_texts_of_a_png),
        cmocka_unit_test(what_can_not_be_cleaned_is_said_so),
        cmocka_unit_test(the_tool_is_not_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
