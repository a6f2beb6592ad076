/*
 * smime-shape.h - what is counted in a CMS object before OpenSSL works on it. Inside core/crypto
 * only.
 */
#ifndef CRYPTO_SMIME_SHAPE_H
#define CRYPTO_SMIME_SHAPE_H

#include "base/span.h"

enum { SMIME_DIGESTS_MAX = 32 };

/* False: a SignedData (RFC 5652 5.1) names more digest algorithms than SMIME_DIGESTS_MAX, or in a
 * form that can't be counted. OpenSSL makes a filter for each and looks through all of them again
 * and again: 3 MB of them cost a minute. True for anything else, which is for the parser to refuse.
 */
bool smime_shape_is_bounded(struct span object);

#endif
