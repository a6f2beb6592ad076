#include "engine/deed.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "engine/commands.h"

enum { LINE_MAX_BYTES = 400 };

static const char *safe_line(struct arena *a, const char *text)
{
    return text_one_line(a, span_str(text), LINE_MAX_BYTES);
}

void deed_mistake(struct deed *d, const char *fmt, ...)
{
    char text[LINE_MAX_BYTES];
    struct arena *a = d->w->a;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    strs_add(a, &d->mistakes,
             d->command ? arena_printf(a, "line %u: %s", d->command->line, safe_line(a, text))
                        : safe_line(a, text));
}

void deed_answer(struct deed *d, const char *fmt, ...)
{
    char text[LINE_MAX_BYTES];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    strs_add(d->w->a, &d->answer, safe_line(d->w->a, text));
}

const char *deed_person(const struct deed *d)
{
    const struct author *author = d->author;
    bool sure = author->who == FOR_COORDINATOR && author->proven && !author->shared;
    return sure ? author->contact->slug : NULL;
}

static void (*const doers[COMMAND_KINDS])(struct deed *) = {
    [COMMAND_ACCEPT] = command_accept,
    [COMMAND_DECLINE] = command_decline,
    [COMMAND_JUNK] = command_junk,
    [COMMAND_FILE] = command_file,
    [COMMAND_OWNER] = command_owner,
    [COMMAND_WATCH] = command_watch,
    [COMMAND_EXCLUDE] = command_exclude,
    [COMMAND_TITLE] = command_title,
    [COMMAND_SUMMARY] = command_summary,
    [COMMAND_VENDORS] = command_vendors,
    [COMMAND_SEND] = command_send,
    [COMMAND_STOP] = command_stop,
    [COMMAND_TELL] = command_tell,
    [COMMAND_STATUS] = command_status,
    [COMMAND_TOLD] = command_told,
    [COMMAND_EMBARGO] = command_embargo,
    [COMMAND_SHARE] = command_share,
    [COMMAND_RELEASE] = command_release,
    [COMMAND_NOTE] = command_note,
    [COMMAND_ALLOW_TERM] = command_allow_term,
    [COMMAND_SEND_ANYWAY] = command_send_anyway,
    [COMMAND_CONFIRM] = command_confirm,
    [COMMAND_CREDIT] = command_credit,
    [COMMAND_PREVIEW] = command_preview,
    [COMMAND_CLOSE] = command_close,
};

void deed_run(struct deed *d)
{
    for (size_t i = 0; i < d->block->n_commands; i++) {
        d->command = &d->block->commands[i];
        const struct command_spec *spec = &command_specs[d->command->kind];
        if (!spec->on_report && !d->c && d->command->kind != COMMAND_FILE)
            deed_mistake(d, "%s needs a case", spec->name);
        else
            doers[d->command->kind](d);
    }
    d->command = NULL;
}

struct words words_of(struct arena *a, struct span value)
{
    struct words words = {0};
    size_t from = 0;
    for (size_t i = 0; i <= value.n; i++) {
        if (i < value.n && value.at[i] != ' ' && value.at[i] != '\t' && value.at[i] != ',')
            continue;
        if (i > from) {
            ARENA_GROW(a, words.at, words.n, words.room);
            words.at[words.n++] = span_of(value.at + from, i - from);
        }
        from = i + 1;
    }
    return words;
}

bool deed_one_word(struct deed *d, struct span *ret_word)
{
    struct words words = words_of(d->w->a, d->command->value);
    if (words.n != 1) {
        deed_mistake(d, "%s takes one word: %s", command_specs[d->command->kind].name,
                     command_specs[d->command->kind].value);
        return false;
    }
    *ret_word = words.at[0];
    return true;
}

bool deed_closed(struct deed *d)
{
    if (d->c->head->state != CASE_CLOSED)
        return false;
    deed_mistake(d, "C%llu is closed", (unsigned long long)d->c->head->number);
    return true;
}

bool deed_instant(struct span word, struct arena *a, instant *ret_at)
{
    int year;
    int month;
    int day;
    if (!text_to_date(word, &year, &month, &day))
        return text_to_instant(word, ret_at);
    const char *text = arena_printf(a, "%04d-%02d-%02dT09:00:00Z", year, month, day);
    return text_to_instant(span_str(text), ret_at);
}

bool deed_number(struct span word, char letter, uint64_t max, uint64_t *ret_number)
{
    const char prefix[2] = {letter, '\0'};
    return span_starts_nocase(word, prefix) && text_to_u64(span_from(word, 1), max, ret_number);
}

bool deed_piece(struct deed *d, struct span word, struct piece **ret_piece, uint32_t *ret_part)
{
    size_t dot = span_find(word, '.');
    uint64_t n = 0;
    uint64_t part = 0;
    bool number = text_to_u64(span_first(word, dot), UINT32_MAX, &n);
    if (number && dot < word.n)
        number = text_to_u64(span_from(word, dot + 1), UINT32_MAX, &part) && part > 0;
    struct piece *piece = number ? case_piece(d->c->head, (uint32_t)n) : NULL;
    if (!piece || (part && !piece_part(piece, (uint32_t)part))) {
        deed_mistake(d, "%.*s: no such piece in C%llu", (int)word.n, (const char *)word.at,
                     (unsigned long long)d->c->head->number);
        return false;
    }
    *ret_piece = piece;
    *ret_part = (uint32_t)part;
    return true;
}
