/*
 * quotes.h - what of a text somebody else wrote, also where no '>' marks it.
 *
 * Promises: linear in the text; finds what Outlook and other clients put below a rule, a block of
 * From and Sent, or "On ... wrote:" (in ten languages), and what ticket systems (RT, Jira,
 * ServiceNow, Zendesk) put below a line of theirs. A line of these that '>' lines follow begins
 * nothing: those speak for themselves. Does not: find answers between the lines of a quote that
 * nothing marks (firewall.h); it reaches to the end of its depth.
 */
#ifndef REDACT_QUOTES_H
#define REDACT_QUOTES_H

#include "base/span.h"

/* A quote without marks: whole lines, from the one that begins it. */
struct quote {
    size_t at, n; /* bytes of the text */
    size_t depth; /* of '>' at which it stands */
    bool answer;  /* firewall.h: perhaps none, but what its writer put between others' words */
};

struct quotes {
    const struct quote *at; /* in order, not overlapping; one may begin where another ends */
    size_t n;
};

struct quotes quotes_find(struct arena *a, struct span text);

/* Bytes of a blank at the start of s, also of what HTML leaves and of what nobody sees; 0: none. */
size_t quotes_blank(struct span s);

/* The line without its quote marks; their number. Blanks between marks are none. */
size_t quotes_depth(struct span line, struct span *ret_rest);

/* Bytes of the lines at the start of text that say whose words follow below them: rules, a block of
 * From:, "On ... wrote:" and the like, and the blank lines among and behind them. 0: none there. */
size_t quotes_heading(struct span text);

/* The text with "> " before the lines of quotes that had no marks, for people. */
struct span quotes_mark(struct arena *a, struct span text);

#endif
