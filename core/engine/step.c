#include "engine/step.h"

#include "engine/arrival.h"
#include "engine/deed.h"
#include "engine/delivery.h"

/* Nothing of a try with mistakes is kept: the mail is filed and answered from scratch. */
static bool step_arrival(const struct view *view, const struct arrival *arrival,
                         const struct moment *moment, struct arena *a, struct plan *plan,
                         struct err *err)
{
    struct work w;
    struct strs mistakes = {0};
    struct strs none = {0};
    work_start(&w, view, moment, a, &plan->changes, err);
    arrive(&w, arrival, NULL, &mistakes, plan);
    if (!w.failed && mistakes.n > 0) {
        work_start(&w, view, moment, a, &plan->changes, err);
        arrive(&w, arrival, &mistakes, &none, plan);
    }
    return work_finish(&w);
}

/* Where an order's block acts; false, and a mistake, where its author may not. */
static bool find_place(struct deed *d)
{
    struct place place = d->block->place;
    if (place.kind == PLACE_CASE)
        d->c = work_case(d->w, place.number);
    if (place.kind == PLACE_REPORT)
        d->report = work_report(d->w, place.number);
    /* A report that has become part of a case is as closed to who is excluded as the case. */
    const struct work_case *c = d->report ? work_case(d->w, d->report->joined) : d->c;
    bool excluded = c && strs_has(&c->head->excluded, d->author->contact->slug);
    if (!excluded && (place.kind != PLACE_CASE || d->c) &&
        (place.kind != PLACE_REPORT || d->report))
        return true;
    deed_mistake(d, "%s is not yours to act on", place_name(d->w->a, place));
    return false;
}

static bool step_order(const struct view *view, const struct order *order,
                       const struct moment *moment, struct arena *a, struct plan *plan,
                       struct err *err)
{
    struct work w;
    work_start(&w, view, moment, a, &plan->changes, err);
    const struct contact *contact = directory_contact(view->directory, order->contact);
    const struct contact *coordinator =
        contact ? directory_coordinator(view->directory, span_str(contact->slug)) : NULL;
    if (!coordinator || coordinator != contact)
        return err_set(err, ERR_OPERATOR, "contact %u is no coordinator", order->contact);
    struct author author = {
        .who = FOR_COORDINATOR,
        .proven = true,
        .shared = order->shared,
        .contact = contact,
        .org = directory_org(view->directory, contact->org),
        .by = arena_printf(a, "coordinator %s", contact->slug),
    };
    w.by = author.by;
    struct deed d = {
        .w = &w, .author = &author, .block = order->block, .mistakes = order->block->mistakes};
    if (find_place(&d))
        deed_run(&d);
    plan->refused = d.mistakes.n > 0;
    plan->answer = plan->refused ? d.mistakes : d.answer;
    if (plan->refused && !w.failed)
        work_start(&w, view, moment, a, &plan->changes, err);
    return work_finish(&w);
}

/* Who asked may see the letter: the caller knows. */
static bool step_retry(const struct view *view, const struct retry *asked,
                       const struct moment *moment, struct arena *a, struct plan *plan,
                       struct err *err)
{
    struct work w;
    work_start(&w, view, moment, a, &plan->changes, err);
    const struct contact *contact = directory_contact(view->directory, asked->contact);
    if (!contact)
        return err_set(err, ERR_OPERATOR, "no contact %u", asked->contact);
    w.by = arena_printf(a, "coordinator %s", contact->slug);
    const char *no = retry(&w, asked->letter);
    plan->refused = no != NULL;
    if (no)
        strs_add(a, &plan->answer, no);
    return work_finish(&w);
}

bool step(const struct view *view, const struct input *input, const struct moment *moment,
          struct arena *a, struct plan *ret_plan, struct err *err)
{
    struct work w;
    *ret_plan = (struct plan){0};
    switch (input->kind) {
    case INPUT_ARRIVAL:
        return step_arrival(view, input->arrival, moment, a, ret_plan, err);
    case INPUT_COMMAND:
        return step_order(view, input->order, moment, a, ret_plan, err);
    case INPUT_DELIVERY:
        work_start(&w, view, moment, a, &ret_plan->changes, err);
        deliver(&w, input->delivery);
        return work_finish(&w);
    case INPUT_HELD:
        work_start(&w, view, moment, a, &ret_plan->changes, err);
        hold(&w, input->held);
        return work_finish(&w);
    case INPUT_RETRY:
        return step_retry(view, input->retry, moment, a, ret_plan, err);
    }
    return err_set(err, ERR_OPERATOR, "no such input");
}
