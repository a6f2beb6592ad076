#include "engine/command.h"

#include "base/text.h"

const struct command_spec command_specs[COMMAND_KINDS] = {
    [COMMAND_ACCEPT] = {"Accept", FOR_COORDINATOR | FOR_VENDOR, false, true, true,
                        "R17 [into C42]"},
    [COMMAND_DECLINE] = {"Decline", FOR_COORDINATOR, true, true, false, "the reason"},
    [COMMAND_JUNK] = {"Junk", FOR_COORDINATOR, false, true, false, ""},
    [COMMAND_FILE] = {"File", FOR_COORDINATOR, false, true, true, "812 C42 acme"},
    [COMMAND_OWNER] = {"Owner", FOR_COORDINATOR, false, false, true, "aiko"},
    [COMMAND_WATCH] = {"Watch", FOR_COORDINATOR, false, false, true, "aiko, or -aiko"},
    [COMMAND_EXCLUDE] = {"Exclude", FOR_COORDINATOR, false, false, true, "aiko, or -aiko"},
    [COMMAND_TITLE] = {"Title", FOR_COORDINATOR, false, false, true, "one line"},
    [COMMAND_SUMMARY] = {"Summary", FOR_COORDINATOR, true, false, true, "(text below)"},
    [COMMAND_VENDORS] = {"Vendors", FOR_COORDINATOR, false, false, true, "+acme -globex +@group"},
    [COMMAND_SEND] = {"Send", FOR_COORDINATOR, false, true, true, "vendor-notice all"},
    [COMMAND_STOP] = {"Stop", FOR_COORDINATOR, false, false, true, "S5"},
    [COMMAND_TELL] = {"Tell", FOR_COORDINATOR, true, false, true, "acme (text below)"},
    [COMMAND_STATUS] = {"Status", FOR_COORDINATOR | FOR_VENDOR, false, false, true,
                        "acme affected [from 7] [vuln 2]"},
    [COMMAND_TOLD] = {"Told", FOR_COORDINATOR, false, false, true,
                      "acme phone 2026-03-02T14:00+01:00"},
    [COMMAND_EMBARGO] = {"Embargo", FOR_COORDINATOR | FOR_VENDOR | FOR_REPORTER, false, false, true,
                         "[propose] 2026-12-24T14:00+09:00"},
    [COMMAND_SHARE] = {"Share", FOR_COORDINATOR | FOR_REPORTER, false, false, true, "3 all"},
    [COMMAND_RELEASE] = {"Release", FOR_COORDINATOR, false, false, true, "3.2 acme"},
    [COMMAND_NOTE] = {"Note", FOR_COORDINATOR, true, true, true, "(text below)"},
    [COMMAND_ALLOW_TERM] = {"Allow-Term", FOR_COORDINATOR, false, false, true, "oracle"},
    [COMMAND_CREDIT] = {"Credit", FOR_COORDINATOR | FOR_REPORTER, false, false, true,
                        "named from 3, or anonymous"},
    [COMMAND_SEND_ANYWAY] = {"Send-Anyway", FOR_COORDINATOR, false, true, true, "L97 the reason"},
    [COMMAND_CONFIRM] = {"Confirm", FOR_COORDINATOR, false, false, true, "S5"},
    [COMMAND_PREVIEW] = {"Preview", FOR_COORDINATOR, false, false, true,
                         "acme [vendor-notice], or all"},
    [COMMAND_CLOSE] = {"Close", FOR_COORDINATOR, false, false, true, ""},
};

/* What the reading of one block needs beside the block itself. */
struct reading {
    struct arena *a;
    unsigned who;
    bool no_place;          /* the first line names none that can be read */
    bool accepted;          /* an Accept stood above: the report is a case from there on */
    const char *takes_text; /* the command that the text belongs to, or NULL */
    struct block *block;
};

static void mistake(struct reading *r, uint32_t line, const char *text)
{
    strs_add(r->a, &r->block->mistakes, arena_printf(r->a, "line %u: %s", line, text));
}

static const char *nearest_command(unsigned who, const char *word)
{
    const char *names[COMMAND_KINDS];
    size_t n = 0;
    for (size_t i = 0; i < COMMAND_KINDS; i++)
        if (command_specs[i].who & who)
            names[n++] = command_specs[i].name;
    return text_nearest(word, names, n);
}

static bool find_command(unsigned who, struct span name, enum command_kind *ret_kind)
{
    for (size_t i = 0; i < COMMAND_KINDS; i++) {
        if (!(command_specs[i].who & who) || !span_eq_nocase(name, command_specs[i].name))
            continue;
        *ret_kind = (enum command_kind)i;
        return true;
    }
    return false;
}

static void unknown_command(struct reading *r, uint32_t line, struct span name)
{
    const char *word = text_one_line(r->a, name, 40);
    const char *near = nearest_command(r->who, word);
    mistake(r, line,
            near ? arena_printf(r->a, "%s: no such command; did you mean %s?", word, near)
                 : arena_printf(r->a, "%s: no such command", word));
}

/* Why the command may not stand here, or NULL. */
static const char *out_of_place(struct reading *r, enum command_kind kind)
{
    const struct command_spec *spec = &command_specs[kind];
    if (r->no_place)
        return NULL;
    switch (r->block->place.kind) {
    case PLACE_NONE:
        return kind == COMMAND_FILE ? NULL : "needs a case or report in the first line";
    case PLACE_REPORT:
        if (spec->on_report || (r->accepted && spec->on_case))
            return NULL;
        return "needs a case: put Accept before it";
    case PLACE_CASE:
        return spec->on_case ? NULL : "is for reports only";
    }
    return NULL;
}

