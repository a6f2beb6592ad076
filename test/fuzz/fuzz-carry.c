/* What files carry: pictures, documents and archives, by our readers and those below them. */
#include "carry/carry.h"

#include <stdlib.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct carried c = carry_read(a, span_of(at, n), false);

    if (c.text.n > CARRY_TEXT_MAX || !text_is_utf8(buf_span(&c.text)) ||
        c.facts.n > CARRY_FACTS_MAX)
        abort();
    for (size_t i = 0; i < c.facts.n; i++) {
        struct span fact = span_str(c.facts.at[i]);

        if (!text_is_utf8(fact) || span_find(fact, '\n') < fact.n || fact.n > CARRY_FACT_BYTES_MAX)
            abort();
    }
    return 0;
}
