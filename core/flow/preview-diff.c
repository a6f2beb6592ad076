#include "flow/preview-diff.h"

#include "compose/missing.h"

static const char *const kind_words[] = {
    [TERM_NAME] = "name",          [TERM_ALIAS] = "alias",         [TERM_DOMAIN] = "domain",
    [TERM_ADDRESS] = "address",    [TERM_HANDLE] = "handle",       [TERM_KEYID] = "key",
    [TERM_PHONE] = "phone number", [TERM_REFERENCE] = "reference",
};

/* "name of acme", "address of a reporter", "name on the public list" */
static const char *why_cut(struct arena *a, const struct directory *d, const struct term *row)
{
    const struct org *org;

    if (row == NULL)
        return "can't be searched";
    org = directory_org(d, row->owner);
    if (org != NULL)
        return arena_printf(a, "%s of %s", kind_words[row->kind], org->slug);
    return arena_printf(a, "%s %s", kind_words[row->kind],
                        row->owner == 0 ? "on the public list" : "of a reporter");
}

static json_t *line_json(struct arena *a, const struct directory *d,
                         const struct missing_line *line, size_t n)
{
    bool left_out = line->why != MISSING_NOTHING;
    json_t *o = json_object();
    json_t *cuts = json_array();

    json_object_set_new(o, "n", json_integer((json_int_t)n));
    json_object_set_new(o, "text", json_string(span_dup(a, line->text)));
    json_object_set_new(o, "left_out", json_boolean(left_out));
    json_object_set_new(o, "why",
                        left_out ? json_string(missing_why_words[line->why]) : json_null());
    for (size_t i = 0; i < line->n_cuts; i++) {
        json_t *cut = json_object();

        json_object_set_new(cut, "written", json_string(span_dup(a, line->cuts[i].written)));
        json_object_set_new(cut, "why", json_string(why_cut(a, d, line->cuts[i].row)));
        json_array_append_new(cuts, cut);
    }
    json_object_set_new(o, "cuts", cuts);
    return o;
}

static json_t *piece_json(struct arena *a, const struct directory *d,
                          const struct preview_letter *made, const struct compose_piece *piece)
{
    struct missing m = missing_in(a, &made->selected.job, piece);
    json_t *o = json_object();
    json_t *lines = json_array();

    json_object_set_new(o, "n", json_integer((json_int_t)piece->n));
    json_object_set_new(o, "from", json_string(piece->from));
    for (size_t i = 0; i < m.n_lines; i++)
        json_array_append_new(lines, line_json(a, d, &m.lines[i], i + 1));
    json_object_set_new(o, "lines", lines);
    return o;
}

static const struct compose_piece *chosen(const struct preview_letter *made, uint32_t n)
{
    const struct compose_job *job = &made->selected.job;

    for (size_t i = 0; i < job->n_pieces; i++) {
        if (job->pieces[i].n == n)
            return &job->pieces[i];
    }
    return NULL;
}

static const struct compose_attachment *goes_along(const struct preview_letter *made,
                                                   const char *part)
{
    const struct compose_job *job = &made->selected.job;

    for (size_t i = 0; i < job->n_attachments; i++) {
        if (strcmp(job->attachments[i].n, part) == 0)
            return &job->attachments[i];
    }
    return NULL;
}

static const char *part_name(struct arena *a, const struct piece *piece, size_t i)
{
    return arena_printf(a, "%u.%u", piece->n, piece->parts[i].n);
}

/* A part without a name is the text of its mail, which goes as the piece. */
static bool is_file(const struct piece *piece, size_t i)
{
    return piece->parts[i].filename != NULL;
}

void preview_diff(struct arena *a, const struct directory *directory, const struct case_head *head,
                  const struct preview_letter *made, json_t *o)
{
    json_t *pieces = json_array();
    json_t *not_shared = json_array();
    json_t *not_released = json_array();
    json_t *cleaned = json_array();

    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];
        const struct compose_piece *there = chosen(made, piece->n);

        if (piece->moved)
            continue;
        if (there != NULL)
            json_array_append_new(pieces, piece_json(a, directory, made, there));
        else if (piece->party != made->letter.party)
            json_array_append_new(not_shared, json_string(arena_printf(a, "%u", piece->n)));
        for (size_t p = 0; p < piece->n_parts; p++) {
            if (is_file(piece, p) && !goes_along(made, part_name(a, piece, p)))
                json_array_append_new(not_released, json_string(part_name(a, piece, p)));
        }
    }
    json_object_set_new(o, "pieces", pieces);
    json_object_set_new(o, "not_shared", not_shared);
    for (size_t i = 0; i < made->selected.job.n_attachments; i++) {
        if (made->selected.job.attachments[i].cleaned)
            json_array_append_new(cleaned, json_string(made->selected.job.attachments[i].n));
    }
    json_object_set_new(o, "not_released", not_released);
    json_object_set_new(o, "cleaned", cleaned);
}

static const char *state_of(struct arena *a, const struct preview_letter *made,
                            const struct piece *piece)
{
    const struct compose_piece *there = chosen(made, piece->n);
    struct missing m;

    if (piece->party == made->letter.party && piece->party != 0)
        return "own";
    if (there == NULL)
        return "no";
    m = missing_in(a, &made->selected.job, there);
    return m.n_left_out + m.n_cuts > 0
               ? arena_printf(a, "%zu cut%s, %zu line%s left out", m.n_cuts,
                              m.n_cuts == 1 ? "" : "s", m.n_left_out, m.n_left_out == 1 ? "" : "s")
               : "whole";
}

void preview_row(struct arena *a, const struct case_head *head, const struct preview_letter *made,
                 json_t *o)
{
    json_t *pieces = json_object();
    json_t *parts = json_object();

    for (size_t i = 0; i < head->n_pieces; i++) {
        const struct piece *piece = &head->pieces[i];

        if (piece->moved)
            continue;
        json_object_set_new(pieces, arena_printf(a, "%u", piece->n),
                            json_string(state_of(a, made, piece)));
        for (size_t p = 0; p < piece->n_parts; p++) {
            const char *name = part_name(a, piece, p);
            const struct compose_attachment *there = goes_along(made, name);

            if (is_file(piece, p))
                json_object_set_new(parts, name,
                                    json_string(there == NULL    ? "no"
                                                : there->cleaned ? "cleaned"
                                                                 : "yes"));
        }
    }
    json_object_set_new(o, "pieces", pieces);
    json_object_set_new(o, "parts", parts);
}
