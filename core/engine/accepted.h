/*
 * accepted.h - terms before details: who has not accepted them yet, and what it gets instead.
 *
 * Promises: one rule for every way that details can go: a send, a share, a preview, a letter about
 * to be handed over. After publication there is nothing left to accept. Does not: know which letter
 * tells details (model/templates.h).
 */
#ifndef ENGINE_ACCEPTED_H
#define ENGINE_ACCEPTED_H

#include "engine/step.h"

/* The policy wants terms accepted first, and this vendor or partner is neither verified nor has it
 * accepted. */
bool accepted_waits(const struct policy *policy, const struct directory *directory,
                    const struct case_head *head, const struct party *party);

/* What may go to it when this letter was wanted: the letter, an invitation in its place, or NULL:
 * nothing. */
const char *accepted_template(const struct policy *policy, const struct directory *directory,
                              const struct case_head *head, const struct party *party,
                              const char *template);

#endif
