#include "mime/html.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void texts(void **state)
{
    static const struct {
        const char *html;
        const char *want;
    } rows[] = {
        {"<p>one<p>two", "one\n\ntwo"},
        {"a<br>b<br><br>c", "a\nb\n\nc"},
        {"<div>a</div><div>b</div>", "a\nb"},
        {"<html><head><title>t</title><style>s</style></head><body>x<script>y</script> z</body>",
         "x z"},
        {"a  \n b&nbsp;&amp;&lt;&#x8106;", "a b\xc2\xa0&<\xe8\x84\x86"},
        {"<ul><li>one<li>two</ul>", "- one\n- two"},
        {"<a href='https://x.example/y'>here</a>.", "here <https://x.example/y>."},
        {"<a href='https://x.example/'>https://x.example/</a>", "https://x.example/"},
        {"<a href='javascript:x'>here</a>", "here"},
        {"<pre>a\n  b</pre>", "a\n  b"},
        {"<blockquote>q<br>r</blockquote>s", "> q\n> r\n\ns"},
        {"<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"},
        {"<img src='http://x.example/i' alt='logo'>", "logo"},
        {"", ""},
        {"\xe8\x84\x86", "\xe8\x84\x86"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        struct span text = html_to_text(a, span_str(rows[i].html), 10000, &defects);

        assert_string_equal(text.at, rows[i].want);
    }
}

static void depth_and_size_are_bounded(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs defects = {0};
    size_t n = 5 * 200000;
    char *html = arena_alloc(a, n);

    (void)state;
    for (size_t i = 0; i < n; i += 5)
        memcpy(html + i, "<div>", 5);
    html_to_text(a, span_of(html, n), 1000, &defects);
    assert_true(strs_has(&defects, "html-too-deep"));
    memset(html, 'x', n);
    assert_int_equal(html_to_text(a, span_of(html, n), 1000, &defects).n, 1000);
    assert_true(strs_has(&defects, "html-cut"));
}

static void meta_charset(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    assert_string_equal(html_charset(a, span_str("<META charset=\"EUC-JP\">")), "EUC-JP");
    assert_string_equal(
        html_charset(a, span_str("<meta http-equiv=x content='text/html; charset=utf-8'>")),
        "utf-8");
    assert_null(html_charset(a, span_str("<p>charset=utf-8")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(depth_and_size_are_bounded),
        cmocka_unit_test(meta_charset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
