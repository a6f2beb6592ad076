/* Send, Stop, Tell; Preview. */
#include "base/text.h"
#include "engine/commands.h"
#include "engine/echoes.h"
#include "engine/hits.h"
#include "engine/sends.h"
#include "model/templates.h"

enum { TO_VENDOR = 1, TO_REPORTER = 2, TO_PARTNER = 4, TO_ALL = 7 };

/* What there must be before a letter can be sent. */
enum need {
    NEEDS_NOTHING = 0,
    NEEDS_SUMMARY = 1,
    NEEDS_TEXT = 2, /* below the block */
    NEEDS_END = 4,
    NEEDS_PAST_END = 8,
    NEEDS_PUBLIC = 16,
    NEEDS_EXPIRY = 32, /* of each reader's key */
};

struct sendable {
    const char *name;
    unsigned to;
    unsigned needs; /* enum need */
    bool on_report;
};

static const struct sendable sendables[] = {
    {TEMPLATE_VENDOR_NOTICE, TO_VENDOR | TO_PARTNER, NEEDS_SUMMARY, false},
    {TEMPLATE_VENDOR_INVITE, TO_VENDOR | TO_PARTNER, NEEDS_NOTHING, false},
    {TEMPLATE_VENDOR_DIGEST, TO_VENDOR | TO_PARTNER, NEEDS_SUMMARY, false},
    {TEMPLATE_VENDOR_REMINDER, TO_VENDOR, NEEDS_NOTHING, false},
    {TEMPLATE_PARTNER_REPORT, TO_PARTNER, NEEDS_SUMMARY, false},
    {TEMPLATE_CASE_UPDATE, TO_ALL, NEEDS_NOTHING, false},
    {TEMPLATE_CASE_WITHDRAWN, TO_ALL, NEEDS_NOTHING, false},
    {TEMPLATE_SENT_IN_ERROR, TO_ALL, NEEDS_NOTHING, false},
    {TEMPLATE_EMBARGO_REMINDER, TO_ALL, NEEDS_END, false},
    {TEMPLATE_EMBARGO_EXITED, TO_ALL, NEEDS_PAST_END, false},
    {TEMPLATE_ADVISORY_DRAFT, TO_ALL, NEEDS_TEXT, false},
    {TEMPLATE_CASE_PUBLISHED, TO_ALL, NEEDS_PUBLIC, false},
    {TEMPLATE_KEY_EXPIRING, TO_VENDOR | TO_PARTNER, NEEDS_EXPIRY, false},
    {TEMPLATE_REPORT_RECEIVED, TO_REPORTER, NEEDS_NOTHING, true},
    {TEMPLATE_REPORT_UNDECRYPTABLE, TO_REPORTER, NEEDS_NOTHING, true},
};

static const struct sendable *find_sendable(struct deed *d, struct span word)
{
    const char *names[LEN(sendables)];
    for (size_t i = 0; i < LEN(sendables); i++) {
        names[i] = sendables[i].name;
        if (span_eq_nocase(word, names[i]))
            return &sendables[i];
    }
    const char *text = text_one_line(d->w->a, word, SLUG_MAX);
    const char *near = text_nearest(text, names, LEN(names));
    deed_mistake(d, "%s: no such letter%s%s%s", text, near ? "; did you mean " : "; write ",
                 near ? near : TEMPLATE_VENDOR_NOTICE, near ? "?" : ", for instance");
    return NULL;
}

/* In a report's place there is one reader. */
static void send_to_reporter(struct deed *d, const struct sendable *sendable)
{
    struct reader reader;
    if (!sendable->on_report) {
        deed_mistake(d, "%s needs a case: put Accept before it", sendable->name);
        return;
    }
    if (!d->report || !reader_of_report(d->report, &reader)) {
        deed_mistake(d, "the report names no address to answer to");
        return;
    }
    letter_plan(d->w, &reader, sendable->name, d->w->moment->now);
    deed_answer(d, "%s goes to the reporter now", sendable->name);
}

static unsigned kind_bit(const struct party *party)
{
    if (party->kind == PARTY_REPORTER)
        return TO_REPORTER;
    return party->kind == PARTY_PARTNER ? TO_PARTNER : TO_VENDOR;
}

static bool key_expires(const struct deed *d, const struct party *party)
{
    const struct directory *directory = d->w->view->directory;
    const struct contact *contact = directory_reader(directory, party->org, d->w->moment->now);
    const struct key *key = contact && contact->key ? directory_key(directory, contact->key) : NULL;
    return key && key->expires;
}

