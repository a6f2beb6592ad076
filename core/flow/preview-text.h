/*
 * preview-text.h - a preview as people read it: on a terminal, or in a mail.
 *
 * Promises: what is not the desk's own stands behind "| ", a line's mark and number, or a label, on
 * one line each and safe for a terminal. Longer than PREVIEW_TEXT_MAX: cut, and said.
 */
#ifndef FLOW_PREVIEW_TEXT_H
#define FLOW_PREVIEW_TEXT_H

#include "base/buf.h"
#include "model/json.h"

enum { PREVIEW_TEXT_MAX = 1024 * 1024 };

/* json: what preview.h gives, an object for one reader or a list for all. Ends with LF. */
const char *preview_text(struct arena *a, const json_t *json);

#endif
