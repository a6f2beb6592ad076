/* The modules of the mustache spec, as rows; values are written as JSON. */
#include "test/testlib.h"

#include <ctype.h>

#include "base/buf.h"
#include "template/mustache.h"

/* {"a": "x", "b": [..], "c": true}: enough of JSON for the rows below. */
static const struct tvalue *value_read(struct arena *a, const char **at)
{
    struct tvalue *v;
    const char *end;

    while (**at == ' ' || **at == ',')
        (*at)++;
    if (**at == '"') {
        end = strchr(*at + 1, '"');
        v = tvalue_string(a, arena_strndup(a, *at + 1, (size_t)(end - *at - 1)));
        *at = end + 1;
        return v;
    }
    if (**at == '[') {
        v = tvalue_list(a);
        for ((*at)++; **at != ']';)
            tvalue_push(a, v, value_read(a, at));
        (*at)++;
        return v;
    }
    if (**at == '{') {
        v = tvalue_object(a);
        for ((*at)++; **at != '}';) {
            const struct tvalue *key = value_read(a, at);

            while (**at == ' ' || **at == ':')
                (*at)++;
            tvalue_set(a, v, key->string, value_read(a, at));
        }
        (*at)++;
        return v;
    }
    v = tvalue_bool(a, **at == 't');
    while (isalpha((unsigned char)**at))
        (*at)++;
    return v;
}

struct row {
    const char *template;
    const char *values;
    const char *partials; /* object of texts, or NULL */
    const char *want;
};

struct partials {
    struct arena *a;
    const struct tvalue *texts;
};

static const struct mustache *partial_find(void *ctx, struct span name)
{
    struct partials *p = ctx;
    const struct tvalue *text = tvalue_get(p->texts, name);
    const struct mustache *parsed;
    struct err err;

    if (text == NULL)
        return NULL;
    assert_true(mustache_parse(p->a, "partial", 1, span_str(text->string), &parsed, &err));
    return parsed;
}

static bool run(struct arena *a, const struct row *row, bool strict, const char **ret_text,
                struct err *err)
{
    const char *values = row->values;
    const char *texts = row->partials == NULL ? "{}" : row->partials;
    struct partials p = {a, value_read(a, &texts)};
    struct mustache_partials partials = {partial_find, &p};
    const struct mustache *t;

    return mustache_parse(a, "t", 1, span_str(row->template), &t, err) &&
           mustache_render(a, t, value_read(a, &values), &partials, strict, ret_text, err);
}

static void run_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const char *text = "";
        struct err err = {0};

        if (!run(a, &rows[i], false, &text, &err))
            fail_msg("%s: %s", rows[i].template, err.text);
        if (strcmp(text, rows[i].want) != 0)
            fail_msg("%s\ngave\n%s\nnot\n%s", rows[i].template, text, rows[i].want);
    }
}

static void comments(void **state)
{
    static const struct row ROWS[] = {
        {"a{{! gone }}b", "{}", NULL, "ab"},
        {"a{{!\n many\n lines\n}}b\n", "{}", NULL, "ab\n"},
        {"one\n{{! alone }}\ntwo\n", "{}", NULL, "one\ntwo\n"},
        {"one\n  {{! indented }}\ntwo\n", "{}", NULL, "one\ntwo\n"},
        {"|\r\n{{! alone }}\r\n|", "{}", NULL, "|\r\n|"},
        {"  {{! no line before }}\n!", "{}", NULL, "!"},
        {"!\n  {{! no line behind }}", "{}", NULL, "!\n"},
        {"one\n{{!\nmany\n}}\ntwo\n", "{}", NULL, "one\ntwo\n"},
        {"  12 {{! inline }}\n", "{}", NULL, "  12 \n"},
        {"12345 {{! a }} 6", "{}", NULL, "12345  6"},
        {"x{{! #no ^tags /inside >here }}y", "{}", NULL, "xy"},
    };

    (void)state;
    run_rows(ROWS, LEN(ROWS));
}

