#include "store/ring.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"

/*
 * Numbers are big endian.
 *   epoch.key  "EMBEPOC1"  epoch (8)  key (32)
 *   ring       "EMBRING1"  epoch (8)  { number (8)  nonce (24)  sealed key (32 + 16) }...
 * The header of the ring and the number are the associated data of each record. Numbers rise; one
 * that is missing was purged.
 */
enum {
    MAGIC_BYTES = 8,
    HEADER_BYTES = MAGIC_BYTES + 8,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    RECORD_BYTES = 8 + NONCE_BYTES + RING_KEY_BYTES + TAG_BYTES,
};

static const char *const secret_files[RING_SECRETS] = {"index.key", "token.key", "mark.key"};

struct numbered {
    uint64_t number;
    unsigned char key[RING_KEY_BYTES];
};

struct ring {
    pthread_mutex_t lock;
    int fd; /* of the ring file; -1: in memory only */
    unsigned char header[HEADER_BYTES];
    unsigned char epoch_key[RING_KEY_BYTES];
    unsigned char secrets[RING_SECRETS][RING_KEY_BYTES];
    struct numbered *keys; /* rising */
    size_t n_keys;
    size_t keys_room;
    off_t read_to; /* bytes of the file that stand in keys */
};

static void put_u64(unsigned char *at, uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        at[i] = (unsigned char)value;
}

static uint64_t take_u64(const unsigned char *at)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

static bool write_all(int fd, struct span bytes)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.at, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes = span_from(bytes, (size_t)n);
    }
    return true;
}

static bool path_of(const char *dir, const char *name, char *ret_path, size_t room, struct err *err)
{
    int n = snprintf(ret_path, room, "%s/%s", dir, name);
    if (n < 0 || (size_t)n >= room)
        return err_set(err, ERR_OPERATOR, "%s/%s: the path is too long", dir, name);
    return true;
}

/* A new file with these bytes, synced. */
static bool file_make(const char *dir, const char *name, struct span bytes, struct err *err)
{
    char path[4096];
    if (!path_of(dir, name, path, sizeof(path), err))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(err, ERR_OPERATOR, errno, "make %s", path);
    bool good = write_all(fd, bytes) && fsync(fd) == 0;
    int problem = errno;
    close(fd);
    return good || err_sys(err, ERR_OPERATOR, problem, "write %s", path);
}

/* Exactly n bytes of a key file, which nobody else may read. */
static bool file_read(const char *dir, const char *name, unsigned char *ret_bytes, size_t n,
                      struct err *err)
{
    char path[4096];
    struct stat st;
    if (!path_of(dir, name, path, sizeof(path), err))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, ERR_OPERATOR, errno, "open %s", path);
    bool good =
        fstat(fd, &st) == 0 && (size_t)st.st_size == n && read(fd, ret_bytes, n) == (ssize_t)n;
    close(fd);
    if (!good)
        return err_set(err, ERR_OPERATOR, "%s: not a key file of this store", path);
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return err_set(err, ERR_OPERATOR, "%s: others may read it; chmod 600 it", path);
    return true;
}

static bool dir_sync(const char *dir, struct err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, ERR_OPERATOR, errno, "open %s", dir);
    int rc = fsync(fd);
    int problem = errno;
    close(fd);
    return rc == 0 || err_sys(err, ERR_OPERATOR, problem, "fsync %s", dir);
}

bool ring_create(const char *dir, struct err *err)
{
    unsigned char epoch[HEADER_BYTES + RING_KEY_BYTES] = "EMBEPOC1";
    unsigned char header[HEADER_BYTES] = "EMBRING1";
    unsigned char secret[RING_KEY_BYTES];
    if (sodium_init() < 0)
        return err_set(err, ERR_OPERATOR, "libsodium does not start");
    put_u64(epoch + MAGIC_BYTES, 1);
    put_u64(header + MAGIC_BYTES, 1);
    randombytes_buf(epoch + HEADER_BYTES, RING_KEY_BYTES);
    bool good = file_make(dir, "epoch.key", span_of(epoch, sizeof(epoch)), err) &&
                file_make(dir, "ring", span_of(header, sizeof(header)), err);
    for (size_t i = 0; good && i < RING_SECRETS; i++) {
        randombytes_buf(secret, sizeof(secret));
        good = file_make(dir, secret_files[i], span_of(secret, sizeof(secret)), err);
    }
    wipe(epoch, sizeof(epoch));
    wipe(secret, sizeof(secret));
    return good && dir_sync(dir, err);
}

