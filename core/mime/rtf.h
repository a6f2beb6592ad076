/*
 * rtf.h - the RTF in Outlook's messages: unpacked ([MS-OXRTFCP]) and as text.
 *
 * Promises: never fails, never recurses, bounded by max; HTML that is wrapped in RTF ([MS-OXRTFEX])
 * comes out as its text. Does not: know fonts, tables, pictures.
 */
#ifndef MIME_RTF_H
#define MIME_RTF_H

#include "base/span.h"

enum { RTF_DEPTH_MAX = 200 /* groups; below, text is dropped */ };

/* The RTF of a PR_RTF_COMPRESSED value; empty if it is none. */
struct span rtf_unpack(struct arena *a, struct span packed, size_t max);

/* UTF-8 with LF. */
struct span rtf_to_text(struct arena *a, struct span rtf, size_t max);

/* What mail calls a codepage of Windows: 932 is shift_jis; an unknown one windows-1252. */
const char *rtf_codepage(struct arena *a, uint32_t number);

#endif
