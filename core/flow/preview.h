/*
 * preview.h - what a vendor would get: the letter, made as the courier makes it, and not sent.
 */
#ifndef FLOW_PREVIEW_H
#define FLOW_PREVIEW_H

#include "flow/world.h"

struct preview_ask {
    struct world *world;
    struct store *store;
    struct txn *txn;
    const struct case_head *head;
    const char *org;      /* slug */
    const char *template; /* "vendor-notice" */
};

/* {to, address, template, subject, text, attachments, held}; *ret_no: why there is nothing to show.
 */
MUST_USE bool preview_make(const struct preview_ask *ask, struct arena *a, json_t **ret_json,
                           const char **ret_no, struct err *err);

#endif
