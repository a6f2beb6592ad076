#include "compose/compose.h"

#include "base/buf.h"
#include "base/visible.h"
#include "compose/batch.h"
#include "compose/inspect.h"
#include "redact/firewall.h"
#include "redact/ids.h"

struct composing {
    struct arena *a;
    const struct compose_job *job;
    const struct letter_template *template;
    struct redact_reader reader;
    uint32_t own[2];
    struct err *err;
};

static bool for_coordinator(const struct composing *c)
{
    return c->job->reader.audience == TEMPLATE_COORDINATOR;
}

/* Quotes get their marks, and what would trick the eye its number. */
static const char *for_eyes(const struct composing *c, struct span text)
{
    return visible_text(c->a, quotes_mark(c->a, text));
}

/* What this reader may read of a text with fences in it. */
static struct span unfenced(const struct composing *c, struct span text)
{
    struct fenced fenced = fences_read(c->a, text, c->job->fence_names);

    return fences_text_for(c->a, &fenced, c->job->reader.org);
}

/* The same of what somebody else wrote: without what it quotes, unless quotes says less. */
static struct span passed_on(const struct composing *c, struct span text,
                             const struct quotes *quotes)
{
    struct fenced fenced = fences_read(c->a, text, c->job->fence_names);
    struct quotes found;

    if (quotes == NULL) {
        found = firewall_find(c->a, text, NULL);
        quotes = &found;
    }
    return firewall_text(c->a, text, &fenced, c->job->reader.org, quotes,
                         firewall_stand_in(redact_language(text)));
}

/* Without the names of the directory, without those that only this case knows, and without marks
 * and codes, which can only be their writer's. */
static struct span redacted(const struct composing *c, struct span text)
{
    const struct term_set *const sets[] = {c->job->terms, c->job->case_terms};
    const struct redact_scan *scan =
        batch_scan(c->job->batch, c->a, text, sets, c->job->case_terms == NULL ? 1 : 2);
    struct redact_reader reader = c->reader;
    struct redacted r;

    reader.mask = redact_mask(redact_language(text));
    r = redact_cut_for(c->a, scan, &reader);
    return ids_cut(c->a, span_of(r.text, r.n), reader.mask);
}

static const char *redacted_file_name(const struct composing *c, const char *name)
{
    struct redacted r =
        redact_file_name(c->a, span_str(name == NULL ? "" : name), c->job->terms, &c->reader);

    if (c->job->case_terms != NULL)
        r = redact_file_name(c->a, span_of(r.text, r.n), c->job->case_terms, &c->reader);
    return r.text;
}

/* The variable "text". A coordinator's words are not cut: a name in them holds the letter. */
static const char *own_text(const struct composing *c)
{
    struct span text = c->job->text;

    if (!for_coordinator(c))
        text = c->job->text_by_desk ? unfenced(c, text) : redacted(c, passed_on(c, text, NULL));
    return for_coordinator(c) ? for_eyes(c, text) : span_dup(c->a, text);
}

static struct tvalue *pieces_value(const struct composing *c)
{
    struct tvalue *list = tvalue_list(c->a);

    for (size_t i = 0; i < c->job->n_pieces; i++) {
        const struct compose_piece *piece = &c->job->pieces[i];
        struct tvalue *item = tvalue_object(c->a);
        struct span text = piece->text;

        if (!for_coordinator(c) && !piece->own)
            text = redacted(c, passed_on(c, text, piece->quotes));
        else if (for_coordinator(c))
            text = span_str(for_eyes(c, text));
        if (piece->n != 0)
            tvalue_set_string(c->a, item, "n", arena_printf(c->a, "%u", piece->n));
        tvalue_set_string(c->a, item, "from", piece->from);
        tvalue_set_string(c->a, item, "at", piece->at);
        tvalue_set_string(c->a, item, "text", span_dup(c->a, text));
        tvalue_push(c->a, list, item);
    }
    return list;
}

/* The files of this letter, with the names that its reader sees. */
static void add_attachments(const struct composing *c, struct tvalue *values,
                            struct write_letter *letter)
{
    bool keys = c->template->attachments == TEMPLATE_ATTACH_DESK_KEY;
    bool none = c->template->attachments == TEMPLATE_ATTACH_NONE;
    const struct compose_attachment *at = keys ? c->job->desk_keys : c->job->attachments;
    size_t n = keys ? c->job->n_desk_keys : c->job->n_attachments;
    struct write_attachment *files = ARENA_ARRAY(c->a, n, struct write_attachment);
    struct tvalue *list = tvalue_list(c->a);

