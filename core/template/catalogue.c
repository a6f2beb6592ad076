#include "template/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "template/check.h"
#include "template/fill.h"

enum {
    FILE_BYTES_MAX = 256 * 1024,
    TEMPLATES_MAX = 1000, /* files in all languages */
    DIRECTIVES_MAX = 5,
};

struct partial {
    const char *name;
    const char *language;
    struct check_source source;
};

struct catalogue {
    struct letter_template *at;
    size_t n;
    size_t room;
    struct partial *partials;
    size_t n_partials;
    size_t partials_room;
};

struct loader {
    struct arena *a;
    struct catalogue *c;
    struct check_faults faults;
    struct err *err;
};

struct partial_search {
    const struct catalogue *c;
    const char *language;
};

static const struct check_source *partial_find(const struct partial_search *s, struct span name)
{
    for (size_t i = 0; i < s->c->n_partials; i++) {
        const struct partial *p = &s->c->partials[i];

        if (strcmp(p->language, s->language) == 0 && span_eq_str(name, p->name))
            return &p->source;
    }
    return NULL;
}

static bool partial_for_check(void *ctx, struct span name, struct check_source *ret_source)
{
    const struct check_source *found = partial_find(ctx, name);

    if (found == NULL)
        return false;
    *ret_source = *found;
    return true;
}

static const struct mustache *partial_for_render(void *ctx, struct span name)
{
    const struct check_source *found = partial_find(ctx, name);

    return found == NULL ? NULL : found->template;
}

static bool file_read(struct loader *l, const char *path, struct span *ret_text)
{
    struct buf text = buf_new(l->a, FILE_BYTES_MAX);
    FILE *f = fopen(path, "re");
    char chunk[4096];
    size_t n;

    if (f == NULL)
        return err_sys(l->err, ERR_OPERATOR, errno, "template %s", path);
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        buf_add(&text, chunk, n);
    if (ferror(f) != 0) {
        fclose(f);
        return err_sys(l->err, ERR_OPERATOR, errno, "template %s", path);
    }
    fclose(f);
    if (text.full) {
        check_fault(
            l->a, &l->faults,
            arena_printf(l->a, "%s:1:1: larger than %d bytes; shorten it", path, FILE_BYTES_MAX));
        text.n = 0;
    } else if (!text_is_utf8(buf_span(&text))) {
        check_fault(l->a, &l->faults, arena_printf(l->a, "%s:1:1: not in UTF-8; convert it", path));
        text.n = 0;
    }
    *ret_text = buf_span(&text);
    return true;
}

/* A parse that failed is one fault, and an empty template. */
static const struct mustache *parse(struct loader *l, const char *path, size_t line,
                                    struct span text)
{
    const struct mustache *parsed = ARENA_NEW(l->a, struct mustache);
    struct err err;

    if (!mustache_parse(l->a, path, line, text, &parsed, &err))
        check_fault(l->a, &l->faults, arena_strdup(l->a, err.text));
    return parsed;
}

/* The state of reading one block of directives. */
struct directives {
    struct loader *l;
    struct letter_template *t;
    size_t line;
    struct span whole; /* the line */
    struct span value;
    unsigned seen; /* bits: rows of DIRECTIVES */
};

static void directive_fault(struct directives *d, const char *what)
{
    check_fault(d->l->a, &d->l->faults,
                arena_printf(d->l->a, "%s:%zu:1: %s", d->t->file, d->line, what));
}

/*
 * The subject is parsed with its "Subject:" in front, so that columns in faults are those of the
 * file; then that prefix is cut off the first node, which is always a text.
 */
static void take_subject(struct directives *d)
{
    const struct mustache *parsed = parse(d->l, d->t->file, d->line, d->whole);
    size_t prefix = (size_t)(d->value.at - d->whole.at);
    struct mustache_node *nodes;
    struct mustache *subject;

    if (parsed->n == 0)
        return;
    nodes = ARENA_ARRAY(d->l->a, parsed->n, struct mustache_node);
    subject = ARENA_NEW(d->l->a, struct mustache);
    memcpy(nodes, parsed->at, parsed->n * sizeof(*nodes));
    nodes[0].text = span_from(nodes[0].text, prefix);
    subject->at = nodes;
    subject->n = parsed->n;
    d->t->subject = subject;
}

