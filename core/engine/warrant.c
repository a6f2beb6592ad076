#include "engine/warrant.h"

#include "base/text.h"

static bool same_place(struct place x, struct place y)
{
    return x.kind == y.kind && (x.kind == PLACE_NONE || x.number == y.number);
}

/* An org's code: any of its approved signers. A coordinator's: that person. */
static bool is_holder(const struct code *row, const struct author *author)
{
    switch (author->who) {
    case FOR_COORDINATOR:
        return row->org == 0 && row->contact == author->contact->id;
    case FOR_VENDOR:
        return row->org != 0 && row->org == author->org->id;
    case FOR_REPORTER:
        return row->org == 0 && row->contact == 0 && row->party == author->party;
    default:
        return false;
    }
}

static const char *too_old(const struct work *w, const struct code *row,
                           const struct author *author, const struct proof *proof, instant received)
{
    const struct policy *policy = w->view->policy;
    int64_t age_max =
        author->who == FOR_COORDINATOR ? policy->code_age_coordinator : policy->code_age_party;
    if (received - row->issued > age_max)
        return "the code is too old; take the one below";
    if (received - proof->signed_at > policy->signature_age_max)
        return "the signature is too old; sign again";
    if (proof->signed_at - received > policy->signature_ahead_max)
        return "the signature is dated in the future; look at your clock";
    return NULL;
}

enum warrant warrant_check(struct work *w, const struct block *block, const struct author *author,
                           const struct proof *proof, instant received, const char **ret_why)
{
    struct code *row = work_code(w, block->code);
    *ret_why = NULL;
    if (!row || !is_holder(row, author) || !same_place(row->place, block->place)) {
        *ret_why = arena_printf(w->a, "the code was not given to you for %s",
                                place_name(w->a, block->place));
        return WARRANT_REFUSED;
    }
    if (row->used) {
        bool answered = row->answered;
        row->answered = true;
        work_code_changed(w, block->code, row);
        *ret_why = arena_printf(w->a, "the code was used before, at %s; take the one below",
                                text_rfc3339(w->a, row->used));
        return answered ? WARRANT_SILENT : WARRANT_REFUSED;
    }
    *ret_why = too_old(w, row, author, proof, received);
    return *ret_why ? WARRANT_REFUSED : WARRANT_GOOD;
}

void warrant_burn(struct work *w, const struct block *block)
{
    struct code *row = work_code(w, block->code);
    if (!row)
        return;
    row->used = w->moment->now;
    work_code_changed(w, block->code, row);
}
