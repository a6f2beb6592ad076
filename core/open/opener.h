/*
 * opener.h - inside open/: what its files share while one mail is opened.
 */
#ifndef OPEN_OPENER_H
#define OPEN_OPENER_H

#include "base/buf.h"
#include "mime/split.h"
#include "open/open.h"

/* What stands beside a seal and is no part of the model. */
struct seal_note {
    const struct signature_facts *facts; /* NULL: an encryption */
    uint32_t encryptions;                /* that lie outside it */
};

/* Where in the layers a part stands. */
struct place_in {
    const char *base;     /* its entity's paths go on below this one */
    uint32_t layer;       /* of the next seal */
    uint32_t entities;    /* entities around this one */
    uint32_t encryptions; /* layers around it */
    bool whole;           /* nothing of the mail stands beside it */
    bool silent;          /* its text is not the mail's: the other half of an alternative */
};

struct opener {
    struct arena *a;
    struct crypto *crypto;
    const struct open_request *request;
    struct crypto_ask ask;
    struct message *m;
    struct seal_note *notes; /* by seal */
    size_t notes_room;
    uint32_t *part_encryptions; /* by part */
    size_t part_encryptions_room;
    struct buf opened;
    struct buf text;
    uint32_t seals_tried;
    uint32_t encryptions;  /* of the whole mail */
    struct header payload; /* of the innermost seal around everything that protects headers */
    bool has_payload;
};

/* layers.c: a whole entity (what came out of a seal, or the mail itself). */
MUST_USE bool layers_open(struct opener *o, struct span entity, struct place_in place,
                          struct err *err);
/* layers.c: one part of a split entity. */
MUST_USE bool layers_part(struct opener *o, const struct split *s, const struct split_part *part,
                          struct place_in place, struct err *err);

/* seals.c: *ret_opened: the part was a layer and was dealt with. */
MUST_USE bool seals_open(struct opener *o, const struct split *s, const struct split_part *part,
                         struct place_in place, bool *ret_opened, struct err *err);

/* leaf.c */
struct span leaf_bytes(struct opener *o, const struct split_part *part); /* decoded */
void leaf_add(struct opener *o, const struct split *s, const struct split_part *part,
              struct place_in place);
struct extent opened_add(struct opener *o, struct span bytes);
MUST_USE bool leaf_keys(struct opener *o, struct err *err); /* after everything was opened */

#endif
