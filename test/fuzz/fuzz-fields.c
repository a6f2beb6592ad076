/* Fields, parameters, charsets, decoders and HTML: the first byte chooses. Text must be UTF-8. */
#include "mime/fields.h"

#include <stdlib.h>

#include "base/text.h"
#include "mime/charset.h"
#include "mime/decode.h"
#include "mime/html.h"
#include "mime/parameters.h"
#include "mime/repair.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void address(struct arena *a, struct span input, struct strs *defects)
{
    struct mailbox m = fields_mailbox(a, input, defects);

    must(m.address == NULL ||
         (strchr(m.address, '@') != NULL && text_is_utf8(span_str(m.address))));
    must(m.name == NULL || text_is_utf8(span_str(m.name)));
}

static void parameters(struct arena *a, struct span input, struct strs *defects)
{
    struct parameters p = parameters_read(a, input, defects);

    for (size_t i = 0; i < p.n; i++)
        must(text_is_utf8(span_str(p.at[i].value)));
}

/* "charset NUL bytes" */
static void charset(struct arena *a, struct span input, struct strs *defects)
{
    size_t n = span_find(input, '\0');
    struct span text =
        charset_to_utf8(a, span_from(input, n + 1), span_dup(a, span_first(input, n)), defects);

    must(text_is_utf8(text) && text.at[text.n] == '\0');
}

static void decoders(struct arena *a, struct span input, struct strs *defects)
{
    static const char *const encodings[] = {"base64", "quoted-printable", "x-uuencode", "8bit"};
    bool changed;

    for (size_t i = 0; i < LEN(encodings); i++)
        must(decode_transfer(a, input, encodings[i], defects).n <= input.n);
    must(repair_line_ends(a, input, &changed).n >= input.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span input = span_from(span_of(at, n), 1);
    struct strs list = {.n = 0};

    switch (n == 0 ? '\0' : at[0]) {
    case 'A':
        address(a, input, &list);
        break;
    case 'T':
        must(text_is_utf8(span_str(fields_text(a, input, &list))));
        break;
    case 'I':
        fields_ids(a, input, &list);
        break;
    case 'D':
        (void)fields_date(a, input);
        break;
    case 'W':
        (void)fields_token(a, input);
        break;
    case 'P':
        parameters(a, input, &list);
        break;
    case 'C':
        charset(a, input, &list);
        break;
    case 'E':
        decoders(a, input, &list);
        break;
    case 'H':
        must(html_to_text(a, input, 64 * 1024, &list).n <= 64 * 1024);
        break;
    default:
        break;
    }
    return 0;
}
