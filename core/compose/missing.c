#include "compose/missing.h"

#include "redact/firewall.h"

const char *const missing_why_words[5] = {"", "form", "fence", "quote", "quote, perhaps an answer"};

static bool is_empty(struct span line)
{
    for (size_t i = 0; i < line.n; i++) {
        if (line.at[i] > ' ')
            return false;
    }
    return true;
}

/* The lines of the whole, each with its place in the text that the form left (or MISSING_FORM). */
static void read_lines(struct arena *a, const struct compose_piece *piece, struct missing *m)
{
    struct span whole = piece->whole.n > 0 ? piece->whole : piece->text;
    struct span left = piece->text;
    struct span line, ahead, next;
    size_t room = 0;

    while (span_line(&whole, &line)) {
        ahead = left;
        ARENA_GROW(a, m->lines, m->n_lines, room);
        m->lines[m->n_lines] = (struct missing_line){.text = line, .why = MISSING_FORM};
        if (span_line(&ahead, &next) && span_eq(next, line)) {
            m->lines[m->n_lines] = (struct missing_line){.text = next, .why = MISSING_NOTHING};
            left = ahead;
        }
        m->n_lines++;
    }
}

/* The line that holds this byte of the piece's text, from *next on (bytes are asked for in order),
 * or NULL. */
static struct missing_line *line_at(struct missing *m, size_t *next, const unsigned char *byte)
{
    for (; *next < m->n_lines; (*next)++) {
        struct missing_line *line = &m->lines[*next];

        if (line->why != MISSING_FORM && byte >= line->text.at &&
            byte <= line->text.at + line->text.n)
            return line;
    }
    return NULL;
}

static bool overlaps(struct span line, const unsigned char *at, size_t n)
{
    return line.at < at + n && at < line.at + line.n;
}

/* Lines of a fence that this reader may not pass, and the fences' own. */
static void find_fenced(struct arena *a, const struct compose_job *job, struct span text,
                        struct missing *m)
{
    struct fenced fenced = fences_read(a, text, job->fence_names);
    const struct fence_segment *segment = fenced.segments;
    const struct fence_segment *end = segment + fenced.n_segments;

    for (size_t i = 0; i < m->n_lines; i++) {
        struct missing_line *line = &m->lines[i];

        if (line->why != MISSING_NOTHING || line->text.n == 0)
            continue;
        while (segment < end && segment->text.at + segment->text.n <= line->text.at)
            segment++;
        if (segment == end || !overlaps(line->text, segment->text.at, segment->text.n) ||
            !fence_visible(&segment->audience, job->reader.org))
            line->why = MISSING_FENCE;
    }
}

static void find_quoted(struct arena *a, const struct compose_piece *piece, struct missing *m)
{

    struct quotes found =
        piece->quotes != NULL ? *piece->quotes : firewall_find(a, piece->text, NULL);
    for (size_t i = 0, q = 0; i < m->n_lines; i++) {
        struct missing_line *line = &m->lines[i];

        if (line->why != MISSING_NOTHING)
            continue;
        while (q < found.n && piece->text.at + found.at[q].at + found.at[q].n <= line->text.at)
            q++;
        for (size_t k = q; k < found.n && line->why != MISSING_ANSWER; k++) {
            if (!overlaps(line->text, piece->text.at + found.at[k].at, found.at[k].n))
                break;
            line->why = found.at[k].answer ? MISSING_ANSWER : MISSING_QUOTE;
        }
    }
}

static void add_cut(struct arena *a, struct missing *m, size_t *next, const struct missing_cut *cut)
{
    struct missing_line *line = line_at(m, next, cut->written.at);
    struct missing_cut *more;

    if (line == NULL || line->why != MISSING_NOTHING)
        return;
    more = ARENA_ARRAY(a, line->n_cuts + 1, struct missing_cut);
    if (line->n_cuts > 0)
        memcpy(more, line->cuts, line->n_cuts * sizeof(*more));
    more[line->n_cuts++] = *cut;
    line->cuts = more;
    m->n_cuts++;
}

static void find_names(struct arena *a, const struct compose_job *job, struct span text,
                       struct missing *m)
{
    const struct term_set *const sets[] = {job->terms, job->case_terms};
    uint32_t own[2];
    size_t next = 0;
    struct redact_reader reader = compose_redact_reader(job, own);
    struct redacted r =
        redact_cut_for(a, redact_scan(a, text, sets, job->case_terms == NULL ? 1 : 2), &reader);

    for (size_t i = 0; i < r.n_cuts; i++)
        add_cut(a, m, &next,
                &(struct missing_cut){.written = span_of(text.at + r.cuts[i].at, r.cuts[i].n),
                                      .row = r.cuts[i].row});
}

struct missing missing_in(struct arena *a, const struct compose_job *job,
                          const struct compose_piece *piece)
{
    struct missing m = {.n_lines = 0};

    read_lines(a, piece, &m);
    if (!piece->own) {
        find_fenced(a, job, piece->text, &m);
        find_quoted(a, piece, &m);
        find_names(a, job, piece->text, &m);
    }
    for (size_t i = 0; i < m.n_lines; i++)
        m.n_left_out += m.lines[i].why != MISSING_NOTHING && !is_empty(m.lines[i].text) ? 1 : 0;
    return m;
}
