#include "model/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void answers(void **state)
{
    static const struct {
        const char *value;
        enum form_answer want;
    } rows[] = {
        {"Yes", FORM_YES},
        {"yes.", FORM_YES},
        {"はい", FORM_YES},
        {"　可　", FORM_YES},
        {"[x] yes [ ] no", FORM_YES},
        {"■可 □否", FORM_YES},
        {"no", FORM_NO},
        {"否", FORM_NO},
        {"( ) yes (X) no", FORM_NO},
        {"[ ] yes [ ] no", FORM_UNCLEAR},
        {"[x] yes [x] no", FORM_UNCLEAR},
        {"yes, but not to Acme", FORM_UNCLEAR},
        {"No\nYes", FORM_UNCLEAR},
        {"yes/no", FORM_UNCLEAR},
        {NULL, FORM_UNANSWERED},
    };

    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct form_field field = {"share_release", rows[i].value};
        struct message m = {.form = &field, .n_form = rows[i].value != NULL};

        assert_int_equal(form_answer(&m, "share_release"), rows[i].want);
    }
}

static void private_answers_are_cut(void **state)
{
    static const char text[] = "contact_name: Rhea Finder\ncontact_phone: 1\nproduct_name: Widget\n"
                               "vul_description: Rhea Finder found it\n"
                               "comments: Acme was rude.\n-----\nNever again.\n";
    struct form_field fields[] = {{"contact_name", "Rhea Finder"},
                                  {"contact_phone", "1"},
                                  {"product_name", "Widget"},
                                  {"comments", "Acme was rude.\nNever again."}};
    struct message m = {.form = fields, .n_form = LEN(fields)};
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span cut = span_str(text);

    (void)state;
    assert_true(form_cut_private(a, &m, false, &cut));
    assert_string_equal(span_dup(a, cut),
                        "contact_name: [left out]\ncontact_phone: 1\nproduct_name: Widget\n"
                        "vul_description: [left out] found it\n"
                        "comments: [left out]\n-----\n[left out]\n");
    cut = span_str(text);
    assert_true(form_cut_private(a, &m, true, &cut));
    assert_string_equal(span_dup(a, cut),
                        "contact_name: Rhea Finder\ncontact_phone: 1\nproduct_name: Widget\n"
                        "vul_description: Rhea Finder found it\n"
                        "comments: [left out]\n-----\n[left out]\n");
    fields[3].value = "Acme was not there.";
    cut = span_str(text);
    assert_false(form_cut_private(a, &m, false, &cut));
    assert_ptr_equal(cut.at, text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(answers),
                                              cmocka_unit_test(private_answers_are_cut)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
