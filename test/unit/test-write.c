/* What write writes: exact rows, and the property that strict reads all of it back equal. */
#include "test/testlib.h"

#include "base/buf.h"
#include "base/text.h"
#include "mime/strict.h"
#include "mime/write-field.h"
#include "mime/write.h"

static struct write_letter letter_plain(void)
{
    struct write_letter l = {
        .from = {"Example CERT", "security@cert.example"},
        .to = {"Jane Doe", "jane@acme.example"},
        .date = 1798088400,
        .message_id = "aaaa@cert.example",
        .subject = "[C42] a title",
        .text = "Hello,\n\ntext.\n",
        .outer_subject = "[cert 7kq2]",
    };

    memset(l.random, 0x5a, sizeof(l.random));
    return l;
}

static void fields(void **state)
{
    static const struct {
        const char *value;
        const char *want;
    } ROWS[] = {
        {"plain", "S: plain\r\n"},
        {"", "S: \r\n"},
        {"a\r\nBcc: x@y", "S: a  Bcc: x@y\r\n"},
        {"tab\there\x7f.", "S: tab here .\r\n"},
        {"=?utf-8?Q?x?=", "S: =?utf-8?B?PT91dGYtOD9RP3g/PQ==?=\r\n"},
        {"Gr\xc3\xbc\xc3\x9f"
         "e",
         "S: =?utf-8?B?R3LDvMOfZQ==?=\r\n"},
        {"one two three four five six seven eight nine ten eleven twelve thirteen fourteen 15",
         "S: one two three four five six seven eight nine ten eleven twelve thirteen\r\n"
         " fourteen 15\r\n"},
        {"\xe4\xb8\x80\xe4\xba\x8c\xe4\xb8\x89\xe5\x9b\x9b\xe4\xba\x94\xe5\x85\xad\xe4\xb8\x83"
         "\xe5\x85\xab\xe4\xb9\x9d\xe5\x8d\x81\xe4\xb8\x80\xe4\xba\x8c\xe4\xb8\x89\xe5\x9b\x9b"
         "\xe4\xba\x94\xe5\x85\xad",
         "S: =?utf-8?B?5LiA5LqM5LiJ5Zub5LqU5YWt5LiD5YWr5Lmd5Y2B5LiA5LqM5LiJ5Zub5LqU?=\r\n"
         " =?utf-8?B?5YWt?=\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct buf out = buf_new(a, 4096);

        write_field_text(&out, "", "S", ROWS[i].value);
        if (strcmp(out.at, ROWS[i].want) != 0)
            fail_msg("%s gave %s", ROWS[i].value, out.at);
    }
}

static void addresses(void **state)
{
    static const struct {
        const char *name;
        const char *want;
    } ROWS[] = {
        {NULL, "To: j@acme.example\r\n"},
        {"", "To: j@acme.example\r\n"},
        {"Jane Doe", "To: Jane Doe <j@acme.example>\r\n"},
        {"Doe, Jane", "To: \"Doe, Jane\" <j@acme.example>\r\n"},
        {"x\" <evil@x>, \"", "To: =?utf-8?B?eCIgPGV2aWxAeD4sICI=?= <j@acme.example>\r\n"},
        {"J\xc3\xbcrgen", "To: =?utf-8?B?SsO8cmdlbg==?= <j@acme.example>\r\n"},
        {"a\r\nBcc: b", "To: \"a  Bcc: b\" <j@acme.example>\r\n"},
    };
    static const struct {
        const char *address;
        bool valid;
    } VALID[] = {
        {"a@b.example", true},
        {"a+b.c=d@b.example", true},
        {"a", false},
        {"@b", false},
        {"a@", false},
        {"a@b@c", false},
        {"a b@c", false},
        {"a@b>\r\nBcc: x", false},
        {"\"a\"@b", false},
        {"a..b@c", false},
        {"a@[127.0.0.1]", false},
        {"\xc3\xa4@b", false},
        {"a@b.example.", false},
        {".a@b", false},
        {"", false},
        {"a@b,c@d", false},
    };

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct buf out = buf_new(a, 4096);
        struct write_address address = {ROWS[i].name, "j@acme.example"};

        write_field_address(&out, "", "To", &address, true);
        if (strcmp(out.at, ROWS[i].want) != 0)
            fail_msg("%s gave %s", ROWS[i].name, out.at);
    }
    for (size_t i = 0; i < LEN(VALID); i++)
        assert_row(VALID[i].address, write_address_valid(VALID[i].address) == VALID[i].valid);
}

