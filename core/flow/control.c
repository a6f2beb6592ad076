#include "flow/control.h"

#include "base/log.h"

static const char *all_slugs(struct arena *a, const struct options *o, unsigned uid)
{
    struct buf b = buf_new(a, 1000);

    for (size_t i = 0; i < o->n_coordinators; i++) {
        bool several;

        if (options_coordinator(o, uid, o->coordinators[i].slug, &several) != NULL)
            buf_printf(&b, "%s%s", b.n > 0 ? ", " : "", o->coordinators[i].slug);
    }
    return b.at;
}

uint32_t control_who(struct world *world, struct arena *a, unsigned uid, const char *as,
                     struct desk_answer *answer)
{
    bool several;
    const char *slug = options_coordinator(world->options, uid, as, &several);
    const struct contact *who =
        slug == NULL ? NULL : directory_coordinator(world->directory, span_str(slug));

    if (who != NULL && !who->retired)
        return who->id;
    answer->kind = DESK_NOT_YOURS;
    if (several)
        strs_add(a, &answer->lines,
                 arena_printf(a, "you are several coordinators; say which with --as: %s",
                              all_slugs(a, world->options, uid)));
    else if (slug != NULL)
        strs_add(
            a, &answer->lines,
            arena_printf(a,
                         "coordinator %s is not in the directory: embargoctl contact add " DESK_SLUG
                         "/%s ...",
                         slug, slug));
    else
        strs_add(a, &answer->lines,
                 arena_printf(a, "user id %u is no coordinator%s%s; see coordinator sections in %s",
                              uid, as != NULL ? " named " : "", as != NULL ? as : "",
                              world->options->file));
    return 0;
}

struct ordering {
    struct world *world;
    struct order order;
    struct desk_answer *answer;
    struct arena *a; /* of the request: the answer outlives the transaction */
};

static bool decide_order(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct ordering *o = ctx;
    struct input input = {.kind = INPUT_COMMAND, .order = &o->order};
    struct plan plan;

    if (!desk_decide(o->world, txn, a, &input, &plan, err))
        return false;
    *o->answer = (struct desk_answer){.kind = plan.refused ? DESK_REFUSED : DESK_OK};
    for (size_t i = 0; i < plan.answer.n; i++)
        strs_add(o->a, &o->answer->lines, arena_strdup(o->a, plan.answer.at[i]));
    return true;
}

bool control_order(struct desk *desk, struct arena *a, unsigned uid,
                   const struct desk_request *request, struct desk_answer *ret_answer,
                   struct err *err)
{
    SCOPED(world_put) struct world *world = world_get(desk->worlds);
    struct block block;
    struct place place = {.kind = PLACE_NONE};
    struct ordering o = {.world = world, .answer = ret_answer, .a = a};

    o.order.contact = control_who(world, a, uid, request->as, ret_answer);
    if (o.order.contact == 0)
        return true;
    if (request->place != NULL && strcmp(request->place, "-") != 0 &&
        !place_from_name(span_str(request->place), &place)) {
        ret_answer->kind = DESK_USAGE;
        strs_add(a, &ret_answer->lines,
                 arena_printf(a, "\"%s\" is no case or report: write C42 or R17", request->place));
        return true;
    }
    block_from_lines(a, place, &request->lines, request->text == NULL ? "" : request->text,
                     FOR_COORDINATOR, &block);
    o.order.block = &block;
    options_coordinator(world->options, uid, NULL, &o.order.shared);
    if (!store_write(desk->store, decide_order, &o, err))
        return false;
    log_info("order contact=%u uid=%u as=%d refused=%d", o.order.contact, uid, request->as != NULL,
             ret_answer->kind == DESK_REFUSED);
    desk_wake(desk);
    return true;
}
