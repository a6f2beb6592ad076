/*
 * form.h - what the answers of a report form (mime/form.h) mean to the desk.
 *
 * Promises: pure. What is not answered, answered twice or unclear is never a yes: the careful
 * answer. Does not: know who wrote the form; it proves nothing.
 */
#ifndef MODEL_FORM_H
#define MODEL_FORM_H

#include "model/message.h"

/* NULL: not answered. */
const char *form_value(const struct message *m, const char *name);

enum form_answer { FORM_UNANSWERED, FORM_NO, FORM_UNCLEAR, FORM_YES };

/* Of a yes-or-no field, as a word or as boxes of which one is crossed: "[x] yes [ ] no". */
enum form_answer form_answer(const struct message *m, const char *name);

/* True if there is a form for reports (not a vendor's registration). */
bool form_is_report(const struct message *m);

/*
 * The text without what its form keeps from others: private comments, and, unless the reporter may
 * be named, who that is. False: an answer stands in the text in another way, so that it could not
 * be cut; *ret_text is untouched.
 */
MUST_USE bool form_cut_private(struct arena *a, const struct message *m, bool named,
                               struct span *ret_text);

/* The private comments, or empty. */
struct span form_comments(const struct message *m);

#endif
