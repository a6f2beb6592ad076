/*
 * proven.h - is the text that the opener gave the one that was signed?
 *
 * Promises: the opener is not believed. It could hand over an old mail of somebody, signature and
 * all, beside another text; worker-verify read the signed bytes by itself, and what stands in the
 * model is compared with that. Blanks and line ends do not count. Does not: compare subjects, names
 * or attachments, which stay the opener's word.
 */
#ifndef FLOW_PROVEN_H
#define FLOW_PROVEN_H

#include "model/message.h"

/* NULL: the message's text is one of what was signed, and what is shown as standing inside of a
 * seal is that text. Else why not, to stand behind "signed by acme, but". */
const char *proven_problem(struct arena *a, const struct message *m, const struct strs *shown);

#endif
