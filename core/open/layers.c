#include "open/opener.h"

static bool open_alternative(struct opener *o, const struct split *s, const struct split_part *part,
                             struct place_in place, struct err *err)
{
    bool have_text = false;

    /* The plain form is the mail's text, unless it is empty; the others are kept, and silent. */
    for (size_t i = 1; i <= part->n_children; i++) {
        const struct split_part *child = split_child(s, part, i);
        struct place_in inside = place;
        size_t before = o->text.n;

        inside.silent = place.silent || have_text;
        if (!layers_part(o, s, child, inside, err))
            return false;
        have_text = have_text || o->text.n > before;
    }
    return true;
}

static bool open_children(struct opener *o, const struct split *s, const struct split_part *part,
                          struct place_in place, struct err *err)
{
    place.whole = place.whole && part->n_children == 1;
    for (size_t i = 1; i <= part->n_children; i++) {
        if (!layers_part(o, s, split_child(s, part, i), place, err))
            return false;
    }
    return true;
}

bool layers_part(struct opener *o, const struct split *s, const struct split_part *part,
                 struct place_in place, struct err *err)
{
    bool opened = false;

    if (!seals_open(o, s, part, place, &opened, err))
        return false;
    if (opened)
        return true;
    if (part->n_children == 0) {
        leaf_add(o, s, part, place);
        return true;
    }
    if (strcmp(part->type.type, "multipart/alternative") == 0)
        return open_alternative(o, s, part, place, err);
    return open_children(o, s, part, place, err);
}

bool layers_open(struct opener *o, struct span entity, struct place_in place, struct err *err)
{
    struct split s = split_mail(o->a, entity, &split_limits_default);

    for (size_t i = 0; i < s.defects.n; i++)
        defect_add(o->a, &o->m->defects, s.defects.at[i]);
    if (place.entities >= OPEN_ENTITIES_DEPTH_MAX) {
        defect_add(o->a, &o->m->defects, "too-many-layers");
        leaf_add(o, &s, &s.at[0], place);
        return true;
    }
    place.entities++;
    return layers_part(o, &s, &s.at[0], place, err);
}
