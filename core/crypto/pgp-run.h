/*
 * pgp-run.h - one run of gpg through gpgme: its context, its data, its limits.
 *
 * Promises: output stops at a limit; the program it starts has a limit on CPU time. Inside
 * core/crypto only.
 */
#ifndef CRYPTO_PGP_RUN_H
#define CRYPTO_PGP_RUN_H

#include <gpgme.h>

#include "base/err.h"
#include "base/span.h"

SCOPED_DEFINE(gpgme_ctx_t, gpgme_release)
SCOPED_DEFINE(gpgme_data_t, gpgme_data_release)
SCOPED_DEFINE(gpgme_key_t, gpgme_key_unref)

/* A context on a home, to be used before the next one is made: the home is this process's
 * GNUPGHOME. wrapper (NULL: none) is run in place of gpg. */
MUST_USE bool pgp_context(const char *home, const char *wrapper, gpgme_ctx_t *ret_ctx,
                          struct err *err);

/* Data that reads s; s must outlive it. */
MUST_USE bool pgp_data_in(struct span s, gpgme_data_t *ret_data, struct err *err);

/* What gpg wrote, up to max bytes; past it gpg gets an error and full is set. */
struct pgp_sink {
    char *at;
    size_t n;
    size_t room;
    size_t max;
    bool full;
};
MUST_USE bool pgp_data_out(struct pgp_sink *sink, gpgme_data_t *ret_data, struct err *err);
void pgp_sink_free(struct pgp_sink *sink); /* wipes it */
SCOPED_DEFINE(struct pgp_sink *, pgp_sink_free)
struct span pgp_sink_take(struct arena *a, const struct pgp_sink *sink); /* a copy in a */

/* Lowers the limit on CPU time that children inherit, and puts it back. A bomb of 3.6 KB burns 24 s
 * in gpg after we stopped reading. */
struct pgp_limit {
    uint64_t soft;
    bool set;
};
struct pgp_limit pgp_limit_cpu(unsigned seconds);
/* What a run over n bytes may take: what unpacks to far more is not waited for. */
unsigned pgp_cpu_seconds(size_t n);
void pgp_limit_restore(struct pgp_limit old);

/* An error of gpgme as ours. */
bool pgp_err(struct err *err, gpgme_error_t error, const char *what);

/* True for errors that mean gpg itself could not run or reach its agent. */
bool pgp_is_our_fault(gpgme_error_t error);

/* What is inside a message's encrypted packet (packets), where its cipher is AES and its integrity
 * protection holds; the session key as gpg writes it, "9:<hex>". False: it is another form, or not
 * sound; gpg can tell which. ret_cipher: its name, "aes256". */
bool pgp_content_open(struct arena *a, struct span binary, struct span session_key,
                      struct span *ret_inner, const char **ret_cipher);

#endif
