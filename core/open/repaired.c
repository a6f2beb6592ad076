#include "mime/repair.h"
#include "mime/variants.h"
#include "open/opener.h"

bool verified_any(const struct crypto_verified *v)
{
    for (size_t i = 0; i < v->n_signatures; i++) {
        if (v->signatures[i].status != SEAL_INVALID && v->signatures[i].status != SEAL_ERROR)
            return true;
    }
    return false;
}

static bool try_variants(struct opener *o, enum protocol protocol, struct span signature,
                         struct span canonical, struct variant *ret_right,
                         struct crypto_verified *ret, struct err *err)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct variant variants[VARIANTS_MAX];
    size_t n = variants_make(scratch, canonical, variants);

    for (size_t i = 0; i < n && !o->overran; i++) {
        struct crypto_verified v = {.n_signatures = 0};

        if (!seal_verify(o, protocol, variants[i].bytes, signature, &v, err))
            return false;
        if (verified_any(&v)) {
            *ret_right = variants[i];
            ret_right->bytes = span_of(span_dup(o->a, variants[i].bytes), variants[i].bytes.n);
            *ret = v;
            return true;
        }
    }
    return true;
}

/* Signed bytes are canonical, with CRLF (RFC 3156 5, RFC 8551 3.1.1); a few signers sign as is. */
bool verify_repaired(struct opener *o, enum protocol protocol, struct span signature,
                     struct span *content, bool *ret_changed, struct crypto_verified *ret,
                     struct err *err)
{
    struct variant right = {.repair = NULL};
    bool bare;
    struct span canonical = repair_line_ends(o->a, *content, &bare);

    if (!seal_verify(o, protocol, canonical, signature, ret, err))
        return false;
    if (verified_any(ret)) {
        if (bare)
            seal_repaired(o, "line-ends");
        *content = canonical;
        return true;
    }
    if (bare && !seal_verify(o, protocol, *content, signature, ret, err))
        return false;
    if (verified_any(ret) || ret->n_signatures == 0 || o->variants++ >= OPEN_VARIANTS_MAX)
        return true;
    if (!try_variants(o, protocol, signature, canonical, &right, ret, err))
        return false;
    if (right.repair != NULL) {
        seal_repaired(o, right.repair);
        *content = right.bytes;
        *ret_changed = true;
    }
    return true;
}
