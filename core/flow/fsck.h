/*
 * fsck.h - is a case still what its log says: the chain holds, and the rows are its fold.
 */
#ifndef FLOW_FSCK_H
#define FLOW_FSCK_H

#include "store/store.h"

/* Adds one line per problem; none: sound. */
MUST_USE bool fsck_case(struct txn *txn, struct arena *a, uint64_t case_number,
                        struct strs *problems, struct err *err);

#endif