static void file_names(void **state)
{
    static const struct {
        const char *name;
        const char *want;
    } ROWS[] = {
        {"poc.txt", ";\r\n filename=\"poc.txt\""},
        {"../../etc/passwd", ";\r\n filename=\"passwd\""},
        {"C:\\x\\poc.c", ";\r\n filename=\"poc.c\""},
        {"..", ";\r\n filename=\"attachment\""},
        {"", ";\r\n filename=\"attachment\""},
        {"a\"b", ";\r\n filename*0*=utf-8''a%22b"},
        {"\xe8\xa1\xa8.txt", ";\r\n filename*0*=utf-8''%E8%A1%A8.txt"},
        {"a\r\nb", ";\r\n filename=\"a  b\""},
        {"a\u202Etxt.exe\u200B", ";\r\n filename=\"a_txt.exe_\""},
    };

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct buf out = buf_new(a, 4096);

        write_parameter_filename(&out, ROWS[i].name);
        if (strcmp(out.at, ROWS[i].want) != 0)
            fail_msg("%s gave %s", ROWS[i].name, out.at);
    }
}

static void padme_steps(void **state)
{
    static const struct {
        uint64_t n, want;
    } ROWS[] = {{0, 0},       {1, 1},           {2, 2},
                {9, 10},      {1000, 1024},     {1025, 1088},
                {5000, 5120}, {100000, 100352}, {25000000, 25165824}};

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++)
        assert_int_equal(write_padme(ROWS[i].n), ROWS[i].want);
    for (uint64_t n = 2; n < 200000; n++) {
        uint64_t p = write_padme(n);

        assert_true(p >= n && (p - n) * 100 <= 12 * n && write_padme(p) == p);
        p = write_padded(n);
        assert_true(p >= n && p < n + n / 8 + WRITE_STEP && write_padme(p) == p);
    }
    assert_int_equal(write_padded(1), 8192);
    assert_int_equal(write_padded(8192), 8192);
    assert_int_equal(write_padded(8193), 16384);
    assert_int_equal(write_padded(300000), write_padme(300000));
}

/* CRLF only, 7-bit only, lines of at most 78 (signed and unsigned part alike), padded size. */
static void assert_well_written(struct span mail, bool padded)
{
    struct span rest = mail;

    assert_true(mail.n > 0);
    while (rest.n > 0) {
        size_t n = span_find(rest, '\n');

        assert_true(n < rest.n && n > 0 && rest.at[n - 1] == '\r');
        assert_true(n - 1 <= WRITE_LINE);
        for (size_t i = 0; i < n - 1; i++)
            assert_true((rest.at[i] >= ' ' || rest.at[i] == '\t') && rest.at[i] < 0x7f);
        rest = span_from(rest, n + 1);
    }
    if (padded)
        assert_true(write_padded(mail.n) == mail.n);
}

static const char *header(const struct strict_mail *mail, const char *name)
{
    for (size_t i = 0; i < mail->n_headers; i++) {
        if (strcmp(mail->headers[i].name, name) == 0)
            return mail->headers[i].value;
    }
    return NULL;
}

static void inner_bytes(void **state)
{
    static const char WANT[] =
        "From: Example CERT <security@cert.example>\r\n"
        "To: Jane Doe <jane@acme.example>\r\n"
        "Subject: [C42] a title\r\n"
        "Date: Thu, 24 Dec 2026 05:00:00 +0000\r\n"
        "Message-ID: <aaaa@cert.example>\r\n"
        "MIME-Version: 1.0\r\n"
        "HP-Outer: From: security@cert.example\r\n"
        "HP-Outer: To: jane@acme.example\r\n"
        "HP-Outer: Subject: [cert 7kq2]\r\n"
        "HP-Outer: Date: Thu, 24 Dec 2026 05:00:00 +0000\r\n"
        "HP-Outer: Message-ID: <aaaa@cert.example>\r\n"
        "Content-Type: multipart/mixed; boundary=\"=_5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\";\r\n"
        " hp=\"cipher\"; protected-headers=\"v1\"\r\n"
        "\r\n"
        "--=_5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\r\n"
        "Content-Type: text/plain; charset=\"utf-8\"\r\n"
        "Content-Transfer-Encoding: 7bit\r\n"
        "\r\n"
        "Hello,\r\n\r\ntext.\r\n"
        "\r\n--=_5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a--\r\n";
    SCOPED(arena_free) struct arena *a = arena_new();
    struct write_letter l = letter_plain();
    struct span entity;
    struct err err = {0};

    (void)state;
    assert_true(write_inner(a, &l, &entity, &err));
    assert_true(span_starts(entity, WANT));
    for (size_t i = strlen(WANT); i < entity.n; i++)
        assert_non_null(strchr("x\r\n", entity.at[i]));
    assert_well_written(entity, true);
}

