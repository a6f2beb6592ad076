#include "template/source.h"

#include "base/text.h"
#include "base/visible.h"
#include "template/catalogue.h"

enum { DIRECTIVES_MAX = 6 };

static void fault_at(struct arena *a, struct check_faults *faults, const char *path, size_t line,
                     size_t column, const char *what)
{
    check_fault(a, faults, arena_printf(a, "%s:%zu:%zu: %s", path, line, column, what));
}

/* Why a character may not stand in a template, or NULL. */
static const char *unfit(struct arena *a, const struct visible_char *c)
{
    switch (c->kind) {
    case VISIBLE_INVALID:
        return "not in UTF-8; convert the file";
    case VISIBLE_CONTROL:
        return c->point == '\n' || c->point == '\t'
                   ? NULL
                   : arena_printf(a, "a control character, U+%04X; remove it", c->point);
    case VISIBLE_BIDI:
    case VISIBLE_ZERO_WIDTH:
        return arena_printf(a, "an invisible character, U+%04X; remove it", c->point);
    case VISIBLE_PLAIN:
        break;
    }
    return NULL;
}

/* Looks at every character of one line; false: at one that makes the rest doubtful. */
static void line_look(struct arena *a, const char *path, size_t line, struct span text,
                      struct check_faults *faults)
{
    uint32_t before = 0;
    size_t column = 1;

    if (text.n > SOURCE_LINE_MAX)
        fault_at(a, faults, path, line, SOURCE_LINE_MAX + 1,
                 "this line is longer than mail can carry; break it");
    for (struct span rest = text; rest.n > 0;) {
        struct visible_char c = visible_next(rest, before);
        const char *why = unfit(a, &c);

        if (why != NULL) {
            fault_at(a, faults, path, line, column, why);
            return;
        }
        before = c.point;
        column += c.n;
        rest = span_from(rest, c.n);
    }
}

struct span source_text(struct arena *a, const char *path, struct span bytes,
                        struct check_faults *faults)
{
    static const char BOM[] = "\xef\xbb\xbf";
    struct buf out = buf_new(a, bytes.n + 1);
    size_t before = faults->n;
    struct span rest = bytes;

    if (span_starts(bytes, BOM)) {
        fault_at(a, faults, path, 1, 1, "a byte order mark; save the file without one");
        rest = span_from(bytes, strlen(BOM));
    }
    for (size_t line = 1; rest.n > 0; line++) {
        size_t n = span_find(rest, '\n');
        struct span text = span_first(rest, n);

        if (text.n > 0 && text.at[text.n - 1] == '\r')
            text.n--;
        line_look(a, path, line, text, faults);
        buf_add_span(&out, text);
        if (n < rest.n)
            buf_add_char(&out, '\n');
        rest = span_from(rest, n + 1);
    }
    return faults->n > before ? span_of(NULL, 0) : buf_span(&out);
}

/* A parse that failed is one fault, and an empty template. */
const struct mustache *source_mustache(struct arena *a, const char *path, size_t line,
                                       struct span text, struct check_faults *faults)
{
    const struct mustache *parsed = ARENA_NEW(a, struct mustache);
    struct err err;

    if (!mustache_parse(a, path, line, text, &parsed, &err))
        check_fault(a, faults, arena_strdup(a, err.text));
    return parsed;
}

/* The state of reading one block of directives. */
struct directives {
    struct arena *a;
    struct check_faults *faults;
    struct letter_template *t;
    size_t line;
    struct span whole; /* the line */
    struct span value;
    unsigned seen; /* bits: rows of DIRECTIVES */
};

static void directive_fault(struct directives *d, const char *what)
{
    size_t column = d->value.at == NULL ? 1 : (size_t)(d->value.at - d->whole.at) + 1;

    fault_at(d->a, d->faults, d->t->file, d->line, column, what);
}

