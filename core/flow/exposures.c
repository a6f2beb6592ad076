#include "flow/exposures.h"

#include <stdlib.h>

#include "base/text.h"
#include "flow/listing.h"

/* The events that concern one party, or one letter, in their order: the log is read once, however
 * many there are of either. */
struct of_number {
    uint64_t number;
    const struct event *event;
};

struct numbered {
    struct of_number *at;
    size_t n;
};

/* What is asked, and the log by parties and by letters. */
struct exposing {
    const struct exposures_ask *ask;
    struct numbered parties;
    struct numbered letters;
};

static int by_number(const void *x, const void *y)
{
    const struct of_number *a = x;
    const struct of_number *b = y;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->event->seq < b->event->seq ? -1 : a->event->seq > b->event->seq;
}

static void sort_log(struct arena *a, struct exposing *x)
{
    const struct exposures_ask *ask = x->ask;

    x->parties.at = ARENA_ARRAY(a, ask->n_events, struct of_number);
    x->letters.at = ARENA_ARRAY(a, ask->n_events, struct of_number);
    for (size_t i = 0; i < ask->n_events; i++) {
        const struct event *e = ask->events[i];

        if (e->party != 0)
            x->parties.at[x->parties.n++] = (struct of_number){e->party, e};
        if (e->letter != 0)
            x->letters.at[x->letters.n++] = (struct of_number){e->letter, e};
    }
    if (x->parties.n > 0)
        qsort(x->parties.at, x->parties.n, sizeof(*x->parties.at), by_number);
    if (x->letters.n > 0)
        qsort(x->letters.at, x->letters.n, sizeof(*x->letters.at), by_number);
}

/* The first of that number; behind the last where there is none. */
static size_t first_of(const struct numbered *list, uint64_t number)
{
    size_t low = 0;
    size_t high = list->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (list->at[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What became of a letter, as far as the log goes. */
static void add_outcome(const struct exposing *x, const struct event *out, json_t *o)
{
    const struct numbered *log = &x->letters;
    const char *answer = NULL;
    const char *state = "may be out";

    for (size_t i = first_of(log, out->letter); i < log->n && log->at[i].number == out->letter;
         i++) {
        const struct event *e = log->at[i].event;

        if (e->seq < out->seq)
            continue;
        if (e->kind == EVENT_LETTER_ANSWERED) {
            answer = e->text;
            state = "out";
        } else if (e->kind == EVENT_LETTER_BOUNCED) {
            state = "bounced";
        }
    }
    json_set_text(o, "state", state);
    json_set_text(o, "answer", answer);
}

static json_t *letter_json(struct arena *a, const struct exposing *x, const struct event *e)
{
    json_t *o = json_object();
    json_t *holds = json_array();

    json_set_text(o, "how", "letter");
    json_set_text(o, "letter", arena_printf(a, "L%llu", (unsigned long long)e->letter));
    json_set_text(o, "template", e->text);
    for (size_t i = 0; i < e->list.n; i++)
        json_array_append_new(holds, json_string(e->list.at[i]));
    json_object_set_new(o, "pieces", holds);
    json_set_text(o, "address", e->address);
    json_set_text(o, "key", e->key);
    json_set_text(o, "message_id", e->message_id);
    json_set_text(o, "digest", e->digest);
    add_outcome(x, e, o);
    return o;
}

/* What this event showed the party, and when; NULL: nothing. */
static json_t *exposure(struct arena *a, const struct exposing *x, const struct event *e,
                        instant *ret_at)
{
    json_t *o = NULL;

    *ret_at = e->at;
    if (e->kind == EVENT_LETTER_OUT) {
        o = letter_json(a, x, e);
    } else if (e->kind == EVENT_TOLD) {
        *ret_at = e->when == 0 ? e->at : e->when;
        o = json_object();
        json_set_text(o, "how", "told");
        json_set_text(o, "by_hand", e->text);
        json_set_text(o, "recorded", text_rfc3339(a, e->at));
        json_set_text(o, "recorded_by", e->by);
    } else if (e->kind == EVENT_FILED) {
        o = json_object();
        json_set_text(o, "how", "wrote");
        json_set_text(o, "piece", arena_printf(a, "%u", e->piece));
    }
    if (o != NULL) {
        json_object_set_new(o, "event", json_integer((json_int_t)e->seq));
        json_set_text(o, "at", text_rfc3339(a, *ret_at));
    }
    return o;
}

/* The pieces and parts that it had seen, each once, in the order of their first showing. */
static void add_known(struct arena *a, json_t *seen, struct strs *known, const struct event *e)
{
    struct strs own = {.n = 0};
    const struct strs *list = &e->list;

    if (e->kind == EVENT_FILED) {
        strs_add(a, &own, arena_printf(a, "%u", e->piece));
        list = &own;
    } else if (e->kind != EVENT_LETTER_OUT) {
        return;
    }
    for (size_t i = 0; i < list->n; i++) {
        if (json_object_get(seen, list->at[i]) != NULL)
            continue;
        json_object_set_new(seen, list->at[i], json_true());
        strs_add(a, known, list->at[i]);
    }
}

static json_t *party_json(struct arena *a, const struct exposing *x, const struct party *party)
{
    SCOPED(json_decref) json_t *seen = json_object();
    const struct numbered *log = &x->parties;
    json_t *list = json_array();
    json_t *knows = json_array();
    json_t *o = json_object();
    struct strs known = {.n = 0};
    instant since = 0;

    for (size_t i = first_of(log, party->n); i < log->n && log->at[i].number == party->n; i++) {
        const struct event *e = log->at[i].event;
        instant when;
        json_t *one = exposure(a, x, e, &when);

        if (one == NULL)
            continue;
        if (when > x->ask->at) {
            json_decref(one);
            continue;
        }
        since = since == 0 || when < since ? when : since;
        add_known(a, seen, &known, e);
        json_array_append_new(list, one);
    }
    for (size_t i = 0; i < known.n; i++)
        json_array_append_new(knows, json_string(known.at[i]));
    json_set_text(o, "party", listing_party(a, x->ask->directory, party));
    json_set_text(o, "kind", party_kind_words[party->kind]);
    json_object_set_new(o, "removed", json_boolean(party->removed));
    json_set_text(o, "since", since == 0 ? NULL : text_rfc3339(a, since));
    json_object_set_new(o, "knows", knows);
    json_object_set_new(o, "exposures", list);
    return o;
}

json_t *exposures_json(struct arena *a, const struct exposures_ask *ask)
{
    struct exposing x = {.ask = ask};
    json_t *all = json_array();

    sort_log(a, &x);
    for (size_t i = 0; i < ask->n_parties; i++) {
        json_t *o;

        if (ask->parties[i]->kind == PARTY_COORDINATOR && !ask->coordinators)
            continue;
        o = party_json(a, &x, ask->parties[i]);

        if (json_array_size(json_object_get(o, "exposures")) > 0)
            json_array_append_new(all, o);
        else
            json_decref(o);
    }
    return all;
}
