#include "engine/hits.h"

#include "base/text.h"
#include "redact/fold.h"

enum { HIT_NAME_MAX = 60, HIT_AROUND = 24 /* bytes on each side */ };

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

/* A name that must not go out, where it stands first. */
struct named {
    const char *name;
    const char *around;    /* the words before and behind it */
    size_t at;             /* in bytes of the text that was searched */
    const struct org *org; /* whose it is; NULL: a name of the public list, or of nobody */
};

struct names_found {
    struct named *at;
    size_t n;
    size_t room;
};

const char *hits_around(struct arena *a, struct span text, const struct term_hit *hit)
{
    size_t low = hit->at, end = hit->at + hit->n, high = end;
    while (low > 0 && text.at[low - 1] != '\n' && hit->at - low < HIT_AROUND)
        low--;
    while (high < text.n && text.at[high] != '\n' && high - end < HIT_AROUND)
        high++;
    /* Whole words, and so whole letters. */
    while (low > 0 && low < hit->at && text.at[low - 1] > ' ')
        low++;
    while (high < text.n && high > end && text.at[high] > ' ')
        high--;
    return text_one_line(a, span_trim(span_of(text.at + low, high - low)),
                         HIT_AROUND * 2 + HIT_NAME_MAX);
}

static void add_named(struct work *w, struct names_found *list, struct span text,
                      const struct term_hit *hit)
{
    const char *name = text_one_line(w->a, span_of(text.at + hit->at, hit->n), HIT_NAME_MAX);
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->at[i].name, name) == 0)
            return;
    ARENA_GROW(w->a, list->at, list->n, list->room);
    list->at[list->n++] = (struct named){
        .name = name,
        .around = hits_around(w->a, text, hit),
        .at = hit->at,
        .org = directory_org(w->view->directory, hit->terms[0]->owner),
    };
}

/* Adds what stands in text and is neither allowed nor owned by the only reader. False: the text
 * can't be searched. */
static bool find(struct work *w, const struct case_head *head, struct span text, uint32_t only,
                 struct names_found *found)
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
        add_named(w, found, text, hit);
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

/* Is this org among those who will read the text? Then a fence is a way out. */
static bool reads(const struct parties *readers, const struct org *org)
{
    for (size_t i = 0; org && i < readers->n; i++)
        if (readers->at[i]->org == org->id)
            return true;
    return false;
}

/* The whole list at once, each with its place and every way out. */
static void tell(struct deed *d, const char *what, const struct named *hit, size_t line,
                 const struct parties *readers)
{
    const char *fence =
        reads(readers, hit->org)
            ? arena_printf(d->w->a, ", put it between [[only %s]] and [[end]]", hit->org->slug)
            : "";
    deed_mistake(d, "%s, its line %zu, names \"%s\": \"%s\"; take it out%s, or say Allow-Term: %s",
                 what, line, hit->name, hit->around, fence, hit->name);
}

static size_t line_of(struct span text, const unsigned char *at)
{
    size_t line = 1;
    for (const unsigned char *p = text.at; p < at; p++)
        line += *p == '\n';
    return line;
}

bool hits_check(struct deed *d, const char *what, const char *text, const struct parties *readers)
{
    struct work *w = d->w;
    struct fence_names names = names_for_fences(w);
    struct span whole = span_str(text);
    struct fenced fenced = fences_read(w->a, whole, &names);
    bool sound = fences_sound(d, what, &fenced);
    struct names_found found = {0};
    for (size_t i = 0; i < fenced.n_segments; i++) {
        uint32_t org = 0;
        size_t n = count_readers(&fenced.segments[i], readers, &org);
        struct span part = fenced.segments[i].text;
        size_t before = found.n;
        if (n > 0 && !find(w, d->c->head, part, n == 1 ? org : 0, &found)) {
            deed_mistake(d, "%s is too long to be searched for names", what);
            sound = false;
        }
        for (size_t k = before; k < found.n; k++)
            tell(d, what, &found.at[k], line_of(whole, part.at + found.at[k].at), readers);
    }
    return sound && found.n == 0;
}

const char *hits_named(struct work *w, const struct case_head *head, const char *text)
{
    struct names_found found = {0};
    if (!find(w, head, span_str(text), 0, &found) || found.n == 0)
        return NULL;
    const char *names = found.at[0].name;
    for (size_t i = 1; i < found.n; i++)
        names = arena_printf(w->a, "%s, %s", names, found.at[i].name);
    return names;
}