static void key_add(struct ring *ring, uint64_t number, const unsigned char key[RING_KEY_BYTES])
{
    if (ring->n_keys == ring->keys_room) {
        /* Not realloc: it would leave keys behind in freed memory. */
        size_t room = ring->keys_room ? ring->keys_room * 2 : 64;
        struct numbered *keys = calloc(room, sizeof(*keys));
        if (!keys)
            abort();
        if (ring->n_keys > 0)
            memcpy(keys, ring->keys, ring->n_keys * sizeof(*keys));
        if (ring->keys)
            wipe(ring->keys, ring->n_keys * sizeof(*keys));
        free(ring->keys);
        ring->keys = keys;
        ring->keys_room = room;
    }
    struct numbered *fresh = &ring->keys[ring->n_keys++];
    fresh->number = number;
    memcpy(fresh->key, key, RING_KEY_BYTES);
}

static uint64_t last_number(const struct ring *ring)
{
    return ring->n_keys > 0 ? ring->keys[ring->n_keys - 1].number : 0;
}

static void record_label(const struct ring *ring, uint64_t number,
                         unsigned char ret_label[HEADER_BYTES + 8])
{
    memcpy(ret_label, ring->header, HEADER_BYTES);
    put_u64(ret_label + HEADER_BYTES, number);
}

static void record_seal(const struct ring *ring, uint64_t number,
                        const unsigned char key[RING_KEY_BYTES],
                        unsigned char ret_record[RECORD_BYTES])
{
    unsigned char label[HEADER_BYTES + 8];
    record_label(ring, number, label);
    put_u64(ret_record, number);
    randombytes_buf(ret_record + 8, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret_record + 8 + NONCE_BYTES, NULL, key,
                                               RING_KEY_BYTES, label, sizeof(label), NULL,
                                               ret_record + 8, ring->epoch_key);
}

static bool record_read(struct ring *ring, const unsigned char record[RECORD_BYTES],
                        struct err *err)
{
    unsigned char label[HEADER_BYTES + 8];
    unsigned char key[RING_KEY_BYTES];
    uint64_t number = take_u64(record);
    record_label(ring, number, label);
    if (number <= last_number(ring) ||
        crypto_aead_xchacha20poly1305_ietf_decrypt(key, NULL, NULL, record + 8 + NONCE_BYTES,
                                                   RING_KEY_BYTES + TAG_BYTES, label, sizeof(label),
                                                   record + 8, ring->epoch_key) != 0)
        return err_set(err, ERR_OPERATOR, "ring: the record of key %llu was changed or moved",
                       (unsigned long long)number);
    key_add(ring, number, key);
    wipe(key, sizeof(key));
    return true;
}

/* Reads whole records that were appended since; the lock is held. */
static bool ring_read_on(struct ring *ring, struct err *err)
{
    unsigned char record[RECORD_BYTES];
    if (ring->fd < 0)
        return true;
    for (;;) {
        ssize_t n = pread(ring->fd, record, sizeof(record), ring->read_to);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, ERR_RETRY, errno, "read the ring");
        if (n < (ssize_t)sizeof(record))
            return true;
        if (!record_read(ring, record, err))
            return false;
        ring->read_to += RECORD_BYTES;
    }
}

static struct ring *ring_new(void)
{
    struct ring *ring = calloc(1, sizeof(*ring));
    if (!ring || pthread_mutex_init(&ring->lock, NULL) != 0)
        abort();
    ring->fd = -1;
    return ring;
}

bool ring_open(const char *dir, struct ring **ret_ring, struct err *err)
{
    unsigned char epoch[HEADER_BYTES + RING_KEY_BYTES];
    char path[4096];
    if (sodium_init() < 0)
        return err_set(err, ERR_OPERATOR, "libsodium does not start");
    SCOPED(ring_close) struct ring *ring = ring_new();
    if (!file_read(dir, "epoch.key", epoch, sizeof(epoch), err))
        return false;
    memcpy(ring->epoch_key, epoch + HEADER_BYTES, RING_KEY_BYTES);
    wipe(epoch + HEADER_BYTES, RING_KEY_BYTES);
    for (size_t i = 0; i < RING_SECRETS; i++) {
        if (!file_read(dir, secret_files[i], ring->secrets[i], RING_KEY_BYTES, err))
            return false;
    }
    if (!path_of(dir, "ring", path, sizeof(path), err))
        return false;
    ring->fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (ring->fd < 0)
        return err_sys(err, ERR_OPERATOR, errno, "open %s", path);
    if (pread(ring->fd, ring->header, HEADER_BYTES, 0) != HEADER_BYTES ||
        memcmp(epoch, "EMBEPOC1", MAGIC_BYTES) != 0 ||
        memcmp(ring->header, "EMBRING1", MAGIC_BYTES) != 0 ||
        memcmp(epoch + MAGIC_BYTES, ring->header + MAGIC_BYTES, 8) != 0)
        return err_set(err, ERR_OPERATOR, "%s: epoch.key and ring do not belong together", dir);
    ring->read_to = HEADER_BYTES;
    if (!ring_read_on(ring, err))
        return false;
    *ret_ring = TAKE(ring);
    return true;
}

