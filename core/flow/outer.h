/*
 * outer.h - what the desk itself looks at in a mail before anybody opened it, by fixed patterns.
 *
 * Promises: no MIME, no decoding, no copy; linear, bounded. Everything found is a hint: ids and
 * tokens count only after a keyed look-up in the store.
 */
#ifndef FLOW_OUTER_H
#define FLOW_OUTER_H

#include "model/message.h"

enum { OUTER_IDS_MAX = 50, OUTER_ID_BYTES_MAX = 250 };

/* The mail from behind the hops-th Received field on (with what own MTAs and delivery agents put
 * above it: Return-Path, Delivered-To, X-Original-To); the whole mail if there are fewer. */
struct span outer_below_hops(struct span mail, uint32_t hops);

/* What stands behind the first empty line. */
struct span outer_body(struct span mail);

/* Message-IDs (without <>) in References and In-Reply-To fields, oldest first, at most
 * OUTER_IDS_MAX. */
void outer_references(struct arena *a, struct span mail, struct strs *ret_ids);

/* The same from the raw values alone, as front passes them. */
void outer_ids(struct arena *a, struct span values, struct strs *ids);

#endif
