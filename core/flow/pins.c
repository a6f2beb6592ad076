#include "flow/pins.h"

#include "engine/letters.h"
#include "flow/desk.h"
#include "store/store.h"

/* Each pin's word, and how people call it. "text" stands for all else that is in the letter: it is
 * named where nothing nearer differs. What the guard finds is compared where it is found. */
static const struct {
    const char *word;
    const char *name;
} kinds[] = {
    {"address", "its address"},
    {"key", "its reader's key"},
    {"title", "the case's title"},
    {"summary", "the summary"},
    {"pieces", "the pieces in it"},
    {"files", "the attachments"},
    {"text", "its text, or its template"},
};

static void add(struct arena *a, struct strs *pins, const char *word, const char *value)
{
    strs_add(a, pins, arena_printf(a, "%s %s", word, value == NULL ? "" : value));
}

static void add_digest(struct arena *a, struct strs *pins, const char *word, struct span bytes)
{
    add(a, pins, word, store_sha256(a, bytes));
}

static const char *pieces_of(struct arena *a, const struct compose_job *job)
{
    const char *list = "";

    for (size_t i = 0; i < job->n_pieces; i++)
        list = arena_printf(a, "%s%u:%s ", list, job->pieces[i].n,
                            store_sha256(a, job->pieces[i].text));
    return list;
}

static const char *files_of(struct arena *a, const struct write_letter *letter)
{
    const char *list = "";

    for (size_t i = 0; i < letter->n_attachments; i++)
        list = arena_printf(
            a, "%s%s %s %s\n", list,
            letter->attachments[i].filename == NULL ? "" : letter->attachments[i].filename,
            letter->attachments[i].type == NULL ? "" : letter->attachments[i].type,
            store_sha256(a, letter->attachments[i].bytes));
    return list;
}

static struct span value_of(const struct compose_job *job, const char *name)
{
    const struct tvalue *value = tvalue_get(job->values, span_str(name));

    return span_str(value == NULL || value->kind != TVALUE_STRING ? "" : value->string);
}

struct strs pins_make(struct arena *a, const struct selected *selected,
                      const struct composed *composed)
{
    const struct compose_job *job = &selected->job;
    struct strs pins = {.n = 0};

    if (composed->stable == NULL)
        return pins;
    add(a, &pins, "address", arena_printf(a, "%s, %s", job->letter.to.address, selected->address));
    add(a, &pins, "key", selected->key_id);
    add_digest(a, &pins, "title", value_of(job, "case_title"));
    add_digest(a, &pins, "summary", value_of(job, "case_summary"));
    add_digest(a, &pins, "pieces", span_str(pieces_of(a, job)));
    add_digest(a, &pins, "files", span_str(files_of(a, &composed->letter)));
    if (composed->found != NULL)
        add(a, &pins, "found", composed->found);
    add_digest(a, &pins, "text", span_str(composed->stable));
    return pins;
}

/* The value behind a pin's word; NULL: there is none. */
static const char *pin_value(struct arena *a, const struct strs *pins, const char *word)
{
    for (size_t i = 0; i < pins->n; i++) {
        struct span line = span_str(pins->at[i]);
        size_t blank = span_find(line, ' ');

        if (span_eq_str(span_first(line, blank), word))
            return span_dup(a, span_from(line, blank + 1));
    }
    return NULL;
}

const char *pins_changed(struct arena *a, const struct strs *then, const struct strs *now)
{
    const char *list = NULL;

    for (size_t i = 0; i < LEN(kinds); i++) {
        const char *before = pin_value(a, then, kinds[i].word);
        const char *after = pin_value(a, now, kinds[i].word);
        bool same = before == NULL || after == NULL ? before == after : strcmp(before, after) == 0;

        if (same || (list != NULL && strcmp(kinds[i].word, "text") == 0))
            continue;
        list = list == NULL ? kinds[i].name : arena_printf(a, "%s, %s", list, kinds[i].name);
    }
    return list;
}

const char *pins_found(struct arena *a, const struct strs *pins)
{
    return pin_value(a, pins, "found");
}

bool pins_of_letter(void *ctx, struct arena *a, const struct letter *letter, struct strs *ret_pins,
                    struct err *err)
{
    struct pins_ask *ask = ctx;
    struct moment moment = desk_moment();
    struct letter *drawn = ARENA_NEW(a, struct letter);
    struct selected selected;
    struct composed composed;

    *ret_pins = (struct strs){.n = 0};
    *drawn = *letter;
    letter_draw(a, &ask->world->policy, &moment, drawn);
    if (ask->select == NULL)
        ask->select = select_new(ask->world, txn_store(ask->txn));
    /* What can't be made is held when it is tried, and says why; it must not stop the command. */
    if (!select_letter(ask->select, ask->txn, a, drawn, &selected, err))
        return err->kind == ERR_OPERATOR;
    if (selected.impossible != NULL)
        return true;
    selected.job.pin = true;
    selected.job.unjudged = true;
    if (!compose(a, &selected.job, &composed, err))
        return err->kind == ERR_OPERATOR;
    *ret_pins = pins_make(a, &selected, &composed);
    return true;
}
