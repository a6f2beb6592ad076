#include "model/address.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void look_tells_the_kinds_apart(void **state)
{
    static const struct {
        enum address_form form;
        const char *address;
        enum address_kind kind;
        const char *token;
    } rows[] = {
        {ADDRESS_PLUS, "security@cert.example", ADDRESS_ALIAS, ""},
        {ADDRESS_PLUS, "Security@CERT.Example", ADDRESS_ALIAS, ""},
        {ADDRESS_PLUS, "security+abc23@cert.example", ADDRESS_TOKEN, "abc23"},
        {ADDRESS_PLUS, "SECURITY+ABC23@cert.example", ADDRESS_TOKEN, "ABC23"},
        {ADDRESS_PLUS, "security+bounce-x7@cert.example", ADDRESS_BOUNCE, "x7"},
        {ADDRESS_PLUS, "security+register@cert.example", ADDRESS_REGISTER, ""},
        {ADDRESS_PLUS, "security+key@cert.example", ADDRESS_KEY, ""},
        {ADDRESS_PLUS, "security+@cert.example", ADDRESS_FOREIGN, ""},
        {ADDRESS_PLUS, "securityx@cert.example", ADDRESS_FOREIGN, ""},
        {ADDRESS_PLUS, "security@cert.example.evil", ADDRESS_FOREIGN, ""},
        {ADDRESS_PLUS, "security", ADDRESS_FOREIGN, ""},
        {ADDRESS_PLUS, "", ADDRESS_FOREIGN, ""},
        {ADDRESS_SUBDOMAIN, "abc23@reply.cert.example", ADDRESS_TOKEN, "abc23"},
        {ADDRESS_SUBDOMAIN, "bounce-x7@reply.cert.example", ADDRESS_BOUNCE, "x7"},
        {ADDRESS_SUBDOMAIN, "key@reply.cert.example", ADDRESS_KEY, ""},
        {ADDRESS_SUBDOMAIN, "security+abc23@cert.example", ADDRESS_FOREIGN, ""},
        {ADDRESS_NONE, "security@cert.example", ADDRESS_ALIAS, ""},
        {ADDRESS_NONE, "keys@cert.example", ADDRESS_KEY, ""},
        {ADDRESS_NONE, "security+abc23@cert.example", ADDRESS_FOREIGN, ""},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct desk_addresses desk = {.form = rows[i].form,
                                      .reply_domain = "reply.cert.example",
                                      .register_address = "",
                                      .key_address = "keys@cert.example"};
        struct span token;

        strs_add(a, &desk.all, "security@cert.example");
        assert_int_equal(address_look(&desk, span_str(rows[i].address), &token), rows[i].kind);
        assert_true(span_eq_str(token, rows[i].token));
    }
}

static void what_is_made_is_found_again(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct desk_addresses desk = {.form = ADDRESS_PLUS, .reply_domain = "reply.cert.example"};
    struct span token;

    (void)state;
    strs_add(a, &desk.all, "security@cert.example");
    assert_string_equal(address_for_token(a, &desk, "t1"), "security+t1@cert.example");
    assert_int_equal(address_look(&desk, span_str(address_for_bounce(a, &desk, "b1")), &token),
                     ADDRESS_BOUNCE);
    assert_true(span_eq_str(token, "b1"));
    desk.form = ADDRESS_SUBDOMAIN;
    assert_string_equal(address_for_token(a, &desk, "t1"), "t1@reply.cert.example");
    desk.form = ADDRESS_NONE;
    assert_string_equal(address_for_bounce(a, &desk, "b1"), "security@cert.example");
}

static void clean_takes_only_addresses(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } rows[] = {
        {"<Ann@Example.ORG>", "Ann@example.org"},
        {"  ann@example.org ", "ann@example.org"},
        {"ann", NULL},
        {"@example.org", NULL},
        {"ann@", NULL},
        {"a nn@example.org", NULL},
        {"ann@example.org\r\nBcc: x", NULL},
        {"", NULL},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        const char *clean = address_clean(a, span_str(rows[i].in));

        if (rows[i].out == NULL)
            assert_null(clean);
        else
            assert_string_equal(clean, rows[i].out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_tells_the_kinds_apart),
        cmocka_unit_test(what_is_made_is_found_again),
        cmocka_unit_test(clean_takes_only_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