static void take_audience(struct directives *d)
{
    static const struct {
        const char *word;
        unsigned bits;
    } WORDS[] = {{"coordinator", TEMPLATE_COORDINATOR},
                 {"reporter", TEMPLATE_REPORTER},
                 {"vendor", TEMPLATE_VENDOR},
                 {"partner", TEMPLATE_PARTNER}};
    struct span rest = d->value;
    struct span word;

    while (span_split(&rest, ',', &word)) {
        unsigned bits = 0;

        for (size_t i = 0; i < LEN(WORDS); i++) {
            if (span_eq_str(span_trim(word), WORDS[i].word))
                bits = WORDS[i].bits;
        }
        if (bits == 0)
            directive_fault(d, "Audience is a list of: coordinator, reporter, vendor, partner");
        d->t->audience |= bits;
    }
}

static void take_requires(struct directives *d)
{
    struct letter_template *t = d->t;
    struct span rest = d->value;
    struct span word;
    size_t n;

    (void)variables_all(&n);
    t->required = ARENA_ARRAY(d->l->a, n, const struct variable *);
    while (span_split(&rest, ',', &word) && t->n_required < n) {
        const struct variable *row = variables_find(NULL, span_trim(word));

        if (row == NULL)
            directive_fault(d, arena_printf(d->l->a,
                                            "Requires: \"%s\" is not a variable; the manual "
                                            "page lists them",
                                            span_dup(d->l->a, span_trim(word))));
        else
            t->required[t->n_required++] = row;
    }
}

static void take_tlp(struct directives *d)
{
    static const struct {
        const char *word;
        const char *label;
    } WORDS[] = {{"clear", "TLP:CLEAR"},
                 {"green", "TLP:GREEN"},
                 {"amber", "TLP:AMBER"},
                 {"amber+strict", "TLP:AMBER+STRICT"},
                 {"red", "TLP:RED"}};

    for (size_t i = 0; i < LEN(WORDS); i++) {
        if (span_eq_str(d->value, WORDS[i].word)) {
            d->t->tlp = WORDS[i].label;
            d->t->clear = i == 0;
            return;
        }
    }
    directive_fault(d, "TLP is one of: clear, green, amber, amber+strict, red");
}

static void take_attachments(struct directives *d)
{
    if (span_eq_str(d->value, "released"))
        d->t->attachments = TEMPLATE_ATTACH_RELEASED;
    else if (span_eq_str(d->value, "desk-key"))
        d->t->attachments = TEMPLATE_ATTACH_DESK_KEY;
    else if (!span_eq_str(d->value, "none"))
        directive_fault(d, "Attachments is one of: none, released, desk-key");
}

static const struct {
    const char *name;
    void (*take)(struct directives *d);
    bool needed;
} DIRECTIVES[DIRECTIVES_MAX] = {
    {"Subject", take_subject, true},          {"Audience", take_audience, true},
    {"Requires", take_requires, false},       {"TLP", take_tlp, true},
    {"Attachments", take_attachments, false},
};

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
    directive_fault(d, "not a directive; known are Subject, Audience, Requires, TLP, Attachments, "
                       "then an empty line before the text");
}

static void template_parse(struct loader *l, struct letter_template *t, struct span text)
{
    struct directives d = {.l = l, .t = t, .line = 1};

    for (; span_line(&text, &d.whole) && d.whole.n > 0; d.line++)
        directive_take(&d);
    for (size_t i = 0; i < LEN(DIRECTIVES); i++) {
        if (DIRECTIVES[i].needed && (d.seen & (1U << i)) == 0)
            check_fault(l->a, &l->faults,
                        arena_printf(l->a, "%s:1:1: no %s; add the line \"%s: ...\" at the top",
                                     t->file, DIRECTIVES[i].name, DIRECTIVES[i].name));
    }
    t->body = parse(l, t->file, d.line + 1, text);
}

