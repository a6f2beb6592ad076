#include "test/testlib.h"

#include "base/buf.h"
#include "redact/fold.h"
#include "redact/terms.h"

static const struct term directory[] = {
    {"Acme", 1, TERM_NAME, false},
    {"acme.example", 1, TERM_DOMAIN, false},
    {"Globex Corporation", 2, TERM_NAME, false},
    {"Globex", 2, TERM_ALIAS, false},
    {"Dell", 3, TERM_NAME, false},
    {"Dell EMC", 4, TERM_NAME, false},
    {"Oracle", 5, TERM_NAME, true},
    {"curl", 0, TERM_NAME, true},
    {"アクメ", 6, TERM_NAME, false},
    {"株式会社日立", 7, TERM_NAME, false},
    {"jane@globex.example", 2, TERM_ADDRESS, false},
    {"@jdoe", 8, TERM_HANDLE, false},
    {"0123456789ABCDEF0123456789ABCDEF01234567", 9, TERM_KEYID, false},
    {"[acme #1234]", 1, TERM_REFERENCE, false},
    {"PSIRT-77", 2, TERM_REFERENCE, false},
    {"Hewlett-Packard", 10, TERM_NAME, false},
    {"AT&T", 11, TERM_NAME, false},
    {"Dell", 0, TERM_NAME, false}, /* the public list knows it too */
    {"R\xC3\xA9gie", 12, TERM_NAME, false},
    {"+81 3-1234-5678", 13, TERM_PHONE, false},
};

/* wanted: the hits in the original bytes, with '|' between them. */
static const struct row {
    const char *text, *wanted;
} rows[] = {
    {"Acme ships it", "Acme"},
    {"ACME, acme; aCmE", "ACME|acme|aCmE"},
    {"Ａｃｍｅ", "Ａｃｍｅ"},
    {"A\xE2\x80\x8B"
     "cm\xC2\xAD"
     "e",
     "A\xE2\x80\x8B"
     "cm\xC2\xAD"
     "e"},
    {"Acmes or macme, acme2", ""},
    {"acme_driver.c and acme-tool", "acme|acme"},
    {"Acme's", "Acme"},
    {"Acme社の製品", "Acme"},
    {"Globex\nCorporation", "Globex\nCorporation"},
    {"> Globex\r\n> Corporation", "Globex\r\n> Corporation"},
    {"Globex\r\n>\r\n> Corporation", "Globex\r\n>\r\n> Corporation"},
    {"Ac-\nme", "Ac-\nme"},
    {"Ac-\r\n> me", "Ac-\r\n> me"},
    {"Hewlett-Packard, Hewlett Packard", "Hewlett-Packard|Hewlett Packard"},
    {"Hewlett-\nPackard", "Hewlett-\nPackard"},
    {"Glo\nbex", "Glo\nbex"},
    {"Ac\nme", ""}, /* so short that "log\nic" would be names too */
    {"www.acme.exam\nple", "acme.exam\nple"},
    {"Dell EMC and Dell", "Dell EMC|Dell"},
    {"Dell  EMC", "Dell  EMC"},
    {"a padding oracle in curl", "curl"},
    {"Oracle and ORACLE and oRACLE, Curl", "Oracle|ORACLE"},
    {"https://www.acme.example/x", "acme.example"},
    {"foo@mail.acme.example", "acme.example"},
    {"notacme.example", ""},
    {"jane@globex.example", "jane@globex.example"},
    {"株式会社アクメの", "アクメ"},
    {"ｱｸﾒ製", "ｱｸﾒ"},
    {"アク\nメ", "アク\nメ"},
    {"株式会社\n> 日\n> 立製作所", "株式会社\n> 日\n> 立"},
    {"アクメディア", "アクメ"},
    {"ask @jdoe.", "@jdoe"},
    {"key 0x89ABCDEF01234567", "0x89ABCDEF01234567"},
    {"key 01234567", "01234567"},
    {"0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567",
     "0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567"},
    {"01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67",
     "01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67"},
    {"Re: [acme #1234] x", "[acme #1234]"},
    {"psirt-77: ok, PSIRT-770", "psirt-77"},
    {"AT&T, at t", "AT&T"},
    {"R\xC3\x89GIE, Regie, Re\xCC\x81gie", "R\xC3\x89GIE|Regie|Re\xCC\x81gie"},
    {"call 03-1234-5678 now", "03-1234-5678"},
    {"(03) 1234 5678, 0312345678", "03) 1234 5678|0312345678"},
    {"tel:+81312345678", "81312345678"},
    {"０３－１２３４－５６７８", "０３－１２３４－５６７８"},
    {"03.1234.\n> 5678", "03.1234.\n> 5678"},
    {"131234 5679, 13, 12345 67x", ""},
    {"Ac\xFFme", ""},
    {"\xFF"
     "Acme\xFE",
     "Acme"},
    {"", ""},
};

