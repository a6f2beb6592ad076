/* trace: whose copy was this. */
#include <unistd.h>

#include "base/text.h"
#include "ctl/behind.h"
#include "ctl/directory.h"
#include "ctl/show.h"
#include "flow/trace.h"

enum { TRACE_NOTHING = 1 }; /* exit code: no trace of any letter */

/* Bytes that are no text become U+FFFD, control characters blanks: six bytes each on the wire. */
static void add_text(struct buf *out, struct span bytes)
{
    while (bytes.n > 0 && !out->full) {
        uint32_t point;
        size_t n = text_utf8_next(bytes, &point);

        if (point != '\r')
            text_utf8_add(out, point < ' ' && point != '\n' ? ' ' : point);
        bytes = span_from(bytes, n);
    }
    buf_add_char(out, '\n');
}

static bool holds(const struct buf *b, struct span text)
{
    return span_find_span(buf_span(b), text) < b->n;
}

/* What neither the bytes have nor was added before: each word counts once. */
static void add_new_text(struct buf *out, const struct buf *raw, const char *text)
{
    struct span s = span_str(text);

    if (s.n > 0 && !holds(raw, s) && !holds(out, s))
        add_text(out, s);
}

/* What the reader of a mail sees in it, opened behind the wall without any key: it may be quoted,
 * base64 or HTML. What is no mail has no more than its bytes. */
static bool open_mail(struct ctl *ctl, struct span mail, const char *scratch,
                      struct message *ret_message)
{
    const struct behind_keys none = {.home = NULL};
    struct open_job job = {.now = clock_now(), .limits = ctl->options->limits};
    struct behind *behind = NULL;
    SCOPED(fd_close) int keys = -1;
    bool good;

    if (!memory_open(&keys, &ctl->err) || !memory_finish(keys, &ctl->err) ||
        !behind_start(ctl->a, ctl->options, &none, scratch, &behind, &ctl->err))
        return false;
    good = behind_open(behind, ctl->a, mail, &job, keys, ret_message, &ctl->err);
    behind_end(behind);
    return good;
}

static bool texts_of(struct ctl *ctl, struct span mail, struct buf *out)
{
    struct message message = {.text = NULL};
    struct buf raw = buf_new(ctl->a, TRACE_TEXT_MAX); /* header fields, and what is no mail */
    char *scratch;
    bool good;

    if (!directory_scratch(ctl, &scratch))
        return false;
    good = open_mail(ctl, mail, scratch, &message);
    rmdir(scratch);
    if (!good)
        return false;
    add_text(&raw, mail);
    add_new_text(out, &raw, message.text); /* first: an encoded mail may fill all the room */
    add_new_text(out, &raw, message.subject);
    for (size_t i = 0; i < message.n_parts; i++)
        add_new_text(out, &raw, message.parts[i].text);
    add_text(out, buf_span(&raw));
    return true;
}

static const char *field(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text == NULL ? "-" : text;
}

static void print_finding(struct ctl *ctl, const json_t *o)
{
    long long runs = json_integer_value(json_object_get(o, "runs"));
    const char *letter = field(o, "letter");
    struct buf line = buf_new(ctl->a, 4096);

    buf_printf(&line, "%s: %s: %s", field(o, "sure"), field(o, "what"), field(o, "reader"));
    if (strcmp(field(o, "address"), "-") != 0)
        buf_printf(&line, " <%s>", field(o, "address"));
    buf_printf(&line, ", %s", field(o, "place"));
    if (strcmp(letter, "-") != 0)
        buf_printf(&line, ", %s of %s (%s)", letter, field(o, "sent"), field(o, "template"));
    if (runs > 0)
        buf_printf(&line, ", %lld runs of eight words", runs);
    printf("%s\n", text_one_line(ctl->a, buf_span(&line), 2000));
}

/* What the answer leaves out is part of it: what was not seen may be the trace. */
static void print_incomplete(struct ctl *ctl, const json_t *incomplete)
{
    size_t i;
    json_t *line;

    json_array_foreach(incomplete, i, line)
    {
        printf("not all: %s\n", text_one_line(ctl->a, span_str(json_string_value(line)), 200));
    }
}

static int show(struct ctl *ctl, json_t *json, bool text_cut)
{
    const json_t *findings = json_object_get(json, "findings");
    json_t *incomplete = json_object_get(json, "incomplete");
    bool none = json_array_size(findings) == 0;
    size_t i;
    json_t *o;

    if (text_cut)
        json_array_append_new(
            incomplete,
            json_string(arena_printf(ctl->a, "only the first %d bytes of text were looked at",
                                     TRACE_TEXT_MAX)));

    if (ctl->json) {
        show_json_line(ctl->a, json);
    } else if (none) {
        fputs("no trace of any letter\n", stdout);
    } else {
        json_array_foreach(findings, i, o)
        {
            print_finding(ctl, o);
        }
    }
    if (!ctl->json)
        print_incomplete(ctl, incomplete);
    return none ? TRACE_NOTHING : EX_OK;
}

static int run_trace(struct ctl *ctl)
{
    struct desk_request request = {.verb = DESK_QUERY, .as = ctl->as, .query = "trace"};
    struct desk_answer answer = {.number = 0};
    struct buf text = buf_new(ctl->a, TRACE_TEXT_MAX);
    SCOPED(json_decref) json_t *json = NULL;
    struct span bytes;

    if (!ctl_read_start(ctl, ctl->words.at[0], (size_t)ctl->options->limits.mail, &bytes))
        return ctl_fail(EX_NOINPUT, "%s", ctl->err.text);
    if (!texts_of(ctl, bytes, &text))
        return ctl_error(ctl);
    request.text = text.at;
    if (!ctl_ask(ctl, &request, -1, &answer, &json))
        return ctl_error(ctl);
    return json == NULL ? ctl_answer(ctl, &answer) : show(ctl, json, text.full);
}

/* clang-format off */
const struct verb verbs_trace[] = {
    {"trace", "FILE|-", 1, 1, false, "whose copy a leaked text came from", run_trace, {{0}}},
    {.name = NULL},
};
/* clang-format on */
