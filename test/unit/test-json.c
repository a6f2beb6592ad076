#include "model/json.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct message sample(struct arena *a)
{
    struct message m = {.from = "finder@example.org",
                        .subject = "\xe8\x84\x86\xe5\xbc\xb1\xe6\x80\xa7",
                        .outer_subject = "",
                        .date = -5,
                        .encrypted = true,
                        .trust = TRUST_SIGNED,
                        .automatic = AUTOMATIC_REPORT,
                        .text = "a\nb"};
    struct seal seal = {.layer = 1,
                        .protocol = PROTOCOL_SMIME,
                        .kind = SEAL_SIGNED,
                        .status = SEAL_WEAK,
                        .path = "1"};
    struct part part = {.path = "1.2", .type = "text/plain", .role = PART_ATTACHMENT, .size = 7};

    strs_add(a, &m.references, "one@x");
    strs_add(a, &m.references, "two@x");
    strs_add(a, &seal.algorithms, "aes256");
    part.content = (struct extent){40, 7};
    ARENA_GROW(a, m.seals, m.n_seals, m.seals_room);
    m.seals[m.n_seals++] = seal;
    ARENA_GROW(a, m.parts, m.n_parts, m.parts_room);
    m.parts[m.n_parts++] = part;
    return m;
}

static void message_comes_back_equal(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct message m = sample(a);
    struct message back = {0};
    struct err err;
    struct span text = json_encode(a, message_fields, &m);

    (void)state;
    assert_true(json_decode(a, message_fields, text, &back, &err));
    assert_string_equal(back.from, m.from);
    assert_null(back.from_name);
    assert_string_equal(back.subject, m.subject);
    assert_string_equal(back.outer_subject, "");
    assert_int_equal(back.date, -5);
    assert_true(back.encrypted);
    assert_false(back.single_chain);
    assert_int_equal(back.trust, TRUST_SIGNED);
    assert_int_equal(back.automatic, AUTOMATIC_REPORT);
    assert_int_equal(back.references.n, 2);
    assert_string_equal(back.references.at[1], "two@x");
    assert_int_equal(back.n_seals, 1);
    assert_int_equal(back.seals[0].status, SEAL_WEAK);
    assert_string_equal(back.seals[0].algorithms.at[0], "aes256");
    assert_int_equal(back.parts[0].content.offset, 40);
    assert_int_equal(back.parts[0].role, PART_ATTACHMENT);
    assert_true(span_eq(text, json_encode(a, message_fields, &back)));
}

struct everything {
    const char *text;
    bool flag;
    int64_t wide;
    uint64_t big;
    uint32_t small;
    enum trust_level word;
    struct strs strs;
    struct u32s u32s;
    struct span bytes;
    struct extent inside;
    struct extent *list;
    size_t n_list;
    size_t list_room;
};

static const struct json_field extent_table[] = {
    JSON_FIELD(U64, struct extent, offset, "offset"),
    JSON_FIELD(U64, struct extent, n, "n"),
    JSON_END,
};

static const struct json_field table[] = {
    JSON_FIELD(TEXT, struct everything, text, "text"),
    JSON_FIELD(BOOL, struct everything, flag, "flag"),
    JSON_FIELD(I64, struct everything, wide, "wide"),
    JSON_FIELD(U64, struct everything, big, "big"),
    JSON_FIELD(U32, struct everything, small, "small"),
    JSON_WORD(struct everything, word, "word", trust_words),
    JSON_FIELD(STRS, struct everything, strs, "strs"),
    JSON_FIELD(U32S, struct everything, u32s, "u32s"),
    JSON_FIELD(BYTES, struct everything, bytes, "bytes"),
    JSON_STRUCT(struct everything, inside, "inside", extent_table),
    JSON_LIST(struct everything, list, "list", struct extent, extent_table),
    JSON_END,
};

static void same_text_after_reading(void **state)
{
    static const char *const rows[] = {
        "{}",
        "{\"wide\":-9223372036854775808,\"big\":9007199254740992,\"small\":4294967295}",
        "{\"text\":\"\",\"flag\":true,\"bytes\":\"AAEC\"}",
        "{\"inside\":{\"n\":3},\"list\":[{},{\"offset\":2,\"n\":1}]}",
        "{\"word\":\"verified\",\"strs\":[\"\",\"x\"],\"u32s\":[0,7]}",
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct everything e = {0};
        struct err err;

        assert_true(json_decode(a, table, span_str(rows[i]), &e, &err));
        assert_string_equal(json_encode(a, table, &e).at, rows[i]);
    }
}

