#include "test/testlib.h"

#include "base/buf.h"
#include "base/text.h"
#include "redact/guard-decode.h"
#include "redact/guard.h"
#include "redact/mark.h"

enum { ACME = 1, GLOBEX = 2, DELL = 3, EMC = 4, ORACLE = 5 };

static const struct guard_word directory[] = {
    {"Acme", ACME, GUARD_TERM, false},
    {"acme.example", ACME, GUARD_TERM, false},
    {"Globex", GLOBEX, GUARD_TERM, false},
    {"Globex Corporation", GLOBEX, GUARD_TERM, false},
    {"globex.example", GLOBEX, GUARD_TERM, false},
    {"Dell", DELL, GUARD_TERM, false},
    {"Dell EMC", EMC, GUARD_TERM, false},
    {"Oracle", ORACLE, GUARD_TERM, true},
    {"日立", 7, GUARD_TERM, false},
    {"AT&T", 8, GUARD_TERM, false},
    {"CERT/CC", 9, GUARD_TERM, false},
    {"0123456789ABCDEF0123456789ABCDEF01234567", GLOBEX, GUARD_TERM, false},
    {"k7ce2mxq4ab5tw3n", 0, GUARD_TOKEN, false},
    {"C4711", 0, GUARD_TOKEN, false},
    {"abcd-efgh-ijkl-mnop", 0, GUARD_MARK, false},
};

/* What the reader `own` must not see there, or NULL. */
static const struct row {
    const char *text, *what;
    uint32_t own;
    const char *allowed;
} rows[] = {
    {"Acme ships it", NULL, ACME, NULL},
    {"Acme ships it", "Acme", GLOBEX, NULL},
    {"ACME", "Acme", 0, NULL},
    {"Ａｃｍｅ", "Acme", 0, NULL},
    {"A\xE2\x80\x8B"
     "c\xC2\xADme",
     "Acme", 0, NULL},
    {"A\xCC\x81"
     "cm\xC3\xA9",
     "Acme", 0, NULL},
    {"\xF0\x9D\x90\x80"
     "cme",
     "Acme", 0, NULL}, /* mathematical bold A */
    {"> Globex\r\n> Corporation", "Globex Corporation", ACME, NULL},
    {"Glo-\r\n> bex", "Globex", ACME, NULL},
    {"Glo\nbex", "Globex", ACME, NULL},
    {"Ac\nme", NULL, GLOBEX, NULL},
    {"macme acmes acme2", NULL, GLOBEX, NULL},
    {"acme_tool.c", "Acme", GLOBEX, NULL},
    {"x@mail.acme.example", "acme.example", GLOBEX, NULL},
    {"Dell EMC", NULL, EMC, NULL},
    {"Dell EMC", "Dell EMC", DELL, NULL},
    {"Dell EMC, Dell", "Dell", EMC, NULL},
    {"padding oracle", NULL, ACME, NULL},
    {"ORACLE", "Oracle", ACME, NULL},
    {"Padding Oracle", NULL, ACME, "oracle"},
    {"日立", "日立", ACME, NULL},
    {"日\n立", "日立", ACME, NULL},
    {"本日、立ち上げ", NULL, ACME, NULL},
    {"at&t", "AT&T", ACME, NULL},
    {"look at t", NULL, ACME, NULL},
    {"cert. cc: bob", NULL, ACME, NULL},
    {"cert/cc", "CERT/CC", ACME, NULL},
    {"0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567",
     "0123456789ABCDEF0123456789ABCDEF01234567", ACME, NULL},
    {"89ab:cdef:0123:4567", "0123456789ABCDEF0123456789ABCDEF01234567", ACME, NULL},
    {"mailto:security+k7ce2mxq4ab5tw3n@x", "k7ce2mxq4ab5tw3n", ACME, NULL},
    {"xxk7ce2mxq4ab5tw3nyy", "k7ce2mxq4ab5tw3n", ACME, NULL},
    {"case c4711.", "C4711", ACME, NULL},
    {"abc47119", NULL, ACME, NULL},
    {"ABCD-EFGH-IJKL-MNOP", "abcd-efgh-ijkl-mnop", ACME, NULL},
    {"abcdefghijklmnop", "abcd-efgh-ijkl-mnop", ACME, NULL},
    /* encoded */
    {"R2xvYmV4", "Globex", ACME, NULL},
    {"xR2xvYmV4IGlzIGl0", "Globex", ACME, NULL},
    {"U2VudCBieSBHbG9i\r\n> ZXggQ29ycG9yYXRpb24=", "Globex Corporation", ACME, NULL},
    {"R2xvYmV4", NULL, GLOBEX, NULL},
    {"%47lob%65x", "Globex", ACME, NULL},
    {"=47lob=\r\nex", "Globex", ACME, NULL},
    {"&#71;lob&#x65;x", "Globex", ACME, NULL},
    {"\\u0047lob\\x65x", "Globex", ACME, NULL},
    {"Glo&shy;bex", "Globex", ACME, NULL},
    {"%52%32xvYmV4", "Globex", ACME, NULL},
    {"=E6=97=A5=E7=AB=8B", "日立", ACME, NULL},
    {"RwBsAG8AYgBlAHgAIABDAG8AcgBwAG8AcgBhAHQAaQBvAG4A", "Globex Corporation", ACME, NULL},
    {"x=10, 50% of a & b; see internationalization of counterproductive names", NULL, ACME, NULL},
    {"", NULL, ACME, NULL},
};

