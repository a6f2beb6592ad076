/*
 * privileges.h - what the supervisor keeps of root.
 */
#ifndef MILTER_PRIVILEGES_H
#define MILTER_PRIVILEGES_H

#include "base/err.h"

/* Of a root that starts programs as other users, hands them folders and ends them: only what that
 * needs (setuid, setgid, chown, fowner, dac_override, kill), for this process and all that it
 * starts. Not root: does nothing. */
MUST_USE bool privileges_keep(struct err *err);

#endif
