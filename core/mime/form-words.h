/*
 * form-words.h - the labels of the forms that form.h reads: what each is called, what it means.
 */
#ifndef MIME_FORM_WORDS_H
#define MIME_FORM_WORDS_H

#include "base/span.h"

/* A text is read as the one form whose labels it has most of. */
enum form_kind { FORM_NAMES, FORM_QUESTIONS, FORM_IPA, FORM_REGISTRATION, FORM_KINDS };

enum form_shape {
    FORM_LINE, /* one line, and lines folded behind it */
    FORM_TEXT, /* up to the next label */
};

struct form_label {
    enum form_kind kind;
    const char *key; /* letters and digits only, in lower case and NFKC */
    const char *name;
    enum form_shape shape;
    unsigned weight; /* how much it tells that this is a form; 0: others have such lines too */
};

/* NULL: no label of this kind. number: as it stood before the label ("2.9"), "" if there was none.
 */
const struct form_label *form_label_find(enum form_kind kind, struct span key, const char *number);

/* True if a label of this kind begins like these letters and digits (in lower case). Most lines are
 * no label's, and this says so at once. */
bool form_label_may_begin(enum form_kind kind, const char *letters, size_t n);

enum { FORM_WEIGHT_MIN = 4 }; /* less is no form */

#endif
