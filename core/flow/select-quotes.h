/*
 * select-quotes.h - what a piece quotes: marks, headings, and what the desk had sent its writer.
 *
 * Promises: found once for a batch of letters, whoever reads them. Does not: decide who gets it
 * (engine/audience), or leave it out (redact/firewall).
 */
#ifndef FLOW_SELECT_QUOTES_H
#define FLOW_SELECT_QUOTES_H

#include "flow/select-pieces.h"

/* What x's reader does not get of a piece that it may see and did not write: all that it quotes;
 * after "Share: 3 acme quoted" only what repeats a piece outside its audience, or lines of the
 * summary that a fence keeps from it. */
MUST_USE bool select_left_out(struct selecting *x, const struct piece *piece, struct span text,
                              const struct quotes **ret_quotes, struct err *err);

#endif