static void template_check(struct loader *l, const struct letter_template *t)
{
    struct partial_search search = {l->c, t->language};
    struct check_rules rules = {t->audience, t->clear, partial_for_check, &search};
    struct check_source subject = {t->file, t->subject};
    struct check_source body = {t->file, t->body};

    check_template(l->a, &subject, &rules, &l->faults);
    check_template(l->a, &body, &rules, &l->faults);
    for (size_t i = 0; i < t->n_required; i++) {
        if ((t->required[i]->audience & t->audience) != t->audience)
            check_fault(l->a, &l->faults,
                        arena_printf(l->a, "%s:1:1: Requires: %s is not for this Audience", t->file,
                                     t->required[i]->name));
    }
    if (t->clear && t->attachments == TEMPLATE_ATTACH_RELEASED)
        check_fault(
            l->a, &l->faults,
            arena_printf(l->a,
                         "%s:1:1: released attachments may not leave unencrypted; set another TLP",
                         t->file));
}

static bool file_load(struct loader *l, const char *path, const char *language, const char *name,
                      bool is_partial)
{
    struct catalogue *c = l->c;
    struct span text;

    if (c->n + c->n_partials >= TEMPLATES_MAX)
        return err_set(l->err, ERR_OPERATOR, "more than %d templates", TEMPLATES_MAX);
    if (!file_read(l, path, &text))
        return false;
    if (is_partial) {
        struct partial p = {name, language, {path, parse(l, path, 1, text)}};

        ARENA_GROW(l->a, c->partials, c->n_partials, c->partials_room);
        c->partials[c->n_partials++] = p;
    } else {
        struct letter_template t = {.name = name,
                                    .language = language,
                                    .file = path,
                                    .tlp = "",
                                    .subject = ARENA_NEW(l->a, struct mustache)};

        template_parse(l, &t, text);
        ARENA_GROW(l->a, c->at, c->n, c->room);
        c->at[c->n++] = t;
    }
    return true;
}

/* The name without ending if the file name has it, else NULL. */
static const char *without(struct arena *a, const char *file, const char *ending)
{
    size_t n = strlen(file);
    size_t end = strlen(ending);

    if (n <= end || file[0] == '.' || strcmp(file + n - end, ending) != 0)
        return NULL;
    return arena_strndup(a, file, n - end);
}

/* The names in a folder, sorted, so that faults come in the same order everywhere. */
static bool names_in(struct loader *l, const char *dir, const char ***ret_names, size_t *ret_n)
{
    struct dirent **entries = NULL;
    int n = scandir(dir, &entries, NULL, alphasort);

    if (n < 0)
        return err_sys(l->err, ERR_OPERATOR, errno, "template directory %s", dir);
    *ret_names = ARENA_ARRAY(l->a, (size_t)n, const char *);
    *ret_n = (size_t)n;
    for (int i = 0; i < n; i++) {
        (*ret_names)[i] = arena_strdup(l->a, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return true;
}

static bool language_load(struct loader *l, const char *dir, const char *language)
{
    const char **names;
    size_t n;

    if (!names_in(l, dir, &names, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *partial = without(l->a, names[i], ".txt");
        const char *template = without(l->a, names[i], ".eml");
        const char *name = partial != NULL ? partial : template;

        if (name != NULL && !file_load(l, arena_printf(l->a, "%s/%s", dir, names[i]), language,
                                       name, partial != NULL))
            return false;
    }
    return true;
}

/* A language is a folder named like "en" or "pt-br". */
static bool is_language(const char *name)
{
    size_t n = strlen(name);

    return n >= 2 && n <= 10 && strspn(name, "abcdefghijklmnopqrstuvwxyz-") == n && name[0] != '-';
}

static bool all_load(struct loader *l, const char *dir)
{
    const char **names;
    size_t n;

    if (!names_in(l, dir, &names, &n))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (is_language(names[i]) &&
            !language_load(l, arena_printf(l->a, "%s/%s", dir, names[i]), names[i]))
            return false;
    }
    for (size_t i = 0; i < l->c->n; i++)
        template_check(l, &l->c->at[i]);
    if (l->c->n == 0)
        check_fault(
            l->a, &l->faults,
            arena_printf(l->a, "%s: no templates; set template-directory to where they are", dir));
    return true;
}

bool catalogue_load(struct arena *a, const char *dir, const struct catalogue **ret_catalogue,
                    struct err *err)
{
    struct loader l = {.a = a, .c = ARENA_NEW(a, struct catalogue), .err = err};

    if (!all_load(&l, dir))
        return false;
    if (l.faults.n > 0)
        return err_set(err, ERR_OPERATOR, "%s", l.faults.at[0]);
    *ret_catalogue = l.c;
    return true;
}

bool catalogue_check(struct arena *a, const char *dir, const char ***ret_faults, size_t *ret_n,
                     struct err *err)
{
    struct loader l = {.a = a, .c = ARENA_NEW(a, struct catalogue), .err = err};

    if (!all_load(&l, dir))
        return false;
    *ret_faults = l.faults.at;
    *ret_n = l.faults.n;
    return true;
}

static const struct letter_template *find_exact(const struct catalogue *c, const char *language,
                                                const char *name)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->at[i].language, language) == 0 && strcmp(c->at[i].name, name) == 0)
            return &c->at[i];
    }
    return NULL;
}

