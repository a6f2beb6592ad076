#include "template/catalogue.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "template/check.h"
#include "template/fill.h"
#include "template/languages.h"
#include "template/source.h"

enum {
    FILE_BYTES_MAX = 256 * 1024,
    TEMPLATES_MAX = 1000, /* files in all languages */
    CALENDAR_FOLD = 75,   /* bytes of a line, RFC 5545 3.1 */
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
    struct check_faults notes;
    struct check_faults unused;
    bool site; /* what is read now is the site's */
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
    }
    *ret_text = source_text(l->a, path, buf_span(&text), &l->faults);
    return true;
}

/* A letter's calendar file, which is looked at like a partial of it. */
static void calendar_check(struct loader *l, struct letter_template *t,
                           const struct check_rules *rules)
{
    struct partial_search search = {l->c, t->language};
    const struct check_source *found;

    if (t->calendar_name == NULL)
        return;
    found = partial_find(&search, span_str(t->calendar_name));
    if (found == NULL) {
        check_fault(l->a, &l->faults,
                    arena_printf(l->a,
                                 "%s:%zu:11: Calendar: there is no %s; it would be a file beside "
                                 "this one",
                                 t->file, t->calendar_line, t->calendar_name));
        return;
    }
    check_template(l->a, found, rules, &l->faults);
    t->calendar = found->template;
}

static bool is_public(const struct letter_template *t)
{
    for (size_t i = 0; i < t->n_required; i++) {
        if (strcmp(t->required[i]->name, "case_public") == 0)
            return true;
    }
    return false;
}

/* The most that may stand in a letter, and why no more. */
static void set_most(const struct letter_template *t, struct check_rules *rules)
{
    rules->most = template_tells(t->name);
    rules->why = "tells details, and this letter goes to who has not accepted the terms, too; "
                 "leave it out";
    if (t->clear) {
        rules->most = TELLS_NOTHING;
        rules->why = "may not leave unencrypted; leave it out, or set another TLP than clear";
    } else if (strcmp(t->tlp, "TLP:GREEN") == 0 && !is_public(t)) {
        rules->most = TELLS_NOTHING;
        rules->why = "is of a case, and TLP: green lets it be passed on; set amber, or add "
                     "\"Requires: case_public\"";
    }
}

/* Released attachments are details. */
static void attachments_check(struct loader *l, const struct letter_template *t)
{
    const char *what = t->clear ? "may not leave unencrypted; set another TLP"
                                : "tell details, and this letter goes to who has not accepted the "
                                  "terms, too; leave them out";

    if (t->attachments == TEMPLATE_ATTACH_RELEASED &&
        (t->clear || template_tells(t->name) != TELLS_DETAILS))
        check_fault(l->a, &l->faults,
                    arena_printf(l->a, "%s:1:1: released attachments %s", t->file, what));
}

/* Which letters leave unencrypted is not for a template to say. */
static void clear_check(struct loader *l, const struct letter_template *t)
{
    bool clear = template_tells(t->name) == TELLS_NOTHING;

    if (t->clear != clear)
        check_fault(
            l->a, &l->faults,
            arena_printf(l->a, "%s:1:1: %s", t->file,
                         clear ? "TLP must be clear: this letter goes to people to whom nothing "
                                 "can be encrypted"
                               : "TLP: clear would leave unencrypted, and this letter may not; set "
                                 "another"));
}

static void template_check(struct loader *l, struct letter_template *t)
{
    struct partial_search search = {l->c, t->language};
    struct check_rules rules = {
        .audience = t->audience, .partial = partial_for_check, .ctx = &search};
    struct check_rules one_line;
    struct check_source subject = {t->file, t->subject};
    struct check_source body = {t->file, t->body};

    set_most(t, &rules);
    one_line = rules;
    one_line.one_line = true;
    check_template(l->a, &subject, &one_line, &l->faults);
    check_template(l->a, &body, &rules, &l->faults);
    calendar_check(l, t, &rules);
    for (size_t i = 0; i < t->n_required; i++) {
        if ((t->required[i]->audience & t->audience) != t->audience)
            check_fault(l->a, &l->faults,
                        arena_printf(l->a, "%s:1:1: Requires: %s is not for this Audience", t->file,
                                     t->required[i]->name));
    }
    attachments_check(l, t);
    clear_check(l, t);
}

