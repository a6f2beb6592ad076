/* Outlook's winmail.dat, and the compressed RTF in it: the first byte chooses. What comes out is an
 * entity that the splitter reads. */
#include "mime/tnef.h"

#include <stdlib.h>

#include "base/text.h"
#include "mime/rtf.h"
#include "mime/split.h"

enum { TEXT_MAX = 64 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void try_tnef(struct arena *a, struct span input, bool text_attached)
{
    struct strs defects = {.n = 0};
    struct span entity = tnef_to_entity(a, input, text_attached, &defects);
    struct split s;

    if (!tnef_is(input) || entity.n == 0)
        return;
    s = split_mail(a, entity, &split_limits_default);
    if (s.n == 0 || !s.at[0].type_given)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span input = span_from(span_of(at, n), 1);

    if (n == 0)
        return 0;
    if (at[0] == 'T' || at[0] == 'A')
        try_tnef(a, input, at[0] == 'A');
    if (at[0] == 'P' && rtf_unpack(a, input, TEXT_MAX).n > TEXT_MAX)
        abort();
    if (at[0] == 'R') {
        struct span text = rtf_to_text(a, input, TEXT_MAX);

        if (text.n > TEXT_MAX || !text_is_utf8(text))
            abort();
    }
    return 0;
}
