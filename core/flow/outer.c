#include "flow/outer.h"

/* Cuts one header field with its folded lines off *rest. False at the empty line or the end. */
static bool next_field(struct span *rest, struct span *ret_field)
{
    struct span start = *rest;
    struct span line;

    if (!span_line(rest, &line) || line.n == 0) {
        *rest = start;
        return false;
    }
    while (rest->n > 0 && (rest->at[0] == ' ' || rest->at[0] == '\t') && span_line(rest, &line))
        continue;
    *ret_field = span_first(start, start.n - rest->n);
    return true;
}

static bool by_delivery(struct span field)
{
    return span_starts_nocase(field, "Return-Path:") ||
           span_starts_nocase(field, "Delivered-To:") ||
           span_starts_nocase(field, "X-Original-To:");
}

struct span outer_below_hops(struct span mail, uint32_t hops)
{
    struct span rest = mail;
    struct span before = mail;
    struct span field;
    uint32_t seen = 0;

    while (next_field(&rest, &field)) {
        bool received = span_starts_nocase(field, "Received:");

        if (seen == hops && !by_delivery(field))
            return before;
        if (received && ++seen > hops)
            return before;
        before = rest;
    }
    return seen < hops ? mail : before;
}

struct span outer_body(struct span mail)
{
    struct span field;
    struct span line;

    while (next_field(&mail, &field))
        continue;
    if (mail.n > 0 && span_line(&mail, &line))
        return mail;
    return span_from(mail, mail.n);
}

void outer_ids(struct arena *a, struct span values, struct strs *ids)
{
    while (ids->n < OUTER_IDS_MAX) {
        size_t open = span_find(values, '<');
        struct span id;
        size_t close;

        if (open == values.n)
            return;
        values = span_from(values, open + 1);
        close = span_find(values, '>');
        if (close == values.n)
            return;
        id = span_first(values, close);
        if (id.n > 0 && id.n <= OUTER_ID_BYTES_MAX && span_find(id, '<') == id.n) {
            const char *text = span_dup(a, id);

            if (!strs_has(ids, text))
                strs_add(a, ids, text);
            values = span_from(values, close + 1);
        }
    }
}

void outer_references(struct arena *a, struct span mail, struct strs *ret_ids)
{
    static const char *const names[] = {"References:", "In-Reply-To:"};
    struct strs ids = {.n = 0};

    for (size_t i = 0; i < LEN(names); i++) {
        struct span rest = mail;
        struct span field;

        while (next_field(&rest, &field)) {
            if (span_starts_nocase(field, names[i]))
                outer_ids(a, field, &ids);
        }
    }
    *ret_ids = ids;
}
