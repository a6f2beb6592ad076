/* template: looking at letters without a case. */
#include "ctl/ctl.h"
#include "ctl/show.h"
#include "template/catalogue.h"
#include "template/sample.h"

static const struct {
    const char *word;
    enum template_audience audience;
} AUDIENCES[] = {
    {"vendor", TEMPLATE_VENDOR},
    {"reporter", TEMPLATE_REPORTER},
    {"partner", TEMPLATE_PARTNER},
    {"coordinator", TEMPLATE_COORDINATOR},
};

/* Every fault of all templates, a line each; what each of the site's own files does. */
static int run_check(struct ctl *ctl)
{
    const struct options *o = ctl->options;
    const char *dir = ctl->words.n > 0 ? ctl->words.at[0] : o->template_directory;
    const char *site = ctl->words.n > 0 ? NULL : o->site_template_directory;
    struct catalogue_report report = {.n_faults = 0};

    if (!catalogue_check(ctl->a, dir, site, &report, &ctl->err))
        return ctl_fail(EX_NOINPUT, "%s", ctl->err.text);
    for (size_t i = 0; i < report.n_faults; i++)
        printf("%s\n", report.faults[i]);
    for (size_t i = 0; i < report.n_notes; i++)
        printf("%s\n", report.notes[i]);
    if (report.n_faults == 0)
        printf("%zu letters, no fault\n", report.n_letters);
    return report.n_faults == 0 ? EX_OK : EX_DATAERR;
}

static bool find_audience(struct ctl *ctl, const struct letter_template *t,
                          enum template_audience *ret_audience)
{
    const char *word = ctl_value(ctl, "audience");

    for (size_t i = 0; i < LEN(AUDIENCES); i++) {
        bool named = word != NULL && strcmp(word, AUDIENCES[i].word) == 0;

        if ((word == NULL || named) && (t->audience & AUDIENCES[i].audience)) {
            *ret_audience = AUDIENCES[i].audience;
            return true;
        }
        if (named)
            return err_set(&ctl->err, ERR_OPERATOR, "%s is not for a %s; see its Audience in %s",
                           t->name, word, t->file);
    }
    return err_set(&ctl->err, ERR_OPERATOR,
                   "--audience wants vendor, reporter, partner or coordinator");
}

static void show(struct ctl *ctl, const struct letter_template *t, const struct rendered *r)
{
    json_t *o;

    if (!ctl->json) {
        printf("Subject: %s\n\n%s", r->subject, r->text);
        if (r->calendar != NULL)
            printf("\n-- with a calendar part --\n%s", r->calendar);
        return;
    }
    o = json_object();
    json_object_set_new(o, "name", json_string(t->name));
    json_object_set_new(o, "language", json_string(t->language));
    json_object_set_new(o, "file", json_string(t->file));
    json_object_set_new(o, "tlp", json_string(t->tlp));
    json_object_set_new(o, "subject", json_string(r->subject));
    json_object_set_new(o, "text", json_string(r->text));
    json_object_set_new(o, "calendar",
                        r->calendar == NULL ? json_null() : json_string(r->calendar));
    show_json_line(ctl->a, o);
    json_decref(o);
}

static int run_render(struct ctl *ctl)
{
    const char *name = ctl->words.at[0];
    const char *language = ctl_value(ctl, "language");
    const struct catalogue *catalogue;
    const struct letter_template *t;
    enum template_audience audience;
    struct rendered rendered;

    if (language == NULL)
        language = ctl->options->language;
    if (!catalogue_load(ctl->a, ctl->options->template_directory,
                        ctl->options->site_template_directory, &catalogue, &ctl->err))
        return ctl_error(ctl);
    t = catalogue_find(catalogue, language, name);
    if (t == NULL)
        return ctl_fail(EX_USAGE, "there is no template \"%s\"; \"embargoctl template list\"",
                        name);
    if (!find_audience(ctl, t, &audience))
        return ctl_fail(EX_USAGE, "%s", ctl->err.text);
    if (!catalogue_render(ctl->a, catalogue, t, audience,
                          sample_values(ctl->a, audience, t->language), &rendered, &ctl->err))
        return ctl_error(ctl);
    show(ctl, t, &rendered);
    return EX_OK;
}

static const char *audience_text(struct ctl *ctl, unsigned audience)
{
    const char *text = "";

    for (size_t i = 0; i < LEN(AUDIENCES); i++) {
        if (audience & AUDIENCES[i].audience)
            text = arena_printf(ctl->a, "%s%s%s", text, text[0] == '\0' ? "" : ", ",
                                AUDIENCES[i].word);
    }
    return text;
}

static int run_list(struct ctl *ctl)
{
    const struct catalogue *catalogue;
    const struct letter_template *t;

    if (!catalogue_load(ctl->a, ctl->options->template_directory,
                        ctl->options->site_template_directory, &catalogue, &ctl->err))
        return ctl_error(ctl);
    for (size_t i = 0; (t = catalogue_at(catalogue, i)) != NULL; i++)
        printf("%s  %-22s %-18s %s%s\n", t->language, t->name, t->tlp,
               audience_text(ctl, t->audience), t->site ? "  (the site's own)" : "");
    return EX_OK;
}

/* Every name that a template may use. */
static int run_variables(struct ctl *ctl)
{
    static const char *const types[] = {
        [VARIABLE_LINE] = "line",
        [VARIABLE_LINES] = "lines",
        [VARIABLE_BOOL] = "yes or no",
        [VARIABLE_LIST] = "list",
    };
    size_t n;
    const struct variable *rows = variables_all(&n);

    for (size_t i = 0; i < n; i++)
        printf("%-22s %-10s %-38s %s%s\n", rows[i].name, types[rows[i].type],
               rows[i].audience == TEMPLATE_ALL ? "all" : audience_text(ctl, rows[i].audience),
               rows[i].meaning, rows[i].tells == TELLS_NOTHING ? " (also in clear text)" : "");
    return EX_OK;
}

/* clang-format off */
const struct verb verbs_template[] = {
    {"template list", "", 0, 0, false, "all letter templates", run_list, {{0}}},
    {"template variables", "", 0, 0, true, "every name that a template may use", run_variables, {{0}}},
    {"template check", "[DIR]", 0, 1, false, "every fault in them, with its place and cure", run_check, {{0}}},
    {"template render", "NAME", 1, 1, false, "one of them with sample data, as its reader would see it", run_render,
     {{"language", "en|ja", "in that language; else the desk's"},
      {"audience", "vendor|reporter|partner|coordinator", "for such a reader; else the first that it is for"}}},
    {.name = NULL},
};
/* clang-format on */
