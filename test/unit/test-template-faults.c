/* Templates with mistakes: each is refused when it is loaded, with its place and the cure. */
#include "test/testlib.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "template/catalogue.h"
#include "template/source.h"

/* A directory of templates in one language, gone after the test. */
struct folder {
    struct arena *a;
    char dir[64];
};

static struct folder folder_new(struct arena *a)
{
    struct folder f = {a, "/tmp/test-template-XXXXXX"};

    assert_non_null(mkdtemp(f.dir));
    assert_int_equal(mkdir(arena_printf(a, "%s/en", f.dir), 0700), 0);
    return f;
}

static void file_write(const struct folder *folder, const char *name, const char *text)
{
    FILE *f = fopen(arena_printf(folder->a, "%s/en/%s", folder->dir, name), "we");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void folder_free(const struct folder *folder)
{
    static const char *const NAMES[] = {"t.eml",      "u.eml",    "loop.txt",
                                        "secret.txt", "fine.txt", "c.ics"};

    for (size_t i = 0; i < LEN(NAMES); i++)
        unlink(arena_printf(folder->a, "%s/en/%s", folder->dir, NAMES[i]));
    rmdir(arena_printf(folder->a, "%s/en", folder->dir));
    rmdir(folder->dir);
}

/* clang-format off */
static const struct {
    const char *text; /* LONG: a line that is too long */
    const char *want; /* the end of a fault's place, and how it begins */
} FAULTS[] = {
    {"Subject: x\nAudience: vendor\nTLP: red\n\n {{case_idd}}\n",
     "5:2: {{case_idd}} is not a variable here; did you mean case_id?"},
    {"Subject: a {{nonsense_x}}\nAudience: vendor\nTLP: red\n\nx",
     "1:12: {{nonsense_x}} is not a variable here; the manual"},
    {"Subject: x\nAudience: vendor, partner\nTLP: red\n\n{{from_address}}",
     "5:1: {{from_address}} is only for: coordinator;"},
    {"Subject: x\nAudience: reporter\nTLP: red\n\n{{#case_summary}}{{.}}{{/case_summary}}",
     "5:1: {{case_summary}} is only for: coordinator, vendor, partner"},
    {"Subject: {{trust}}\nAudience: vendor\nTLP: red\n\nx",
     "1:10: {{trust}} is only for"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{^subject}}x{{/subject}}",
     "5:1: {{subject}} is only for"},
    {"Subject: x\nAudience: coordinator, reporter\nTLP: red\n\n{{#parties}}{{org}}{{/parties}}",
     "5:1: {{parties}} is only for: coordinator, partner"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{#pieces}}{{n}}{{filename}}{{/pieces}}",
     "5:17: {{filename}} is not a variable here"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{pieces.n}}",
     "5:1: {{pieces.n}} is not a variable here"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{n}}",
     "5:1: {{n}} is not a variable here"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{text}}",
     "5:1: {{text}} has several lines; go over them"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{pieces}}",
     "5:1: {{pieces}} is a list; go over it"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{case_public}}",
     "5:1: {{case_public}} is yes or no; ask it"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{.}}",
     "5:1: {{.}} stands for a line"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{#pieces}}{{.}}{{/pieces}}",
     "5:12: {{.}} stands for a line"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{#pieces}}{{text}}{{/pieces}}",
     "5:12: {{text}} has several lines"},
    {"Subject: x\nAudience: vendor\nTLP: clear\n\n{{case_id}}",
     "5:1: {{case_id}} may not leave unencrypted"},
    {"Subject: {{case_id}}\nAudience: vendor\nTLP: clear\n\nx",
     "1:10: {{case_id}} may not leave unencrypted"},
    {"Subject: x\nAudience: vendor\nTLP: clear\n\n{{code}}",
     "5:1: {{code}} may not leave unencrypted"},
    {"Subject: x\nAudience: vendor\nTLP: clear\n\n{{#embargo_end}}x{{/embargo_end}}",
     "5:1: {{embargo_end}} may not leave"},
    {"Subject: x\nAudience: vendor\nTLP: clear\nAttachments: released\n\nx",
     "1:1: released attachments may not leave"},
    {"Subject: x\nAudience: vendor\nTLP: clear\nCalendar: c\n\nx",
     "c.ics:1:5: {{calendar_id}} may not leave unencrypted"},
    {"Subject: x\nAudience: vendor\nTLP: green\n\n{{case_title}}",
     "5:1: {{case_title}} is of a case, and TLP: green"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{#code}",
     "5:1: this tag is not closed"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\na {{code",
     "5:3: this tag is not closed"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{{code}}",
     "5:1: this tag is not closed"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{#code}}x",
     "5:1: this section is not closed; add {{/code}}"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{#code}}\n{{/cod}}",
     "6:1: this closes another section than the one opened in line 5; write {{/code}}"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{#code}}{{#tlp}}{{/code}}{{/tlp}}",
     "5:18: this closes another section"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\nx\n{{/code}}",
     "6:1: this closes a section that was not opened"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{}}",
     "5:1: a tag needs a name"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{case id}}",
     "5:1: a tag needs a name"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{=<%=}}",
     "5:1: write new delimiters as"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{=| | |=}}",
     "5:1: write new delimiters as"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{=<% %>=}}{{code}} <%code",
     "5:21: this tag is not closed"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{> no}}",
     "5:1: {{no}} is not a partial; it would be a .txt file"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{> loop}}",
     "loop.txt:1:1: {{loop}} partials too deep"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n{{> secret}}",
     "secret.txt:2:3: {{from_address}} is only for"},
    {"Subject: {{> fine}}\nAudience: vendor\nTLP: red\n\nx",
     "1:10: {{fine}} is a partial, which has lines"},
    {"Subject: x\nAudience: vendor\n\nx",
     "1:1: no TLP; add the line"},
    {"Audience: vendor\nTLP: red\n\nx",
     "1:1: no Subject; add the line"},
    {"Subject: x\nTLP: red\n\nx",
     "1:1: no Audience; add the line"},
    {"\nSubject: x\nAudience: vendor\nTLP: red\n\nx",
     "1:1: no Subject"},
    {"Subject: x\nSubject: y\nAudience: vendor\nTLP: red\n\nx",
     "2:10: this directive stands here twice"},
    {"Subject:\nAudience: vendor\nTLP: red\n\nx",
     "1:9: this directive is empty"},
    {"Subject: x\nAudiance: vendor\nTLP: red\n\nx",
     "2:1: directive: \"Audiance\" is not known; did you mean Audience?"},
    {"Subject: x\nAudience: vendor\nTLP: red\nX-Mailer: y\n\nx",
     "4:1: directive: \"X-Mailer\" is not known; known are"},
    {"Subject: x\nAudience: vendor\nTLP: red\nDear reader\n\nx",
     "4:1: a directive has a colon"},
    {"Subject: x\n y\nAudience: vendor\nTLP: red\n\nx",
     "2:1: a directive stands on one line"},
    {"Subject : x\nAudience: vendor\nTLP: red\n\nx",
     "1:1: directive: \"Subject\" is not known; did you mean Subject?"},
    {"Subject: x\nAudience: vendors\nTLP: red\n\nx",
     "2:11: Audience: \"vendors\" is not known; did you mean vendor?"},
    {"Subject: x\nAudience: everybody\nTLP: red\n\nx",
     "2:11: Audience: \"everybody\" is not known; write a list of"},
    {"Subject: x\nAudience: vendor,\nTLP: red\n\nx",
     "2:11: Audience: \"\" is not known"},
    {"Subject: x\nAudience: vendor, vendor\nTLP: red\n\nx",
     "2:11: Audience: a word stands here twice"},
    {"Subject: x\nAudience: vendor\nTLP: white\n\nx",
     "3:6: TLP: \"white\" is of version 1; TLP 2.0 calls it clear"},
    {"Subject: x\nAudience: vendor\nTLP: TLP:AMBER\n\nx",
     "3:6: TLP: the word alone is wanted"},
    {"Subject: x\nAudience: vendor\nTLP: amber+strikt\n\nx",
     "3:6: TLP: \"amber+strikt\" is not known; did you mean amber+strict?"},
    {"Subject: x\nAudience: vendor\nTLP: secret\n\nx",
     "3:6: TLP: \"secret\" is not known; write one of"},
    {"Subject: x\nAudience: vendor\nTLP: red\nRequires: case_sumary\n\nx",
     "4:11: Requires: \"case_sumary\" is not a variable; did you mean case_summary?"},
    {"Subject: x\nAudience: vendor\nTLP: red\nRequires: nothing_x\n\nx",
     "4:11: Requires: \"nothing_x\" is not a variable; embargod-templates(5)"},
    {"Subject: x\nAudience: vendor\nTLP: red\nRequires: code, code\n\nx",
     "4:11: Requires: code stands here twice"},
    {"Subject: x\nAudience: vendor\nTLP: red\nRequires: trust\n\nx",
     "1:1: Requires: trust is not for this Audience"},
    {"Subject: x\nAudience: vendor\nTLP: red\nAttachments: all\n\nx",
     "4:14: Attachments: \"all\" is not known; write one of"},
    {"Subject: x\nAudience: vendor\nTLP: red\nAttachments: desk-keys\n\nx",
     "did you mean desk-key?"},
    {"Subject: x\nAudience: vendor\nTLP: red\nCalendar: no\n\nx",
     "4:11: Calendar: there is no no.ics"},
    {"Subject: {{#code}}\nAudience: vendor\nTLP: red\n\n{{/code}}",
     "1:10: this section is not closed"},
    {"Subject: {{#text}}{{.}}{{/text}}\nAudience: vendor\nTLP: red\n\nx",
     "1:10: {{text}} has several lines, and this is one"},
    {"\xef\xbb\xbf" "Subject: x\nAudience: vendor\nTLP: red\n\nx",
     "1:1: a byte order mark"},
    {"Subject: \xff\nAudience: vendor\nTLP: red\n\nx",
     "1:10: not in UTF-8"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n\ne\xc3",
     "6:2: not in UTF-8"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\na\x07",
     "5:2: a control character, U+0007"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\na\rb",
     "5:2: a control character, U+000D"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\na\xe2\x80\xae" "x",
     "5:2: an invisible character, U+202E"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\na\xe2\x80\x8b" "x",
     "5:2: an invisible character, U+200B"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\nLONG",
     "5:901: this line is longer than mail can carry"},
    {"Subject: x\nAudience: vendor\nTLP: red\n",
     "4:1: no text; write it below"},
    {"Subject: x\nAudience: vendor\nTLP: red\n\n \n\t\n",
     "4:1: no text; write it below the"},
    {"",
     "1:1: no Subject"},
};
/* clang-format on */

