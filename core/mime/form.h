/*
 * form.h - a report, or a registration, that was written into a form: its text as named fields.
 *
 * Knows the CERT/CC reporting form by the names of its fields (vul_description) and by its
 * questions, IPA's report form and JPCERT/CC's registration form by their headings. IPA's headings
 * get CERT/CC's names where they mean the same, else ipa_<number>. Labels are read in any letter
 * case and width, numbered, in brackets, wrapped, as a table's cells; quoted lines are nobody's
 * answer.
 *
 * Promises: pure; a text that is no form gives none; what is not answered is not there; a field
 * that is answered twice has both answers, so that a doubt stays one; never more than the limits
 * below. Does not: judge the answers (model/form.h).
 */
#ifndef MIME_FORM_H
#define MIME_FORM_H

#include "model/message.h"

enum {
    FORM_TEXT_MAX = 256 * 1024, /* bytes of text that are looked at */
    FORM_FIELDS_MAX = 64,
    FORM_VALUE_MAX = 20000, /* bytes; CERT/CC's own limit */
    FORM_LINE_MAX = 400,    /* bytes of a value that is one line */
    FORM_BYTES_MAX = 64 * 1024,
};

/* text: UTF-8 with LF. Adds to m->form. */
void form_read(struct arena *a, struct span text, struct message *m);

#endif
