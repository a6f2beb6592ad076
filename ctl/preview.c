/* case preview: what a reader would get, what of the case it would miss, and all readers at once.
 */
#include "ctl/ctl.h"
#include "ctl/show.h"
#include "flow/preview-text.h"

static int run_preview(struct ctl *ctl)
{
    const char *to = ctl_value(ctl, "to");
    const char *template = ctl_value(ctl, "template");
    bool all = ctl_value(ctl, "all") != NULL;
    struct desk_request request = {
        .verb = DESK_QUERY, .as = ctl->as, .query = "case preview", .words = ctl->words};
    struct desk_answer answer = {.number = 0};
    SCOPED(json_decref) json_t *json = NULL;

    if ((to == NULL) != all || (all && ctl_value(ctl, "diff") != NULL))
        return ctl_fail(EX_USAGE, "case preview wants --to ORG, with --diff if you like, or --all");
    strs_add(ctl->a, &request.words, all ? "" : to);
    strs_add(ctl->a, &request.words, template == NULL ? "" : template);
    if (ctl_value(ctl, "diff") != NULL)
        strs_add(ctl->a, &request.words, "diff");
    if (!ctl_ask(ctl, &request, -1, &answer, &json))
        return ctl_error(ctl);
    if (json != NULL && ctl->json) {
        show_json_line(ctl->a, json);
    } else if (json != NULL) {
        fputs(preview_text(ctl->a, json), stdout);
    }
    return ctl_answer(ctl, &answer);
}

/* clang-format off */
const struct verb verbs_preview[] = {
    {"case preview", "C42", 1, 1, false, "what a reader would get, before it is sent", run_preview,
     {{"to", "ORG", "that reader, or as reporter 1"},
      {"all", NULL, "a matrix: readers by pieces and attachments"},
      {"diff", NULL, "against the original: what is missing, and why"},
      {"template", "NAME", "that letter; else vendor-notice, for reporters case-update"}}},
    {.name = NULL},
};
/* clang-format on */