    tvalue_set_bool(c->a, values, "desk_keys_attached", keys && n > 0);
    if (none || n == 0)
        return; /* a coordinator's copy tells of files that do not go with it */
    for (size_t i = 0; i < n; i++) {
        struct tvalue *item = tvalue_object(c->a);
        bool as_it_is = keys || for_coordinator(c);

        files[i].filename = as_it_is ? at[i].filename : redacted_file_name(c, at[i].filename);
        files[i].type = at[i].type;
        files[i].bytes = at[i].bytes;
        tvalue_set_string(c->a, item, "n", at[i].n);
        tvalue_set_string(c->a, item, "filename", files[i].filename);
        tvalue_set_string(c->a, item, "type", at[i].type);
        tvalue_set_string(c->a, item, "size", arena_printf(c->a, "%zu", at[i].bytes.n));
        tvalue_push(c->a, list, item);
    }
    letter->attachments = files;
    letter->n_attachments = n;
    if (!keys)
        tvalue_set(c->a, values, "attachments", list);
}

/* The calendar part goes last: the others keep the numbers that the text gives them. */
static void add_calendar(const struct composing *c, const struct rendered *rendered,
                         struct write_letter *letter)
{
    size_t n = letter->n_attachments;
    struct write_attachment *files = ARENA_ARRAY(c->a, n + 1, struct write_attachment);

    if (rendered->calendar == NULL)
        return;
    if (n > 0)
        memcpy(files, letter->attachments, n * sizeof(*files));
    files[n] = (struct write_attachment){.filename = c->template->calendar_name,
                                         .type = "text/calendar",
                                         .parameters = "charset=utf-8; method=PUBLISH",
                                         .bytes = span_str(rendered->calendar)};
    letter->attachments = files;
    letter->n_attachments = n + 1;
}

/* The caller's object is its own; what compose adds goes into a copy. */
static struct tvalue *copy_of(struct arena *a, const struct tvalue *object)
{
    struct tvalue *copy = tvalue_object(a);

    for (size_t i = 0; object != NULL && i < object->n; i++)
        tvalue_set(a, copy, object->keys[i], object->at[i]);
    return copy;
}

static bool render(const struct composing *c, const struct tvalue *values,
                   struct rendered *ret_rendered)
{
    return catalogue_render(c->a, c->job->catalogue, c->template, c->job->reader.audience, values,
                            ret_rendered, c->err);
}

/* The first or last words of a text: fewer than the guard takes for a run of it. */
static struct span edge(struct span text, bool last)
{
    size_t words = 0;
    size_t wide = 0;
    size_t n = 0;
    bool in_word = false;

    for (; n < text.n; n++) {
        unsigned char byte = text.at[last ? text.n - 1 - n : n];
        bool blank = byte <= ' ';

        words += in_word && blank ? 1 : 0;
        wide += (byte & 0xC0) == 0xC0 ? 1 : 0; /* the first byte of a letter beyond ASCII */
        if (words >= GUARD_RUN_WORDS - 1 || wide >= GUARD_RUN_CJK)
            break;
        in_word = !blank;
    }
    if (!last)
        return span_first(text, n);
    text = span_from(text, text.n - n);
    while (text.n > 0 && (text.at[0] & 0xC0) == 0x80)
        text = span_from(text, 1); /* the rest of a letter that was cut */
    return text;
}

/* A text of which only both ends are left, with so much between them that no run goes across. */
static const char *edges(const struct composing *c, const struct tvalue *text)
{
    struct span whole = span_str(text == NULL ? "" : text->string);
    struct buf out = buf_new(c->a, 2 * whole.n + 64);

    if (whole.n == 0)
        return "";
    buf_add_span(&out, edge(whole, false));
    buf_add_str(&out, "\nx x x x x x x x\n");
    buf_add_span(&out, edge(whole, true));
    return out.at;
}

/*
 * The letter once more, but of every text from others and from a coordinator's hand only its edges:
 * the desk's own words and how they meet those texts, which everyone who quotes a letter of ours
 * repeats. What is inside the texts has to pass the guard on its own.
 */
