/*
 * banner.h - what gateways write into the mails of others: [EXTERNAL] tags and warnings above the
 * text, footers below.
 *
 * Promises: pure; English, German and Japanese phrases; recognises short paragraphs with the
 * phrases of such warnings at the start of a text, and rules or phrases of lists at its end.
 * Takes nothing away: who shows the text keeps it.
 */
#ifndef MIME_BANNER_H
#define MIME_BANNER_H

#include "base/span.h"

enum {
    BANNER_MAX = 1500, /* bytes of a banner */
    BANNER_LINES_MAX = 12,
    FOOTER_MAX = 4096, /* bytes of a footer */
    FOOTER_RULE = 20,  /* dashes or underscores that make a rule */
};

/* Bytes at the start of a UTF-8 text that are a gateway's warning, with the empty lines behind
 * it; 0: none. */
size_t banner_length(struct span text);

/* The subject without tags like "[EXTERNAL]" at its start or behind its "Re:"; the same pointer if
 * there is none. */
const char *banner_untag(struct arena *a, const char *subject);

/* True if the whole text is a footer: begins with a rule, or has a phrase of lists' footers. */
bool footer_is(struct span text);

/* Where the footer at the end of a text begins: at its rule; text.n: there is none. */
size_t footer_start(struct span text);

#endif
