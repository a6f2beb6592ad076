/*
 * scratch.h - throw-away GNUPGHOMEs and files in tmpfs, and what a gpg.conf of ours says.
 *
 * Promises: 0700 and 0600, names that cannot be guessed, gone when freed. Inside core/crypto only.
 */
#ifndef CRYPTO_SCRATCH_H
#define CRYPTO_SCRATCH_H

#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

struct scratch; /* a directory */

MUST_USE bool scratch_new(const char *parent, struct scratch **ret_scratch, struct err *err);
void scratch_free(struct scratch *s); /* NULL is fine; removes the directory and its files */
SCOPED_DEFINE(struct scratch *, scratch_free)

const char *scratch_path(const struct scratch *s);

/* Writes a file; ret_path (NULL: not asked) lives in a. */
MUST_USE bool scratch_write(struct scratch *s, struct arena *a, const char *name, struct span bytes,
                            const char **ret_path, struct err *err);

/* A GNUPGHOME whose keyring is exactly these binary public keys. gpg reads a keyring in the old
 * format as it stands: a concatenation of keys, with no import. Its clock stands at now. */
MUST_USE bool scratch_new_home(const char *parent, struct arena *a, const struct span *keys,
                               size_t n_keys, instant now, struct scratch **ret_scratch,
                               struct err *err);

/* Writes bytes to dir/name with mode 0600, whole or not at all. */
MUST_USE bool scratch_write_file(const char *path, struct span bytes, struct err *err);

/* The lines that every gpg.conf of ours has. */
extern const char scratch_gpg_conf[];

#endif
