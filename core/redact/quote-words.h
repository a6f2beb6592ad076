/*
 * quote-words.h - the words by which clients and ticket systems say that somebody else speaks
 * below, in their languages.
 *
 * Promises: looks at one line, without marks and blanks around it. Does not: judge by the lines
 * around it (quotes.h).
 */
#ifndef REDACT_QUOTE_WORDS_H
#define REDACT_QUOTE_WORDS_H

#include "base/span.h"

enum quote_head {
    HEAD_NONE,
    HEAD_FROM,  /* "From: ", "*Von:* ", "差出人：" */
    HEAD_OTHER, /* a word that also begins a sentence: To:, Date: */
    HEAD_MAIL,  /* one that stands in mails only: Sent:, Subject: */
};

enum quote_head quote_head_of(struct span s);

/* Has it "10:00" somewhere. */
bool quote_has_time(struct span s);

/* "----- Original Message -----", "Begin forwarded message:" */
bool quote_is_rule(struct span s);

/* "Jane wrote:", which is enough where '>' lines follow, or a blank line in a text. */
bool quote_is_wrote(struct span s);

/* Of that, "We wrote:", "As the advisory wrote:": the writer cites. */
bool quote_is_own(struct span s);

/* "On Monday, Jane wrote:", with a date or an address. */
bool quote_is_attribution(struct span s);

/* Zendesk, Jira and others: what stands above the line is new. In a mail of theirs it stands on
 * top, and is about nothing. */
bool quote_is_reply_line(struct span s);

/* ServiceNow: "2026-12-21 10:00:00 JST - Jane Doe (Additional comments)"; Jira: "Jane Doe commented
 * on A-1:". */
bool quote_is_journal(struct span s);

/* GroupWise's ">>> Jane <a@b> 12/21/2026 10:00 AM >>>", with its marks; those below have none. */
bool quote_is_groupwise(struct span s);

#endif
