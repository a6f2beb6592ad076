#include "flow/exposures.h"

#include "base/text.h"
#include "flow/listing.h"

/* What became of a letter, as far as the log goes. */
static void add_outcome(const struct exposures_ask *ask, const struct event *out, json_t *o)
{
    const char *answer = NULL;
    const char *state = "may be out";

    for (size_t i = 0; i < ask->n_events; i++) {
        const struct event *e = ask->events[i];

        if (e->letter != out->letter || e->seq < out->seq)
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

static json_t *letter_json(struct arena *a, const struct exposures_ask *ask, const struct event *e)
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
    add_outcome(ask, e, o);
    return o;
}

/* What this event showed the party, and when; NULL: nothing. */
static json_t *exposure(struct arena *a, const struct exposures_ask *ask, const struct event *e,
                        instant *ret_at)
{
    json_t *o = NULL;

    *ret_at = e->at;
    if (e->kind == EVENT_LETTER_OUT) {
        o = letter_json(a, ask, e);
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
static void add_known(struct arena *a, struct strs *known, const struct event *e)
{
    const char *own = arena_printf(a, "%u", e->piece);

    if (e->kind == EVENT_FILED && !strs_has(known, own))
        strs_add(a, known, own);
    for (size_t i = 0; e->kind == EVENT_LETTER_OUT && i < e->list.n; i++) {
        if (!strs_has(known, e->list.at[i]))
            strs_add(a, known, e->list.at[i]);
    }
}

static json_t *party_json(struct arena *a, const struct exposures_ask *ask,
                          const struct party *party)
{
    json_t *list = json_array();
    json_t *knows = json_array();
    json_t *o = json_object();
    struct strs known = {.n = 0};
    instant since = 0;

    for (size_t i = 0; i < ask->n_events; i++) {
        const struct event *e = ask->events[i];
        instant when;
        json_t *one = e->party != party->n ? NULL : exposure(a, ask, e, &when);

        if (one == NULL)
            continue;
        if (when > ask->at) {
            json_decref(one);
            continue;
        }
        since = since == 0 || when < since ? when : since;
        add_known(a, &known, e);
        json_array_append_new(list, one);
    }
    for (size_t i = 0; i < known.n; i++)
        json_array_append_new(knows, json_string(known.at[i]));
    json_set_text(o, "party", listing_party(a, ask->directory, party));
    json_set_text(o, "kind", party_kind_words[party->kind]);
    json_object_set_new(o, "removed", json_boolean(party->removed));
    json_set_text(o, "since", since == 0 ? NULL : text_rfc3339(a, since));
    json_object_set_new(o, "knows", knows);
    json_object_set_new(o, "exposures", list);
    return o;
}

json_t *exposures_json(struct arena *a, const struct exposures_ask *ask)
{
    json_t *all = json_array();

    for (size_t i = 0; i < ask->n_parties; i++) {
        json_t *o;

        if (ask->parties[i]->kind == PARTY_COORDINATOR && !ask->coordinators)
            continue;
        o = party_json(a, ask, ask->parties[i]);

        if (json_array_size(json_object_get(o, "exposures")) > 0)
            json_array_append_new(all, o);
        else
            json_decref(o);
    }
    return all;
}
