/*
 * opening.h - asks worker-open and worker-verify about one mail, and checks what they say.
 *
 * Promises: what comes back is sound in its extents and ranges; the proof was made by worker-verify
 * from the exact signed bytes against approved keys (or the key of the reporter who may be meant),
 * whatever the opener said. Does not: touch the store.
 */
#ifndef FLOW_OPENING_H
#define FLOW_OPENING_H

#include "flow/desk.h"

enum { OPENING_MS_PER_SECOND = 2 * 1000, OPENING_DEATHS_MAX = 2 };

/* A key of a reporter in a case or report that the mail may belong to. */
struct opening_key {
    const char *fingerprint;
    enum protocol protocol;
    struct span bytes;
};

struct opening {
    struct desk *desk;
    struct world *world;
    struct span raw;
    struct opening_key *extra;
    size_t n_extra;
    size_t extra_room;
    /* results */
    struct message *message;
    struct memory opened; /* opening_close */
    struct proof proof;
    bool fatal; /* on failure: the worker's death was the mail's fault */
    bool tried; /* on failure: a worker had begun with it, so the mail may be why */
};

MUST_USE bool opening_open(struct opening *o, struct arena *a, struct err *err);
MUST_USE bool opening_prove(struct opening *o, struct arena *a, struct err *err);
void opening_close(struct opening *o);

#endif
