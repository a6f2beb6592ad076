/*
 * identify.h - who wrote a mail, and how sure is that; and where it belongs.
 *
 * Promises: only a signature inside all encryption, by an approved key (or the key that came with a
 * report, in its case), proves an author; From proves nothing. A mail that proves nothing is placed
 * by a token or by the Message-ID of a letter to one reader, as that reader's, unverified; what
 * only names a case is unplaced there.
 */
#ifndef ENGINE_IDENTIFY_H
#define ENGINE_IDENTIFY_H

#include "engine/deed.h"

enum spot_how {
    SPOT_NOWHERE,
    SPOT_NAMED,  /* it names the case or report, and proves nothing */
    SPOT_TOKEN,  /* through one reader's copy: as that party's, unverified */
    SPOT_PROVEN, /* its author takes part there */
};

struct spot {
    enum spot_how how;
    struct work_case *c; /* one of the two, or none */
    struct report *report;
    uint32_t party; /* in the case; 0 for coordinators that are new there, and SPOT_NAMED */
};

/* From the proof and the directory alone. Who signed another text than the one that the opener gave
 * is proven all the same, and may command by what was signed; trust, which goes with the text that
 * is filed, is then TRUST_CLAIMED. */
void identify(struct work *w, const struct arrival *arrival, struct author *ret_author);

/* Where it belongs; completes the author (a reporter is known only in its case, an unverified one
 * by the copy that it answers) and its trust. block: what a proven author wrote. */
void thread(struct work *w, const struct arrival *arrival, const struct block *block,
            struct author *author, struct spot *ret_spot);

/* ---- a party's own reference: "[acme #1234]", "PSIRT-77", "[XX-123]" ---- */

/* The first in a subject, as written; NULL: none. Public names (CVE, CWE...) and the desk's own
 * tags are none. */
const char *reference_in(struct arena *a, const char *subject);
/* Remembers that this reference of this org means this party of this case. */
void reference_learn(struct work *w, struct work_case *c, const struct party *party,
                     const char *reference);

#endif