static bool fits(struct deed *d, const struct sendable *sendable, const struct parties *to)
{
    bool ok = true;
    for (size_t i = 0; i < to->n; i++) {
        const char *name = party_name(d->w, d->c, to->at[i]);
        if (!(sendable->to & kind_bit(to->at[i])))
            deed_mistake(d, "%s is not for %s", sendable->name, name);
        else if ((sendable->needs & NEEDS_EXPIRY) && !key_expires(d, to->at[i]))
            deed_mistake(d, "the key of %s does not expire", name);
        else
            continue;
        ok = false;
    }
    return ok;
}

/* A letter that says what is not so must not go: nobody could take it back. */
static bool timely(struct deed *d, const struct sendable *sendable)
{
    const struct case_head *head = d->c->head;
    bool exited = head->embargo == EMBARGO_EXITED;
    bool past = head->embargo_end && head->embargo_end <= d->w->moment->now;
    if ((sendable->needs & NEEDS_PUBLIC) && !exited)
        deed_mistake(d, "the case is not published");
    else if ((sendable->needs & NEEDS_PAST_END) && !exited && !past)
        deed_mistake(d, "the embargo has not ended");
    else if ((sendable->needs & NEEDS_END) && !head->embargo_end)
        deed_mistake(d, "no end of the embargo is agreed; Embargo: sets one");
    else if ((sendable->needs & NEEDS_END) && past)
        deed_mistake(d, "the end of the embargo has passed");
    else
        return true;
    return false;
}

/* The text below the block is of one command only. */
static bool text_is_free(struct deed *d, const struct sendable *sendable)
{
    for (size_t i = 0; i < d->block->n_commands; i++) {
        const struct command_spec *spec = &command_specs[d->block->commands[i].kind];
        if (!spec->takes_text)
            continue;
        deed_mistake(d, "the text can't belong to both %s and %s; send two blocks", spec->name,
                     sendable->name);
        return false;
    }
    return true;
}

/* The coordinator's own words in a letter: what they are called, and the words. NULL: none. */
static const char *own_words(const struct deed *d, const struct sendable *sendable,
                             const char **ret_what)
{
    *ret_what = sendable->needs & NEEDS_TEXT ? "the text" : "the summary";
    if (sendable->needs & NEEDS_TEXT)
        return d->block->text;
    return sendable->needs & NEEDS_SUMMARY ? d->c->head->summary : NULL;
}

/* What coordinators wrote and the letter carries holds no name that a reader need not know. */
static bool texts_clean(struct deed *d, const struct sendable *sendable, const struct parties *to)
{
    const struct case_head *head = d->c->head;
    const char *what;
    const char *words = own_words(d, sendable, &what);
    bool ok = hits_check(d, "the title", head->title ? head->title : "", to);
    if ((sendable->needs & NEEDS_SUMMARY) && !words) {
        deed_mistake(d, "there is no summary yet; Summary: writes it");
        return false;
    }
    if ((sendable->needs & NEEDS_TEXT) && !*words) {
        deed_mistake(d, "%s needs a text: below the block, behind an empty line", sendable->name);
        return false;
    }
    if ((sendable->needs & NEEDS_TEXT) && !text_is_free(d, sendable))
        return false;
    return (!words || hits_check(d, what, words, to)) && ok;
}

void command_send(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    if (words.n == 0) {
        deed_mistake(d, "write \"Send: vendor-notice all\"");
        return;
    }
    const struct sendable *sendable = find_sendable(d, words.at[0]);
    if (!sendable)
        return;
    if (!d->c) {
        send_to_reporter(d, sendable);
        return;
    }
    struct sending sending = {.template = sendable->name};
    if (sendable->needs & NEEDS_TEXT) {
        sending.text = d->block->text;
        d->text_used = true;
    }
    if (deed_closed(d) || !names_parties(d, words.at + 1, words.n - 1, &sending.to))
        return;
    bool fitting = fits(d, sendable, &sending.to);
    bool true_now = timely(d, sendable);
    if (!texts_clean(d, sendable, &sending.to) || !fitting || !true_now)
        return;
    send_plan(d, &sending);
    const char *what;
    const char *own = own_words(d, sendable, &what);
    if (own)
        echoes_warn(d, what, own, &sending.to);
}