static void wrong_fields_are_named(void **state)
{
    static const struct {
        const char *json;
        const char *want;
    } rows[] = {
        {"{\"text\":1}", "text"},
        {"{\"flag\":0}", "flag"},
        {"{\"wide\":1.5}", "wide"},
        {"{\"big\":-1}", "big"},
        {"{\"big\":9007199254740993}", "big"},
        {"{\"small\":4294967296}", "small"},
        {"{\"word\":\"VERIFIED\"}", "word"},
        {"{\"word\":0}", "word"},
        {"{\"strs\":{}}", "strs"},
        {"{\"strs\":[null]}", "strs"},
        {"{\"u32s\":[\"1\"]}", "u32s"},
        {"{\"bytes\":\"A!\"}", "bytes"},
        {"{\"inside\":[]}", "inside"},
        {"{\"list\":[{\"n\":true}]}", "list"},
        {"[]", "object"},
        {"{\"text\":\"a\",\"text\":\"b\"}", "bad JSON"},
        {"{\"text\":\"a\\u0000b\"}", "bad JSON"},
        {"{\"text\":\"\xff\"}", "bad JSON"},
        {"{} x", "bad JSON"},
        {"", "bad JSON"},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct everything e = {0};
        struct err err = {0};

        assert_false(json_decode(a, table, span_str(rows[i].json), &e, &err));
        assert_int_equal(err.kind, ERR_OPERATOR);
        assert_non_null(strstr(err.text, rows[i].want));
    }
}

static void unknown_keys_and_null_are_nothing(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct everything e = {0};
    struct err err;

    (void)state;
    assert_true(json_decode(a, table, span_str("{\"new\":{\"x\":[1]},\"text\":null,\"small\":4}"),
                            &e, &err));
    assert_null(e.text);
    assert_int_equal(e.small, 4);
}

static void broken_text_is_written_readable(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct everything e = {.text = "a\xff\xc3"};

    (void)state;
    assert_string_equal(json_encode(a, table, &e).at, "{\"text\":\"a\xef\xbf\xbd\xef\xbf\xbd\"}");
}

static void every_byte_is_written_readable(void **state)
{
    (void)state;
    for (unsigned c = 1; c < 256; c++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        const char text[] = {'a', (char)c, 'z', '\0'};
        struct everything e = {.text = text};
        struct everything back = {0};
        struct err err;

        assert_true(json_decode(a, table, json_encode(a, table, &e), &back, &err));
        assert_string_equal(back.text, c < 0x80 ? text : "a\xef\xbf\xbdz");
    }
}

static void tree_and_text_are_the_same(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(json_decref) json_t *tree = NULL;
    SCOPED(json_decref) json_t *read = NULL;
    struct message m = sample(a);
    struct err err;

    (void)state;
    tree = json_write(message_fields, &m);
    assert_true(json_parse(json_encode(a, message_fields, &m), &read, &err));
    assert_true(json_equal(tree, read));
}

static void too_many_bytes_are_refused(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    char *blanks = arena_alloc(a, JSON_BYTES_MAX + 1);
    struct everything e = {0};
    struct err err;

    (void)state;
    memset(blanks, ' ', JSON_BYTES_MAX + 1);
    memcpy(blanks, "{}", 2);
    assert_true(json_decode(a, table, span_of(blanks, JSON_BYTES_MAX), &e, &err));
    assert_false(json_decode(a, table, span_of(blanks, JSON_BYTES_MAX + 1), &e, &err));
}

static void a_listing_may_be_longer_than_a_frame(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf b = buf_new(a, 2 * JSON_BYTES_MAX);
    SCOPED(json_decref) json_t *json = NULL;
    struct err err = {0};

    (void)state;
    buf_add_str(&b, "[0");
    while (b.n < JSON_BYTES_MAX)
        buf_add_str(&b, ",\"a letter of the outbox\"");
    buf_add_str(&b, "]");
    assert_false(json_parse(buf_span(&b), &json, &err));
    assert_true(json_parse_up_to(buf_span(&b), 2 * JSON_BYTES_MAX, &json, &err));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_may_be_longer_than_a_frame),
        cmocka_unit_test(message_comes_back_equal),
        cmocka_unit_test(same_text_after_reading),
        cmocka_unit_test(wrong_fields_are_named),
        cmocka_unit_test(unknown_keys_and_null_are_nothing),
        cmocka_unit_test(broken_text_is_written_readable),
        cmocka_unit_test(every_byte_is_written_readable),
        cmocka_unit_test(tree_and_text_are_the_same),
        cmocka_unit_test(too_many_bytes_are_refused),
    };

    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
