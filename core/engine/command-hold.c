/* Send-Anyway: a letter goes although the guard holds it. */
#include "base/text.h"
#include "engine/commands.h"

enum { REASON_MAX = 300 /* bytes */ };

static struct letter *find_letter(struct deed *d, struct span word)
{
    uint64_t n;
    struct letter *letter = deed_number(word, 'L', INT64_MAX, &n) ? work_letter(d->w, n) : NULL;
    if (letter && letter->place.kind == PLACE_CASE && letter->place.number == d->c->head->number)
        return letter;
    deed_mistake(d, "%s: no such letter in C%llu", text_one_line(d->w->a, word, SLUG_MAX),
                 (unsigned long long)d->c->head->number);
    return NULL;
}

/* Why this command does not let the letter go, with what would; NULL: it does. */
static const char *not_held_by_guard(struct deed *d, const struct letter *letter)
{
    unsigned long long n = letter->number;
    if (letter->state != LETTER_HELD)
        return arena_printf(d->w->a, "L%llu is not held; it is %s", n,
                            letter_state_words[letter->state]);
    if (letter->hold != HOLD_GUARD || letter->pins.n == 0)
        return arena_printf(d->w->a, "L%llu is not held by the guard but: %s; %s", n,
                            letter->reason ? letter->reason : "", letter_way_out(d->w->a, letter));
    return NULL;
}

/* What stands behind the first word, on one line. */
static const char *rest_of(struct deed *d, struct span word)
{
    struct span value = d->command->value;
    size_t from = (size_t)(word.at - value.at) + word.n;
    return text_one_line(d->w->a, span_trim(span_from(value, from)), REASON_MAX);
}

static void let_go(struct deed *d, struct letter *letter, const char *reason)
{
    struct work *w = d->w;
    struct strs found = {0};
    strs_add(w->a, &found, letter->reason);
    work_event(w, d->c,
               &(struct event){
                   .kind = EVENT_LETTER_ANYWAY,
                   .letter = letter->number,
                   .party = letter->party,
                   .send = letter->send,
                   .text = reason,
                   .list = found,
               });
    letter->anyway = letter->reason;
    letter->pinned = true;
    letter->reason = NULL;
    letter->state = LETTER_WAITING;
    letter->due = w->moment->now;
    letter->next_try = w->moment->now;
    work_letter_changed(w, letter);
    deed_answer(d, "L%llu goes as it was held (%s), if nothing in it has changed since",
                (unsigned long long)letter->number, letter->anyway);
}

void command_send_anyway(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    if (words.n < 2) {
        deed_mistake(d, "write \"Send-Anyway: L97\" and the reason, which is kept on record");
        return;
    }
    struct letter *letter = deed_closed(d) ? NULL : find_letter(d, words.at[0]);
    if (!letter)
        return;
    const char *why = not_held_by_guard(d, letter);
    if (why)
        deed_mistake(d, "%s", why);
    else
        let_go(d, letter, rest_of(d, words.at[0]));
}
