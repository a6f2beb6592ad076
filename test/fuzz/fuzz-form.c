/* A form's text, and what is cut from it for others. */
#include "mime/form.h"

#include <stdlib.h>

#include "base/text.h"
#include "model/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void check_fields(const struct message *m)
{
    size_t sum = 0;

    for (size_t i = 0; i < m->n_form; i++) {
        size_t length = strlen(m->form[i].value);

        if (length == 0 || !text_is_utf8(span_str(m->form[i].value)))
            abort();
        for (size_t k = 0; k < i; k++) {
            if (strcmp(m->form[i].name, m->form[k].name) == 0)
                abort();
        }
        sum += length;
    }
    if (m->n_form > FORM_FIELDS_MAX || sum > 2 * FORM_BYTES_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct message m = {.subject = NULL};
    struct span text = span_of(at, n);
    struct span cut = text;

    if (memchr(at, '\0', n) != NULL || !text_is_utf8(text))
        return 0; /* texts come out of charset.h */
    form_read(a, text, &m);
    check_fields(&m);
    (void)form_answer(&m, "share_release");
    if (form_cut_private(a, &m, false, &cut) && form_comments(&m).n >= 40 &&
        span_find_span(cut, form_comments(&m)) < cut.n)
        abort();
    return 0;
}