static const char *with_long_line(struct arena *a, const char *text)
{
    const char *at = strstr(text, "LONG");

    return at == NULL ? text
                      : arena_printf(a, "%.*s%0*d", (int)(at - text), text, SOURCE_LINE_MAX + 9, 0);
}

static bool has_fault(const struct catalogue_report *report, const char *want)
{
    for (size_t i = 0; i < report->n_faults; i++) {
        if (strstr(report->faults[i], want) != NULL && strstr(report->faults[i], "/en/") != NULL)
            return true;
    }
    return false;
}

static void mistakes_are_named_with_place_and_cure(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folder folder = folder_new(a);

    (void)state;
    file_write(&folder, "loop.txt", "{{> loop}}");
    file_write(&folder, "fine.txt", "{{tlp}}");
    file_write(&folder, "secret.txt", "\n  {{from_address}}");
    file_write(&folder, "c.ics", "UID:{{calendar_id}}");
    for (size_t i = 0; i < LEN(FAULTS); i++) {
        struct catalogue_report report;
        const struct catalogue *c;
        struct err err = {0};

        file_write(&folder, "t.eml", with_long_line(a, FAULTS[i].text));
        assert_true(catalogue_check(a, folder.dir, NULL, &report, &err));
        if (!has_fault(&report, FAULTS[i].want))
            fail_msg("%s: wanted %s, got %s", FAULTS[i].text, FAULTS[i].want,
                     report.n_faults > 0 ? report.faults[0] : "no fault");
        assert_row(FAULTS[i].text, !catalogue_load(a, folder.dir, NULL, &c, &err));
        assert_int_equal(err.kind, ERR_OPERATOR);
    }
    assert_true(LEN(FAULTS) >= 50);
    folder_free(&folder);
}

