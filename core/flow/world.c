#include "flow/world.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/buf.h"
#include "flow/world-terms.h"

enum {
    CODE_AGE_COORDINATOR = 14 * 86400,
    CODE_AGE_PARTY = 60 * 86400,
    SIGNATURE_AGE_MAX = 72 * 3600,
    SIGNATURE_AHEAD_MAX = 10 * 60,
    PUBLIC_KEY_MAX = 1024 * 1024,
};

struct world_holder {
    pthread_mutex_t lock;
    const struct options *options;
    struct world *current;
};

/* Guards world->holders of all worlds: taken for a moment, by whoever gets or puts one. */
static pthread_mutex_t count_lock = PTHREAD_MUTEX_INITIALIZER;

static bool add_key_bytes(int fd, struct span bytes, uint64_t *offset, struct wire_key *ret_key,
                          struct err *err)
{
    if (!memory_write(fd, bytes, err))
        return false;
    ret_key->at = (struct extent){.offset = *offset, .n = bytes.n};
    *offset += bytes.n;
    return true;
}

static bool make_keys(struct world *world, struct err *err)
{
    const struct directory *d = world->directory;
    uint64_t offset = 0;

    world->keys = ARENA_ARRAY(world->arena, d->n_keys, struct wire_key);
    world->cas = ARENA_ARRAY(world->arena, d->n_cas, struct wire_key);
    if (!memory_open(&world->keys_fd, err))
        return false;
    for (size_t i = 0; i < d->n_keys; i++) {
        if (d->keys[i].state == KEY_APPROVED &&
            !add_key_bytes(world->keys_fd, d->keys[i].bytes, &offset, &world->keys[world->n_keys++],
                           err))
            return false;
    }
    for (size_t i = 0; i < d->n_cas; i++) {
        if (!add_key_bytes(world->keys_fd, d->cas[i], &offset, &world->cas[world->n_cas++], err))
            return false;
    }
    return memory_finish(world->keys_fd, err);
}

static bool load_directory(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    struct world *world = ctx;
    struct directory *directory = NULL;

    if (!txn_load_directory(txn, a, &directory, err))
        return false;
    world->directory = directory;
    return true;
}

