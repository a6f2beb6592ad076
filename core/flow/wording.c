#include "flow/wording.h"

static bool is_required(const struct letter_template *t, const struct variable *v)
{
    for (size_t i = 0; i < t->n_required; i++) {
        if (t->required[i] == v)
            return true;
    }
    return false;
}

/* One item with all fields of a list. */
static struct tvalue *item_of(struct arena *a, const struct variable *list, unsigned audience)
{
    struct tvalue *item = tvalue_object(a);
    size_t n;
    const struct variable *all = variables_all(&n);

    for (size_t i = 0; i < n; i++) {
        const char *field = variables_field(&all[i], list);

        if (field != NULL && (all[i].audience & audience) != 0 && all[i].type != VARIABLE_BOOL)
            tvalue_set_string(a, item, field, ECHO_HOLE);
    }
    return item;
}

static void set_value(struct arena *a, struct tvalue *values, const struct variable *v,
                      unsigned audience)
{
    struct tvalue *list;

    if (v->type == VARIABLE_BOOL) {
        tvalue_set_bool(a, values, v->name, true);
    } else if (v->type == VARIABLE_LIST) {
        list = tvalue_list(a);
        tvalue_push(a, list, item_of(a, v, audience));
        tvalue_set(a, values, v->name, list);
    } else {
        tvalue_set_string(a, values, v->name, ECHO_HOLE);
    }
}

static struct tvalue *values_for(struct arena *a, const struct world *world,
                                 const struct letter_template *t, unsigned audience, bool all)
{
    struct tvalue *values = tvalue_object(a);
    size_t n;
    const struct variable *rows = variables_all(&n);

    for (size_t i = 0; i < n; i++) {
        if (variables_field(&rows[i], NULL) != NULL && (rows[i].audience & audience) != 0 &&
            (all || is_required(t, &rows[i])))
            set_value(a, values, &rows[i], audience);
    }
    tvalue_set_string(a, values, "desk_name", world->options->desk_name);
    tvalue_set_string(a, values, "desk_address", world->options->addresses.all.at[0]);
    return values;
}

static bool add_template(struct arena *a, const struct world *world,
                         const struct letter_template *t, unsigned audience, struct wording *to,
                         struct err *err)
{
    for (int all = 0; all <= 1; all++) {
        struct tvalue *values = values_for(a, world, t, audience, all != 0);
        struct rendered rendered;

        if (!catalogue_render(a, world->catalogue, t, (enum template_audience)audience, values,
                              &rendered, err))
            return false;
        ARENA_GROW(a, to->at, to->n, to->room);
        to->at[to->n++] = span_str(rendered.text);
    }
    return true;
}

bool wording_read(struct arena *a, const struct world *world, struct wording *ret_wording,
                  struct err *err)
{
    static const unsigned READERS[] = {TEMPLATE_VENDOR, TEMPLATE_PARTNER, TEMPLATE_REPORTER};
    struct wording wording = {.n = 0};
    const struct letter_template *t;

    for (size_t i = 0; (t = catalogue_at(world->catalogue, i)) != NULL; i++) {
        for (size_t r = 0; r < LEN(READERS); r++) {
            if ((t->audience & READERS[r]) == 0)
                continue;
            if (!add_template(a, world, t, READERS[r], &wording, err))
                return false;
            break; /* the others read the same words */
        }
    }
    *ret_wording = wording;
    return true;
}

bool wording_add(struct arena *a, const struct world *world, struct echo *echo, struct err *err)
{
    struct wording wording;

    if (!wording_read(a, world, &wording, err))
        return false;
    for (size_t i = 0; i < wording.n; i++)
        echo_add(echo, wording.at[i]);
    return true;
}