static struct guard_hit look(struct arena *a, const struct guard_words *words,
                             const struct row *row)
{
    const struct guard_words *lists[] = {words};
    struct guard_part parts[] = {{"subject", span_str("Hello")}, {"text", span_str(row->text)}};
    struct guard_view view = {
        .words = lists,
        .n_words = 1,
        .own = &row->own,
        .n_own = 1,
        .allowed = &row->allowed,
        .n_allowed = row->allowed != NULL,
    };

    return guard_check(a, &view, parts, LEN(parts));
}

static void rows_are_judged_as_meant(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct guard_words *words = guard_words_new(a, directory, LEN(directory));

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct guard_hit hit = look(a, words, &rows[i]);

        if (rows[i].what == NULL && hit.kind == GUARD_CLEAR)
            continue;
        if (rows[i].what == NULL || hit.kind == GUARD_CLEAR || strcmp(hit.what, rows[i].what) != 0)
            fail_msg("row \"%s\": %s \"%s\"", rows[i].text, guard_kind_text(hit.kind), hit.what);
        assert_string_equal(hit.part, "text");
    }
}

static void what_cannot_be_checked_is_a_hit(void **state)
{
    static const struct guard_view view;
    SCOPED(arena_free) struct arena *a = arena_new();
    struct guard_part bad = {"text", span_str("a\xFF")};
    struct guard_part large = {"text", span_of("", (size_t)GUARD_TEXT_MAX + 1)};
    struct guard_part nested = {"text", span_str("%2525252525252525253D")};

    (void)state;
    assert_int_equal(guard_check(a, &view, &bad, 1).kind, GUARD_UNCHECKED);
    assert_int_equal(guard_check(a, &view, &large, 1).kind, GUARD_UNCHECKED);
    assert_int_equal(guard_check(a, &view, &nested, 1).kind, GUARD_UNCHECKED);
    assert_int_equal(guard_check(a, &view, NULL, 0).kind, GUARD_CLEAR);
}

static const char *const secret =
    "The parser trusts the length field of the second chunk, and copies that many bytes.";
static const char *const secret_cjk =
    "この脆弱性はOpenSSLの第二チャンクの長さを検査せずに複写することによって生じます。";

static struct guard_hit look_for_runs(struct arena *a, const char *outside, const char *inside,
                                      const char *text)
{
    struct guard_runs *out = guard_runs_new(a), *in = guard_runs_new(a);
    const struct guard_runs *outs[] = {out}, *ins[] = {in};
    struct guard_part part = {"text", span_str(text)};
    struct guard_view view = {.outside = outs, .n_outside = 1, .inside = ins, .n_inside = 1};

    assert_true(guard_runs_add(out, span_str(outside)));
    assert_true(guard_runs_add(in, span_str(inside)));
    return guard_check(a, &view, &part, 1);
}