static void what_is_right_loads(void **state)
{
    static const char *const RIGHT[] = {
        "Subject: x\nAudience: vendor\nTLP: red\n\nfine {{case_id}}\n",
        "Subject: x\r\nAudience: vendor\r\nTLP: red\r\n\r\n\tfine\r\n",
        "Subject: x\nAudience: vendor\nTLP: green\nRequires: case_public\n\n{{case_title}}\n",
        "TLP: amber\nSubject: \xe6\xa1\x88\nAudience: vendor,partner\n\n{{desk_name}}\n",
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folder folder = folder_new(a);

    (void)state;
    for (size_t i = 0; i < LEN(RIGHT); i++) {
        const struct catalogue *c;
        struct err err = {0};

        file_write(&folder, "t.eml", RIGHT[i]);
        if (!catalogue_load(a, folder.dir, NULL, &c, &err))
            fail_msg("%s: %s", RIGHT[i], err.text);
    }
    folder_free(&folder);
}

/* A site's files over the shipped ones. */
static void a_site_may_narrow_and_not_widen(void **state)
{
    static const struct {
        const char *text;
        const char *want;
    } ROWS[] = {
        {"Subject: y\nAudience: vendor\nTLP: red\n\nours\n", NULL},
        {"Subject: y\nAudience: vendor, reporter\nTLP: red\n\nours\n", "Audience is wider"},
        {"Subject: y\nAudience: vendor\nTLP: clear\n\nours\n", "would leave unencrypted"},
    };
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folder shipped = folder_new(a);
    struct folder site = folder_new(a);

    (void)state;
    file_write(&shipped, "t.eml",
               "Subject: x\nAudience: vendor, partner\nTLP: red\n\n{{> fine}}\n");
    file_write(&shipped, "fine.txt", "shipped\n");
    file_write(&site, "fine.txt", "of the site\n");
    file_write(&site, "u.eml", ROWS[0].text);
    for (size_t i = 0; i < LEN(ROWS); i++) {
        struct catalogue_report report;
        struct err err = {0};

        file_write(&site, "t.eml", ROWS[i].text);
        assert_true(catalogue_check(a, shipped.dir, site.dir, &report, &err));
        if (ROWS[i].want == NULL)
            assert_int_equal(report.n_faults, 0);
        else
            assert_row(ROWS[i].text, has_fault(&report, ROWS[i].want));
        assert_int_equal(report.n_notes, 3);
        assert_non_null(strstr(report.notes[0], "/en/fine.txt: in place of the shipped one"));
        assert_non_null(strstr(report.notes[1], "/en/t.eml: in place of the shipped one"));
        assert_non_null(strstr(report.notes[2], "/en/u.eml: no letter has this name"));
        assert_int_equal(report.n_unused, 1);
        assert_string_equal(report.unused[0], report.notes[2]);
    }
    folder_free(&shipped);
    folder_free(&site);
}

/* What the site has not is the shipped one's, with the site's partials in it. */
static void a_sites_partial_stands_in_shipped_letters(void **state)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct folder shipped = folder_new(a);
    struct folder site = folder_new(a);
    const struct catalogue *c;
    struct rendered out;
    struct err err = {0};

    (void)state;
    file_write(&shipped, "t.eml", "Subject: x\nAudience: vendor\nTLP: red\n\n{{> fine}}\n");
    file_write(&shipped, "fine.txt", "shipped\n");
    file_write(&site, "fine.txt", "of the site\n");
    assert_true(catalogue_load(a, shipped.dir, site.dir, &c, &err));
    assert_true(catalogue_render(a, c, catalogue_find(c, "en", "t"), TEMPLATE_VENDOR,
                                 tvalue_object(a), &out, &err));
    assert_string_equal(out.text, "TLP:RED\n\nof the site\n");
    folder_free(&shipped);
    folder_free(&site);
}

