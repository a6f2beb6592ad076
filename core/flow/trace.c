#include "flow/trace.h"

#include <stdlib.h>

#include "base/text.h"
#include "engine/audience.h"
#include "flow/listing.h"
#include "redact/mark.h"

enum { WORD_MIN = 8, WORD_MAX = 64, WORDS_MAX = 200 * 1000, MARKS_MAX = 1000 };

static const char *const sure_words[] = {"certain", "likely", "possible"};

/* The text's words of base32 letters, in lower case, sorted; and the marks in it. */
struct signs {
    struct span *words;
    size_t n_words;
    size_t words_room;
    unsigned char (*marks)[MARK_BYTES];
    size_t n_marks;
    size_t marks_room;
    bool more_words; /* than WORDS_MAX */
    bool more_marks;
};

void trace_enter(struct trace *t, struct txn *txn)
{
    t->txn = txn;
    txn_rows(txn, &t->rows);
}

void trace_add(struct trace *t, const struct trace_finding *finding)
{
    if (t->n >= TRACE_FINDINGS_MAX) {
        t->n_left_out++;
        return;
    }
    ARENA_GROW(t->a, t->at, t->n, t->room);
    t->at[t->n++] = *finding;
}

bool trace_may_see(const struct trace *t, struct place place, bool *ret_may, struct err *err)
{
    struct case_head *head = NULL;
    struct report *report = NULL;
    uint64_t number = place.kind == PLACE_CASE ? place.number : 0;

    if (place.kind == PLACE_REPORT) {
        if (!t->rows.report(t->rows.ctx, t->a, place.number, &report, err))
            return false;
        number = report == NULL ? 0 : report->joined;
    }
    if (number != 0 && !t->rows.head(t->rows.ctx, t->a, number, &head, err))
        return false;
    *ret_may = head == NULL || audience_coordinator(head, t->who);
    return true;
}

static bool in_base32(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

static int by_bytes(const void *x, const void *y)
{
    const struct span *a = x;
    const struct span *b = y;
    size_t n = a->n < b->n ? a->n : b->n;
    int order = n == 0 ? 0 : memcmp(a->at, b->at, n);

    return order != 0 ? order : (a->n > b->n) - (a->n < b->n);
}

static int by_mark(const void *x, const void *y)
{
    return memcmp(x, y, MARK_BYTES);
}

/* A text may repeat a line as often as it likes. */
static size_t once_each(void *array, size_t n, size_t size,
                        int (*order)(const void *, const void *))
{
    char *at = array;
    size_t kept = 0;

    if (n > 0)
        qsort(at, n, size, order);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || order(at + (kept - 1) * size, at + i * size) != 0)
            memmove(at + kept++ * size, at + i * size, size);
    }
    return kept;
}

static void read_words(const struct trace *t, struct signs *s)
{
    char *lower = span_dup(t->a, t->text);
    size_t start = 0;

    for (size_t i = 0; i <= t->text.n; i++) {
        if (i < t->text.n && lower[i] >= 'A' && lower[i] <= 'Z')
            lower[i] = (char)(lower[i] + ('a' - 'A'));
        if (i < t->text.n && in_base32((unsigned char)lower[i]))
            continue;
        if (i - start >= WORD_MIN && i - start <= WORD_MAX) {
            s->more_words = s->more_words || s->n_words == WORDS_MAX;
            if (s->more_words)
                return;
            ARENA_GROW(t->a, s->words, s->n_words, s->words_room);
            s->words[s->n_words++] = span_of(lower + start, i - start);
        }
        start = i + 1;
    }
}

static struct signs read_signs(const struct trace *t)
{
    struct signs s = {.n_words = 0};
    struct span rest = t->text;
    unsigned char mark[MARK_BYTES];

    read_words(t, &s);
    s.n_words = once_each(s.words, s.n_words, sizeof(*s.words), by_bytes);
    while (!s.more_marks && mark_find(&rest, mark)) {
        s.more_marks = s.n_marks == MARKS_MAX;
        if (s.more_marks)
            break;
        ARENA_GROW(t->a, s.marks, s.n_marks, s.marks_room);
        memcpy(s.marks[s.n_marks++], mark, MARK_BYTES);
    }
    s.n_marks = once_each(s.marks, s.n_marks, sizeof(*s.marks), by_mark);
    return s;
}

static bool has_word(const struct signs *s, struct span word)
{
    return word.n >= WORD_MIN && s->n_words > 0 &&
           bsearch(&word, s->words, s->n_words, sizeof(*s->words), by_bytes) != NULL;
}

static bool has_mark(const struct trace *t, const struct signs *s, const struct letter *letter)
{
    unsigned char mark[MARK_BYTES];

    store_mark(t->store, letter->place, letter->number, mark);
    for (size_t i = 0; i < s->n_marks; i++) {
        if (memcmp(s->marks[i], mark, MARK_BYTES) == 0)
            return true;
    }
    return false;
}

static struct span before_at(const char *id)
{
    struct span whole = span_str(id);

    return span_first(whole, span_find(whole, '@'));
}

/* What only this letter has, in the order of how plainly it says so. */
static bool find_in_letter(struct trace *t, const struct signs *s, const struct letter *letter,
                           struct err *err)
{
    const struct {
        const char *what;
        bool found;
        enum trace_sure sure;
    } signs[] = {
        {"distribution mark", has_mark(t, s, letter), TRACE_CERTAIN},
        {"Message-ID", has_word(s, before_at(letter->message_id)), TRACE_CERTAIN},
        {"command code", has_word(s, span_str(letter->code)), TRACE_CERTAIN},
        {"envelope sender", has_word(s, span_str(letter->verp)), TRACE_CERTAIN},
        {"tag of the outer subject", has_word(s, span_str(letter->subject_tag)), TRACE_LIKELY},
    };
    bool may;

