/*
 * tnef.h - Outlook's winmail.dat as a MIME entity ([MS-OXTNEF]).
 *
 * Our own reader, for what we need of TNEF is little: the text, and attachments with their names.
 * It becomes a multipart/mixed with everything in base64, so that whatever lies in it (S/MIME,
 * OpenPGP, another winmail.dat) goes the way of every other mail.
 *
 * Promises: never fails, never recurses, reads each byte once; no length is believed. What is cut
 * or makes no sense is named (tnef-broken), and what came before it is kept. A text in RTF is read
 * (rtf.h). Does not: read calendars, recipients, dates, or anything else.
 */
#ifndef MIME_TNEF_H
#define MIME_TNEF_H

#include "model/message.h"

enum {
    TNEF_ATTACHMENTS_MAX = 200, /* more: tnef-too-many */
    TNEF_PROPERTIES_MAX = 5000, /* of one list */
};

/* True if the bytes begin as TNEF does. */
bool tnef_is(struct span bytes);

/* text_attached: the text becomes an attachment (where the mail has a text beside the TNEF, this
 * one is a copy). The result has no header but its Content-Type; it is empty if there is neither a
 * text nor an attachment. */
struct span tnef_to_entity(struct arena *a, struct span bytes, bool text_attached,
                           struct strs *defects);

#endif
