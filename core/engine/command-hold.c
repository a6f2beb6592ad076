/* Send-Anyway: a letter goes although the guard holds it. Confirm: the second of two coordinators.
 */
#include "base/text.h"
#include "engine/commands.h"
#include "engine/sends.h"

enum { REASON_MAX = 300 /* bytes */ };

static struct place place_of(const struct deed *d)
{
    if (d->c)
        return (struct place){.kind = PLACE_CASE, .number = d->c->head->number};
    return (struct place){.kind = PLACE_REPORT, .number = d->report ? d->report->number : 0};
}

static struct letter *find_letter(struct deed *d, struct span word)
{
    uint64_t n;
    struct place place = place_of(d);
    struct letter *letter = deed_number(word, 'L', INT64_MAX, &n) ? work_letter(d->w, n) : NULL;
    if (letter && letter->place.kind == place.kind && letter->place.number == place.number)
        return letter;
    deed_mistake(d, "%s: no such letter in %s", text_one_line(d->w->a, word, SLUG_MAX),
                 place_name(d->w->a, place));
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

static bool same(const char *x, const char *y)
{
    return x && y && span_eq_str(span_str(x), y);
}

static const char NOT_A_PERSON[] = "of two coordinators each must be known for sure: over this "
                                   "socket you may be one of several; sign a mail";

/* Of two coordinators who must say so, is this the second? *ret_first: it is the first, and counts
 * as that. Neither: a mistake was named. */
static bool is_second(struct deed *d, const char *first, bool *ret_first)
{
    const char *person = deed_person(d);
    *ret_first = person && !first;
    if (!person)
        deed_mistake(d, "%s", NOT_A_PERSON);
    else if (same(person, first))
        deed_mistake(d, "you have said so already: another coordinator must, too");
    return person && first && !same(person, first);
}

static void record_anyway(struct deed *d, const struct letter *letter, const char *reason,
                          bool waits)
{
    struct work *w = d->w;
    struct strs found = {0};
    if (!d->c)
        return; /* a report has no log; the letter's row says it */
    strs_add(w->a, &found, letter->reason);
    work_event(w, d->c,
               &(struct event){
                   .kind = EVENT_LETTER_ANYWAY,
                   .letter = letter->number,
                   .party = letter->party,
                   .send = letter->send,
                   .text = reason,
                   .list = found,
                   .flag = waits,
               });
}

/* The first of two: the letter stays where it is. */
static void wait_for_second(struct deed *d, struct letter *letter, const char *reason)
{
    size_t said = d->answer.n;
    record_anyway(d, letter, reason, true);
    letter->anyway_by = deed_person(d);
    work_letter_changed(d->w, letter);
    deed_answer(d,
                "L%llu is held (%s); it goes when a second coordinator, too, says "
                "\"Send-Anyway: L%llu\" and the reason",
                (unsigned long long)letter->number, letter->reason,
                (unsigned long long)letter->number);
    deed_answer(d, "the reason of the first: %s", reason);
    send_ask_others(d, letter->send, letter->number, said);
}

static void let_go(struct deed *d, struct letter *letter, const char *reason)
{
    struct work *w = d->w;
    record_anyway(d, letter, reason, false);
    letter->anyway = arena_printf(w->a, "%s; by %s: %s", letter->reason, w->by, reason);
    letter->pinned = true;
    letter->state = LETTER_WAITING;
    letter->due = w->moment->now;
    letter->next_try = w->moment->now;
    work_letter_changed(w, letter);
    deed_answer(d, "L%llu goes as it was held (%s), if nothing in it has changed since",
                (unsigned long long)letter->number, letter->reason);
    letter->reason = NULL;
}

void command_send_anyway(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    if (words.n < 2) {
        deed_mistake(d, "write \"Send-Anyway: L97\" and the reason, which is kept on record");
        return;
    }
    struct letter *letter = d->c && deed_closed(d) ? NULL : find_letter(d, words.at[0]);
    if (!letter)
        return;
    const char *why = not_held_by_guard(d, letter);
    bool two = letter->two_persons || (d->c && d->w->view->policy->two_persons);
    bool first = false;
    if (why)
        deed_mistake(d, "%s", why);
    else if (!two || is_second(d, letter->anyway_by, &first))
        let_go(d, letter, rest_of(d, words.at[0]));
    else if (first)
        wait_for_second(d, letter, rest_of(d, words.at[0]));
}

/* ---- Confirm ---- */

static const struct send *find_send(struct deed *d)
{
    struct span word;
    uint64_t n;
    if (!deed_one_word(d, &word))
        return NULL;
    const struct send *send =
        deed_number(word, 'S', UINT32_MAX, &n) ? case_send(d->c->head, (uint32_t)n) : NULL;
    if (!send)
        deed_mistake(d, "%s: no such send in C%llu", text_one_line(d->w->a, word, SLUG_MAX),
                     (unsigned long long)d->c->head->number);
    return send;
}

struct unconfirmed {
    struct letter **at;
    size_t n;
};

static struct unconfirmed unconfirmed_of(struct deed *d, const struct send *send)
{
    struct unconfirmed list;
    struct letter **all;
    size_t n;
    work_letters_of_send(d->w, d->c, send->n, &all, &n);
    list = (struct unconfirmed){.at = all};
    for (size_t i = 0; i < n; i++)
        if (letter_unconfirmed(all[i]))
            all[list.n++] = all[i];
    return list;
}

static const char *key_of(struct deed *d, const struct letter *letter)
{
    const struct contact *contact = directory_contact(d->w->view->directory, letter->contact);
    const char *why =
        contact ? contact_unusable(d->w->view->directory, contact, d->w->moment->now) : NULL;
    if (!contact)
        return "its own key";
    return why ? why : arena_printf(d->w->a, "key %s", contact->key);
}

/* To whom, where and under which key: what was planned may have changed since. */
static void show_letters(struct deed *d, const struct unconfirmed *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct letter *letter = list->at[i];
        struct party *party = work_party(d->w, d->c, letter->party);
        deed_answer(d, "L%llu, %s to %s: <%s>, %s", (unsigned long long)letter->number,
                    letter->template, party ? party_name(d->w, d->c, party) : "?",
                    letter->address ? letter->address : "", key_of(d, letter));
    }
}