static void note(struct loader *l, const char *path, const char *what)
{
    check_fault(l->a, &l->notes, arena_printf(l->a, "%s: %s", path, what));
}

static void unused(struct loader *l, const char *path, const char *why)
{
    note(l, path, why);
    check_fault(l->a, &l->unused, arena_printf(l->a, "%s: %s", path, why));
}

/* A site's letter stands for the shipped one, and goes to no one else. */
static void override_check(struct loader *l, const struct letter_template *shipped,
                           const struct letter_template *own)
{
    if ((own->audience & ~shipped->audience) != 0)
        check_fault(l->a, &l->faults,
                    arena_printf(l->a,
                                 "%s:1:1: Audience is wider than that of the shipped template; "
                                 "leave out what that has not",
                                 own->file));
}

static void partial_add(struct loader *l, const struct partial *p)
{
    struct catalogue *c = l->c;

    for (size_t i = 0; i < c->n_partials; i++) {
        if (strcmp(c->partials[i].name, p->name) == 0 &&
            strcmp(c->partials[i].language, p->language) == 0) {
            c->partials[i] = *p;
            note(l, p->source.file, "in place of the shipped one");
            return;
        }
    }
    if (l->site)
        note(l, p->source.file, "of this site alone");
    ARENA_GROW(l->a, c->partials, c->n_partials, c->partials_room);
    c->partials[c->n_partials++] = *p;
}

/* The shipped one of that name, in any language; NULL: there is none. */
static struct letter_template *shipped_of(const struct catalogue *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->at[i].name, name) == 0 && !c->at[i].site)
            return &c->at[i];
    }
    return NULL;
}

static void letter_add(struct loader *l, const struct letter_template *t)
{
    struct catalogue *c = l->c;
    const struct letter_template *shipped = l->site ? shipped_of(c, t->name) : NULL;

    if (shipped != NULL)
        override_check(l, shipped, t);
    else if (l->site)
        unused(l, t->file, "no letter has this name, so it is never used");
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->at[i].name, t->name) == 0 && strcmp(c->at[i].language, t->language) == 0) {
            c->at[i] = *t;
            note(l, t->file, "in place of the shipped one");
            return;
        }
    }
    ARENA_GROW(l->a, c->at, c->n, c->room);
    c->at[c->n++] = *t;
}

static bool file_load(struct loader *l, const char *path, const char *language, const char *name,
                      bool is_partial)
{
    struct span text;

    if (l->c->n + l->c->n_partials >= TEMPLATES_MAX)
        return err_set(l->err, ERR_OPERATOR, "more than %d templates", TEMPLATES_MAX);
    if (!file_read(l, path, &text))
        return false;
    if (is_partial) {
        struct partial p = {
            name, language, {path, source_mustache(l->a, path, 1, text, &l->faults)}};

        partial_add(l, &p);
    } else {
        struct letter_template t = {.name = name,
                                    .language = language,
                                    .file = path,
                                    .site = l->site,
                                    .tlp = "",
                                    .subject = ARENA_NEW(l->a, struct mustache)};

        source_letter(l->a, &t, text, &l->faults);
        letter_add(l, &t);
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
        bool calendar = without(l->a, names[i], ".ics") != NULL;
        const char *name = calendar ? names[i] : partial != NULL ? partial : template;

        if (name != NULL && !file_load(l, arena_printf(l->a, "%s/%s", dir, names[i]), language,
                                       name, calendar || partial != NULL))
            return false;
    }
    return true;
}

static bool languages_load(struct loader *l, const char *dir)
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
    return true;
}

static bool all_load(struct loader *l, const char *dir, const char *site)
{
    if (!languages_load(l, dir))
        return false;
    if (l->c->n == 0)
        check_fault(
            l->a, &l->faults,
            arena_printf(l->a, "%s: no templates; set template-directory to where they are", dir));
    l->site = true;
    if (site != NULL && site[0] != '\0' && !languages_load(l, site))
        return false;
    for (size_t i = 0; i < l->c->n; i++)
        template_check(l, &l->c->at[i]);
    return true;
}

