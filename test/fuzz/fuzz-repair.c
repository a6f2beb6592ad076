/* What looks through damage, over each part of a mail: no part that is not the mail's, no byte that
 * is not its input's. */
#include "mime/repair.h"

#include <stdlib.h>

#include "mime/armor.h"
#include "mime/banner.h"
#include "mime/variants.h"
#include "model/damage.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* A repair that is named is one that coordinators are told in words. */
static void must_be_known(const char *repair)
{
    must(repair == NULL || damage_words(repair) != NULL);
}

static bool is_child(const struct split *s, const struct split_part *part,
                     const struct split_part *of)
{
    return part >= s->at && part < s->at + s->n && part->parent == (size_t)(of - s->at);
}

static void try_multipart(struct arena *a, const struct split *s, const struct split_part *part)
{
    const char *repair = NULL;
    struct strs repairs = {.n = 0};
    const struct split_part *found = repair_ciphertext(a, s, part, &repair);

    must(found == NULL || is_child(s, found, part));
    if (found != NULL)
        must_be_known(repair);
    found = repair_sealed_child(a, s, part, &repairs);
    must(found == NULL || is_child(s, found, part));
    for (size_t i = 0; i < repairs.n; i++)
        must_be_known(repairs.at[i]);
    if (repair_is_mixed_signed(s, part))
        must(split_child(s, part, 1) != NULL && split_child(s, part, 2) != NULL);
}

static void try_leaf(struct arena *a, const struct split_part *part)
{
    static const char *const names[] = {NULL, "smime.p7m", "encrypted.asc", "winmail.dat", "p7m"};
    const char *repair = NULL;
    struct span look = repair_look(a, part);

    must(look.n <= REPAIR_LOOK_MAX);
    (void)repair_is_entity(look);
    (void)repair_cms_kind(look);
    (void)repair_looks_encrypted(a, look);
    (void)repair_is_pgp_message(part->body);
    (void)repair_pgp_block(part->body);
    (void)repair_signature_protocol(a, part, &repair);
    must_be_known(repair);
    for (size_t i = 0; i < LEN(names); i++) {
        must_be_known(repair_holds_entity(a, part, names[i]));
        (void)repair_is_tnef(a, part, names[i]);
        if (repair_is_smime(a, part, names[i], &repair))
            must_be_known(repair);
    }
    repair = NULL;
    (void)repair_object(a, part->body, &repair);
    must_be_known(repair);
}

/* What gateways write into a text is some of it. */
static void try_text(struct arena *a, struct span bytes)
{
    struct variant variants[VARIANTS_MAX];
    bool changed;
    size_t n = variants_make(a, repair_line_ends(a, bytes, &changed), variants);

    must(n <= VARIANTS_MAX);
    for (size_t i = 0; i < n; i++)
        must_be_known(variants[i].repair);
    must(banner_length(bytes) <= bytes.n && footer_start(bytes) <= bytes.n);
    (void)footer_is(bytes);
    bytes = armor_mend(a, bytes, &changed);
    (void)armor_mend(a, bytes, &changed);
    must(!changed);
    (void)banner_untag(a, span_dup(a, bytes));
}

/* Twice is as once. */
static void try_line_ends(struct arena *a, struct span bytes)
{
    bool changed;
    struct span once = repair_line_ends(a, bytes, &changed);

    must(changed ? once.n > bytes.n : once.at == bytes.at && once.n == bytes.n);
    (void)repair_line_ends(a, once, &changed);
    must(!changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct split s = split_mail(a, span_of(at, n), &split_limits_default);

    for (size_t i = 0; i < s.n; i++) {
        if (s.at[i].n_children > 0)
            try_multipart(a, &s, &s.at[i]);
        else
            try_leaf(a, &s.at[i]);
    }
    try_line_ends(a, span_of(at, n));
    try_text(a, span_of(at, n));
    return 0;
}
