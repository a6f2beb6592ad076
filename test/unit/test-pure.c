#include "test/testlib.h"

#include "model/message.h"

/*
 * The pure folders, whole, and nothing else of ours: that this program links shows that no
 * decision, redaction or model reaches for a store, a key or the network, by whatever path.
 */
static void pure_folders_stand_alone(void **state)
{
    (void)state;
    assert_string_equal(trust_words[0], "bad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pure_folders_stand_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