/* "...; did you mean vendor?" where a known word is near, else "; write one of: ...". */
static const char *unknown_word(struct directives *d, const char *what, struct span word,
                                const char *const *known, size_t n, const char *cure)
{
    const char *shown = text_one_line(d->a, word, 60);
    const char *near = text_nearest(shown, known, n);

    return near == NULL
               ? arena_printf(d->a, "%s: \"%s\" is not known; %s", what, shown, cure)
               : arena_printf(d->a, "%s: \"%s\" is not known; did you mean %s?", what, shown, near);
}

/*
 * The subject is parsed with its "Subject:" in front, so that columns in faults are those of the
 * file; then that prefix is cut off the first node, which is always a text.
 */
static void take_subject(struct directives *d)
{
    const struct mustache *parsed = source_mustache(d->a, d->t->file, d->line, d->whole, d->faults);
    size_t prefix = (size_t)(d->value.at - d->whole.at);
    struct mustache_node *nodes;
    struct mustache *subject;

    if (parsed->n == 0)
        return;
    nodes = ARENA_ARRAY(d->a, parsed->n, struct mustache_node);
    subject = ARENA_NEW(d->a, struct mustache);
    memcpy(nodes, parsed->at, parsed->n * sizeof(*nodes));
    nodes[0].text = span_from(nodes[0].text, prefix);
    subject->at = nodes;
    subject->n = parsed->n;
    d->t->subject = subject;
}

static void take_audience(struct directives *d)
{
    static const char *const WORDS[] = {"coordinator", "reporter", "vendor", "partner"};
    struct span rest = d->value;
    struct span word;

    while (span_split(&rest, ',', &word)) {
        unsigned bits = 0;

        for (unsigned i = 0; i < LEN(WORDS); i++) {
            if (span_eq_str(span_trim(word), WORDS[i]))
                bits = 1U << i;
        }
        if (bits == 0)
            directive_fault(d, unknown_word(d, "Audience", span_trim(word), WORDS, LEN(WORDS),
                                            "write a list of: coordinator, reporter, vendor, "
                                            "partner"));
        else if ((d->t->audience & bits) != 0)
            directive_fault(d, "Audience: a word stands here twice; leave one");
        d->t->audience |= bits;
    }
}

static void take_required(struct directives *d, struct span word)
{
    struct letter_template *t = d->t;
    const struct variable *row = variables_find(NULL, word);
    const char *shown = text_one_line(d->a, word, 60);
    const char *near = row == NULL ? variables_nearest(d->a, word) : NULL;

    for (size_t i = 0; row != NULL && i < t->n_required; i++) {
        if (t->required[i] == row)
            directive_fault(d,
                            arena_printf(d->a, "Requires: %s stands here twice; leave one", shown));
    }
    if (row != NULL)
        t->required[t->n_required++] = row;
    else if (near != NULL)
        directive_fault(d,
                        arena_printf(d->a, "Requires: \"%s\" is not a variable; did you mean %s?",
                                     shown, near));
    else
        directive_fault(d, arena_printf(d->a,
                                        "Requires: \"%s\" is not a variable; embargod-templates(5) "
                                        "lists them",
                                        shown));
}

static void take_requires(struct directives *d)
{
    struct span rest = d->value;
    struct span word;
    size_t n;

    (void)variables_all(&n);
    d->t->required = ARENA_ARRAY(d->a, n, const struct variable *);
    while (span_split(&rest, ',', &word) && d->t->n_required < n)
        take_required(d, span_trim(word));
}

/* FIRST's TLP 2.0; what version 1 and people write instead is told what it is now. */
static void take_tlp(struct directives *d)
{
    static const char *const WORDS[] = {"clear", "green", "amber", "amber+strict", "red"};
    static const char *const LABELS[] = {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT",
                                         "TLP:RED"};
    const char *cure = "write one of: clear, green, amber, amber+strict, red";

    for (size_t i = 0; i < LEN(WORDS); i++) {
        if (span_eq_str(d->value, WORDS[i])) {
            d->t->tlp = LABELS[i];
            d->t->clear = i == 0;
            return;
        }
    }
    if (span_starts_nocase(d->value, "tlp:"))
        directive_fault(d, "TLP: the word alone is wanted, without \"TLP:\"; write amber");
    else if (span_eq_nocase(d->value, "white"))
        directive_fault(d, "TLP: \"white\" is of version 1; TLP 2.0 calls it clear");
    else
        directive_fault(d, unknown_word(d, "TLP", d->value, WORDS, LEN(WORDS), cure));
}

