#include "test/testlib.h"

#include "mime/armor.h"

#define BEGIN "-----BEGIN PGP MESSAGE-----\r\n"
#define END "-----END PGP MESSAGE-----\r\n"
#define WHOLE BEGIN "\r\nhQ==\r\n=abcd\r\n" END
#define SIGNED "-----BEGIN PGP SIGNED MESSAGE-----\n\n\xc2\xa0x\n"

static void blocks(void **state)
{
    static const struct {
        const char *text;
        const char *want; /* NULL: stays as it is */
    } rows[] = {
        {WHOLE, NULL},
        {BEGIN "Version: x\r\n\r\nhQ==\r\n" END, NULL},
        {"-----BEGIN PGP MESSAGE-----  \n\nhQ==\t\n=abcd\n-----END PGP MESSAGE-----", NULL},
        {"hello\n" WHOLE "bye", NULL},
        {SIGNED, NULL},
        {"\xe2\x80\x94"
         "BEGIN PGP MESSAGE\xe2\x80\x94\n\nhQ==\n=abcd\n\x97-END PGP MESSAGE-\n",
         WHOLE},
        {"a\n\xc2\xa0 " BEGIN "\n hQ==\n =abcd\n " END "b", "a\n" WHOLE "b"},
        {BEGIN "\n\nhQ==\n\n=3Dabcd\n\n" END, WHOLE},
        {BEGIN "hQ==\n=abcd\n" END, WHOLE},
        {BEGIN "Comment: x\nhQ==\n" END, BEGIN "Comment: x\r\n\r\nhQ==\r\n" END},
        {BEGIN BEGIN "hQ==\n=abcd\n" END, BEGIN WHOLE},
        {BEGIN "hQ==\n", NULL}, /* without an end it is none */
        {"BEGIN PGP MESSAGE\nhQ==\nEND PGP MESSAGE\n", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();
        struct span text = span_str(rows[i].text);
        bool changed;
        struct span got = armor_mend(a, text, &changed);

        assert_string_equal(span_dup(a, got), rows[i].want == NULL ? rows[i].text : rows[i].want);
        assert_row(rows[i].text, changed == (rows[i].want != NULL));
        got = armor_mend(a, got, &changed);
        assert_row(rows[i].text, !changed);
        for (size_t n = 0; n < text.n; n++)
            armor_mend(a, span_first(text, n), &changed);
    }
}

/* A NUL is no blank: what is mended once stays so. */
static void nuls(void **state)
{
    static const char text[] = BEGIN "x\0\0\nhQ==\n" END;
    SCOPED(arena_free) struct arena *a = arena_new();
    bool changed;
    struct span once = armor_mend(a, span_of(text, sizeof(text) - 1), &changed);

    (void)state;
    assert_true(changed);
    armor_mend(a, once, &changed);
    assert_false(changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks),
        cmocka_unit_test(nuls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
