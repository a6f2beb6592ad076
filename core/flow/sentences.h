/*
 * sentences.h - what decisions say to people, in the reader's language.
 *
 * Decisions speak English, in whole lines: answers to commands, mistakes, remarks about a mail, why
 * a letter is held. A table here has each with "*" for its names and numbers, and how another
 * language says it. What to type (Send-Anyway: L97) stays as it is.
 *
 * Promises: pure; a line that is not in the table stays English.
 */
#ifndef FLOW_SENTENCES_H
#define FLOW_SENTENCES_H

#include "model/message.h"

/* NULL stays NULL. language NULL: English. */
const char *sentence_in(struct arena *a, const char *language, const char *english);

/* One of the desk's own words, as trust=verified: the word itself where there is none for it. */
const char *word_in(struct arena *a, const char *language, const char *of, const char *word);

/* A text of such lines, as previews are; lines that begin with "| " are not the desk's and stay. */
const char *sentences_in(struct arena *a, const char *language, const char *english);

#endif
