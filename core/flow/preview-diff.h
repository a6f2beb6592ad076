/*
 * preview-diff.h - what of a case a letter in the making does not hold, and why, as JSON.
 */
#ifndef FLOW_PREVIEW_DIFF_H
#define FLOW_PREVIEW_DIFF_H

#include "flow/select.h"

/* A letter that was made to look at. */
struct preview_letter {
    struct letter letter;
    struct selected selected;
    struct composed composed;
};

/* Adds to o: pieces [{n, from, lines: [{n, text, left_out, why, cuts: [{written, why}]}]}],
 * not_shared ["4"], not_released ["3.1"], cleaned ["3.2"]. */
void preview_diff(struct arena *a, const struct directory *directory, const struct case_head *head,
                  const struct preview_letter *made, json_t *o);

/* Adds to o: pieces {"3": "whole" | "cut" | "no"}, parts {"3.1": "yes" | "cleaned" | "no"}. */
void preview_row(struct arena *a, const struct case_head *head, const struct preview_letter *made,
                 json_t *o);

#endif
