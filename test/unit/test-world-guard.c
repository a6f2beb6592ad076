#include "test/testlib.h"

#include "flow/world-guard.h"

enum { DESK = 1, ACME = 2, GLOBEX = 3 };

static struct strs list_of(struct arena *a, const char *text)
{
    struct strs list = {0};

    strs_add(a, &list, text);
    return list;
}

static struct directory example(struct arena *a)
{
    struct org *orgs = ARENA_ARRAY(a, 3, struct org);
    struct contact *contacts = ARENA_ARRAY(a, 2, struct contact);
    struct key *keys = ARENA_ARRAY(a, 2, struct key);

    orgs[0] = (struct org){.id = DESK, .slug = "desk", .name = "Example CERT", .role = ORG_DESK};
    orgs[1] = (struct org){.id = ACME, .slug = "acme", .name = "Acme Oracle, Inc."};
    orgs[1].aliases = list_of(a, "\xe3\x82\xa2\xe3\x82\xaf\xe3\x83\x9f");
    orgs[1].domains = list_of(a, "acme.example");
    orgs[1].terms = list_of(a, "@acme_sec");
    orgs[1].phones = list_of(a, "+81 3-6123-4567");
    orgs[2] = (struct org){.id = GLOBEX, .slug = "globex", .name = "Globex", .retired = true};
    contacts[0] = (struct contact){.id = 10,
                                   .org = ACME,
                                   .name = "Jo Petersen",
                                   .email = "jo@provider.example",
                                   .key = "0123456789ABCDEF0123"};
    contacts[1] = (struct contact){.id = 11, .org = DESK, .name = "Aiko Mori"};
    keys[0] =
        (struct key){.fingerprint = "FEDCBA9876543210FEDC", .contact = 10, .state = KEY_RETIRED};
    keys[0].key_ids = list_of(a, "1111222233334444");
    keys[0].addresses = list_of(a, "old@elsewhere.example");
    keys[1] = (struct key){.fingerprint = "AAAABBBBCCCCDDDDEEEE", .contact = 11};
    return (struct directory){.orgs = orgs,
                              .n_orgs = 3,
                              .contacts = contacts,
                              .n_contacts = 2,
                              .keys = keys,
                              .n_keys = 2};
}

static enum guard_kind find(struct arena *a, const struct guard_words *words, const char *text,
                            uint32_t reader)
{
    const uint32_t own[] = {reader};
    struct guard_view view = {.words = &words, .n_words = 1, .own = own, .n_own = 1};
    struct guard_part part = {"text", span_str(text)};

    return guard_check(a, &view, &part, 1).kind;
}

/* All of it is there although nothing was on the list that is cut. */
static void the_guards_list_is_of_the_directory(void **state)
{
    static const char *const ROWS[] = {
        "Acme Oracle, Inc. ships it",
        "so does Acme Oracle",
        "\xe3\x82\xa2\xe3\x82\xaf\xe3\x83\x9f",
        "see www.acme.example",
        "ask @acme_sec",
        "or Jo Petersen",
        "jo@provider.example",
        "key 0123 4567 89AB CDEF 0123",
        "key FEDCBA9876543210FEDC",
        "subkey 1111222233334444",
        "old@elsewhere.example",
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct directory d = example(a);
    const struct guard_words *words = world_guard(a, &d, NULL, 0);

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        assert_row(ROWS[i], find(a, words, ROWS[i], GLOBEX) == GUARD_TERM);
        assert_row(ROWS[i], find(a, words, ROWS[i], ACME) == GUARD_CLEAR);
    }
    assert_int_equal(find(a, words, "call (03) 6123 4567", GLOBEX), GUARD_PHONE);
    assert_int_equal(find(a, words, "call (03) 6123 4567", ACME), GUARD_CLEAR);
    assert_int_equal(find(a, words, "Globex is gone", ACME), GUARD_TERM);
    assert_int_equal(find(a, words, "Aiko Mori of Example CERT, AAAABBBBCCCCDDDDEEEE", ACME),
                     GUARD_CLEAR);
}

/* What is cut counts as it is cut, once. */
static void what_is_cut_is_on_it_too(void **state)
{
    static const struct term CUT[] = {
        {.text = "Globex", .owner = GLOBEX, .kind = TERM_NAME, .common = true},
        {.text = "Initech", .owner = 0, .kind = TERM_NAME},
        {.text = "+1 555 0199 7788", .owner = GLOBEX, .kind = TERM_PHONE},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct directory d = example(a);
    const struct guard_words *words = world_guard(a, &d, CUT, LEN(CUT));

    (void)state;
    assert_int_equal(find(a, words, "globex, an ordinary word", ACME), GUARD_CLEAR);
    assert_int_equal(find(a, words, "Globex", ACME), GUARD_TERM);
    assert_int_equal(find(a, words, "Initech", ACME), GUARD_TERM);
    assert_int_equal(find(a, words, "0199-7788", ACME), GUARD_PHONE);
    assert_int_equal(find(a, words, "0199-7788", GLOBEX), GUARD_CLEAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_guards_list_is_of_the_directory),
        cmocka_unit_test(what_is_cut_is_on_it_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