static void outer_bytes(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct write_letter l = letter_plain();
    const char *references[] = {"one@acme.example", "not an id", "two@cert.example"};
    struct span mail;
    struct strict_mail read;
    struct err err = {0};

    (void)state;
    l.references = references;
    l.n_references = LEN(references);
    l.in_reply_to = "two@cert.example";
    assert_true(write_outer_openpgp(
        a, &l, span_str("-----BEGIN PGP MESSAGE-----\n\nabc\n-----END PGP MESSAGE-----\n"), &mail,
        &err));
    assert_well_written(mail, false);
    assert_int_equal(strict_read_all(a, mail, &read), STRICT_OK);
    assert_string_equal(header(&read, "Subject"), "[cert 7kq2]");
    assert_string_equal(header(&read, "To"), "jane@acme.example");
    assert_null(header(&read, "References"));
    assert_int_equal(span_find_span(mail, span_str("Jane")), mail.n);
    assert_int_equal(span_find_span(mail, span_str("C42")), mail.n);
    assert_int_equal(read.n_parts, 2);
    assert_true(span_eq_str(read.parts[0].bytes, "Version: 1\r\n"));
    assert_false(write_outer_openpgp(a, &l, span_str("no armour"), &mail, &err));

    l.outer_thread = true;
    l.auto_submitted = "auto-generated";
    assert_true(write_outer_smime(a, &l, span_str("\x30\x80 der"), &mail, &err));
    assert_well_written(mail, false);
    assert_int_equal(strict_read_all(a, mail, &read), STRICT_OK);
    assert_string_equal(header(&read, "References"), "<one@acme.example> <two@cert.example>");
    assert_string_equal(header(&read, "In-Reply-To"), "<two@cert.example>");
    assert_string_equal(header(&read, "Auto-Submitted"), "auto-generated");
    assert_true(span_eq_str(read.parts[0].bytes, "\x30\x80 der"));
}

static void what_cannot_be_written_is_refused(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct write_letter l;
    struct span mail;
    struct err err = {0};

    (void)state;
    l = letter_plain();
    l.to.address = "a@b>\r\nBcc: x@y";
    assert_false(write_inner(a, &l, &mail, &err));
    l = letter_plain();
    l.to.address = NULL;
    assert_false(write_outer_smime(a, &l, span_str("x"), &mail, &err));
    l = letter_plain();
    l.message_id = "a b@c";
    assert_false(write_plain(a, &l, &mail, &err));
    l = letter_plain();
    l.text = "\xff";
    assert_false(write_inner(a, &l, &mail, &err));
    assert_int_equal(err.kind, ERR_OPERATOR);
}

/* Pieces that have broken mail before. */
static const char *const PIECES[] = {
    "a",
    "word ",
    "  ",
    "=",
    "=3D",
    "=?",
    "?=",
    "=?utf-8?B?eA==?=",
    "--",
    "-",
    ".",
    "From ",
    "\xc3\xa4",
    "\xe6\xbc\xa2\xe5\xad\x97",
    "\xf0\x9f\x98\x80",
    "\"",
    "\\",
    "'",
    "%41",
    ";",
    ",",
    "<",
    ">",
    "@",
    "(",
    ")",
    ":",
    "averyveryveryveryveryveryverylongwordwithoutanyblankinit",
    "--=_5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
};

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % below;
}

