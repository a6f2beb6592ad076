#include "test/testlib.h"

#include "flow/world-terms.h"
#include "redact/redact.h"

enum { PANA = 1, GLOBEX = 2 };

static struct strs list_of(struct arena *a, const char *text)
{
    struct strs list = {0};

    strs_add(a, &list, text);
    return list;
}

/* Names, products and people as they are written, and in the other kana; names and products joined
 * too: only as written, but with a digit in any letter case. */
static void names_are_found_in_other_spellings(void **state)
{
    static const char *const ROWS[][2] = {
        {"ではパナサービスの製品", "では[redacted]の製品"},
        {"ではぱなさーびすの製品", "では[redacted]の製品"},
        {"ではパナテックの製品", "では[redacted]の製品"},
        {"ではぱなてっくの製品", "では[redacted]の製品"},
        {"one ぱなてっく\r\ncurl", "one [redacted]\r\ncurl"},
        {"ではArcherAX73の、Archer-AX73の", "では[redacted]の、[redacted]の"},
        {"archerax73.bin PanaWorks panaworks", "[redacted].bin [redacted] panaworks"},
        {"たなかさくら", "[redacted]ら"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct org orgs[] = {{.id = PANA, .name = "Pana KK"}, {.id = GLOBEX, .name = "Globex"}};
    struct contact contacts[] = {
        {.id = 10, .org = PANA, .name = "タナカサク", .email = "t@pana.example"}};
    struct directory d = {.orgs = orgs, .n_orgs = 2, .contacts = contacts, .n_contacts = 1};
    struct options options = {.vendor_list = ""};
    struct world world = {.arena = a, .directory = &d, .options = &options};
    const uint32_t globex = GLOBEX, pana = PANA;
    struct redact_reader other = {.own = &globex, .n_own = 1, .mask = "[redacted]"};
    struct redact_reader own = {.own = &pana, .n_own = 1, .mask = "[redacted]"};
    struct err err;

    (void)state;
    orgs[0].aliases = list_of(a, "パナサービス");
    orgs[0].terms = list_of(a, "パナテック");
    strs_add(a, &orgs[0].terms, "Archer AX73");
    strs_add(a, &orgs[0].terms, "Pana Works");
    assert_true(world_terms(&world, &err));
    for (size_t i = 0; i < LEN(ROWS); i++) {
        struct span text = span_str(ROWS[i][0]);

        assert_string_equal(redact_text(a, text, world.terms, &other).text, ROWS[i][1]);
        assert_string_equal(redact_text(a, text, world.terms, &own).text, ROWS[i][0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found_in_other_spellings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
