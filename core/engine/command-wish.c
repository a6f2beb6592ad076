/* Credit, and what Share says of a name: whether a reporter is named to vendors, and in public. */
#include "engine/commands.h"
#include "engine/names.h"

struct wish {
    enum event_kind kind;
    const char *yes; /* for the reporter itself */
    const char *no;
    const char *named; /* for coordinators: followed by who */
    const char *anonymous;
};

static const struct wish wishes[] = {
    {EVENT_SHARE_NAMED, "vendors may learn your name", "vendors will not learn your name",
     "vendors may learn the name of", "vendors will not learn the name of"},
    {EVENT_CREDIT, "you will be credited by name", "you will not be named in public",
     "what is published names", "nothing that is published names"},
};

static const struct wish *wish_of(const struct deed *d)
{
    return &wishes[d->command->kind == COMMAND_CREDIT];
}

bool is_wish(struct span word)
{
    return span_eq_nocase(word, "named") || span_eq_nocase(word, "anonymous");
}

void wish_own(struct deed *d)
{
    const struct wish *wish = wish_of(d);
    const char *name = command_specs[d->command->kind].name;
    bool named = span_eq_nocase(d->command->value, "named");
    if (!is_wish(d->command->value)) {
        deed_mistake(d, "write \"%s: named\" or \"%s: anonymous\"", name, name);
        return;
    }
    work_event(d->w, d->c,
               &(struct event){.kind = wish->kind, .party = d->author->party, .flag = named});
    deed_answer(d, "%s", named ? wish->yes : wish->no);
}

void wish_from(struct deed *d, const struct words *words)
{
    const struct wish *wish = wish_of(d);
    struct piece *piece;
    uint32_t part;
    bool named = words->n > 0 && span_eq_nocase(words->at[0], "named");
    if (words->n != 3 || !is_wish(words->at[0]) || !span_eq_nocase(words->at[1], "from")) {
        deed_mistake(d, "write \"%s: named from 3\", or anonymous",
                     command_specs[d->command->kind].name);
        return;
    }
    if (!deed_piece(d, words->at[2], &piece, &part))
        return;
    const struct party *party = work_party(d->w, d->c, piece->party);
    if (!party || party->kind != PARTY_REPORTER) {
        deed_mistake(d, "piece %u is not by a reporter", piece->n);
        return;
    }
    work_event(d->w, d->c,
               &(struct event){.kind = wish->kind,
                               .party = party->n,
                               .piece = piece->n,
                               .message = piece->message,
                               .flag = named});
    deed_answer(d, "%s %s", named ? wish->named : wish->anonymous, party_name(d->w, d->c, party));
}

void command_credit(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    if (d->author->who == FOR_REPORTER)
        wish_own(d);
    else
        wish_from(d, &words);
}
