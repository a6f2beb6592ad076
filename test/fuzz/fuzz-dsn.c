/* A mail: who wrote it, and if it is a bounce, of what. */
#include "mime/dsn.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct split s = split_mail(a, span_of(at, n), &split_limits_default);
    struct dsn dsn = dsn_read(a, &s);

    if (dsn.automatic != AUTOMATIC_DSN &&
        (dsn.recipient != NULL || dsn.message_id != NULL || dsn.harmless))
        abort();
    if (dsn.recipient != NULL &&
        (strchr(dsn.recipient, '@') == NULL || strchr(dsn.recipient, '\n') != NULL))
        abort();
    return 0;
}