static bool frame_of(const struct composing *c, const struct tvalue *values, const char **ret_frame)
{
    const struct tvalue *pieces = tvalue_get(values, span_str("pieces"));
    struct tvalue *copy = copy_of(c->a, values);
    struct tvalue *list = tvalue_list(c->a);
    struct rendered frame;

    for (size_t i = 0; i < pieces->n; i++) {
        struct tvalue *item = copy_of(c->a, pieces->at[i]);

        tvalue_set_string(c->a, item, "text", edges(c, tvalue_get(item, span_str("text"))));
        tvalue_push(c->a, list, item);
    }
    tvalue_set(c->a, copy, "pieces", list);
    tvalue_set_string(c->a, copy, "text", edges(c, tvalue_get(values, span_str("text"))));
    if (!render(c, copy, &frame))
        return false;
    *ret_frame = frame.calendar == NULL ? frame.text
                                        : arena_printf(c->a, "%s\n%s", frame.text, frame.calendar);
    return true;
}

/* The same letter made later has the same stable text: no time of its own is in it. */
static bool stable_of(const struct composing *c, const struct tvalue *values,
                      const char **ret_stable)
{
    struct tvalue *copy = copy_of(c->a, values);
    struct rendered rendered;

    tvalue_set_string(c->a, copy, "sent_at", "");
    if (!render(c, copy, &rendered))
        return false;
    *ret_stable = arena_printf(c->a, "%s\n%s", rendered.subject, rendered.text);
    return true;
}

/* The guard's turn: what it found holds the letter, unless just that was let through. */
static bool judge(const struct composing *c, const struct tvalue *values, struct composed *done)
{
    const char *frame;

    done->shown = c->job->show ? done->bytes : span_of(NULL, 0);
    if (c->job->unjudged) {
        done->held = "the guard was not asked";
        done->bytes = span_of(NULL, 0);
        return stable_of(c, values, &done->stable);
    }
    if (!for_coordinator(c)) {
        if (!frame_of(c, values, &frame))
            return false;
        done->found = inspect(c->a, c->job, done->bytes, frame);
    }
    if (done->found != NULL &&
        (c->job->let_through == NULL || strcmp(c->job->let_through, done->found) != 0)) {
        done->held = done->found;
        done->bytes = span_of(NULL, 0);
    }
    return (done->found == NULL && !c->job->pin) || stable_of(c, values, &done->stable);
}

struct redact_reader compose_redact_reader(const struct compose_job *job, uint32_t own[2])
{
    const struct compose_reader *reader = &job->reader;
    size_t n_own = 0;

    /* 0 is nobody, and nobody's words are no one's own. */
    if (reader->owner != 0)
        own[n_own++] = reader->owner;
    if (reader->org != 0)
        own[n_own++] = reader->org;
    return (struct redact_reader){.own = own,
                                  .n_own = n_own,
                                  .allowed = reader->allowed,
                                  .n_allowed = reader->n_allowed,
                                  .mask = redact_mask(reader->language)};
}

static bool start(struct composing *c)
{
    const struct compose_job *job = c->job;

    c->template = catalogue_find(job->catalogue, job->reader.language, job->template);
    if (c->template == NULL)
        return err_set(c->err, ERR_OPERATOR, "there is no template \"%s\"", job->template);
    c->reader = compose_redact_reader(job, c->own);
    return true;
}

bool compose(struct arena *a, const struct compose_job *job, struct composed *ret_composed,
             struct err *err)
{
    struct composing c = {.a = a, .job = job, .err = err};
    struct composed done = {.letter = job->letter};
    struct tvalue *values = copy_of(a, job->values);
    struct rendered rendered;

    if (!start(&c))
        return false;
    tvalue_set(a, values, "pieces", pieces_value(&c));
    tvalue_set_string(a, values, "text", own_text(&c));
    tvalue_set_string(a, values, "own_reference", job->own_reference);
    add_attachments(&c, values, &done.letter);
    if (!render(&c, values, &rendered))
        return false;
    done.clear = c.template->clear;
    done.letter.subject = rendered.subject;
    done.letter.text = rendered.text;
    add_calendar(&c, &rendered, &done.letter);
    if (done.clear ? !write_plain(a, &done.letter, &done.bytes, err)
                   : !write_inner(a, &done.letter, &done.bytes, err))
        return false;
    if (!judge(&c, values, &done))
        return false;
    *ret_composed = done;
    return true;
}
