/*
 * commands.h - what each command does: one function per row of command_specs.
 *
 * Promises: every function may count on d->c where its command is for cases only. Who may use a
 * command was checked when the block was read.
 */
#ifndef ENGINE_COMMANDS_H
#define ENGINE_COMMANDS_H

#include "engine/deed.h"

/* command-report.c */
void command_accept(struct deed *d);
void command_decline(struct deed *d);
void command_junk(struct deed *d);

/* command-file.c */
void command_file(struct deed *d);

/* command-case.c */
void command_owner(struct deed *d);
void command_watch(struct deed *d);
void command_exclude(struct deed *d);
void command_title(struct deed *d);
void command_summary(struct deed *d);
void command_note(struct deed *d);
void command_allow_term(struct deed *d);
void command_embargo(struct deed *d);
void command_close(struct deed *d);

/* command-vendors.c */
void command_vendors(struct deed *d);
void command_status(struct deed *d);
void command_told(struct deed *d);

/* command-send.c */
void command_send(struct deed *d);
void command_stop(struct deed *d);
void command_tell(struct deed *d);
void command_preview(struct deed *d);

/* command-share.c */
void command_share(struct deed *d);
void command_release(struct deed *d);

/* command-hold.c */
void command_send_anyway(struct deed *d);
void command_confirm(struct deed *d);

/* command-wish.c */
void command_credit(struct deed *d);
/* Whether its author, a reporter, is named: to vendors (Share), in public (Credit). */
void wish_own(struct deed *d);
/* The same by a coordinator, who read it in a piece: "named from 3". */
void wish_from(struct deed *d, const struct words *words);
bool is_wish(struct span word); /* "named" or "anonymous" */

/* A vendor accepts the terms, or a coordinator for it; what was held back for them goes out. */
void accept_terms(struct deed *d, struct party *party);

#endif