bool catalogue_load(struct arena *a, const char *dir, const char *site,
                    const struct catalogue **ret_catalogue, struct err *err)
{
    struct loader l = {.a = a, .c = ARENA_NEW(a, struct catalogue), .err = err};

    if (!all_load(&l, dir, site))
        return false;
    if (l.faults.n > 0)
        return err_set(err, ERR_OPERATOR, "%s", l.faults.at[0]);
    *ret_catalogue = l.c;
    return true;
}

bool catalogue_check(struct arena *a, const char *dir, const char *site,
                     struct catalogue_report *ret_report, struct err *err)
{
    struct loader l = {.a = a, .c = ARENA_NEW(a, struct catalogue), .err = err};

    if (!all_load(&l, dir, site))
        return false;
    *ret_report = (struct catalogue_report){.faults = l.faults.at,
                                            .n_faults = l.faults.n,
                                            .notes = l.notes.at,
                                            .n_notes = l.notes.n,
                                            .unused = l.unused.at,
                                            .n_unused = l.unused.n,
                                            .n_letters = l.c->n};
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

/* A text as a value of iCalendar, RFC 5545 3.3.11. */
static const char *calendar_escape(struct arena *a, const char *text)
{
    struct buf out = buf_new(a, 2 * strlen(text) + 1);

    for (; *text != '\0'; text++) {
        if (strchr("\\;,", *text) != NULL)
            buf_add_char(&out, '\\');
        buf_add_char(&out, *text);
    }
    return out.n == 0 ? "" : out.at;
}

/* The same values, each line and each line of a text escaped. */
static const struct tvalue *calendar_values(struct arena *a, const struct tvalue *v)
{
    struct tvalue *own;

    switch (v->kind) {
    case TVALUE_STRING:
        return tvalue_string(a, calendar_escape(a, v->string));
    case TVALUE_BOOL:
        break;
    case TVALUE_LIST:
        own = tvalue_list(a);
        for (size_t i = 0; i < v->n; i++)
            tvalue_push(a, own, calendar_values(a, v->at[i]));
        return own;
    case TVALUE_OBJECT:
        own = tvalue_object(a);
        for (size_t i = 0; i < v->n; i++)
            tvalue_set(a, own, v->keys[i], calendar_values(a, v->at[i]));
        return own;
    }
    return v;
}

/* CRLF, and lines folded between characters. */
static const char *calendar_fold(struct arena *a, const char *text)
{
    struct buf out = buf_new(a, 3 * strlen(text) + 16);
    struct span rest = span_str(text);
    struct span line;

    while (span_line(&rest, &line)) {
        size_t width = 0;

        if (line.n == 0)
            continue;
        while (line.n > 0) {
            uint32_t point;
            size_t n = text_utf8_next(line, &point);

            n = n == 0 ? 1 : n;
            if (width + n > CALENDAR_FOLD) {
                buf_add_str(&out, "\r\n ");
                width = 1;
            }
            buf_add(&out, line.at, n);
            width += n;
            line = span_from(line, n);
        }
        buf_add_str(&out, "\r\n");
    }
    return out.at;
}

static bool calendar_render(struct arena *a, const struct letter_template *t,
                            const struct tvalue *full, const struct mustache_partials *partials,
                            const char **ret_calendar, struct err *err)
{
    const char *text;

    *ret_calendar = NULL;
    if (t->calendar == NULL)
        return true;
    if (!mustache_render(a, t->calendar, calendar_values(a, full), partials, true, &text, err))
        return false;
    *ret_calendar = calendar_fold(a, text);
    return true;
}

/* TLP 2.0: in mail the label stands before what it is about. */
static const char *labelled(struct arena *a, const struct letter_template *t, const char *text)
{
    if (t->clear || t->tlp[0] == '\0' || span_starts(span_str(text), t->tlp))
        return text;
    return arena_printf(a, "%s\n\n%s", t->tlp, text);
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
        !mustache_render(a, t->body, full, &partials, true, &done.text, err) ||
        !calendar_render(a, t, full, &partials, &done.calendar, err))
        return err_wrap(err, "template %s", t->file);
    done.subject = span_dup(a, span_trim(span_str(done.subject)));
    done.text = labelled(a, t, tidy(a, done.text));
    *ret_rendered = done;
    return true;
}
