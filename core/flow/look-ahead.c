#include "flow/look-ahead.h"

#include "engine/letters.h"
#include "flow/desk.h"
#include "flow/select.h"
#include "model/templates.h"

/* Planned by this decision: nothing of it was drawn, and nobody has looked at it. */
static bool is_fresh(const struct letter *letter)
{
    return letter->send != 0 && letter->attempts == 0 && letter->message_id == NULL &&
           letter->hold == HOLD_OTHER && !letter->pinned && letter_waits(letter) &&
           letter->state != LETTER_HELD;
}

/* Why it would be held now; NULL: it would go, or can't be made yet, which it says itself. */
static bool judge(struct select *select, struct world *world, struct txn *txn, struct arena *a,
                  const struct letter *letter, const char **ret_why, struct err *err)
{
    SCOPED(arena_free) struct arena *scratch = arena_new();
    struct moment moment = desk_moment();
    struct letter drawn = *letter;
    struct selected selected;
    struct composed composed;

    *ret_why = NULL;
    letter_draw(scratch, &world->policy, &moment, &drawn);
    if (!select_letter(select, txn, scratch, &drawn, &selected, err))
        return err->kind == ERR_OPERATOR;
    if (selected.impossible != NULL)
        return true;
    if (!compose(scratch, &selected.job, &composed, err))
        return err->kind == ERR_OPERATOR;
    if (composed.held != NULL)
        *ret_why = arena_strdup(a, composed.held);
    return true;
}

static const char *line_of(struct arena *a, const struct letter *letter, const char *why)
{
    unsigned long long n = letter->number;

    return arena_printf(a, "L%llu, %s to <%s>, would be HELD: %s; \"Preview: L%llu\" shows it", n,
                        letter->template, letter->address == NULL ? "" : letter->address, why, n);
}

/* What a coordinator reads; a party's own answer tells nothing of others' letters. */
static struct letter *result_of(const struct world *world, const struct changes *changes)
{
    for (size_t i = 0; i < changes->n_letters; i++) {
        struct letter *letter = changes->letters[i];
        const struct contact *reader = directory_contact(world->directory, letter->contact);
        const struct org *org =
            reader == NULL ? NULL : directory_org(world->directory, reader->org);

        if (org != NULL && org->role == ORG_DESK && letter->attempts == 0 &&
            strcmp(letter->template, TEMPLATE_COMMAND_RESULT) == 0)
            return letter;
    }
    return NULL;
}

static bool tell(const struct world *world, struct txn *txn, struct arena *a, struct plan *plan,
                 const struct strs *lines, struct err *err)
{
    struct letter *result = result_of(world, &plan->changes);
    struct changes changes = {.n_letters = 1,
                              .letters = &result,
                              .last_report = plan->changes.last_report,
                              .last_case = plan->changes.last_case,
                              .last_letter = plan->changes.last_letter};

    for (size_t i = 0; i < lines->n; i++) {
        strs_add(a, &plan->answer, lines->at[i]);
        if (result != NULL)
            strs_add(a, &result->lines, lines->at[i]);
    }
    return lines->n == 0 || result == NULL || txn_put_changes(txn, &changes, err);
}

bool look_ahead(struct world *world, struct txn *txn, struct arena *a, struct plan *plan,
                struct err *err)
{
    SCOPED(select_free) struct select *select = NULL;
    const struct changes *changes = &plan->changes;
    struct strs lines = {.n = 0};
    size_t looked = 0;

    for (size_t i = 0; i < changes->n_letters; i++) {
        const struct letter *letter = changes->letters[i];
        const char *why;

        if (!is_fresh(letter) || looked++ >= LOOK_AHEAD_MAX)
            continue;
        if (select == NULL)
            select = select_new(world, txn_store(txn));
        if (!judge(select, world, txn, a, letter, &why, err))
            return false;
        if (why != NULL)
            strs_add(a, &lines, line_of(a, letter, why));
    }
    if (lines.n > 0 && looked > LOOK_AHEAD_MAX)
        strs_add(a, &lines,
                 arena_printf(a, "only the first %d of %zu letters were looked at",
                              (int)LOOK_AHEAD_MAX, looked));
    return tell(world, txn, a, plan, &lines, err);
}
