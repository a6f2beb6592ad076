/*
 * The mustache spec's own test files, all of each required module. What they expect is taken
 * without its HTML escapes: mustache.h promises plain text.
 */
#include "test/testlib.h"

#include <jansson.h>

#include "base/buf.h"
#include "template/mustache.h"

static const char *const MODULES[] = {"comments", "delimiters", "interpolation",
                                      "inverted", "partials",   "sections"};

static const struct tvalue *value_of(struct arena *a, const json_t *json)
{
    struct tvalue *v;
    const char *key;
    json_t *item;
    size_t i;

    switch (json_typeof(json)) {
    case JSON_OBJECT:
        v = tvalue_object(a);
        json_object_foreach((json_t *)(uintptr_t)json, key, item)
            tvalue_set(a, v, key, value_of(a, item));
        return v;
    case JSON_ARRAY:
        v = tvalue_list(a);
        json_array_foreach(json, i, item) tvalue_push(a, v, value_of(a, item));
        return v;
    case JSON_INTEGER:
        return tvalue_string(a, arena_printf(a, "%lld", json_integer_value(json)));
    case JSON_REAL:
        return tvalue_string(a, arena_printf(a, "%g", json_real_value(json)));
    case JSON_STRING:
        return tvalue_string(a, json_string_value(json));
    case JSON_TRUE:
        return tvalue_bool(a, true);
    case JSON_FALSE:
    case JSON_NULL:
        break;
    }
    return tvalue_bool(a, false);
}

struct partials {
    struct arena *a;
    const json_t *texts;
};

static const struct mustache *partial_find(void *ctx, struct span name)
{
    struct partials *p = ctx;
    const char *text = json_string_value(json_object_get(p->texts, span_dup(p->a, name)));
    const struct mustache *parsed;
    struct err err;

    if (text == NULL)
        return NULL;
    assert_true(mustache_parse(p->a, "partial", 1, span_str(text), &parsed, &err));
    return parsed;
}

static const char *unescaped(struct arena *a, const char *text)
{
    static const char *const ESCAPES[][2] = {
        {"&quot;", "\""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}};
    struct buf out = buf_new(a, strlen(text) + 1);

    while (*text != '\0') {
        size_t i = 0;

        while (i < LEN(ESCAPES) && strncmp(text, ESCAPES[i][0], strlen(ESCAPES[i][0])) != 0)
            i++;
        if (i < LEN(ESCAPES))
            buf_add_str(&out, ESCAPES[i][1]);
        else
            buf_add_char(&out, *text);
        text += i < LEN(ESCAPES) ? strlen(ESCAPES[i][0]) : 1;
    }
    return out.n == 0 ? "" : out.at;
}

static void run(const char *module, const json_t *test)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    const char *name = json_string_value(json_object_get(test, "name"));
    const char *want = unescaped(a, json_string_value(json_object_get(test, "expected")));
    struct partials p = {a, json_object_get(test, "partials")};
    struct mustache_partials partials = {partial_find, &p};
    const struct mustache *t;
    const char *got = "";
    struct err err = {0};

    if (!mustache_parse(a, "t", 1, span_str(json_string_value(json_object_get(test, "template"))),
                        &t, &err) ||
        !mustache_render(a, t, value_of(a, json_object_get(test, "data")), &partials, false, &got,
                         &err))
        fail_msg("%s, %s: %s", module, name, err.text);
    if (strcmp(got, want) != 0)
        fail_msg("%s, %s gave\n%s\nnot\n%s", module, name, got, want);
}

static void required_modules(void **state)
{
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < LEN(MODULES); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const char *path =
            arena_printf(a, SOURCE_PATH("test/unit/mustache-spec/%s.json"), MODULES[i]);
        json_error_t fault;
        json_t *spec = json_load_file(path, 0, &fault);
        size_t at;
        json_t *test;

        if (spec == NULL)
            fail_msg("%s: %s", path, fault.text);
        json_array_foreach(json_object_get(spec, "tests"), at, test)
        {
            run(MODULES[i], test);
            n++;
        }
        json_decref(spec);
    }
    assert_int_equal(n, 114);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(required_modules)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
