#include "base/ascii.h"
#include "mime/header.h"
#include "open/open.h"

/* In lower case, with blanks for comments and quoted strings (RFC 5322 3.2.2, 3.2.4): a sender may
 * have chosen what stands there. */
static char *plain_value(struct arena *a, struct span value)
{
    char *text = header_unfold(a, value);
    size_t depth = 0;
    bool quoted = false;

    for (char *c = text; *c != '\0'; c++) {
        char here = *c;
        bool hidden = quoted || depth > 0 || here == '"' || here == '(' || here <= ' ';

        if (here == '\\' && (quoted || depth > 0) && c[1] != '\0')
            *c++ = ' ';
        else if (here == '"' && depth == 0)
            quoted = !quoted;
        depth += here == '(' && !quoted;
        depth -= here == ')' && !quoted && depth > 0;
        if (hidden)
            *c = ' ';
        else
            *c = (char)ascii_lower((unsigned char)*c);
    }
    return text;
}

/* "dmarc = pass ..." gives pass; anything else NULL. */
static char *dmarc_result(struct arena *a, struct span piece)
{
    size_t equals = span_find(piece, '=');
    struct span method = span_trim(span_first(piece, equals));
    struct span result = span_trim(span_from(piece, equals + 1));
    size_t n = 0;

    method = span_first(method, span_find(method, '/'));
    if (!span_eq_str(span_trim(method), "dmarc"))
        return NULL;
    while (n < result.n && result.at[n] >= 'a' && result.at[n] <= 'z')
        n++;
    return n == 0 ? NULL : span_dup(a, span_first(result, n));
}

/* The results of one field, if it is by this authserv-id. Adds to *n what speaks of DMARC. */
static void read_results(struct arena *a, struct span value, const char *authserv_id, size_t *n,
                         const char **result)
{
    struct span rest = span_str(plain_value(a, value));
    struct span piece;

    if (!span_split(&rest, ';', &piece))
        return;
    piece = span_trim(piece);
    piece = span_first(piece, span_find(piece, ' ')); /* a version may follow */
    if (!span_eq_nocase(piece, authserv_id))
        return;
    while (span_split(&rest, ';', &piece)) {
        char *found = dmarc_result(a, span_trim(piece));

        if (found == NULL)
            continue;
        *result = found;
        ++*n;
    }
}

const char *open_dmarc(struct arena *a, struct span header, const char *authserv_id,
                       uint32_t own_hops)
{
    struct strs defects = {0};
    struct header h = header_read(a, header, &defects);
    const char *result = NULL;
    uint32_t hops = 0;
    size_t n = 0;

    for (size_t i = 0; i < h.n; i++) {
        if (span_eq_nocase(h.at[i].name, "Received") && ++hops == own_hops)
            break;
        if (span_eq_nocase(h.at[i].name, "Authentication-Results"))
            read_results(a, h.at[i].value, authserv_id, &n, &result);
    }
    /* With fewer Received lines than our own MTAs add, this mail did not come through them. */
    return n == 1 && hops >= own_hops ? result : NULL;
}