void command_stop(struct deed *d)
{
    struct span word;
    uint64_t n;
    if (!deed_one_word(d, &word))
        return;
    const struct send *send =
        deed_number(word, 'S', UINT32_MAX, &n) ? case_send(d->c->head, (uint32_t)n) : NULL;
    if (!send)
        deed_mistake(d, "%s: no such send in C%llu", text_one_line(d->w->a, word, SLUG_MAX),
                     (unsigned long long)d->c->head->number);
    else if (send->state == SEND_STOPPED)
        deed_mistake(d, "S%u is stopped already", send->n);
    else
        deed_answer(d, "%s", send_stop(d->w, d->c, send->n));
}

void command_tell(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    struct sending sending = {.template = TEMPLATE_TELL, .text = d->block->text};
    d->text_used = true;
    if (deed_closed(d) || !names_parties(d, words.at, words.n, &sending.to))
        return;
    if (!*sending.text) {
        deed_mistake(d, "Tell needs a text: below the block, behind an empty line");
        return;
    }
    bool titled = hits_check(d, "the title", d->c->head->title, &sending.to);
    if (!hits_check(d, "the text", sending.text, &sending.to) || !titled)
        return;
    send_plan(d, &sending);
    echoes_warn(d, "the text", sending.text, &sending.to);
}

/* Whose preview a letter is to hold: a name that stays the same until it is made. */
static const char *reader_word(struct deed *d, const struct party *party)
{
    return party->kind == PARTY_REPORTER ? arena_printf(d->w->a, "reporter-%u", party->n)
                                         : party_name(d->w, d->c, party);
}

/* "L97" or "S5" of this case, as the preview knows it; NULL: it is none. */
static const char *number_word(struct deed *d, struct span word)
{
    struct letter *letter;
    uint64_t n;
    if (deed_number(word, 'S', UINT32_MAX, &n) && case_send(d->c->head, (uint32_t)n))
        return arena_printf(d->w->a, "S%llu", (unsigned long long)n);
    letter = deed_number(word, 'L', INT64_MAX, &n) ? work_letter(d->w, n) : NULL;
    if (letter && letter->send && letter->place.kind == PLACE_CASE &&
        letter->place.number == d->c->head->number)
        return arena_printf(d->w->a, "L%llu", (unsigned long long)n);
    return NULL;
}

/* "L99" that is none of this case's, and no org's name either. */
static bool is_lost_number(struct deed *d, struct span word)
{
    uint64_t n;
    bool number = deed_number(word, 'S', UINT32_MAX, &n) || deed_number(word, 'L', INT64_MAX, &n);
    if (!number || directory_org_slug(d->w->view->directory, word))
        return false;
    deed_mistake(d, "%.*s: no such letter or send in C%llu", (int)word.n, (const char *)word.at,
                 (unsigned long long)d->c->head->number);
    return true;
}

void command_preview(struct deed *d)
{
    struct words words = words_of(d->w->a, d->command->value);
    struct place place = {.kind = PLACE_CASE, .number = d->c->head->number};
    struct parties to = {0};
    const struct sendable *sendable = NULL;
    if (words.n == 0 || words.n > 2) {
        deed_mistake(d, "write \"Preview: acme\" or \"Preview: all\", and the letter if you like; "
                        "or Preview: L97");
        return;
    }
    bool all = span_eq_nocase(words.at[0], "all");
    if (words.n == 2 && !(sendable = find_sendable(d, words.at[1])))
        return;
    const char *number = number_word(d, words.at[0]);
    if (number && sendable) {
        deed_mistake(d, "%s is a letter already, and shown as it is", number);
        return;
    }
    if (!all && !number && is_lost_number(d, words.at[0]))
        return;
    if (!all && !number && !names_parties(d, words.at, 1, &to))
        return;
    if (to.n > 1) {
        deed_mistake(d, "Preview shows one reader, or all");
        return;
    }
    if (sendable && !fits(d, sendable, &to))
        return;
    const char *whose = all ? "all" : number ? number : reader_word(d, to.at[0]);
    struct letter *letter =
        coordinator_letter(d->w, d->c, place, d->author->contact, TEMPLATE_PREVIEW);
    letter->text = sendable ? arena_printf(d->w->a, "%s %s", whose, sendable->name) : whose;
    if (number)
        deed_answer(d, "%s, as it would go now, comes in a letter of its own", number);
    else
        deed_answer(d, "what %s would get comes in a letter of its own", all ? "everyone" : whose);
}