static void take_attachments(struct directives *d)
{
    static const char *const WORDS[] = {"none", "released", "desk-key"};

    if (span_eq_str(d->value, "released"))
        d->t->attachments = TEMPLATE_ATTACH_RELEASED;
    else if (span_eq_str(d->value, "desk-key"))
        d->t->attachments = TEMPLATE_ATTACH_DESK_KEY;
    else if (!span_eq_str(d->value, "none"))
        directive_fault(d, unknown_word(d, "Attachments", d->value, WORDS, LEN(WORDS),
                                        "write one of: none, released, desk-key"));
}

/* The file is looked up when all are loaded. */
static void take_calendar(struct directives *d)
{
    d->t->calendar_name = arena_printf(d->a, "%s.ics", span_dup(d->a, d->value));
    d->t->calendar_line = d->line;
}

static const struct {
    const char *name;
    void (*take)(struct directives *d);
    bool needed;
} DIRECTIVES[DIRECTIVES_MAX] = {
    {"Subject", take_subject, true},          {"Audience", take_audience, true},
    {"Requires", take_requires, false},       {"TLP", take_tlp, true},
    {"Attachments", take_attachments, false}, {"Calendar", take_calendar, false},
};

/* What is no directive: what it might have been. */
static void directive_unknown(struct directives *d, struct span name)
{
    const char *names[DIRECTIVES_MAX];

    for (size_t i = 0; i < LEN(DIRECTIVES); i++)
        names[i] = DIRECTIVES[i].name;
    d->value = d->whole;
    if (d->whole.at[0] == ' ' || d->whole.at[0] == '\t')
        directive_fault(d, "a directive stands on one line, from its beginning; join the lines");
    else if (name.n == d->whole.n)
        directive_fault(d, "a directive has a colon; an empty line stands before the text");
    else
        directive_fault(d, unknown_word(d, "directive", span_trim(name), names, LEN(names),
                                        "known are Subject, Audience, Requires, TLP, Attachments, "
                                        "Calendar, then an empty line before the text"));
}

static void directive_take(struct directives *d)
{
    size_t colon = span_find(d->whole, ':');
    struct span name = span_first(d->whole, colon);

    d->value = span_trim(span_from(d->whole, colon + 1));
    for (size_t i = 0; i < LEN(DIRECTIVES); i++) {
        if (!span_eq_str(name, DIRECTIVES[i].name))
            continue;
        if ((d->seen & (1U << i)) != 0)
            directive_fault(d, "this directive stands here twice; leave one");
        else if (d->value.n == 0)
            directive_fault(d, "this directive is empty; give it a value, or leave it out");
        else
            DIRECTIVES[i].take(d);
        d->seen |= 1U << i;
        return;
    }
    directive_unknown(d, name);
}

void source_letter(struct arena *a, struct letter_template *t, struct span text,
                   struct check_faults *faults)
{
    struct directives d = {.a = a, .faults = faults, .t = t, .line = 1};

    for (; span_line(&text, &d.whole) && d.whole.n > 0; d.line++)
        directive_take(&d);
    for (size_t i = 0; i < LEN(DIRECTIVES); i++) {
        if (DIRECTIVES[i].needed && (d.seen & (1U << i)) == 0)
            fault_at(a, faults, t->file, 1, 1,
                     arena_printf(a, "no %s; add the line \"%s: ...\" at the top",
                                  DIRECTIVES[i].name, DIRECTIVES[i].name));
    }
    if (span_trim(text).n == 0)
        fault_at(a, faults, t->file, d.line, 1,
                 "no text; write it below the directives, behind an empty line");
    t->body = source_mustache(a, t->file, d.line + 1, text, faults);
}
