#include "compose/inspect.h"

#include "base/text.h"
#include "compose/batch.h"
#include "mime/strict.h"
#include "redact/guard-fences.h"

enum {
    OWNERS_MAX = 3,
    HITS_MAX = 8,     /* of one part that are told */
    OUTSIDE_MAX = 50, /* texts that are looked for one by one */
};

static const uint32_t READER_ITSELF = UINT32_MAX; /* no org and no party has this number */

/* What the guard looks at, growing. */
struct looked {
    struct arena *a;
    struct guard_part *at;
    size_t n;
    size_t room;
};

static void add_part(struct looked *l, const char *name, struct span text)
{
    if (text.n == 0)
        return;
    ARENA_GROW(l->a, l->at, l->n, l->room);
    l->at[l->n++] = (struct guard_part){name, text};
}

/* What the opener read in it: its text, what a file holds, and what that says of its makers. */
static void add_carried(struct looked *l, const struct compose_attachment *file)
{
    const char *name = arena_printf(l->a, "attachment %s", file->n);

    add_part(l, name, file->text);
    add_part(l, name, file->carried);
    for (size_t i = 0; file->facts != NULL && i < file->facts->n; i++) {
        struct span fact = span_str(file->facts->at[i]);
        size_t colon = span_find(fact, ':');

        add_part(l, arena_printf(l->a, "%s (%.*s)", name, (int)colon, (const char *)fact.at),
                 span_trim(span_from(fact, colon + 1)));
    }
}

/* UTF-16 as UTF-8, if the bytes say that they are: by their first two, or as a text with NULs.
 * Empty: they do not. */
static struct span from_utf16(struct arena *a, const struct strict_part *part)
{
    struct span s = part->bytes;
    bool little = s.n >= 2 && s.at[0] == 0xFF && s.at[1] == 0xFE;
    bool big = s.n >= 2 && s.at[0] == 0xFE && s.at[1] == 0xFF;
    size_t nul = span_find(s, '\0');
    struct buf b = buf_new(a, s.n * 2 + 4);

    if (!little && !big && (nul == s.n || strncmp(part->type, "text/", 5) != 0))
        return span_of(NULL, 0);
    if (!little && !big)
        little = nul % 2 == 1;
    for (size_t i = 0; i + 1 < s.n; i += 2) {
        uint32_t unit =
            (uint32_t)(little ? s.at[i] | s.at[i + 1] << 8 : s.at[i] << 8 | s.at[i + 1]);

        text_utf8_add(&b, unit);
    }
    return buf_span(&b);
}

/*
 * An attachment was looked at by a coordinator, who released it to this reader; what is in it as
 * text, by the opener's reading or because it is one (also in UTF-16), is looked at here too. Bytes
 * that are no text have nothing that could be compared.
 */
static void add_attachment(struct looked *l, const struct compose_job *job, size_t i,
                           const struct strict_part *part)
{
    const char *name = arena_printf(l->a, "attachment %zu", i + 1);

    add_part(l, arena_printf(l->a, "file name %zu", i + 1), span_str(part->filename));
    if (i < job->n_attachments)
        add_carried(l, &job->attachments[i]);
    if (text_is_utf8(part->bytes) && span_find(part->bytes, '\0') == part->bytes.n)
        add_part(l, name, part->bytes);
    else
        add_part(l, name, from_utf16(l->a, part));
}

static struct looked parts_of(struct arena *a, const struct compose_job *job,
                              const struct strict_mail *mail, bool desk_keys)
{
    struct looked l = {.a = a};

    for (size_t i = 0; i < mail->n_headers; i++)
        add_part(&l, arena_printf(a, "header %s", mail->headers[i].name),
                 span_str(mail->headers[i].value));
    for (size_t i = 0; i < mail->n_parts; i++) {
        if (i == 0)
            add_part(&l, "text", mail->parts[i].bytes);
        else if (!desk_keys)
            add_attachment(&l, job, i - 1, &mail->parts[i]);
    }
    return l;
}