static void delimiters(void **state)
{
    static const struct row ROWS[] = {
        {"{{=<% %>=}}(<%text%>)", "{\"text\":\"hey\"}", NULL, "(hey)"},
        {"({{=[ ]=}}[text])", "{\"text\":\"works\"}", NULL, "(works)"},
        {"[\n{{#s}}\n  {{d}}\n  |d|\n{{/s}}\n\n{{= | | =}}\n|#s|\n  {{d}}\n  |d|\n|/s|\n]\n",
         "{\"s\":true,\"d\":\"i\"}", NULL, "[\n  i\n  |d|\n\n  {{d}}\n  i\n]\n"},
        {"[ {{>p}} ]\n{{= | | =}}\n[ |>p| ]\n", "{\"v\":\"yes\"}", "{\"p\":\".{{v}}.\"}",
         "[ .yes. ]\n[ .yes. ]\n"},
        {"| {{=@ @=}} |", "{}", NULL, "|  |"},
        {"one\n{{=@ @=}}\ntwo\n", "{}", NULL, "one\ntwo\n"},
        {"one\n  {{=@   @=}}\ntwo\n", "{}", NULL, "one\ntwo\n"},
        {"{{=<% %>=}}<%={{ }}=%>{{x}}", "{\"x\":\"back\"}", NULL, "back"},
    };

    (void)state;
    run_rows(ROWS, LEN(ROWS));
}

static void interpolation(void **state)
{
    static const struct row ROWS[] = {
        {"plain { } text\n", "{}", NULL, "plain { } text\n"},
        {"hello, {{ who }}!", "{\"who\":\"world\"}", NULL, "hello, world!"},
        {"{{x}} {{{x}}} {{&x}} {{& x }}", "{\"x\":\"<&>\"}", NULL, "<&> <&> <&> <&>"},
        {"{{x}}", "{\"x\":\"{{y}}\",\"y\":\"no\"}", NULL, "{{y}}"},
        {"({{missing}})", "{}", NULL, "()"},
        {"{{a.b.c}}", "{\"a\":{\"b\":{\"c\":\"deep\"}}}", NULL, "deep"},
        {"({{a.b.c}})", "{\"a\":{\"b\":{}},\"c\":\"no\"}", NULL, "()"},
        {"({{a.b}})", "{\"a\":\"text\"}", NULL, "()"},
        {"{{#a}}{{b.c}}{{/a}}", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"outer\"}}", NULL, ""},
        {"{{.}}", "\"top\"", NULL, "top"},
        {"  {{x}}\n", "{\"x\":\"-\"}", NULL, "  -\n"},
        {"{{x}}", "{\"x\":\"a\nb\"}", NULL, "a\nb"},
    };

    (void)state;
    run_rows(ROWS, LEN(ROWS));
}

