#include "engine/hits.h"

#include "base/text.h"
#include "redact/fold.h"

enum { HIT_NAME_MAX = 60 };

static bool same_word(struct arena *a, struct span x, struct span y)
{
    return span_eq_str(span_str(fold_word(a, x)), fold_word(a, y));
}

/* Let through for this case: by the term, or as it is written here. */
static bool allowed(struct arena *a, const struct case_head *head, const struct term_hit *hit,
                    struct span written)
{
    for (size_t i = 0; i < head->allow_terms.n; i++) {
        struct span word = span_str(head->allow_terms.at[i]);
        if (same_word(a, word, written))
            return true;
        for (size_t j = 0; j < hit->n_terms; j++)
            if (same_word(a, word, span_str(hit->terms[j]->text)))
                return true;
    }
    return false;
}

/* The desk's own names are known to whoever gets its mail. */
static bool is_desks(const struct work *w, const struct term_hit *hit)
{
    const struct org *desk = directory_org_slug(w->view->directory, span_str(DESK_SLUG));
    return desk && term_hit_owned(hit, &desk->id, 1);
}

/* Adds what stands in text and is neither allowed nor owned by the only reader. False: the text
 * can't be searched. */
static bool find(struct work *w, const struct case_head *head, struct span text, uint32_t only,
                 struct strs *ret_names)
{
    struct term_hits hits;
    if (!terms_find(w->view->terms, w->a, text, &hits))
        return false;
    for (size_t i = 0; i < hits.n; i++) {
        const struct term_hit *hit = &hits.at[i];
        struct span written = span_of(text.at + hit->at, hit->n);
        if (is_desks(w, hit) || (only && term_hit_owned(hit, &only, 1)) ||
            allowed(w->a, head, hit, written))
            continue;
        const char *name = text_one_line(w->a, written, HIT_NAME_MAX);
        if (!strs_has(ret_names, name))
            strs_add(w->a, ret_names, name);
    }
    return true;
}

/* How many readers see the segment; the org of the last one of them. */
static size_t count_readers(const struct fence_segment *segment, const struct parties *readers,
                            uint32_t *ret_org)
{
    size_t n = 0;
    for (size_t i = 0; i < readers->n; i++) {
        if (!fence_visible(&segment->audience, readers->at[i]->org))
            continue;
        n++;
        *ret_org = readers->at[i]->org;
    }
    return n;
}

static bool fences_sound(struct deed *d, const char *what, const struct fenced *fenced)
{
    for (size_t i = 0; i < fenced->n_defects; i++)
        deed_mistake(d, "%s, its line %zu: %s: %s", what, fenced->defects[i].line,
                     fence_mistake_text(fenced->defects[i].mistake), fenced->defects[i].what);
    return fenced->n_defects == 0;
}

bool hits_check(struct deed *d, const char *what, const char *text, const struct parties *readers)
{
    struct work *w = d->w;
    struct fence_names names = names_for_fences(w);
    struct fenced fenced = fences_read(w->a, span_str(text), &names);
    struct strs found = {0};
    bool searched = true;
    bool sound = fences_sound(d, what, &fenced);
    for (size_t i = 0; i < fenced.n_segments; i++) {
        uint32_t org = 0;
        size_t n = count_readers(&fenced.segments[i], readers, &org);
        if (n > 0)
            searched =
                find(w, d->c->head, fenced.segments[i].text, n == 1 ? org : 0, &found) && searched;
    }
    for (size_t i = 0; i < found.n; i++)
        deed_mistake(d, "%s names \"%s\"; take it out, or say Allow-Term: %s", what, found.at[i],
                     found.at[i]);
    if (!searched)
        deed_mistake(d, "%s is too long to be searched for names", what);
    return sound && searched && found.n == 0;
}

const char *hits_named(struct work *w, const struct case_head *head, const char *text)
{
    struct strs found = {0};
    if (!find(w, head, span_str(text), 0, &found) || found.n == 0)
        return NULL;
    const char *names = found.at[0];
    for (size_t i = 1; i < found.n; i++)
        names = arena_printf(w->a, "%s, %s", names, found.at[i]);
    return names;
}