/* A text of random pieces; in one that may have lines, line breaks and tabs too. */
static char *random_text(struct arena *a, uint32_t *seed, size_t max, bool lines)
{
    static const char *const BREAKS[] = {"\n", "\n\n", "\t", " \n", "\r", "\r\n", "\x01", "\n--\n"};
    struct buf out = buf_new(a, 100000);
    size_t n = draw(seed, (uint32_t)max);

    for (size_t i = 0; i < n; i++) {
        if (lines && draw(seed, 4) == 0)
            buf_add_str(&out, BREAKS[draw(seed, LEN(BREAKS))]);
        else
            buf_add_str(&out, PIECES[draw(seed, LEN(PIECES))]);
    }
    return out.at;
}

static struct write_letter random_letter(struct arena *a, uint32_t *seed)
{
    struct write_letter l = letter_plain();
    struct write_attachment *files = ARENA_ARRAY(a, 4, struct write_attachment);

    l.subject = span_dup(a, span_trim(span_str(random_text(a, seed, 30, false))));
    l.to.name = span_dup(a, span_trim(span_str(random_text(a, seed, 8, false))));
    l.outer_subject = span_dup(a, span_trim(span_str(random_text(a, seed, 5, false))));
    l.text = random_text(a, seed, 200, true);
    l.attachments = files;
    l.n_attachments = draw(seed, 4);
    for (size_t i = 0; i < l.n_attachments; i++) {
        files[i].filename = arena_printf(a, "f%sz", random_text(a, seed, 6, false));
        files[i].type = i == 0 ? "text/plain; charset=x" : i == 1 ? "Image/PNG" : "message/rfc822";
        files[i].bytes = span_str(random_text(a, seed, 300, true));
    }
    for (size_t i = 0; i < sizeof(l.random); i++)
        l.random[i] = (unsigned char)draw(seed, 256);
    return l;
}

/* What a file name is written as: the last part of a path, of a length that every system takes. */
static bool same_file(struct arena *a, const char *read, const char *written)
{
    const char *last = written;

    for (const char *c = written; *c != '\0'; c++) {
        if (*c == '/' || *c == '\\')
            last = c + 1;
    }
    last = span_dup(a, span_trim(span_str(last)));
    if (strlen(last) > WRITE_FILENAME_MAX)
        return strlen(read) > WRITE_FILENAME_MAX - 5 && strncmp(read, last, strlen(read)) == 0;
    return strcmp(read, last) == 0;
}

static void assert_same(struct arena *a, const struct write_letter *l, struct span mail)
{
    struct strict_mail read;
    struct span text;

    assert_int_equal(strict_read_all(a, mail, &read), STRICT_OK);
    assert_string_equal(header(&read, "Subject"), l->subject);
    assert_int_equal(read.n_parts, 1 + l->n_attachments);
    assert_true(read.parts[0].is_text);
    text = read.parts[0].bytes;
    if (l->n_attachments == 0 && text.n == strlen(l->text) + 1)
        text.n--; /* plain mail always ends with a line break */
    assert_true(span_eq_str(text, l->text));
    for (size_t i = 0; i < l->n_attachments; i++) {
        static const char *const TYPES[] = {"text/plain", "image/png", "application/octet-stream"};

        assert_string_equal(read.parts[i + 1].type, TYPES[i]);
        assert_false(read.parts[i + 1].is_text);
        assert_true(span_eq(read.parts[i + 1].bytes, l->attachments[i].bytes));
        assert_row(l->attachments[i].filename,
                   same_file(a, read.parts[i + 1].filename, l->attachments[i].filename));
    }
    /* The text is also what a command would be read from. */
    if (l->n_attachments > 0) {
        assert_int_equal(strict_text(a, mail, &text), STRICT_OK);
        assert_true(span_eq_str(text, l->text));
    }
}

static void all_that_is_written_is_read_back(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct write_letter l = random_letter(a, &seed);
        struct span mail;
        struct err err = {0};

        assert_true(write_inner(a, &l, &mail, &err));
        assert_well_written(mail, true);
        assert_same(a, &l, mail);
        assert_true(write_plain(a, &l, &mail, &err));
        assert_well_written(mail, false);
        assert_same(a, &l, mail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields),
        cmocka_unit_test(addresses),
        cmocka_unit_test(file_names),
        cmocka_unit_test(padme_steps),
        cmocka_unit_test(inner_bytes),
        cmocka_unit_test(outer_bytes),
        cmocka_unit_test(what_cannot_be_written_is_refused),
        cmocka_unit_test(all_that_is_written_is_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