static void sections(void **state)
{
    static const struct row ROWS[] = {
        {"{{#b}}in{{/b}}", "{\"b\":true}", NULL, "in"},
        {"{{#b}}in{{/b}}", "{\"b\":false}", NULL, ""},
        {"{{#b}}in{{/b}}", "{\"b\":\"\"}", NULL, ""},
        {"{{#m}}in{{/m}}", "{}", NULL, ""},
        {"{{#c}}hi {{name}}{{/c}}", "{\"c\":{\"name\":\"Joe\"}}", NULL, "hi Joe"},
        {"{{#a}}{{b}},{{c}},{{/a}}{{b}}", "{\"b\":\"1\",\"c\":\"2\",\"a\":{\"b\":\"3\"}}", NULL,
         "3,2,1"},
        {"{{#l}}{{i}}{{/l}}", "{\"l\":[{\"i\":\"1\"},{\"i\":\"2\"},{\"i\":\"3\"}]}", NULL, "123"},
        {"({{#l}}x{{/l}})", "{\"l\":[]}", NULL, "()"},
        {"{{#l}}({{.}}){{/l}}", "{\"l\":[\"a\",\"b\"]}", NULL, "(a)(b)"},
        {"{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", "{\"l\":[[\"1\",\"2\"],[\"3\"]]}", NULL, "(12)(3)"},
        {"{{#a}}{{#a.b}}{{x}}{{/a.b}}{{/a}}", "{\"a\":{\"b\":[{\"x\":\"1\"},{\"x\":\"2\"}]}}", NULL,
         "12"},
        {"| A {{#b}}B {{#b}}C{{/b}} D{{/b}} E |", "{\"b\":true}", NULL, "| A B C D E |"},
        {"one\n{{#b}}\ntwo\n{{/b}}\nthree\n", "{\"b\":true}", NULL, "one\ntwo\nthree\n"},
        {"|\n  {{#b}}\n|\n  {{/b}}\n| x\n", "{\"b\":true}", NULL, "|\n|\n| x\n"},
        {"|\r\n{{#b}}\r\n{{/b}}\r\n|", "{\"b\":true}", NULL, "|\r\n|"},
        {"#{{#b}}\n/\n  {{/b}}", "{\"b\":true}", NULL, "#\n/\n"},
        {"  {{#b}}\n#{{/b}}\n/", "{\"b\":true}", NULL, "#\n/"},
        {" | {{#b}} {{! x }}\n {{/b}} | \n", "{\"b\":true}", NULL, " |  \n  | \n"},
        {"|{{# b }}={{/ b }}|", "{\"b\":true}", NULL, "|=|"},
    };

    (void)state;
    run_rows(ROWS, LEN(ROWS));
}

static void inverted(void **state)
{
    static const struct row ROWS[] = {
        {"{{^b}}in{{/b}}", "{\"b\":false}", NULL, "in"},
        {"{{^b}}in{{/b}}", "{\"b\":true}", NULL, ""},
        {"{{^b}}in{{/b}}", "{\"b\":[]}", NULL, "in"},
        {"{{^b}}in{{/b}}", "{\"b\":[\"x\"]}", NULL, ""},
        {"{{^b}}in{{/b}}", "{\"b\":\"\"}", NULL, "in"},
        {"{{^b}}in{{/b}}", "{}", NULL, "in"},
        {"{{^a.b}}in{{/a.b}}", "{\"a\":{}}", NULL, "in"},
        {"{{^b}}1{{/b}}2{{^b}}3{{/b}}", "{}", NULL, "123"},
        {"one\n{{^b}}\ntwo\n{{/b}}\nthree\n", "{}", NULL, "one\ntwo\nthree\n"},
        {"one\n  {{^b}}\n{{/b}}\nthree", "{}", NULL, "one\nthree"},
    };

    (void)state;
    run_rows(ROWS, LEN(ROWS));
}

static void partials(void **state)
{
    static const struct row ROWS[] = {
        {"\"{{>text}}\"", "{}", "{\"text\":\"from partial\"}", "\"from partial\""},
        {"\"{{>text}}\"", "{}", "{}", "\"\""},
        {"{{>p}}", "{\"x\":\"content\"}", "{\"p\":\"*{{x}}*\"}", "*content*"},
        {"{{>node}}", "{\"c\":\"X\",\"n\":[{\"c\":\"Y\",\"n\":[]}]}",
         "{\"node\":\"{{c}}<{{#n}}{{>node}}{{/n}}>\"}", "X<Y<>>"},
        {"| {{>p}} |", "{}", "{\"p\":\"\t|\t\"}", "| \t|\t |"},
        {"  {{x}}  {{> p}}\n", "{\"x\":\"|\"}", "{\"p\":\">\n>\"}", "  |  >\n>\n"},
        {"|\r\n{{>p}}\r\n|", "{}", "{\"p\":\">\"}", "|\r\n>|"},
        {"  {{>p}}\n>", "{}", "{\"p\":\">\n>\"}", "  >\n  >>"},
        {">\n  {{>p}}", "{}", "{\"p\":\">\n>\"}", ">\n  >\n  >"},
        {"\\\n {{>p}}\n/\n", "{\"x\":\"<\n->\"}", "{\"p\":\"|\n{{x}}\n|\n\"}",
         "\\\n |\n <\n->\n |\n/\n"},
        {"  {{>p}}\nend\n", "{}", "{\"p\":\"a\n  {{>q}}\nb\n\",\"q\":\"x\ny\n\"}",
         "  a\n    x\n    y\n  b\nend\n"},
        {"|{{> p }}|", "{\"b\":true}", "{\"p\":\"[]\"}", "|[]|"},
    };

    (void)state;
    run_rows(ROWS, LEN(ROWS));
}

