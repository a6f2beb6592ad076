/* The strict reader, on anything: the first byte chooses which of its doors. */
#include "mime/strict.h"

#include <stdlib.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span input = span_from(span_of(at, n), 1);
    struct strict_mail mail;
    struct strs shown = {.n = 0};
    struct span text;

    if (n == 0)
        return 0;
    if (at[0] == 'S')
        strict_shown(a, input, &shown);
    for (size_t i = 0; i < shown.n; i++) {
        if (!text_is_utf8(span_str(shown.at[i])))
            abort();
    }
    if (at[0] == 'T' && strict_text(a, input, &text) == STRICT_OK && !text_is_utf8(text))
        abort();
    if (at[0] == 'A' && strict_read_all(a, input, &mail) == STRICT_OK) {
        for (size_t i = 0; i < mail.n_parts; i++) {
            if (mail.parts[i].is_text && !text_is_utf8(mail.parts[i].bytes))
                abort();
        }
    }
    return 0;
}