struct ring *ring_open_memory(void)
{
    if (sodium_init() < 0)
        abort();
    struct ring *ring = ring_new();
    randombytes_buf(ring->epoch_key, sizeof(ring->epoch_key));
    randombytes_buf(ring->secrets, sizeof(ring->secrets));
    return ring;
}

void ring_close(struct ring *ring)
{
    if (!ring)
        return;
    if (ring->fd >= 0)
        close(ring->fd);
    if (ring->keys)
        wipe(ring->keys, ring->n_keys * sizeof(*ring->keys));
    free(ring->keys);
    pthread_mutex_destroy(&ring->lock);
    wipe(ring, sizeof(*ring));
    free(ring);
}

static const struct numbered *key_find(const struct ring *ring, uint64_t number)
{
    size_t low = 0;
    size_t high = ring->n_keys;
    while (low < high) {
        size_t i = low + (high - low) / 2;
        if (ring->keys[i].number == number)
            return &ring->keys[i];
        if (ring->keys[i].number < number)
            low = i + 1;
        else
            high = i;
    }
    return NULL;
}

bool ring_key(struct ring *ring, uint64_t number, unsigned char ret_key[RING_KEY_BYTES])
{
    struct err ignored;
    pthread_mutex_lock(&ring->lock);
    const struct numbered *found = key_find(ring, number);
    if (!found && number > last_number(ring) && ring_read_on(ring, &ignored))
        found = key_find(ring, number);
    if (found)
        memcpy(ret_key, found->key, RING_KEY_BYTES);
    pthread_mutex_unlock(&ring->lock);
    return found != NULL;
}

bool ring_has(struct ring *ring, uint64_t number)
{
    unsigned char key[RING_KEY_BYTES];
    bool there = ring_key(ring, number, key);
    wipe(key, sizeof(key));
    return there;
}

/* Draws the keys up to last and appends them; the lock and the file's lock are held. */
static bool ring_append(struct ring *ring, uint64_t last, struct err *err)
{
    if (!ring_read_on(ring, err))
        return false;
    if (last_number(ring) >= last)
        return true;
    if (ring->fd >= 0 && ftruncate(ring->fd, ring->read_to) != 0)
        return err_sys(err, ERR_RETRY, errno, "cut a torn record off the ring");
    for (uint64_t number = last_number(ring) + 1; ring->fd >= 0 && number <= last; number++) {
        unsigned char key[RING_KEY_BYTES];
        unsigned char record[RECORD_BYTES];
        randombytes_buf(key, sizeof(key));
        record_seal(ring, number, key, record);
        wipe(key, sizeof(key));
        if (!write_all(ring->fd, span_of(record, sizeof(record))))
            return err_sys(err, ERR_RETRY, errno, "append to the ring");
    }
    if (ring->fd >= 0)
        /* Only what is on the disk is read into memory, where it can be used. */
        return fsync(ring->fd) == 0 ? ring_read_on(ring, err)
                                    : err_sys(err, ERR_RETRY, errno, "fsync the ring");
    while (last_number(ring) < last) {
        unsigned char key[RING_KEY_BYTES];
        randombytes_buf(key, sizeof(key));
        key_add(ring, last_number(ring) + 1, key);
        wipe(key, sizeof(key));
    }
    return true;
}

bool ring_extend(struct ring *ring, uint64_t last, struct err *err)
{
    pthread_mutex_lock(&ring->lock);
    bool good = true;
    if (ring->fd >= 0 && flock(ring->fd, LOCK_EX) != 0)
        good = err_sys(err, ERR_RETRY, errno, "lock the ring");
    if (good)
        good = ring_append(ring, last, err);
    if (ring->fd >= 0)
        flock(ring->fd, LOCK_UN);
    pthread_mutex_unlock(&ring->lock);
    return good;
}

const unsigned char *ring_secret(const struct ring *ring, enum ring_secret which)
{
    assert(which < RING_SECRETS);
    return ring->secrets[which];
}
