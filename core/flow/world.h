/*
 * world.h - what every thread of the desk may read without a lock: options, directory, terms,
 * templates.
 *
 * Promises: immutable; counted; replaced whole when the directory's generation changes, while old
 * holders keep theirs. Does not: write anything.
 */
#ifndef FLOW_WORLD_H
#define FLOW_WORLD_H

#include "compose/compose.h"
#include "engine/step.h"
#include "flow/options.h"
#include "flow/zone.h"
#include "redact/guard.h"
#include "store/store.h"
#include "template/catalogue.h"
#include "wire/protocol.h"

enum { WORLD_DESK_KEYS_MAX = 2 };

struct world {
    struct arena *arena; /* everything below, and this */
    int holders;
    const struct options *options;
    struct policy policy;
    const struct directory *directory;
    const struct term_set *terms;
    const struct guard_words *guard_words;
    const struct catalogue *catalogue;
    const struct zone **zones; /* of the desk and of contacts, once each; those that can be read */
    size_t n_zones;
    size_t zones_room;
    const char *openpgp_fingerprint; /* the desk's own keys, as init wrote them; "" if none */
    const char *smime_fingerprint;
    struct compose_attachment desk_keys[WORLD_DESK_KEYS_MAX]; /* the public keys themselves */
    size_t n_desk_keys;
    /* The approved public keys as one sealed memory file, for workers; and where each lies in it.
     */
    int keys_fd;
    struct wire_key *keys;
    size_t n_keys;
    struct wire_key *cas;
    size_t n_cas;
};

/* The desk's current world. */
struct world_holder;

MUST_USE bool world_start(const struct options *options, struct store *store,
                          struct world_holder **ret_holder, struct err *err);
void world_stop(struct world_holder *holder); /* NULL is fine */

/* The current one; give it back with world_put. */
struct world *world_get(struct world_holder *holder);
void world_put(struct world *world);
SCOPED_DEFINE(struct world *, world_put)

/* Loads anew if the directory's generation moved. On failure the old world stays. */
MUST_USE bool world_refresh(struct world_holder *holder, struct store *store, struct err *err);

/* One world without a holder, for embargoctl; world_put ends it. */
MUST_USE bool world_load(const struct options *options, struct store *store,
                         struct world **ret_world, struct err *err);

/* The zone that a contact (NULL: a reporter) lives in; NULL: UTC, or none that can be read. */
const struct zone *world_zone(const struct world *world, const struct contact *contact);

/* Whether vendor-list can be read; the empty path can. ERR_OPERATOR with the path if not. */
MUST_USE bool world_vendor_list(struct arena *a, const char *path, struct err *err);

#endif
