/*
 * firewall.h - what of a foreign text goes to a reader who did not write it: not what it quotes.
 *
 * A reply carries what its writer was told, for its writer's eyes; passed on whole, it would tell
 * others. So what is quoted is left out: lines behind '>', what quotes.h finds without marks, the
 * lines that say whose words follow, and (echo.h) what merely repeats what the desk had sent.
 *
 * Promises: what stands between marked lines stays, and so does what stands between repeated ones.
 * In a quote without marks, and in the line below a marked one that looks like its end, what was
 * not sent among what was sent may be the writer's answer: it is left out, and said so.
 * What is left out leaves one line behind, the same for one line and for a hundred, whoever was
 * quoted; inside a fence that the reader may not pass it leaves nothing. Fences inside quotes keep
 * their rule: they are read before anything is left out. Linear. Does not: redact.
 */
#ifndef REDACT_FIREWALL_H
#define REDACT_FIREWALL_H

#include "redact/echo.h"
#include "redact/fences.h"
#include "redact/quotes.h"

/* All of text that is quoted, in order: mostly whole lines. Two touch only where one may be an
 * answer. given: what the desk had sent its writer, or NULL. Blank lines behind a quote may belong
 * to it. */
struct quotes firewall_find(struct arena *a, struct span text, struct echo *given);

/* Only what repeats given, with or without a mark: whose words the rest is nobody can prove. */
struct quotes firewall_sent(struct arena *a, struct span text, struct echo *given);

/* Of its quotes only what repeats echo: the others may be passed on, but not these. */
struct quotes firewall_find_among(struct arena *a, struct span text, const struct quotes *quotes,
                                  struct echo *echo);

/* Lines with something on them that are left out, in whole or in part. */
size_t firewall_lines(struct span text, const struct quotes *quotes);

/* Those which may be answers. */
struct quotes firewall_answers(struct arena *a, const struct quotes *quotes);

/* What this org may read of the text, as fences_text_for, without its quotes. fenced: of that text;
 * NULL: there are no fences in it. */
struct span firewall_text(struct arena *a, struct span text, const struct fenced *fenced,
                          uint32_t org, const struct quotes *quotes, const char *stand_in);

/* What stands for a quote: "[quoted text left out]", in Japanese for "ja". Never NULL. */
const char *firewall_stand_in(const char *lang);

#endif
