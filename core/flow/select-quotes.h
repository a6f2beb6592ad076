/*
 * select-quotes.h - what a piece quotes: marks, headings, and what the desk had sent its writer.
 *
 * Promises: found once for a batch of letters, whoever reads them. Does not: decide who gets it
 * (engine/audience), or leave it out (redact/firewall).
 */
#ifndef FLOW_SELECT_QUOTES_H
#define FLOW_SELECT_QUOTES_H

#include "flow/select-pieces.h"

/* text: the piece's, or what its form lets through of it. The result lives with the batch. */
MUST_USE bool select_quotes(struct selecting *x, const struct piece *piece, struct span text,
                            const struct quotes **ret_quotes, struct err *err);

#endif