static void faults(void **state)
{
    static const struct {
        const char *template;
        const char *want; /* stands in the error */
    } ROWS[] = {
        {"a\n  {{x", "t:2:3: this tag is not closed"},
        {"{{#x}}", "t:1:1: this section is not closed; add {{/x}}"},
        {"{{#x}}\n{{/y}}", "t:2:1: this closes another section than the one opened in line 1"},
        {"{{/x}}", "t:1:1: this closes a section that was not opened"},
        {"{{}}", "needs a name"},
        {"{{a b}}", "needs a name"},
        {"{{a..b}}", "needs a name"},
        {"{{{x}}", "not closed"},
        {"{{=a=}}", "write new delimiters"},
        {"{{=a b c=}}", "write new delimiters"},
        {"{{missing}}", "{{missing}} is not there"},
        {"{{#missing}}{{/missing}}", "is not there"},
        {"{{l}}", "is not a text"},
        {"{{>p}}", "is not a partial"},
        {"{{>self}}", "too deep"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct row row = {ROWS[i].template, "{\"l\":[]}", "{\"self\":\"{{>self}}\"}", ""};
        const char *text;
        struct err err = {0};

        assert_false(run(a, &row, true, &text, &err));
        if (strstr(err.text, ROWS[i].want) == NULL)
            fail_msg("%s gave: %s", ROWS[i].template, err.text);
    }
}

static void depth_and_size_have_limits(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf deep = buf_new(a, 100000);
    const struct mustache *t;
    struct err err = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        buf_add_str(&deep, "{{#a}}");
    assert_false(mustache_parse(a, "t", 1, buf_span(&deep), &t, &err));
    assert_non_null(strstr(err.text, "too deep"));
    deep.n = 0;
    for (int i = 0; i < MUSTACHE_NODES_MAX; i++)
        buf_add_str(&deep, "x{{a}}");
    assert_false(mustache_parse(a, "t", 1, buf_span(&deep), &t, &err));
    assert_non_null(strstr(err.text, "too many tags"));
}

/* Every cut of a template either parses or says why; nothing else happens. */
static void any_cut_is_safe(void **state)
{
    static const char WHOLE[] =
        "a {{#x}}b{{{y}}}{{=<% %>=}}<%z%><%={{ }}=%>\n {{>p}}\n{{/x}}{{! c }}{{^q}}{{/q}}\0{{\0}}";

    (void)state;
    for (size_t n = 0; n < sizeof(WHOLE); n++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const char *tight = arena_strndup(a, WHOLE, n);
        const struct mustache *t;
        struct err err = {0};

        if (!mustache_parse(a, "t", 1, span_of(tight, n), &t, &err))
            assert_int_equal(err.kind, ERR_OPERATOR);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments),        cmocka_unit_test(delimiters),
        cmocka_unit_test(interpolation),   cmocka_unit_test(sections),
        cmocka_unit_test(inverted),        cmocka_unit_test(partials),
        cmocka_unit_test(faults),          cmocka_unit_test(depth_and_size_have_limits),
        cmocka_unit_test(any_cut_is_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
