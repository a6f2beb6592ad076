/* PDF, by poppler's own programs: they are the only ones here that read all of its kinds. */
#include "base/base.h"
#include "carry/carrier.h"

/* False: the program is not there, or did not read the file. */
static bool run_on(struct carrier *c, const char *const *arguments, struct span bytes,
                   struct span *ret_out)
{
    return carry_run(c->a, arguments, bytes, CARRY_TEXT_MAX, ret_out) == CARRY_RAN;
}

/* "Author:          Rhea Sandoval" */
static void info_line(struct carrier *c, struct span line)
{
    static const char *const names[][2] = {{"Author", "author"},     {"Creator", "software"},
                                           {"Producer", "software"}, {"Keywords", "keywords"},
                                           {"Subject", "subject"},   {"Title", "title"}};
    size_t colon = span_find(line, ':');
    struct span value = span_trim(span_from(line, colon + 1));

    for (size_t i = 0; i < LEN(names); i++) {
        if (span_eq_nocase(span_first(line, colon), names[i][0])) {
            carry_fact(c, names[i][1], value);
            carry_text(c, value);
        }
    }
}

void carry_pdf(struct carrier *c, struct span bytes)
{
    static const char *const info[] = {"pdfinfo", "-enc", "UTF-8", "-", NULL};
    static const char *const text[] = {"pdftotext", "-q", "-enc", "UTF-8", "-", "-", NULL};
    struct span out;
    struct span line;

    if (!c->programs || !run_on(c, info, bytes, &out)) {
        carry_words(c, bytes, true);
        carry_unread(c, "a PDF that can't be read: only its plain words were looked at");
        return;
    }
    while (span_line(&out, &line))
        info_line(c, line);
    if (run_on(c, text, bytes, &out))
        carry_text(c, out);
    else
        carry_unread(c, "a PDF whose text can't be read");
    carry_xmp(c, bytes);
    if (span_find_span(bytes, span_str("/EmbeddedFile")) < bytes.n)
        carry_unread(c, "files within the PDF");
}
