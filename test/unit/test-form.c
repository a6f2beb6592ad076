#include "mime/form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* "name=value;name=value" */
static const char *read_all(struct arena *a, struct span text)
{
    struct message m = {.subject = NULL};
    struct buf out = buf_new(a, 1 << 20);

    form_read(a, text, &m);
    for (size_t i = 0; i < m.n_form; i++)
        buf_printf(&out, "%s%s=%s", i == 0 ? "" : ";", m.form[i].name, m.form[i].value);
    return out.at;
}

static const struct {
    const char *text;
    const char *want;
} texts_rows[] = {
    /* no form: a person's words */
    {"", ""},
    {"Hello,\n\nthe product crashes.\nVersion: 2.0\nImpact: none\n", ""},
    {"Name: Rhea\nEmail: r@x.example\nPhone: 1\nOrganization: X\n", ""},
    {"> share_release: yes\n> vul_description: quoted\n> vul_impact: x\n", ""},
    /* CERT/CC by names */
    {"contact_name: Rhea\nshare_release: No\nvul_description: It reads\npast the end.\n",
     "contact_name=Rhea;share_release=No;vul_description=It reads\npast the end."},
    {"SHARE-RELEASE : yes\r\nVul Description:\r\n\r\n  first\r\n\r\n  second\r\n",
     "share_release=yes;vul_description=first\n\n  second"},
    {"*share_release:* no\n\n**vul_impact**: all\n", "share_release=no;vul_impact=all"},
    {"1. share_release: no\n(2) vul_impact: all\n", "share_release=no;vul_impact=all"},
    {"| share_release | no |\n| vul_impact | all |\n", "share_release=no;vul_impact=all"},
    {"share_release no\nvul_impact all of it\ntracking A-1\n",
     "share_release=no;vul_impact=all of it;tracking=A-1"},
    {"\xef\xbd\x93hare_release\xef\xbc\x9a no\nvul_impact\xef\xbc\x9a all\n",
     "share_release=no;vul_impact=all"},
    /* not answered is not there; answered twice has both */
    {"share_release:\nvul_impact: all\nvul_public: no\n", "vul_impact=all;vul_public=no"},
    {"share_release: no\nvul_impact: all\nshare_release: yes\n",
     "share_release=no\nyes;vul_impact=all"},
    /* what stands in a value is no other form's label */
    {"vul_description: a\nVersion: 1\nComment\nvul_impact: b\n",
     "vul_description=a\nVersion: 1\nComment;vul_impact=b"},
    {"product_name: Widget\n  Pro\nnot of it\nvul_impact: b\n-- \nvul_public: yes\n",
     "product_name=Widget Pro;vul_impact=b"},
    {"product_name:\nWidget\nvul_impact: b\n", "product_name=Widget;vul_impact=b"},
    /* CERT/CC by questions */
    {"TECHNICAL INFO\n==============\n\nPlease describe the vulnerability.\n"
     "---------------------------------\nIt crashes.\n\n"
     "What is the impact of this vulnerability?\n------\nAll is lost.\n\nOTHER\n=====\nx\n",
     "vul_description=It crashes.;vul_impact=All is lost."},
    {"May we provide your contact information\nto vendors?: no\n"
     "Are multiple vendors affected? yes\n",
     "share_release=no;multiplevendors=yes"},
    {"_X_ Do not release my identity to your vendor contact.\n"
     "Please describe the vulnerability.\nx\nWhat is the impact of this vulnerability?\ny\n",
     "share_release=no;vul_description=x;vul_impact=y"},
    {"___ Do not release my identity to your vendor contact.\n"
     "Please describe the vulnerability.\nx\nWhat is the impact of this vulnerability?\ny\n",
     "vul_description=x;vul_impact=y"},
    {"Vendor: Acme\nProduct (required): Widget\nVersion: 1\nDescription: it\nImpact: x\n",
     "vendor_name=Acme;product_name=Widget;product_version=1;vul_description=it;vul_impact=x"},
    /* IPA */
    {"2.4 再現手順\n  1) 起動\n  2) 停止\n2.6 脅威：停止する\n2.9 その他：なし\n5 その他：別\n",
     "vul_exploit=1) 起動\n  2) 停止;vul_impact=停止する;ipa_2.9=なし;ipa_5=別"},
    {"【氏名・所属】山田\n【ﾒｰﾙｱﾄﾞﾚｽ】r@x.example\n■ "
     "回避策（任意）　なし\n２．８　検証コードの有無：有\n",
     "contact_name=山田;contact_email=r@x.example;ipa_2.7=なし;ipa_2.8=有"},
    /* registration */
    {"登録区分: 一般登録\n会社名: 例社\n会社名（英語）: Example\n電子メールアドレス: "
     "p@x.example\n",
     "registration_class=一般登録;company_name=例社;company_name_en=Example;"
     "poc_email=p@x.example"},
};

static void texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(texts_rows); i++) {
        SCOPED(arena_free) struct arena *a = arena_new();

        assert_string_equal(read_all(a, span_str(texts_rows[i].text)), texts_rows[i].want);
    }
}

static void values_are_limited(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct buf text = buf_new(a, 1 << 20);
    struct message m = {.subject = NULL};
    size_t sum = 0;

    (void)state;
    buf_add_str(&text, "product_name: ");
    for (size_t i = 0; i < 300; i++)
        buf_add_str(&text, "\xe3\x81\x82");
    for (size_t i = 0; i < 5; i++) {
        buf_printf(&text, "\n%s: ",
                   (const char *const[]){"vul_description", "vul_impact", "vul_exploit",
                                         "vul_discovery", "comments"}[i]);
        for (size_t k = 0; k < 9000; k++)
            buf_add_str(&text, "\xc3\xa9 ");
    }
    form_read(a, buf_span(&text), &m);
    assert_string_equal(m.form[0].name, "product_name");
    assert_int_equal(strlen(m.form[0].value), FORM_LINE_MAX - 1); /* at a character */
    for (size_t i = 0; i < m.n_form; i++) {
        assert_true(strlen(m.form[i].value) <= FORM_VALUE_MAX);
        assert_true(text_is_utf8(span_str(m.form[i].value)));
        sum += strlen(m.form[i].value);
    }
    assert_true(sum <= FORM_BYTES_MAX);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(texts),
                                              cmocka_unit_test(values_are_limited)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