static struct term_set *the_set(struct arena *a)
{
    size_t left_out;
    struct term_set *set = terms_new(a, directory, LEN(directory), &left_out);

    assert_int_equal(left_out, 0);
    return set;
}

static void rows_give_their_hits(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = the_set(a);

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct buf b = buf_new(a, 1000);
        struct term_hits hits;

        assert_true(terms_find(set, a, span_str(rows[i].text), &hits));
        for (size_t k = 0; k < hits.n; k++) {
            if (k > 0)
                buf_add_char(&b, '|');
            buf_add(&b, rows[i].text + hits.at[k].at, hits.at[k].n);
        }
        if (strcmp(b.at, rows[i].wanted) != 0)
            fail_msg("row \"%s\": \"%s\"", rows[i].text, b.at);
    }
}

static void addresses_and_urls_go_whole(void **state)
{
    static const struct {
        const char *text, *wide;
    } wides[] = {
        {"see https://www.acme.example/adv/7?x=1.", "https://www.acme.example/adv/7?x=1"},
        {"<foo@mail.acme.example>", "foo@mail.acme.example"},
        {"From:foo@acme.example, x", "foo@acme.example"},
        {"https://tracker.example/?vendor=acme", "https://tracker.example/?vendor=acme"},
        {"src/acme.c:12", "acme"},
        {"詳細はhttps://acme.example/aを参照", "https://acme.example/a"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = the_set(a);

    (void)state;
    for (size_t i = 0; i < LEN(wides); i++) {
        struct term_hits hits;
        struct span wide = span_str(wides[i].text);

        assert_true(terms_find(set, a, wide, &hits));
        assert_int_equal(hits.n, 1);
        wide = span_first(span_from(wide, hits.at[0].wide_at), hits.at[0].wide_n);
        assert_row(wides[i].text, span_eq_str(wide, wides[i].wide));
    }
}

static void hits_know_all_their_rows(void **state)
{
    static const uint32_t dell[] = {3}, emc[] = {4}, nobody[] = {0};
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = the_set(a);
    struct term_hits hits;

    (void)state;
    assert_true(terms_find_all(set, a, span_str("Dell EMC"), &hits));
    assert_int_equal(hits.n, 2);
    assert_int_equal(hits.at[0].n, 8);
    assert_true(term_hit_owned(&hits.at[0], emc, 1));
    assert_false(term_hit_owned(&hits.at[0], dell, 1));
    assert_int_equal(hits.at[1].n_terms, 2);
    assert_true(term_hit_owned(&hits.at[1], dell, 1));
    assert_false(term_hit_owned(&hits.at[1], nobody, 1));
    assert_ptr_equal(hits.at[1].terms, terms_rows(set, a, "DELL"));
    assert_null(terms_rows(set, a, "nobody"));
}

static void what_is_no_term_is_left_out(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const struct term odd[] = {
        {"", 1, TERM_NAME, false},
        {" \t-", 1, TERM_NAME, false},
        {arena_printf(a, "%0600d", 7), 1, TERM_NAME, false},
        {"ok", 1, TERM_NAME, false},
    };
    size_t left_out = 0;
    struct term_hits hits;

    (void)state;
    assert_int_equal(terms_count(terms_new(a, odd, LEN(odd), &left_out)), 1);
    assert_int_equal(left_out, 3);
    assert_true(terms_find(terms_new(a, NULL, 0, NULL), a, span_str("Acme"), &hits));
    assert_int_equal(hits.n, 0);
}

static struct term_set *large_set(struct arena *a, size_t n)
{
    struct term *terms = ARENA_ARRAY(a, n, struct term);

    for (size_t i = 0; i < n; i++) {
        terms[i].owner = (uint32_t)i + 1;
        switch (i % 4) {
        case 0:
            terms[i].text = arena_printf(a, "Vendor %zu Systems", i);
            break;
        case 1:
            terms[i].text = arena_printf(a, "vendor-%zu.example", i);
            terms[i].kind = TERM_DOMAIN;
            break;
        case 2:
            terms[i].text = arena_printf(a, "psirt@vendor-%zu.example", i);
            terms[i].kind = TERM_ADDRESS;
            break;
        default:
            terms[i].text = arena_printf(a, "株式会社ベンダー%zu号", i);
        }
    }
    return terms_new(a, terms, n, NULL);
}

static void three_thousand_terms(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = large_set(a, 3000);
    struct buf b = buf_new(a, 1024 * 1024);
    struct term_hits hits;

    (void)state;
    assert_int_equal(terms_count(set), 3000);
    for (size_t i = 0; i < 3000; i++) {
        buf_add_str(&b, "\n> text that means nothing, and ");
        buf_printf(&b, "%s ", terms_rows(set, a, "Vendor 0 Systems")[0]->text);
    }
    assert_true(terms_find(set, a, buf_span(&b), &hits));
    assert_int_equal(hits.n, 3000);
}

static void hostile_texts(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_set *set = the_set(a);
    static const char *const pieces[] = {"acme@",  "\xC2\xAD", "-\n",  "> ",       "\xE2\x80\x8B",
                                         "Oracle", "\xFF",     "[[[[", "株式会社", "0123"};

    (void)state;
    for (size_t i = 0; i < LEN(pieces); i++) {
        struct buf b = buf_new(a, 400 * 1000);
        struct term_hits hits;

        while (!b.full)
            buf_add_str(&b, pieces[i]);
        assert_true(terms_find(set, a, buf_span(&b), &hits));
        for (size_t k = 0; k < hits.n; k++)
            assert_row(pieces[i], hits.at[k].wide_at <= hits.at[k].at && hits.at[k].n > 0 &&
                                      hits.at[k].wide_at + hits.at[k].wide_n <= b.n);
    }
}

static void too_long_is_not_searched(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct term_hits hits;

    (void)state;
    assert_false(terms_find(the_set(a), a, span_of("", FOLD_TEXT_MAX + 1), &hits));
}

static void variants_of_company_names(void **state)
{
    static const struct {
        const char *name, *first, *second;
    } names[] = {
        {"Acme Inc.", "Acme", NULL},
        {"Acme, Inc.", "Acme", NULL},
        {"Acme Technologies Co., Ltd.", "Acme Technologies", NULL},
        {"Globex GmbH & Co. KG", "Globex", NULL},
        {"Foo K.K.", "Foo", NULL},
        {"株式会社アクメ", "アクメ", NULL},
        {"アクメ㈱", "アクメ", NULL},
        {"The Example Foundation", "Example Foundation", NULL},
        {"Asea Brown Boveri Ltd. (ABB)", "ABB", "Asea Brown Boveri"},
        {"Android (associated with others)", "Android", NULL},
        {"Acme", NULL, NULL},
        {"Inc", NULL, NULL},
        {"", NULL, NULL},
        {"Cisco", NULL, NULL},
        {"Foo S.p.A.", "Foo", NULL},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(names); i++) {
        struct term_words words = terms_variants(a, names[i].name);

        assert_row(names[i].name,
                   words.n == (size_t)(names[i].first != NULL) + (names[i].second != NULL));
        if (words.n > 0)
            assert_string_equal(words.at[0], names[i].first);
        if (words.n > 1)
            assert_string_equal(words.at[1], names[i].second);
    }
    assert_true(terms_is_common("Oracle"));
    assert_true(terms_is_common("check point"));
    assert_false(terms_is_common("Globex"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_give_their_hits),     cmocka_unit_test(addresses_and_urls_go_whole),
        cmocka_unit_test(hits_know_all_their_rows), cmocka_unit_test(what_is_no_term_is_left_out),
        cmocka_unit_test(three_thousand_terms),     cmocka_unit_test(hostile_texts),
        cmocka_unit_test(too_long_is_not_searched), cmocka_unit_test(variants_of_company_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