static void read_command(struct reading *r, uint32_t line, struct span name, struct span value)
{
    enum command_kind kind;
    if (!find_command(r->who, name, &kind)) {
        unknown_command(r, line, name);
        return;
    }
    const struct command_spec *spec = &command_specs[kind];
    const char *problem = out_of_place(r, kind);
    if (problem) {
        mistake(r, line, arena_printf(r->a, "%s %s", spec->name, problem));
        return;
    }
    if (spec->takes_text && r->takes_text)
        mistake(r, line,
                arena_printf(r->a, "%s and %s both want the text below: one of them in a block",
                             r->takes_text, spec->name));
    if (spec->takes_text)
        r->takes_text = spec->name;
    if (kind == COMMAND_ACCEPT)
        r->accepted = true;
    struct block *b = r->block;
    ARENA_GROW(r->a, b->commands, b->n_commands, b->commands_room);
    b->commands[b->n_commands++] =
        (struct command){.kind = kind, .value = span_trim(value), .line = line};
}

static void read_line(struct reading *r, uint32_t line, struct span text)
{
    if (text.at[0] == '#')
        return; /* the hints of a ready block, sent back with it */
    if (text.at[0] == ' ' || text.at[0] == '\t') {
        mistake(r, line, "begins with a blank; a command is one line");
        return;
    }
    size_t colon = span_find(text, ':');
    if (colon == text.n) {
        mistake(r, line, "not \"Name: value\"; an empty line goes before your text");
        return;
    }
    read_command(r, line, span_trim(span_first(text, colon)), span_from(text, colon + 1));
}

/* 16 base32 characters, letter case and '-' ignored; NULL if it is something else. */
static const char *read_code(struct arena *a, struct span word)
{
    char *code = arena_alloc(a, CODE_CHARS + 1);
    size_t n = 0;
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = word.at[i];
        if (c == '-')
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (unsigned char)(c - 'A' + 'a');
        bool base32 = (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
        if (!base32 || n == CODE_CHARS)
            return NULL;
        code[n++] = (char)c;
    }
    return n == CODE_CHARS ? code : NULL;
}

static void read_first_line(struct reading *r, uint32_t line, struct span value)
{
    struct span rest = span_trim(value);
    size_t blank = 0;
    while (blank < rest.n && rest.at[blank] != ' ' && rest.at[blank] != '\t')
        blank++;
    struct span place = span_first(rest, blank);
    r->no_place = !place_from_name(place, &r->block->place);
    if (r->no_place)
        mistake(r, line, "after \"Embargod:\" comes a case (C42), a report (R17) or -");
    r->block->code = read_code(r->a, span_trim(span_from(rest, blank)));
    if (!r->block->code)
        mistake(r, line,
                "the code has 16 letters and digits; the desk's last letter to you has one");
}

static const char *trimmed_text(struct arena *a, struct span text)
{
    struct span rest = text;
    struct span line;
    struct span from = text;
    while (span_line(&rest, &line) && span_trim(line).n == 0)
        from = rest;
    size_t n = from.n;
    while (n > 0 && (from.at[n - 1] == '\n' || from.at[n - 1] == '\r' || from.at[n - 1] == ' ' ||
                     from.at[n - 1] == '\t'))
        n--;
    return span_dup(a, span_first(from, n));
}

/* The commands up to the first empty line; *rest is left behind that line. */
static void read_commands(struct reading *r, uint32_t line, struct span *rest)
{
    struct span text;
    while (span_line(rest, &text)) {
        line++;
        if (span_trim(text).n == 0)
            break;
        if (line > BLOCK_LINES_MAX) {
            mistake(r, line, "the block is too long");
            break;
        }
        read_line(r, line, text);
    }
    if (r->block->n_commands == 0 && r->block->mistakes.n == 0)
        mistake(r, line, "the block holds no command");
}

void block_parse(struct arena *a, const char *strict_text, unsigned who, struct block *ret_block)
{
    struct span rest = span_str(strict_text);
    struct span text = {0};
    uint32_t line = 0;
    *ret_block = (struct block){.text = ""};
    while (span_line(&rest, &text)) {
        line++;
        if (span_trim(text).n > 0)
            break;
    }
    static const char first[] = "Embargod:";
    if (!span_starts_nocase(text, first)) {
        ret_block->text = trimmed_text(a, span_str(strict_text));
        return;
    }
    struct reading r = {.a = a, .who = who, .block = ret_block};
    ret_block->present = true;
    read_first_line(&r, line, span_from(text, sizeof(first) - 1));
    read_commands(&r, line, &rest);
    ret_block->text = trimmed_text(a, rest);
}

void block_from_lines(struct arena *a, struct place place, const struct strs *lines,
                      const char *text, unsigned who, struct block *ret_block)
{
    *ret_block = (struct block){.present = true, .place = place};
    struct reading r = {.a = a, .who = who, .block = ret_block};
    for (size_t i = 0; i < lines->n; i++) {
        struct span line = span_str(lines->at[i]);
        if (line.n == 0 || span_find(line, '\n') < line.n)
            mistake(&r, (uint32_t)(i + 1), "a command is one line");
        else
            read_line(&r, (uint32_t)(i + 1), line);
    }
    if (ret_block->n_commands == 0 && ret_block->mistakes.n == 0)
        mistake(&r, 1, "no command");
    ret_block->text = trimmed_text(a, span_str(text));
}
