/*
 * test-exposures.c - who knew what: what counts, from when, and that a large case takes no longer
 * than its size says.
 */
#include "test/testlib.h"

#include <time.h>

#include "flow/exposures.h"

enum { PIECES = 3, RATIO = 4 };

static struct arena *a;

static int setup(void **unused)
{
    (void)unused;
    a = arena_new();
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    arena_free(a);
    return 0;
}

static void add(struct exposures_ask *ask, struct event *log, struct event event)
{
    event.seq = ask->n_events + 1;
    event.at = (instant)(1000 * event.seq);
    log[ask->n_events++] = event;
}

/* n vendors, and each is written to, answered for by the MTA, and writes back. */
static struct exposures_ask large_case(uint32_t n)
{
    static struct directory directory;
    struct exposures_ask ask = {.directory = &directory, .n_parties = n, .at = INT64_MAX};
    struct event *log = ARENA_ARRAY(a, 3 * n, struct event);
    struct event **events = ARENA_ARRAY(a, 3 * n, struct event *);
    struct party **parties = ARENA_ARRAY(a, n, struct party *);
    struct strs pieces = {.n = 0};

    strs_add(a, &pieces, "1");
    strs_add(a, &pieces, "1.1");
    for (uint32_t i = 0; i < n; i++) {
        parties[i] = ARENA_NEW(a, struct party);
        *parties[i] = (struct party){.n = i + 1, .org = i + 1};
        add(&ask, log,
            (struct event){
                .kind = EVENT_LETTER_OUT, .party = i + 1, .letter = i + 1, .list = pieces});
    }
    for (uint32_t i = 0; i < n; i++) {
        add(&ask, log,
            (struct event){
                .kind = EVENT_LETTER_ANSWERED, .party = i + 1, .letter = i + 1, .text = "250 ok"});
        add(&ask, log, (struct event){.kind = EVENT_FILED, .party = i + 1, .piece = i + 2});
    }
    for (size_t i = 0; i < ask.n_events; i++)
        events[i] = &log[i];
    ask.events = events;
    ask.parties = parties;
    return ask;
}

static const json_t *exposure(const json_t *party, size_t i)
{
    return json_array_get(json_object_get(party, "exposures"), i);
}

static const char *text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

static void test_what_counts_and_from_when(void **unused)
{
    struct exposures_ask ask = large_case(2);
    SCOPED(json_decref) json_t *all = NULL;
    SCOPED(json_decref) json_t *early = NULL;
    const json_t *second;
    const json_t *knows;

    (void)unused;
    all = exposures_json(a, &ask);
    assert_int_equal(json_array_size(all), 2);
    second = json_array_get(all, 1);
    knows = json_object_get(second, "knows");
    assert_string_equal(text(second, "party"), "org 2");
    assert_int_equal(json_array_size(knows), PIECES);
    assert_string_equal(json_string_value(json_array_get(knows, 0)), "1");
    assert_string_equal(json_string_value(json_array_get(knows, 2)), "3");
    assert_int_equal(json_array_size(json_object_get(second, "exposures")), 2);
    assert_string_equal(text(exposure(second, 0), "state"), "out");
    assert_string_equal(text(exposure(second, 0), "answer"), "250 ok");
    assert_string_equal(text(exposure(second, 1), "how"), "wrote");
    ask.at = 1500; /* before the second one's letter went out */
    early = exposures_json(a, &ask);
    assert_int_equal(json_array_size(early), 1);
    assert_string_equal(text(json_array_get(early, 0), "party"), "org 1");
}

static void test_a_bounce_is_told_apart_from_an_earlier_try(void **unused)
{
    struct exposures_ask ask = large_case(1);
    struct event log[] = {
        {.seq = 1, .kind = EVENT_LETTER_BOUNCED, .party = 1, .letter = 7},
        {.seq = 2, .kind = EVENT_LETTER_OUT, .party = 1, .letter = 7},
        {.seq = 3, .kind = EVENT_LETTER_OUT, .party = 1, .letter = 8},
        {.seq = 4, .kind = EVENT_LETTER_BOUNCED, .party = 1, .letter = 8},
    };
    struct event *events[] = {&log[0], &log[1], &log[2], &log[3]};
    SCOPED(json_decref) json_t *all = NULL;

    (void)unused;
    ask.events = events;
    ask.n_events = LEN(events);
    all = exposures_json(a, &ask);
    assert_string_equal(text(exposure(json_array_get(all, 0), 0), "state"), "may be out");
    assert_string_equal(text(exposure(json_array_get(all, 0), 1), "state"), "bounced");
}

static double seconds_for(uint32_t n)
{
    struct exposures_ask ask = large_case(n);
    double best = 1e9;

    for (int i = 0; i < 3; i++) {
        clock_t start = clock();
        json_t *all = exposures_json(a, &ask);
        double took = (double)(clock() - start) / CLOCKS_PER_SEC;

        json_decref(all);
        best = took < best ? took : best;
    }
    return best;
}

static void test_four_times_the_case_takes_four_times_as_long(void **unused)
{
    double small = seconds_for(3000);
    double large = seconds_for(3000 * RATIO);

    (void)unused;
    print_message("3000 parties: %.1f ms, %d times as many: %.1f times as long\n", 1000 * small,
                  RATIO, large / small);
    assert_true(large < small * RATIO * 2.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_counts_and_from_when, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_bounce_is_told_apart_from_an_earlier_try, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_four_times_the_case_takes_four_times_as_long, setup,
                                        teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
