/* Fences, terms, guard and the quote firewall, on anything: the first byte chooses which. */
#include "redact/fences.h"

#include <stdlib.h>

#include "base/buf.h"
#include "redact/firewall.h"
#include "redact/guard.h"
#include "redact/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static const struct term directory[] = {
    {"Acme", 1, TERM_NAME, false},
    {"acme.example", 1, TERM_DOMAIN, false},
    {"Globex", 2, TERM_NAME, false},
    {"Dell", 3, TERM_NAME, false},
    {"Dell EMC", 4, TERM_NAME, false},
    {"Oracle", 5, TERM_NAME, true},
    {"日立", 6, TERM_NAME, false},
    {"01234567", 2, TERM_KEYID, false},
    {"a@globex.example", 2, TERM_ADDRESS, false},
};

static const struct guard_word forbidden[] = {
    {"Acme", 1, GUARD_TERM, false},     {"acme.example", 1, GUARD_TERM, false},
    {"Globex", 2, GUARD_TERM, false},   {"Dell", 3, GUARD_TERM, false},
    {"Dell EMC", 4, GUARD_TERM, false}, {"Oracle", 5, GUARD_TERM, true},
    {"日立", 6, GUARD_TERM, false},     {"k7ce2mxq4ab5tw3n", 0, GUARD_TOKEN, false},
};

static bool find_name(void *ctx, struct span name, const uint32_t **ret_ids, size_t *ret_n)
{
    static const uint32_t one[] = {1};

    (void)ctx;
    *ret_ids = one;
    *ret_n = 1;
    return span_eq_str(name, "acme");
}

static void must_not_hold(struct span text, const char *word)
{
    if (span_find_span(text, span_str(word)) < text.n)
        abort();
}

/* Whatever is quoted, what stands in a fence around it stays inside. */
static void try_fences(struct arena *a, struct span input)
{
    static const struct fence_names names = {find_name, NULL};
    struct buf b = buf_new(a, input.n * 4 + 200);
    struct span rest = input, line, seen;
    struct fenced fenced;

    buf_add_str(&b, "[[internal]]\nfirst-secret\n");
    while (span_line(&rest, &line)) {
        buf_add_str(&b, "> ");
        buf_add_span(&b, line);
        buf_add_char(&b, '\n');
    }
    buf_add_str(&b, "second-secret\n[[end]]\n");
    fenced = fences_read(a, buf_span(&b), &names);
    seen = fences_text_for(a, &fenced, 1);
    if (span_find_span(input, span_str("secret")) == input.n) {
        must_not_hold(seen, "first-secret");
        must_not_hold(seen, "second-secret");
    }
    fenced = fences_read(a, input, &names);
    if (fences_text_for(a, &fenced, 1).n > input.n || fences_text_for(a, &fenced, 0).n > input.n)
        abort();
}

static void try_terms(struct arena *a, struct span input)
{
    static const uint32_t own[] = {4};
    struct term_set *set = terms_new(a, directory, LEN(directory), NULL);
    struct redact_reader reader = {.own = own, .n_own = 1, .mask = redact_mask("en")};
    struct redacted r = redact_text(a, input, set, &reader);
    size_t end = 0;

    for (size_t i = 0; i < r.n_cuts; i++) {
        if (r.cuts[i].at < end || r.cuts[i].at + r.cuts[i].n > input.n)
            abort();
        end = r.cuts[i].at + r.cuts[i].n;
    }
    (void)redact_file_name(a, input, set, &reader);
}

static void try_guard(struct arena *a, struct span input)
{
    struct guard_words *words = guard_words_new(a, forbidden, LEN(forbidden));
    struct guard_runs *runs = guard_runs_new(a);
    const struct guard_words *lists[] = {words};
    const struct guard_runs *outside[] = {runs};
    struct guard_part part = {"text", input};
    struct guard_view view = {.words = lists, .n_words = 1, .outside = outside, .n_outside = 1};
    bool known = guard_runs_add(runs, input);
    struct guard_hit hit = guard_check(a, &view, &part, 1);
    size_t n;

    if (!known && hit.kind != GUARD_UNCHECKED)
        abort();
    (void)guard_runs_in(a, input, outside, 1, &n);
    if (known && n > 0 && hit.kind == GUARD_CLEAR)
        abort();
}

/* Whatever stands above, a marked line goes, and so does what was sent. */
static void try_quotes(struct arena *a, struct span input)
{
    static const char SENT[] = "and nobody else may ever read what second-secret is about\n";
    struct buf b = buf_new(a, input.n * 2 + 200);
    struct echo *echo = echo_new(a);
    struct quotes quotes;
    struct span seen;

    buf_add_span(&b, input);
    buf_add_str(&b, "\n> first-secret\n");
    buf_add_str(&b, SENT);
    buf_add_span(&b, input);
    echo_add(echo, span_str(SENT));
    echo_add(echo, input);
    quotes = firewall_find(a, buf_span(&b), echo);
    seen = firewall_text(a, buf_span(&b), NULL, 0, &quotes, "-");
    if (seen.n > b.n + 3 * (quotes.n + 1) || firewall_lines(buf_span(&b), &quotes) < 2)
        abort();
    if (span_find_span(input, span_str("secret")) == input.n) {
        must_not_hold(seen, "first-secret");
        must_not_hold(seen, "second-secret");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    struct span input = span_from(span_of(at, n), 1);

    if (n == 0)
        return 0;
    if (at[0] == 'F')
        try_fences(a, input);
    if (at[0] == 'T')
        try_terms(a, input);
    if (at[0] == 'Q')
        try_quotes(a, input);
    if (at[0] == 'G')
        try_guard(a, input);
    return 0;
}
