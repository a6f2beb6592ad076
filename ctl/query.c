/* report, case, outbox, mail, find: looking, through the daemon, as the peer's user. */
#include "ctl/ctl.h"
#include "ctl/show.h"

static int run_query(struct ctl *ctl)
{
    const char *queue = ctl_value(ctl, "queue");
    struct desk_request request = {
        .verb = DESK_QUERY, .as = ctl->as, .query = ctl->verb->name, .words = ctl->words};
    struct desk_answer answer = {.number = 0};
    SCOPED(json_decref) json_t *json = NULL;

    if (strcmp(ctl->verb->name, "find") == 0) {
        if (queue == NULL)
            return ctl_fail(EX_USAGE, "find wants --queue ID");
        request.query = "find queue";
        strs_add(ctl->a, &request.words, queue);
    }
    if (!ctl_ask(ctl, &request, -1, &answer, &json))
        return ctl_error(ctl);
    if (json != NULL && ctl->json) {
        show_json_line(ctl->a, json);
    } else if (json != NULL) {
        (strcmp(ctl->verb->name, "outbox list") == 0 ? show_outbox : show_json)(ctl->a, json);
    }
    return ctl_answer(ctl, &answer);
}

/* case fsck without a problem is 0, with one 65. */
static int run_fsck(struct ctl *ctl)
{
    struct desk_request request = {
        .verb = DESK_QUERY, .as = ctl->as, .query = "case fsck", .words = ctl->words};
    struct desk_answer answer = {.number = 0};
    SCOPED(json_decref) json_t *json = NULL;
    size_t problems;

    if (!ctl_ask(ctl, &request, -1, &answer, &json))
        return ctl_error(ctl);
    if (json == NULL)
        return ctl_answer(ctl, &answer);
    problems = json_array_size(json_object_get(json, "problems"));
    if (ctl->json) {
        show_json_line(ctl->a, json);
    } else if (problems == 0) {
        printf("the log and the rows agree\n");
    } else {
        show_json(ctl->a, json);
    }
    return problems == 0 ? EX_OK : EX_DATAERR;
}

/* words: CASE, TIME or "", "coordinators" or nothing. */
static int run_who_knew(struct ctl *ctl)
{
    const char *at = ctl_value(ctl, "at");

    strs_add(ctl->a, &ctl->words, at == NULL ? "" : at);
    if (ctl_value(ctl, "coordinators") != NULL)
        strs_add(ctl->a, &ctl->words, "coordinators");
    return run_query(ctl);
}

/* What a word would cut, before it is made a name of an org. */
static int run_term_try(struct ctl *ctl)
{
    strs_add(ctl->a, &ctl->words, ctl_value(ctl, "common") != NULL ? "common" : "");
    return run_query(ctl);
}

/* clang-format off */
const struct verb verbs_query[] = {
    {"report list", "", 0, 0, false, "the queue of reports", run_query, {{0}}},
    {"report show", "R17", 1, 1, false, "one report with its text", run_query, {{0}}},
    {"case list", "", 0, 0, false, "all cases", run_query, {{0}}},
    {"case show", "C42", 1, 1, false, "one case", run_query, {{0}}},
    {"case log", "C42", 1, 1, false, "what happened in a case", run_query, {{0}}},
    {"case who-knew", "C42", 1, 1, false, "who had been shown what, and what proves it", run_who_knew,
     {{"at", "TIME", "up to then; else up to now"},
      {"coordinators", NULL, "list them too"}}},
    {"case fsck", "C42", 1, 1, false, "does a case still equal its log", run_fsck, {{0}}},
    {"term pending", "", 0, 0, false, "names from outside that wait, and what they would cut", run_query, {{0}}},
    {"term try", "TEXT", 1, 1, false, "where a word stands in open cases, before it is made a name", run_term_try,
     {{"common", NULL, "count it only as it is written, as an ordinary word"}}},
    {"outbox list", "", 0, 0, false, "all letters", run_query, {{0}}},
    {"outbox show", "L97", 1, 1, false, "one letter", run_query, {{0}}},
    {"outbox retry", "L97", 1, 1, false, "judge and try a letter again, now", run_query, {{0}}},
    {"mail list", "", 0, 0, false, "all messages that were taken", run_query, {{0}}},
    {"mail waiting", "", 0, 0, false, "those that are not opened yet", run_query, {{0}}},
    {"mail show", "812", 1, 1, false, "one message with its text", run_query, {{0}}},
    {"find", "", 0, 0, false, "the letter behind a queue id of the MTA", run_query,
     {{"queue", "ID", "as the MTA's log shows it"}}},
    {.name = NULL},
};
/* clang-format on */