const struct letter_template *catalogue_find(const struct catalogue *c, const char *language,
                                             const char *name)
{
    const struct letter_template *t = find_exact(c, language == NULL ? "en" : language, name);

    return t != NULL ? t : find_exact(c, "en", name);
}

const struct letter_template *catalogue_at(const struct catalogue *c, size_t i)
{
    return i < c->n ? &c->at[i] : NULL;
}

static bool required_there(const struct letter_template *t, const struct tvalue *full,
                           struct err *err)
{
    for (size_t i = 0; i < t->n_required; i++) {
        if (tvalue_is_empty(tvalue_get(full, span_str(t->required[i]->name))))
            return err_set(err, ERR_OPERATOR, "template %s needs %s, and there is none", t->name,
                           t->required[i]->name);
    }
    return true;
}

/* Without blanks at the ends of lines, and with one empty line where sections left several. */
static const char *tidy(struct arena *a, const char *text)
{
    struct buf out = buf_new(a, strlen(text) + 1);
    struct span rest = span_str(text);
    struct span line;
    bool empty = true;

    while (span_line(&rest, &line)) {
        while (line.n > 0 && (line.at[line.n - 1] == ' ' || line.at[line.n - 1] == '\t'))
            line.n--;
        if (line.n == 0 && empty)
            continue;
        empty = line.n == 0;
        buf_add_span(&out, line);
        buf_add_char(&out, '\n');
    }
    return out.at;
}

bool catalogue_render(struct arena *a, const struct catalogue *c, const struct letter_template *t,
                      enum template_audience reader, const struct tvalue *values,
                      struct rendered *ret_rendered, struct err *err)
{
    struct partial_search search = {c, t->language};
    struct mustache_partials partials = {partial_for_render, &search};
    struct rendered done;
    struct tvalue *full;

    if ((t->audience & (unsigned)reader) == 0)
        return err_set(err, ERR_OPERATOR, "template %s is not for this reader", t->name);
    if (!fill_values(a, values, reader, &full, err))
        return err_wrap(err, "template %s", t->name);
    tvalue_set_string(a, full, "tlp", t->tlp);
    if (!required_there(t, full, err))
        return false;
    if (!mustache_render(a, t->subject, full, &partials, true, &done.subject, err) ||
        !mustache_render(a, t->body, full, &partials, true, &done.text, err))
        return err_wrap(err, "template %s", t->file);
    done.subject = span_dup(a, span_trim(span_str(done.subject)));
    done.text = tidy(a, done.text);
    *ret_rendered = done;
    return true;
}