/* Pins what the letter is now: what differs from that when it goes holds it again. */
static void confirm_letter(struct deed *d, struct letter *letter)
{
    struct work *w = d->w;
    const struct pinning *pinning = &w->view->pinning;
    instant now = w->moment->now;
    struct strs pins = {0};
    if (!w->failed && !pinning->pins(pinning->ctx, w->a, letter, &pins, w->err)) {
        w->failed = true;
        return;
    }
    letter->pins = pins;
    letter->pinned = true;
    letter->reason = NULL;
    letter->due = letter->due > now ? letter->due : now;
    letter->next_try = letter->due;
    letter->state = letter->due > now ? LETTER_PLANNED : LETTER_WAITING;
    work_letter_changed(w, letter);
}

static void confirm(struct deed *d, const struct send *send, const struct unconfirmed *list,
                    bool second)
{
    struct work *w = d->w;
    size_t said = d->answer.n;
    work_event(
        w, d->c,
        &(struct event){
            .kind = EVENT_SEND_CONFIRMED, .send = send->n, .name = deed_person(d), .flag = second});
    for (size_t i = 0; second && i < list->n; i++)
        confirm_letter(d, list->at[i]);
    if (second)
        deed_answer(d, "S%u is confirmed, letters: %zu; \"Stop: S%u\" takes back what has not gone",
                    send->n, list->n, send->n);
    else
        deed_answer(
            d, "S%u waits for another coordinator, too, who says \"Confirm: S%u\"; letters: %zu",
            send->n, send->n, list->n);
    show_letters(d, list);
    if (!second)
        send_ask_others(d, send->n, 0, said);
}

void command_confirm(struct deed *d)
{
    const struct send *send = deed_closed(d) ? NULL : find_send(d);
    if (!send)
        return;
    struct unconfirmed list = unconfirmed_of(d, send);
    bool first;
    if (list.n == 0) {
        deed_mistake(d, "no letter of S%u waits for a coordinator's word", send->n);
        return;
    }
    /* Who said so first has read another text: that word no longer counts. */
    bool stale = send->asked && d->c->head->text_seq > send->asked_seq;
    const char *before = stale ? send->asked : NULL;
    if (is_second(d, stale ? NULL : send->asked, &first))
        confirm(d, send, &list, true);
    else if (first)
        confirm(d, send, &list, false);
    if (first && before)
        deed_answer(d,
                    "what letters say has changed since %s said so: that no longer counts; "
                    "\"Preview: S%u\" shows it",
                    before, send->n);
}
