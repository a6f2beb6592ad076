/*
 * test-directory.c - who is known and who may get content; places by name; rows through JSON.
 */
#include "test/testlib.h"

#include "model/directory.h"
#include "model/event.h"
#include "model/letter.h"

enum { NOW = 1000 };

static const char *domains[] = {"acme.example"};
static struct org orgs[] = {
    {.id = 1, .slug = "desk", .role = ORG_DESK},
    {.id = 3, .slug = "acme", .domains = {domains, 1, 1}},
    {.id = 5, .slug = "gone", .retired = true},
};
static struct contact contacts[] = {
    {.id = 2, .org = 1, .slug = "aiko", .email = "aiko@cert.example", .key = "C1"},
    {.id = 4, .org = 3, .slug = "old", .email = "old@mail.example", .key = "E1"},
    {.id = 6, .org = 3, .slug = "psirt", .email = "psirt@acme.example", .key = "A1"},
    {.id = 7, .org = 5, .slug = "x", .email = "x@gone.example", .key = "G1"},
    {.id = 8, .org = 1, .slug = "left", .email = "left@cert.example", .retired = true},
};
static struct key keys[] = {
    {"C1", PROTOCOL_OPENPGP, KEY_APPROVED, .contact = 2},
    {"E1", PROTOCOL_OPENPGP, KEY_APPROVED, .contact = 4, .expires = NOW},
    {"A1", PROTOCOL_SMIME, KEY_APPROVED, .contact = 6, .expires = NOW + 1},
    {"G1", PROTOCOL_OPENPGP, KEY_APPROVED, .contact = 7},
    {"O1", PROTOCOL_OPENPGP, KEY_OFFERED, .contact = 6},
    {"R1", PROTOCOL_OPENPGP, KEY_APPROVED, .contact = 6, .revoked = true},
};
static const struct directory known = {
    .orgs = orgs,
    .n_orgs = LEN(orgs),
    .contacts = contacts,
    .n_contacts = LEN(contacts),
    .keys = keys,
    .n_keys = LEN(keys),
};

static void look_ups(void **state)
{
    (void)state;
    assert_string_equal(directory_org(&known, 3)->slug, "acme");
    assert_null(directory_org(&known, 2));
    assert_int_equal(directory_org_slug(&known, span_str("ACME"))->id, 3);
    assert_int_equal(directory_contact(&known, 8)->id, 8);
    assert_null(directory_contact(&known, 9));
    assert_int_equal(directory_contact_email(&known, "PSIRT@acme.example")->id, 6);
    assert_null(directory_contact_email(&known, "x@gone.example"));
    assert_int_equal(directory_coordinator(&known, span_str("Aiko"))->id, 2);
    assert_null(directory_coordinator(&known, span_str("psirt")));
    assert_null(directory_coordinator(&known, span_str("left")));
}

static void keys_speak_for_active_contacts(void **state)
{
    (void)state;
    assert_int_equal(directory_contact_key(&known, "a1")->id, 6);
    assert_null(directory_contact_key(&known, "G1"));
    assert_null(directory_contact_key(&known, "O1"));
    assert_null(directory_contact_key(&known, "ZZ"));
    assert_null(directory_contact_key(&known, NULL));
}

static void only_usable_keys_get_content(void **state)
{
    (void)state;
    assert_string_equal(contact_unusable(&known, &contacts[1], NOW), "key expired");
    assert_null(contact_unusable(&known, &contacts[1], NOW - 1));
    assert_string_equal(contact_unusable(&known, &contacts[4], NOW), "contact retired");
    assert_string_equal(contact_unusable(&known, &(struct contact){.id = 9}, NOW), "no key");
    assert_true(key_usable(&keys[2], NOW));
    assert_false(key_usable(&keys[4], NOW));
    assert_false(key_usable(&keys[5], NOW));
    assert_int_equal(directory_reader(&known, 3, NOW)->id, 6);
    assert_int_equal(directory_reader(&known, 3, NOW + 1)->id, 4);
    assert_null(directory_reader(&known, 9, NOW));
}

static void addresses_of_an_org(void **state)
{
    (void)state;
    assert_true(directory_address_of(&known, 3, "any@ACME.example"));
    assert_true(directory_address_of(&known, 3, "any@mail.acme.example"));
    assert_false(directory_address_of(&known, 3, "any@notacme.example"));
    assert_true(directory_address_of(&known, 3, "old@mail.example"));
    assert_false(directory_address_of(&known, 3, "other@mail.example"));
    assert_false(directory_address_of(&known, 3, "acme.example"));
    assert_false(directory_address_of(&known, 3, NULL));
}

static void slugs(void **state)
{
    static const struct {
        const char *slug;
        bool valid;
    } rows[] = {
        {"acme", true}, {"a-1", true},  {"3com", true},
        {"", false},    {"-a", false},  {"Acme", false},
        {"a b", false}, {"a/b", false}, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false}};
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_row(rows[i].slug, slug_valid(span_str(rows[i].slug)) == rows[i].valid);
}

static void places(void **state)
{
    static const char *const wrong[] = {"", "C", "C0", "X1", "42", "C1 ", "C-1", "C99999999999999"};
    struct place place;
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    assert_true(place_from_name(span_str("c42"), &place));
    assert_string_equal(place_name(a, place), "C42");
    assert_true(place_from_name(span_str("R17"), &place));
    assert_string_equal(place_name(a, place), "R17");
    assert_true(place_from_name(span_str("-"), &place));
    assert_string_equal(place_name(a, place), "-");
    for (size_t i = 0; i < LEN(wrong); i++)
        assert_row(wrong[i], !place_from_name(span_str(wrong[i]), &place));
}

static void rows_through_json(void **state)
{
    struct err err;
    uint64_t messages[] = {3, 812};
    struct piece_part part = {.n = 2, .filename = "poc.c", .size = 9};
    struct report report = {.number = 17, .messages = messages, .n_messages = 2};
    struct event event = {.seq = 4, .kind = EVENT_REOPENED, .parts = &part, .n_parts = 1};
    struct letter letter = {.place = {PLACE_CASE, 42}, .state = LETTER_CANCELLED, .due = 7};
    struct report report_back = {.number = 0};
    struct event event_back = {.seq = 0};
    struct letter letter_back = {.number = 0};
    (void)state;
    SCOPED(arena_free) struct arena *a = arena_new();
    assert_true(
        json_decode(a, report_fields, json_encode(a, report_fields, &report), &report_back, &err));
    assert_int_equal(report_back.n_messages, 2);
    assert_int_equal(report_back.messages[1], 812);
    assert_true(
        json_decode(a, event_fields, json_encode(a, event_fields, &event), &event_back, &err));
    assert_int_equal(event_back.kind, EVENT_REOPENED);
    assert_string_equal(event_back.parts[0].filename, "poc.c");
    assert_true(
        json_decode(a, letter_fields, json_encode(a, letter_fields, &letter), &letter_back, &err));
    assert_int_equal(letter_back.place.number, 42);
    assert_int_equal(letter_back.state, LETTER_CANCELLED);
}

static void every_kind_has_a_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_KINDS; i++) {
        assert_non_null(event_kind_words[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(event_kind_words[i], event_kind_words[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_ups),
        cmocka_unit_test(keys_speak_for_active_contacts),
        cmocka_unit_test(only_usable_keys_get_content),
        cmocka_unit_test(addresses_of_an_org),
        cmocka_unit_test(slugs),
        cmocka_unit_test(places),
        cmocka_unit_test(rows_through_json),
        cmocka_unit_test(every_kind_has_a_word),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