/* The runs of each of the texts, and of `more` behind them. NULL: they can't be known. */
static const struct guard_runs **runs_of_all(struct arena *a, const struct compose_job *job,
                                             const struct span *texts, size_t n,
                                             const struct guard_runs *more)
{
    const struct guard_runs **runs = ARENA_ARRAY(a, n + 1, const struct guard_runs *);

    for (size_t i = 0; i < n; i++) {
        runs[i] = batch_runs(job->batch, a, texts[i]);
        if (runs[i] == NULL)
            return NULL;
    }
    runs[n] = more;
    return runs;
}

/* The names and addresses on the letter itself: a reporter may sit at a vendor's domain, and has
 * its own address in front of it. What stands inside them is let through, there alone. */
static const struct guard_words *envelope_words(struct arena *a, const struct write_letter *letter)
{
    const char *const TEXTS[] = {letter->to.address, letter->to.name, letter->from.address,
                                 letter->from.name, letter->reply_to.address};
    struct guard_word words[LEN(TEXTS)];
    size_t n = 0;

    for (size_t i = 0; i < LEN(TEXTS); i++) {
        if (TEXTS[i] != NULL)
            words[n++] = (struct guard_word){TEXTS[i], READER_ITSELF, GUARD_TERM, false};
    }
    return guard_words_new(a, words, n);
}

/* ---- all that is found: who lets it through must have seen it ---- */

struct telling {
    struct arena *a;
    const struct compose_job *job;
    const char *list;
};

static void tell_hit(struct telling *t, const struct guard_hit *hit)
{
    const char *text =
        arena_printf(t->a, "%s in %s: %s", guard_kind_text(hit->kind), hit->part, hit->what);

    t->list = t->list == NULL ? text : arena_printf(t->a, "%s; %s", t->list, text);
}

/* Of each foreign text in the part, its first words there. */
static void tell_runs(struct telling *t, struct guard_view view, const struct guard_part *part)
{
    const struct compose_guard *guard = &t->job->guard;

    view.n_words = 0;
    for (size_t i = 0; i < guard->n_outside && i < OUTSIDE_MAX; i++) {
        struct guard_runs *one = guard_runs_new(t->a);
        const struct guard_runs *const outside[] = {one};
        struct guard_hit hit;

        if (!guard_runs_add(one, guard->outside[i]))
            continue;
        view.outside = outside;
        view.n_outside = 1;
        hit = guard_check(t->a, &view, part, 1);
        if (hit.kind == GUARD_RUN)
            tell_hit(t, &hit);
    }
}

/* One hit after the other: what was told is let through for the next look. */
static void tell_part(struct telling *t, struct guard_view view, const struct guard_part *part)
{
    const char **allowed = ARENA_ARRAY(t->a, view.n_allowed + HITS_MAX, const char *);
    const char *last = "";

    for (size_t i = 0; i < view.n_allowed; i++)
        allowed[i] = view.allowed[i];
    view.allowed = allowed;
    for (size_t i = 0; i < HITS_MAX; i++) {
        struct guard_hit hit = guard_check(t->a, &view, part, 1);

        if (hit.kind == GUARD_CLEAR || strcmp(hit.what, last) == 0)
            return;
        if (hit.kind == GUARD_RUN) {
            tell_runs(t, view, part);
            view.n_outside = 0;
            continue;
        }
        tell_hit(t, &hit);
        if (hit.kind != GUARD_TERM && hit.kind != GUARD_PHONE)
            return;
        last = hit.what;
        allowed[view.n_allowed++] = hit.what;
    }
}

static const char *all_hits(struct arena *a, const struct compose_job *job,
                            const struct guard_view *view, const struct looked *looked,
                            const struct guard_hit *first)
{
    struct telling t = {.a = a, .job = job};

    for (size_t i = 0; i < looked->n; i++)
        tell_part(&t, *view, &looked->at[i]);
    if (t.list == NULL)
        tell_hit(&t, first);
    return t.list;
}

