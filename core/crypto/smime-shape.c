#include "crypto/smime-shape.h"

#include <openssl/asn1.h>
#include <openssl/err.h>

enum { ENDLESS = 1 }; /* ASN1_get_object: of indefinite length */

/* One element: its tag, its content (to the end of at, if it is of indefinite length). */
struct element {
    int tag;
    bool constructed;
    bool endless;
    struct span content;
};

/* False: there is none. *ret_rest: what follows it; of no use after an endless one. */
static bool next(struct span at, struct element *ret, struct span *ret_rest)
{
    const unsigned char *p = at.at;
    long n = 0;
    int tag = 0;
    int class = 0;
    int form;

    if (at.n == 0 || at.n > INT32_MAX)
        return false;
    form = ASN1_get_object(&p, &n, &tag, &class, (long)at.n);
    ERR_clear_error();
    if ((form & 0x80) != 0)
        return false;
    *ret = (struct element){.tag = tag,
                            .constructed = (form & V_ASN1_CONSTRUCTED) != 0,
                            .endless = (form & ENDLESS) != 0};
    ret->content = span_from(at, (size_t)(p - (const unsigned char *)at.at));
    if (!ret->endless)
        ret->content = span_first(ret->content, (size_t)n);
    *ret_rest = span_from(at, (size_t)(p - (const unsigned char *)at.at) + (size_t)n);
    return true;
}

/* Into the next element, which must be this one. */
static bool enter(struct span *at, int tag)
{
    struct element e;
    struct span rest;

    if (!next(*at, &e, &rest) || e.tag != tag || !e.constructed)
        return false;
    *at = e.content;
    return true;
}

static bool skip(struct span *at, int tag)
{
    struct element e;

    return next(*at, &e, at) && e.tag == tag && !e.endless;
}

bool smime_shape_is_bounded(struct span object)
{
    struct span at = object;
    struct element e;

    if (!enter(&at, V_ASN1_SEQUENCE) || !skip(&at, V_ASN1_OBJECT) || !enter(&at, 0) ||
        !enter(&at, V_ASN1_SEQUENCE) || !skip(&at, V_ASN1_INTEGER) || !enter(&at, V_ASN1_SET))
        return true;
    for (size_t n = 0; next(at, &e, &at) && e.tag != V_ASN1_EOC; n++) {
        if (e.endless || n == SMIME_DIGESTS_MAX)
            return false;
    }
    return true;
}