/* A text file beside the keys, without blanks at its ends; "" if there is none. */
static const char *read_beside_keys(struct arena *a, const struct options *o, const char *name)
{
    const char *path = arena_printf(a, "%s/%s", o->key_directory, name);
    SCOPED(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct buf text = buf_new(a, PUBLIC_KEY_MAX);
    char chunk[4096];
    ssize_t n;

    while (fd >= 0 && (n = read(fd, chunk, sizeof(chunk))) > 0)
        buf_add(&text, chunk, (size_t)n);
    return text.full ? "" : span_dup(a, span_trim(buf_span(&text)));
}

/* The desk's public keys as files for its correspondents. */
static void make_desk_keys(struct world *world)
{
    static const struct {
        const char *file;
        const char *filename;
        const char *type;
    } KEYS[WORLD_DESK_KEYS_MAX] = {{"openpgp.asc", "desk-openpgp.asc", "application/pgp-keys"},
                                   {"smime.pem", "desk-smime.pem", "application/x-pem-file"}};

    for (size_t i = 0; i < LEN(KEYS); i++) {
        const char *text = read_beside_keys(world->arena, world->options, KEYS[i].file);

        if (text[0] != '\0')
            world->desk_keys[world->n_desk_keys++] = (struct compose_attachment){
                .n = "",
                .filename = KEYS[i].filename,
                .type = KEYS[i].type,
                .bytes = span_str(arena_printf(world->arena, "%s\n", text))};
    }
}

static struct policy policy_of(const struct options *o)
{
    return (struct policy){
        .desk_name = o->desk_name,
        .desk_address = o->addresses.all.at[0],
        .send_delay = o->send_delay,
        .terms_before_details = o->terms_before_details,
        .two_persons = o->two_persons,

        .auto_answer = o->auto_answer,
        .answers_per_person = (uint32_t)o->answers_per_person,
        .answers_per_domain = (uint32_t)o->answers_per_domain,
        .answers_in_all = (uint32_t)o->answers_in_all,
        .dsn_by_message_id = o->addresses.form == ADDRESS_NONE,
        .code_age_coordinator = CODE_AGE_COORDINATOR,
        .code_age_party = CODE_AGE_PARTY,
        .signature_age_max = SIGNATURE_AGE_MAX,
        .signature_ahead_max = SIGNATURE_AHEAD_MAX,
    };
}

static const char *zone_name(const struct options *o, const struct contact *contact)
{
    return contact != NULL && contact->zone != NULL ? contact->zone : o->zone;
}

const struct zone *world_zone(const struct world *world, const struct contact *contact)
{
    const char *name = zone_name(world->options, contact);

    for (size_t i = 0; i < world->n_zones; i++) {
        if (strcmp(world->zones[i]->name, name) == 0)
            return world->zones[i];
    }
    return NULL;
}

/* A zone that is gone keeps no letter back: it shows UTC, and check says so. */
static void add_zone(struct world *world, const struct contact *contact)
{
    const char *name = zone_name(world->options, contact);
    const struct zone *zone;
    struct err err;

    if (world_zone(world, contact) != NULL || !zone_load(world->arena, name, &zone, &err) ||
        zone == NULL)
        return;
    ARENA_GROW(world->arena, world->zones, world->n_zones, world->zones_room);
    world->zones[world->n_zones++] = zone;
}

static void make_zones(struct world *world)
{
    const struct directory *d = world->directory;

    add_zone(world, NULL);
    for (size_t i = 0; i < d->n_contacts; i++) {
        if (d->contacts[i].zone != NULL)
            add_zone(world, &d->contacts[i]);
    }
}

bool world_load(const struct options *options, struct store *store, struct world **ret_world,
                struct err *err)
{
    struct arena *a = arena_new();
    struct world *world = ARENA_NEW(a, struct world);

    world->arena = a;
    world->holders = 1;
    world->keys_fd = -1;
    world->options = options;
    world->policy = policy_of(options);
    world->openpgp_fingerprint = read_beside_keys(a, options, "openpgp.fpr");
    world->smime_fingerprint = read_beside_keys(a, options, "smime.fpr");
    make_desk_keys(world);
    if (!store_read(store, a, load_directory, world, err) ||
        !catalogue_load(a, options->template_directory, options->site_template_directory,
                        &world->catalogue, err) ||
        !make_keys(world, err) || !world_terms(world, err)) {
        world_put(world);
        return false;
    }
    make_zones(world);
    *ret_world = world;
    return true;
}

struct world *world_get(struct world_holder *holder)
{
    struct world *world;

    pthread_mutex_lock(&holder->lock);
    world = holder->current;
    pthread_mutex_lock(&count_lock);
    world->holders++;
    pthread_mutex_unlock(&count_lock);
    pthread_mutex_unlock(&holder->lock);
    return world;
}

void world_put(struct world *world)
{
    int left;

    if (world == NULL)
        return;
    pthread_mutex_lock(&count_lock);
    left = --world->holders;
    pthread_mutex_unlock(&count_lock);
    if (left > 0)
        return;
    fd_close(world->keys_fd);
    arena_free(world->arena);
}

bool world_start(const struct options *options, struct store *store,
                 struct world_holder **ret_holder, struct err *err)
{
    struct world *first;
    struct world_holder *holder;

    if (!world_load(options, store, &first, err))
        return false;
    holder = calloc(1, sizeof(*holder));
    if (holder == NULL) {
        world_put(first);
        return err_set(err, ERR_RETRY, "no memory");
    }
    pthread_mutex_init(&holder->lock, NULL);
    holder->options = options;
    holder->current = first;
    *ret_holder = holder;
    return true;
}

void world_stop(struct world_holder *holder)
{
    if (holder == NULL)
        return;
    world_put(holder->current);
    pthread_mutex_destroy(&holder->lock);
    free(holder);
}

static bool read_generation(struct txn *txn, struct arena *a, void *ctx, struct err *err)
{
    (void)a;
    return txn_directory_generation(txn, ctx, err);
}

bool world_refresh(struct world_holder *holder, struct store *store, struct err *err)
{
    SCOPED(arena_free) struct arena *a = arena_new();
    SCOPED(world_put) struct world *now = world_get(holder);
    struct world *fresh;
    uint64_t generation = 0;

    if (!store_read(store, a, read_generation, &generation, err))
        return false;
    if (generation == now->directory->generation)
        return true;
    if (!world_load(holder->options, store, &fresh, err))
        return false;
    pthread_mutex_lock(&holder->lock);
    world_put(TAKE(holder->current));
    holder->current = fresh;
    pthread_mutex_unlock(&holder->lock);
    return true;
}