static const char *value_of(const struct compose_job *job, const char *name)
{
    const struct tvalue *value = tvalue_get(job->values, span_str(name));

    return value == NULL ? NULL : value->string;
}

static const char *ask_guard(struct arena *a, const struct compose_job *job,
                             const struct looked *looked, const char *frame)
{
    const struct compose_guard *guard = &job->guard;
    struct guard_runs *own_words = guard_runs_new(a);
    const struct guard_words *words[] = {guard->directory, envelope_words(a, &job->letter),
                                         guard->of_case};
    const uint32_t own[OWNERS_MAX] = {READER_ITSELF, job->reader.owner, job->reader.org};
    const char *const own_ids[] = {value_of(job, "mark"), value_of(job, "code")};
    struct guard_view view = {
        .words = words,
        .n_words = guard->of_case == NULL ? 2 : 3,
        .own = own,
        .n_own = OWNERS_MAX,
        .allowed = job->reader.allowed,
        .n_allowed = job->reader.n_allowed,
        .outside = runs_of_all(a, job, guard->outside, guard->n_outside, NULL),
        .n_outside = guard->n_outside,
        .index = batch_index(job->batch),
        .inside = runs_of_all(a, job, guard->inside, guard->n_inside, own_words),
        .n_inside = guard->n_inside + 1,
        .own_ids = own_ids,
        .n_own_ids = LEN(own_ids),
    };
    struct guard_hit hit;

    if (view.outside == NULL || view.inside == NULL || !guard_runs_add(own_words, span_str(frame)))
        return "a text of the case could not be compared with the letter";
    hit = guard_check(a, &view, looked->at, looked->n);
    if (hit.kind == GUARD_CLEAR)
        return NULL;
    return all_hits(a, job, &view, looked, &hit);
}

static bool has_own_piece(const struct compose_job *job)
{
    for (size_t i = 0; i < job->n_pieces; i++) {
        if (job->pieces[i].own)
            return true;
    }
    return false;
}

/* What selection must not have handed over. */
static const char *not_selected(struct arena *a, const struct compose_job *job)
{
    const struct compose_guard *guard = &job->guard;

    for (size_t i = 0; i < job->n_pieces; i++) {
        for (size_t j = 0; j < guard->n_not_pieces; j++) {
            if (job->pieces[i].n == guard->not_pieces[j])
                return arena_printf(a, "piece %u is not for this reader", job->pieces[i].n);
        }
    }
    for (size_t i = 0; i < job->n_attachments; i++) {
        for (size_t j = 0; j < guard->n_not_parts; j++) {
            if (strcmp(job->attachments[i].n, guard->not_parts[j]) == 0)
                return arena_printf(a, "attachment %s is not for this reader", guard->not_parts[j]);
        }
    }
    return NULL;
}

static const char *fence_left(struct arena *a, const struct compose_job *job,
                              const struct looked *looked)
{
    for (size_t i = 0; i < looked->n; i++) {
        struct span fence = guard_fence_left(looked->at[i].text);

        if (fence.n > 0 && strcmp(looked->at[i].name, "text") == 0 && !has_own_piece(job))
            return arena_printf(a, "a fence is left in the text: %s", span_dup(a, fence));
    }
    return NULL;
}

const char *inspect(struct arena *a, const struct compose_job *job, struct span bytes,
                    const char *frame)
{
    const struct letter_template *t =
        catalogue_find(job->catalogue, job->reader.language, job->template);
    struct strict_mail mail;
    struct looked looked;
    const char *why;

    if (job->guard.directory == NULL || t == NULL)
        return "there is nothing to check the letter against";
    if (strict_read_all(a, bytes, &mail) != STRICT_OK || mail.n_parts == 0 ||
        !mail.parts[0].is_text)
        return "the finished letter could not be read back";
    looked = parts_of(a, job, &mail, t->attachments == TEMPLATE_ATTACH_DESK_KEY);
    why = not_selected(a, job);
    if (why == NULL)
        why = fence_left(a, job, &looked);
    return why != NULL ? why : ask_guard(a, job, &looked, frame);
}