    for (size_t i = 0; i < LEN(signs); i++) {
        if (!signs[i].found)
            continue;
        if (!trace_may_see(t, letter->place, &may, err))
            return false;
        if (may)
            trace_add(t, &(struct trace_finding){.sure = signs[i].sure,
                                                 .what = signs[i].what,
                                                 .letter = letter,
                                                 .place = letter->place});
    }
    return true;
}

/* A private reply address stands for a contact in a case, not for one letter. */
static bool find_tokens(struct trace *t, const struct signs *s, struct err *err)
{
    for (size_t i = 0; i < s->n_words; i++) {
        struct trace_finding found = {.sure = TRACE_CERTAIN, .what = "private reply address"};
        const struct contact *contact;
        uint32_t id, generation;
        bool may;

        if (!store_token_read(t->store, s->words[i], &found.place, &id, &generation))
            continue;
        contact = directory_contact(t->world->directory, id);
        if (contact == NULL)
            continue;
        if (!trace_may_see(t, found.place, &may, err))
            return false;
        found.contact = contact->slug;
        if (may)
            trace_add(t, &found);
    }
    return true;
}

static const char *name_of(const struct trace *t, const struct trace_finding *f)
{
    const struct contact *contact =
        f->letter == NULL ? NULL : directory_contact(t->world->directory, f->letter->contact);
    const struct org *org =
        contact == NULL ? NULL : directory_org(t->world->directory, contact->org);

    if (f->reader != NULL)
        return f->reader;
    if (org != NULL)
        return org->slug;
    return f->letter == NULL ? NULL : arena_printf(t->a, "reporter %u", f->letter->party);
}

static json_t *finding_json(const struct trace *t, const struct trace_finding *f)
{
    const struct letter *l = f->letter;
    const struct contact *contact =
        l == NULL ? NULL : directory_contact(t->world->directory, l->contact);
    json_t *o = json_object();

    json_set_text(o, "sure", sure_words[f->sure]);
    json_set_text(o, "what", f->what);
    json_set_text(o, "reader", name_of(t, f));
    json_set_text(o, "contact", contact != NULL ? contact->slug : f->contact);
    json_set_text(o, "address", l == NULL ? NULL : l->address);
    json_set_text(o, "place", place_name(t->a, f->place));
    json_set_text(o, "letter",
                  l == NULL ? NULL : arena_printf(t->a, "L%llu", (unsigned long long)l->number));
    json_set_text(o, "template", l == NULL ? NULL : l->template);
    json_set_text(o, "sent", l == NULL || l->date == 0 ? NULL : text_rfc3339(t->a, l->date));
    json_object_set_new(o, "runs", json_integer((json_int_t)f->runs));
    return o;
}

/* What only one letter has is looked for in all of them, in one read. */
static bool look_for_signs(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct trace *t = ctx;
    struct signs signs = read_signs(t);

    (void)a;
    trace_enter(t, txn);
    t->n_cases = t->rows.last_case;
    if (!txn_list_letters(txn, t->a, &t->letters, &t->n_letters, err))
        return false;
    for (size_t i = 0; i < t->n_letters; i++) {
        if (!find_in_letter(t, &signs, t->letters[i], err))
            return false;
    }
    if (signs.more_words)
        strs_add(t->a, &t->incomplete,
                 arena_printf(t->a, "only the first %d words that could be an id were looked at",
                              WORDS_MAX));
    if (signs.more_marks)
        strs_add(
            t->a, &t->incomplete,
            arena_printf(t->a, "only the first %d distribution marks were looked at", MARKS_MAX));
    return find_tokens(t, &signs, err);
}

static json_t *findings_json(const struct trace *t)
{
    json_t *list = json_array();

    for (int sure = TRACE_CERTAIN; sure <= TRACE_POSSIBLE; sure++) {
        for (size_t i = 0; i < t->n; i++) {
            if (t->at[i].sure == (enum trace_sure)sure)
                json_array_append_new(list, finding_json(t, &t->at[i]));
        }
    }
    return list;
}

bool trace_json(struct trace *t, json_t **ret_json, struct err *err)
{
    json_t *incomplete;

    if (t->text.n > TRACE_TEXT_MAX)
        strs_add(
            t->a, &t->incomplete,
            arena_printf(t->a, "only the first %d bytes of text were looked at", TRACE_TEXT_MAX));
    t->text = span_first(t->text, t->text.n < TRACE_TEXT_MAX ? t->text.n : TRACE_TEXT_MAX);
    if (!store_read(t->store, t->a, look_for_signs, t, err) || !trace_wording(t, err))
        return false;
    if (t->n_left_out > 0)
        strs_add(t->a, &t->incomplete,
                 arena_printf(t->a, "%zu findings more are left out", t->n_left_out));
    incomplete = json_array();
    for (size_t i = 0; i < t->incomplete.n; i++)
        json_array_append_new(incomplete, json_string(t->incomplete.at[i]));
    *ret_json = json_object();
    json_object_set_new(*ret_json, "findings", findings_json(t));
    json_object_set_new(*ret_json, "incomplete", incomplete);
    return true;
}
