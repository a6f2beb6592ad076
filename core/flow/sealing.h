/*
 * sealing.h - a courier's worker-seal: kept while it lives, replaced when it dies.
 */
#ifndef FLOW_SEALING_H
#define FLOW_SEALING_H

#include "flow/workers.h"

enum { SEALING_MS = 5 * 60 * 1000, SEALING_DEATHS_MAX = 2 };

struct sealing {
    struct workers *workers;
    struct worker worker; /* serial 0: none yet */
};

/* Signs and encrypts entity to key. *ret_unusable is set, and no bytes, if the key can't be used or
 * the letter cost SEALING_DEATHS_MAX workers their life. */
MUST_USE bool sealing_seal(struct sealing *s, struct arena *a, enum protocol protocol,
                           struct span entity, struct span key, struct span *ret_bytes,
                           const char **ret_unusable, struct err *err);
void sealing_close(struct sealing *s);

#endif
