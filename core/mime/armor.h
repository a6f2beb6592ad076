/*
 * armor.h - OpenPGP's ASCII armor (RFC 4880 6.2) after mail clients and gateways touched it.
 *
 * Dashes that became one long dash, no-break spaces and blanks before lines, an empty line after
 * each line, none behind the armor's header, "=3D" for "=": blocks with any of that come out as
 * they were. Clear-signed blocks are left alone: every change would be one to what was signed.
 *
 * Promises: pure; text outside of encrypted blocks, and blocks that are whole, stay as they are.
 */
#ifndef MIME_ARMOR_H
#define MIME_ARMOR_H

#include "base/span.h"

/* text: ASCII-compatible bytes or UTF-8. *ret_changed: a block was put right. */
struct span armor_mend(struct arena *a, struct span text, bool *ret_changed);

#endif