/* The name says what a letter may tell, whoever wrote it. */
static void a_letters_name_says_what_it_may_tell(void **state)
{
    static const struct {
        const char *name;
        const char *text;
        const char *want; /* NULL: it loads */
    } ROWS[] = {
        {"desk-key.eml", "Subject: x\nAudience: vendor\nTLP: clear\n\n{{desk_name}}\n", NULL},
        {"desk-key.eml", "Subject: x\nAudience: vendor\nTLP: red\n\nx\n", "TLP must be clear"},
        {"tell.eml", "Subject: x\nAudience: vendor\nTLP: clear\n\nx\n", "TLP: clear would leave"},
        {"vendor-invite.eml", "Subject: {{case_id}}\nAudience: vendor\nTLP: red\n\n{{code}}\n",
         NULL},
        {"vendor-invite.eml", "Subject: {{case_title}}\nAudience: vendor\nTLP: red\n\nx\n",
         "1:10: {{case_title}} tells details"},
        {"embargo-agreed.eml",
         "Subject: x\nAudience: vendor\nTLP: red\n\n{{#case_summary}}{{.}}{{/case_summary}}\n",
         "5:1: {{case_summary}} tells details"},
        {"vendor-reminder.eml",
         "Subject: x\nAudience: vendor\nTLP: red\n\n{{#pieces}}{{n}}{{/pieces}}\n",
         "{{pieces}} tells details"},
        {"sent-in-error.eml",
         "Subject: x\nAudience: vendor\nTLP: red\nAttachments: released\n\nx\n",
         "1:1: released attachments tell details"},
        {"vendor-notice.eml",
         "Subject: {{case_title}}\nAudience: vendor\nTLP: red\nAttachments: released\n\nx\n", NULL},
    };
    SCOPED(arena_free) struct arena *a = arena_new();

    (void)state;
    for (size_t i = 0; i < LEN(ROWS); i++) {
        struct folder folder = folder_new(a);
        struct catalogue_report report;
        struct err err = {0};

        file_write(&folder, ROWS[i].name, ROWS[i].text);
        assert_true(catalogue_check(a, folder.dir, NULL, &report, &err));
        if (ROWS[i].want == NULL)
            assert_row(ROWS[i].text, report.n_faults == 0);
        else
            assert_row(ROWS[i].text, has_fault(&report, ROWS[i].want));
        folder_free(&folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_named_with_place_and_cure),
        cmocka_unit_test(what_is_right_loads),
        cmocka_unit_test(a_site_may_narrow_and_not_widen),
        cmocka_unit_test(a_sites_partial_stands_in_shipped_letters),
        cmocka_unit_test(a_letters_name_says_what_it_may_tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
