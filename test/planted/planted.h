/*
 * planted.h - a worker-open gone bad: what a mail makes it do that was written for it.
 *
 * A program for the tests alone, never installed: embargod-open as it is, but open_message is ours
 * (the linker's --wrap). A mail with "planted:WORD" in it makes it crash, loop, hog memory, wait,
 * lie, or try everything that the wall is there to stop ("probe"); other mail is opened.
 */
#ifndef PLANTED_PLANTED_H
#define PLANTED_PLANTED_H

#include "open/open.h"

/* What the mail says behind "aim NAME ", to the end of that line; "" if it does not. */
const char *planted_aim(struct arena *a, struct span mail, const char *name);

/* Tries it all, one line for each on standard error: "probe NAME: refused" or "probe NAME: DONE".
 */
void planted_probe(struct arena *a, struct span mail);

/* Claims what is not so; with "aim signature x" it has bytes to show for it. */
void planted_lie(struct arena *a, struct span mail, struct span opened, struct message *message);

#endif
