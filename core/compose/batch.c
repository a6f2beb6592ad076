#include "compose/batch.h"

struct scanned {
    struct span text;
    const struct term_set *first, *last; /* of the sets: letters of a case have the same */
    size_t n_sets;
    const struct redact_scan *scan;
};

struct hashed {
    struct span text;
    const struct guard_runs *runs; /* NULL: can't be known */
};

struct compose_batch {
    struct arena *a;
    struct scanned *scans;
    size_t n_scans, scans_room;
    struct hashed *runs;
    size_t n_runs, runs_room;
    struct guard_index *index;
};

struct compose_batch *compose_batch_new(struct arena *a)
{
    struct compose_batch *batch = ARENA_NEW(a, struct compose_batch);

    batch->a = a;
    batch->index = guard_index_new(a);
    return batch;
}

/* The letter that brought the text may be gone before the batch is. */
static struct span kept(struct compose_batch *batch, struct span text)
{
    return span_of(span_dup(batch->a, text), text.n);
}

const struct redact_scan *batch_scan(struct compose_batch *batch, struct arena *a, struct span text,
                                     const struct term_set *const *sets, size_t n_sets)
{
    struct scanned fresh = {.n_sets = n_sets};

    if (batch == NULL || n_sets == 0)
        return redact_scan(a, text, sets, n_sets);
    fresh.first = sets[0];
    fresh.last = sets[n_sets - 1];
    for (size_t i = 0; i < batch->n_scans; i++) {
        const struct scanned *old = &batch->scans[i];

        if (old->first == fresh.first && old->last == fresh.last && old->n_sets == n_sets &&
            span_eq(old->text, text))
            return old->scan;
    }
    if (batch->n_scans >= BATCH_TEXTS_MAX)
        return redact_scan(a, text, sets, n_sets);
    fresh.text = kept(batch, text);
    fresh.scan = redact_scan(batch->a, fresh.text, sets, n_sets);
    ARENA_GROW(batch->a, batch->scans, batch->n_scans, batch->scans_room);
    batch->scans[batch->n_scans++] = fresh;
    return fresh.scan;
}

const struct guard_index *batch_index(const struct compose_batch *batch)
{
    return batch == NULL ? NULL : batch->index;
}

static struct guard_runs *runs_of(struct arena *a, struct span text)
{
    struct guard_runs *runs = guard_runs_new(a);

    return guard_runs_add(runs, text) ? runs : NULL;
}

const struct guard_runs *batch_runs(struct compose_batch *batch, struct arena *a, struct span text)
{
    struct guard_runs *runs;
    struct hashed fresh;

    for (size_t i = 0; batch != NULL && i < batch->n_runs; i++)
        if (span_eq(batch->runs[i].text, text))
            return batch->runs[i].runs;
    if (batch == NULL || batch->n_runs >= BATCH_TEXTS_MAX)
        return runs_of(a, text);
    runs = runs_of(batch->a, text);
    if (runs != NULL)
        guard_index_add(batch->index, runs);
    fresh = (struct hashed){kept(batch, text), runs};
    ARENA_GROW(batch->a, batch->runs, batch->n_runs, batch->runs_room);
    batch->runs[batch->n_runs++] = fresh;
    return fresh.runs;
}
