/* Coordinators' commands: the same table as for mail, through the daemon's control socket. */
#include "base/text.h"
#include "ctl/ctl.h"
#include "engine/command.h"

/* "allow-term" for "Allow-Term". */
static bool is_verb_of(const char *verb, const char *name)
{
    return span_eq_nocase(span_str(verb), name);
}

static const struct command_spec *spec_of(const struct verb *verb)
{
    for (size_t i = 0; i < COMMAND_KINDS; i++) {
        if (is_verb_of(verb->name, command_specs[i].name))
            return &command_specs[i];
    }
    return NULL;
}

static const char *joined(struct ctl *ctl, size_t from)
{
    struct buf b = buf_new(ctl->a, JSON_BYTES_MAX / 2);

    for (size_t i = from; i < ctl->words.n; i++)
        buf_printf(&b, "%s%s", b.n > 0 ? " " : "", ctl->words.at[i]);
    return b.at;
}

static int send_order(struct ctl *ctl, struct desk_request *request)
{
    struct desk_answer answer = {.number = 0};

    request->verb = DESK_ORDER;
    request->as = ctl->as;
    if (!ctl_ask(ctl, request, -1, &answer, NULL))
        return ctl_error(ctl);
    return ctl_answer(ctl, &answer);
}

/* The text of a command: --text, --file, or what is left of the line. */
static bool order_text(struct ctl *ctl, const char *line, const char **ret_text)
{
    const char *file = ctl_value(ctl, "file");
    struct span bytes;

    *ret_text = ctl_value(ctl, "text");
    if (*ret_text == NULL && file == NULL)
        *ret_text = line;
    if (file == NULL)
        return true;
    if (!ctl_read_file(ctl, file, &bytes))
        return false;
    if (!text_is_utf8(bytes))
        return err_set(&ctl->err, ERR_OPERATOR, "%s is not UTF-8 text", file);
    *ret_text = span_dup(ctl->a, bytes);
    return true;
}

/* summary C42 TEXT, tell C42 acme TEXT: what is not the command's value is its text. */
static int run_with_text(struct ctl *ctl, const struct command_spec *spec)
{
    struct desk_request request = {.place = ctl->words.at[0]};
    bool tell = is_verb_of(ctl->verb->name, "Tell");
    const char *value = tell ? ctl->words.at[1] : "";

    if (!order_text(ctl, joined(ctl, tell ? 2 : 1), &request.text))
        return ctl_error(ctl);
    strs_add(ctl->a, &request.lines, arena_printf(ctl->a, "%s: %s", spec->name, value));
    return send_order(ctl, &request);
}

static int run_order(struct ctl *ctl)
{
    const struct command_spec *spec = spec_of(ctl->verb);
    struct desk_request request = {.place = ctl->words.at[0]};
    const char *value;

    if (spec == NULL)
        return ctl_fail(EX_SOFTWARE, "%s is no command", ctl->verb->name);
    if (spec->takes_text)
        return run_with_text(ctl, spec);
    value = joined(ctl, 1);
    if (is_verb_of(ctl->verb->name, "Accept"))
        value = joined(ctl, 0);
    if (is_verb_of(ctl->verb->name, "File")) {
        value = joined(ctl, 0);
        request.place = "-";
    }
    if (is_verb_of(ctl->verb->name, "Send") && !order_text(ctl, "", &request.text))
        return ctl_error(ctl);
    strs_add(ctl->a, &request.lines, arena_printf(ctl->a, "%s: %s", spec->name, value));
    return send_order(ctl, &request);
}

/* clang-format off */
#define TEXT_OPTIONS                                                                               \
    {{"text", "TEXT", "the text"},                                                                 \
     {"file", "FILE", "the text, from a file; - standard input"}}

const struct verb verbs_order[] = {
    {"accept", "R17 [into C42]", 1, 3, false, "open a case for a report, or join it to one", run_order, {{0}}},
    {"decline", "R17 [REASON...]", 1, 999, false, "decline a report; the reporter is told", run_order, TEXT_OPTIONS},
    {"junk", "R17", 1, 1, false, "set a report aside", run_order, {{0}}},
    {"file", "MESSAGE CASE [ORG]", 2, 3, false, "place or move a message: file 812 C42 acme", run_order, {{0}}},
    {"owner", "CASE NAME", 2, 2, false, "who answers for a case", run_order, {{0}}},
    {"watch", "CASE [NAME]", 1, 2, false, "get copies of a case", run_order, {{0}}},
    {"exclude", "CASE NAME", 2, 2, false, "keep a coordinator out (conflict of interest)", run_order, {{0}}},
    {"title", "CASE TITLE...", 2, 999, false, "set the title", run_order, {{0}}},
    {"summary", "CASE [TEXT...]", 1, 999, false, "set the summary that vendors get", run_order, TEXT_OPTIONS},
    {"vendors", "CASE +ORG|-ORG|+@GROUP...", 2, 999, false, "add and remove vendors", run_order, {{0}}},
    {"send", "CASE TEMPLATE all|ORG...", 3, 999, false, "plan letters; they wait the send-delay", run_order, TEXT_OPTIONS},
    {"stop", "CASE S5", 2, 2, false, "cancel what has not gone", run_order, {{0}}},
    {"tell", "CASE ORG|reporter|all [TEXT...]", 2, 999, false, "write to a party", run_order, TEXT_OPTIONS},
    {"status", "CASE ORG STATUS [from PIECE]", 3, 7, false, "record a vendor's status", run_order, {{0}}},
    {"told", "CASE ORG HOW WHEN", 2, 999, false, "record that somebody was told by other means", run_order, {{0}}},
    {"embargo", "CASE INSTANT", 2, 3, false, "set the end of the embargo", run_order, {{0}}},
    {"share", "CASE PIECE all|ORG... [quoted], CASE named from PIECE", 3, 999, false, "share a piece's text, or a reporter's name", run_order, {{0}}},
    {"release", "CASE PIECE.PART all|ORG... [cleaned]", 3, 999, false, "release an attachment", run_order, {{0}}},
    {"credit", "CASE named|anonymous from PIECE", 4, 4, false, "whether a reporter is named in public", run_order, {{0}}},
    {"note", "CASE [TEXT...]", 1, 999, false, "add an internal note", run_order, TEXT_OPTIONS},
    {"allow-term", "CASE WORD...", 2, 999, false, "let a word through in this case", run_order, {{0}}},
    {"send-anyway", "CASE|R17 L97 REASON...", 3, 999, false, "let a letter go although the guard holds it", run_order, {{0}}},
    {"confirm", "CASE S5", 2, 2, false, "the second of two coordinators lets a send go", run_order, {{0}}},
    {"close", "CASE", 1, 1, false, "close a case", run_order, {{0}}},
    {.name = NULL},
};
/* clang-format on */
