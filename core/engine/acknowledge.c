#include "engine/acknowledge.h"

#include "engine/outgoing.h"
#include "model/address.h"
#include "model/templates.h"

enum { DAY = 24 * 3600, DRAW_BYTES = 4 };

static const char *template_of(enum answer_kind kind)
{
    switch (kind) {
    case ANSWER_NONE:
        return NULL;
    case ANSWER_RECEIVED:
        return TEMPLATE_REPORT_RECEIVED;
    case ANSWER_REGISTRATION:
        return TEMPLATE_REGISTRATION_RECEIVED;
    case ANSWER_KEY:
        return TEMPLATE_DESK_KEY;
    }
    return NULL;
}

/* Who gets it, or NULL. */
static const char *addressee(const struct work *w, const struct arrival *arrival)
{
    const struct message *m = arrival->message;
    const char *sender = arrival->mail->sender;
    if (!m || !sender || !*sender || m->automatic != AUTOMATIC_NO || !m->dmarc || !m->outer_from)
        return NULL;
    if (!span_eq_str(span_str(m->dmarc), "pass") ||
        !span_eq_nocase(span_str(sender), m->outer_from) ||
        span_eq_nocase(span_str(sender), w->view->policy->desk_address))
        return NULL;
    return directory_contact_email(w->view->directory, m->outer_from) ? NULL : m->outer_from;
}

/* Counts one more under this name; false: the day's number is used up. */
static bool count(struct work *w, const char *name, uint32_t max)
{
    struct tally *tally = work_tally(w, name);
    instant now = w->moment->now;
    if (now - tally->since >= DAY || tally->since > now)
        *tally = (struct tally){.since = now};
    if (tally->n >= max)
        return false;
    tally->n++;
    return true;
}

static bool within_limits(struct work *w, const char *address)
{
    const struct policy *policy = w->view->policy;
    struct span domain = address_domain(span_str(address));
    char *person = arena_printf(w->a, "person %s", address);
    for (char *c = person; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return count(w, person, policy->answers_per_person) &&
           count(w, arena_printf(w->a, "domain %s", span_dup(w->a, domain)),
                 policy->answers_per_domain) &&
           count(w, "all", policy->answers_in_all);
}

static instant due(struct work *w, const struct mail *mail)
{
    unsigned char bytes[DRAW_BYTES];
    uint32_t drawn = 0;
    instant received = mail->received ? mail->received : w->moment->now;
    w->moment->draw.bytes(w->moment->draw.ctx, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        drawn = drawn << 8 | bytes[i];
    return received + ACKNOWLEDGE_AFTER_MIN +
           drawn % (ACKNOWLEDGE_AFTER_MAX - ACKNOWLEDGE_AFTER_MIN + 1);
}

void acknowledge(struct work *w, const struct arrival *arrival)
{
    const char *template = template_of(arrival->answer);
    const char *address = template && w->view->policy->auto_answer ? addressee(w, arrival) : NULL;
    if (!address || !within_limits(w, address))
        return;
    struct reader reader = {.address = address};
    struct letter *letter = letter_plan(w, &reader, template, due(w, arrival->mail));
    letter->in_reply_to = arrival->message->outer_message_id;
    letter->answers_bytes = arrival->mail->size;
}