static void runs_of_foreign_words(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *encoded = text_base64(a, span_str(secret), 0);
    struct guard_hit hit;

    (void)state;
    hit = look_for_runs(a, secret, "", "> THE length\n> field of the second-chunk; then copies!");
    assert_int_equal(hit.kind, GUARD_CLEAR); /* seven words */
    hit =
        look_for_runs(a, secret, "", "So:\n> the LENGTH field\n> of the second chunk and copies x");
    assert_int_equal(hit.kind, GUARD_RUN);
    assert_string_equal(hit.what, "the LENGTH field?> of the second chunk and copies x");
    hit = look_for_runs(a, secret, "", "the length field of the second chunk");
    assert_int_equal(hit.kind, GUARD_CLEAR);
    hit = look_for_runs(a, secret, secret, secret);
    assert_int_equal(hit.kind, GUARD_CLEAR);
    hit = look_for_runs(a, secret, "", encoded);
    assert_int_equal(hit.kind, GUARD_RUN);
    hit =
        look_for_runs(a, secret_cjk, "", "第二チャンクの長さを検査せずに\r\n> 複写することによる");
    assert_int_equal(hit.kind, GUARD_RUN);
    hit = look_for_runs(a, secret_cjk, "", "長さを検査せずに複写する");
    assert_int_equal(hit.kind, GUARD_CLEAR);
}

static void runs_for_the_plan(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct guard_runs *out = guard_runs_new(a);
    const struct guard_runs *outs[] = {out};
    const char *text = arena_printf(a, "New: %s And more words. Then %s", secret, secret);
    size_t n;
    const char **runs;

    (void)state;
    assert_true(guard_runs_add(out, span_str(secret)));
    runs = guard_runs_in(a, span_str(text), outs, 1, &n);
    assert_int_equal(n, 2);
    assert_memory_equal(runs[0], "The parser trusts the length", 28);
    n = guard_runs_common(span_str(secret), outs, 1);
    assert_true(n > 1);
    assert_int_equal(guard_runs_common(span_str(text), outs, 1), 2 * n);
    (void)guard_runs_in(a, span_str("nothing of it"), outs, 1, &n);
    assert_int_equal(n, 0);
}

