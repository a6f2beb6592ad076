/*
 * phrase.h - the few words that the desk itself puts into a letter, in the reader's language.
 *
 * A template has the sentences; what stands in its places is mostly a name, a number or a time. Who
 * a piece is from, why nothing can be encrypted and how the embargo stands are the words between.
 *
 * Promises: pure, constant memory.
 */
#ifndef FLOW_PHRASE_H
#define FLOW_PHRASE_H

/* The English words in the language (NULL: English), or as they are where it has none for them. */
const char *phrase_in(const char *language, const char *english);

#endif
