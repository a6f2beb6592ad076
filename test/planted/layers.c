/*
 * layers.c - embargod-desk with one of the layers that keep readers apart switched off, for
 * test/e2e/test_layers.py: the word in a file `layer-off` beside the program says which.
 */
#include <limits.h>
#include <unistd.h>

#include "engine/audience.h"
#include "redact/fences.h"
#include "redact/firewall.h"
#include "redact/guard.h"
#include "redact/ids.h"
#include "redact/terms.h"

enum { WORD_BYTES = 32 };

static char off[WORD_BYTES];

bool __real_audience_piece(const struct piece *piece, const struct party *party);
bool __wrap_audience_piece(const struct piece *piece, const struct party *party);
bool __real_audience_part(const struct piece *piece, const struct piece_part *part,
                          const struct party *party);
bool __wrap_audience_part(const struct piece *piece, const struct piece_part *part,
                          const struct party *party);
struct u32s __real_audience_pieces(struct arena *a, const struct case_head *head,
                                   const struct party *party);
struct u32s __wrap_audience_pieces(struct arena *a, const struct case_head *head,
                                   const struct party *party);
struct fenced __real_fences_read(struct arena *a, struct span text,
                                 const struct fence_names *names);
struct fenced __wrap_fences_read(struct arena *a, struct span text,
                                 const struct fence_names *names);
struct term_set *__real_terms_new(struct arena *a, const struct term *terms, size_t n,
                                  size_t *ret_left_out);
struct term_set *__wrap_terms_new(struct arena *a, const struct term *terms, size_t n,
                                  size_t *ret_left_out);
struct quotes __real_firewall_find(struct arena *a, struct span text, struct echo *given);
struct quotes __wrap_firewall_find(struct arena *a, struct span text, struct echo *given);
struct span __real_ids_cut(struct arena *a, struct span text, const char *mask);
struct span __wrap_ids_cut(struct arena *a, struct span text, const char *mask);
struct guard_hit __real_guard_check(struct arena *a, const struct guard_view *view,
                                    const struct guard_part *parts, size_t n);
struct guard_hit __wrap_guard_check(struct arena *a, const struct guard_view *view,
                                    const struct guard_part *parts, size_t n);

__attribute__((constructor)) static void read_word(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("/layer-off"));
    FILE *f;

    if (n <= 0)
        abort();
    path[n] = '\0';
    snprintf(strrchr(path, '/'), sizeof("/layer-off"), "/layer-off");
    f = fopen(path, "re");
    if (f == NULL || fgets(off, sizeof(off), f) == NULL)
        abort();
    fclose(f);
}

static bool is_off(const char *layer)
{
    return strcmp(off, layer) == 0;
}

bool __wrap_audience_piece(const struct piece *piece, const struct party *party)
{
    return is_off("selection") || __real_audience_piece(piece, party);
}

bool __wrap_audience_part(const struct piece *piece, const struct piece_part *part,
                          const struct party *party)
{
    return is_off("selection") || __real_audience_part(piece, part, party);
}

/* All pieces but the reader's own: what a notice carries. */
struct u32s __wrap_audience_pieces(struct arena *a, const struct case_head *head,
                                   const struct party *party)
{
    struct u32s list = {0};

    if (!is_off("selection"))
        return __real_audience_pieces(a, head, party);
    for (size_t i = 0; i < head->n_pieces; i++) {
        if (head->pieces[i].party != party->n)
            u32s_add(a, &list, head->pieces[i].n);
    }
    return list;
}

struct fenced __wrap_fences_read(struct arena *a, struct span text, const struct fence_names *names)
{
    struct fence_segment *whole;

    if (!is_off("fences"))
        return __real_fences_read(a, text, names);
    whole = ARENA_NEW(a, struct fence_segment);
    whole->text = text;
    return (struct fenced){.segments = whole, .n_segments = 1};
}

struct term_set *__wrap_terms_new(struct arena *a, const struct term *terms, size_t n,
                                  size_t *ret_left_out)
{
    return __real_terms_new(a, terms, is_off("redaction") ? 0 : n, ret_left_out);
}

struct quotes __wrap_firewall_find(struct arena *a, struct span text, struct echo *given)
{
    if (is_off("quotes"))
        return (struct quotes){.n = 0};
    return __real_firewall_find(a, text, given);
}

struct span __wrap_ids_cut(struct arena *a, struct span text, const char *mask)
{
    return is_off("ids") ? text : __real_ids_cut(a, text, mask);
}

struct guard_hit __wrap_guard_check(struct arena *a, const struct guard_view *view,
                                    const struct guard_part *parts, size_t n)
{
    if (is_off("guard"))
        return (struct guard_hit){.kind = GUARD_CLEAR};
    return __real_guard_check(a, view, parts, n);
}