static void many_runs_fit(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct guard_runs *out = guard_runs_new(a);
    const struct guard_runs *outs[] = {out};
    struct buf b = buf_new(a, 1024 * 1024);
    size_t n;

    (void)state;
    for (size_t i = 0; i < 5000; i++)
        buf_printf(&b, "word%zu ", i);
    assert_true(guard_runs_add(out, buf_span(&b)));
    (void)guard_runs_in(a, buf_span(&b), outs, 1, &n);
    assert_int_equal(n, 1);
    assert_false(guard_runs_add(out, span_str("\xFF")));
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

/* Pieces of names, of runs and of escapes in any order, so that each name is decoded at each of its
 * letters, and beside each of its ends. */
static const char *random_text(struct arena *a, uint32_t *seed)
{
    static const char *const tokens[] = {
        "Acme",
        "Glo",
        "bex",
        " ",
        "\n",
        "> ",
        "-",
        "%47",
        "=6C",
        "%6Co",
        "&#98;",
        "&shy;",
        "=\n",
        "=20",
        "日",
        "立",
        "%E7%AB%8B",
        "=E7=AB",
        "\\u65E5",
        "Dell",
        " EMC",
        "%20E",
        "mc",
        ".",
        ",",
        "R2xvYmV4",
        "R2x%76",
        "YmV4",
        "k7ce2",
        "mxq4ab",
        "5tw3n",
        "%2547",
        "the length",
        " field of the",
        " second%20chunk",
        "x",
        "\xC2\xAD",
    };
    struct buf b = buf_new(a, 4000);

    for (uint32_t left = next_random(seed) % 30; left > 0; left--)
        buf_add_str(&b, tokens[next_random(seed) % LEN(tokens)]);
    return b.at;
}

/* What is decoded is looked at only where it was; that must find what a look at all of it finds. */
static void what_is_near_an_escape_is_enough(void **state)
{
    static const char *const long_ago = "field of the second chunk the length field of the second";
    SCOPED(arena_free) struct arena *words_arena = arena_new();
    struct guard_words *words = guard_words_new(words_arena, directory, LEN(directory));
    struct guard_runs *runs = guard_runs_new(words_arena);
    const struct guard_words *lists[] = {words};
    const struct guard_runs *outside[] = {runs};
    const uint32_t own[] = {EMC};
    const struct guard_view view = {
        .words = lists, .n_words = 1, .own = own, .n_own = 1, .outside = outside, .n_outside = 1};
    uint32_t seed = 4711;
    size_t clear = 0, found = 0;

    (void)state;
    assert_true(guard_runs_add(runs, span_str(long_ago)));
    for (size_t i = 0; i < 30 * 1000; i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct guard_part part = {"text", span_str(random_text(a, &seed))};
        struct guard_part all = {"decoded", span_of(NULL, 0)};
        struct near near;

        if (!decode_escapes(a, part.text, &all.text, &near) || !text_is_utf8(all.text))
            continue;
        if (guard_check(a, &view, &part, 1).kind != GUARD_CLEAR)
            found++;
        else if (guard_check(a, &view, &all, 1).kind == GUARD_CLEAR)
            clear++;
        else
            fail_msg("not found in \"%s\"", span_dup(a, part.text));
    }
    assert_true(clear > 1000 && found > 1000);
}

static void hostile_texts(void **state)
{
    static const char *const pieces[] = {"\xC2\xAD", "R2xv", "%25", "&#",   "Dell ",     "日",
                                         ".",        "=\n",  "\\u", "A-\n", "TWFu\r\n> "};
    SCOPED(arena_free) struct arena *a = arena_new();
    struct guard_words *words = guard_words_new(a, directory, LEN(directory));

    (void)state;
    for (size_t i = 0; i < LEN(pieces); i++) {
        struct buf b = buf_new(a, 100 * 1000);
        struct row row = {.own = DELL};

        while (b.n + 10 < b.max)
            buf_add_str(&b, pieces[i]);
        row.text = b.at;
        assert_row(pieces[i], look(a, words, &row).kind <= GUARD_UNCHECKED);
    }
}

/* Ids by their form, decoded ones too; a telephone number by its own word. */
static void what_it_found_has_its_name(void **state)
{
    static const struct guard_word phone = {"61234567", GLOBEX, GUARD_PHONE, false};
    static const struct {
        const char *text, *kind;
    } ROWS[] = {
        {"Copy wxyz-2345-efgh-ijkl", "mark of another reader"},
        {"Copy%20wxyz%2D2345-efgh-ijkl", "mark of another reader"},
        {"Q29weSB3eHl6LTIzNDUtZWZnaC1pamts", "mark of another reader"},
        {"Embargod: C42 a6liaqzqtmpm7734", "id of another reader"},
        {"call +81 (3) 6123-4567 at once", "telephone number"},
        {"Copy abcd-2345-efgh-ijkl", "nothing"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct guard_words *words[] = {guard_words_new(a, &phone, 1)};
    const char *const own[] = {"abcd-2345-efgh-ijkl"};
    struct guard_view view = {.words = words, .n_words = 1, .own_ids = own, .n_own_ids = 1};

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        struct guard_part part = {"text", span_str(ROWS[i].text)};

        assert_string_equal(guard_kind_text(guard_check(a, &view, &part, 1).kind), ROWS[i].kind);
    }
}

static void marks_are_found_again(void **state)
{
    static const unsigned char bytes[MARK_BYTES] = {1, 2, 3, 0xFF, 0xFE, 0x80, 7, 8, 9, 0};
    SCOPED(arena_free) struct arena *a = arena_new();
    unsigned char found[MARK_BYTES];
    char *mark = arena_strdup(a, mark_text(a, bytes));
    struct span rest;

    (void)state;
    assert_int_equal(strlen(mark), 19);
    for (char *p = mark; *p != '\0'; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 'a' + 'A');
    rest = span_str(arena_printf(a, "x %.15s\r\n> %s, and-so-on", mark, mark + 15));
    assert_true(mark_find(&rest, found));
    assert_memory_equal(found, bytes, MARK_BYTES);
    assert_false(mark_find(&rest, found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_judged_as_meant),
        cmocka_unit_test(what_cannot_be_checked_is_a_hit),
        cmocka_unit_test(runs_of_foreign_words),
        cmocka_unit_test(runs_for_the_plan),
        cmocka_unit_test(many_runs_fit),
        cmocka_unit_test(what_is_near_an_escape_is_enough),
        cmocka_unit_test(hostile_texts),
        cmocka_unit_test(what_it_found_has_its_name),
        cmocka_unit_test(marks_are_found_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
