/*
 * asking.h - how worker-open asks the holder for session keys.
 *
 * Promises: an answer, or in time an error that says "try again"; never a message's fault. What the
 * holder says is checked for its form. Does not: see a private key, or try a key twice.
 */
#ifndef MILTER_ASKING_H
#define MILTER_ASKING_H

#include "crypto/crypto.h"

enum { HOLDER_ANSWER_MS = 30 * 1000 };

/* Asks over PROGRAM_HOLDER. */
struct crypto_unwrapper holder_unwrapper(void);

#endif
