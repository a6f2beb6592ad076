/*
 * catalogue.h - the desk's letter templates: <dir>/<language>/<name>.eml.
 *
 * A template is a block of directives, an empty line, and a mustache body:
 *
 *     Subject: [{{case_id}}] {{case_title}}
 *     Audience: vendor, partner
 *     Requires: case_summary, code
 *     TLP: amber
 *     Attachments: released
 *     Calendar: embargo
 *
 * Subject is one line of mustache. Audience (of coordinator, reporter, vendor, partner) says who
 * may get it: every variable must be for all of them. Requires names variables that may not be
 * empty. TLP is clear, green, amber, amber+strict or red, and fills {{tlp}}; unless it is clear, it
 * is the first line of every letter that does not begin with it. Attachments is none
 * (as if missing), released or desk-key. Calendar names the template of a calendar part,
 * <dir>/<language>/<name>.ics. A partial {{> name}} is <dir>/<language>/<name>.txt.
 *
 * Promises: what loads can be rendered: names, types, audiences are checked before any letter is
 * made; a letter in clear text (TLP: clear) uses clear variables only. Rendering hands the template
 * only what its audience may see; several empty lines become one, blanks at the ends of lines go.
 * Immutable once loaded, so threads can share it.
 * Does not: redact, wrap lines, or make mail of it (mime/write).
 */
#ifndef TEMPLATE_CATALOGUE_H
#define TEMPLATE_CATALOGUE_H

#include "template/mustache.h"
#include "template/variables.h"

enum template_attachments {
    TEMPLATE_ATTACH_NONE,
    TEMPLATE_ATTACH_RELEASED, /* those that the caller gives: released to this reader */
    TEMPLATE_ATTACH_DESK_KEY,
};

struct letter_template {
    const char *name; /* "vendor-notice" */
    const char *language;
    const char *file; /* path, for errors */
    unsigned audience;
    bool site;       /* the site's own */
    const char *tlp; /* "TLP:AMBER+STRICT" */
    bool clear;      /* may leave unencrypted */
    enum template_attachments attachments;
    const struct variable **required;
    size_t n_required;
    const struct mustache *subject;
    const struct mustache *body;
    const char *calendar_name;       /* "embargo.ics", or NULL */
    size_t calendar_line;            /* of that directive */
    const struct mustache *calendar; /* NULL: none goes with it */
};

struct catalogue;

/*
 * Reads the shipped templates in dir, then those in site (NULL or empty: none), each of which takes
 * the place of the shipped file of its language and name, partials too; a site's letter may narrow
 * the audience of the shipped one, never widen it. Which letters are clear, and which tell no
 * details of a case, model/templates.h says. The first fault is the error (ERR_OPERATOR:
 * file:line:column: what; cure).
 */
MUST_USE bool catalogue_load(struct arena *a, const char *dir, const char *site,
                             const struct catalogue **ret_catalogue, struct err *err);

struct catalogue_report {
    const char **faults; /* "file:line:column: what; cure" */
    size_t n_faults;
    const char *
        *notes; /* what each of the site's files does: "file: in place of the shipped one" */
    size_t n_notes;
    const char **unused; /* those of them that nothing uses: "file: why" */
    size_t n_unused;
    size_t n_letters;
};

/* All faults at once, for `embargoctl check`. False only if a directory can't be read. */
MUST_USE bool catalogue_check(struct arena *a, const char *dir, const char *site,
                              struct catalogue_report *ret_report, struct err *err);

/* NULL: no such template, in that language or in English. */
const struct letter_template *catalogue_find(const struct catalogue *c, const char *language,
                                             const char *name);

/* All of them, one after the other, in no order; NULL behind the last. */
const struct letter_template *catalogue_at(const struct catalogue *c, size_t i);

struct rendered {
    const char *subject;  /* one line, UTF-8 */
    const char *text;     /* LF */
    const char *calendar; /* text/calendar with METHOD:PUBLISH, CRLF; NULL: none */
};

/*
 * Fills a template for one reader of the given audience (one bit). values is an object with names
 * from variables.h; what is missing is empty; "tlp" comes from the template. ERR_OPERATOR: the
 * audience is not the template's, a required value is empty, a value has a name or type that the
 * table does not know.
 */
MUST_USE bool catalogue_render(struct arena *a, const struct catalogue *c,
                               const struct letter_template *t, enum template_audience reader,
                               const struct tvalue *values, struct rendered *ret_rendered,
                               struct err *err);

#endif
