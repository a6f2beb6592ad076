#include "mime/html.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/buf.h"

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

/* What is left out is named; what may be seen is left in. */
static const struct {
    const char *html;
    const char *want;
    const char *defect;
} hidden_rows[] = {
    {"a<span style='display:none'>b</span>c", "ac", "hidden-text"},
    {"a<div style='DISPLAY : none !important'>b<p>c</div>d", "a\n\nd", "hidden-text"},
    {"a<div style='display:none'><b style='display:block'>b</b></div>", "a", "hidden-text"},
    {"a<div style='display:none'> &nbsp;&zwnj;</div>", "a", ""},
    {"a<i style='visibility:hidden'>b<b style='visibility:visible'>c</b></i>", "ac", "hidden-text"},
    {"a<p style='font-size:0'>b", "a", "hidden-text"},
    {"<table><tr><td style='font-size:0'><p style='font-size:14px'>a</table>", "a", ""},
    {"a<i style='font-size:1px'>b</i><i style='font-size:.05em'>c</i>", "a", "hidden-text"},
    {"a<i style='opacity:0'>b</i><i style='mso-hide:all'>c</i><i hidden>d</i>", "a", "hidden-text"},
    {"a<i style='max-height:0;overflow:hidden'>b</i>", "a", "hidden-text"},
    {"a<i style='max-height:0'>b</i>", "ab", ""},
    {"a<i style='position:absolute;left:-9999px'>b</i>", "a", "hidden-text"},
    {"a<i style='text-indent:-9999px'>b</i>", "a", "hidden-text"},
    {"a<font color=white>b</font><i style='color:#fff'>c</i>", "a", "hidden-text"},
    {"a<i style='color:rgb(250,250,255)'>b</i><i style='color:rgba(0,0,0,0)'>c</i>", "a",
     "hidden-text"},
    {"a<i style='color:transparent'>b</i>", "a", "hidden-text"},
    {"<div style='background:#000'><i style='color:#fff'>a</i></div>", "a", ""},
    {"<table><tr><td bgcolor=navy><font color=white>a</font></table>", "a", ""},
    {"<body bgcolor='#000000' text='#ffffff'>a<font color=black>b</font>", "a", "hidden-text"},
    {"<i style='background:#fff url(cid:x);color:#fff'>a</i>", "a", ""},
    {"<i style='background:none;color:#333'>a</i>", "a", ""},
    {"<style>.x, #y{display:none}</style>a<i class='z x'>b</i><i id=y>c</i>", "a", "hidden-text"},
    {"<style>/* x */ p.x{color:#ffffff}</style><p class=x>b<div class=x>a", "a", "hidden-text"},
    {"<style>@media (max-width:600px){.x{display:none}}</style><i class=x>a</i>", "a", ""},
    {"<style>@media all{.x{display:none}}</style>a<i class=x>b</i>", "a", "hidden-text"},
    {"<style>.x .y{display:none}</style><i class=y>a</i>", "a", ""},
    {"<style>.x{display:none}</style><i class=x style='display:inline'>a</i>", "a", ""},
    {"a<!--[if mso]><p>b</p><![endif]-->", "a", "hidden-text"},
    {"a<!--[if mso]><table><tr><td><![endif]--><!-- b -->", "a", ""},
    {"<!--[if !mso]><!-->a<!--<![endif]-->", "a", ""},
    {"a<a href='https://x.example/' style='display:none'>b</a>", "a", "hidden-text"},
    {"<ul style='display:none'><li>b</ul>a", "a", "hidden-text"},
    {"<img src='https://x.example/p'>a", "a", "remote-content"},
    {"<img src='//x.example/p'><img src='cid:1'>a", "a", "remote-content"},
    {"<img src='cid:1'><img src='data:image/png;base64,AA=='>a", "a", ""},
    {"<p style=\"background:url( 'http://x.example/p')\">a", "a", "remote-content"},
    {"<style>@import 'https://x.example/c'</style>a", "a", "remote-content"},
    {"<link rel=stylesheet href='https://x.example/c'>a", "a", "remote-content"},
    {"<a href='https://x.example/'>a</a>", "a <https://x.example/>", ""},
};

static void hidden(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(hidden_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct strs defects = {0};
        struct span text = html_to_text(a, span_str(hidden_rows[i].html), 10000, &defects);

        assert_string_equal(text.at, hidden_rows[i].want);
        assert_int_equal(defects.n, hidden_rows[i].defect[0] == '\0' ? 0 : 1);
        if (defects.n > 0)
            assert_string_equal(defects.at[0], hidden_rows[i].defect);
    }
}

/* Rules, classes and elements multiply. */
static void rules_are_bounded(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct strs defects = {0};
    struct buf html = buf_new(a, 16 * 1024 * 1024);

    (void)state;
    buf_add_str(&html, "<style>");
    for (size_t i = 0; i < 1000; i++)
        buf_printf(&html, ".x%zu{display:none}", i);
    buf_add_str(&html, "</style>");
    for (size_t i = 0; i < 1000; i++) {
        buf_add_str(&html, "<i class='");
        for (size_t j = 0; j < 1000; j++)
            buf_add_str(&html, "a ");
        buf_add_str(&html, "'>a</i>");
    }
    assert_int_equal(html_to_text(a, buf_span(&html), 10000, &defects).n, 1000);
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
        cmocka_unit_test(hidden),
        cmocka_unit_test(rules_are_bounded),
        cmocka_unit_test(depth_and_size_are_bounded),
        cmocka_unit_test(meta_charset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
